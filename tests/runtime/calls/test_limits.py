"""Hold calls back, give up on slow ones, and stop runs: on a clock that jumps, so that times are exact."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from random import Random

import anyio
import pytest
from running_plans import BOOM, ECHO, WAIT, on_both, plan_of, run_main, run_plan, starts, statuses, tool, tools
from trio.testing import MockClock

from lcc.grammar.ir import Arg, Const, Element, Join, Plan, Ref, Task
from lcc.grammar.signatures import CallLimits, Effect
from lcc.runtime.calls.workers import Crew, Worker
from lcc.runtime.events import TaskWaiting
from lcc.runtime.inputs import RunError
from lcc.runtime.options import Backoff, Budget, Options, Policy
from lcc.runtime.result import FailureKind, RunStatus
from lcc.runtime.run import Run, execute


def waits(*seconds, priorities=(), after=()):
    """Return a plan of independent calls that take so long."""
    priorities = priorities or [0.0] * len(seconds)
    return Plan(
        tasks=tuple(
            Task(k, "wait", (Arg(None, Const(s)), Arg(None, Const(k))), priority=p)
            for k, (s, p) in enumerate(zip(seconds, priorities, strict=True), 1)
        ),
        join=Join((Ref(1),)),
    )


def peak_of(backend="asyncio", count=20, **limits):
    """Return how many calls of a tool ran at once."""
    running = peak = 0

    async def work(value):
        nonlocal running, peak
        running += 1
        peak = max(peak, running)
        for _ in range(3):
            await anyio.lowlevel.checkpoint()
        running -= 1

    options = limits.pop("options", {})
    text = "".join(f"{k}. work({k})\n" for k in range(1, count + 1)) + "join()\n"
    assert run_plan(text, tools(tool(work, "value", **limits)), backend=backend, **options).ok
    return peak


@on_both
def test_the_global_limit_bounds_calls_at_once(backend):
    assert peak_of(backend, options={"concurrency": 3}) == 3


@on_both
def test_a_tools_limit_bounds_its_calls(backend):
    assert peak_of(backend, concurrency=2) == 2
    assert peak_of(backend, concurrency=2, options={"tools": {"work": CallLimits(concurrency=4)}}) == 4


def test_a_saturated_tool_holds_back_nobody_else():
    limited = tool(WAIT.function, "seconds", name="slow", concurrency=1)
    text = "1. slow(5)\n2. slow(5)\n3. slow(5)\n4. wait(1)\n5. wait(1, $4)\njoin()\n"
    result = run_plan(text, tools(limited, WAIT), backend="clock", concurrency=2)
    assert [result.tasks[k].end for k in (1, 2, 3, 4, 5)] == [5, 10, 15, 1, 2]


@on_both
def test_threads_are_bounded_by_their_own_limit(backend):
    lock, at_once = threading.Lock(), []
    running = 0
    barrier = threading.Barrier(4)

    def work(value):
        nonlocal running
        with lock:
            running += 1
            at_once.append(running)
        barrier.wait(100)  # four must be there at once, and no more than four may
        with lock:
            running -= 1
        barrier.wait(100)

    text = "".join(f"{k}. work({k})\n" for k in range(1, 13)) + "join()\n"
    assert run_plan(text, tools(tool(work, "value")), backend=backend, threads=4).ok
    assert max(at_once) == 4


@on_both
def test_a_call_held_by_its_tool_leaves_its_thread_to_the_next(backend):
    both, reached = threading.Barrier(2), threading.Event()

    def first(value):
        both.wait(100)  # both threads are taken, so that everything else queues up for one

    def narrow(value):
        return reached.wait(100)  # only `last` ends this, in the other thread; a second `narrow` stands before it

    def last(value):
        reached.set()

    given = tools(tool(first, "value"), tool(narrow, "value", concurrency=1), tool(last, "value"))
    text = "1. first(1)\n2. first(2)\n3. narrow(3)\n4. narrow(4)\n5. last(5)\njoin($3)\n"
    assert run_plan(text, given, backend=backend, threads=2).join == [True]


def test_the_highest_priority_goes_first_when_a_limit_holds():
    events = []
    run_plan(
        waits(1, 1, 1, 1, priorities=(1.0, 3.0, 2.0, 3.0)),
        tools(WAIT),
        backend="clock",
        concurrency=1,
        on_event=events.append,
    )
    assert starts(events) == ["2", "4", "3", "1"]


def test_the_highest_priority_goes_first_at_a_tools_limit():
    events = []
    limited = tools(tool(WAIT.function, "seconds", "value?", name="wait", concurrency=1))
    run_plan(waits(1, 1, 1, 1, priorities=(1.0, 3.0, 2.0, 3.0)), limited, backend="clock", on_event=events.append)
    assert starts(events) == ["2", "4", "3", "1"]
    assert [str(e.id) for e in events if isinstance(e, TaskWaiting)] == ["4", "3", "1"]
    assert {e.on for e in events if isinstance(e, TaskWaiting)} == {"tool wait"}


@pytest.mark.parametrize(
    ("rate", "expected"),
    [(2, [0, 0, 1, 1, 2, 2]), (0.5, [0, 2, 4, 6, 8, 10]), (1, [0, 1, 2, 3, 4, 5]), (2.5, [0, 0, 0.8, 0.8, 1.6, 1.6])],
)
def test_a_rate_bounds_the_starts_in_any_second(rate, expected):
    limited = tools(tool(WAIT.function, "seconds", "value?", name="wait", rate=rate))
    result = run_plan(waits(*[9] * 6), limited, backend="clock")
    assert [r.start for r in result.tasks.values()] == pytest.approx(expected)


def test_a_rate_and_a_concurrency_hold_together():
    limited = tools(tool(WAIT.function, "seconds", "value?", name="wait", rate=1, concurrency=1))
    result = run_plan(waits(3, 0, 0, 0), limited, backend="clock")
    assert [r.start for r in result.tasks.values()] == [0, 3, 4, 5]


def test_a_call_is_stopped_at_its_timeout():
    result = run_plan("1. wait(9)\n2. echo($1)\n3. wait(1)\njoin()\n", tools(WAIT, ECHO), backend="clock", timeout=2.0)
    assert statuses(result) == {"1": "failed", "2": "skipped", "3": "ok"}
    assert (result.tasks[1].end, result.tasks[1].error.message) == (2, "no result after 2 s")


def test_a_tools_own_timeout_goes_before_the_general_one():
    own = tools(tool(WAIT.function, "seconds", name="wait", timeout=5.0))
    assert run_plan("1. wait(4)\njoin()\n", own, backend="clock", timeout=2.0).ok
    given = {"tools": {"wait": CallLimits(timeout=3.0)}}
    assert not run_plan("1. wait(4)\njoin()\n", own, backend="clock", timeout=2.0, **given).ok


def test_a_worker_that_was_stopped_does_not_stop_the_next_call():
    text = "1. wait(5)\n2. wait(1, $1)\n3. wait(1)\n4. wait(1, $3)\n5. wait(1, $4)\njoin()\n"
    limited = tool(WAIT.function, "seconds", "value?", name="wait", timeout=2.0)
    result = run_plan(text, tools(limited), backend="clock", concurrency=1)
    assert statuses(result) == {"1": "failed", "2": "skipped", "3": "ok", "4": "ok", "5": "ok"}


def test_a_tool_that_swallows_its_timeout_and_returns_in_time_has_finished():
    async def late(value):
        with anyio.move_on_after(100):
            try:
                await anyio.sleep(50)
            except BaseException:
                with anyio.CancelScope(shield=True):
                    await anyio.sleep(0.2)
                return "late"

    given = tools(tool(late, "value", timeout=1.0), ECHO)
    result = run_plan("1. late(1)\n2. echo($1)\njoin($2)\n", given, backend="clock", grace=0.5)
    assert result.join == ["late"]
    result = run_plan("1. late(1)\n2. echo($1)\njoin($2)\n", given, backend="clock", grace=0.1)
    assert statuses(result) == {"1": "abandoned", "2": "skipped"}


def test_a_tool_that_turns_its_timeout_into_an_error_has_timed_out():
    async def convert(value):
        try:
            await anyio.sleep(50)
        except BaseException:
            raise RuntimeError("connection lost") from None

    result = run_plan("1. convert(1)\njoin()\n", tools(tool(convert, "value", timeout=1.0)), backend="clock")
    assert result.tasks[1].error.kind is FailureKind.TIMEOUT


class TestAbandonedWrites:
    """A write that can't be stopped leaves its resource in doubt."""

    def run(self, effect, *, stubborn=True):
        async def hold(value):
            with anyio.CancelScope(shield=stubborn):
                await release.wait()

        given = tools(tool(hold, "value", effect=effect, timeout=1.0), ECHO)
        plan = Plan(
            tasks=(
                Task(1, "hold", (Arg(None, Const(1)),)),
                Task(2, "echo", after=(1,)),
                Task(3, "echo", after=(2,)),
                Task(4, "echo", (Arg(None, Ref(1)),)),
                Task(5, "echo", after=(4,)),
                Task(6, "echo", (Arg(None, Ref(2)),)),
                Task(7, "echo"),
            ),
            join=Join(()),
        )

        async def main():
            nonlocal release
            release = anyio.Event()
            result = await execute(plan, given)
            release.set()
            return result

        release = None
        return run_main(main, "clock")

    @pytest.mark.parametrize("effect", [Effect.WRITE, Effect.UNDECLARED])
    def test_what_is_ordered_behind_it_fails(self, effect):
        result = self.run(effect)
        assert statuses(result) == {
            "1": "abandoned", "2": "failed", "3": "failed", "4": "skipped", "5": "failed", "6": "skipped", "7": "ok",
        }  # fmt: skip
        assert [result.tasks[k].error.kind for k in (2, 3, 5)] == [FailureKind.DOUBT] * 3
        assert result.tasks[2].error.message.startswith("resource in doubt: 1 may still be writing")

    def test_a_read_leaves_no_doubt(self):
        assert statuses(self.run(Effect.READ))["2"] == "ok"

    def test_a_write_that_was_stopped_leaves_no_doubt(self):
        result = self.run(Effect.WRITE, stubborn=False)
        assert (statuses(result)["1"], statuses(result)["2"]) == ("failed", "ok")


