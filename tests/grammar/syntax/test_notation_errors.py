"""What is said about bad steps: tests/golden/notation_errors.txt holds each plan with its findings, as people see them.

A case is `=== NAME`, the plan, `>>>`, and what is said. `--bless` rewrites what is said: read the diff.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import lcc
from lcc.grammar.diagnostics.render import render
from lcc.grammar.source import Source

GOLDEN = Path(__file__).parents[2] / "golden" / "notation_errors.txt"


def cases() -> list[tuple[str, str, str]]:
    found = []
    for block in GOLDEN.read_text(encoding="utf-8").split("=== ")[1:]:
        name, _, rest = block.partition("\n")
        text, _, expected = rest.partition(">>>\n")
        found.append((name, text, expected))
    return found


def said(text: str) -> tuple[lcc.Diagnostic, ...]:
    """Return what is found in a plan."""
    try:
        return lcc.compile(text).diagnostics
    except lcc.CompileError as refused:
        return refused.diagnostics


def shown(text: str) -> str:
    """Return what is said about a plan."""
    return render(said(text), Source("steps.plan", text))


def test_what_is_said_about_bad_steps(request: pytest.FixtureRequest) -> None:
    found = cases()
    if request.config.getoption("--bless"):
        GOLDEN.write_text("".join(f"=== {n}\n{t}>>>\n{shown(t)}" for n, t, _ in found), encoding="utf-8")
        found = cases()
    assert [(name, shown(text)) for name, text, _ in found] == [(name, expected) for name, _, expected in found]


@pytest.mark.parametrize("case", [name for name, _, _ in cases()])
def test_every_case_is_refused(case: str) -> None:
    [text] = [text for name, text, _ in cases() if name == case]
    assert any(one.is_error for one in said(text))


def test_braces_that_never_close_cost_no_more_than_other_text() -> None:
    text = f'1. f("{"${" * 200_000}")\n2. join()\n'  # each looked for its end once: minutes
    assert not said(text)
