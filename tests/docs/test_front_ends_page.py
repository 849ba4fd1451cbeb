"""Read every example in the tables of the page on front ends."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fences import ROOT

from lcc.grammar.ir.blocks import calls_of
from lcc.grammar.lenient import parse_model
from lcc.grammar.signatures import tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.syntax.print_plan import print_plan

PAGE = (ROOT / "docs" / "front-ends.md").read_text(encoding="utf-8")
STUB = """
@tool(effect="read")
def clock() -> str: ...
@tool(effect="read")
def chart(area: str) -> str: ...
@tool(effect="read")
def tide(port: str, day: str = "today") -> str: ...
@tool(effect="write")
def post_notice(board: str, text: str) -> None: ...
"""
TOOLS = tools_by_name(read_stub(STUB, "tools.pyi").signatures)
CODE = re.compile(r"````\s(?P<long>.+?)\s````|`(?P<short>[^`]+)`")


def examples(heading: str) -> Iterator[str]:
    """Yield the examples of the table under a heading, with their lines."""
    section = PAGE.split(f"\n### {heading}\n")[1].split("\n### ")[0]
    for row in section.splitlines():
        cells = re.split(r"(?<!\\)\|", row)
        if len(cells) > 3 and not cells[2].startswith("---"):
            for found in CODE.finditer(cells[2]):
                yield (found["long"] or found["short"]).replace("\\|", "|").replace("\\n", "\n")


@pytest.mark.parametrize("text", list(examples("Forms")))
def test_a_form_is_read(text: str) -> None:
    parsed = parse_model(text, tools=TOOLS)
    assert parsed.ok, parsed.diagnostics
    assert list(calls_of(parsed.plan))


@pytest.mark.parametrize("text", list(examples("Asides")))
def test_what_stands_around_the_calls_is_an_aside(text: str) -> None:
    parsed = parse_model(text, tools=TOOLS)
    assert parsed.ok, parsed.diagnostics
    assert [call.tool for call in calls_of(parsed.plan)] == ["clock"]


@pytest.mark.parametrize("text", list(examples("Refused")))
def test_what_is_not_understood_refuses_the_plan(text: str) -> None:
    parsed = parse_model(text, tools=TOOLS)
    assert [d for d in parsed.diagnostics if d.is_error and d.span is not None]


def test_the_notations_of_references_are_read() -> None:
    section = PAGE.split("\n### References\n")[1]
    told = re.findall(r"`([^`]+)`", section.split("exact extent: ")[1].split(". That is reported")[0])
    assert len(told) > 10
    for written in told:
        parsed = parse_model(f'1. clock()\n2. chart("a {written} b")\n3. join()', tools=TOOLS)
        assert print_plan(parsed.plan) == '1. clock()\n2. chart("a $1 b")\n3. join()\n', written
