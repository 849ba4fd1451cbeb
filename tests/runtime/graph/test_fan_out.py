"""Run fan-outs: elements are tasks of their own, and it doesn't show where the list was expanded."""

from __future__ import annotations

import pytest
from running_plans import BOOM, ECHO, WAIT, on_both, plan_of, run_plan, starts, statuses, tool, tools

from lcc.grammar.ir import Arg, Const, Element, Expanded, Input, InputDecl, Join, ListOf, Plan, Ref, Task
from lcc.grammar.signatures import STR, Effect
from lcc.runtime.result import FailureKind


async def numbers(count):
    return list(range(count))


async def double(value):
    return value * 2


async def odd_fails(value):
    if value % 2:
        raise ValueError(f"{value} is odd")
    return value


NUMBERS, DOUBLE, ODD_FAILS = tool(numbers, "count"), tool(double, "value"), tool(odd_fails, "value")
ALL = tools(NUMBERS, DOUBLE, ODD_FAILS, ECHO, BOOM, WAIT)


@on_both
def test_a_fan_out_over_a_result_gives_the_list_of_results_in_order(backend):
    result = run_plan("1. numbers(3)\n2. double(each $1)\n3. echo($2)\njoin($3)\n", ALL, backend=backend)
    assert result.join == [[0, 2, 4]]
    assert statuses(result) == dict.fromkeys(["1", "2", "2[0]", "2[1]", "2[2]", "3"], "ok")
    assert result.tasks[Element(2, 1)].value == 2


@on_both
@pytest.mark.parametrize("text", ["1. double(each [3, 4])\njoin()\n", "1. double(each [3, 4])\n2. echo($1)\njoin()\n"])
def test_a_literal_list_reports_the_same_whether_it_was_expanded_before_or_not(backend, text):
    plan = plan_of(text)
    expanded = Plan(
        tasks=(
            Task(Element(1, 0), "double", (Arg(None, Const(3)),)),
            Task(Element(1, 1), "double", (Arg(None, Const(4)),)),
            *(
                Task(t.id, t.tool, (Arg(None, ListOf((Ref(Element(1, 0)), Ref(Element(1, 1))))),))
                for t in plan.tasks[1:]
            ),
        ),
        join=Join((ListOf((Ref(Element(1, 0)), Ref(Element(1, 1)))), *plan.join.values[1:]), labels=plan.join.labels),
        origins=(Expanded(1, 2),),
    )
    one, other = run_plan(plan, ALL, backend=backend), run_plan(expanded, ALL, backend=backend)
    assert one.join == other.join
    assert [(id_, r.status, r.value) for id_, r in one.tasks.items()] == [
        (id_, r.status, r.value) for id_, r in other.tasks.items()
    ]
    assert one.merged == other.merged == {}


@on_both
def test_an_empty_list_gives_an_empty_list(backend):
    text = "1. numbers(0)\n2. double(each $1)\n3. echo($2)\n4. double(each $2)\n5. double(each [])\njoin($3, $4, $5)\n"
    result = run_plan(text, ALL, backend=backend)
    assert result.join == [[], [], []]
    assert result.ok


@on_both
@pytest.mark.parametrize(
    ("value", "kind"), [("5", "a number"), ("'ab'", "text"), ("null", "null"), ("{'a': 1}", "an object")]
)
def test_each_over_something_that_is_no_list_is_a_failure(backend, value, kind):
    result = run_plan(
        f"1. echo({value})\n2. double(each $1)\n3. echo($2[0])\n4. echo($2)\njoin()\n", ALL, backend=backend
    )
    assert statuses(result) == {"1": "ok", "2": "failed", "3": "skipped", "4": "skipped"}
    error = result.tasks[2].error
    assert (error.kind, error.message) == (FailureKind.ARGUMENTS, f"`each` needs a list and got {kind}")


@on_both
def test_a_reader_of_one_element_depends_on_that_element_only(backend):
    text = (
        "1. numbers(4)\n2. odd_fails(each $1)\n3. echo($2[2])\n4. echo($2[-4])\n5. echo($2[1])\n6. echo($2)\njoin()\n"
    )
    result = run_plan(text, ALL, backend=backend)
    assert {k: result.join[k] for k in (3, 4, 5, 6)} == {3: 2, 4: 0, 5: None, 6: None}
    assert [result.tasks[k].status for k in (2, 3, 4, 5, 6)] == ["failed", "ok", "ok", "skipped", "skipped"]
    assert result.tasks[2].error.message == "2[1]: ValueError: 1 is odd (2 of 4 elements)"
    assert result.tasks[5].error.message == "reads $2[1], which failed"


@on_both
@pytest.mark.parametrize("path", ["[0]", "[-1]"])
def test_an_item_of_a_plain_result_is_a_list_to_run_over(backend, path):
    text = f"1. echo([[1, 2]])\n2. double(each $1{path})\n3. echo($2[1])\n4. double(each $1{path}[0])\njoin()\n"
    result = run_plan(text, ALL, backend=backend)
    assert {k: result.join[k] for k in (2, 3)} == {2: [2, 4], 3: 4}
    assert result.tasks[4].error.message == "`each` needs a list and got a number"


