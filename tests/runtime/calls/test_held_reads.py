"""A read that could carry a result away waits until the plan is whole; with nothing to carry it starts at once."""

from __future__ import annotations

from dataclasses import replace

import anyio
import pytest
from running_plans import add, on_both, plan_of, run_main, tool, tools

from lcc.grammar.signatures.declaration import check_options
from lcc.runtime.run import Run


class Calls:
    """A read that hands over a secret, and one that sends its argument away."""

    def __init__(self) -> None:
        self.sent: list[object] = []

    def tools(self):
        async def secret():
            return ["a", "b"]

        async def send(value):
            self.sent.append(value)
            return value

        sender = tool(send, "value")
        return tools(tool(secret), replace(sender, signature=replace(sender.signature, discloses=True)))


async def settle():
    for _ in range(20):
        await anyio.lowlevel.checkpoint()


@on_both
@pytest.mark.parametrize("value", ["$1", '"page $1[0]"', '["x", {"k": $1}]', "each $1", "each [$1, 3]", "$1[0]"])
def test_a_call_with_a_result_in_its_arguments_waits_for_the_whole_plan(backend, value):
    async def main():
        calls = Calls()
        plan = plan_of(f"1. secret()\n2. send({value})\njoin()\n")
        async with Run(None, calls.tools()) as run:
            add(run, plan)
            await settle()
            assert calls.sent == []
            run.finish(plan)
            assert (await run.wait()).ok
        assert calls.sent

    run_main(main, backend)


@on_both
@pytest.mark.parametrize("value", ['"page"', "[1, 2]", 'each ["a", "b"]'])
def test_a_call_without_one_starts_at_once(backend, value):
    async def main():
        calls = Calls()
        plan = plan_of(f"1. secret()\n2. send({value})\njoin()\n")
        async with Run(None, calls.tools()) as run:
            add(run, plan)
            await settle()
            assert calls.sent
            run.finish(plan)
            assert (await run.wait()).ok

    run_main(main, backend)


@on_both
def test_a_result_of_an_earlier_plan_is_one_too(backend):
    async def main():
        calls = Calls()
        plan = plan_of("1. secret()\n2. send($1)\njoin()\n")
        async with Run(None, calls.tools(), earlier={1: "old"}) as run:
            run.add(plan.tasks[1])
            await settle()
            assert calls.sent == []

    run_main(main, backend)


@pytest.mark.parametrize("effect", ["pure", "write", "destructive"])
def test_only_a_read_can_be_declared_so(effect):
    assert [fault.subject for fault in check_options({"effect": effect, "discloses": True})] == ["discloses"]
    assert check_options({"effect": "read", "discloses": True}) == []
