"""Ask before something is destroyed: once at a time, with the arguments that the call will have."""

from __future__ import annotations

import anyio
import pytest
from running_plans import BOOM, ECHO, on_both, plan_of, run_plan, statuses, tool, tools
from virtual_time import run_virtually

from lcc.grammar.ir import Element
from lcc.grammar.signatures import Effect
from lcc.runtime.events import TaskWaiting
from lcc.runtime.options import Options, Policy
from lcc.runtime.result import FailureKind
from lcc.runtime.run import Run


class Desk:
    """Approves of some calls, and keeps what it was asked and what was destroyed."""

    def __init__(self, answers=(True,) * 9):
        self.answers = list(answers)
        self.requests = []
        self.destroyed = []
        self.busy = False

    async def approve(self, request):
        assert not self.busy
        self.busy = True
        self.requests.append(request)
        await anyio.lowlevel.checkpoint()
        self.busy = False
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def tools(self):
        async def erase(path, value=None):
            self.destroyed.append(path)
            return path

        return tools(tool(erase, "path", "value?", effect=Effect.DESTRUCTIVE), ECHO, BOOM)

    def shown(self):
        return [{str(id_): arguments for id_, arguments in r.calls} for r in self.requests]


@on_both
def test_without_anybody_to_ask_the_answer_is_no(backend):
    desk = Desk()
    result = run_plan("1. erase('a')\n2. erase(each ['b'])\n3. echo(1)\njoin()\n", desk.tools, backend=backend)
    assert statuses(result) == {"1": "failed", "2": "failed", "2[0]": "failed", "3": "ok"}
    assert result.tasks[1].error.kind is FailureKind.DENIED
    assert desk.destroyed == []


@on_both
def test_an_approved_call_is_made_with_the_arguments_that_were_shown(backend):
    desk = Desk()
    events = []
    result = run_plan(
        "1. echo('x')\n2. erase(\"$1.txt\", [$1])\njoin($2)\n".replace("$1.txt", "${1}.txt"),
        desk.tools,
        backend=backend,
        approve=desk.approve,
        on_event=events.append,
    )
    assert result.join == ["x.txt"]
    assert desk.shown() == [{"2": {"path": "x.txt", "value": ["x"]}}]
    assert (desk.requests[0].id, desk.requests[0].tool) == (2, "erase")
    assert [e.on for e in events if isinstance(e, TaskWaiting)] == ["approval"]


@on_both
def test_a_refused_call_fails_and_is_not_made(backend):
    desk = Desk([False, True])
    result = run_plan(
        "1. erase('a')\n2. erase('b')\n3. echo($1)\njoin()\n", desk.tools, backend=backend, approve=desk.approve
    )
    assert statuses(result) == {"1": "failed", "2": "ok", "3": "skipped"}
    assert result.tasks[1].error.message == "approval was refused"
    assert desk.destroyed == ["b"]


@on_both
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (False, "approval was refused"),
        (None, "`approve` returned None; only True is a yes"),
        (1, "`approve` returned an int; only True is a yes"),
        ("no", "`approve` returned text; only True is a yes"),
    ],
)
def test_only_true_means_yes(backend, answer, said):
    desk = Desk([answer])
    result = run_plan("1. erase('a')\njoin()\n", desk.tools, backend=backend, approve=desk.approve)
    assert (result.tasks[1].error.kind, result.tasks[1].error.message) == (FailureKind.DENIED, said)
    assert desk.destroyed == []


@on_both
@pytest.mark.parametrize("answer", [True, False, None])
def test_an_approver_that_is_not_async_means_no_and_is_told_so(backend, answer):
    desk = Desk()
    given = {"approve": lambda request: answer, "backend": backend}
    result = run_plan("1. erase('a')\n2. erase(each ['b'])\njoin()\n", desk.tools, **given)
    kind = "None" if answer is None else "a bool"
    said = f"`approve` must be an async function; it returned {kind}"
    assert result.tasks[1].error.message == result.tasks[Element(2, 0)].error.message == said
    assert desk.destroyed == []


@on_both
def test_an_approver_may_be_a_function_that_returns_an_awaitable(backend):
    desk = Desk()
    run_plan("1. erase('a')\njoin()\n", desk.tools, backend=backend, approve=lambda request: desk.approve(request))
    assert desk.destroyed == ["a"]


@on_both
def test_an_approver_that_raises_means_no(backend):
    desk = Desk([OSError("no terminal"), True])
    result = run_plan("1. erase('a')\n2. erase('b')\njoin()\n", desk.tools, backend=backend, approve=desk.approve)
    assert result.tasks[1].error.message == "approval failed: no terminal"
    assert desk.destroyed == ["b"]


def test_silence_means_no():
    async def silent(request):
        await anyio.sleep_forever()

    desk = Desk()
    result = run_plan(
        "1. erase('a')\n2. echo(2)\njoin()\n", desk.tools, backend="clock", approve=silent, approval_timeout=5.0
    )
    assert result.tasks[1].error.message == "no approval within 5 s"
    assert result.makespan == 5


