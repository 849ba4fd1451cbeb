"""What an independent plan with a body means: failures end only what reads them, effects on resources keep their order."""

from __future__ import annotations

from typing import Literal

import pytest
from small_programs import World, body, call, do, handled, let, lift, name, op, run

from lcc.grammar.ir import (
    Apply,
    Arg,
    Builtin,
    Clause,
    Comprehension,
    Const,
    Element,
    Exit,
    ForEach,
    Gather,
    Handler,
    If,
    Join,
    Let,
    ListOf,
    Part,
    Ref,
    Region,
    Select,
    Spread,
    Statement,
    Targets,
    Task,
    Try,
    While,
)
from lcc.grammar.source import Span
from lcc.runtime.options import ApprovalRequest
from lcc.runtime.result import RunResult, RunStatus, TaskStatus


def join(*values: object) -> Join:
    return Join(tuple(values))  # type: ignore[arg-type]


def test_a_failed_step_skips_those_that_read_it_and_nobody_else() -> None:
    world = World(fails={"bad": ValueError("no")})
    steps = body(call(1, "fetch", "bad"), call(2, "fetch", Ref(1)), call(3, "put", "x"))
    result = run(world, *steps, fails="independent", join=join(Ref(1), Ref(2), Ref(3)))
    assert [record.status for record in result.tasks.values()] == [TaskStatus.FAILED, TaskStatus.SKIPPED, TaskStatus.OK]
    assert (result.status, result.join) == (RunStatus.FAILED, [None, None, "x"])


def test_steps_on_one_resource_keep_their_order() -> None:
    world = World(seconds={"look": 2.0})
    result = run(world, call(1, "look", "a"), call(2, "put", "b"), call(3, "look", "c"), fails="independent")
    assert [(round(at), tool) for at, what, tool, _ in world.log if what == "begin"] == [
        (0, "look"),
        (2, "put"),
        (3, "look"),
    ]
    assert result.ok


def test_undeclared_calls_are_in_no_order() -> None:
    world = World()
    result = run(
        world,
        call(1, "stir", "a"),
        call(2, "put", "b"),
        call(3, "stir", "c"),
        call(4, "look", "d"),
        fails="independent",
    )
    assert world.seconds_of(result) == 2
    assert result.ok


def test_a_step_that_is_not_taken_is_no_failure_and_takes_with_it_what_reads_it() -> None:
    world = World()
    first = call(1, "fetch", 1, when=op("operator >", 0, 1))
    steps = body(first, call(2, "fetch", Ref(1)), Let(op("operator +", Ref(1), 1), id=3), call(4, "fetch", 4))
    result = run(
        world, *steps, fails="independent", join=join(Ref(1), Ref(2), Ref(3), Ref(4), Select((Ref(1), Ref(4))))
    )
    assert [record.status for record in result.tasks.values()] == [
        TaskStatus.NOT_TAKEN,
        TaskStatus.NOT_TAKEN,
        TaskStatus.OK,
    ]
    assert (result.status, result.join) == (RunStatus.OK, [None, None, None, 4, 4])


def test_a_step_may_stand_in_for_one_that_failed() -> None:
    world = World(fails={"bad": ValueError("no")})
    steps = body(
        call(1, "fetch", "bad"), call(2, "fetch", "instead", instead=1), call(3, "fetch", Select((Ref(1), Ref(2))))
    )
    result = run(world, *steps, fails="independent", join=join(Ref(3)))
    assert (result.status, result.join) == (RunStatus.OK, ["instead"])
    assert result.tasks[1].error is not None
    assert result.tasks[1].error.handled


def test_a_step_that_stands_in_is_not_taken_where_nothing_failed() -> None:
    world = World()
    steps = body(call(1, "fetch", "good"), call(2, "fetch", "instead", instead=1))
    result = run(world, *steps, fails="independent", join=join(Select((Ref(2), Ref(1)))))
    assert (result.status, result.join, world.began()) == (RunStatus.OK, ["good"], [("fetch", "good")])


@pytest.mark.parametrize(("argument", "status"), [("good", TaskStatus.OK), ("bad", TaskStatus.SKIPPED)])
def test_a_step_may_ask_that_another_ended_well(argument: str, status: TaskStatus) -> None:
    world = World(fails={"bad": ValueError("no")})
    result = run(world, call(1, "fetch", argument), call(2, "put", "x", ok=(1,)), fails="independent")
    assert result.tasks[2].status is status


