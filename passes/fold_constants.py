"""Fold constants: evaluate pure calls on known arguments, and carry what becomes known into texts and paths.

    1. convert("6 ft", to="m")       # def convert(quantity: str, to: str) -> float: pure, fold
    2. search("people taller than $1 m")
=>
    2. search("people taller than 1.8288 m")

A call is evaluated only if its tool declares `fold`, and only where the caller of the pipeline hands in an evaluator, as `opt`
and `run` do. A call that fails or takes too long stays as it is, for the run to report; so does one whose result its readers
can't take, and one whose result is long. Where the plan with all results in it couldn't be checked any more, every call stays.

In a body, operations that read nothing are evaluated, and conditions that are known replaced by the branch that is taken.

Requires: a verified, bound plan. Keeps: order, and the values that join reads.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, TypeAlias

from lcc.grammar.diagnostics.wording import brief, listed
from lcc.grammar.ir import (
    Arg,
    Block,
    Const,
    DictOf,
    Folded,
    Format,
    Input,
    Join,
    ListOf,
    Plan,
    Ref,
    Task,
    TaskId,
    Value,
    block_calls,
    blocks_of,
    children,
    rebuild,
    references,
    rewrite_after,
    text_of,
    with_args,
    with_values,
)
from lcc.grammar.ir.constants import is_constant, json_of, value_of_json
from lcc.grammar.limits import DEFAULT_LIMITS
from lcc.grammar.signatures import ANY, ListType, Type, value_fits
from lcc.grammar.values import Json, PathError, at_path, to_text
from lcc.passes.analysis.fit import misfit
from lcc.passes.analysis.profile import argument_bytes
from lcc.passes.bind import Binder, wanted_inside
from lcc.passes.context import Action, Context, NotEvaluated
from lcc.passes.verify import verify

MOST_BYTES: Final = 65_536
"""A call whose readers would hold more than this, each a copy of its result, stays a call; never one of a few words."""
FEW_BYTES: Final = 64
_TOO_LONG: Final = 10 ** (DEFAULT_LIMITS.digits - 1)


def fold_constants(plan: Plan, context: Context) -> Plan:
    """Evaluate what can be, in plan order, so that a chain folds in one walk."""
    if plan.body is not None:
        return _fold_body(plan, plan.body, context)
    if context.evaluate is None or not any(_declares_fold(task, context) for task in plan.tasks):
        return plan
    reported = len(context.changes)
    folder = _Folder(plan, context)
    tasks = tuple(kept for task in plan.tasks if (kept := folder.task(task)) is not None)
    if not folder.origins:
        return plan
    join = None if plan.join is None else folder.join(plan.join)
    folded = Plan(plan.inputs, tasks, join, (*plan.origins, *folder.origins))
    wrong = _fault(folded, context)
    if wrong:
        context.changes[reported:] = [change for change in context.changes[reported:] if change.is_kept]
        evaluated = {origin.id for origin in folder.origins}
        about = [task for task in plan.tasks if task.id in evaluated]
        context.report(
            Action.KEPT, f"the results of {listed([task.id for task in about])} aren't filled in", wrong, about
        )
        return plan
    return folded


def _fold_body(plan: Plan, body: Block, context: Context) -> Plan:
    """Evaluate the operations of a body that read nothing, and take the branches that are known. Its calls stay."""
    from lcc.passes.analysis.values.constant_values import fold_body  # plans without a body need no operations

    folded, chosen = fold_body(body)
    for statement in chosen:
        calls = [task for block in blocks_of(statement) for task in block_calls(block)]
        what = "a condition is replaced by the branch that is taken"
        context.report(Action.REWRITTEN, what, "it reads nothing, so it can't change", calls)
    return plan if folded is body else replace(plan, body=folded)


def _fault(plan: Plan, context: Context) -> str:
    """Say why a plan with the results in it can't be; empty where it can."""
    found = next((d for d in verify(plan, context.tools, earlier=context.earlier) if d.is_error), None)
    if found is not None:
        return f"with the results in it the plan is wrong: {found.message}"
    values = [arg.value for task in plan.tasks for arg in task.args]
    values += () if plan.join is None else plan.join.values
    return (
        ""
        if all(map(_can_be_written, values))
        else "a plan can't hold values as deep, or numbers as long, as the results"
    )


def _can_be_written(value: Value) -> bool:
    """Whether a plan's text may hold a value: no deeper, and with no longer numbers, than a text may be."""
    todo = [(value, 1)]  # within the parentheses of its call
    while todo:
        one, depth = todo.pop()
        match one:
            case ListOf() | DictOf() if depth >= DEFAULT_LIMITS.nesting:
                return False
            case Const(int() as number) if abs(number) >= _TOO_LONG:
                return False
            case _:
                todo += [(item, depth + 1) for item in children(one)]
    return True


