"""The text form of the IR holds all of a plan, reads back exactly, and says where a text is wrong."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given, strategies as st
from strategies import lowered_plans, plans, texts

from lcc.grammar.ir import (
    Arg,
    Batched,
    Const,
    DictOf,
    Dropped,
    Element,
    Expanded,
    Folded,
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
from lcc.grammar.ir.text_form import IrSyntaxError, parse_ir, print_ir
from lcc.grammar.limits import IR_NESTING
from lcc.grammar.source import Span

EVERYTHING = Plan(
    (InputDecl("city", "str", Const("Paris")), InputDecl("key", "Literal['a = b']", secret=True)),
    (
        Task(1, "search", (Arg(None, Input("city")), Arg("odd name", Const(None)), Arg("each", Const(True)))),
        Task(
            3,
            "math",
            (
                Arg(
                    None, Format(("ratio of {", Ref(1, ("name", 0, 'odd "key"')), '} "and" ', Ref(Element(2, 1), (0,))))
                ),
                Arg("context", ListOf((Ref(1), DictOf((("a", Const(-0.0)),)))), each=True),
            ),
            after=(1, Element(2, 0)),
            priority=1.7,
            thought="two\nlines",
        ),
    ),
    Join((Ref(3), Input("city", ("x",))), labels=(3, 5), id=4),
    (Merged(5, 3), Expanded(2, 2), Dropped(Element(2, 0)), Folded(6, Const("x")), Batched(5, 3)),
)

PRINTED = r"""input city: str = "Paris"
secret input key: "Literal['a = b']"
%1 = search($city, "odd name"=None, "each"=True)
%3 = math(f"ratio of {{{%1.name[0]["odd \"key\""]}}} \"and\" {%2:1[0]}", context=each [%1, {"a": -0.0}]) after %1, %2:0 prio 1.7 thought "two\nlines"
%4 = join 3=%3, 5=$city.x
merged %5 = %3
expanded %2 = 2
dropped %2:0
folded %6 = "x"
batched %5 with %3
"""


ONLY_IN_BODY = "names, operations and conditions stand only in a body: `strict { … }` or `independent { … }`"


def one_call(value: Value) -> Plan:
    return Plan(tasks=(Task(1, "f", (Arg(None, value),)),))


def test_every_part_of_a_plan_has_its_place_on_a_line() -> None:
    assert print_ir(EVERYTHING) == PRINTED
    assert parse_ir(PRINTED) == EVERYTHING


@given(lowered_plans())
def test_what_passes_leave_reads_back_exactly(plan: Plan) -> None:
    assert parse_ir(print_ir(plan)) == plan


@given(plans())
def test_what_the_parser_returns_reads_back_exactly(plan: Plan) -> None:
    assert parse_ir(print_ir(plan)) == plan


@given(lowered_plans(), texts())
def test_notes_are_for_people_and_do_not_change_the_plan(plan: Plan, note: str) -> None:
    printed = print_ir(plan, {task.id: note for task in plan.tasks})
    assert parse_ir(printed) == plan
    assert len(printed.splitlines()) == len(print_ir(plan).splitlines())


@given(lowered_plans())
def test_nothing_printed_acts_on_a_terminal(plan: Plan) -> None:
    assert re.fullmatch("[^\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202a-\u202e\u2066-\u2069]*", print_ir(plan))


@pytest.mark.parametrize("join", ["join", "join []", "join [%1, [2]]", "join 1=%1, 5=[%1]", "answer %1", "%4 = join"])
def test_each_kind_of_join_is_kept_apart(join: str) -> None:
    assert print_ir(parse_ir(f"%1 = f()\n{join}")) == f"%1 = f()\n{join}\n"


def test_a_join_of_nothing_is_not_a_list_of_nothing() -> None:
    assert parse_ir("join").join == Join((), labels=())
    assert parse_ir("join []").join == Join((), labels=None)


def test_an_element_is_not_a_path() -> None:
    assert parse_ir("%1 = f(%3:1, %3[1], %3:1[1])").tasks[0].args == (
        Arg(None, Ref(Element(3, 1))),
        Arg(None, Ref(3, (1,))),
        Arg(None, Ref(Element(3, 1), (1,))),
    )


@pytest.mark.parametrize(
    "scalar", [0, -0.0, 0.0, 1, 1.0, True, 1e16, 5e-324, -1.7976931348623157e308, 10**999, None, ""]
)
def test_a_scalar_keeps_its_type_and_sign(scalar: str | int | float | bool | None) -> None:
    assert parse_ir(print_ir(one_call(Const(scalar)))) == one_call(Const(scalar))


def test_a_lone_surrogate_survives() -> None:
    plan = one_call(Const("\ud83d\ude00 \udc00"))
    assert print_ir(plan).isascii()
    assert parse_ir(print_ir(plan)) == plan


def test_words_that_begin_a_clause_are_names_elsewhere() -> None:
    text = 'input input: str\n%1 = join.er($input, thought=1, after=%2, f=f"{%1}", prio=3) thought "after"\n'
    assert print_ir(parse_ir(text)) == text


def test_comments_and_empty_lines_are_skipped() -> None:
    assert parse_ir('; a\n\n  ; b\r\n%1 = f(";") ; c "\r\n') == one_call(Const(";"))


def test_spans_are_left_out() -> None:
    assert parse_ir("%1 = f()") == Plan(tasks=(Task(1, "f", span=Span(3, 9)),))


def test_the_deepest_value_reads_back() -> None:
    value: Value = Const(1)
    for _ in range(IR_NESTING - 1):
        value = ListOf((value,))
    assert parse_ir(print_ir(one_call(value))) == one_call(value)
    with pytest.raises(IrSyntaxError, match=f"more than {IR_NESTING} brackets are open"):
        parse_ir(print_ir(one_call(ListOf((value,)))))


def test_brackets_in_strings_have_no_depth() -> None:
    plan = one_call(Const('["' * 1000))
    assert parse_ir(print_ir(plan)) == plan


def test_a_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="inf can't be written"):
        print_ir(one_call(Const(float("inf"))))


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("%1 = f(", 1, 8, "unexpected end of the line; expected a value"),
        ("%1 = f()\n\n%2 f()", 3, 4, "unexpected `f`; expected `=`"),
        ("%0 = f()", 1, 1, "unexpected `%0`"),
        ("foo", 1, 1, "unexpected `foo`"),
        ("%1 = f(\x00)", 1, 8, "unexpected `\\x00`; expected a value"),
        (f"%1 = f({'x' * 1000})", 1, 8, ONLY_IN_BODY),
        ('%1 = f("a" "b c")', 1, 12, 'unexpected `"b c"`; expected `)` or `,` or `=`'),
        (f"%1 = f(1 {'x' * 1000})", 1, 10, f"unexpected `{'x' * 39}…`; expected `)` or `,`"),
        ("%1 = f(" + "[" * 10_000, 1, 135, "more than 128 brackets are open"),
        ('%1 = f("ab\\q")', 1, 11, "unknown escape in a string"),
        ('%1 = f("\\U00110000")', 1, 9, "unknown escape in a string"),
        ('%1 = f(f"\\x4 {%1}")', 1, 10, "unknown escape in a string"),
        ('%1 = f(f"no hole")', 1, 17, 'unexpected `"`; expected `{`'),
        ('%1 = f({"a": 1, "a": 2})', 1, 17, 'the key "a" twice'),
        ("%1 = f(each 1, each 2)", 1, 1, "two `each` in one call of `f`"),
        (f"%1 = f() prio {'9' * 999}", 1, 15, "a number too large for a float"),
        ("%1 = f(1e999)", 1, 8, "a number too large for a float"),
        (f"%1 = f({'1' * 6000})", 1, 8, "a number of more than 1000 digits"),
        (f"%{'1' * 6000} = f()", 1, 1, "an id of more than 1000 digits"),
        ("%1 = f(%2[1.5])", 1, 11, "`1.5` where a whole number belongs"),
        ("join 0=%1", 1, 6, "`0` where a whole number from 1 belongs"),
        ("batched %6 with %0", 1, 17, "unexpected `%0`; expected an id"),
        ("expanded %3:1 = 4", 1, 10, "`%3:1` is an element; the id of a whole task belongs here"),
        ("join\n%1 = f()", 2, 1, "a task after a join"),
        ("join\njoin", 2, 1, "a join after a join"),
        ("dropped %1\ninput x: str", 2, 1, "an input after an origin"),
    ],
)
def test_a_wrong_text_is_located(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(IrSyntaxError) as caught:
        parse_ir(text)
    assert (caught.value.line, caught.value.column, caught.value.message) == (line, column, message)
    assert str(caught.value) == f"line {line}, column {column}: {message}"


@given(st.text(st.sampled_from('%12:= f(){}[],"\\;.$eachjoin\n'), max_size=40) | texts())
def test_any_text_is_a_plan_or_a_located_error(text: str) -> None:
    with suppress(IrSyntaxError):
        plan = parse_ir(text)
        assert parse_ir(print_ir(plan)) == plan


@given(lowered_plans(), st.data())
def test_a_damaged_text_is_a_plan_or_a_located_error(plan: Plan, data: st.DataObject) -> None:
    text = print_ir(plan)
    start = data.draw(st.integers(0, len(text)))
    damaged = text[:start] + data.draw(texts()) + text[start + data.draw(st.integers(0, 3)) :]
    with suppress(IrSyntaxError):
        assert parse_ir(print_ir(parse_ir(damaged))) == parse_ir(damaged)
