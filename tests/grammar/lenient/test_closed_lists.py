"""Only what is in a closed list is an aside, a label, a number, a key or an end: with anything else in its place no call is made."""

from __future__ import annotations

import pytest
from test_forms import read

from lcc.grammar.front_ends import parse
from lcc.grammar.ir.blocks import calls_of

WRITE = 'post_notice("quay", "gale")'


def tools_of(text: str) -> list[str] | None:
    """Return the tools that a text calls; None if it is refused with a place."""
    parsed = read(text)
    if parsed.ok:
        return [call.tool for call in calls_of(parsed.plan)]
    assert any(one.is_error and one.span is not None for one in parsed.diagnostics)
    return None


@pytest.mark.parametrize("label", ["Skip", "Cancelled", "Nicht", "annulé", "Later"])
@pytest.mark.parametrize("fence", ["{}", "```python\n{}\n```"])
def test_a_label_before_a_statement_of_a_program_is_no_annotation(label: str, fence: str) -> None:
    for statement in (f"n = {WRITE}", WRITE):
        assert tools_of(fence.format(f"t = clock()\n{label}: {statement}")) is None
        assert tools_of(fence.format(f"{label}: {statement}")) is None


@pytest.mark.parametrize("kind", ["str", "list[str]", "dict[str, int] | None", "typing.Any", "string"])
def test_an_annotation_of_known_types_is_read(kind: str) -> None:
    assert tools_of(f"import typing\nt: {kind} = tide('Brest')\nprint(t)") == ["tide"]


def test_a_label_before_an_assignment_in_a_plan_refuses_it() -> None:
    assert tools_of(f"1. Skip: n = {WRITE}\n2. join()\n") is None
    assert tools_of(f"1. n: str = {WRITE}\n2. join()\n") == ["post_notice"]


@pytest.mark.parametrize(
    "text", ["x: tide('Brest')\n", "def f(x: clock()):\n    return x\nf(1)\n", "x: [clock()] = 1\n"]
)
def test_a_program_calls_nothing_in_an_annotation(text: str) -> None:
    assert "a call in an annotation is never made" in [one.message for one in parse(text, "python").diagnostics]


@pytest.mark.parametrize(
    "text",
    [
        "def tidy():\n    {}\n",
        "async def tidy():\n    await {}\n",
        "```python\ndef main():\n    return {}\n```\n",
        "def tidy():\n    {}\nclock()\n",
        "def a():\n    b()\n    {}\ndef b():\n    a()\n",
    ],
)
def test_a_function_that_nothing_calls_refuses_a_text(text: str) -> None:
    assert tools_of(text.format(WRITE)) is None


def test_a_function_that_is_called_or_handed_over_is_read() -> None:
    assert tools_of(f'def main():\n    {WRITE}\nif __name__ == "__main__":\n    main()\n') == ["post_notice"]
    assert tools_of('def f(p):\n    return tide(p)\nprint(list(map(f, ["a", "b"])))\n') == ["tide"]
