"""Run plans: what starts when, what reads what, and what a failure means for the rest."""

from __future__ import annotations

import threading

import anyio
import pytest
from plain_json import json_only
from running_plans import BOOM, ECHO, WAIT, echo, on_both, run_plan, statuses, tool, tools

from lcc.grammar.ir import Arg, Const, Element, Format, Input, InputDecl, Join, Plan, Ref, Task
from lcc.grammar.signatures import FLOAT, INT, STR, Effect, ListType, Parameter, Signature
from lcc.runtime.inputs import RunError
from lcc.runtime.result import FailureKind, RunStatus, TaskStatus
from lcc.runtime.tool import ArgumentError, Tool


@on_both
def test_results_flow_into_later_calls(backend):
    async def add(a, b):
        return a + b

    result = run_plan("1. add(1, 2)\n2. add($1, b=10)\n3. join($2, $1)\n", tools(tool(add, "a", "b")), backend=backend)
    assert result.join == [13, 3]
    assert result.status is RunStatus.OK
    assert [result.tasks[k].value for k in (1, 2)] == [3, 13]


@on_both
def test_join_without_arguments_is_a_dict_by_source_id(backend):
    result = run_plan("7. echo(1)\n3. echo($7)\njoin()\n", tools(ECHO), backend=backend)
    assert result.join == {7: 1, 3: 1}
    assert result.to_json()["join"] == {"7": 1, "3": 1}
    assert list(result.tasks) == [7, 3]


@on_both
def test_answer_gives_a_list_of_one_and_the_answer(backend):
    result = run_plan('1. echo(2)\nanswer("it is $1")\n', tools(ECHO), backend=backend)
    assert (result.join, result.answer, result.answered) == (["it is 2"], "it is 2", True)
    assert result.to_json()["answer"] == "it is 2"


@on_both
def test_an_answer_that_reads_a_failed_task_is_none(backend):
    result = run_plan('1. boom()\nanswer("it is $1")\n', tools(BOOM), backend=backend)
    assert (result.join, result.answered) == ([None], False)
    assert "answer" not in result.to_json()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. wait(1)\n2. wait(2)\n3. wait(1, $1)\n4. wait(1, [$2, $3])\njoin()\n", 3),
        ("1. wait(1)\n2. wait(5)\n3. wait(1, $1)\n4. wait(1, $3)\njoin()\n", 5),  # no level barriers
        ("1. wait(1)\n2. wait(1)\n3. wait(1)\njoin()\n", 1),
        ("1. wait(1)\n2. wait(1, $1)\n3. wait(1, $2)\njoin()\n", 3),
    ],
)
def test_a_task_starts_when_its_last_dependency_ends(text, expected):
    assert run_plan(text, tools(WAIT), backend="clock").makespan == expected


def test_times_are_seconds_from_the_start_of_the_run():
    result = run_plan(
        "1. wait(1)\n2. wait(2, $1)\n3. boom($2)\n4. echo($3)\njoin()\n", tools(WAIT, BOOM, ECHO), backend="clock"
    )
    times = [(r.start, r.end) for r in result.tasks.values()]
    assert times == [(0, 1), (1, 3), (3, 3), (None, 3)]


@on_both
def test_a_failing_tool_skips_only_those_that_read_it(backend):
    text = "1. boom(1)\n2. echo(5)\n3. echo([$1])\n4. echo($3)\n5. echo($2)\njoin()\n"
    result = run_plan(text, tools(BOOM, ECHO), backend=backend)
    assert statuses(result) == {"1": "failed", "2": "ok", "3": "skipped", "4": "skipped", "5": "ok"}
    assert result.join == {1: None, 2: 5, 3: None, 4: None, 5: 5}
    assert result.status is RunStatus.FAILED
    error = result.tasks[1].error
    assert (error.kind, error.message, error.attempts, error.cause) == (FailureKind.RAISED, "boom 1", 1, "ValueError")
    assert result.tasks[4].error.message == "reads $3, which was skipped"
    assert result.to_json()["tasks"]["3"]["error"]["cause"] == "1"


