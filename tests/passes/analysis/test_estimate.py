"""Check simulated schedules and what is estimated from them."""

from __future__ import annotations

from itertools import pairwise
from math import inf

import pytest
from hypothesis import given, settings, strategies as st

from lcc.grammar.ir import Element, TaskId
from lcc.grammar.signatures import Tools, tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.syntax.parser import parse_plan
from lcc.passes.analysis.costs import Costs
from lcc.passes.analysis.critical_path import critical_path, durations, elements, predecessors, upward_ranks
from lcc.passes.analysis.estimate import Estimate, Job, Schedule, estimate, list_schedule
from lcc.passes.analysis.profile import Profile
from lcc.passes.online import Online
from lcc.passes.pipeline import optimize

TOOLS: Tools = tools_by_name(
    read_stub(
        """
import lcc
@lcc.tool(effect="read", resource="web", cost=2.0, cost_usd=0.5, tokens=10)
def search(query: str) -> str: ...
@lcc.tool(effect="pure", cost=0.5)
def shorten(text: str) -> str: ...
@lcc.tool(effect="write", cost=1.0)
def save(text: str) -> str: ...
@lcc.tool(effect="pure")
def names(text: str) -> list[str]: ...
@lcc.tool(effect="read", resource="web", cost=1.0, concurrency=2)
def narrow(text: str) -> str: ...
@lcc.tool(effect="read", resource="web", cost=0.1, rate=2)
def slow_rate(text: str) -> str: ...
@lcc.tool(effect="pure")
def measured(text: str) -> str: ...
""",
        "tools.pyi",
    ).signatures
)


def jobs(*given: tuple[int, float, tuple[int, ...], float]) -> list[Job]:
    return [Job(id, seconds, after, priority) for id, seconds, after, priority in given]


def test_a_job_starts_when_the_last_that_it_waits_for_ends() -> None:
    schedule = list_schedule(jobs((1, 1.0, (), 0), (2, 3.0, (), 0), (3, 1.0, (1, 2), 0), (4, 1.0, (1,), 0)))
    assert schedule.starts == {1: 0.0, 2: 0.0, 4: 1.0, 3: 3.0}
    assert schedule.makespan == 4.0
    assert list_schedule([]).makespan == 0.0


def test_with_few_workers_the_highest_priority_goes_first_then_plan_order() -> None:
    schedule = list_schedule(jobs((1, 1.0, (), 1), (2, 1.0, (), 5), (3, 1.0, (), 5), (4, 1.0, (), 2)), workers=1)
    assert sorted(schedule.starts, key=schedule.starts.__getitem__) == [2, 3, 4, 1]


def test_what_a_plan_does_not_hold_holds_nothing_up() -> None:
    assert list_schedule(jobs((5, 1.0, (1,), 0))).makespan == 1.0


def tool_jobs(count: int, tool: str, seconds: float = 1.0) -> list[Job]:
    return [Job(n, seconds, (), 0.0, tool) for n in range(count)]


def test_a_tool_at_its_limit_lets_others_pass() -> None:
    schedule = list_schedule([*tool_jobs(4, "a"), Job(9, 1.0, (), -1.0, "b")], concurrency={"a": 1}, workers=2)
    assert schedule.starts[9] == 0.0
    assert [schedule.starts[n] for n in range(4)] == [0.0, 1.0, 2.0, 3.0]


def test_a_rate_spaces_starts() -> None:
    schedule = list_schedule(tool_jobs(4, "a", 0.25), rates={"a": 2.0})
    assert [schedule.starts[n] for n in range(4)] == [0.0, 0.5, 1.0, 1.5]
    slow = list_schedule(tool_jobs(3, "a", 2.0), rates={"a": 2.0}, concurrency={"a": 1})
    assert [slow.starts[n] for n in range(3)] == [0.0, 2.0, 4.0]


@st.composite
def graphs(draw: st.DrawFn) -> list[Job]:
    count = draw(st.integers(1, 12))
    return [
        Job(
            n,
            draw(st.sampled_from([0.0, 0.5, 1.0, 3.0])),
            tuple(draw(st.lists(st.integers(0, n - 1), max_size=3, unique=True))) if n else (),
            draw(st.sampled_from([0.0, 1.0, 2.0])),
            draw(st.sampled_from(["a", "b"])),
        )
        for n in range(count)
    ]


