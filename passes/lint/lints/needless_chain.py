"""Find calculations in several steps that one call could do.

A step is a call of a pure tool whose one argument is a formula, and whose result nothing reads but the next step's formula.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from lcc.grammar.diagnostics import Diagnostic, Label, Rule, Severity
from lcc.grammar.ir import Const, Format, Input, Ref, Task, TaskId, flat, text_of
from lcc.grammar.late_pattern import pattern
from lcc.grammar.signatures import FLOAT, INT, Effect
from lcc.grammar.syntax.print_value import print_value
from lcc.passes.context import Action
from lcc.passes.lint.facts import LintContext, finding, task_list

RULE = Rule(
    "L011",
    "needless-chain",
    "a calculation takes several calls where one would do",
    "Each step waits for the one before it, and costs the planner a line. A tool that takes a formula takes the whole "
    "formula.",
    '1. count("cats")\n2. count("dogs")\n3. math("$1 + $2")\n4. math("100 * $1 / $3")\n5. join($4)\n',
    '1. count("cats")\n2. count("dogs")\n3. math("100 * $1 / ($1 + $2)")\n4. join($3)\n',
    """\
import lcc

@lcc.tool(effect="read", resource="shelter")
def count(animal: str) -> int: ...
@lcc.tool(effect="pure")
def math(expression: str) -> float: ...
""",
)

FORMULA: Final = pattern(r"(?:[\d\s.,+*/%^()-]|[A-Za-z_]\w*\(|)*+\Z")
"""Numbers, operators, brackets and functions."""
OPERATOR: Final = pattern(r"[+*/%^-]")
LONGEST: Final = 8
"""A longer chain is reported without the formula that could take its place."""
Formula: TypeAlias = Const | Format


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each last step of a chain."""
    steps = {
        task.id: value
        for task in flat(context.merged, "needless-chain")
        if (value := _formula(context, task)) is not None
    }
    dead = {change.ids[0] for change in context.dead if change.action is Action.DROPPED}
    places = {id: place for place, id in enumerate(steps)}
    for last, before in _chains(_single_readers(context, places), places).items():
        if last not in dead and any(isinstance(p, str) and OPERATOR.search(p) for p in _parts(steps[last])):
            yield _finding(context, context.tasks[last], sorted(before, key=places.__getitem__), steps)


def _chains(into: Mapping[TaskId, TaskId], places: Mapping[TaskId, int]) -> dict[TaskId, list[TaskId]]:
    """Return the steps that lead to each last one, in any order. The longer list takes the shorter one in."""
    before: dict[TaskId, list[TaskId]] = {}
    for id in places:
        reader = into.get(id)
        if reader is None:
            continue
        mine = before.pop(id, [])
        mine.append(id)
        theirs = before.get(reader, [])
        short, long = sorted((mine, theirs), key=len)
        long += short
        before[reader] = long
    return before


def _formula(context: LintContext, task: Task) -> Formula | None:
    """Return the formula that a call computes, if that is all it does."""
    signature = context.signature(task)
    if signature is None or len(task.args) != 1:
        return None
    if signature.effect is not Effect.PURE or signature.result not in (INT, FLOAT):
        return None
    value = task.args[0].value
    if not isinstance(value, Const | Format):
        return None
    return value if all(FORMULA.match(part) for part in _parts(value) if not isinstance(part, Ref | Input)) else None


def _parts(formula: Formula) -> tuple[str | Ref | Input, ...]:
    if isinstance(formula, Format):
        return formula.parts
    return (formula.value if isinstance(formula.value, str) else "not a formula",)


def _single_readers(context: LintContext, steps: Container[TaskId]) -> dict[TaskId, TaskId]:
    """Map each step to the one step of the same tool that reads its result, where nothing else does."""
    found: dict[TaskId, TaskId] = {}
    others: set[TaskId] = set()
    for use in context.merged_uses:
        if not isinstance(use.part, Ref):
            continue
        id, reader = use.part.task, use.task
        if id not in steps or id in found or reader is None or reader.id not in steps:
            others.add(id)
        elif reader.tool == context.tasks[id].tool:
            found[id] = reader.id
    return {id: reader for id, reader in found.items() if id not in others}


def _finding(context: LintContext, task: Task, before: Sequence[TaskId], steps: Mapping[TaskId, Formula]) -> Diagnostic:
    message = f"{task_list(before)} only {'computes' if len(before) == 1 else 'compute'} parts of task {task.id}"
    help = "one call can compute all of it"
    if len(before) <= LONGEST:
        help += f": {task.tool}({print_value(_inlined(steps[task.id], frozenset(before), steps))})"
    labels = tuple(Label(context.tasks[id].span, "a step") for id in before[:3])
    return finding(RULE, message, task.span, help, severity=Severity.REMARK, labels=labels)


def _inlined(formula: Formula, before: Container[TaskId], steps: Mapping[TaskId, Formula]) -> Formula:
    """Return a formula with those of earlier steps in brackets."""
    parts: list[str | Ref | Input] = []
    for part in _parts(formula):
        if isinstance(part, Ref) and part.task in before:
            parts += ["(", *_parts(_inlined(steps[part.task], before, steps)), ")"]
        else:
            parts.append(part)
    return text_of(parts)
