"""Which calls may be given something that was computed from a secret input."""

from __future__ import annotations

import pytest

from lcc.grammar.ir import (
    Apply,
    Arg,
    Block,
    Builtin,
    Clause,
    Comprehension,
    Const,
    DictOf,
    Exit,
    ForEach,
    Format,
    Gather,
    Handler,
    If,
    Inline,
    Input,
    InputDecl,
    Let,
    ListOf,
    Local,
    Part,
    Plan,
    Ref,
    Region,
    Task,
    Try,
    Value,
    While,
)
from lcc.passes.analysis.secrecy import BEHIND, SECRET, secrecy

KEY = Input("key")


def call(id_: int, *values: Value) -> Task:
    return Task(id_, "send", tuple(Arg(None, value) for value in values))


def let(name: str, value: Value) -> Let:
    return Let(value, (name,))


def levels(*body: object) -> dict[object, int]:
    inputs = (InputDecl("key", secret=True), InputDecl("city"))
    block: Block = body  # type: ignore[assignment]
    return dict(secrecy(Plan(inputs=inputs, body=block, fails="strict")))


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ((call(1, Input("city")),), {}),
        ((call(1, KEY),), {1: SECRET}),
        ((call(1, Format(("Bearer ", KEY))),), {1: SECRET}),
        ((let("a", Apply("builtin len", (KEY,))), let("b", Local("a")), call(1, Local("b"))), {1: SECRET}),
        ((call(1, KEY), call(2, Ref(1, ("id",))), call(3, Const(1))), {1: SECRET, 2: BEHIND}),
        ((let("a", Const(1)), call(1, Local("a")), let("c", KEY)), {}),
        ((let("d", DictOf((("k", KEY),))), call(1, Apply("subscript load", (Local("d"), Const("k"))))), {1: SECRET}),
        ((Let(KEY, id=4), call(5, Ref(4))), {5: SECRET}),
        (
            (ForEach(1, "x", ListOf((KEY,)), (call(2, Local("x")),), Local("x")), call(3, Ref(1))),
            {2: SECRET, 3: SECRET},
        ),
        ((Region(1, (let("a", KEY),), ("a",)), call(2, Ref(1, ("a",)))), {2: SECRET}),
        ((Inline(1, (If(Const(True), (Exit("return", KEY),)),)), call(2, Ref(1))), {2: SECRET}),
        (
            (Gather(1, (Part((call(2, Local("x")),), Ref(2), "x", ListOf((KEY,))),)), call(3, Ref(1))),
            {2: SECRET, 3: BEHIND},
        ),
        ((call(1, Comprehension("list", Local("y"), (Clause("y", ListOf((KEY,))),))),), {1: SECRET}),
        ((If(Apply("operator ==", (KEY, Const(1))), (call(1, Const(1)),)),), {}),
    ],
    ids=range(14),
)
def test_data_is_followed(body: tuple[object, ...], found: dict[object, int]) -> None:
    assert levels(*body) == found


def test_what_a_later_turn_of_a_loop_gives_is_followed_back() -> None:
    loop = While(9, Const(True), (call(1, Local("a")), let("a", Local("b")), let("b", Local("c")), let("c", KEY)))
    assert levels(let("a", Const(1)), loop) == {1: SECRET}


@pytest.mark.parametrize("op", ["method append", "method add", "method setdefault", "subscript store", "operator +="])
def test_what_is_put_into_an_object_is_in_all_that_may_be_that_object(op: str) -> None:
    put = Let(Apply(op, (Local("b"), KEY, KEY)))
    body = (let("a", ListOf(())), let("b", Local("a")), let("c", Local("a")), let("other", ListOf(())), put)
    assert levels(*body, call(1, Local("c")), call(2, Local("other"))) == {1: SECRET}


def test_an_operation_that_changes_nothing_puts_nothing() -> None:
    shout = Let(Apply("method replace", (Local("a"), KEY, Const(""))), ("b",))
    assert levels(let("a", Const("x")), shout, call(1, Local("a")), call(2, Local("b"))) == {2: SECRET}


def test_an_exception_may_quote_what_a_call_was_given_or_what_was_raised() -> None:
    handler = Handler(Builtin("ValueError"), (call(2, Apply("builtin str", (Local("e"),))),), "e")
    assert levels(Try((call(1, KEY),), (handler,))) == {1: SECRET, 2: SECRET}
    assert levels(Try((Exit("raise", Apply("builtin ValueError", (KEY,))),), (handler,))) == {2: SECRET}
    assert levels(Try((call(1, Const(1)),), (handler,))) == {}


def test_a_plan_without_secrets_has_none() -> None:
    assert secrecy(Plan(body=(call(1, Input("city")),), fails="strict")) == {}
