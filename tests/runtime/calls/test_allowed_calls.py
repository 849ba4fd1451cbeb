"""Make no destructive call without an equal, allowed request, however its plan comes and whatever its arguments wait for."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random

import anyio
import pytest
from running_plans import on_both, plan_of, run_main, tool, tools

from lcc.grammar.ir import Plan
from lcc.grammar.signatures import Effect
from lcc.passes.online import Online, complete
from lcc.passes.pipeline import LEVELS, optimize
from lcc.runtime.options import Options
from lcc.runtime.result import FailureKind, RunResult
from lcc.runtime.run import Run, execute

HOW = (*(f"-O{level}" for level in range(len(LEVELS))), "streamed", "added at once")


class Desk:
    """Approves at random, and keeps what it allowed and what was destroyed."""

    def __init__(self, answer):
        self._answer = answer
        self.asked: list[str] = []
        self.allowed: list[str] = []
        self.destroyed: list[str] = []

    async def approve(self, request):
        await anyio.lowlevel.checkpoint()
        shown = [exactly(arguments) for _, arguments in request.calls]
        self.asked += shown
        if not self._answer():
            return False
        self.allowed += shown
        return True

    def tools(self):
        async def find(q, slow=0):
            for _ in range(slow):
                await anyio.lowlevel.checkpoint()
            if q == "none":
                raise LookupError("nothing found")
            return [f"{q}.txt", f"{q}.log"]

        async def delete(path, reason=""):
            self.destroyed.append(exactly({"path": path} | ({"reason": reason} if reason != "" else {})))
            return path

        return tools(
            tool(find, "q", "slow?", resources=("disk",)),
            tool(delete, "path", "reason?", effect=Effect.DESTRUCTIVE, resources=("disk",)),
        )

    async def run(self, plan: Plan, how: str) -> RunResult:
        given = self.tools()
        signatures = {name: one.signature for name, one in given.items()}
        options = Options(approve=self.approve)
        if how.startswith("-O"):
            return await execute(optimize(plan, signatures, level=int(how[2:])).plan, given, options=options)
        async with Run(None, given, options=options) as run:
            online = Online(signatures)
            for task in plan.tasks:
                step = online.add(task)
                run.gather(step.lists)
                for one in step.tasks:
                    run.add(one)
                if how == "streamed":
                    for _ in range(3):
                        await anyio.lowlevel.checkpoint()
            online.finish(plan.join)
            assert not online.diagnostics(), str(online.diagnostics())
            run.finish(complete(online.plan(), signatures).plan)
            return await run.wait()


def exactly(arguments):
    return json.dumps(arguments, sort_keys=True)


@on_both
@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize(
    "text",
    [
        '1. find("x", 3)\n2. delete(each ["a", "b"], $1[0])\njoin()\n',
        '1. find("x", 3)\n2. delete(each ["a", "b"], $1)\njoin()\n',
        '1. find("x", 3)\n2. delete(each ["a", "b"], "because $1[-1]")\njoin()\n',
        '1. find(each ["x", "y"], 3)\n2. delete(each ["a", "b"], "because $1")\njoin()\n',
        '1. find(each ["x", "y"], 3)\n2. delete(each ["a", "b"], [{"why": $1[1][0]}, $1])\njoin()\n',
        '1. find("x", 3)\n2. find(each $1, 3)\n3. delete(each $2, $2)\njoin()\n',
        '1. find("x", 3)\n2. find(each $1, 3)\n3. delete(each $1, $2[1][0])\njoin()\n',
        '1. find("x", 3)\n2. find("y", 5)\n3. delete(each [$1[0], $2[1]])\njoin()\n',
        '1. find("x", 3)\n2. delete($1[0], "as $1 says")\njoin()\n',
    ],
)
@pytest.mark.parametrize("answer", [True, False])
def test_every_call_is_asked_about_before_it_is_made(text, how, backend, answer):
    desk = Desk(lambda: answer)
    result = run_main(lambda: desk.run(plan_of(text), how), backend)
    assert desk.asked
    assert sorted(desk.destroyed) == (sorted(desk.asked) if answer else [])
    assert result.ok == answer


@pytest.mark.parametrize("how", HOW)
def test_random_plans_destroy_nothing_but_what_was_allowed(how):
    destroyed = refused = 0
    for seed in range(60):
        random = Random(seed)
        desk = Desk(lambda random=random: random.random() < 0.7)
        run_main(lambda desk=desk, random=random: desk.run(plan_of(random_plan(random)), how), "asyncio")
        left = list(desk.allowed)
        for call in desk.destroyed:
            left.remove(call)
        destroyed += len(desk.destroyed)
        refused += len(desk.asked) - len(desk.allowed)
    assert destroyed > 30
    assert refused > 10


def random_plan(random: Random) -> str:
    """Return a plan of finds and deletions whose arguments read what came before in every form."""
    lines: list[str] = []
    lists: list[int] = []
    for id_ in range(1, random.randint(4, 8)):
        forms, spread = ['"a"', '"b"'], ["each []", 'each ["d", "e"]']
        for ref in lists:
            forms += [
                f"${ref}",
                f"${ref}[0]",
                f"${ref}[-1]",
                f'"so ${ref}"',
                f'"${{{ref}[1]}}"',
                f'[{{"k": ${ref}[0]}}]',
            ]
            spread += [f"each ${ref}", f'each ["c", {random.choice(forms)}]', 'each ["d", "e"]']
        if not lists or random.random() < 0.4:
            value = random.choice([random.choice(forms), random.choice(spread[1:]), '"none"'])
            lines.append(f"{id_}. find({value}, {random.randint(0, 9)})\n")
            lists.append(id_)
        else:
            value = random.choice(random.choice([forms, spread]))
            lines.append(f"{id_}. delete({value}, {random.choice(forms)})\n")
    return "".join(lines) + "join()\n"


@on_both
@pytest.mark.parametrize("change", [lambda a: a.update(path="b"), lambda a: a.clear()])
def test_an_approver_that_changes_what_it_is_shown_changes_nothing(backend, change):
    async def approve(request):
        change(request.calls[0][1])
        return True

    desk = Desk(None)
    plan = plan_of('1. delete("a")\njoin()\n')
    result = run_main(lambda: execute(plan, desk.tools(), options=Options(approve=approve)), backend)
    assert result.ok
    assert desk.destroyed == [exactly({"path": "a"})]


@on_both
@pytest.mark.parametrize("other", [2, True, 1.0, "1"])
def test_arguments_that_differ_from_the_allowed_ones_are_refused(backend, other):
    desk = Desk(None)
    numbers = [1]

    async def count():
        return numbers

    async def approve(request):
        numbers[0] = other
        return True

    given = {**desk.tools(), "count": replace(tool(count), to_json=lambda value: value)}
    plan = plan_of('1. count()\n2. delete("a", $1)\n3. delete(each ["b"], $1)\njoin()\n')
    result = run_main(lambda: execute(plan, given, options=Options(approve=approve)), backend)
    error = result.tasks[2].error
    assert error is not None
    assert error.kind is FailureKind.DENIED
    assert error.message == "its arguments are not those that were approved of"
    assert desk.destroyed == [exactly({"path": "b", "reason": [other]})]
