"""The text form holds all of a plan with a body, reads back exactly, and says where a text is wrong."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Final, get_args

import pytest
from hypothesis import given, strategies as st
from random_bodies import bodies, make_body, nodes_of
from strategies import texts

from lcc.grammar.ir import (
    Apply,
    Arg,
    Clause,
    Const,
    Element,
    Exit,
    Gather,
    Handler,
    If,
    Inline,
    Let,
    ListOf,
    Local,
    Part,
    Plan,
    Ref,
    Statement,
    Targets,
    Task,
    Try,
    Value,
    block_statements,
)
from lcc.grammar.ir.text_form import IrSyntaxError, parse_ir, print_ir
from lcc.grammar.ir.text_reader import _parser
from lcc.grammar.limits import BODY_NESTING

GOLDEN: Final = (Path(__file__).parents[2] / "golden" / "body.ir").read_text("utf-8")
CLASSES: Final = {*get_args(Value), *get_args(Statement), Arg, Clause, Handler, Part, Targets}


def body_of(*statements: Statement) -> Plan:
    return Plan(body=statements, fails="strict")


def one(text: str) -> Statement:
    """Read one statement."""
    body = parse_ir(f"strict {{\n{text}\n}}").body
    assert body is not None
    return body[0]


def test_every_node_has_its_place_in_a_text() -> None:
    assert print_ir(parse_ir(GOLDEN)) == GOLDEN
    assert CLASSES - {type(node) for node in nodes_of(parse_ir(GOLDEN))} == set()


@given(bodies())
def test_a_body_reads_back_exactly(plan: Plan) -> None:
    assert parse_ir(print_ir(plan)) == plan


@given(bodies(), texts())
def test_notes_stand_behind_calls_and_do_not_change_the_plan(plan: Plan, note: str) -> None:
    printed = print_ir(plan, {one.id: note for one in block_statements(plan.body or ()) if isinstance(one, Task)})
    assert parse_ir(printed) == plan
    assert len(printed.split("\n")) == len(print_ir(plan).split("\n"))


@given(bodies())
def test_nothing_printed_acts_on_a_terminal(plan: Plan) -> None:
    assert re.fullmatch("[^\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202a-\u202e\u2066-\u2069]*", print_ir(plan))


@given(bodies())
def test_indentation_is_for_people(plan: Plan) -> None:
    assert parse_ir("\n".join(line.lstrip() for line in print_ir(plan).split("\n"))) == plan


def test_statements_mean_what_they_say() -> None:
    assert one("let x = (a, *b) = %1") == Let(Ref(1), ("x", Targets(("a", "b"), star=1)))
    assert one("let %4 = x when y") == Let(Local("x"), (), 4, Local("y"))
    assert one("do `method append`(xs, 1)") == Let(Apply("method append", (Local("xs"), Const(1))))
    assert one("try {\n} except {\n} finally {\nbreak\n}") == Try((), (Handler(None, ()),), (), (Exit("break"),))
    assert one("gather %1 {\npart {\n} gives 1\n}") == Gather(1, (Part((), Const(1)),))
    assert one("if x {\n}") == If(Local("x"), ())
    assert one('inline %1 "f" with a, b {\n}') == Inline(1, (), "f", ("a", "b"))


def test_an_answer_in_a_body_is_no_join() -> None:
    plan = parse_ir("strict {\nanswer 1\n}\n%2 = answer 3")
    assert plan.body == (Exit("answer", Const(1)),)
    assert plan.join is not None
    assert (plan.join.direct, plan.join.id) == (True, 2)


def test_an_empty_body_is_a_body() -> None:
    assert print_ir(Plan(body=())) == "independent {\n}\n"
    assert parse_ir("independent {\n}") == Plan(body=())
    assert parse_ir("") == Plan()


def test_a_turn_of_a_turn_has_an_id() -> None:
    element = Element(3, 1, (0, 2))
    plan = body_of(Task(4, "f", (Arg(None, Ref(element)),), after=(element,)))
    assert "%4 = f(%3:1:0:2) after %3:1:0:2" in print_ir(plan)
    assert parse_ir(print_ir(plan)) == plan


@pytest.mark.parametrize("terminal", [t.pattern.value for t in _parser().terminals if t.pattern.type == "str"])
def test_every_word_of_the_form_can_be_a_name(terminal: str) -> None:
    if not terminal.isidentifier():
        return
    name = Local(terminal)
    plan = body_of(
        Let(name, (terminal, Targets((terminal,), 0))),
        Let(ListOf((name, name))),
        Task(1, "f", (Arg(None, name), Arg(terminal, name)), when=name),
        Let(Apply("builtin print", (name,), ((terminal, name),))),
        Inline(2, (Exit("return", name), Exit("raise", name)), terminal, (terminal,)),
        Try((), (Handler(name, (), terminal),)),
    )
    assert parse_ir(print_ir(plan)) == plan


@pytest.mark.parametrize("name", ["", "1a", "a b", "a`", "a-b", "\u202e"])
def test_what_is_no_name_is_not_printed(name: str) -> None:
    with pytest.raises(ValueError, match="it is not a name"):
        print_ir(body_of(Let(Local(name))))


def nested(depth: int) -> Plan:
    """A body of so many blocks in one another, that of the plan among them."""
    block: tuple[Statement, ...] = (Exit("break"),)
    for _ in range(depth - 1):
        block = (Try(block, (), (), ()),)
    return Plan(body=block)


def test_the_deepest_block_reads_back() -> None:
    assert parse_ir(print_ir(nested(BODY_NESTING))) == nested(BODY_NESTING)
    with pytest.raises(IrSyntaxError, match=f"line {BODY_NESTING + 1}, .*more than {BODY_NESTING} brackets are open"):
        parse_ir(print_ir(nested(BODY_NESTING + 1)))


def test_blocks_and_values_are_nested_together() -> None:
    text = "strict {\n" + "try {\n" * 69 + "do {value}\n" + "}\n" * 70
    parse_ir(text.replace("{value}", "[" * 26 + "]" * 26))
    with pytest.raises(IrSyntaxError, match="line 71, column 30: more than 96 brackets are open"):
        parse_ir(text.replace("{value}", "[" * 27 + "]" * 27))


def test_many_statements_are_read_in_one_go() -> None:
    plan = body_of(*make_body(Random(1)).body or (), *[Let(Const(1), ("x",))] * 20_000)
    assert parse_ir(print_ir(plan)) == plan


ONLY_IN_BODY = "names, operations and conditions stand only in a body: `strict { … }` or `independent { … }`"


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("%1 = f([1, x])", 1, 12, ONLY_IN_BODY),
        ("%1 = f(`operator +`(1, 2))", 1, 8, ONLY_IN_BODY),
        ("%1 = f() when True", 1, 1, ONLY_IN_BODY),
        ("%1 = f() ok %2", 1, 1, ONLY_IN_BODY),
        ("join [x]", 1, 7, ONLY_IN_BODY),
        ("strict {", 1, 1, "this `strict` is not closed: `}` is missing"),
        ("strict {\n  if x {\n}", 1, 1, "this `strict` is not closed: `}` is missing"),
        ("}", 1, 1, "unexpected `}`"),
        ("let x = 1", 1, 1, "unexpected `let`"),
        ("strict {\n}\nstrict {\n}", 3, 1, "a second body"),
        ("%1 = f()\nstrict {\n}", 2, 1, "a body after a task"),
        ("strict {\n}\n%1 = f()", 3, 1, "a task outside of the body"),
        ("join\nstrict {\n}", 2, 1, "a task after a join"),
        ("strict\n", 1, 7, "unexpected end of the line; expected `{`"),
        ("strict {\nstrict {\n}\n}", 2, 1, "unexpected `strict`"),
        ("strict {\nif x {\n} except {\n}\n}", 3, 1, "`if` has no `except`"),
        ("strict {\n} else {\n}", 2, 1, "`strict` has no `else`"),
        ("strict {\nif x {\n} else {\n} else {\n}\n}", 4, 1, "`else` after `else`"),
        ("strict {\ntry {\n} finally {\n} except {\n}\n}", 4, 1, "`except` after `finally`"),
        ("strict {\nif x {\n} yield 1\n}", 3, 1, "`yield` stands only where the turns of a `for` end"),
        (
            "strict {\nfor %1 x in y {\n} else {\n} yield 1\n}",
            4,
            1,
            "`yield` stands only where the turns of a `for` end",
        ),
        ("strict {\nif x {\n} gives 1\n}", 3, 1, "`if` gives no value"),
        ("strict {\ngather %1 {\npart {\n}\n}\n}", 4, 1, "a part ends with `} gives VALUE`"),
        ("strict {\ngather %1 {\nbreak\n}\n}", 3, 1, "a `gather` holds only parts"),
        ("strict {\npart {\n} gives 1\n}", 2, 1, "a `part` outside of a `gather`"),
        ("strict {\nbreak 3\n}", 2, 7, "unexpected `3`"),
        ("strict {\nanswer\n}", 2, 7, "unexpected end of the line; expected a value"),
        (
            "strict {\ndo `operator ++`(1)\n}",
            2,
            4,
            "there is no operation `operator ++`; did you mean `operator +`?",
        ),
        (
            "strict {\ndo `builtin lenn`(1)\n}",
            2,
            4,
            "there is no operation `builtin lenn`; did you mean `builtin len`?",
        ),
        (
            "strict {\ndo `method __class__`(1)\n}",
            2,
            4,
            "`__class__` is not available: names with underscores in front are Python's own",
        ),
        ("strict {\ndo `method a.b`(1)\n}", 2, 4, "`method a.b` is no operation: write `method NAME`"),
        (
            "strict {\ndo `ValueErorr`\n}",
            2,
            4,
            "there is no class or constant `ValueErorr`; did you mean `ValueError`?",
        ),
        (
            "strict {\ndo `builtin print`(sep=1, 2)\n}",
            2,
            4,
            "in `builtin print`, an argument without a name after one with a name",
        ),
        ("strict {\ndo `builtin print`(a=1, a=2)\n}", 2, 4, "in `builtin print`, the name `a` twice"),
        ("strict {\nlet (*a, *b) = 1\n}", 2, 10, "two stars in one list of targets"),
        ("strict {\ndo (lambda a=1, b: a)\n}", 2, 5, "`b` has no default, but one before it has"),
        ("strict {\nlet `name a b` = 1\n}", 2, 5, "`name a b` is not a name: letters, digits and `_`, no digit first"),
        ("strict {\nlet x = *y\n}", 2, 9, "unexpected `*`; expected a value"),
        ("strict {\nand(x)\n}", 2, 1, "unexpected `and`"),
        ("strict {\ndo and(x)\n}", 2, 9, "unexpected `)`; expected `,`"),
        ("strict {\nfor %1:2 x in y {\n}\n}", 2, 5, "`%1:2` is an element; the id of a whole task belongs here"),
    ],
)
def test_a_wrong_text_is_located(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(IrSyntaxError) as caught:
        parse_ir(text)
    assert (caught.value.line, caught.value.column, caught.value.message) == (line, column, message)


@given(bodies(6), st.data())
def test_a_damaged_text_is_a_plan_or_a_located_error(plan: Plan, data: st.DataObject) -> None:
    text = print_ir(plan)
    start = data.draw(st.integers(0, len(text)))
    piece = data.draw(st.sampled_from(("}", "{", "*", " else {", "`", "%1", "x", "\n", " when ", "(")) | texts())
    damaged = text[:start] + piece + text[start + data.draw(st.integers(0, 3)) :]
    with suppress(IrSyntaxError):
        assert parse_ir(print_ir(parse_ir(damaged))) == parse_ir(damaged)