@on_both
def test_order_edges_wait_for_the_end_and_not_for_success(backend):
    plan = Plan(tasks=(Task(1, "boom"), Task(2, "echo", (Arg(None, Const(2)),), after=(1,))), join=Join((Ref(2),)))
    assert run_plan(plan, tools(BOOM, ECHO), backend=backend).join == [2]


def test_a_skipped_task_still_holds_back_what_is_ordered_behind_it():
    # 4 is ordered behind 3 and only thereby behind 2; 3 is skipped early, since it reads 1.
    plan = Plan(
        tasks=(
            Task(1, "boom"),
            Task(2, "wait", (Arg(None, Const(5)),)),
            Task(3, "echo", (Arg(None, Ref(1)),), after=(2,)),
            Task(4, "echo", after=(3,)),
        ),
        join=Join(()),
    )
    result = run_plan(plan, tools(BOOM, WAIT, ECHO), backend="clock")
    assert statuses(result)["3"] == "skipped"
    assert result.tasks[4].start == 5


@on_both
def test_a_chain_of_any_length_is_worked_off_without_recursion(backend):
    count = 5_000
    tasks = (Task(1, "boom"), *(Task(k, "echo", (Arg(None, Ref(k - 1)),)) for k in range(2, count)))
    result = run_plan(Plan(tasks=tasks, join=Join(())), tools(BOOM, ECHO), backend=backend)
    assert statuses(result)[str(count - 1)] == "skipped"
    chain = (Task(1, "echo"), *(Task(k, "echo", (Arg(None, Ref(k - 1)),)) for k in range(2, count)))
    assert run_plan(Plan(tasks=chain, join=Join(())), tools(ECHO), backend=backend).ok


@on_both
def test_a_sync_tool_may_run_a_loop_of_its_own(backend):
    def loops(value):
        return anyio.run(echo, value), anyio.run(echo, value, backend="trio")

    assert run_plan("1. loops(1)\njoin()\n", tools(tool(loops, "value")), backend=backend).join == {1: [1, 1]}


@on_both
def test_sync_tools_run_in_threads_side_by_side(backend):
    barrier = threading.Barrier(20)  # more than the six workers that a default pool has on two cores

    def meet(n):
        barrier.wait(100)
        return threading.current_thread() is threading.main_thread()

    text = "".join(f"{k}. meet({k})\n" for k in range(1, 21)) + "join()\n"
    result = run_plan(text, tools(tool(meet, "n")), backend=backend)
    assert set(result.join.values()) == {False}


@on_both
def test_a_sync_tool_in_the_loop_is_called_there(backend):
    def where(n):
        return threading.current_thread() is threading.main_thread()

    assert run_plan("1. where(1)\njoin($1)\n", tools(tool(where, "n", isolation="loop")), backend=backend).join == [
        True
    ]


@on_both
@pytest.mark.parametrize("isolation", ["auto", "loop"])
def test_a_function_that_returns_an_awaitable_is_awaited(backend, isolation):
    async def later(value):
        return value + 1

    given = tools(tool(lambda value: later(value), "value", name="later", isolation=isolation))
    assert run_plan("1. later(1)\njoin($1)\n", given, backend=backend).join == [2]


@on_both
def test_results_are_inert(backend):
    seen = []

    async def take(text):
        seen.append(text)
        return text

    async def evil(n):
        return '$1 ${1} join() "quote" $city'

    text = 'input city = "Paris"\n1. evil(1)\n2. take("<$1> $city")\n3. take("$2")\njoin($3)\n'
    result = run_plan(text, tools(tool(take, "text"), tool(evil, "n")), backend=backend)
    assert seen == ['<$1 ${1} join() "quote" $city> Paris'] * 2
    assert result.join == seen[:1]


@on_both
def test_in_text_strings_stand_as_they_are_and_everything_else_as_json(backend):
    async def values(n):
        return {"t": True, "n": None, "f": 6440000.0, "s": "é", "l": [1, "x"]}

    text = '1. values(1)\n2. echo("$1.t $1.n $1.f $1.s $1.l $1.l[-1]")\njoin($2)\n'
    result = run_plan(text, tools(tool(values, "n"), ECHO), backend=backend)
    assert result.join == ['true null 6440000.0 é [1, "x"] x']


