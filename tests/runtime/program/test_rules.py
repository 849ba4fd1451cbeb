"""What a strict program means: each rule of order, failures and values by an example."""

from __future__ import annotations

import anyio
import anyio.lowlevel
import pytest
from small_programs import World, body, call, do, handled, let, name, op, run

from lcc.grammar.ir import (
    Apply,
    Builtin,
    Const,
    Exit,
    ForEach,
    Gather,
    Handler,
    If,
    Inline,
    Let,
    ListOf,
    Part,
    Plan,
    Ref,
    Targets,
    Try,
    While,
)
from lcc.runtime.options import Budget, Options
from lcc.runtime.program import machine
from lcc.runtime.result import FailureKind, RunStatus, TaskStatus
from lcc.runtime.run import Run

BACKENDS = ("asyncio", "trio")


def answer(*values: object) -> Exit:
    return Exit("answer", op("display list", *values))


@pytest.mark.parametrize("backend", BACKENDS)
def test_calls_that_do_not_read_each_other_overlap(backend: str) -> None:
    world = World()
    result = run(
        world,
        call(1, "fetch", "a", into="a"),
        call(2, "fetch", "b", into="b"),
        answer(name("a"), name("b")),
        backend=backend,
    )
    assert (result.answer, world.seconds_of(result)) == (["a", "b"], 1)


def test_turns_of_a_loop_overlap_and_their_yields_keep_the_order() -> None:
    world = World()
    turn = body(call(2, "fetch", name("x")), call(3, "fetch", Ref(2)))
    result = run(world, ForEach(1, "x", op("display list", 1, 2, 3), turn, yields=Ref(3)), Exit("answer", Ref(1)))
    assert (result.answer, world.seconds_of(result)) == ([1, 2, 3], 2)
    assert [str(id) for id in result.tasks] == ["2[0]", "3[0]", "2[1]", "3[1]", "2[2]", "3[2]"]


def test_a_write_waits_until_everything_before_it_has_ended_well() -> None:
    world = World(fails={"bad": ValueError("no")})
    result = run(world, call(1, "fetch", "bad"), call(2, "put", "x"), answer(1))
    assert result.status is RunStatus.FAILED
    assert result.failure is not None
    assert (result.failure.cause, result.failure.message) == ("ValueError", "no")
    assert world.began("put") == []


def test_a_read_waits_for_earlier_writes_to_its_resource_alone() -> None:
    world = World()
    result = run(world, call(1, "put", "x"), call(2, "look", "y"), call(3, "fetch", "z"), answer(1))
    assert [begin for begin, what, tool, _ in world.log if what == "begin" and tool in ("put", "fetch")] == [0.0, 0.0]
    assert world.seconds_of(result) == 2


def test_a_read_waits_for_the_whole_family_while_the_key_of_a_write_is_not_known() -> None:
    world = World(seconds={"fetch": 3.0})
    run(world, call(1, "fetch", "k", into="k"), call(2, "pack", name("k")), call(3, "peek", "other"), answer(1))
    assert next(begin for begin, what, tool, _ in world.log if what == "begin" and tool == "peek") == pytest.approx(3.0)


def test_a_read_waits_while_a_write_before_it_may_still_be_made() -> None:
    world = World()
    test = If(op("operator ==", Ref(1), "yes"), body(call(2, "put", "x")))
    run(world, call(1, "fetch", "no"), test, call(3, "look", "y"), answer(1))
    assert [(round(begin), tool) for begin, what, tool, _ in world.log if what == "begin"] == [
        (0, "fetch"),
        (1, "look"),
    ]


def test_an_undeclared_call_is_a_write_of_everything() -> None:
    world = World()
    result = run(world, call(1, "stir", "x"), call(2, "fetch", "y"), call(3, "stir", "z"), answer(1))
    assert world.began() == [("stir", "x"), ("fetch", "y"), ("stir", "z")]
    assert world.seconds_of(result) == 3


def test_two_equal_reads_are_made_once() -> None:
    world = World()
    result = run(world, call(1, "fetch", "a", into="a"), call(2, "fetch", "a", into="b"), answer(name("a"), name("b")))
    assert result.answer == ["a", "a"]
    assert world.began() == [("fetch", "a")]
    assert {str(k): str(v) for k, v in result.merged.items()} == {"2": "1"}


def test_two_equal_reads_are_two_where_a_write_lies_between() -> None:
    world = World()
    run(world, call(1, "look", "a"), call(2, "put", "b"), call(3, "look", "a"), answer(1))
    assert world.began() == [("look", "a"), ("put", "b"), ("look", "a")]


