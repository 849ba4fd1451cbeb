"""Turns of a loop overlap although they change objects: lists that they all add to, and objects that each has for itself."""

from __future__ import annotations

from small_programs import World, body, call, do, let, name, op, run

from lcc.grammar.ir import Exit, ForEach, Ref


def test_turns_that_build_a_row_and_add_it_to_a_list_take_as_long_as_one() -> None:
    world = World()
    turn = body(
        let("row", op("display dict")),
        call(2, "fetch", name("x")),
        do(op("subscript store", name("row"), "first", Ref(2))),
        call(3, "fetch", op("subscript load", name("row"), "first")),
        do(op("subscript store", name("row"), "second", Ref(3))),
        do(op("method append", name("rows"), name("row"))),
    )
    result = run(
        world,
        let("rows", op("display list")),
        ForEach(1, "x", op("display list", 1, 2, 3), turn),
        Exit("answer", name("rows")),
    )
    assert result.answer == [{"first": n, "second": n} for n in (1, 2, 3)]
    assert world.seconds_of(result) == 2


def test_a_list_that_turns_hand_on_holds_their_calls_up() -> None:
    world = World()
    turn = body(
        call(2, "fetch", op("builtin len", name("rows"))),
        do(op("method append", name("rows"), Ref(2))),
    )
    result = run(
        world,
        let("rows", op("display list")),
        ForEach(1, "x", op("display list", 1, 2, 3), turn),
        Exit("answer", name("rows")),
    )
    assert result.answer == [0, 1, 2]
    assert world.seconds_of(result) == 3
