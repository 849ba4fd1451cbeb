"""Check the Python API: parse, compile, execute, run, and what they raise."""

from __future__ import annotations

import ast
import pickle
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
import pytest

import lcc
from lcc.grammar.diagnostics import has_errors
from lcc.grammar.signature import Signature

PLAN = """\
input city: str = "Paris"
1. search("tides in $city")
2. search(query="tides in $city")
3. join($1, $2)
"""
BROKEN = '1. serch("a")\n2. search("b"\n3. join($9)\n'


@lcc.tool(effect="read")
def search(query: str, limit: int = 5) -> str:
    """Find a paragraph."""
    return f"about {query}"


@lcc.tool(effect="write", resource="log")
async def log(text: str) -> str:
    WRITTEN.append(text)
    await anyio.sleep(0)
    return text


@lcc.tool(effect="read")
def fail() -> str:
    raise RuntimeError("boom")


@lcc.tool(effect="read")
async def sleep() -> None:
    await anyio.sleep(3600)


WRITTEN: list[str] = []


@pytest.fixture(params=["asyncio", "trio"])
def on(request: pytest.FixtureRequest) -> Callable[..., object]:
    """Run a coroutine function on an event loop."""

    def run(function: Callable[[], Awaitable[object]]) -> object:
        return anyio.run(function, backend=request.param)

    return run


def test_every_name_that_is_promised_is_there() -> None:
    for name in lcc.__all__:
        assert getattr(lcc, name) is not None
    assert set(lcc.__all__) <= set(dir(lcc))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = lcc.nothing  # type: ignore[attr-defined]


def test_type_checkers_and_the_lazy_table_know_the_same_names() -> None:
    tree = ast.parse(Path(str(lcc.__file__)).read_text(encoding="utf-8"))
    [block] = [node for node in tree.body if isinstance(node, ast.If)]
    checked = {
        str(node.module): tuple(alias.name for alias in node.names)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
    }
    assert checked == vars(lcc)["_HOMES"]
    assert {name for names in checked.values() for name in names} | {"__version__"} == set(lcc.__all__)


def test_names_are_found_whatever_was_imported_first() -> None:
    program = "import lcc.declare, lcc.api, lcc.runtime.run, lcc; assert callable(lcc.tool) and callable(lcc.run)"
    subprocess.run([sys.executable, "-c", program], check=True, cwd="/")


def test_parsing_gives_the_plan_and_diagnostics() -> None:
    parsed = lcc.parse(PLAN)
    assert parsed.ok
    assert [task.tool for task in parsed.plan.tasks] == ["search", "search"]
    assert parsed.diagnostics == ()


def test_parsing_never_raises_for_a_text_and_keeps_what_could_be_read() -> None:
    parsed = lcc.parse(BROKEN)
    assert not parsed.ok
    assert [task.id for task in parsed.plan.tasks] == [1]


def test_parsing_with_tools_checks_against_them() -> None:
    assert [d.code for d in lcc.parse(BROKEN, tools=[search]).diagnostics] == ["V004", "P003", "V002"]


def test_compiling_gives_an_optimized_plan_and_what_was_done() -> None:
    compiled = lcc.compile(PLAN, tools=[search])
    assert [task.id for task in compiled.plan.tasks] == [1]
    assert not has_errors(compiled.diagnostics)
    assert [d.message for d in compiled.diagnostics] == ["1 and 2 are one: `search` is read"]
    assert "deduplicate" in [entry.name for entry in compiled.stats]
    assert all(entry.seconds >= 0 for entry in compiled.stats)
    assert [task.id for task in compiled.written.tasks] == [1, 2]


def test_the_level_says_how_much_is_optimized() -> None:
    assert len(lcc.compile(PLAN, tools=[search], level=0).plan.tasks) == 2
    with pytest.raises(ValueError, match="levels are 0 to 3"):
        lcc.compile(PLAN, level=4)


