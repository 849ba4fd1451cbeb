"""What stands around a body: approvals, limits, deadlines, retries, hedges, events, and what is reported of its end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypedDict

import anyio
import pytest
from body_plans import program
from library import Library, on

import lcc
from lcc.grammar.ir import Apply, Arg, Const, Element, Exit, Join, Let, Plan, Ref, Task
from lcc.runtime.events import RunStarted, TaskAdded, TaskEnded, TaskHedged, TaskRetried
from lcc.runtime.options import ApprovalRequest, Backoff, Budget, Options, Policy
from lcc.runtime.result import FailureKind, TaskStatus
from lcc.runtime.run import Run


class Row(TypedDict):
    name: str


@lcc.tool(effect="read")
def rows(names: str) -> list[Row]:
    return [{"name": name} for name in names]


@lcc.tool(effect="read")
def size(text: str) -> int:
    return len(text)


def test_an_unhandled_failure_ends_the_program_and_says_where() -> None:
    library = Library()
    library.fails["count b"] = [KeyError("b")]
    text = 'send("ann", "a")\nn = count_copies("b")\nsend("ann", "c")\n'
    result = library.run(text)
    assert not result.ok
    assert result.failure is not None
    assert (result.failure.shown, result.failure.code) == ("KeyError: 'b'", "X015")
    assert result.place is not None
    assert text[result.place.start : result.place.end] == 'count_copies("b")'
    assert "send ann c" not in library.calls
    assert "send ann a" in library.calls


def test_an_operation_that_fails_ends_the_program_and_says_where() -> None:
    text = 'x = 1\ny = x + "a"\nsend("ann", "c")\n'
    result = Library().run(text)
    assert result.failure is not None
    assert result.failure.shown == "TypeError: unsupported operand type(s) for +: 'int' and 'str'"
    assert result.place is not None
    assert text[result.place.start : result.place.end] == 'x + "a"'


def test_a_handled_failure_is_reported_and_the_run_is_ok() -> None:
    library = Library()
    library.fails["count b"] = [ValueError("no such book")]
    result = library.run('try:\n    count_copies("b")\nexcept ValueError as e:\n    send("ann", str(e))\nanswer(1)\n')
    assert result.ok
    assert library.calls == ["count b", "send ann no such book"]
    (failed,) = [record for record in result.tasks.values() if record.status is TaskStatus.FAILED]
    assert failed.error is not None
    assert failed.error.handled
    assert not failed.bad


def test_a_failure_behind_the_one_that_ended_the_program_is_not_reached() -> None:
    library = Library()
    library.takes["count a"] = 5
    library.fails = {"count a": [ValueError("first")], "count b": [ValueError("second")]}
    result = library.run('a = count_copies("a")\nb = count_copies("b")\nanswer(a + b)\n')
    assert result.failure is not None
    assert result.failure.message == "first"
    shown = {id_: record.to_json()["error"] for id_, record in result.tasks.items()}
    assert "reached" not in shown[1]  # type: ignore[operator]
    assert shown[2]["reached"] is False  # type: ignore[index, call-overload]
    assert "handled" not in shown[2]  # type: ignore[operator]


def test_a_handled_failure_does_not_stop_a_run_that_stops_at_failures() -> None:
    library = Library()
    library.fails["count b"] = [ValueError("no such book")]
    text = 'try:\n    count_copies("b")\nexcept ValueError as e:\n    send("ann", str(e))\nanswer(1)\n'
    assert library.run(text, on_failure=Policy.STOP).answer == 1
    library.fails["count b"] = [ValueError("no such book")]
    result = library.run('count_copies("b")\nsend("ann", "x")\n', on_failure=Policy.STOP)
    assert result.failure is not None
    assert result.failure.shown == "ValueError: no such book"


def test_calls_and_events_bear_the_turns_that_they_belong_to() -> None:
    library = Library()
    text = 'for x in ["a", "b"]:\n    for y in [1, 2]:\n        order_copies(x, y)\n'
    result, events = library.events(text)
    ids = [Element(3, x, (y,)) for x in range(2) for y in range(2)]
    assert list(map(str, result.tasks)) == ["3[0][0]", "3[0][1]", "3[1][0]", "3[1][1]"]
    assert sorted(result.tasks) == ids  # type: ignore[type-var]
    assert [e.id for e in events if isinstance(e, TaskAdded)] == ids
    assert sorted(e.id for e in events if isinstance(e, TaskEnded)) == ids


def asked(library: Library, text: str, answer: Any) -> tuple[Any, list[list[str]]]:
    requests: list[list[str]] = []

    async def approve(request: ApprovalRequest) -> bool:
        requests.append([f"{id_} {given['book']}" for id_, given in request.calls])
        return bool(answer(len(requests)))

    return library.run(text, approve=approve), requests


DISCARDS = 'for x in ["a", "b"]:\n    discard(x)\nfor y in find_books("c"):\n    discard(y)\nanswer(1)\n'


def test_destructive_calls_whose_arguments_are_known_are_asked_about_together() -> None:
    library = Library()
    result, requests = asked(library, DISCARDS, lambda number: True)
    assert result.ok
    assert requests == [["2[0] a", "2[1] b"], ["5[0] c 1", "5[1] c 2"]]


@pytest.mark.parametrize("number", [1, 2])
def test_a_no_ends_the_program_whatever_it_handles(number: int) -> None:
    library = Library()
    body = "\n    ".join(DISCARDS.split("\n")[:-2])
    text = f'try:\n    {body}\nexcept Exception:\n    send("ann", "no")\nanswer(1)\n'
    result, requests = asked(library, text, lambda n: n < number)
    assert len(requests) == number
    assert result.failure is not None
    assert result.failure.kind is FailureKind.DENIED
    assert not result.answered
    assert [call for call in library.calls if not call.startswith("find")] == ["discard a", "discard b"][
        : 2 * number - 2
    ]


def test_nobody_to_ask_is_a_no() -> None:
    library = Library()
    result = library.run('send("ann", "a")\ndiscard("b")\nsend("ann", "c")\n')
    assert result.failure is not None
    assert result.failure.kind is FailureKind.DENIED
    assert library.calls == ["send ann a"]


def test_a_spent_budget_ends_the_program_whatever_it_handles() -> None:
    library = Library()
    text = 'try:\n    for x in [1, 2, 3, 4]:\n        order_copies("a", x)\nexcept Exception:\n    send("ann", "no")\n'
    result = library.run(text, budget=Budget(calls=2))
    assert result.failure is not None
    assert result.failure.kind is FailureKind.BUDGET
    assert library.calls == ["order a 1", "order a 2"]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_deadline_ends_the_program_whatever_it_handles(backend: str) -> None:
    library = Library()
    library.takes["count b"] = 3600
    text = 'send("ann", "a")\ntry:\n    count_copies("b")\nexcept Exception:\n    send("ann", "no")\nfinally:\n    send("ann", "end")\n'
    result = library.run(text, backend=backend, deadline=0.2)
    assert result.failure is not None
    assert result.failure.kind is FailureKind.TIMEOUT
    assert "deadline" in result.failure.message
    assert library.calls in (["send ann a", "count b"], ["count b", "send ann a"])


def test_a_call_that_takes_too_long_raises_a_timeout_error_that_can_be_handled() -> None:
    library = Library()
    library.takes["count b"] = 3600
    text = 'try:\n    n = count_copies("b")\nexcept TimeoutError as e:\n    n = str(e)\nanswer(n)\n'
    result = library.run(text, timeout=5.0)
    assert result.answer == "no result after 5 s"
    assert 5 <= result.makespan < 10


ENDINGS: list[tuple[str, dict[str, Any], FailureKind]] = [
    ('find_books("x")\n', {}, FailureKind.RAISED),
    ('find_books("a")\nsend("boom", "x")\n', {}, FailureKind.RAISED),
    ("x = 1\ny = x + [][0]\n", {}, FailureKind.RAISED),
    ('discard("a")\n', {}, FailureKind.DENIED),
    ('count_copies("long")\n', {"deadline": 5.0}, FailureKind.TIMEOUT),
    ('count_copies("long")\n', {"timeout": 5.0}, FailureKind.TIMEOUT),
    ('find_books("a")\ncount_copies("b")\n', {"budget": Budget(calls=1)}, FailureKind.BUDGET),
    ("for x in range(10000):\n    y = x\n", {"steps": 1000}, FailureKind.FUEL),
]


@pytest.mark.parametrize(("text", "options", "kind"), ENDINGS)
@pytest.mark.parametrize("value", [Const("done"), Ref(900)])
def test_a_strict_plan_that_was_ended_has_no_answer(
    text: str, options: dict[str, Any], kind: FailureKind, value: Const | Ref
) -> None:
    library = Library()
    library.fails = {"find x": [LookupError("x")], "send boom x": [OSError("no")]}
    library.takes["count long"] = 3600
    body = (Let(Const(7), id=900), *(program(text)[0].body or ()))
    result = library.run(Plan(body=body, fails="strict", join=Join((value,), direct=True)), **options)
    assert result.failure is not None
    assert result.failure.kind is kind
    assert (result.answered, result.answer, result.join) == (False, None, [])
    assert "answer" not in result.to_json()


def test_a_strict_plan_that_came_to_its_end_has_its_answer() -> None:
    library = Library()
    library.fails = {"count b": [ValueError("no")]}
    handled = program('try:\n    count_copies("b")\nexcept ValueError:\n    pass\n')[0].body
    result = library.run(Plan(body=handled, fails="strict", join=Join((Const("done"),), direct=True)))
    assert (result.ok, result.answer) == (True, "done")


def test_a_join_says_which_of_its_values_there_are_not() -> None:
    library = Library()
    library.fails = {"count b": [ValueError("no")]}
    count = Task(1, "count_copies", (Arg("book", Const("b")),))
    body = (count, Let(Apply("len", (Ref(1),)), id=2), Let(Const(None), id=3))
    values = (Ref(3), Ref(1), Ref(2), Const(4))
    result = library.run(Plan(body=body, fails="independent", join=Join(values)))
    assert (result.join, result.missing) == ([None, None, None, 4], {1, 2})
    library.fails = {"count b": [ValueError("no")]}
    flat = library.run(Plan(tasks=(count,), join=Join((Const(None), Ref(1)))))
    assert (flat.join, flat.missing) == ([None, None], {1})


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_cancelled_run_keeps_what_had_ended(backend: str) -> None:
    library = Library()
    library.takes["count b"] = 3600
    plan = program('a = count_copies("a")\nb = count_copies("b")\nsend("ann", str(b))\n')[0]

    async def main() -> Any:
        async with Run(plan, library.tools()) as run:
            async for event in run:
                if isinstance(event, TaskEnded):
                    run.cancel()
        return run.result

    result = on(backend, main)
    assert result.failure is not None
    assert result.tasks[1].value == 1
    assert result.tasks[2].status is TaskStatus.CANCELLED
    assert not any(call.startswith("send") for call in library.calls)


def test_a_retried_call_is_one_call_of_the_program() -> None:
    library = Library()
    library.fails["count b"] = [OSError("try again"), OSError("try again")]
    text = 'n = count_copies("b")\nanswer(n)\n'
    result = library.run(text, retries=2, backoff=Backoff(base=1.0))
    assert result.answer == 1
    assert library.calls == ["count b"] * 3
    _, events = library.events(text)
    assert not [e for e in events if isinstance(e, TaskRetried)]


def test_a_write_is_retried_only_if_it_may_be_repeated() -> None:
    library = Library()
    library.fails["order b 1"] = [OSError("try again")]
    library.fails["send ann b"] = [OSError("try again")]
    result = library.run('send("ann", "b")\norder_copies("b", 1)\n', retries=2, backoff=Backoff(base=0.0))
    assert result.failure is not None
    assert library.calls == ["send ann b", "send ann b", "order b 1"]


def test_a_slow_read_is_hedged() -> None:
    library = Library()
    library.takes["count b"] = 60
    plan = program('answer(count_copies("b"))\n')[0]
    events: list[Any] = []
    result = library.run(plan, hedge={"count_copies": 5.0}, on_event=events.append)
    assert result.answer == 1
    assert len(library.calls) == 2
    assert [e.id for e in events if isinstance(e, TaskHedged)] == [1]


def now(*, naive: bool = True) -> Apply:
    return Apply("module datetime.datetime.now")


def test_the_time_is_one_value_a_run_and_can_be_given() -> None:
    instant = datetime(2024, 2, 29, 12, 30, tzinfo=UTC)
    shown = Apply("method isoformat", (now(),))
    call = Task(1, "count_copies", (Arg(None, Const("b")),))
    plan = Plan(body=(Let(shown, ("a",)), call, Exit("answer", Apply("display list", (shown, shown)))), fails="strict")
    library = Library()
    library.takes["count b"] = 5
    assert library.run(plan, clock=instant).answer == ["2024-02-29T12:30:00"] * 2
    first, second = library.run(plan).answer  # type: ignore[misc]
    assert first == second


def sleep(id_: int, seconds: Any) -> Task:
    return Task(id_, "time.sleep", (Arg(None, Const(seconds)),))


def send(id_: int, text: str) -> Task:
    return Task(id_, "send", (Arg(None, Const("ann")), Arg(None, Const(text))))


def test_a_sleep_is_ordered_as_a_write_and_ends_at_the_deadline() -> None:
    library = Library()
    plan = Plan(body=(send(1, "a"), sleep(2, 60), send(3, "b"), Exit("answer", Const(1))), fails="strict")
    result = library.run(plan)
    assert (result.answer, library.calls) == (1, ["send ann a", "send ann b"])
    assert 60 <= result.makespan < 61
    library.calls.clear()
    result = library.run(plan, deadline=10.0)
    assert library.calls == ["send ann a"]
    assert result.failure is not None
    assert result.failure.kind is FailureKind.TIMEOUT


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("n = 0\nwhile True:\n    n = n + 1\n", {"steps": 5_000}, "more than 5,000 steps"),
        ("n = 0\nwhile True:\n    n = n + 1\n", {"turns": 100}, "100 turns"),
        ("n = 2\nwhile True:\n    n = n * n\n", {"digits": 1_000}, "more than 1,000 digits"),
        ("n = [1]\nwhile True:\n    n = n + n\n", {"memory": 100_000}, "100,000 bytes"),
        ("n = [1]\nfor i in range(100):\n    n = [n]\nanswer(n)\n", {"depth": 30}, "30"),
    ],
)
def test_a_limit_ends_the_program_whatever_it_handles_with_a_code(
    text: str, options: dict[str, int], said: str
) -> None:
    library = Library()
    inside = "".join(f"    {line}\n" for line in text.splitlines())
    result = library.run(
        f'try:\n{inside}except Exception:\n    send("ann", "no")\nfinally:\n    send("ann", "end")\n', **options
    )
    assert result.failure is not None
    assert (result.failure.kind, result.failure.code) == (FailureKind.FUEL, "X013")
    assert said in result.failure.message
    assert library.calls == []


def test_printed_text_is_kept_beside_the_answer() -> None:
    plan = Plan(body=(Let(Apply("builtin print", (Const("a"),))), Exit("answer", Const(2))), fails="strict")
    shown = Library().run(plan).to_json()
    assert (shown["answer"], shown["printed"], "join" in shown) == (2, "a\n", False)
    plan = Plan(body=(Let(Apply("builtin print", (Const("a"),))),), fails="strict")
    assert Library().run(plan).to_json()["join"] == ["a\n"]
    assert Library().run(Plan(body=(Let(Const(1), ("a",)),), fails="strict")).to_json()["join"] == []


def test_what_json_has_no_form_for_is_an_error_with_help() -> None:
    value = Apply("display set", (Const(1), Const(2)))
    for kind in ("answer", "return"):
        result = Library().run(Plan(body=(Exit(kind, value),), fails="strict"))  # type: ignore[arg-type]
        assert result.failure is not None
        assert (result.failure.code, result.failure.kind) == ("X014", FailureKind.REFUSED)
        assert "sorted" in result.failure.message


def test_options_refuse_what_is_no_limit_and_no_instant() -> None:
    for name in ("steps", "memory", "depth", "digits", "turns"):
        with pytest.raises(ValueError, match=f"{name} must be a whole number of at least 1"):
            Options(**{name: 0})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="clock has no zone"):
        Options(clock=datetime(2024, 1, 1))


def test_it_runs_in_a_loop_that_others_use_too() -> None:
    """A body that only computes gives the loop back."""
    plan = program("n = 0\nwhile n < 20000:\n    n = n + 1\nanswer(n)\n")[0]
    turns = 0

    async def main() -> Any:
        async def count() -> None:
            nonlocal turns
            while True:
                turns += 1
                await anyio.lowlevel.checkpoint()

        async with anyio.create_task_group() as group, Run(plan, Library().tools()) as run:
            group.start_soon(count)
            result = await run.wait()
            group.cancel_scope.cancel()
        return result

    assert on("asyncio", main).answer == 20000
    assert turns > 3


def test_a_run_says_how_many_calls_its_text_has() -> None:
    _, events = Library().events('for b in ["a", "b", "c"]:\n    if count_copies(b):\n        send("ann", b)\n')
    (started,) = [event for event in events if isinstance(event, RunStarted)]
    assert started.tasks == 2


def test_a_call_whose_arguments_end_the_program_is_not_handled() -> None:
    library = Library()
    result = library.run('xs = [1]\nsend("ann", str(xs[len(xs)]))\n')
    (record,) = result.tasks.values()
    assert record.error is not None
    assert (record.error.shown, record.error.counts) == ("IndexError: list index out of range", True)


@pytest.mark.parametrize(
    ("plan", "answer"),
    [
        ('1. rows("ab")\n2. size(each [r.name for r in $1])\n3. answer($2)', [1, 1]),
        ('1. size(each sorted(["ccc", "a"]))\n2. answer($1)', [1, 3]),
        (
            'input xs: list[list[str]] = [["a"], ["b", "cc"]]\n1. for x in $xs:\n    2. size(each x)\n    yield $2\n3. answer($1)',
            [[1], [1, 2]],
        ),
        ('strict\n1. size(each "a bb".split())\n2. answer($1)', [1, 2]),
    ],
)
def test_each_takes_any_expression_that_gives_a_list(plan: str, answer: object) -> None:
    assert lcc.run(plan, tools=[rows, size]).answer == answer


@pytest.mark.parametrize(
    ("value", "kind"), [('len("ab")', "int"), ('"ab".upper()', "str"), ("[1, 2][0]", "int"), ('"ab"', "a single value")]
)
def test_each_of_what_can_be_no_list_is_refused(value: str, kind: str) -> None:
    with pytest.raises(lcc.CompileError, match=f"`each` needs a list, and this is {kind}"):
        lcc.compile(f"strict\n1. size(each {value})\n2. answer($1)", tools=[size])