def test_elements_fail_alone_and_the_loop_with_them() -> None:
    world = World(fails={2: ValueError("no")})
    loop = ForEach(
        1, "x", op("display list", 1, 2, 3), body(call(2, "fetch", name("x")), call(3, "put", Ref(2))), yields=Ref(3)
    )
    result = run(world, loop, call(4, "fetch", Ref(1)), call(5, "fetch", "x"), fails="independent", join=join(Ref(1)))
    assert {str(id): record.status.value for id, record in result.tasks.items()} == {
        "2[0]": "ok", "3[0]": "ok", "2[1]": "failed", "3[1]": "skipped", "2[2]": "ok", "3[2]": "ok", "4": "skipped", "5": "ok",
    }  # fmt: skip
    assert result.join == [None]


def test_what_is_not_taken_yields_nothing() -> None:
    world = World()
    turn = body(call(2, "fetch", name("x"), when=op("operator >", name("x"), 1)))
    loop = ForEach(1, "x", op("display list", 1, 2, 3), turn, yields=Ref(2))
    assert run(world, loop, fails="independent", join=join(Ref(1))).join == [[2, 3]]


def test_a_loop_over_a_result_that_is_not_there_is_skipped() -> None:
    world = World(fails={"bad": ValueError("no")})
    loop = ForEach(2, "x", Ref(1), body(call(3, "fetch", name("x"))), yields=Ref(3))
    result = run(
        world, call(1, "fetch", "bad"), loop, call(4, "fetch", Ref(2)), call(5, "fetch", 5), fails="independent"
    )
    assert {str(id): record.status.value for id, record in result.tasks.items()} == {
        "1": "failed",
        "4": "skipped",
        "5": "ok",
    }


def test_a_region_is_strict_inside_and_one_step_outside() -> None:
    world = World(fails={"bad": ValueError("no")})
    inside = body(let("a", 1), call(2, "fetch", "bad"), call(3, "put", "x"))
    steps = body(Region(1, inside, ("a",)), call(4, "fetch", Ref(1, ("a",))), call(5, "put", "y"))
    result = run(world, *steps, fails="independent", join=join(Ref(1)))
    assert {str(id): record.status.value for id, record in result.tasks.items()} == {
        "2": "failed", "3": "cancelled", "4": "skipped", "5": "ok",
    }  # fmt: skip
    assert (result.status, world.began("put")) == (RunStatus.FAILED, [("put", "y")])


def test_a_region_gives_the_names_that_it_bound() -> None:
    world = World(fails={"bad": ValueError("no")})
    tried = handled(body(call(2, "fetch", "bad")), let("a", "handled"))
    region = Region(1, body(tried, If(op("operator ==", 1, 2), (let("b", 1),))), ("a", "b"))
    result = run(world, region, call(3, "fetch", Ref(1, ("a",))), fails="independent", join=join(Ref(1), Ref(3)))
    assert (result.status, result.join) == (RunStatus.OK, [{"a": "handled"}, "handled"])


def test_steps_wait_for_a_region_that_may_write() -> None:
    world = World()
    region = Region(2, body(If(op("operator ==", Ref(1), "yes"), body(call(3, "put", "x")))))
    run(world, call(1, "fetch", "yes"), region, call(4, "look", "y"), fails="independent")
    assert [tool for _, what, tool, _ in world.log if what == "begin"] == ["fetch", "put", "look"]


def test_a_value_that_fails_is_told() -> None:
    result = run(
        World(), Let(op("operator //", 1, 0), id=1), call(2, "fetch", Ref(1)), call(3, "put", 1), fails="independent"
    )
    assert result.failure is not None
    assert (result.failure.cause, result.tasks[2].status, result.tasks[3].status) == (
        "ZeroDivisionError", TaskStatus.SKIPPED, TaskStatus.OK,
    )  # fmt: skip


def test_a_call_with_each_fails_by_element() -> None:
    world = World(fails={2: ValueError("no")})
    each = Task(1, "fetch", (Arg(None, ListOf((Const(1), Const(2))), each=True),))
    result = run(world, each, do(op("builtin len", Ref(1))), fails="independent")
    assert {str(id): record.status.value for id, record in result.tasks.items()} == {"1[0]": "ok", "1[1]": "failed"}