def test_the_deadline_of_a_run_ends_it_with_what_has_finished():
    result = run_plan("1. wait(1)\n2. wait(9)\n3. wait(1, $2)\njoin()\n", tools(WAIT), backend="clock", deadline=3.0)
    assert statuses(result) == {"1": "ok", "2": "cancelled", "3": "cancelled"}
    assert (result.makespan, result.status) == (3, RunStatus.FAILED)
    assert result.failure.message == "the run was stopped at its deadline of 3 s"


class TestATooBusyLoop:
    """Tools that take time without giving the loop back: no timer tells that the run's time is over."""

    def run(self, text, **options):
        clock = MockClock(autojump_threshold=0)

        async def busy(value):
            clock.jump(2)
            return value

        call = partial(execute, plan_of(text), tools(tool(busy, "value")), options=Options(**options))
        return anyio.run(call, backend="trio", backend_options={"clock": clock})

    def test_nothing_starts_once_the_time_of_a_run_is_over(self):
        result = self.run("1. busy(1)\n2. busy($1)\n3. busy($2)\n4. busy($3)\njoin()\n", deadline=3.0)
        assert statuses(result) == {"1": "ok", "2": "ok", "3": "cancelled", "4": "cancelled"}
        assert result.failure.message == "the run was stopped at its deadline of 3 s"

    def test_a_run_that_ended_too_late_says_so_and_keeps_its_results(self):
        result = self.run("1. busy(1)\n2. busy($1)\njoin($2)\n", deadline=3.0)
        assert (result.join, result.status) == ([1], RunStatus.FAILED)
        assert result.failure.kind is FailureKind.TIMEOUT
        assert result.failure.message == "the run ended after its deadline of 3 s"


