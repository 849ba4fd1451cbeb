"""Read the whole list of a fan-out inside a text although it was expanded before its calls came here."""

from __future__ import annotations

import pytest
from running_plans import on_both, plan_of, run_main, tool, tools

from lcc.grammar.ir import Plan
from lcc.grammar.signatures import Effect
from lcc.passes.online import Online, complete
from lcc.runtime.result import TaskStatus
from lcc.runtime.run import Run, execute


def stage():
    async def search(query):
        if query == "bad":
            raise ValueError("no such luck")
        return f"<{query}>"

    async def tell(text):
        return text.upper()

    return tools(tool(search, "query", effect=Effect.READ), tool(tell, "text", effect=Effect.PURE))


def streamed(text: str) -> tuple[Online, Plan]:
    bound = stage()
    plan = plan_of(text)
    online = Online({name: one.signature for name, one in bound.items()})
    return online, plan


@on_both
def test_a_text_reads_the_list_of_a_streamed_fan_out(backend):
    async def main():
        online, plan = streamed(
            '1. search("b")\n2. search(each ["a", "b"])\n3. tell("all: $2 and $2[0]")\n4. join($3)\n'
        )
        bound = stage()
        async with Run(None, bound) as run:
            for task in plan.tasks:
                step = online.add(task)
                run.gather(step.lists)
                for one in step.tasks:
                    run.add(one)
            online.finish(plan.join)
            run.finish(complete(online.plan(), {name: one.signature for name, one in bound.items()}).plan)
            result = await run.wait()
        assert result.join == ['ALL: ["<A>", "<B>"] AND <A>']

    run_main(main, backend)


@on_both
@pytest.mark.parametrize(
    ("text", "join", "status"),
    [
        (
            '1. search(each ["a", "bad"])\n2. tell("all: $1")\n3. tell("one: $1[0]")\n4. join()\n',
            {1: None, 2: None, 3: "ONE: <A>"},
            TaskStatus.SKIPPED,
        ),
        ('1. search(each ["a", "b"])\n2. answer("all: $1")\n', 'all: ["<a>", "<b>"]', None),
    ],
    ids=["skipped if an element failed", "as the answer"],
)
def test_such_a_text_of_a_streamed_plan(text, join, status, backend):
    async def main():
        online, plan = streamed(text)
        for task in plan.tasks:
            online.add(task)
        online.finish(plan.join)
        result = await execute(online.plan(), stage(), {})
        assert result.tasks.get(2) is None if status is None else result.tasks[2].status is status
        assert (result.join if status is not None else result.answer) == join

    run_main(main, backend)