def test_a_loop_whose_condition_is_known_later_and_is_false_gives_nothing() -> None:
    loop = ForEach(
        2,
        "x",
        op("display list", 1),
        body(call(3, "fetch", name("x"))),
        yields=Ref(3),
        when=op("operator <", Ref(1), 0),
    )
    result = run(World(), call(1, "fetch", 5), loop, call(4, "fetch", Ref(2)), fails="independent", join=join(Ref(2)))
    assert {str(id): record.status.value for id, record in result.tasks.items()} == {"1": "ok", "4": "not taken"}
    assert (result.status, result.join) == (RunStatus.OK, [None])


@pytest.mark.parametrize("items", [Ref(1), op("operator +", 1, 2)])
def test_a_loop_over_a_number_is_lost_and_the_other_steps_are_not(items: object) -> None:
    loop = ForEach(2, "x", items, body(call(3, "fetch", name("x"))))  # type: ignore[arg-type]
    result = run(World(), call(1, "fetch", 5), loop, call(4, "fetch", Ref(2)), call(5, "put", 1), fails="independent")
    assert [record.status.value for record in result.tasks.values()] == ["ok", "skipped", "ok"]
    assert result.failure is not None
    assert result.failure.cause == "TypeError"


def test_what_asks_that_a_step_ended_well_is_not_taken_where_another_stands_in_for_it() -> None:
    world = World(fails={"bad": ValueError("no")})
    steps = body(call(1, "fetch", "bad"), call(2, "fetch", "instead", instead=1), call(3, "put", "x", ok=(1,)))
    result = run(world, *steps, fails="independent")
    assert (result.tasks[3].status, result.status) == (TaskStatus.NOT_TAKEN, RunStatus.OK)


def test_a_condition_of_a_region_that_reads_what_is_not_taken_is_not_taken() -> None:
    first = call(1, "fetch", 1, when=op("operator >", 0, 1))
    inside = body(If(Ref(1), (let("a", 1),), (let("a", 2),)), While(4, Ref(1), (let("b", 1),)), let("c", 3))
    result = run(
        World(), *body(first, Region(2, inside, ("a", "b", "c"))), fails="independent", join=join(Ref(2)), turns=9
    )
    assert (result.status, result.join) == (RunStatus.OK, [{"c": 3}])


def each(id: int, tool: str, items: object, **given: object) -> Task:
    return Task(id, tool, (Arg(None, lift(items), each=True),), **given)  # type: ignore[arg-type]


def statuses(result: RunResult) -> dict[str, str]:
    return {str(id): record.status.value for id, record in result.tasks.items()}


def test_who_reads_one_element_is_not_skipped_by_another() -> None:
    world = World(fails={"bad": ValueError("no")})
    result = run(
        world,
        each(1, "fetch", ["a", "bad", "c"]),
        call(2, "put", Ref(1, (0,))),
        call(3, "put", op("subscript load", Ref(1), -1), when=op("operator ==", Ref(1, (2,)), "c")),
        call(4, "put", Ref(1, (1,))),
        call(5, "put", Ref(1)),
        call(6, "put", Ref(1, (7,))),
        fails="independent",
        join=join(Ref(1), Ref(1, (2,)), Ref(2)),
    )
    assert statuses(result) == {
        "1[0]": "ok", "1[1]": "failed", "1[2]": "ok", "2": "ok", "3": "ok", "4": "skipped", "5": "skipped", "6": "failed",
    }  # fmt: skip
    assert result.join == [None, "c", "a"]
    assert result.tasks[4].error is not None
    assert result.tasks[4].error.message == "reads $1[1], which did not end well"
    assert result.tasks[6].error is not None
    assert result.tasks[6].error.message == "$1[7]: index 7 of a list of 3"


def test_an_element_is_waited_for_without_the_others() -> None:
    world = World(seconds={"look": 9.0})
    items = [op("operator +", "a", "b"), Ref(1)]
    result = run(
        world, call(1, "look", "slow"), each(2, "fetch", items), call(3, "calc", Ref(2, (0,))), fails="independent"
    )
    assert (result.tasks[Element(2, 0)].end, result.tasks[3].end, result.tasks[Element(2, 1)].end) == (1, 2, 10)


def test_a_loop_over_a_fan_out_goes_element_by_element() -> None:
    world = World(fails={"bad": ValueError("no")}, seconds={"look": 9.0})
    first = ForEach(
        1,
        "x",
        op("display list", 1, 2),
        body(call(2, "look", name("x"), when=op("operator ==", name("x"), 2)), call(3, "fetch", name("x"), ok=(2,))),
        yields=Ref(3),
    )
    second = ForEach(4, "y", Ref(1), body(call(5, "calc", name("y"))), yields=Ref(5))
    result = run(world, first, second, each(6, "calc", Ref(4)), fails="independent", join=join(Ref(6)))
    assert result.join == [[1, 2]]
    assert [result.tasks[Element(6, turn)].end for turn in (0, 1)] == [3, 12]


