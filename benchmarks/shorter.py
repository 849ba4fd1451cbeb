"""Write a recorded plan as short as the language allows: like calls as one with `each`, the answer by `answer`.

    1. search("Volga River")
    2. search("Mekong River")
    3. math("ratio of the lengths", [$1, $2])
    4. join()
=>
    1. search(each ["Volga River", "Mekong River"])
    2. math("ratio of the lengths", [$1[0], $1[1]])
    3. answer($2)

`answer` is written where the record's answer is the number that a call gives, and nothing else reads that call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from lcc.grammar.ir import Arg, Const, Join, ListOf, Plan, Ref, Task, Value, dependencies, map_references
from lcc.grammar.syntax.print_plan import print_plan

if TYPE_CHECKING:
    from benchmarks.recorded import RecordedCall

END = "<END_OF_PLAN>"
CLOSE = 0.005
"""How far, relatively, a rounded answer may be from the result that it quotes."""


class Form(StrEnum):
    """How a plan is written. `RECORDED`: as in the record, with thoughts. `PLAIN`: calls alone. `SHORT`: with `each` and with `answer`.
    `NARROW`: the join names only results that no call reads. Those with steps, and programs: `benchmarks.dialects`."""

    RECORDED = "recorded"
    PLAIN = "plain"
    EACH = "each"
    ANSWER = "answer"
    SHORT = "short"
    NARROW = "narrow-join"
    STEPS = "steps"
    STEPS_ANSWER = "steps-answer"
    PYTHON = "python"
    PYTHON_ANSWER = "python-answer"


def write(plan: Plan, calls: Sequence[RecordedCall], answer: str, form: Form) -> str:
    """Return the text of a plan in any form but that of the record."""
    plan = replace(plan, tasks=tuple(replace(task, thought="") for task in plan.tasks))
    direct = form in (Form.ANSWER, Form.SHORT) and is_last_result(calls, answer)
    new = _fan_out(plan, groups(plan) if form in (Form.EACH, Form.SHORT) else {})
    ids = tuple(task.id for task in new.tasks if isinstance(task.id, int))
    end = len(ids) + 1
    if direct:
        join = Join((Ref(ids[-1]),), None, direct=True, id=end)
    elif form is Form.NARROW and (read := {one for task in new.tasks for one in dependencies(task)}):
        join = Join(tuple(Ref(one) for one in ids if one not in read), None, id=end)
    else:
        join = Join(tuple(map(Ref, ids)), ids, id=end)
    return f"{print_plan(replace(new, join=join)).strip()}\n{END}"


def is_last_result(calls: Sequence[RecordedCall], answer: str) -> bool:
    """Whether the last call's result is the answer."""
    try:
        said = float(answer.replace(",", ""))
        last = float(calls[-1].result)
    except (ValueError, TypeError, IndexError):
        return False
    return abs(last - said) <= CLOSE * abs(said)


def groups(plan: Plan) -> dict[str, list[Task]]:
    """Return the calls of each tool that take one literal, where there is more than one."""
    found: dict[str, list[Task]] = {}
    for task in plan.tasks:
        if len(task.args) == 1 and task.args[0].name is None and isinstance(task.args[0].value, Const):
            found.setdefault(task.tool, []).append(task)
    return {tool: tasks for tool, tasks in found.items() if len(tasks) > 1}


def _fan_out(plan: Plan, groups: dict[str, list[Task]]) -> Plan:
    """Put each group in the place of its first call, and number everything from 1 on."""
    moved: dict[object, Ref] = {}
    tasks: list[Task] = []

    def follow(ref: Ref) -> Value:
        target = moved[ref.task]
        return Ref(target.task, (*target.path, *ref.path))

    for task in plan.tasks:
        group = groups.get(task.tool, [])
        if any(task.id == one.id for one in group[1:]):
            continue
        new = len(tasks) + 1
        if group:
            items = ListOf(tuple(one.args[0].value for one in group))
            tasks.append(Task(new, task.tool, (Arg(None, items, each=True),)))
            moved |= {one.id: Ref(new, (place,)) for place, one in enumerate(group)}
            continue

        args = tuple(replace(arg, value=map_references(arg.value, follow)) for arg in task.args)
        tasks.append(Task(new, task.tool, args))
        moved[task.id] = Ref(new)
    return replace(plan, tasks=tuple(tasks))
