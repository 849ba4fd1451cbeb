"""Check that limits of a pool hold over runs, loops and threads, and that nothing waits that could go on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from threading import Barrier, Lock, Thread

import anyio
import pytest
from trio.testing import MockClock

import lcc


class Desk:
    """A tool that counts how many of its calls go on at once, and when they start."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.lock = Lock()
        self.now = self.most = self.calls = 0
        self.clock = clock
        self.starts: list[float] = []

    def tool(self, seconds: float = 0.0, **declared: object) -> Callable[..., Awaitable[int]]:
        async def serve(number: int) -> int:
            with self.lock:
                self.now += 1
                self.calls += 1
                self.most = max(self.most, self.now)
                self.starts.append(self.clock())
            await anyio.sleep(seconds)
            with self.lock:
                self.now -= 1
            return number

        return lcc.tool(effect="read", **declared)(serve)  # type: ignore[call-overload,no-any-return]


PLAN = "1. serve(each [1, 2, 3, 4, 5])\n2. join($1)"


async def many(compiled: lcc.Prepared, runs: int, options: lcc.Options) -> list[str]:
    found: list[str] = []

    async def one() -> None:
        found.append((await compiled.arun(options=options)).status)

    async with anyio.create_task_group() as group:
        for _ in range(runs):
            group.start_soon(one)
    return found


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("where", ["declared", "named", "all"])
def test_a_limit_of_a_pool_holds_over_concurrent_runs(backend: str, where: str) -> None:
    desk = Desk()
    compiled = lcc.compile(PLAN, [desk.tool(0.001, **({"concurrency": 3} if where == "declared" else {}))])
    pool = {
        "declared": lcc.Pool(),
        "named": lcc.Pool(tools={"serve": lcc.CallLimits(concurrency=3)}),
        "all": lcc.Pool(concurrency=3),
    }[where]
    found = anyio.run(many, compiled, 20, lcc.Options(pool=pool), backend=backend)
    assert found == ["ok"] * 20
    assert (desk.calls, desk.most) == (100, 3)
    assert pool.usage.calls == 100


def test_without_a_pool_a_declared_limit_is_each_runs_own() -> None:
    desk = Desk()
    compiled = lcc.compile(PLAN, [desk.tool(0.01, concurrency=1)])
    asyncio.run(many(compiled, 8, lcc.Options()))
    assert desk.most > 1


def test_a_limit_of_a_pool_holds_over_loops_in_threads() -> None:
    desk = Desk()
    compiled = lcc.compile(PLAN, [desk.tool(0.001)])
    options = lcc.Options(pool=lcc.Pool(tools={"serve": lcc.CallLimits(concurrency=2)}))
    found: list[str] = []

    def work(backend: str) -> None:
        found.extend(anyio.run(many, compiled, 5, options, backend=backend))

    threads = [Thread(target=work, args=(backend,)) for backend in ("asyncio", "trio", "asyncio", "trio")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert found == ["ok"] * 20
    assert (desk.calls, desk.most) == (100, 2)


def test_sync_tools_of_all_runs_share_the_threads_of_a_pool() -> None:
    lock, state = Lock(), {"now": 0, "most": 0}
    both = Barrier(2)

    @lcc.tool(effect="read")
    def serve(number: int) -> int:
        with lock:
            state["now"] += 1
            state["most"] = max(state["most"], state["now"])
        both.wait(100)  # two must be there at once, and no more than two may
        time.sleep(0.01)  # in which others would come that nothing holds back
        with lock:
            state["now"] -= 1
        both.wait(100)
        return number

    compiled = lcc.compile(PLAN, [serve])
    assert asyncio.run(many(compiled, 6, lcc.Options(pool=lcc.Pool(threads=2)))) == ["ok"] * 6
    assert state["most"] == 2


def test_a_rate_of_a_pool_holds_over_runs() -> None:
    clock = MockClock(autojump_threshold=0)
    desk = Desk(anyio.current_time)
    compiled = lcc.compile(PLAN, [desk.tool()])
    pool = lcc.Pool(tools={"serve": lcc.CallLimits(rate=5)}, clock=anyio.current_time)
    anyio.run(many, compiled, 4, lcc.Options(pool=pool), backend="trio", backend_options={"clock": clock})
    starts = sorted(desk.starts)
    assert len(starts) == 20
    assert all(later - earlier >= 0.999 for earlier, later in zip(starts, starts[5:], strict=False))
    assert starts[-1] - starts[0] == pytest.approx(3, abs=0.01)


def test_a_run_that_is_cancelled_leaves_its_room_to_others() -> None:
    desk = Desk()
    held, quick = lcc.compile("1. hold()\n2. join()", [_hold]), lcc.compile(PLAN, [desk.tool()])
    options = lcc.Options(pool=lcc.Pool(concurrency=1), grace=0.05)

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: held.arun(options=options))
            await anyio.wait_all_tasks_blocked()
            group.start_soon(lambda: quick.arun(options=options))
            await anyio.wait_all_tasks_blocked()
            assert desk.calls == 0
            group.cancel_scope.cancel()
        assert (await quick.arun(options=options)).status == "ok"

    asyncio.run(main())
    assert desk.calls == 5