@on_both
def test_each_reader_gets_its_own_copy_of_a_container(backend):
    async def make(n):
        return {"list": [1]}

    async def spoil(value):
        value["list"].append(2)
        return len(value["list"])

    text = "1. make(1)\n2. spoil($1)\n3. spoil($1)\n4. spoil($1)\njoin($1, $2, $3, $4)\n"
    result = run_plan(text, tools(tool(make, "n"), tool(spoil, "value")), backend=backend)
    assert result.join == [{"list": [1]}, 2, 2, 2]
    result.join[0]["list"].clear()
    assert result.tasks[1].value == {"list": [1]}


@on_both
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('1. echo({"a": [1]})\n2. echo($1.b)\njoin()\n', "$1.b: no such key; keys: a"),
        ('1. echo({"a": [1]})\n2. echo("x $1.a[3]")\njoin()\n', "$1.a[3]: index 3 of a list of 1"),
        ("1. echo(5)\n2. echo([{'k': $1.name}])\njoin()\n", "$1.name: 5 has no key"),
    ],
)
def test_a_path_that_leads_nowhere_fails_its_reader(backend, text, message):
    result = run_plan(text, tools(ECHO), backend=backend)
    error = result.tasks[2].error
    assert (error.kind, error.message) == (FailureKind.PATH, message)


@on_both
def test_a_path_that_join_cannot_follow_is_null_and_fails_the_run(backend):
    result = run_plan("1. echo({'a': 1})\njoin($1.a, $1.b)\n", tools(ECHO), backend=backend)
    assert result.join == [1, None]
    assert (result.status, result.failure.message) == (RunStatus.FAILED, "join reads $1.b: no such key; keys: a")
    assert result.to_json()["error"]["kind"] == "path"


@on_both
def test_arguments_are_converted_to_what_parameters_take(backend):
    seen = []

    async def take(text, number, texts):
        seen.append((text, number, texts))

    given = tools(tool(take, "text", "number", "texts", types={"text": STR, "number": FLOAT, "texts": ListType(STR)}))
    run_plan(
        "1. echo(3)\n2. echo({'a': [1]})\n3. take($1, $1, [$1, $2, 'x'])\n4. take($2, 2, [])\njoin()\n",
        given | tools(ECHO),
        backend=backend,
    )
    assert sorted(seen, key=str) == sorted([("3", 3.0, ["3", '{"a": [1]}', "x"]), ('{"a": [1]}', 2.0, [])], key=str)
    assert {type(number) for _, number, _ in seen} == {float}


@on_both
@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("pair(1, 2, 3)", "`pair` takes 2 arguments by position, not 3"),
        ("pair(1, c=2)", "`pair` has no parameter `c`"),
        ("pair(1)", "`pair` needs `b`"),
        ("pair(1, a=2)", "`pair` is given a parameter twice"),
    ],
)
def test_a_call_that_does_not_fit_its_tool_fails_and_nothing_is_called(backend, call, message):
    calls = []

    async def pair(a, b):
        calls.append(a)

    result = run_plan(f"1. {call}\njoin()\n", tools(tool(pair, "a", "b")), backend=backend)
    assert (result.tasks[1].error.kind, result.tasks[1].error.message) == (FailureKind.ARGUMENTS, message)
    assert not calls


@on_both
def test_positional_only_parameters_are_given_by_position(backend):
    async def power(base, exponent, /, offset=0):
        return base**exponent + offset

    signature = Signature(
        "power",
        (
            Parameter("base", INT, positional_only=True),
            Parameter("exponent", INT, positional_only=True),
            Parameter("offset", INT, required=False),
        ),
        effect=Effect.PURE,
    )
    given = tools(Tool(signature, power, dict, json_only))
    assert run_plan("1. power(2, 5, offset=1)\njoin($1)\n", given, backend=backend).join == [33]


@on_both
def test_conversion_errors_are_failures_of_the_task(backend):
    def refuse(arguments):
        raise ArgumentError("`value` must be a colour")

    given = tools(Tool(ECHO.signature, ECHO.function, refuse, json_only))
    error = run_plan("1. echo(1)\njoin()\n", given, backend=backend).tasks[1].error
    assert (error.kind, error.message) == (FailureKind.ARGUMENTS, "`value` must be a colour")


