"""Every IR has a plan file that reads back as it: equal, or equal but for made up names, numbers and lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import assume, given, settings, strategies as st
from random_bodies import bodies, make_body
from random_steps import make_steps

from lcc.grammar.formatting.format import format_plan
from lcc.grammar.ir import Const, Plan, Value, block_statements, map_calls, map_values, rebuild
from lcc.grammar.ir.json_form import from_json, to_json
from lcc.grammar.ir.text_form import parse_ir, print_ir
from lcc.grammar.ir.walk import with_priority
from lcc.grammar.syntax.parser import parse_plan
from lcc.grammar.syntax.print_plan import print_plan
from lcc.grammar.writing.alike import normal_form


def read(text: str) -> Plan:
    parsed = parse_plan(text)
    assert parsed.diagnostics == (), (text, parsed.diagnostics)
    return parsed.plan


def comparable(plan: Plan) -> Plan:
    """Return a plan without what reading computes again, in the form in which plans that do the same are equal."""
    plan = replace(normal_form(plan), origins=())
    body = map_calls(plan.body or (), lambda task: with_priority(task, 0.0))
    return replace(plan, body=body, join=plan.join and replace(plan.join, id=None))


@given(bodies())
@settings(max_examples=40, deadline=None)
def test_every_body_has_a_plan_file_that_reads_back_as_it(plan: Plan) -> None:
    text = print_plan(plan)
    back = read(text)
    assert comparable(back) == comparable(plan)
    assert comparable(from_json(to_json(back))) == comparable(parse_ir(print_ir(plan)))
    again = format_plan(text)
    assert format_plan(again.text).text == again.text
    assert read(again.text) == back


@given(st.integers(0, 1 << 40))
@settings(max_examples=40, deadline=None)
def test_steps_read_back_equal_without_a_block(seed: int) -> None:
    plan = make_steps(Random(seed))[0]
    text = print_plan(plan)
    assert "ir:" not in text
    back = read(text)
    assert comparable(back) == comparable(plan)
    assert replace(read(print_plan(back)), join=None) == replace(back, join=None)


def changed(plan: Plan, place: int) -> Plan:
    """Return a plan in which one constant is another."""
    count = 0

    def change(value: Value) -> Value:
        nonlocal count
        if isinstance(value, Const):
            count += 1
            return Const("another") if count == place else value
        return rebuild(value, change)

    return replace(plan, body=map_values(plan.body or (), change))


@given(st.integers(0, 1 << 40), st.integers(1, 12))
@settings(max_examples=40, deadline=None)
def test_plans_that_differ_in_a_constant_are_not_alike(seed: int, place: int) -> None:
    plan = make_body(Random(seed))
    other = changed(plan, place)
    assume(other == plan or "another" in print_ir(comparable(other)))  # else nothing reads the constant
    assert (comparable(other) == comparable(plan)) == (other == plan)


def without_last(plan: Plan) -> Plan:
    return replace(plan, body=(plan.body or ())[:-1])


def turned_around(plan: Plan) -> Plan:
    return replace(plan, body=tuple(reversed(plan.body or ())))


@pytest.mark.parametrize("change", [without_last, turned_around])
def test_plans_with_other_statements_are_not_alike(change: Callable[[Plan], Plan]) -> None:
    found = 0
    for seed in range(60):
        plan = make_body(Random(seed))
        if len(list(block_statements(plan.body or ()))) > 4 and change(plan) != plan:
            found += comparable(change(plan)) != comparable(plan)
    assert found > 30


def test_what_no_notation_says_stands_in_a_block_of_ir_text() -> None:
    text = "ir:\n    strict {\n      if $a {\n        %1 = tides() when True\n      }\n      answer %1\n    }\n"
    plan = read(text)
    assert print_plan(plan) == text
    assert format_plan("ir :   # exact\n  strict {\n    %1 = tides() when True\n    answer %1\n  }\n").text == (
        "ir:  # exact\n    strict {\n      %1 = tides() when True\n      answer %1\n    }\n"
    )


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("ir:\n    strict {\n      %1 = tides(\n    }\n", "P036", (3, 18)),
        ("ir:\n    strict {\n      answer 1\n", "P036", (2, 5)),
        ("ir:\n", "P036", (1, 1)),
        ("ir:\n    %1 = tides()\n", "P036", (1, 1)),
        ("1. tides()\nir:\n    strict {\n      answer 1\n    }\n", "P028", (2, 1)),
        ("ir:\n    strict {\n      answer 1\n    }\n2. join()\n", "P028", (5, 1)),
    ],
)
def test_a_block_of_ir_text_that_cannot_be_read_is_an_error_at_its_place(
    text: str, code: str, place: tuple[int, int]
) -> None:
    parsed = parse_plan(text)
    (found,) = parsed.diagnostics
    assert found.span is not None
    assert (found.code, parsed.source.position(found.span.start)) == (code, place)
    assert found.help
