"""The steps of plan files whose values are expressions."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from lcc.grammar.ir import (
    Apply,
    Const,
    DictOf,
    ForEach,
    Format,
    Input,
    Let,
    ListOf,
    Local,
    Logic,
    Plan,
    Ref,
    Region,
    Select,
    Spread,
    Statement,
    Targets,
    Task,
    Value,
)
from lcc.grammar.ir.walk import walk
from lcc.grammar.syntax.parser import parse_plan
from lcc.grammar.syntax.scanner import Kind, Scanner, Segment

REPORT = """\
input limit: int = 5
strict
1. towns("coast")
Thought: one by one
2. for town, (low, *rest) in $1 when $1:
    3. tide(town.id, when="noon", ports=[low, $limit])
    4. = sum(t.height for t in $3 if t.height > $limit)
    Thought: it is high
    5. warn(town.id) if failed $3 after $1 after ok $3, $4 when $4 > 5
    yield {"town": town.id, "sum": $4} when $4
6. python when $2:
    worst = None
    for one in $2:
        if worst is None or one["sum"] > worst:
            worst = one["sum"]
        note("seen", one)
7. send("Tides: ${', '.join(t.town for t in $2)} of ${len($1):>3}, $1 ${6.worst} $$5")
8. answer($6.worst + 1)
"""


def read(text: str) -> Plan:
    parsed = parse_plan(text)
    assert not parsed.diagnostics, parsed.diagnostics
    return parsed.plan


def steps(text: str) -> tuple[Statement, ...]:
    body = read(text).body
    assert body is not None
    return body


def value(text: str) -> Value:
    """Return an expression behind two steps."""
    step = steps(f"input city: str\n1. f()\n2. g()\n3. = {text}")[2]
    assert isinstance(step, Let)
    return step.value


def test_a_plan_of_every_kind_of_step() -> None:
    plan = read(REPORT)
    assert plan.fails == "strict"
    first, loop, block, send = plan.body or ()
    assert first == Task(1, "towns", first.args)  # type: ignore[union-attr]
    assert isinstance(loop, ForEach)
    assert (loop.id, loop.target, loop.items, loop.when) == (
        2, Targets(("town", Targets(("low", "rest"), 1))), Ref(1), Ref(1),
    )  # fmt: skip
    assert loop.thought == "one by one"
    assert loop.yields == DictOf((("town", Apply("attribute id", (Local("town"),))), ("sum", Ref(4))))
    assert loop.yield_when == Ref(4)
    tide, total, warn = loop.body
    assert isinstance(tide, Task)
    assert [arg.name for arg in tide.args] == [None, "when", "ports"]
    assert tide.args[2].value == ListOf((Local("low"), Input("limit")))
    assert isinstance(total, Let)
    assert isinstance(warn, Task)
    assert (warn.instead, warn.after, warn.ok, warn.thought) == (3, (1,), (3, 4), "it is high")
    assert warn.when == Apply("operator >", (Ref(4), Const(5)))
    assert isinstance(block, Region)
    assert (block.id, block.names, block.when) == (6, ("worst", "one"), Ref(2))
    assert isinstance(send, Task)
    text = send.args[0].value
    assert isinstance(text, Apply)
    assert text.op == "field f-string"
    assert text.args[3] == Apply("field field", (Apply("builtin len", (Ref(1),)), Const(">3"), Const(None)))
    assert text.args[5] == Apply("field text", (Ref(1),))
    assert text.args[-1] == Const(" $5")
    assert plan.join is not None
    assert plan.join.values == (Apply("operator +", (Ref(6, ("worst",)), Const(1))),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$1.name[0]", Ref(1, ("name", 0))),
        ("($1).name", Apply("attribute name", (Ref(1),))),
        ("($1)[0]", Apply("subscript load", (Ref(1), Const(0)))),
        ("$1.name.upper()", Apply("method upper", (Ref(1, ("name",)),))),
        ("$1[0:2]", Apply("subscript load slice", (Ref(1), Const(0), Const(2), Const(None)))),
        ("$1[$2]", Apply("subscript load", (Ref(1), Ref(2)))),
        ("${1.name} + $city", Apply("operator +", (Ref(1, ("name",)), Input("city")))),
        ("(1, true, null)", ListOf((Const(1), Const(True), Const(None)))),
        ('{"a": 1, "$1": -2}', DictOf((("a", Const(1)), ("$1", Const(-2))))),
        ("{$1: 2}", Apply("display dict", (Ref(1), Const(2)))),
        ("[*$1, 2]", Apply("display list", (Spread(Ref(1)), Const(2)))),
        ("[]", ListOf(())),
        ("1 < len($1) < 3", Logic("and", (
            Apply("operator <", (Const(1), Apply("builtin len", (Ref(1),)))),
            Apply("operator <", (Apply("builtin len", (Ref(1),)), Const(3))),
        ))),
        ("1 + select($1, $2)", Apply("operator +", (Const(1), Select((Ref(1), Ref(2)))))),
        ("math.floor($1)", Apply("module math.floor", (Ref(1),))),
        ('"$1 and $city"', Format((Ref(1), " and ", Input("city")))),
        ('"${$1}"', Format((Ref(1),))),
        ('"${$1!r:>${$2}}"', Apply("field f-string", (
            Apply("field field", (Ref(1), Format((">", Ref(2))), Const("r"))),
        ))),
        ("'${\"a\".upper()}'", Apply("field f-string", (Apply("field text", (Apply("method upper", (Const("a"),)),)),))),
        ("\"${'\\n'.join($1)}\"", Apply("field f-string", (
            Apply("field text", (Apply("method join", (Const("\n"), Ref(1))),)),
        ))),
        ('"${ {1: 2}[1] }"', Apply("field f-string", (
            Apply("field text", (Apply("subscript load", (Apply("display dict", (Const(1), Const(2))), Const(1))),)),
        ))),
        ('"$${1 + 1} ${} ${name} $x"', Const("${1 + 1} ${} ${name} $x")),
    ],
)  # fmt: skip
def test_values(text: str, expected: Value) -> None:
    assert value(text) == expected


def test_a_local_stands_bare_in_a_text_too() -> None:
    [loop] = steps('1. for m in [1]:\n    2. f("${m.name[0]} ${m}")\n')
    assert isinstance(loop, ForEach)
    [call] = loop.body
    assert isinstance(call, Task)
    name = Apply("subscript load", (Apply("attribute name", (Local("m"),)), Const(0)))
    expected = (Apply("field text", (name,)), Const(" "), Apply("field text", (Local("m"),)))
    assert call.args[0].value == Apply("field f-string", expected)


@pytest.mark.parametrize(
    "text",
    ["1. for(1)\n2. join()", "1. when($1)\n2. join()", "1. yield(1, when=2)\n2. join()", "1. python(in=1)\n2. strict()\n3. join()",
     '1. f(strict=True,\n  yield="x")\n2. join()', '1. f({"${f%.log}": 1}, "${x y"=1)\n2. join()', "1. f()  # when $1\n2. join()"],
)  # fmt: skip
def test_what_was_a_plan_of_calls_is_one(text: str) -> None:
    plan = read(text)
    assert plan.body is None
    assert len(plan.tasks) >= 1


def test_a_block_of_a_whole_program() -> None:
    plan = read(
        "input n: int\npython:\n    total = 0\n    while total < $n:\n        total += step(total)\n    answer(total)\n"
    )
    assert plan.fails == "strict"
    assert [type(one).__name__ for one in plan.body or ()] == ["Let", "While", "Exit"]


def test_calls_in_a_block_are_numbered_above_all_others() -> None:
    region = steps("1. python:\n    a = f()\n    b = g(a)\n7. h($1.b)\n9. join()")[0]
    assert isinstance(region, Region)
    assert [one.id for one in region.body if isinstance(one, Task)] == [10, 11]


def test_join_reads_what_stands_at_the_outer_level() -> None:
    plan = read("1. f()\n2. for x in $1:\n    3. g(x)\n4. = 5\n5. for x in $1:\n    6. g(x)\n    yield $6\n7. join()")
    assert plan.join is not None
    assert plan.join.labels == (1, 4, 5)


def test_reading_is_never_recursive_in_the_text() -> None:
    for text in ("1. = " + "(" * 5000, "1. = " + "-" * 5000 + "1", '1. f("' + "${(" * 5000 + '}")', "1. = " + "1 + " * 5000 + "1",
                 "".join(f"{' ' * n}{n + 1}. for x in [1]:\n" for n in range(500))):  # fmt: skip
        assert not parse_plan(text).ok


def scan(*chunks: str) -> list[Segment]:
    scanner = Scanner()
    found = [segment for chunk in chunks for segment in scanner.feed(chunk)]
    return found + list(scanner.close())


PIECES = ("1. f(a)", "2. = [1,\n 2]", " when $1", " if failed $1", "\n", "    ", "for x in y:", "3. ", "yield x", "strict\n", "python:\n", "  a = 1\n",
          "# c\n", '"x', "(", ")", "wh", "i", "4. join()", "<END_OF_PLAN>")  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12), st.data())
def test_segments_depend_on_the_text_alone(pieces: list[str], data: st.DataObject) -> None:
    text = "".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    chunks = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert scan(*chunks) == scan(text)
    assert scan(*text) == scan(text)


def test_steps_are_segments_of_their_own() -> None:
    assert [(s.kind, s.text) for s in scan(REPORT) if s.kind is Kind.STEP][:3] == [
        (Kind.STEP, "strict"),
        (Kind.STEP, "2. for town, (low, *rest) in $1 when $1:"),
        (Kind.STEP, "4. = sum(t.height for t in $3 if t.height > $limit)"),
    ]


def test_every_value_has_its_place() -> None:
    """A span is where the text of the node stands."""
    for step in steps(REPORT):
        if isinstance(step, Task):
            for arg in step.args:
                for one in walk(arg.value):
                    if isinstance(one, Local):
                        assert REPORT[one.span.start : one.span.end] == one.name
