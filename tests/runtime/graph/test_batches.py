"""Make batch calls: each element succeeds or fails alone."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import anyio
import pytest
from plain_json import json_only
from running_plans import on_both, plan_of, run_main, run_plan, statuses, tool, tools

from lcc.grammar.ir import Batched, Element
from lcc.grammar.signatures import FLOAT, STR, Batch, Effect
from lcc.grammar.syntax.print_plan import print_plan
from lcc.passes.online import Online, complete
from lcc.passes.pipeline import optimize
from lcc.python_tools.results import to_json
from lcc.runtime.graph.batches import BatchResults, part_of
from lcc.runtime.options import Backoff, Budget, Options
from lcc.runtime.result import FailureKind, RunResult, RunStatus, TaskStatus
from lcc.runtime.run import Run, execute
from lcc.runtime.tool import ArgumentError

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
        assert (batched.merged, batched.usage.calls) == (single.merged, 3)
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


def test_the_second_call_of_what_runs_alone_is_made_alone():
    calls = []

    async def look(name):
        calls.append(name)
        await anyio.sleep(9 if len(calls) == 1 else 3)
        return f"<{name}>"

    async def look_all(items):
        raise ValueError("it runs already")

    async def main():
        bound = batched(tool(look, "name"), tool(look_all, "items"))
        signatures = {name: one.signature for name, one in bound.items()}
        tasks = plan_of('1. look("a")\n2. look("b")\njoin()\n')
        whole = optimize(tasks, signatures, level=3).plan
        async with Run(None, bound, options=Options(hedge={"look": 2.0}, retries=1)) as run:
            for task in tasks.tasks:
                run.add(task)
            await anyio.sleep(1)
            run.finish(whole)
            return await run.wait()

    result = run_main(main, "clock")
    assert result.join == {1: "<a>", 2: "<b>"}
    assert (calls, result.makespan) == (["a", "b", "a", "b"], 5)


def test_exceptions_cross_as_json_and_nothing_else_is_taken_for_one():
    convert = BatchResults(json_only)
    results = convert([1, ValueError("x"), {"$error": "text"}, None])
    assert results == [
        1,
        {"$error": {"kind": "raised", "cause": "ValueError", "message": "x"}},
        {"$error": "text"},
        None,
    ]
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


class Disguised:
    """Runs code when it is asked for its class."""

    @property
    def __class__(self):
        raise KeyboardInterrupt


def test_results_that_go_on_without_end_are_taken_as_they_are_held():
    failed = {"$error": {"kind": "raised", "cause": "ValueError", "message": "no"}}
    assert BatchResults(to_json)(Endless([1, 2])) == [1, 2]
    assert BatchResults(to_json)(Endless([1, ValueError("no")])) == [1, failed]


def test_a_result_that_goes_on_without_end_or_lies_about_its_class_fails_alone():
    first, *others = BatchResults(to_json)([1, Disguised(), Endless([1, 2])])
    assert first == 1
    assert [one["$error"]["kind"] for one in others] == ["result", "result"]


def batched(single, many, most=10):
    """Return two tools: the second is the batch form of the first."""
    signature = replace(single.signature, batch=Batch(many.name, most))
    return tools(replace(single, signature=signature), many)


def run_level(text, bound, level, backend="clock", **options):
    signatures = {name: one.signature for name, one in bound.items()}
    plan = optimize(plan_of(text), signatures, level=level, verify_each=True).plan
    return run_plan(plan, bound, backend=backend, **options)


class Files:
    """Files that take a second to read, at its end, and none to write."""

    def __init__(self) -> None:
        self.files = {"a": "old a", "b": "old b"}
        self.batches: list[list[str]] = []

    def tools(self):
        async def read(path):
            await anyio.sleep(1)
            return self.files[path]

        async def read_all(calls):
            self.batches.append([call["path"] for call in calls])
            await anyio.sleep(1)
            return [self.files.get(call["path"], KeyError(call["path"])) for call in calls]

        async def write(path, text):
            self.files[path] = text

        return batched(
            tool(read, "path", resources=("file:{path}",)), tool(read_all, "calls", resources=("file:",))
        ) | tools(tool(write, "path", "text", effect=Effect.WRITE, resources=("file:{path}",)))


ORDERS = {
    "behind": ('1. read("a")\n2. read("b")\n3. write("a", "new")\n4. join($1, $2)\n', ["old a", "old b"], [["a", "b"]]),
    "in front": ('1. write("b", "new")\n2. read("a")\n3. read("b")\n4. join($2, $3)\n', ["old a", "new"], None),
    "between": ('1. read("b")\n2. write("a", "new")\n3. read("a")\n4. join($1, $3)\n', ["old b", "new"], None),
    "behind, of another file": (
        '1. read("a")\n2. read("b")\n3. write("c", "new")\n4. join($1, $2)\n',
        ["old a", "old b"],
        None,
    ),
    "of a file that is known later": (
        '1. read("a")\n2. read("b")\n3. write("$1"[0], "new")\n4. join($1, $2)\n'.replace('"$1"[0]', '"${1[-1]}"'),
        ["old a", "old b"],
        [["a", "b"]],
    ),
}


@pytest.mark.parametrize("level", range(4))
@pytest.mark.parametrize("where", ORDERS)
def test_a_write_of_one_file_is_ordered_with_a_batch_that_reads_it(where, level):
    text, expected, asked = ORDERS[where]
    files = Files()
    result = run_level(text, files.tools(), level)
    assert result.join == expected
    if level == 3 and asked is not None:
        assert files.batches == asked


def test_a_task_waits_for_none_of_those_that_it_may_be_called_with():
    files = Files()
    text = '1. read("a")\n2. write("b", "$1")\n3. read("b")\n4. write("x", "y")\n5. read("c")\n6. join($3)\n'
    bound = files.tools()
    plan = optimize(plan_of(text), {name: one.signature for name, one in bound.items()}, level=0).plan
    plan = replace(plan, origins=(Batched(3, 1), Batched(5, 1)))
    result = run_plan(plan, bound, backend="clock")
    assert result.join == ["old a"]
    assert files.batches == [["a", "c"], ["b"]]


@on_both
def test_an_element_whose_arguments_cannot_be_had_fails_alone(backend):
    async def look(name):
        return f"<{name}>"

    async def look_all(items):
        return [f"<{item['name']}>" for item in items]

    def convert(arguments):
        if not isinstance(arguments["name"], str):
            raise ArgumentError("`name` must be a text")
        return dict(arguments)

    async def given():
        return {"a": "x", "b": 5, "c": "y"}

    bound = batched(replace(tool(look, "name"), convert=convert), tool(look_all, "items")) | tools(tool(given))
    text = "1. given()\n2. look($1.a)\n3. look($1.nope)\n4. look($1.b)\n5. look($1.c)\n6. join()\n"
    results = {level: run_level(text, bound, level, backend) for level in (2, 3)}
    assert told(results[3]) == told(results[2])
    assert statuses(results[3]) == {"1": "ok", "2": "ok", "3": "failed", "4": "failed", "5": "ok"}
    assert results[3].tasks[3].error.message == "$1.nope: no such key; keys: a, b, c"
    assert results[3].usage.calls == 2


@on_both
def test_arguments_are_converted_as_for_calls_of_their_own(backend):
    seen = []

    async def add(number, text="?"):
        return None

    async def add_all(items):
        seen.extend(items)
        return [[type(item["number"]).__name__, item.get("text")] for item in items]

    async def given(value):
        return value

    bound = batched(tool(add, "number", "text?", types={"number": FLOAT, "text": STR}), tool(add_all, "items"))
    text = "1. given(3)\n2. add($1, $1)\n3. add(4, each [$1, '$1!'])\n4. add(number=$1)\n5. join()\n"
    result = run_level(text, bound | tools(tool(given, "value")), 3, backend)
    assert result.join == {1: 3, 2: ["float", "3"], 3: [["float", "3"], ["float", "3!"]], 4: ["float", None]}


@on_both
def test_elements_that_failed_are_tried_again_and_the_others_are_not(backend):
    asked = []

    async def look(name):
        raise NotImplementedError

    async def look_all(items):
        asked.append([item["name"] for item in items])
        tries = Counter(name for names in asked for name in names)
        late = {"b": 1, "c": 2, "d": 9}
        return [ValueError("not yet") if tries[name] <= late.get(name, 0) else name for name in asked[-1]]

    bound = batched(tool(look, "name", retries=2), tool(look_all, "items"))
    text = '1. look("a")\n2. look("b")\n3. look("c")\n4. look("d")\n5. join()\n'
    result = run_level(text, bound, 3, backend, backoff=Backoff(base=0, cap=0))
    assert result.join == {1: "a", 2: "b", 3: "c", 4: None}
    assert result.tasks[4].error.attempts == 3
    assert asked[0] == ["a", "b", "c", "d"]
    assert sorted(name for names in asked[1:] for name in names) == ["b", "c", "c", "d", "d"]


@pytest.mark.parametrize(("own", "form"), [(1, 0), (0, 1)])
def test_a_batch_call_that_failed_is_made_again(own, form):
    calls = []

    async def look(name):
        raise NotImplementedError

    async def look_all(items):
        calls.append(len(items))
        if len(calls) == 1:
            raise OSError("down")
        return [item["name"] for item in items]

    bound = batched(tool(look, "name", retries=own), tool(look_all, "items", retries=form))
    result = run_level('1. look("a")\n2. look("b")\n3. join()\n', bound, 3, backoff=Backoff(base=1, cap=1))
    assert result.join == {1: "a", 2: "b"}
    assert sum(calls) == 4


def test_a_batch_call_is_hedged_and_the_first_answer_counts():
    calls = []

    async def look(name):
        raise NotImplementedError

    async def look_all(items):
        calls.append(len(items))
        await anyio.sleep(9 if len(calls) == 1 else 1)
        return [item["name"] for item in items]

    bound = batched(tool(look, "name"), tool(look_all, "items"))
    result = run_level('1. look("a")\n2. look("b")\n3. join()\n', bound, 3, hedge={"look_all": 2})
    assert (result.join, calls, result.makespan) == ({1: "a", 2: "b"}, [2, 2], 3)


@pytest.mark.parametrize("limits", [{"concurrency": 1}, {"rate": 1.0}])
def test_batch_calls_keep_to_the_limits_of_the_form(limits):
    calls = []

    async def look(name):
        raise NotImplementedError

    async def look_all(items):
        calls.append((anyio.current_time(), len(items)))
        await anyio.sleep(1)
        return [item["name"] for item in items]

    bound = batched(tool(look, "name"), tool(look_all, "items", **limits), 2)
    result = run_level('1. look(each ["a", "b", "c", "d", "e", "f"])\n2. join($1)\n', bound, 3)
    assert result.join == [["a", "b", "c", "d", "e", "f"]]
    assert [count for _, count in calls] == [2, 2, 2]
    assert [time - calls[0][0] for time, _ in calls] == [0, 1, 2]


def test_a_batch_call_that_takes_too_long_fails_all_and_is_tried_again():
    calls = []

    async def look(name):
        raise NotImplementedError

    async def look_all(items):
        calls.append(len(items))
        await anyio.sleep(5 if len(calls) < 2 else 1)
        return [item["name"] for item in items]

    for retries in (0, 1):
        calls.clear()
        bound = batched(tool(look, "name"), tool(look_all, "items", timeout=2, retries=retries))
        result = run_level('1. look("a")\n2. look("b")\n3. join()\n', bound, 3, backoff=Backoff(base=0, cap=0))
        assert statuses(result) == dict.fromkeys(["1", "2"], "ok" if retries else "failed")
        if not retries:
            assert result.tasks[2].error.message == "no result after 2 s"


def test_a_result_is_no_larger_in_a_batch_than_alone():
    bound = batched(
        replace(tool(None, "name", name="look", max_result_bytes=20), function=async_look_all),
        tool(async_look_all, "items"),
    )
    result = run_level(f'1. look("a")\n2. look("{"b" * 30}")\n3. join()\n', bound, 3)
    assert statuses(result) == {"1": "ok", "2": "failed"}
    assert result.tasks[2].error.kind is FailureKind.TOO_LARGE


def test_a_run_that_is_stopped_stops_its_batch_calls():
    async def look(name):
        raise NotImplementedError

    async def look_all(items):
        await anyio.sleep(100)

    bound = batched(tool(look, "name"), tool(look_all, "items", concurrency=1), 2)
    result = run_level('1. look("a")\n2. look("b")\n3. look("c")\n4. look("d")\n5. join()\n', bound, 3, deadline=5.0)
    assert statuses(result) == dict.fromkeys(["1", "2", "3", "4"], "cancelled")
    assert result.makespan == 5


def test_a_budget_counts_a_batch_call_once_and_holds_for_it():
    bound = batched(tool(None, "name", name="look"), tool(async_look_all, "items"), 2)
    result = run_level(
        '1. look(each ["a", "b", "c", "d"])\n2. join($1[0], $1[1], $1[2], $1[3])\n', bound, 3, budget=Budget(calls=1)
    )
    assert result.join == ["<a>", "<b>", None, None]
    assert result.tasks[Element(1, 2)].error.kind is FailureKind.BUDGET


@on_both
def test_a_batch_form_that_a_plan_calls_is_a_tool_as_any_other(backend):
    """An exception among its results is no result, and no object that a write could be given."""
    written = []

    async def write(what):
        written.append(what)

    bound = stage(async_look_all) | tools(tool(write, "what", effect=Effect.WRITE))
    text = '1. look_all([{"name": "a"}, {"name": "bad"}])\n2. write($1[1])\n3. join()\n'
    for level in (0, 3):
        result = run_level(text, bound, level, backend)
        assert statuses(result) == {"1": "failed", "2": "skipped"}
    assert written == []


@pytest.mark.parametrize("level", [2, 3])
def test_the_printed_plan_means_the_same(level):
    bound = stage(async_look_all)
    signatures = {name: one.signature for name, one in bound.items()}
    plan = optimize(plan_of(PLAN), signatures, level=level).plan
    assert "look_all" not in print_plan(plan)
    assert run_level(print_plan(plan), bound, level).join == run_level(PLAN, bound, 0).join


def test_ids_that_were_merged_into_batched_calls_are_tasks():
    result = run_level(
        '1. look("a")\n2. look("b")\n3. look("a")\n4. look(each ["b"])\n5. join()\n', stage(async_look_all), 3
    )
    assert result.merged == {3: 1, Element(4, 0): 2}
    assert result.tasks.keys() >= {1, 2, 4}


@on_both
def test_a_result_that_is_no_json_fails_alone(backend):
    async def odd(items):
        return [object() if item["name"] == "bad" else item["name"] for item in items]

    result = run_level('1. look("a")\n2. look("bad")\n3. join()\n', stage(odd), 3, backend)
    assert result.join == {1: "a", 2: None}
    assert result.tasks[2].error.kind is FailureKind.RESULT
