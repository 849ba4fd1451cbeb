"""Decide from what stands around where a text ends that lacks a quote or both, and read nothing where that leaves two meanings."""

from __future__ import annotations

import pytest

from lcc.grammar.lenient import parse_model
from lcc.grammar.signatures import tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.syntax.print_plan import print_plan

STUB = """
@tool(effect="read")
def moor(boat: str) -> str: ...
@tool(effect="read")
def hail(boat: str, words: str) -> str: ...
@tool(effect="read")
def log(entry: str, hour: int = 0, mark: str = "") -> str: ...
@tool(effect="read")
def fleet(boats: list, port: str = "") -> str: ...
"""
TOOLS = tools_by_name(read_stub(STUB, "tools.pyi").signatures)

READ = [
    ('hail("Albatros, words="Ahoy")', 'hail("Albatros", words="Ahoy")'),
    ('hail("Albatros, words=Ahoy)', 'hail("Albatros", words="Ahoy")'),
    ('hail("Albatros, "Ahoy")', 'hail("Albatros", "Ahoy")'),
    ('moor("Albatros, of Brest)', 'moor("Albatros, of Brest")'),
    ('fleet(["Albatros", "Bris], port="Brest")', 'fleet(["Albatros", "Bris"], port="Brest")'),
    ("hail(Albatros, Ahoy)", 'hail("Albatros", "Ahoy")'),
    ("hail(Albatros, of Brest, words=Ahoy)", 'hail("Albatros, of Brest", words="Ahoy")'),
    ('hail(Albatros, of Brest, "Ahoy")', 'hail("Albatros, of Brest", "Ahoy")'),
    ("hail(boat=Albatros, words=Ahoy, there)", 'hail(boat="Albatros", words="Ahoy, there")'),
    ("hail(Albatros, Ahoy,)", 'hail("Albatros", "Ahoy")'),
    ("hail(„Albatros“, „Ahoy“)", 'hail("Albatros", "Ahoy")'),
    ("hail(「Albatros」, words：「Ahoy」)", 'hail("Albatros", words="Ahoy")'),
    ("hail(« Albatros », «Ahoy»)", 'hail("Albatros", "Ahoy")'),
    ('hail("Albatros", f"the {$1} sails")', 'hail("Albatros", "the $1 sails")'),
]
AMBIGUOUS = [
    'log("calm, mark=x)',
    'log("calm, hour=3)',
    'log(entry="calm, mark=$1)',
    "hail(Albatros, of Brest, Ahoy)",
]
REFUSED = [
    'hail("Albatros"}',
    'hail("Albatros", "Ahoy"]',
    'moor("the "Albatros)',
    "moor(```text\nAlbatros\n```)",
]


def read(call: str, number: int = 2) -> str:
    return f'1. moor("Bris")\n{number}. {call}\n3. join($1)\n'


@pytest.mark.parametrize(("call", "meant"), READ)
def test_a_text_without_a_quote_ends_where_only_one_place_is_left(call: str, meant: str) -> None:
    parsed = parse_model(read(call), tools=TOOLS)
    assert parsed.ok, parsed.diagnostics
    assert print_plan(parsed.plan) == read(meant)


@pytest.mark.parametrize("call", AMBIGUOUS)
def test_where_two_places_are_left_the_call_is_refused_with_the_place(call: str) -> None:
    text = read(call)
    (found,) = [d for d in parse_model(text, tools=TOOLS).diagnostics if d.is_error]
    assert found.code == "R042"
    assert found.span is not None
    assert text.index(call) <= found.span.start < text.index("3. join")


@pytest.mark.parametrize("call", REFUSED)
def test_what_lacks_more_than_that_is_refused(call: str) -> None:
    parsed = parse_model(read(call), tools=TOOLS)
    assert not parsed.ok
    assert [task.id for task in parsed.plan.tasks] == [1]


@pytest.mark.parametrize("call", [call for call, _ in READ])
def test_every_fix_of_a_call_writes_the_call_that_was_read(call: str) -> None:
    text = read(call)
    parsed = parse_model(text, tools=TOOLS)
    fixes = [d.fix for d in parsed.diagnostics if d.fix is not None]
    assert fixes
    for fix in fixes:
        (edit,) = fix.edits
        fixed = parse_model(text[: edit.span.start] + edit.text + text[edit.span.end :], tools=TOOLS)
        assert not fixed.diagnostics
        assert print_plan(fixed.plan) == print_plan(parsed.plan)


def test_a_fix_has_the_number_that_the_call_gets() -> None:
    text = 'moor("Bris")\nmoor(Albatros)\njoin()\n'
    parsed = parse_model(text, tools=TOOLS)
    edits = [d.fix.edits[0].text for d in parsed.diagnostics if d.fix and d.code == "R015"]
    assert edits == ['2. moor("Albatros")']