@lcc.tool(effect="read")
async def _hold() -> None:
    await anyio.sleep_forever()


_hold.__name__ = "hold"


def test_a_budget_of_a_pool_holds_to_the_call() -> None:
    desk = Desk()
    compiled = lcc.compile(PLAN, [desk.tool()])
    pool = lcc.Pool(budget=lcc.Budget(calls=12))

    async def main() -> list[str]:
        results = [await compiled.arun(options=lcc.Options(pool=pool)) for _ in range(4)]
        return [str(record.error.message) for record in results[3].tasks.values() if record.error]

    messages = asyncio.run(main())
    assert (desk.calls, pool.usage.calls) == (12, 12)
    assert "not started: the pool's budget of 12 calls is spent" in messages[1]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"concurrency": 0}, "concurrency must be at least 1, not 0"),
        ({"threads": -1}, "threads must be at least 1, not -1"),
        ({"tools": {"search": lcc.CallLimits(rate=0)}}, "rate of search must be a number above 0, not 0"),
        ({"tools": {"search": lcc.CallLimits(rate=float("nan"))}}, "rate of search must be a number above 0, not nan"),
        ({"tools": {"search": lcc.CallLimits(rate=-1)}}, "rate of search must be a number above 0, not -1"),
        ({"tools": {"search": lcc.CallLimits(rate=float("inf"))}}, "rate of search must be a number above 0, not inf"),
        (
            {"tools": {"search": lcc.CallLimits(concurrency=0)}},
            "concurrency of search must be an integer above 0, not 0",
        ),
        ({"tools": {"search": lcc.CallLimits(concurrency=-1)}}, "concurrency of search must be an integer above 0"),
        ({"tools": {"search": lcc.CallLimits(timeout=2)}}, "timeout of search is no limit of a pool"),
        ({"tools": {3: lcc.CallLimits(rate=1)}}, "a name in tools is an int, not text"),
        ({"tools": ["search"]}, "tools is a list"),
        ({"tools": {"search": 3}}, r"not lcc\.CallLimits"),
        ({"budget": 5}, r"budget is an int, not lcc\.Budget"),
    ],
)
def test_a_wrong_limit_of_a_pool_is_said(given: dict[str, object], said: str) -> None:
    with pytest.raises((TypeError, ValueError), match=said):
        lcc.Pool(**given)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"pool is an int, not lcc\.Pool"):
        lcc.Options(pool=3)  # type: ignore[arg-type]


def test_a_tool_that_a_pool_seems_to_mean_is_named_and_others_are_left_to_other_runs() -> None:
    @lcc.tool(effect="read")
    def search(query: str) -> str:
        return query

    compiled = lcc.compile('1. search("x")\n2. join($1)\n', [search])
    wrong = lcc.Options(pool=lcc.Pool(tools={"serch": lcc.CallLimits(rate=5)}))
    with pytest.raises(lcc.CompileError, match=r"there is no tool `serch` to limit(?s:.*)did you mean `search`\?"):
        compiled.run(options=wrong)
    with pytest.raises(ValueError, match=r"`serch`, which isn't there; the pool limits it: did you mean `search`\?"):
        lcc.Agent([search], "fake", base_url="http://127.0.0.1:9", options=wrong)
    for other in ({"pay": lcc.CallLimits(rate=5)}, {n: lcc.CallLimits(rate=5) for n in ("search", "serch")}):
        assert compiled.run(options=lcc.Options(pool=lcc.Pool(tools=other))).ok


def test_somebody_is_asked_whether_a_spent_budget_may_grow() -> None:
    desk = Desk()
    asked: list[lcc.BudgetRequest] = []

    async def more(request: lcc.BudgetRequest) -> lcc.Budget | None:
        asked.append(request)
        await anyio.sleep(0)
        return lcc.Budget(calls=request.spent.calls + 2) if len(asked) < 3 else None

    options = lcc.Options(budget=lcc.Budget(calls=1), on_budget=more, concurrency=1)
    result = lcc.compile("".join(f"{n}. serve({n})\n" for n in range(1, 8)) + "8. join()", [desk.tool()]).run(
        options=options
    )
    assert [request.spent.calls for request in asked] == [1, 3, 5]
    assert "budget of 1 calls" in asked[0].message
    assert desk.calls == 5
    assert [record.status for record in result.tasks.values()].count("failed") == 2


@pytest.mark.parametrize("answer", [True, "yes", lcc.Budget(calls=1), ValueError("no")])
def test_only_a_larger_budget_is_a_yes(answer: object) -> None:
    async def more(request: lcc.BudgetRequest) -> lcc.Budget | None:
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[return-value]

    desk = Desk()
    options = lcc.Options(budget=lcc.Budget(calls=1), on_budget=more)
    assert lcc.compile(PLAN, [desk.tool()]).run(options=options).status == "failed"
    assert desk.calls == 1
