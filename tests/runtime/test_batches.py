"""Make batch calls: each element succeeds or fails alone."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from plain_json import json_only
from running_plans import on_both, plan_of, run_main, tool, tools

from lcc.grammar.signature import Batch, Effect
from lcc.passes.online import Online, complete
from lcc.passes.pipeline import optimize
from lcc.results import to_json
from lcc.runtime.batches import BatchResults, part_of
from lcc.runtime.result import FailureKind, RunResult, RunStatus, TaskStatus
from lcc.runtime.run import Run, execute
from lcc.runtime.tool import ResultError

PLAN = """\
1. look("a")
2. look("bad")
3. look("c")
4. tell("$1 and $3")
5. tell("$2")
6. look(each ["d", "bad"])
7. tell($6[0])
8. join()
"""


def stage(look_all, isolation="auto"):
    async def look(name):
        if name == "bad":
            raise ValueError("no such luck")
        return f"<{name}>"

    async def tell(text):
        return text.upper()

    one = tool(look, "name", effect=Effect.READ)
    one = replace(one, signature=replace(one.signature, batch=Batch("look_all", 10)))
    many = tool(look_all, "items", name="look_all", effect=Effect.READ, isolation=isolation)
    return tools(one, many, tool(tell, "text", effect=Effect.PURE))


async def async_look_all(items):
    return [ValueError("no such luck") if item["name"] == "bad" else f"<{item['name']}>" for item in items]


def look_all(items):
    return tuple(ValueError("no such luck") if item["name"] == "bad" else f"<{item['name']}>" for item in items)


async def run_at(level: int, bound) -> RunResult:
    signatures = {name: one.signature for name, one in bound.items()}
    plan = optimize(plan_of(PLAN), signatures, level=level, verify_each=True).plan
    return await execute(plan, bound, {})


def told(result: RunResult) -> dict[str, object]:
    """Return what is said of the tasks of the source, times left out."""
    return {
        str(id_): (
            record.status,
            record.value,
            None if record.error is None else (record.error.kind, record.error.message),
        )
        for id_, record in result.tasks.items()
        if str(id_)[0] in "1234567"
    }


@on_both
@pytest.mark.parametrize(("form", "where"), [(async_look_all, "loop"), (look_all, "thread")])
def test_an_element_fails_alone_and_everything_is_as_without_batches(backend, form, where):
    async def main():
        batched = await run_at(3, stage(form, where))
        single = await run_at(2, stage(form, where))
        assert (
            batched.join
            == single.join
            == {
                1: "<a>",
                2: None,
                3: "<c>",
                4: "<A> AND <C>",
                5: None,
                6: None,
                7: "<D>",
            }
        )
        assert batched.status is single.status is RunStatus.FAILED
        assert len(batched.tasks) == len(single.tasks) + 1
        after, before = told(batched), told(single)
        assert after.keys() == before.keys()
        for id_, said in before.items():
            assert after[id_] == said, id_
        assert batched.tasks[2].error is not None
        assert batched.tasks[2].error.kind is FailureKind.RAISED
        assert batched.tasks[2].error.message == "no such luck"
        assert batched.tasks[2].error.cause == "ValueError"
        assert batched.tasks[5].status is TaskStatus.SKIPPED

    run_main(main, backend)


@on_both
def test_a_batch_call_that_fails_fails_all_its_elements(backend):
    async def broken(items):
        raise OSError("down")

    async def main():
        result = await run_at(3, stage(broken))
        assert {
            str(id_): record.status for id_, record in result.tasks.items() if record.status is TaskStatus.FAILED
        }.keys() >= {
            "1",
            "2",
            "3",
            "6",
        }
        assert result.join == dict.fromkeys(range(1, 8))

    run_main(main, backend)


@on_both
@pytest.mark.parametrize(("returned", "said"), [([1], "1 results"), ({}, "no list")])
def test_a_batch_form_that_returns_something_else_fails_all(backend, returned, said):
    async def odd(items):
        return returned

    async def main():
        result = await run_at(3, stage(odd))
        assert result.tasks[1].error is not None
        assert result.tasks[1].error.message == f"the batch form returned {said} for 4 calls"

    run_main(main, backend)


@on_both
def test_batches_are_made_of_what_a_stream_left(backend):
    async def main():
        bound = stage(async_look_all)
        signatures = {name: one.signature for name, one in bound.items()}
        plan = plan_of(PLAN)
        online = Online(signatures, level=3)
        async with Run(None, bound) as run:
            for task in plan.tasks:
                online.add(task)
            online.finish(plan.join)
            run.finish(complete(online.plan(), signatures, level=3).plan)
            result = await run.wait()
        assert result.join[4] == "<A> AND <C>"
        assert result.join[5] is None

    run_main(main, backend)


def test_exceptions_cross_as_json_and_nothing_else_is_taken_for_one():
    convert = BatchResults(json_only)
    results = convert([1, ValueError("x"), {"$error": "text"}, None])
    assert results == [1, {"$error": {"cause": "ValueError", "message": "x"}}, {"$error": "text"}, None]
    ends = [part_of(results, k, 4, 2) for k in range(4)]
    assert [status for status, _, _ in ends] == ["ok", "failed", "ok", "ok"]
    assert ends[1][2] is not None
    assert (ends[1][2].message, ends[1][2].cause, ends[1][2].attempts) == ("x", "ValueError", 2)
    assert ends[2][1] == {"$error": "text"}
    assert convert({"a": 1}) == {"a": 1}


class Endless(list):
    """Goes on without end when it is iterated."""

    def __iter__(self):
        return itertools.repeat(1)


class Counting(list):
    """Gives other items than it holds."""

    def __iter__(self):
        return iter([1, 2])


class Disguised:
    """Runs code when it is asked for its class."""

    @property
    def __class__(self):
        raise KeyboardInterrupt


def test_results_that_go_on_without_end_are_refused():
    with pytest.raises(ResultError, match="more items than the 2"):
        BatchResults(to_json)(Endless([1, 2]))
    with pytest.raises(ResultError):
        BatchResults(to_json)([ValueError("no"), Endless([1, 2])])


def test_exceptions_in_a_class_of_lists_fail_alone():
    failed = {"$error": {"cause": "ValueError", "message": "no"}}
    assert BatchResults(to_json)(Endless([1, ValueError("no")])) == [1, failed]
    assert BatchResults(to_json)(Counting([8, 9])) == [1, 2]


def test_a_result_that_lies_about_its_class_fails_the_call_alone():
    with pytest.raises(ResultError):
        BatchResults(to_json)([1, Disguised()])
