"""Check the Python API: parse, compile, execute, run, and what they raise."""

from __future__ import annotations

import pickle
import subprocess
import sys
import zipfile
from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import anyio
import pytest

import lcc
from lcc.grammar.diagnostics import has_errors
from lcc.grammar.signatures import Signature

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


def test_every_public_name_is_the_one_of_the_list() -> None:
    names = {name: value for name, value in vars(import_module("lcc.public")).items() if not name.startswith("__")}
    assert {name: getattr(lcc, name) for name in names} == names
    assert [*names, "__version__"] == lcc.__all__


def test_asking_for_one_name_imports_nothing_that_it_has_no_need_of() -> None:
    program = (
        "import sys, lcc; lcc.Span; assert 'lcc.public' not in sys.modules and 'lcc.grammar.ir' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd="/")


def test_the_names_are_there_in_a_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "lcc.zip", "w") as archive:
        for name in ("__init__.py", "public.py"):
            archive.write(Path(str(lcc.__file__)).with_name(name), f"lcc/{name}")
    program = "import lcc; assert 'run' in lcc.__all__ and '.zip' in lcc.__file__"
    subprocess.run([sys.executable, "-c", program], check=True, cwd="/", env={"PYTHONPATH": str(tmp_path / "lcc.zip")})


def test_names_are_found_whatever_was_imported_first() -> None:
    program = "import lcc.python_tools.declare, lcc.api, lcc.runtime.run, lcc; assert callable(lcc.tool) and callable(lcc.run)"
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
    with pytest.raises(lcc.CompileError, match="the plan calls `search`, and no tools are given") as caught:
        lcc.run(PLAN)
    assert 'tools=[search]):\n        import lcc\n        @lcc.tool(effect="read")\n' in str(caught.value)


@pytest.mark.parametrize(
    ("given", "said", "help_"),
    [
        (b"a", "holds bytes,", "`.decode()`"),
        ({"a"}, "holds a set,", "`sorted(…)`"),
        (date(2026, 1, 1), "holds a date,", "`.isoformat()`"),
        (Path("a"), "Path,", "`str(…)`"),
        (Decimal("1.5"), "holds a Decimal,", "`str(…)`"),
        (lcc.Policy.SKIP, "holds a Policy,", "`.value`"),
        (float("nan"), "holds nan,", "give None, or text"),
        ([10**5000], "holds an integer of more than 4,200 digits at `[0]`,", "give it as text"),
        ({1: 2}, "holds an int as a key,", "texts"),
        ([1, {"a": ("b", search)}], "holds a function at `[1].a[1]`,", "give text, a number"),
        (lcc.Budget(), "holds a Budget,", "`dataclasses.asdict(…)`"),
    ],
)
@pytest.mark.parametrize("type_", ["", ": str", ": dict", ": list"])
def test_an_input_without_a_json_form_is_refused_with_the_way_out(
    given: object, said: str, help_: str, type_: str
) -> None:
    with pytest.raises(lcc.CompileError) as caught:
        lcc.run(f"input x{type_}\n1. search($x)\n2. join()\n", [search], {"x": given})  # type: ignore[dict-item]
    [found] = caught.value.diagnostics
    assert found.code == "X002"
    assert said in found.message
    assert help_ in (found.help or "")


def test_a_value_that_holds_itself_is_refused() -> None:
    ring: list[object] = []
    ring.append(ring)
    with pytest.raises(lcc.CompileError, match="more than 200 levels, or itself"):
        lcc.run("input x\n1. search($x)\n2. join()\n", [search], {"x": ring})  # type: ignore[dict-item]


@pytest.mark.parametrize(("type_", "given"), [(": list[int]", (1, 2)), ("", ((1,), {"a": (2,)})), (": list", ())])
def test_a_tuple_as_an_input_is_a_list(type_: str, given: tuple[object, ...]) -> None:
    def plain(value: object) -> object:
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        return [plain(item) for item in value] if isinstance(value, tuple) else value

    result = lcc.run(f"input x{type_}\n1. answer($x)\n", inputs={"x": given})  # type: ignore[dict-item]
    assert result.join == [plain(given)]


def test_a_secret_inputs_content_is_not_named_where_it_is_refused() -> None:
    with pytest.raises(lcc.CompileError, match=r"input `x` holds bytes, and inputs"):
        lcc.run("secret input x\n1. search($x)\n2. join()\n", [search], {"x": {"hunter2": b""}})  # type: ignore[dict-item]