@on_both
def test_a_fan_out_over_an_item_of_a_failed_result_is_skipped(backend):
    result = run_plan("1. boom()\n2. double(each $1[0])\n3. echo($1[0])\njoin()\n", ALL, backend=backend)
    assert statuses(result) == {"1": "failed", "2": "skipped", "3": "skipped"}


@on_both
def test_a_fan_out_over_one_element_of_a_fan_out_waits_for_that_element_only(backend):
    text = "1. numbers(2)\n2. odd_fails(each $1)\n3. echo(each [[5], [6]])\n4. double(each $3[-1])\n5. double(each $2[1])\njoin()\n"
    result = run_plan(text, ALL, backend=backend)
    assert result.join[4] == [12]
    assert result.tasks[5].status == "skipped"


READS_BOTH = [
    "$2[0], $2",
    "$2, $2[0]",
    "$2[0], [$2[1], $2]",
    "'$2[0]', '$2'",
    "'$2[0] and $2'",
    "$2[-2], {'a': $2}",
    "x=$2[0], y=$2",
]


@pytest.mark.parametrize("arguments", READS_BOTH)
def test_a_reader_of_an_element_and_of_the_whole_waits_for_the_whole(arguments):
    async def pair(x, y=None):
        return [x, y]

    given = ALL | tools(tool(pair, "x", "y?"))
    result = run_plan(f"1. echo([0, 5])\n2. wait(each $1)\n3. pair({arguments})\njoin()\n", given, backend="clock")
    assert statuses(result)["3"] == "ok", result.tasks[3].error
    assert result.tasks[3].start == 5


@on_both
def test_a_reader_of_an_element_and_of_the_whole_is_skipped_if_another_element_failed(backend):
    text = "1. numbers(2)\n2. odd_fails(each $1)\n3. echo([$2[0], $2])\n4. double(each [$2[0], $2])\njoin()\n"
    result = run_plan(text, ALL, backend=backend)
    assert statuses(result)["3"] == "skipped"
    assert (statuses(result)["4[0]"], statuses(result)["4[1]"]) == ("ok", "skipped")


@on_both
def test_an_element_out_of_range_fails_its_reader(backend):
    result = run_plan(
        "1. numbers(2)\n2. double(each $1)\n3. echo($2[2])\n4. echo($2[-3].x)\njoin()\n", ALL, backend=backend
    )
    assert result.tasks[3].error.message == "$2[2]: index 2 of a list of 2"
    assert result.tasks[4].error.message == "$2[-3]: index -3 of a list of 2"


@on_both
def test_a_path_into_an_element_is_followed(backend):
    result = run_plan(
        '1. echo(each [{"a": [7]}])\n2. echo($1[0].a[0])\n3. echo($1[0].b)\njoin($2)\n', ALL, backend=backend
    )
    assert result.join == [7]
    assert result.tasks[3].error.message == "$1[0].b: no such key; keys: a"


def test_an_element_is_read_as_soon_as_it_ends():
    result = run_plan("1. wait(each [1, 5])\n2. wait(1, $1[0])\n3. wait(1, $1)\njoin()\n", ALL, backend="clock")
    assert (result.tasks[2].start, result.tasks[3].start) == (1, 5)


def test_a_fan_out_over_a_fan_out_starts_each_element_when_its_own_ends():
    result = run_plan(
        "1. echo([1, 5])\n2. wait(each $1, 1)\n3. wait(each $2)\n4. wait(each $3, 0)\njoin()\n", ALL, backend="clock"
    )
    spans = {str(id_): (r.start, r.end) for id_, r in result.tasks.items()}
    assert spans["3[0]"] == (1, 2)
    assert spans["3[1]"] == (5, 6)
    assert spans["3"] == (1, 6)


@on_both
def test_a_fan_out_over_a_fan_out_skips_only_what_failed(backend):
    result = run_plan("1. numbers(3)\n2. odd_fails(each $1)\n3. double(each $2)\njoin()\n", ALL, backend=backend)
    expected = {"1": "ok", "2": "failed", "2[0]": "ok", "2[1]": "failed", "2[2]": "ok"}
    assert statuses(result) == {**expected, "3": "skipped", "3[0]": "ok", "3[1]": "skipped", "3[2]": "ok"}


@on_both
def test_other_arguments_are_the_same_for_every_element(backend):
    async def pair(a, b):
        return [a, b]

    result = run_plan(
        "1. numbers(2)\n2. echo('x')\n3. pair($2, each $1)\njoin($3)\n",
        ALL | tools(tool(pair, "a", "b")),
        backend=backend,
    )
    assert result.join == [[["x", 0], ["x", 1]]]


@on_both
def test_a_failed_other_argument_skips_every_element(backend):
    async def pair(a, b):
        return [a, b]

    text = "1. numbers(2)\n2. boom()\n3. pair($2, each $1)\n4. pair($2, each [])\njoin()\n"
    result = run_plan(text, ALL | tools(tool(pair, "a", "b")), backend=backend)
    assert statuses(result) == {
        "1": "ok", "2": "failed", "3": "skipped", "3[0]": "skipped", "3[1]": "skipped", "4": "ok",
    }  # fmt: skip


