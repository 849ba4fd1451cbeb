"""Read many shapes of model output: tests/golden/model_output.txt holds each with the plan and the reports that it gives.

A case is a text, a line `>>>`, the plan file, and one line for each report (`; R013 …`). Cases are separated by `===`, with a
name. Run with --bless to rewrite what follows `>>>`, and read the diff: a change there is a change of what models are
understood to say.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from corpus import records
from corruption import STUB

from lcc.grammar.lenient import parse_model
from lcc.grammar.lenient.clean import clean
from lcc.grammar.print_plan import print_plan
from lcc.grammar.signature import Tools, tools_by_name
from lcc.grammar.stubs import read_stub

GOLDEN = Path(__file__).parent.parent / "golden" / "model_output.txt"
MORE = """
def python(code: str) -> str: ...
def sql(query: str) -> list[dict]: ...
def http_get(url: str, headers: dict = {}) -> dict: ...
def calendar_find(start: str, end: str) -> list[dict]: ...
def bash(command: str) -> str: ...
"""
TOOLS: Tools = tools_by_name(read_stub(STUB + MORE, "tools.pyi").signatures)


def cases() -> list[tuple[str, str, str]]:
    """Return the name, the text and what is expected of each case."""
    found = []
    for block in GOLDEN.read_text(encoding="utf-8").split("=== ")[1:]:
        name, _, rest = block.partition("\n")
        text, _, expected = rest.partition(">>>\n")
        found.append((name, text, expected))
    return found


def shown(text: str) -> str:
    """Return the plan that a text says and what is reported, as the golden file has it."""
    parsed = parse_model(text.removesuffix("\n"), tools=TOOLS)
    lines = [print_plan(parsed.plan)]
    lines += [f"; {d.code}{' error' if d.is_error else ''}: {d.message}\n" for d in parsed.diagnostics]
    return "".join(lines)


def test_what_models_write_is_read_as_the_golden_file_says(request: pytest.FixtureRequest) -> None:
    found = cases()
    if request.config.getoption("--bless"):
        GOLDEN.write_text("".join(f"=== {n}\n{t}>>>\n{shown(t)}" for n, t, _ in found), encoding="utf-8")
    wrong = [(name, text, shown(text)) for name, text, expected in cases() if shown(text) != expected]
    assert not wrong
    assert len(found) > 200
    assert len({name for name, _, _ in found}) == len(found)


def test_a_cleaned_plan_reads_back_as_the_same_plan() -> None:
    texts = [text for _, text, _ in cases()] + [record["text"] for record in records("wild")]
    for text in texts:
        cleaned = clean(text, tools=TOOLS)
        if cleaned.text is None:
            assert any(d.is_error for d in cleaned.diagnostics) or not cleaned.text
            continue
        again = parse_model(cleaned.text, tools=TOOLS)
        assert again.ok
        assert print_plan(again.plan) == cleaned.text
        assert not [d for d in again.diagnostics if d.code != "R033"]