COMPILED = lcc.compile("1. answer(1)")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, r"the plan is None, not text; like '1\. search"),
        (Path("a.plan"), r"the plan is a \w+Path, not text; read it"),
        (b"1. answer(1)", "the plan is bytes, not text; decode it"),
        (sys, "the plan is a module, not text"),
        (search, "the plan is a function, not text"),
        (["1. answer(1)"], "the plan is a list, not text"),
        (COMPILED, r"the plan is a Prepared, not text; .*compiled\.arun"),
        (COMPILED.plan, r"the plan is a Plan, not text; .*lcc\.execute"),
    ],
)
def test_what_is_no_text_of_a_plan_is_refused_in_one_sentence(given: object, said: str) -> None:
    for function in (lcc.parse, lcc.compile, lcc.run, lcc.run_in_thread):
        with pytest.raises(TypeError, match=said):
            function(given)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("1. answer(1)", r"the plan is text, not an lcc\.Plan; compile it: lcc\.compile\(text, tools\)\.plan"),
        (COMPILED, r"the plan is a Prepared, not an lcc\.Plan; it holds one: `\.plan`"),
        (lcc.parse("1. answer(1)"), r"the plan is a Parsed, .*`\.plan`"),
        (None, r"the plan is None, not an lcc\.Plan"),
    ],
)
def test_what_is_no_plan_is_refused_in_one_sentence(given: object, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        anyio.run(lambda: lcc.execute(given))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=said):
        lcc.Run(given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"tools": search}, "tools are given as a list of functions, not as a function"),
        ({"tools": None}, "not as None"),
        ({"tools": "search"}, "not as text"),
        ({"inputs": "x=1"}, "inputs is text, not a dict"),
        ({"inputs": [("x", 1)]}, "inputs is a list, not a dict"),
        ({"inputs": None}, "inputs is None, not a dict"),
        ({"inputs": {1: 2}}, "declares no input `1`"),
        ({"options": {"retries": 1}}, r"options is a dict, not lcc\.Options"),
        ({"model": 3}, "model is an int, not a name"),
    ],
)
def test_a_wrong_kind_of_argument_is_said(arguments: dict[str, object], said: str) -> None:
    with pytest.raises((TypeError, ValueError, lcc.CompileError), match=said):
        lcc.run("1. answer(1)", **arguments)  # type: ignore[arg-type]
    with pytest.raises((TypeError, ValueError, lcc.CompileError), match=said):
        anyio.run(lambda: lcc.execute(COMPILED.plan, **arguments))  # type: ignore[arg-type]


DEEP: list[Any] = []
for _ in range(5_000):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"concurrency": "3"}, "concurrency is text, not an int"),
        ({"threads": True}, "threads is a bool, not an int"),
        ({"timeout": "x"}, "timeout is text, not a number"),
        ({"tools": {"f": 3}}, r"tools\['f'\] is an int, not lcc\.CallLimits"),
        ({"hedge": {"f": "x"}}, r"hedge\['f'\] is text"),
        ({"on_failure": "bogus"}, "one of skip, stop"),
        ({"budget": 3}, r"budget is an int, not lcc\.Budget"),
        ({"approve": True}, "approve is a bool, not an async function"),
        ({"on_event": 3}, "on_event is an int"),
        ({"journal": "runs.db"}, "journal is text"),
        ({"max_tasks": DEEP}, "max_tasks is a list, not a number"),
        ({"max_argument_bytes": DEEP}, "max_argument_bytes is a list, not a number"),
        ({"on_failure": DEEP}, r"on_failure is \[\[\[.*one of skip, stop"),
        ({"tools": {("f",): 3}}, "a name in tools is a tuple, not text"),
        ({"hedge": {("f",): 3}}, "a name in hedge is a tuple, not text"),
        ({"retries": -(10**5_000)}, "retries must be a whole number of at least 0"),
        ({"timeout": 10**400}, "timeout must be at most 1,000,000,000 seconds, not 1000"),
        ({"deadline": 10**5_000}, "deadline must be at most 1,000,000,000 seconds"),
        ({"grace": 1e10}, r"grace must be at most 1,000,000,000 seconds, not 10000000000\.0"),
        ({"approval_timeout": 1e300}, "approval_timeout must be at most 1,000,000,000 seconds"),
        ({"block_warning": 1e12}, "block_warning must be at most 1,000,000,000 seconds"),
        ({"hedge": {"f": 1e300}}, r"hedge\['f'\] must be at most 1,000,000,000 seconds"),
    ],
)
def test_options_of_a_wrong_kind_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises((TypeError, ValueError), match=said) as caught:
        lcc.Options(**settings)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: lcc.Budget(calls="1"), "calls is text, not a number"),  # type: ignore[arg-type]
        (lambda: lcc.Backoff(base="1"), "base is text, not a number of seconds"),  # type: ignore[arg-type]
        (lambda: lcc.CallLimits(rate="1"), "rate is text, not a number"),  # type: ignore[arg-type]
        (lambda: lcc.CallLimits(retries=1.5), "retries is a float, not an int"),  # type: ignore[arg-type]
        (lambda: lcc.Limits(tokens="1"), "tokens is text, not a number"),  # type: ignore[arg-type]
        (lambda: lcc.ModelSettings(model=3), "model is an int, not a name"),  # type: ignore[arg-type]
        (lambda: lcc.ModelSettings(model="m", stream="no"), "stream is text, not True or False"),  # type: ignore[arg-type]
    ],
)
def test_settings_of_a_wrong_kind_are_refused(make: Callable[[], object], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: lcc.Backoff(cap=10**400),
        lambda: lcc.Limits(seconds=10**400),
        lambda: lcc.ModelSettings(model="m", timeout=10**400),
    ],
)
def test_more_seconds_than_a_clock_can_wait_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="must be at most 1,000,000,000 seconds"):
        make()


def test_the_tools_of_a_mapping_are_its_values() -> None:
    tools: Any = {"search": search}
    assert lcc.run(PLAN, tools).ok


def test_what_a_callback_raises_holds_what_had_ended() -> None:
    def watch(event: lcc.Event) -> None:
        if isinstance(event, lcc.TaskEnded):
            raise LookupError("mine")

    with pytest.raises(LookupError, match="mine") as caught:
        lcc.run('1. search("a")\n2. search("$1")\n3. join()', [search], options=lcc.Options(on_event=watch))
    result = caught.value.lcc_result  # type: ignore[attr-defined]
    assert {str(id_): str(record.status) for id_, record in result.tasks.items()} == {"1": "ok", "2": "cancelled"}
    assert result.tasks[1].value == "about a"


def test_running_inside_a_loop_names_the_way_out(on: Callable[..., object]) -> None:
    async def main() -> None:
        lcc.run(PLAN, tools=[search])

    with pytest.raises(RuntimeError, match=r"await lcc\.arun\(.*lcc\.run_in_thread\(\)"):
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