def test_a_poll_asks_again() -> None:
    world = World()
    loop = While(
        1, Const(True), body(call(2, "poll", "job", into="n"), If(op("operator >=", name("n"), 3), (Exit("break"),)))
    )
    result = run(world, loop, answer(name("n")))
    assert result.answer == [3]
    assert [str(id) for id in result.tasks] == ["2[0]", "2[1]", "2[2]"]


def test_a_retry_asks_again() -> None:
    world = World(fails={"bad": TimeoutError("slow")})
    result = run(world, handled(body(call(1, "fetch", "bad")), *call(2, "fetch", "bad")), answer(1))
    assert world.began() == [("fetch", "bad"), ("fetch", "bad")]
    assert result.failure is not None
    assert result.tasks[1].error is not None
    assert result.tasks[1].error.handled


def test_a_gather_lets_writes_of_other_resources_overlap_and_keeps_the_order_on_one() -> None:
    world = World()
    part = Part(body(call(2, "pack", name("k"))), Ref(2), "k", op("display list", "a", "b", "a"))
    result = run(world, Gather(1, (part,)), Exit("answer", Ref(1)))
    assert result.answer == ["a", "b", "a"]
    assert world.seconds_of(result) == 2
    assert [str(id) for id in result.tasks] == ["2[0]", "2[1]", "2[2]"]


def test_the_exception_of_a_gather_is_the_first_in_order() -> None:
    world = World(fails={"late": ValueError("late"), "early": KeyError("early")}, seconds={"look": 5.0})
    parts = (Part(body(call(2, "look", "late")), Ref(2)), Part(body(call(3, "fetch", "early")), Ref(3)))
    result = run(world, Gather(1, parts), answer(1))
    assert result.failure is not None
    assert result.failure.message == "late"


def test_a_gather_that_gives_exceptions_gives_them_in_their_places() -> None:
    world = World(fails={"bad": ValueError("no")})
    part = Part(body(call(2, "fetch", name("k"))), Ref(2), "k", op("display list", "a", "bad", "b"))
    seen = op("builtin str", op("subscript load", Ref(1), 1))
    result = run(world, Gather(1, (part,), exceptions=True), answer(op("subscript load", Ref(1), 2), seen))
    assert (result.status, result.answer) == (RunStatus.OK, ["b", "no"])


def test_a_handler_sees_the_names_as_they_were_at_the_failure() -> None:
    world = World(fails={"bad": ValueError("no")})
    tried = handled(body(let("a", 1), call(1, "fetch", "bad"), let("a", 2), let("b", 3)), let("c", name("a")))
    result = run(world, let("a", 0), tried, answer(name("a"), name("c")))
    assert result.answer == [1, 1]


def test_a_name_that_a_failed_body_would_have_bound_is_not_bound() -> None:
    world = World(fails={"bad": ValueError("no")})
    result = run(world, handled(body(call(1, "fetch", "bad"), let("b", 3)), let("c", 1)), answer(name("b")))
    assert result.failure is not None
    assert (result.failure.cause, result.failure.message) == ("NameError", "name 'b' is not defined")


def test_the_name_of_a_handler_is_not_bound_behind_it() -> None:
    world = World(fails={"bad": ValueError("no")})
    tried = handled(body(call(1, "fetch", "bad")), let("c", op("builtin str", name("e"))), as_="e")
    result = run(world, let("e", 1), tried, do(op("builtin print", name("c"))), answer(name("e")))
    assert result.failure is not None
    assert (result.failure.message, result.printed) == ("name 'e' is not defined", "no\n")


def test_handlers_go_by_class_and_bases() -> None:
    world = World(fails={"bad": KeyError("k")})
    tried = Try(
        body(call(1, "fetch", "bad")),
        (Handler(Builtin("ValueError"), (let("c", "value"),)), Handler(Builtin("LookupError"), (let("c", "lookup"),))),
        (let("c", "fine"),),
    )
    assert run(world, tried, answer(name("c"))).answer == ["lookup"]


def test_an_unhandled_failure_passes_through_a_finally() -> None:
    world = World(fails={"bad": ValueError("no")})
    tried = Try(body(call(1, "fetch", "bad")), final=body(call(2, "put", "closed"), do(op("builtin print", "bye"))))
    result = run(world, tried, answer(1))
    assert (result.printed, world.began("put")) == ("bye\n", [("put", "closed")])
    assert result.failure is not None
    assert result.failure.message == "no"


