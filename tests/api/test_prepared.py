"""Check that a compiled plan runs as often as one likes, on its own, with others, and with what is wrong said."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from pydantic import TypeAdapter

import lcc
from lcc import live_run, prepared

PLAN = """
input cities: list[str] = ["Lisbon", "Kyoto"]
1. length(each $cities)
2. total($1)
3. answer($2)
"""


@lcc.tool(effect="read")
async def length(text: str) -> int:
    """Return the length of a text."""
    return len(text)


@lcc.tool(effect="pure")
async def total(numbers: list[int]) -> int:
    """Return a sum."""
    return sum(numbers)


TOOLS = [length, total]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_compiled_plan_runs_many_times_also_at_once(backend: str) -> None:
    compiled = lcc.compile(PLAN, TOOLS)
    found: list[object] = []

    async def one(city: str) -> None:
        found.append((city, (await compiled.arun({"cities": [city] * 2})).answer))

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for city in ("Rome", "Berlin", "Oslo"):
                group.start_soon(one, city)

    anyio.run(main, backend=backend)
    assert sorted(map(str, found)) == ["('Berlin', 12)", "('Oslo', 8)", "('Rome', 8)"]
    assert compiled.run().answer == 11


def test_a_compiled_plan_is_verified_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = lcc.compile(PLAN, TOOLS)

    def never(*given: object, **named: object) -> None:
        raise AssertionError("verified again")

    monkeypatch.setattr(live_run, "verify", never)
    assert [compiled.run({"cities": ["a" * n]}).answer for n in range(3)] == [0, 1, 2]


def test_arun_takes_text_and_tools_once() -> None:
    assert asyncio.run(lcc.arun(PLAN, TOOLS, {"cities": ["Rome"]})).answer == 4
    assert asyncio.run(lcc.arun("answer(len('abc'))", front_end="python")).answer == 3


def test_the_events_of_a_prepared_run_can_be_followed() -> None:
    compiled = lcc.compile(PLAN, TOOLS)

    async def main() -> list[str]:
        async with compiled.start({"cities": ["Rome"]}) as run:
            return [type(event).__name__ async for event in run]

    names = asyncio.run(main())
    assert names[0] == "RunStarted"
    assert names[-1] == "RunEnded"
    assert names.count("TaskEnded") == 3


def test_limits_of_one_run_are_not_those_of_the_next() -> None:
    compiled = lcc.compile(PLAN, TOOLS)
    few = lcc.Options(budget=lcc.Budget(calls=1))
    assert compiled.run(options=few).status == "failed"
    assert compiled.run().status == "ok"
    assert compiled.run(options=lcc.Options(tools={"length": lcc.CallLimits(concurrency=1)})).status == "ok"
    assert compiled.run(options=few).status == "failed"


def wrong() -> Iterator[tuple[lcc.Prepared, dict[str, object], str]]:
    compiled = lcc.compile(PLAN, TOOLS)
    yield compiled, {"inputs": {"cities": [1, {}], "town": "x"}}, "declares no input `town`"
    yield compiled, {"inputs": ["x"]}, "inputs is a list, not a dict"
    yield compiled, {"options": 3}, r"options is an int, not lcc\.Options"
    yield compiled, {"model": 3}, "model is an int"
    signature = lcc.Signature("length", (lcc.Parameter("text"),))
    yield lcc.compile("1. length('x')\n2. join()", [signature]), {}, "and no tools are given"


@pytest.mark.parametrize(("compiled", "arguments", "said"), list(wrong()))
def test_what_does_not_fit_is_said_before_anything_is_called(
    compiled: lcc.Prepared, arguments: dict[str, object], said: str
) -> None:
    with pytest.raises((TypeError, lcc.CompileError), match=said):
        compiled.run(**arguments)  # type: ignore[arg-type]
    with pytest.raises((TypeError, lcc.CompileError), match=said):
        asyncio.run(compiled.arun(**arguments))  # type: ignore[arg-type]


def test_running_a_compiled_plan_in_a_loop_names_the_way_out() -> None:
    async def main() -> None:
        lcc.compile(PLAN, TOOLS).run()

    with pytest.raises(RuntimeError, match=r"await compiled\.arun"):
        asyncio.run(main())
    assert prepared.Prepared is lcc.Prepared


def test_a_recorded_run_that_was_cancelled_is_gone_on_with(tmp_path: Path) -> None:
    calls: list[int] = []
    held = anyio.Event()

    @lcc.tool(effect="write")
    async def put(number: int) -> int:
        calls.append(number)
        return number

    @lcc.tool(effect="read")
    async def wait(number: int) -> int:
        if not hurry:
            held.set()
            await anyio.sleep_forever()
        return number + 1

    hurry: list[bool] = []
    journal = tmp_path / "runs.db"
    compiled = lcc.compile("1. put(1)\n2. wait($1)\n3. answer($2)", [put, wait])

    async def main() -> lcc.RunResult:
        async with compiled.start(journal=journal) as run:
            await held.wait()
            with pytest.raises(lcc.JournalError, match="is being executed"):
                lcc.resume(journal, [put, wait])
            run.cancel()
        hurry.append(True)
        async with lcc.resume(journal, [put, wait], run=run.id[:8]) as again:
            assert again.id == run.id
        return again.result

    result = asyncio.run(main())
    assert (result.answer, calls) == (2, [1])


def test_what_cannot_be_resumed_is_said(tmp_path: Path) -> None:
    with pytest.raises(lcc.JournalError):
        lcc.resume(tmp_path / "none.db", TOOLS)
    with pytest.raises(TypeError, match="journal is an int, not the path of a file"):
        lcc.resume(3, TOOLS)  # type: ignore[arg-type]
    compiled = lcc.compile(PLAN, TOOLS)
    assert compiled.run(journal=tmp_path / "runs.db").answer == 11
    with pytest.raises(lcc.JournalError, match="needs the tool"):
        lcc.resume(tmp_path / "runs.db", [length])


def test_results_and_events_are_written_as_json() -> None:
    compiled = lcc.compile(PLAN, TOOLS)

    async def main() -> tuple[lcc.RunResult, list[dict[str, object]]]:
        async with compiled.start({"cities": ["Rome"]}) as run:
            events = [lcc.to_dict(event) async for event in run]
        return run.result, events  # type: ignore[return-value]

    result, events = asyncio.run(main())
    assert result.to_dict() == lcc.to_dict(result)
    assert json.loads(json.dumps(events)) == events
    ended = [event for event in events if event["event"] == "TaskEnded"]
    assert [(event["id"], event["value"]) for event in ended] == [("1[0]", 4), ("1", [4]), ("2", 4)]
    assert TypeAdapter(lcc.RunResult).dump_python(result)["answer"] == 4
    assert lcc.to_dict(compiled.plan)
    with pytest.raises(TypeError, match="a dict is nothing of lcc's"):
        lcc.to_dict({})


def test_what_holds_tools_has_no_json_and_says_what_has() -> None:
    @lcc.tool(effect="read")
    def look(key: str) -> str:
        return key

    compiled = lcc.compile('1. look("x")\n2. join($1)\n', [look])
    with pytest.raises(TypeError, match=r"a Prepared has no JSON form: give its plan"):
        lcc.to_dict(compiled)
    assert lcc.to_dict(compiled.plan)["join"] == {"list": [{"ref": 1}], "id": 2}
    with pytest.raises(TypeError, match=r"a PythonTool "):
        lcc.to_dict(compiled.tools["look"])


def test_the_value_of_an_event_holds_no_secret() -> None:
    compiled = lcc.compile("secret input token: str\n1. echo($token)\n2. join($1)", [echo])

    async def main() -> list[object]:
        async with compiled.start({"token": "hunter2-Paris"}) as run:
            return [event.value async for event in run if isinstance(event, lcc.TaskEnded)]

    assert asyncio.run(main()) == ["(secret)"]


@lcc.tool(effect="read")
async def echo(text: str) -> str:
    return text


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_async_callback_is_awaited_for_every_event_in_order(backend: str) -> None:
    told: list[str] = []

    async def tell(event: lcc.Event) -> None:
        await anyio.sleep(0)
        told.append(type(event).__name__)

    async def main() -> None:
        result = await lcc.compile(PLAN, TOOLS).arun({"cities": ["Rome"]}, options=lcc.Options(on_event=tell))
        assert result.answer == 4

    anyio.run(main, backend=backend)
    assert (told[0], told[-1], told.count("TaskEnded")) == ("RunStarted", "RunEnded", 3)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_what_an_async_callback_raises_stops_the_run_and_comes_out_as_it_is(backend: str) -> None:
    stopped: list[bool] = []

    @lcc.tool(effect="read")
    async def wait() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            stopped.append(True)

    async def tell(event: lcc.Event) -> None:
        if isinstance(event, lcc.TaskStarted):
            raise ZeroDivisionError("of the listener")

    async def main() -> None:
        with pytest.raises(ZeroDivisionError, match="of the listener") as raised:
            await lcc.arun("1. wait()\n2. join()", [wait], options=lcc.Options(on_event=tell))
        assert raised.value.lcc_result.tasks[1].status == "cancelled"  # type: ignore[attr-defined]
        async with lcc.compile("1. wait()\n2. join()", [wait]).start(options=lcc.Options(on_event=tell)) as run:
            with pytest.raises(ZeroDivisionError):
                await run.wait()
            raise KeyError("the caller's own")

    with pytest.raises(KeyError):
        anyio.run(main, backend=backend)
    assert stopped == [True, True]


def test_an_async_callback_is_told_of_no_more_than_there_is_where_the_caller_leaves() -> None:
    async def tell(event: lcc.Event) -> None:
        await anyio.sleep_forever()

    async def main() -> None:
        with anyio.move_on_after(0.05):
            await lcc.compile(PLAN, TOOLS).arun(options=lcc.Options(on_event=tell))

    asyncio.run(asyncio.wait_for(main(), 20))


def test_texts_are_linted_formatted_and_estimated_from_python() -> None:
    text = "1.length( 'Rome' )\n2.length('Oslo')\n3. join($1)"
    assert [one.code for one in lcc.lint(text, TOOLS)] == ["L001"]
    assert lcc.lint(text, TOOLS, ignore=["L001"]) == ()
    assert [one.code for one in lcc.lint("1. lenght('a')\n2. join()", TOOLS)] == ["V004"]
    assert lcc.fmt(text).startswith('1. length("Rome")\n')
    assert lcc.estimate(text, TOOLS, level=0).calls == 2
    with pytest.raises(lcc.CompileError):
        lcc.fmt("1. length(")
    with pytest.raises(ValueError, match="L9"):
        lcc.lint(text, TOOLS, select=["L999x"])
    with pytest.raises(ValueError, match="concurrency must be at least 1"):
        lcc.estimate(text, TOOLS, concurrency=0)
    with pytest.raises(TypeError, match="the plan is None, not text"):
        lcc.fmt(None)  # type: ignore[arg-type]


def test_what_holds_code_has_no_dict_and_says_so() -> None:
    with pytest.raises(TypeError, match="a Prepared has no JSON form: give its plan, or what a run of it gave"):
        lcc.to_dict(lcc.compile("1. echo(1)\n2. join()", [echo]))


def test_dicts_of_results_and_events_are_json_whatever_the_numbers() -> None:
    result = lcc.run('answer([float("inf"), float("nan")])', tools=[echo])
    shown = [lcc.to_dict(result), lcc.to_dict(lcc.RunEnded(float("inf"), lcc.RunStatus.OK))]
    assert json.dumps(shown, allow_nan=False)
    assert (shown[0]["answer"], shown[1]["time"]) == (["Infinity", "NaN"], "Infinity")