def test_a_run_ends_although_a_call_ignores_its_deadline():
    async def main():
        release = anyio.Event()

        async def hold(value):
            with anyio.CancelScope(shield=True):
                await release.wait()

        result = await execute(
            plan_of("1. hold(1)\njoin()\n"), tools(tool(hold, "value")), options=Options(deadline=3.0, grace=1.0)
        )
        release.set()
        return result

    result = run_main(main, "clock")
    assert (statuses(result), result.makespan) == ({"1": "abandoned"}, 4)


@pytest.mark.parametrize(
    ("budget", "spent", "expected"),
    [
        (Budget(calls=2), (0, 0.0), "not started: the run's budget of 2 calls is spent"),
        (Budget(tokens=10), (5, 0.0), "not started: the run's budget of 10 tokens is spent"),
        (Budget(usd=0.02), (0, 0.01), "not started: the run's budget of 0.02 USD is spent"),
    ],
)
@on_both
def test_a_budget_stops_further_calls(backend, budget, spent, expected):
    async def cost(value, context):
        context.spend(*spent)
        return value

    text = "1. cost(1)\n2. cost($1)\n3. cost($2)\n4. cost($3)\njoin()\n"
    result = run_plan(text, tools(tool(cost, "value", context="context")), backend=backend, budget=budget)
    assert statuses(result) == {"1": "ok", "2": "ok", "3": "failed", "4": "skipped"}
    assert (result.tasks[3].error.kind, result.tasks[3].error.message) == (FailureKind.BUDGET, expected)
    assert result.usage.calls == 2
    assert (result.usage.tokens, result.usage.usd) == (2 * spent[0], 2 * spent[1])


