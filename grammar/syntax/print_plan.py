"""Print a plan file from an IR.

The text reads back as an equal plan, except for what a plan file doesn't hold: `after`, priorities and origins are computed
again, a join without a number gets one, and elements of fan-outs get numbers of their own (their readers follow).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.ir import (
    Block,
    Element,
    ForEach,
    InputDecl,
    Join,
    Let,
    Merged,
    Plan,
    Ref,
    Region,
    Task,
    TaskId,
    Value,
    flat,
    map_calls,
    map_references,
)
from lcc.grammar.ir.text_form import print_ir
from lcc.grammar.ir.walk import with_priority
from lcc.grammar.syntax.parser import parse_plan
from lcc.grammar.syntax.print_body import body_lines, expression, python_lines, thought_lines
from lcc.grammar.syntax.print_value import print_call, print_value
from lcc.grammar.writing.alike import normal_form
from lcc.grammar.writing.blocks.parts_of_blocks import INDENT
from lcc.grammar.writing.step_numbers import numbered
from lcc.grammar.writing.steps import to_steps
from lcc.grammar.writing.values.written_values import NotSayable

Numbers = dict[Element, int]

LARGEST_ID: Final = 10**9 - 1
"""The language's: ids have at most nine digits."""


def print_plan(plan: Plan) -> str:
    """Return a plan file; ValueError for a join that reads nothing although there are tasks, which no plan can say."""
    if plan.body is not None:
        return _print_body(plan)
    before = flat(plan, "a plan file")
    free = _free_ids(plan)
    numbers = {task.id: next(free) for task in before if isinstance(task.id, Element)}
    lines = [_input_line(declared) for declared in plan.inputs]
    tasks = tuple(_renumbered(task, numbers) for task in before) if numbers else before
    for task in tasks:
        lines += thought_lines(task.thought)
        lines.append(f"{task.id}. {print_call(task)}")
    if plan.join is not None:
        join = replace(plan.join, values=tuple(_follow(value, numbers) for value in plan.join.values))
        lines += thought_lines(join.thought)
        lines.append(f"{next(free) if join.id is None else join.id}. {_join_call(join, tasks)}")
    return "".join(f"{line}\n" for line in lines)


def _print_body(plan: Plan) -> str:
    """Return a plan file with steps: the statements of a strict plan are made steps as far as they can be.

    What steps and blocks of Python can't say exactly stands in a block of IR text.
    """
    wanted = comparable(plan)
    for form in (_as_steps, _as_block):
        try:
            text = form(plan)
        except NotSayable:
            continue
        if comparable(_read(text)) == wanted:
            return text
    return "".join(["ir:\n", *[f"{INDENT}{line}\n" for line in print_ir(plan).splitlines()]])


def _read(text: str) -> Plan | None:
    parsed = parse_plan(text)
    return parsed.plan if parsed.ok else None


def comparable(plan: Plan | None) -> Plan | None:
    """Return a plan without what is computed again when it is read, in the form in which plans that do the same are equal."""
    if plan is None:
        return None
    plan = normal_form(replace(plan, origins=()))
    body = map_calls(plan.body or (), lambda task: with_priority(task, 0.0))
    return replace(plan, body=body, join=None if plan.join is None else replace(plan.join, id=None))


def _as_steps(plan: Plan) -> str:
    steps = to_steps(plan)
    made = plan if steps is plan else numbered(steps)  # the numbers of a plan that has steps are its own
    return steps_text(made)


def steps_text(made: Plan) -> str:
    """Return the text of a plan whose statements are steps already, as it stands: it may read steps of plans before it."""
    lines = [_input_line(declared) for declared in made.inputs] + body_lines(made, made.body or ())
    if made.join is not None:
        lines += thought_lines(made.join.thought)
        lines.append(join_line(made.join, made.body or ()))
    return "".join([f"{line}\n" for line in lines])


def _as_block(plan: Plan) -> str:
    """Return a plan file that is one block of Python."""
    if plan.fails != "strict" or plan.join is not None:
        raise NotSayable("a plan with a join as one block")
    inputs = [_input_line(declared) for declared in plan.inputs]
    block = python_lines(plan.body or (), tuple([declared.name for declared in plan.inputs]), ends=True)
    indented = [f"{INDENT}{one}".rstrip() for one in block]
    return "".join([f"{line}\n" for line in (*inputs, "strict", "python:", *indented)])


def join_line(join: Join, body: Block, *, numbered: bool = True) -> str:
    """Return the end of a plan with steps."""
    values = [expression(value) for value in join.values]
    if join.labels is not None:
        values = [f'"{label}"={value}' for label, value in zip(join.labels, values, strict=True)]
        if join.labels == _results(body) and join.values == tuple(map(Ref, join.labels)):
            values = []
    number = f"{join.id}. " if numbered and join.id is not None else ""
    return f"{number}{'answer' if join.direct else 'join'}({', '.join(values)})"


def _results(body: Block) -> tuple[TaskId, ...]:
    """Return the ids of the results that `join()` reads."""
    given = [
        one
        for one in body
        if isinstance(one, Task | Let | Region) or (isinstance(one, ForEach) and one.yields is not None)
    ]
    return tuple([one.id for one in given if one.id is not None])


def _free_ids(plan: Plan) -> Iterator[int]:
    """Yield ids that nothing uses, those past all ids in use first. Labels and origins use theirs: results name them."""
    used: list[TaskId] = [task.id for task in flat(plan, "a plan file")]
    for origin in plan.origins:
        used.append(origin.id)
        if isinstance(origin, Merged):
            used.append(origin.into)
    if plan.join is not None:
        used += [plan.join.id or 0, *(plan.join.labels or ())]
    numbers = {id.task if isinstance(id, Element) else id for id in used}
    last = max(numbers, default=0)
    yield from range(last + 1, LARGEST_ID + 1)
    yield from (id for id in range(1, last) if id not in numbers)


def _renumbered(task: Task, numbers: Numbers) -> Task:
    args = tuple(replace(arg, value=_follow(arg.value, numbers)) for arg in task.args)
    return replace(task, id=numbers[task.id] if isinstance(task.id, Element) else task.id, args=args)


def _follow(value: Value, numbers: Numbers) -> Value:
    if not numbers:
        return value

    def rewrite(ref: Ref) -> Ref:
        number = numbers.get(ref.task) if isinstance(ref.task, Element) else None
        return ref if number is None else replace(ref, task=number)

    return map_references(value, rewrite)


def _input_line(declared: InputDecl) -> str:
    head = f"{'secret ' if declared.secret else ''}input {declared.name}: {escape(declared.type)}"
    return head if declared.default is None else f"{head} = {print_value(declared.default)}"


def _join_call(join: Join, tasks: tuple[Task, ...]) -> str:
    values = [print_value(value) for value in join.values]
    if join.direct:
        return f"answer({', '.join(values)})"
    if join.labels is None and values:
        return f"join({', '.join(values)})"
    if join.labels is not None and _reads_everything(join, tasks):
        return "join()"
    if not values:
        raise ValueError("a join that reads nothing can't be printed: in a plan, `join()` reads every result")
    labelled = [f'"{label}"={value}' for label, value in zip(join.labels or (), values, strict=True)]
    return f"join({', '.join(labelled)})"


def _reads_everything(join: Join, tasks: tuple[Task, ...]) -> bool:
    return join.labels == tuple(task.id for task in tasks) and join.values == tuple(Ref(task.id) for task in tasks)