def test_declarations_are_enough_to_compile() -> None:
    with pytest.raises(lcc.CompileError) as caught:
        lcc.compile("1. f(1)\n2. join()\n", tools=[Signature("f")])
    assert [d.code for d in caught.value.diagnostics] == ["V006"]


def test_a_plan_with_errors_does_not_compile() -> None:
    with pytest.raises(lcc.CompileError) as caught:
        lcc.compile(BROKEN, tools=[search])
    assert [d.code for d in caught.value.diagnostics] == ["V004", "P003", "V002"]
    assert str(caught.value).startswith("3 errors\n<string>:1:4: error[V004]: there is no tool `serch`\n")
    assert '  2 | 2. search("b"\n' in str(caught.value)


def test_a_compile_error_can_be_pickled() -> None:
    with pytest.raises(lcc.CompileError) as caught:
        lcc.compile(BROKEN)
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.diagnostics == caught.value.diagnostics
    assert str(again) == str(caught.value)


def test_an_unknown_front_end_is_a_value_error() -> None:
    for function in (lcc.parse, lcc.compile):
        with pytest.raises(ValueError, match="there is no front end `plam`; did you mean `plan`"):
            function(PLAN, front_end="plam")


def test_executing_runs_a_plan(on: Callable[..., object]) -> None:
    plan = lcc.compile(PLAN, tools=[search]).plan

    async def main() -> lcc.RunResult:
        return await lcc.execute(plan, tools=[search], inputs={"city": "Rome"})

    result = on(main)
    assert isinstance(result, lcc.RunResult)
    assert result.join == ["about tides in Rome", "about tides in Rome"]
    assert result.merged == {2: 1}
    assert result.tasks[1].status is lcc.TaskStatus.OK
    assert result.tasks[1].start is not None
    assert 0 <= result.tasks[1].start <= result.tasks[1].end <= result.makespan


def test_a_plan_that_was_only_parsed_keeps_the_order_of_its_writes(on: Callable[..., object]) -> None:
    WRITTEN.clear()
    plan = lcc.parse("".join(f'{n}. log("{n}")\n' for n in range(1, 9)) + "9. join()\n").plan

    async def main() -> lcc.RunResult:
        return await lcc.execute(plan, tools=[log])

    on(main)
    assert [str(n) for n in range(1, 9)] == WRITTEN


def test_executing_a_plan_does_not_optimize_it() -> None:
    result = anyio.run(lambda: lcc.execute(lcc.parse(PLAN).plan, tools=[search]))
    assert set(result.tasks) == {1, 2}


def test_a_failed_task_is_in_the_result_and_does_not_raise() -> None:
    result = lcc.run('1. fail()\n2. search("a")\n3. join()\n', tools=[fail, search])
    assert not result.ok
    assert result.join == {1: None, 2: "about a"}
    assert result.tasks[1].status is lcc.TaskStatus.FAILED
    assert result.tasks[1].error is not None
    assert result.tasks[1].error.message == "boom"


def test_executing_a_plan_that_does_not_fit_its_tools_calls_nothing() -> None:
    WRITTEN.clear()
    plan = lcc.parse('1. log("a")\n2. serch("b")\n3. join()\n').plan
    with pytest.raises(lcc.CompileError) as caught:
        anyio.run(lambda: lcc.execute(plan, tools=[log, search]))
    assert [d.code for d in caught.value.diagnostics] == ["V004"]
    assert WRITTEN == []


@pytest.mark.parametrize(("inputs", "code"), [({}, "X001"), ({"n": "three"}, "X002"), ({"n": 1, "m": 2}, "X003")])
def test_wrong_inputs_are_compile_errors_that_point_at_the_source(inputs: dict[str, object], code: str) -> None:
    text = 'input n: int\n1. search("$n")\n2. join()\n'
    with pytest.raises(lcc.CompileError) as caught:
        lcc.run(text, tools=[search], inputs=inputs)  # type: ignore[arg-type]
    assert [d.code for d in caught.value.diagnostics] == [code]
    assert ("<string>:1:1: " in str(caught.value)) is (code != "X003")
    with pytest.raises(lcc.CompileError) as caught:
        anyio.run(lambda: lcc.execute(lcc.parse(text).plan, [search], inputs))  # type: ignore[arg-type]
    assert str(caught.value).startswith(f"1 error\n<plan>: error[{code}]: ")


