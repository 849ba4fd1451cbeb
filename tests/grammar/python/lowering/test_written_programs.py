"""Programs are written as plan files and as Python, and read back: they do the same, and mostly are the same."""

from __future__ import annotations

import pytest
from both_ways import TOOLS, Seen, by_lowering
from hypothesis import given, settings, strategies as st
from random_python import program
from test_programs_against_cpython import AWAITING, PROGRAMS

from lcc.grammar.diagnostics import has_errors
from lcc.grammar.formatting.format import format_plan
from lcc.grammar.front_ends.python import parse
from lcc.grammar.ir import Plan
from lcc.grammar.syntax.parser import parse_plan
from lcc.grammar.syntax.print_plan import print_plan
from lcc.grammar.writing.program_text import print_python
from lcc.grammar.writing.step_numbers import numbered
from lcc.grammar.writing.steps import to_steps
from lcc.grammar.writing.values.written_values import NotSayable

SAME = """
team = tides(3)
rows = []
for tide in team:
    place = depth(tide)
    if place > 4 and tide != 2:
        rows.append({"tide": tide, "place": place / 2})
rows.sort(key=lambda row: row["place"])
counts = {}
for row in rows:
    counts[row["tide"]] = counts.get(row["tide"], 0) + 1
    counts["all"] += depth(1)
while depth(len(rows)) > 8 and rows:
    rows.pop()
try:
    found = berth("gull").depth
except (LookupError, ValueError) as error:
    found = str(error)
else:
    note("log", f"{found:>4}|{', '.join(str(row['tide']) for row in rows)}")
print(found, *rows, sep=", ")
answer([counts, {depth(i): i for i in rows}, note("a") if found else signal("b")])
"""


def read(text: str) -> Plan:
    found = parse(text, tools=TOOLS)
    assert not has_errors(found.diagnostics), (text, found.diagnostics)
    return found.plan


def test_a_program_written_from_its_statements_is_the_same_program() -> None:
    plan = read(SAME)
    assert print_python(plan) == SAME.lstrip()
    assert read(print_python(plan)) == plan


UNSAID = "keys that call"
"""What can't be written: a method that is looked up before what it is given is there."""
SAID = [name for name in (*PROGRAMS, *AWAITING) if name != UNSAID]


def test_what_cannot_be_written_is_refused_openly() -> None:
    with pytest.raises(NotSayable, match="a method"):
        print_python(read(PROGRAMS[UNSAID] + "\n"))


@pytest.mark.parametrize("name", SAID)
def test_a_written_program_does_what_the_program_does(name: str) -> None:
    text = (PROGRAMS | AWAITING)[name] + "\n"
    assert by_lowering(print_python(read(text))) == by_lowering(text)


@pytest.mark.filterwarnings("ignore")
@given(st.integers(0, 1 << 40), st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_random_program_is_written_as_one_that_does_the_same(seed: int, waits: bool) -> None:
    text = program(seed, waits=waits)
    found = parse(text, tools=TOOLS)
    if has_errors(found.diagnostics):
        return
    try:
        written = print_python(found.plan)
    except NotSayable:
        return
    again = by_lowering(written)
    if isinstance(again, Seen):  # else it is refused, openly: a generator is read later
        assert again == by_lowering(text), written


@pytest.mark.parametrize("name", SAID)
def test_a_plan_file_of_a_program_is_read_back_and_does_not_change(name: str) -> None:
    plan = read((PROGRAMS | AWAITING)[name] + "\n")
    text = print_plan(plan)
    back = parse_plan(text)
    assert not has_errors(back.diagnostics), (text, back.diagnostics)
    assert back.plan.fails == "strict"
    formatted = format_plan(text)
    assert formatted.text == text
    assert not has_errors(formatted.diagnostics)


def test_steps_are_read_back_equal() -> None:
    text = """
members = tides(3)
kept = []
for member in members:
    found = depth(member)
    if found > 2:
        kept.append({"member": member, "depth": found})
if kept:
    note("log", f"{len(kept)} of {len(members)}: {', '.join(str(one['depth']) for one in kept):>9}")
best = max(kept, key=lambda one: (one["depth"], -one["member"]))
answer(best)
"""
    plan = read(text)
    assert print_plan(plan) == (
        "strict\n"
        "1. tides(3)\n"
        "2. for member in $1:\n"
        "    3. depth(member)\n"
        '    yield {"member": member, "depth": $3} when $3 > 2\n'
        "4. note(\"log\", \"${len($2)!s} of ${len($1)!s}: ${', '.join(str(one['depth']) for one in $2):>9}\") when $2\n"
        '5. = max($2, key=lambda one: [one["depth"], -one["member"]])\n'
        "6. answer($5)\n"
    )
    assert parse_plan(print_plan(plan)).plan == numbered(to_steps(plan))