def test_behind_an_answer_a_finally_makes_no_call() -> None:
    world = World()
    tried = Try(
        (answer(1),),
        final=body(do(op("builtin print", "bye")), call(2, "put", "closed"), do(op("builtin print", "no"))),
    )
    result = run(world, tried)
    assert (result.answer, result.printed, world.began()) == ([1], "bye\n", [])


def test_a_change_in_a_try_waits_for_what_may_fail_before_it() -> None:
    world = World(fails={"bad": ValueError("no")})
    tried = handled(body(call(1, "fetch", "bad"), do(op("method append", name("l"), 1))), let("c", 0))
    assert run(world, let("l", op("display list")), tried, answer(name("l"))).answer == [[]]


def test_what_reads_an_object_sees_the_changes_before_it() -> None:
    world = World()
    append = do(op("method append", name("l"), Ref(1)))
    steps = body(let("l", op("display list")), let("k", name("l")), call(1, "fetch", 1), append)
    assert run(world, *steps, let("n", op("builtin len", name("k"))), answer(name("n"), name("k"))).answer == [1, [1]]


def test_a_list_that_changes_while_it_is_gone_over_is_followed() -> None:
    world = World()
    grow = If(op("operator <", name("x"), 3), (do(op("method append", name("l"), op("operator +", name("x"), 1))),))
    loop = ForEach(1, "x", name("l"), body(grow, call(2, "calc", name("x"))))
    result = run(world, let("l", op("display list", 1)), loop, answer(name("l"), name("x")))
    assert result.answer == [[1, 2, 3], 3]


def test_a_break_keeps_later_turns_from_being_made() -> None:
    world = World()
    turn = body(call(2, "fetch", name("x"), into="y"), If(op("operator ==", name("y"), 2), (Exit("break"),)))
    result = run(
        world, ForEach(1, "x", op("display list", 1, 2, 3), turn, orelse=(let("y", "all"),)), answer(name("y"))
    )
    assert result.answer == [2]
    assert world.began() == [("fetch", 1), ("fetch", 2)]


def test_turns_that_may_be_left_by_continue_overlap() -> None:
    world = World()
    turn = body(
        call(2, "fetch", name("x")), If(op("operator ==", Ref(2), 2), (Exit("continue"),)), call(3, "fetch", Ref(2))
    )
    result = run(world, ForEach(1, "x", op("display list", 1, 2, 3), turn), answer(name("x")))
    assert (result.answer, world.seconds_of(result)) == ([3], 2)


def test_a_helper_returns_to_where_it_is_called() -> None:
    world = World()
    first = If(op("operator >", Ref(2), 0), (Exit("return", Const("positive")),))
    helper = Inline(1, body(call(2, "fetch", 5), first, Exit("return", Const("other"))), "sign", ("s",))
    assert run(world, helper, let("r", Ref(1)), answer(name("r"))).answer == ["positive"]


def test_an_own_name_of_a_helper_that_is_not_bound_is_an_unboundlocalerror() -> None:
    bound = If(op("operator <", 1, 0), (let("s_2", 1),))
    result = run(
        World(), let("s", 5), Inline(1, (bound, Exit("return", name("s_2"))), "sign", ("s_2",)), answer(Ref(1))
    )
    assert result.failure is not None
    assert (result.failure.cause, result.failure.message) == (
        "UnboundLocalError",
        "cannot access local variable 's' where it is not associated with a value",
    )


def test_others_get_a_turn_while_a_program_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "PAUSE", 20)
    world = World()
    turn = body(let("n", op("operator +", name("n"), name("x"))))
    summed = body(let("n", 0), ForEach(1, "x", op("builtin range", 1_000), turn))
    turns: list[int] = []

    async def beside() -> None:
        while True:
            turns.append(1)
            await anyio.lowlevel.checkpoint()

    async def both() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(beside)
            plan = Plan(body=body(summed, call(2, "calc", name("n")), Exit("answer", Ref(2))), fails="strict")
            async with Run(plan, world.tools(), keep_events=False) as running:
                assert (await running.wait()).answer == 499_500
            group.cancel_scope.cancel()

    anyio.run(both)
    assert len(turns) > 100


def test_a_number_where_text_belongs_is_a_typeerror_of_the_program() -> None:
    tried = handled(body(call(1, "peek", 5)), let("c", op("builtin str", name("e"))), classes="TypeError", as_="e")
    assert run(World(), tried, answer(name("c"))).answer == ["`x` takes text, not 5: write str(…) or json.dumps(…)"]