@on_both
def test_a_result_that_is_too_large_fails_its_task(backend):
    async def big(size):
        return {"a": ["é" * size]}

    given = tools(tool(big, "size", max_result_bytes=100))
    result = run_plan("1. big(10)\n2. big(60)\njoin()\n", given, backend=backend)
    assert statuses(result) == {"1": "ok", "2": "failed"}
    assert result.tasks[2].error.message == "the result takes more than 100 bytes as JSON"


class TestPolicies:
    """What the first failure does to the rest."""

    PLAN = Plan(
        tasks=(
            Task(1, "wait", (Arg(None, Const(9)),)),
            Task(2, "write", (Arg(None, Const(5)),)),
            Task(3, "fail", (Arg(None, Const(1)),)),
            Task(4, "wait", (Arg(None, Const(1)), Arg(None, Ref(2)))),
            Task(5, "echo", after=(1,)),
            Task(6, "wait", (Arg(None, Const(0)),), after=(3,)),
        ),
        join=Join(()),
    )

    def run(self, policy):
        async def fail(seconds):
            await anyio.sleep(seconds)
            raise ValueError("no")

        given = tools(
            tool(WAIT.function, "seconds", name="write", effect=Effect.WRITE), tool(fail, "seconds"), WAIT, ECHO
        )
        return run_plan(self.PLAN, given, backend="clock", on_failure=policy)

    def test_skip_runs_all_that_can_run(self):
        result = self.run(Policy.SKIP)
        assert statuses(result) == {"1": "ok", "2": "ok", "3": "failed", "4": "ok", "5": "ok", "6": "ok"}

    def test_stop_cancels_reads_and_lets_writes_end(self):
        result = self.run(Policy.STOP)
        expected = {"1": "cancelled", "2": "ok", "3": "failed", "4": "cancelled", "5": "cancelled", "6": "cancelled"}
        assert statuses(result) == expected
        assert [result.tasks[k].end for k in (1, 2, 3)] == [1, 5, 1]
        assert result.tasks[4].error.message == "not started: another task failed"

    @pytest.mark.parametrize("text", ["1. echo(5)\n2. echo(each $1)\n3. wait(9)\njoin()\n"])
    def test_a_failure_that_needed_no_call_counts_too(self, text):
        result = run_plan(text, tools(ECHO, WAIT), backend="clock", on_failure=Policy.STOP)
        assert statuses(result) == {"1": "ok", "2": "failed", "3": "cancelled"}

    def test_stop_reaches_fan_outs(self):
        text = "1. echo([1, 2])\n2. wait(each $1)\n3. boom(each $2)\n4. echo(each $3)\n5. wait(each [7])\njoin()\n"
        result = run_plan(text, tools(ECHO, WAIT, BOOM), backend="clock", on_failure=Policy.STOP)
        assert result.makespan == 1
        assert [statuses(result)[k] for k in ("2", "3", "5")] == ["cancelled", "failed", "cancelled"]


@on_both
def test_cancelling_twice_is_the_same_as_once(backend):
    async def main():
        async with Run(plan_of("1. wait(99)\n2. wait(each [1, $1])\njoin()\n"), tools(WAIT)) as run:
            await anyio.lowlevel.checkpoint()
            run.cancel()
            run.cancel()
        run.cancel()
        assert set(statuses(run.result).values()) <= {"cancelled", "ok"}

    run_main(main, backend)