@on_both
def test_a_fan_out_is_one_request_that_shows_every_element(backend):
    desk = Desk()
    result = run_plan(
        "1. echo(['a', 'b'])\n2. echo(each $1)\n3. erase(each $2, $1)\njoin($3)\n",
        desk.tools,
        backend=backend,
        approve=desk.approve,
    )
    assert result.join == [["a", "b"]]
    both = ["a", "b"]
    assert desk.shown() == [{"3[0]": {"path": "a", "value": both}, "3[1]": {"path": "b", "value": both}}]
    assert desk.destroyed == ["a", "b"]


@on_both
def test_a_refused_fan_out_destroys_nothing(backend):
    desk = Desk([False])
    result = run_plan("1. erase(each ['a', 'b'])\njoin()\n", desk.tools, backend=backend, approve=desk.approve)
    assert statuses(result) == {"1": "failed", "1[0]": "failed", "1[1]": "failed"}
    assert desk.destroyed == []


@on_both
def test_elements_that_cannot_run_are_not_shown(backend):
    desk = Desk()
    text = "1. boom(1)\n2. erase(each ['a', $1, 'c'])\n3. erase(each [$1])\n4. erase(each [])\njoin()\n"
    result = run_plan(text, desk.tools, backend=backend, approve=desk.approve)
    assert [list(shown) for shown in desk.shown()] == [["2[0]", "2[2]"]]
    assert statuses(result)["2[1]"] == "skipped"
    assert desk.destroyed == ["a", "c"]
    assert statuses(result)["4"] == "ok"


@on_both
def test_a_stopped_run_asks_no_more(backend):
    desk = Desk()
    text = "1. boom(1)\n2. erase('a')\n3. erase(each ['b'])\njoin()\n"

    async def stuck(request):
        await anyio.sleep_forever()

    result = run_plan(text, desk.tools, backend=backend, approve=stuck, on_failure=Policy.STOP)
    assert statuses(result) == {"1": "failed", "2": "cancelled", "3": "cancelled", "3[0]": "cancelled"}
    assert desk.destroyed == []


@on_both
def test_destructive_calls_are_never_repeated(backend):
    calls = []

    async def erase(path):
        calls.append(path)
        raise ValueError("no")

    async def yes(request):
        return True

    given = tools(tool(erase, "path", effect=Effect.DESTRUCTIVE, retries=3))
    run_plan("1. erase('a')\njoin()\n", given, backend=backend, approve=yes, hedge={"erase": 0.0})
    assert calls == ["a"]


@on_both
@pytest.mark.parametrize("what", ["'a'", "each ['a', 'b']"])
@pytest.mark.parametrize("answer", [True, False])
def test_an_answer_that_comes_after_a_stop_changes_nothing(backend, what, answer):
    asked, failed, answered = anyio.Event(), anyio.Event(), anyio.Event()
    desk = Desk()

    async def fail():
        await asked.wait()
        failed.set()
        raise ValueError("no")

    async def save():
        await answered.wait()
        for _ in range(20):
            await anyio.lowlevel.checkpoint()
        return "saved"

    async def approve(request):
        asked.set()
        await failed.wait()
        for _ in range(20):
            await anyio.lowlevel.checkpoint()
        answered.set()
        return answer

    given = {**desk.tools, **tools(tool(fail), tool(save, effect=Effect.WRITE))}
    text = f"1. save()\n2. erase({what})\n3. fail()\njoin($1)\n"
    result = run_plan(text, given, backend=backend, approve=approve, on_failure=Policy.STOP)
    assert statuses(result)["1"] == "ok"
    assert {s for id_, s in statuses(result).items() if id_.startswith("2")} == {"cancelled"}
    assert desk.destroyed == []


@on_both
def test_a_stopped_run_does_not_wait_for_an_answer_to_what_becomes_ready_later(backend):
    desk = Desk()
    asked = []

    async def save():
        try:
            await anyio.sleep_forever()
        except anyio.get_cancelled_exc_class():
            return "saved"

    async def approve(request):
        asked.append(request.id)
        await anyio.sleep_forever()

    async def main():
        text = "1. erase('a')\n2. save()\n3. erase(each ['b', 'c'], $2)\njoin()\n"
        given = {**desk.tools, **tools(tool(save, effect=Effect.WRITE))}
        async with Run(plan_of(text), given, options=Options(approve=approve)) as run:
            await anyio.sleep(1)
            run.cancel()
            return await run.wait()

    assert statuses(run_virtually(main, backend)) == {
        "1": "cancelled", "2": "ok", "3": "cancelled", "3[0]": "cancelled", "3[1]": "cancelled"
    }  # fmt: skip
    assert (asked, desk.destroyed) == ([1], [])