def _declares_fold(task: Task, context: Context) -> bool:
    signature = context.tools.get(task.tool)
    return signature is not None and signature.fold


class _Folder:
    def __init__(self, plan: Plan, context: Context) -> None:
        self._context = context
        self._types = context.types(plan)
        self._binder = Binder(context.calls, self._types)
        self._places = _places(plan, context)
        self._known: dict[TaskId, Json] = {}
        self._after: dict[TaskId, tuple[TaskId, ...]] = {}
        self.origins: list[Folded] = []

    def task(self, task: Task) -> Task | None:
        """Return a task with what is known filled in, or None if its own value is known now."""
        task = rewrite_after(self._filled(task), self._after)
        if not _declares_fold(task, self._context) or not _is_known(task):
            return self._binder.task(task)
        try:
            value = self._evaluated(task)
        except NotEvaluated as error:
            self._known.pop(task.id, None)
            self._context.report(Action.KEPT, f"{task.id} isn't evaluated", str(error), (task,))
            return self._binder.task(task)
        self._after[task.id] = task.after
        self.origins.append(Folded(task.id, value_of_json(value)))
        why = f"`{task.tool}` is pure, declares fold, and its arguments are known"
        self._context.report(Action.FOLDED, f"{task.id} is {brief(to_text(value))}", why, (task,))
        return None

    def join(self, join: Join) -> Join:
        """Return a join that holds what is known."""
        return with_values(join, tuple(_substitute(value, self._known) for value in join.values))

    def _filled(self, task: Task) -> Task:
        if not any(ref.task in self._known for arg in task.args for ref in references(arg.value)):
            return task
        args = tuple(Arg(a.name, _substitute(a.value, self._known), a.each, a.span) for a in task.args)
        return self._binder.bound(with_args(task, args))

    def _evaluated(self, task: Task) -> Json:
        """Return the value of a call, known from now on; raise NotEvaluated."""
        assert self._context.evaluate is not None
        arguments = {name: json_of(value) for name, value in self._context.calls.given(task).items()}
        result = self._context.evaluate(task.tool, arguments)
        if not value_fits(result, self._context.tools[task.tool].result):
            raise NotEvaluated("its result is not what the tool declares")
        places = self._places.get(task.id, ())
        size = argument_bytes(result)
        if size > FEW_BYTES and size * len(places) > MOST_BYTES:
            raise NotEvaluated(f"its readers would hold {len(places)} copies of {size:,} bytes")
        self._known[task.id] = result
        for ref, target in places:
            try:
                wrong = misfit(_substitute(ref, self._known), target, self._types)
            except PathError as error:
                raise NotEvaluated(f"a reader asks for what it hasn't: {error}") from None
            if wrong is not None:
                raise NotEvaluated(f"a reader takes {wrong.wanted}, and it is {wrong.got}")
        return result


def _is_known(task: Task) -> bool:
    return all(not arg.each and is_constant(arg.value) for arg in task.args)


_Places: TypeAlias = dict[TaskId, list[tuple[Ref, Type]]]


def _places(plan: Plan, context: Context) -> _Places:
    """Return, for each task that may be evaluated, the references to it, each with the type that is wanted there."""
    found: _Places = {t.id: [] for t in plan.tasks if _declares_fold(t, context)}
    for task in plan.tasks:
        convention = context.calls.convention(task.tool)
        for place, arg in enumerate(task.args):
            parameter = None if convention is None else convention.parameter_of(arg, place)
            target = ANY if parameter is None else parameter.type
            _add_places(arg.value, ListType(target) if arg.each else target, found)
    for value in () if plan.join is None else plan.join.values:
        _add_places(value, ANY, found)
    return found


def _add_places(value: Value, target: Type, found: _Places) -> None:
    if isinstance(value, Ref) and value.task in found:
        found[value.task].append((value, target))
    for item, wanted in zip(children(value), wanted_inside(value, target), strict=True):
        _add_places(item, wanted, found)


def _substitute(value: Value, known: dict[TaskId, Json]) -> Value:
    """Fill in known results; raise PathError where a path leads nowhere."""
    match value:
        case Ref(task, path):
            return value_of_json(at_path(known[task], path)) if task in known else value
        case Format(parts):
            return text_of([_part(part, known) for part in parts])
        case _:
            return rebuild(value, lambda item: _substitute(item, known))


def _part(part: str | Ref | Input, known: dict[TaskId, Json]) -> str | Ref | Input:
    if isinstance(part, Ref) and part.task in known:
        return to_text(at_path(known[part.task], part.path))
    return part