def random_plan(random):
    """Return a plan of tools with every effect, whose calls read one another."""
    lines = []
    for id_ in range(1, random.randint(3, 10)):
        values = ["1", "each [1, 2, 3]"] + ([f"${random.randint(1, id_ - 1)}"] * 2 if id_ > 1 else [])
        name = random.choice(["read", "look", "read", "save", "erase", "echo"])
        lines.append(f"{id_}. {name}({random.choice(values)})\n")
    return "".join(lines) + "join()\n"


def random_limits(random):
    given = {
        "concurrency": random.choice([None, 1, 2]),
        "rate": random.choice([None, None, 5.0, 0.5]),
        "timeout": random.choice([None, None, 0.2]),
        "retries": random.choice([None, None, 2]),
    }
    return {name: value for name, value in given.items() if value is not None}


@pytest.mark.parametrize("seed", range(200))
def test_every_run_ends_whatever_its_limits_hedges_and_answers_are(seed):
    random = Random(seed)

    async def read(value):
        try:
            await anyio.sleep(random.choice([0, 0.01, 0.1, 0.3, 5]))
        finally:
            with anyio.CancelScope(shield=random.random() < 0.2):
                await anyio.sleep(random.choice([0, 0, 0.2, 3]))
        if random.random() < 0.25:
            raise ValueError("no")

    async def change(value):
        await anyio.sleep(random.choice([0, 0.05]))

    async def approve(request):
        await anyio.sleep(random.choice([0, 0.2]))
        return random.random() < 0.7

    given = tools(
        *(tool(read, "value", name=name, **random_limits(random)) for name in ("read", "look")),
        tool(change, "value", name="save", effect=Effect.WRITE, **random_limits(random)),
        tool(change, "value", name="erase", effect=Effect.DESTRUCTIVE, **random_limits(random)),
        ECHO,
    )
    result = run_plan(
        random_plan(random),
        given,
        backend="clock",
        hedge={name: random.choice([0.0, 0.03, 0.25]) for name in ("read", "look") if random.random() < 0.7},
        concurrency=random.choice([1, 2, 1000]),
        grace=random.choice([0, 0.1, 1.0]),
        budget=Budget(calls=random.choice([None, None, 6])),
        approve=approve,
        deadline=10_000.0,
        random=lambda: 1.0,
    )
    assert result.makespan < 1_000


@on_both
@pytest.mark.parametrize(
    "call", ['echo("$1$1$1")', "echo([$1, $1, $1])", 'echo({"a": $1, "b": [$1, $1]})', "echo(each [[$1, $1, $1]])"]
)
def test_arguments_that_would_be_too_large_are_not_built(backend, call):
    text = f'1. echo("{"x" * 400}")\n2. {call}\n3. echo([$1, $1])\njoin($3)\n'
    result = run_plan(text, tools(ECHO), max_argument_bytes=1_000, backend=backend)
    assert [str(result.tasks[id_].status) for id_ in (1, 2, 3)] == ["ok", "failed", "ok"]
    assert "would take more than 1,000 bytes (`max_argument_bytes`)" in result.tasks[2].error.message


@on_both
@pytest.mark.parametrize("isolation", ["loop", "thread"])
def test_a_run_holds_no_more_results_than_it_may(backend, isolation):
    given = tools(replace(ECHO, isolation=isolation))
    text = f'1. echo("{"x" * 400}")\n2. echo(each ["$1$1", "$1$1", "$1$1"])\n3. echo("short")\njoin($3)\n'
    result = run_plan(text, given, max_run_bytes=3_000, concurrency=1, backend=backend)
    assert list(statuses(result).values()) == ["ok", "failed", "ok", "ok", "failed", "ok"]
    failure = result.tasks[Element(2, 2)].error
    assert failure.message == "the run would hold more than 3,000 bytes of results and arguments (`max_run_bytes`)"
    assert failure.kind is FailureKind.TOO_LARGE


@on_both
def test_arguments_of_calls_that_go_on_count_together(backend):
    release = anyio.Event()

    async def take(value):
        await release.wait()

    async def free(value):
        release.set()

    text = f'1. echo("{"x" * 400}")\n' + "".join(f'{k}. take("$1$1")\n' for k in (2, 3, 4)) + "5. free($1)\njoin()\n"
    given = tools(ECHO, tool(take, "value"), tool(free, "value"))
    result = run_plan(text, given, max_run_bytes=2_100, backend=backend)
    assert sorted(statuses(result).values()) == ["failed", "ok", "ok", "ok", "ok"]