@on_both
def test_a_failed_list_skips_the_fan_out(backend):
    result = run_plan(
        "1. boom()\n2. double(each $1)\n3. double(each $2)\n4. echo($2[0])\njoin()\n", ALL, backend=backend
    )
    assert statuses(result) == {"1": "failed", "2": "skipped", "3": "skipped", "4": "skipped"}


def test_an_element_of_a_literal_list_waits_only_for_what_it_reads():
    result = run_plan("1. wait(1, 1)\n2. wait(5, 2)\n3. double(each [$1, $2, 7])\njoin($3)\n", ALL, backend="clock")
    assert result.join == [[2, 4, 14]]
    assert [result.tasks[Element(3, k)].start for k in range(3)] == [1, 5, 0]


@on_both
def test_each_over_an_input(backend):
    plan = Plan(
        inputs=(InputDecl("items", "list"),),
        tasks=(Task(1, "double", (Arg(None, Input("items"), each=True),)),),
        join=Join((Ref(1),)),
    )
    assert run_plan(plan, ALL, {"items": [1, 2]}, backend=backend).join == [[2, 4]]


@on_both
def test_an_element_is_converted_to_what_the_parameter_takes(backend):
    given = ALL | tools(tool(ECHO.function, "value", name="say", types={"value": STR}))
    assert run_plan("1. numbers(2)\n2. say(each $1)\njoin($2)\n", given, backend=backend).join == [["0", "1"]]


@on_both
def test_elements_with_references_in_them_are_data(backend):
    result = run_plan(
        '1. echo(["$9", "${1}"])\n2. echo(each $1)\njoin($2)\n'.replace("$9", "$$9").replace("${1}", "$${1}"),
        ALL,
        backend=backend,
    )
    assert result.join == [["$9", "${1}"]]


def test_elements_that_write_run_in_element_order():
    order = []

    async def write(seconds):
        await WAIT.function(seconds)
        order.append(seconds)

    given = tools(tool(write, "seconds", effect=Effect.WRITE), ECHO)
    result = run_plan("1. echo([3, 2, 1])\n2. write(each $1)\njoin()\n", given, backend="clock")
    assert order == [3, 2, 1]
    assert result.makespan == 6


def test_elements_of_an_undeclared_tool_run_side_by_side():
    given = tools(tool(WAIT.function, "seconds", name="wait", effect=Effect.UNDECLARED), ECHO)
    assert run_plan("1. echo([3, 2, 1])\n2. wait(each $1)\njoin()\n", given, backend="clock").makespan == 3


@on_both
def test_a_writing_element_runs_although_the_one_before_failed(backend):
    given = tools(tool(odd_fails, "value", effect=Effect.WRITE))
    result = run_plan("1. odd_fails(each [1, 2])\njoin()\n", given, backend=backend)
    assert statuses(result) == {"1": "failed", "1[0]": "failed", "1[1]": "ok"}


def test_order_edges_hold_for_elements_and_for_the_whole():
    plan = Plan(
        tasks=(
            Task(1, "wait", (Arg(None, Const(2)),)),
            Task(2, "echo", (Arg(None, ListOf((Const(1), Const(1)))),)),
            Task(3, "wait", (Arg(None, Ref(2), each=True),), after=(1,)),
            Task(4, "echo", after=(3,)),
            Task(5, "echo", after=(Element(3, 0),)),
            Task(6, "wait", (Arg(None, ListOf(()), each=True),), after=(1,)),
            Task(7, "echo", after=(6,)),
        ),
        join=Join(()),
    )
    result = run_plan(plan, ALL, backend="clock")
    assert result.tasks[Element(3, 0)].start == 2
    assert result.tasks[4].start == 3
    assert result.tasks[5].start == 3
    assert result.tasks[7].start == 2


def test_elements_share_the_priority_and_place_of_their_fan_out():
    events = []
    plan = Plan(
        tasks=(
            Task(1, "wait", (Arg(None, Const(1)),), priority=9.0),
            Task(2, "echo", (Arg(None, ListOf((Const(1), Const(2)))),), priority=9.0),
            Task(3, "wait", (Arg(None, Ref(2), each=True),), priority=2.0),
            Task(4, "wait", (Arg(None, Const(1)),), priority=3.0),
            Task(5, "wait", (Arg(None, Const(1)),), priority=2.0),
        ),
        join=Join(()),
    )
    run_plan(plan, ALL, backend="clock", concurrency=1, on_event=events.append)
    assert starts(events) == ["1", "2", "4", "3[0]", "3[1]", "5"]


@on_both
def test_a_pipeline_of_fan_outs_of_any_length_needs_no_recursion(backend):
    count = 2_000
    tasks = (
        Task(1, "numbers", (Arg(None, Const(1)),)),
        *(Task(k, "echo", (Arg(None, Ref(k - 1), each=True),)) for k in range(2, count)),
    )
    result = run_plan(Plan(tasks=tasks, join=Join((Ref(count - 1),))), ALL, backend=backend)
    assert result.join == [[0]]