@settings(max_examples=50, deadline=None)
@given(
    graphs(),
    st.sampled_from([1, 2, inf]),
    st.sampled_from([{}, {"a": 1.0}, {"a": 2.0, "b": 1.0}]),
    st.sampled_from([{}, {"b": 2.0}]),
)
def test_a_schedule_keeps_every_limit(
    graph: list[Job], workers: float, concurrency: dict[str, float], rates: dict[str, float]
) -> None:
    schedule = list_schedule(graph, workers=workers, concurrency=concurrency, rates=rates)
    assert set(schedule.ends) == {job.id for job in graph}
    by_id = {job.id: job for job in graph}
    for job in graph:
        assert schedule.ends[job.id] == schedule.starts[job.id] + job.seconds
        assert all(schedule.ends[id] <= schedule.starts[job.id] for id in job.after)
    for moment in schedule.starts.values():
        running = [id for id in by_id if schedule.starts[id] <= moment < schedule.ends[id]]
        assert len(running) <= workers
        for tool, limit in concurrency.items():
            assert sum(by_id[id].tool == tool for id in running) <= limit
    for tool, rate in rates.items():
        starts = sorted(schedule.starts[job.id] for job in graph if job.tool == tool)
        assert all(b - a >= 1 / rate for a, b in pairwise(starts))


@settings(max_examples=50, deadline=None)
@given(graphs())
def test_without_limits_a_schedule_takes_as_long_as_its_longest_path(graph: list[Job]) -> None:
    ends: dict[TaskId, float] = {}
    for job in graph:
        ends[job.id] = job.seconds + max((ends[id] for id in job.after), default=0.0)
    assert list_schedule(graph).ends == ends


def estimated(text: str, costs: Costs | None = None, level: int = 2, **limits: float) -> Estimate:
    plan = optimize(parse_plan(text).plan, TOOLS, level=level, costs=costs).plan
    return estimate(plan, TOOLS, costs, **limits)  # type: ignore[arg-type]


def test_time_calls_tokens_and_money_are_added_up() -> None:
    result = estimated('1. search("a")\n2. search("b")\n3. shorten("$1 $2")\n4. join()')
    assert result.makespan == result.critical_seconds == 2.5
    assert (result.calls, result.tokens, result.usd, result.work) == (3, 20, 1.0, 4.5)
    assert result.critical_path == (1, 3)
    assert [(t.tool, t.calls, t.seconds) for t in result.tools] == [("search", 2, 4.0), ("shorten", 1, 0.5)]
    assert result.spread is None
    assert result.assumptions == ()


def test_workers_and_the_limits_of_tools_hold_calls_up() -> None:
    text = '1. search("a")\n2. search("b")\n3. search("c")\n4. join()'
    assert estimated(text).makespan == 2.0
    assert estimated(text, workers=1).makespan == 6.0
    assert estimated('1. narrow("a")\n2. narrow("b")\n3. narrow("c")\n4. join()').makespan == 2.0
    rated = estimated('1. slow_rate("a")\n2. slow_rate("b")\n3. slow_rate("c")\n4. join()')
    assert rated.makespan == pytest.approx(1.1)
    assert rated.critical_seconds == pytest.approx(0.1)


@pytest.mark.parametrize("level", [0, 2])
def test_a_fan_out_counts_the_same_expanded_or_not(level: int) -> None:
    text = (
        '1. search(each ["a", "b", "c"])\n2. shorten(each $1)\n3. save(each ["x", "y"])\n4. shorten("$2[0]")\n5. join()'
    )
    result = estimated(text, level=level)
    assert result.calls == 9
    assert result.makespan == 3.0
    assert result.work == 3 * 2.0 + 3 * 0.5 + 2 * 1.0 + 0.5
    assert result.critical_path == (Element(1, 0), Element(2, 0), 4)


def test_a_list_that_is_not_known_yet_is_assumed() -> None:
    text = '1. names("a")\n2. search(each $1)\n3. shorten(each $2)\n4. join()'
    result = estimated(text, fan_out=3)
    assert result.calls == 7
    assert result.makespan == 3.5
    assert result.assumptions == (
        "the list of 2 is known only at run time; taken to have 3 elements",
        "1 s for each call of `names`, whose cost is neither declared nor measured",
    )
    assert estimated("input l: list[str]\n1. search(each $l)\n2. join()").calls == 4


@pytest.mark.parametrize("level", [0, 2])
def test_who_reads_one_element_waits_for_that_one_only(level: int) -> None:
    assert (
        estimated('1. save(each ["a", "b"])\n2. shorten($1[0])\n3. shorten($2)\n4. join()', level=level).makespan == 2.0
    )
    assert (
        estimated('1. save(each ["a", "b"])\n2. shorten($1[1])\n3. shorten($2)\n4. join()', level=level).makespan == 3.0
    )
    assert (
        estimated('1. save(each ["a", "b"])\n2. shorten("$1")\n3. shorten($2)\n4. join()', level=level).makespan == 3.0
    )