def test_targets_are_unpacked() -> None:
    value = op("display list", 1, op("display list", 2, 3, 4))
    result = run(
        World(), Let(value, (Targets(("a", Targets(("b", "c"), 1))),)), answer(name("a"), name("b"), name("c"))
    )
    assert result.answer == [1, 2, [3, 4]]


def test_what_is_printed_is_handed_back_in_program_order() -> None:
    world = World(seconds={"fetch": 5.0})
    later = do(op("builtin print", Ref(1)))
    result = run(world, call(1, "fetch", "slow"), later, call(2, "calc", "fast"), do(op("builtin print", Ref(2))))
    assert (result.join, result.printed) == (["slow\nfast\n"], "slow\nfast\n")


@pytest.mark.parametrize(
    ("statements", "join"),
    [
        ((Exit("return", Const(5)), Exit("offer", Const(6))), [5]),
        ((Exit("offer", Const(6)),), [6]),
        ((do(op("builtin print", "x")), Exit("offer", Const(6))), ["x\n"]),
        ((let("a", 1),), []),
    ],
)
def test_what_a_program_hands_back(statements: tuple[Let | Exit, ...], join: list[object]) -> None:
    result = run(World(), *statements)
    assert (result.join, result.answered) == (join, False)


def test_a_denied_call_ends_the_program_whatever_it_handles() -> None:
    world = World()
    result = run(world, handled(body(call(1, "burn", "x")), let("c", 1)), answer(1))
    assert result.failure is not None
    assert (result.failure.kind, world.began()) == (FailureKind.DENIED, [])


def test_a_spent_budget_ends_the_program_whatever_it_handles() -> None:
    world = World()
    tries = [handled(body(call(i, "fetch", i)), let("c", 1)) for i in (1, 2, 3)]
    result = run(world, *tries, answer(1), budget=Budget(calls=2))
    assert result.failure is not None
    assert result.failure.kind is FailureKind.BUDGET


def test_a_deadline_ends_the_program_whatever_it_handles() -> None:
    world = World()
    tried = handled(body(call(1, "fetch", "x")), *call(2, "put", "y"))
    result = run(world, tried, call(3, "put", "z"), answer(1), deadline=0.5)
    assert result.failure is not None
    assert (result.failure.kind, world.began()) == (FailureKind.TIMEOUT, [("fetch", "x")])


@pytest.mark.parametrize("test", [Const(True), op("operator ==", 1, 1)])
def test_a_loop_without_an_end_is_ended(test: Apply | Const) -> None:
    result = run(World(), While(1, test, (let("a", 1),)), answer(1))
    assert result.failure is not None
    assert (result.failure.kind, result.failure.cause) == (FailureKind.FUEL, "turns")


def test_a_time_out_is_a_timeouterror() -> None:
    world = World(seconds={"fetch": 9.0})
    result = run(
        world,
        handled(body(call(1, "fetch", "x")), let("c", "late"), classes="TimeoutError"),
        answer(name("c")),
        timeout=1.0,
    )
    assert result.answer == ["late"]


def test_a_failed_call_is_retried_by_the_run_before_the_program_sees_it() -> None:
    world = World(fails={"x": ValueError("no")})
    result = run(world, handled(body(call(1, "fetch", "x")), let("c", "gave up")), answer(name("c")), retries=2)
    assert (result.answer, len(world.began())) == (["gave up"], 3)


def test_reads_that_nobody_needs_any_more_do_not_hold_up_the_end() -> None:
    world = World(fails={"bad": ValueError("no")}, seconds={"look": 1_000.0})
    result = run(world, call(1, "fetch", "bad"), call(2, "look", "x"), answer(1))
    assert world.seconds_of(result) <= 2
    assert result.tasks[2].status is TaskStatus.CANCELLED


def test_a_long_loop_keeps_a_window_of_turns() -> None:
    world = World()
    turn = body(call(2, "calc", name("x")))
    result = run(
        world, ForEach(1, "x", op("builtin range", 6_000), turn, yields=Ref(2)), answer(op("builtin len", Ref(1)))
    )
    assert (result.answer, world.seconds_of(result)) == ([6_000], 6)


def test_a_call_with_each_is_a_loop() -> None:
    world = World()
    from lcc.grammar.ir import Arg, Task

    each = Task(1, "fetch", (Arg(None, ListOf((Const(1), Const(2))), each=True),))
    result = run(world, each, Exit("answer", Ref(1)))
    assert (result.answer, [str(id) for id in result.tasks]) == ([1, 2], ["1[0]", "1[1]"])


def test_options_bound_the_turns() -> None:
    assert Options().turns == 100_000