def test_a_loop_over_a_fan_out_loses_the_turns_of_what_failed_alone() -> None:
    world = World(fails={"bad": ValueError("no")})
    inner = ForEach(4, "z", Ref(5), body(call(6, "put", name("z"))), yields=Ref(6))
    loop = ForEach(3, "y", Ref(1), body(each(5, "calc", [name("y"), "x"]), inner), yields=Ref(4))
    result = run(world, each(1, "fetch", ["a", "bad"]), loop, fails="independent", join=join(Ref(3), Ref(3, (0,))))
    assert statuses(result) == {
        "1[0]": "ok", "1[1]": "failed", "5[0][0]": "ok", "5[0][1]": "ok", "5[1][0]": "skipped", "5[1][1]": "ok",
        "6[0][0]": "ok", "6[0][1]": "ok", "6[1][0]": "skipped", "6[1][1]": "ok",
    }  # fmt: skip
    assert result.join == [None, ["a", "x"]]


def test_a_pair_that_failed_is_not_taken_apart() -> None:
    world = World(fails={"bad": ValueError("no")})
    pairs = ForEach(
        1, "x", op("display list", "a", "bad"), body(call(2, "fetch", name("x"))), yields=op("display list", Ref(2), 1)
    )
    loop = ForEach(3, Targets(("p", "q")), Ref(1), body(call(4, "calc", name("p")), call(5, "calc", name("q"))))
    result = run(world, pairs, loop, fails="independent")
    assert statuses(result) == {
        "2[0]": "ok", "2[1]": "failed", "4[0]": "ok", "5[0]": "ok", "4[1]": "skipped", "5[1]": "skipped",
    }  # fmt: skip


@pytest.mark.parametrize("fails", ["independent", "strict"])
def test_what_is_ordered_after_a_step_waits_until_that_has_ended(fails: Literal["independent", "strict"]) -> None:
    world = World(seconds={"look": 4.0})
    loop = ForEach(2, "x", op("display list", 1, 2), body(call(3, "look", name("x"))))
    steps = body(
        call(1, "calc", "a"),
        loop,
        call(4, "calc", "b", after=(2,)),
        call(5, "calc", "c", after=(1,)),
        call(6, "calc", "d"),
    )
    result = run(world, *steps, fails=fails)
    assert [result.tasks[id].end for id in (4, 5, 6)] == [5, 2, 1]


@pytest.mark.parametrize("order", [{"after": (1,)}, {"ok": (1,)}])
def test_only_who_asks_for_success_minds_a_failure_within_a_loop(order: dict[str, tuple[int, ...]]) -> None:
    world = World(fails={2: ValueError("no")})
    loop = ForEach(1, "x", op("display list", 1, 2), body(call(3, "fetch", name("x"))))
    result = run(world, loop, call(4, "put", "x", **order), fails="independent")
    assert result.tasks[4].status is (TaskStatus.SKIPPED if "ok" in order else TaskStatus.OK)


def test_a_step_within_a_region_is_ordered_after_another() -> None:
    inside = body(
        call(2, "look", "a"), If(op("operator <", 0, 1), body(call(3, "look", "b"))), call(4, "calc", "c", after=(2, 3))
    )
    result = run(World(seconds={"look": 4.0}), Region(1, inside), fails="independent")
    assert result.tasks[4].end == 5


FALLIBLE = {
    "a fan-out": each(1, "fetch", ["a", "bad", "b"]),
    "a loop": ForEach(1, "x", op("display list", "a", "bad"), body(call(3, "fetch", name("x"))), yields=Ref(3)),
    "a value": Let(op("operator //", 1, op("builtin len", op("display list"))), id=1),
    "a region": Region(1, body(call(3, "fetch", "bad"))),
    "a call": Task(1, "fetch", (Arg(None, Const("bad")),)),
}


@pytest.mark.parametrize("fails", ["independent", "strict"])
@pytest.mark.parametrize("step", FALLIBLE.values(), ids=FALLIBLE)
def test_a_step_may_stand_in_for_any_that_failed(step: Statement, fails: Literal["independent", "strict"]) -> None:
    world = World(fails={"bad": ValueError("no")})
    other = call(2, "put", "instead", instead=1)
    result = run(
        world, step, other, call(4, "put", "next", after=(1,)), fails=fails, join=join(Select((Ref(1), Ref(2))))
    )
    assert (result.status, result.join, result.failure) == (RunStatus.OK, ["instead"], None)
    assert world.began("put") == [("put", "instead"), ("put", "next")]
    assert all(record.error is None or record.error.handled for record in result.tasks.values())