@on_both
@pytest.mark.parametrize("isolation", ["loop", "thread"])
def test_a_result_that_json_cannot_hold_fails_its_task(backend, isolation):
    def odd(n):
        return {1, 2}

    error = run_plan("1. odd(1)\njoin()\n", tools(tool(odd, "n", isolation=isolation)), backend=backend).tasks[1].error
    assert (error.kind, error.message) == (FailureKind.RESULT, "set is no JSON value")


@on_both
def test_inputs_are_read_with_paths_and_defaults(backend):
    text = 'input place: dict\ninput days: float = 3\n1. echo("$place.city $days")\njoin($1)\n'
    result = run_plan(text, tools(ECHO), {"place": {"city": "Oslo"}}, backend=backend)
    assert result.join == ["Oslo 3.0"]


@on_both
@pytest.mark.parametrize(
    ("inputs", "codes"),
    [
        ({}, ["X001"]),
        ({"n": "three"}, ["X002"]),
        ({"n": 3, "m": 1}, ["X003"]),
        ({"m": 1}, ["X001", "X003"]),
        ({"n": True}, ["X002"]),
    ],
)
def test_wrong_inputs_are_refused_before_anything_runs(backend, inputs, codes):
    calls = []

    async def note(n):
        calls.append(n)

    with pytest.raises(RunError) as caught:
        run_plan("input n: int\n1. note(1)\n2. note($n)\njoin()\n", tools(tool(note, "n")), inputs, backend=backend)
    assert [d.code for d in caught.value.diagnostics] == codes
    assert not calls


@on_both
def test_a_tool_without_code_is_refused_before_anything_runs(backend):
    with pytest.raises(RunError) as caught:
        run_plan("1. ecko(1)\njoin()\n", tools(ECHO), backend=backend)
    (found,) = caught.value.diagnostics
    assert (found.code, found.help) == ("X004", "did you mean `echo`?")
    assert found.span is not None


@on_both
def test_a_secret_input_of_the_wrong_type_is_not_shown(backend):
    plan = Plan(
        inputs=(InputDecl("key", "int", secret=True),),
        tasks=(Task(1, "echo", (Arg(None, Input("key")),)),),
        join=Join(()),
    )
    with pytest.raises(RunError) as caught:
        run_plan(plan, tools(ECHO), {"key": "hunter2"}, backend=backend)
    assert "hunter2" not in str(caught.value)


@on_both
def test_an_empty_plan_ends_at_once(backend):
    result = run_plan(Plan(join=Join((Const(1),))), {}, backend=backend)
    assert (result.join, result.ok, dict(result.tasks)) == ([1], True, {})


@on_both
def test_a_plan_of_references_to_missing_tasks_fails_and_ends(backend):
    plan = Plan(
        tasks=(
            Task(1, "echo", (Arg(None, Ref(9)),)),
            Task(2, "echo", (Arg(None, Format(("x", Ref(Element(8, 0))))),)),
            Task(3, "echo", after=(7,)),
        ),
        join=Join((Ref(1),)),
    )
    result = run_plan(plan, tools(ECHO), backend=backend)
    assert set(statuses(result).values()) == {"failed"}
    assert result.tasks[1].error.message == "$9: there is no such task"


@on_both
def test_task_status_values_are_the_words_of_the_json_form(backend):
    result = run_plan("1. boom()\n2. echo($1)\n3. echo(1)\njoin()\n", tools(BOOM, ECHO), backend=backend)
    shown = result.to_json()
    assert list(shown) == ["status", "join", "tasks", "merged", "makespan"]
    assert [t["status"] for t in shown["tasks"].values()] == ["failed", "skipped", "ok"]
    assert set(shown["tasks"]["3"]) == {"status", "value", "start", "end"}
    assert set(shown["tasks"]["1"]) == {"status", "error", "start", "end"}
    assert {s.value for s in TaskStatus} == {"ok", "failed", "skipped", "cancelled", "abandoned", "not taken"}