def test_order_edges_count() -> None:
    assert estimated('1. save("a")\n2. save("b")\n3. join()').makespan == 2.0


def test_the_range_holds_eight_of_ten_runs() -> None:
    profile = Profile()
    for n in range(1, 1001):
        profile.record("measured", n / 1000)
    result = estimated('1. measured("a")\n2. join()', Costs(profile))
    assert result.spread == pytest.approx((0.1, 0.9), abs=0.07)


def test_a_list_that_an_input_gives_is_assumed_too() -> None:
    result = estimated("input a: list[str]\n1. shorten(each $a)\n2. join()", fan_out=3)
    assert result.calls == 3
    assert result.assumptions == ("the list of 1 is known only at run time; taken to have 3 elements",)


def test_measured_durations_give_a_range() -> None:
    profile = Profile()
    for n in range(100):
        profile.record("measured", 1.0 + n / 100)
    result = estimated('1. measured("a")\n2. measured($1)\n3. join()', Costs(profile))
    assert result.makespan == pytest.approx(3.0, rel=0.02)
    assert result.spread is not None
    low, high = result.spread
    assert 2.0 < low < result.makespan < high < 4.0
    assert result == estimated('1. measured("a")\n2. measured($1)\n3. join()', Costs(profile))
    alone = Profile()
    alone.record("measured", 1.0)
    twice = Profile()
    twice.merge(alone)
    twice.merge(alone)
    assert estimated('1. measured("a")\n2. join()', Costs(twice)).spread == pytest.approx((1.0, 1.0), rel=0.02)
    assert estimated('1. measured("a")\n2. join()', Costs(alone)).spread is None
    assert estimated('1. shorten("a")\n2. join()', Costs(profile)).spread is None
    declared = Profile()
    for seconds in (1.0, 9.0):
        declared.record("shorten", seconds)
    assert estimated('1. shorten("a")\n2. join()', Costs(declared)).spread is None


def test_an_empty_plan_takes_no_time() -> None:
    result = estimated("1. join()")
    assert (result.makespan, result.calls, result.critical_path) == (0.0, 0, ())


def test_a_list_read_in_a_text_of_a_streamed_plan_waits_for_its_elements() -> None:
    online = Online(TOOLS)
    parsed = parse_plan('1. search(each ["a", "b"])\n2. shorten("all: $1")\n3. join()').plan
    for task in parsed.tasks:
        online.add(task)
    online.finish(parsed.join)
    plan = online.plan()
    assert estimate(plan, TOOLS).makespan == 2.5
    assert predecessors(plan)[2] == (Element(1, 0), Element(1, 1))


def test_the_longest_path_decides_ranks_and_is_shown() -> None:
    plan = optimize(
        parse_plan(
            '1. shorten("a")\n2. search("b")\n3. shorten($1)\n4. shorten("$3 $2")\n5. save(each ["a", "b"])\n6. join()'
        ).plan,
        TOOLS,
        level=0,
    ).plan
    seconds = durations(plan, TOOLS, Costs())
    assert seconds == {1: 0.5, 2: 2.0, 3: 0.5, 4: 0.5, 5: 2.0}
    ranks = upward_ranks(plan, seconds)
    assert ranks == {1: 1.5, 2: 2.5, 3: 1.0, 4: 0.5, 5: 2.0}
    assert critical_path(plan, seconds) == (2, 4)
    assert [elements(task) for task in plan.tasks] == [1, 1, 1, 1, 2]
    assert max(ranks.values()) == sum(seconds[id] for id in critical_path(plan, seconds))


def test_schedules_are_values() -> None:
    assert Schedule({1: 0.0}, {1: 2.0}) == Schedule({1: 0.0}, {1: 2.0})


def test_calls_that_can_be_made_together_are_one_call_of_the_batch_form() -> None:
    tools = tools_by_name(
        read_stub(
            'import lcc\n@lcc.tool(effect="pure", cost=1.0, batch="embed_all", max_batch=5)\n'
            "def embed(text: str) -> str: ...\n"
            '@lcc.tool(effect="pure", cost=3.0, cost_usd=0.1)\ndef embed_all(calls: list) -> list: ...\n',
            "tools.pyi",
        ).signatures
    )
    plan = parse_plan('1. embed("a")\n2. embed("b")\n3. embed("$2 c")\n4. join()').plan
    found = estimate(optimize(plan, tools, level=3).plan, tools)
    assert [(one.tool, one.calls, one.usd) for one in found.tools] == [("embed", 1, 0.0), ("embed_all", 1, 0.1)]
    assert found.makespan == 4.0