@pytest.mark.parametrize("fails", ["independent", "strict"])
def test_nothing_stands_in_for_what_was_denied(fails: Literal["independent", "strict"]) -> None:
    world = World()
    loop = ForEach(1, "x", op("display list", 1), body(call(3, "burn", name("x"))))
    result = run(
        world,
        loop,
        call(2, "put", "instead", instead=1),
        call(4, "burn", 2),
        call(5, "put", "x", instead=4),
        fails=fails,
    )
    assert (result.status, world.log) == (RunStatus.FAILED, [])


def test_what_is_not_taken_is_so_wherever_it_is_read() -> None:
    world = World()
    first = call(1, "fetch", 1, when=op("operator >", 0, 1))
    tried = Try(
        body(call(3, "fetch", "bad")), (Handler(Ref(1), (let("z", 1),)), Handler(Builtin("Exception"), (let("z", 2),)))
    )
    inside = body(
        let("a", Ref(1)),
        let("b", op("operator +", Ref(1), 1)),
        Exit("raise", Ref(1)),
        While(4, Ref(1), (let("c", 1),), (let("c", 2),)),
        ForEach(5, "x", Ref(1), (let("d", 1),), orelse=(let("d", 2),)),
        If(Ref(1), (let("e", 1),), (let("e", 2),)),
        Gather(6, (Part(body(call(7, "fetch", name("y"))), Ref(7), "y", Ref(1)),)),
        tried,
        Region(8, (let("f", 1),), ("f",), when=Ref(1)),
        let("g", op("display list", 1, Spread(Ref(1)))),
        let("h", op("builtin len", Ref(6))),
    )
    loops = body(
        ForEach(10, "j", Ref(2, ("a",)), body(call(11, "fetch", name("j"))), when=Ref(1)),
        ForEach(12, "j", Ref(1), body(call(13, "fetch", name("j"))), yields=Ref(13)),
        ForEach(14, "j", op("display list", 1, Spread(Ref(1))), body(call(15, "fetch", name("j")))),
        each(16, "fetch", Ref(12)),
        each(17, "fetch", [1, Ref(1)]),
        each(18, "fetch", [1, 2], when=Ref(1)),
        call(19, "fetch", Ref(12, (0,))),
        Let(Comprehension("list", name("q"), (Clause("q", Ref(1)),)), id=20),
    )
    region = Region(2, inside, tuple("abcdefgh"))
    world.fails["bad"] = ValueError("no")
    result = run(world, first, region, *loops, fails="independent", join=join(Ref(2), Ref(12), Ref(16), Ref(20)))
    names = {"a": None, "b": None, "g": None, "h": 0}
    assert (result.failure, result.join) == (None, [names, None, None, None])
    assert world.began() == [("fetch", "bad")]


def test_what_fails_among_steps_has_its_place() -> None:
    value = Apply("operator //", (Const(1), Ref(1)), span=Span(7, 9))
    result = run(World(), call(1, "fetch", 0), Let(value, id=2), fails="independent", join=join(Ref(2)))
    assert (result.failure is not None, result.place) == (True, Span(7, 9))
    missing = Ref(1, (4,), Span(3, 5))
    result = run(World(), call(1, "fetch", 0), Let(Const(1), id=2), fails="independent", join=join(missing, Ref(2)))
    assert (result.failure is not None, result.place, result.join) == (True, Span(3, 5), [None, 1])


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_no_holds_for_all_that_were_shown_and_for_no_others(backend: str) -> None:
    asked: list[list[str]] = []

    async def approve(request: ApprovalRequest) -> bool:
        asked.append([str(id) for id, _ in request.calls])
        return len(asked) != 1

    steps = body(
        each(1, "burn", [1, 2]),
        call(2, "look", 3),
        call(3, "burn", Ref(2)),
        call(4, "burn", 5, when=op("operator >", Ref(2), 9)),
    )
    result = run(World(), *steps, fails="independent", backend=backend, approve=approve)
    assert asked == [["1[0]", "1[1]"], ["3"]]
    assert statuses(result) == {"1[0]": "failed", "1[1]": "failed", "2": "ok", "3": "ok", "4": "not taken"}
