"""A printed plan file reads back as the plan it was printed from."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from strategies import plans, texts, values

from lcc.grammar.ir import (
    Arg,
    Const,
    DictOf,
    Dropped,
    Element,
    Expanded,
    Format,
    Input,
    InputDecl,
    Join,
    ListOf,
    Merged,
    Plan,
    Ref,
    Task,
    Value,
)
from lcc.grammar.syntax.parser import parse_plan
from lcc.grammar.syntax.print_plan import print_plan
from lcc.grammar.syntax.print_value import print_value


def read(text: str) -> Plan:
    parsed = parse_plan(text)
    assert not parsed.diagnostics, text
    return parsed.plan


def argument(value: Value) -> Plan:
    """A plan in which `value` may read tasks 1 and 23 and the input city."""
    tasks = (Task(1, "f"), Task(23, "f"), Task(24, "f", (Arg(None, value),)))
    return Plan((InputDecl("city"),), tasks, Join((Const(1),), id=25))


@given(plans())
def test_a_plan_reads_back(plan: Plan) -> None:
    again = read(print_plan(plan))
    assert plan.join is not None
    assert again.join is not None
    assert again == (plan if plan.join.id else replace(plan, join=replace(plan.join, id=again.join.id)))
    assert print_plan(again) == print_plan(plan)


@given(values([1, 23], ["city"]))
def test_a_value_reads_back(value: Value) -> None:
    assert read(print_plan(argument(value))) == argument(value)


@given(texts(), texts())
def test_text_around_a_reference_is_not_taken_for_part_of_it(before: str, after: str) -> None:
    parts = tuple(part for part in (before, Ref(1), after, Input("city"), after) if part != "")
    assert read(print_plan(argument(Format(parts)))) == argument(Format(parts))


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (Const("it's"), '"it\'s"'),
        (Const('a "b"'), "'a \"b\"'"),
        (Const("it's \"b\""), '"it\'s \\"b\\""'),
        (Const("a\n\tb\r\x1b\u2028\u202e\x85\\"), r'"a\n\tb\r\x1b\u2028\u202e\x85\\"'),
        (Const("é 東京 🙂"), '"é 東京 🙂"'),
        (Const("100$ is $5 or $x, ${, $$ and $"), '"100$ is $$5 or $$x, $${, $$$ and $"'),
        (Format(("cost $", Ref(1), " $")), '"cost $$$1 $"'),
        (Format((Ref(1), " and ", Ref(1, ("name",)), ". ", Ref(1), ", ", Ref(1), "'s ", Input("city"), "?")),
         '"$1 and $1.name. $1, $1\'s $city?"'),
        (Format((Ref(1), "st ", Ref(1), "_", Ref(1), ".name ", Ref(1), "[0] ", Ref(1), ",000 ", Ref(1), ".50")),
         '"${1}st ${1}_${1}.name ${1}[0] ${1},000 ${1}.50"'),
        (Format((Ref(1), Ref(23))), '"$1$23"'),
        (Format((Ref(1, ('a"}b', -1)), "0")), "'${1[\"a\\\\\"\\\\x7db\"][-1]}0'"),
        (Ref(1, ("name", 0, "odd key")), '$1.name[0]["odd key"]'),
        (Ref(Element(3, 1), ("x",)), "$3[1].x"),
        (Input("city", (0,)), "$city[0]"),
        (ListOf((Const(-0.0), Const(1e22), Const(None), Const(True), Const(1))), "[-0.0, 1e+22, None, True, 1]"),
        (DictOf((("a$1", ListOf(())), ('"', DictOf(())))), "{\"a$1\": [], '\"': {}}"),
    ],
)  # fmt: skip
def test_a_value_has_one_canonical_text(value: Value, printed: str) -> None:
    assert print_value(value) == printed


def test_a_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="nan can't be written"):
        print_value(ListOf((Const(float("nan")),)))


def test_what_a_plan_file_does_not_hold_is_left_out() -> None:
    text = 'secret input key: str\nThought: first\nThought: second\n2. f($key, "each"=each [1])\n3. g($2)\n7. join()\n'
    task = Task(2, "f", (Arg(None, Input("key")), Arg("each", ListOf((Const(1),)), each=True)), thought="first\nsecond")
    after = Task(3, "g", (Arg(None, Ref(2)),), after=(2,), priority=2.5)
    plan = Plan((InputDecl("key", "str", secret=True),), (task, after), Join((Ref(2), Ref(3)), (2, 3), id=7))
    assert print_plan(plan) == text


def test_elements_are_numbered_past_every_id_in_use() -> None:
    elements = (
        Task(Element(3, 0), "f", (Arg(None, Const(1)),)),
        Task(Element(3, 1), "f", (Arg(None, Const(2)),), after=(Element(3, 0),)),
    )
    reader = Task(5, "g", (Arg(None, ListOf((Ref(Element(3, 0)), Ref(Element(3, 1), ("x",))))),))
    join = Join((Ref(5), ListOf((Ref(Element(3, 0)), Ref(Element(3, 1))))), (5, 3), id=6)
    plan = Plan((), (*elements, reader), join, (Expanded(3, 2), Merged(9, 5)))
    printed = '10. f(1)\n11. f(2)\n5. g([$10, $11.x])\n6. join("5"=$5, "3"=[$10, $11])\n'
    assert print_plan(plan) == printed
    assert read(printed).join == Join((Ref(5), ListOf((Ref(10), Ref(11)))), (5, 3), id=6)


def test_ids_stay_within_nine_digits() -> None:
    plan = Plan((), (Task(999_999_999, "f"), Task(Element(1, 0), "f")), Join((Ref(Element(1, 0)),)))
    assert print_plan(plan) == "999999999. f()\n2. f()\n3. join($2)\n"
    read(print_plan(plan))


@pytest.mark.parametrize(
    ("join", "printed"),
    [
        (Join((Ref(1), Ref(2)), (1, 2)), "join()"),
        (Join((Ref(2), Ref(1)), (2, 1)), 'join("2"=$2, "1"=$1)'),
        (Join((Ref(1), Ref(2)), (2, 1)), 'join("2"=$1, "1"=$2)'),
        (Join((Ref(1),), (1,)), 'join("1"=$1)'),
        (Join((Ref(1), Ref(1)), (1, 2)), 'join("1"=$1, "2"=$1)'),
        (Join((Ref(1), Ref(2, ("x",))), (1, 2)), 'join("1"=$1, "2"=$2.x)'),
        (Join((Ref(1), Ref(2), Const(3)), (1, 2, 4)), 'join("1"=$1, "2"=$2, "4"=3)'),
        (Join((Ref(1), Ref(2))), "join($1, $2)"),
        (Join((Format(("It is ", Ref(2))),), direct=True), 'answer("It is $2")'),
    ],
)
def test_a_join_is_bare_only_if_it_reads_every_task_whole(join: Join, printed: str) -> None:
    plan = Plan((), (Task(1, "f"), Task(2, "f")), join, (Dropped(4),))
    assert print_plan(plan) == f"1. f()\n2. f()\n5. {printed}\n"
    assert replace(read(print_plan(plan)).join or join, id=None) == join


def test_a_join_of_nothing_is_only_printed_where_there_is_nothing() -> None:
    assert print_plan(Plan(join=Join((), labels=()))) == "1. join()\n"
    for join in (Join((), labels=()), Join(())):
        with pytest.raises(ValueError, match="a join that reads nothing"):
            print_plan(Plan((), (Task(1, "f"),), join))


def test_a_thought_can_not_act_on_a_terminal_or_begin_a_statement() -> None:
    plan = Plan((), (Task(1, "f", thought="a\x1b[2J\r2. write()\n\nb"),))
    assert print_plan(plan) == "Thought: a\\x1b[2J\nThought: 2. write()\nThought:\nThought: b\n1. f()\n"