def test_without_tools_a_run_says_which_are_missing() -> None:
    with pytest.raises(lcc.CompileError, match="no implementation of the tool `search`"):
        lcc.run(PLAN)


def test_running_inside_a_loop_names_the_way_out(on: Callable[..., object]) -> None:
    async def main() -> None:
        lcc.run(PLAN, tools=[search])

    with pytest.raises(RuntimeError, match=r"await lcc\.execute\(.*lcc\.run_in_thread\(\)"):
        on(main)


def test_a_plan_runs_in_a_thread_inside_a_loop_as_notebooks_need_it(on: Callable[..., object]) -> None:
    async def main() -> lcc.RunResult:
        return lcc.run_in_thread(PLAN, tools=[search], options=lcc.Options(timeout=30.0))

    result = on(main)
    assert isinstance(result, lcc.RunResult)
    assert result.ok
    assert result.join == lcc.run(PLAN, tools=[search]).join
    with pytest.raises(lcc.CompileError):
        lcc.run_in_thread('1. serch("b")\n2. join()\n', tools=[search])


def test_a_run_can_be_followed_by_its_events(on: Callable[..., object]) -> None:
    async def main() -> tuple[list[str], lcc.RunResult]:
        plan = lcc.parse('1. search("a")\n2. fail()\n3. join()\n').plan
        async with lcc.Run(plan, tools=[search, fail]) as run:
            seen = [str(event.id) async for event in run if isinstance(event, lcc.TaskEnded)]
        return seen, run.result

    seen, result = on(main)  # type: ignore[misc]
    assert sorted(seen) == ["1", "2"]
    assert result.join == {1: "about a", 2: None}
    assert result.tasks[2].error.kind is lcc.FailureKind.RAISED


def test_a_cancelled_run_keeps_what_it_had(on: Callable[..., object]) -> None:
    async def main() -> lcc.RunResult:
        async with lcc.Run(lcc.parse('1. search("a")\n2. sleep()\n3. join()\n').plan, tools=[search, sleep]) as run:
            async for event in run:
                if isinstance(event, lcc.TaskStarted) and event.id == 2:
                    run.cancel()
            return await run.wait()

    result = on(main)
    assert isinstance(result, lcc.RunResult)
    assert result.join == {1: "about a", 2: None}
    assert result.tasks[2].status is lcc.TaskStatus.CANCELLED


def test_options_hold_for_a_run_of_the_interface() -> None:
    result = lcc.run("1. sleep()\n2. join()\n", tools=[sleep], options=lcc.Options(timeout=0.01))
    assert result.tasks[1].error is not None
    assert result.tasks[1].error.kind is lcc.FailureKind.TIMEOUT


def test_a_run_that_does_not_fit_raises_before_anything_is_called() -> None:
    with pytest.raises(lcc.CompileError, match="serch"):
        lcc.Run(lcc.parse('1. serch("b")\n2. join()\n').plan, tools=[search])

    async def enter() -> None:
        async with lcc.Run(lcc.parse('input n: int\n1. search("$n")\n2. join()\n').plan, tools=[search]):
            raise AssertionError("not entered")

    with pytest.raises(lcc.CompileError, match="X001"):
        anyio.run(enter)


def test_an_answer_is_given_as_one() -> None:
    result = lcc.run('1. search("a")\n2. answer("It is $1.")\n', tools=[search])
    assert result.answered
    assert result.answer == "It is about a."


def test_a_tool_is_still_the_function_that_it_was() -> None:
    assert search("x") == "about x"