def test_what_was_built_for_calls_that_ended_is_not_counted():
    text = f'1. echo("{"x" * 400}")\n' + "".join(f'{k}. size("$1$1")\n' for k in range(2, 50)) + "join()\n"

    async def size(value):
        return len(value)

    assert run_plan(text, tools(ECHO, tool(size, "value")), max_run_bytes=1_500, concurrency=1).ok


def test_what_a_join_reads_counts_together():
    text = f'1. echo("{"x" * 400}")\njoin("$1$1", "$1$1", "$1$1")\n'
    result = run_plan(text, tools(ECHO), max_run_bytes=2_100)
    assert result.join == ["x" * 800, "x" * 800, None]
    assert result.failure.kind is FailureKind.TOO_LARGE


def test_a_join_that_would_be_too_large_is_not_built():
    text = f'1. echo("{"x" * 400}")\njoin($1, "$1$1$1")\n'
    result = run_plan(text, tools(ECHO), max_argument_bytes=1_000)
    assert result.join == ["x" * 400, None]
    assert result.failure.kind is FailureKind.TOO_LARGE
    assert not result.ok


def test_a_list_of_more_elements_than_a_run_may_have_is_not_unrolled():
    async def numbers():
        return list(range(50))

    text = "1. numbers()\n2. echo(each $1)\n3. echo(each [1, 2])\njoin($3)\n"
    result = run_plan(text, tools(ECHO, tool(numbers)), max_tasks=20)
    assert result.tasks[2].status == "failed"
    assert "50 elements are too many: a run may have 20 tasks" in result.tasks[2].error.message
    assert result.tasks[3].value == [1, 2]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: Options(concurrency=0), "concurrency must be a whole number of at least 1, not 0"),
        (lambda: Options(retries=-1), "retries must be a whole number of at least 0, not -1"),
        (lambda: Options(timeout=-1), "timeout must be a number of at least 0"),
        (lambda: Options(deadline=float("nan")), "deadline must be a number of at least 0"),
        (lambda: Options(approval_timeout=-1), "approval_timeout must be a number of at least 0"),
        (lambda: Options(max_result_bytes=-1), "max_result_bytes must be a whole number of at least 0"),
        (lambda: Options(max_run_bytes=-1), "max_run_bytes must be a whole number of at least 0"),
        (lambda: Options(hedge={"find": -0.1}), "hedge of find must be a number of at least 0"),
        (lambda: Options(tools={"find": CallLimits(rate=0)}), "rate of find must be a number above 0"),
        (lambda: Options(tools={"find": CallLimits(concurrency=0)}), "concurrency of find must be an integer above 0"),
        (lambda: Options(tools={"find": CallLimits(retries=-1)}), "retries of find must be an integer"),
        (lambda: Budget(calls=-1), "calls must be a whole number of at least 0"),
        (lambda: Budget(usd=-0.5), "usd must be a number of at least 0"),
        (lambda: Backoff(base=-1), "base must be a number of at least 0"),
    ],
)
def test_a_limit_that_is_no_sensible_number_is_refused(wrong: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        wrong()


@pytest.mark.parametrize("options", [Options(tools={"fnd": CallLimits(retries=1)}), Options(hedge={"fnd": 1.0})])
def test_a_limit_for_a_tool_that_is_not_there_ends_the_run_before_any_call(options: Options) -> None:
    called: list[str] = []

    async def find(query: str) -> str:
        called.append(query)
        return query

    async def main() -> None:
        with pytest.raises(RunError) as caught:
            await execute(plan_of('1. find("x")\njoin()'), tools(tool(find, "query")), options=options)
        (found,) = caught.value.diagnostics
        assert (found.code, found.help) == ("X005", "did you mean `find`?")

    anyio.run(main)
    assert not called


@on_both
def test_a_call_that_ends_as_it_is_given_up_is_not_waited_for(backend):
    async def main():
        crew = Crew(None, 1, None, None, None)
        worker = Worker(crew)
        crew.workers.add(worker)
        crew.workers.discard(worker)  # it has ended
        crew.lose(worker)
        with anyio.fail_after(5):
            await crew.gone()

    run_main(main, "clock" if backend == "trio" else backend)
