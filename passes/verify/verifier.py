"""Verify a plan: everything that must be so before a pass may rewrite it or a run may start.

Structure always: ids, references, fan-outs, join, inputs. With tools given also names, arguments and types. What a repair
touched must not reach a write: a write or destructive call is refused if a repair touched its own text, or decided what a
reference names that it depends on, its own or that of a task whose result it reads, directly or not. A call of an undeclared tool
gets a warning. Findings come in text order; `errors` documents their codes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Label, Severity
from lcc.grammar.diagnostics.wording import listed
from lcc.grammar.ir import (
    NOWHERE,
    Element,
    Expanded,
    Format,
    InputDecl,
    Join,
    ListOf,
    Origin,
    Plan,
    Ref,
    Task,
    TaskId,
    Value,
    calls_of,
    dependencies,
    reads,
    references,
)
from lcc.grammar.ir.constants import is_constant
from lcc.grammar.ir.origins import Origins
from lcc.grammar.signatures import NO_TOOLS, RESERVED_PARAMETERS, RESERVED_TOOLS, Effect, Tools, show
from lcc.grammar.signatures.annotations import AnnotationError, parse_annotation
from lcc.grammar.source import Span
from lcc.passes.analysis.calls import Calls, with_built_in
from lcc.passes.analysis.fit import misfit
from lcc.passes.analysis.inference import Types
from lcc.passes.context import NOTHING_EARLIER, Earlier
from lcc.passes.verify.arguments import CallChecker, error

NO_REPAIRS: Final[Mapping[int, Sequence[str]]] = MappingProxyType({})


def verify(
    plan: Plan,
    tools: Tools,
    *,
    repaired: Mapping[int, Sequence[str]] = NO_REPAIRS,
    resolved: Collection[TaskId] = (),
    unread: Collection[TaskId] = (),
    earlier: Earlier = NOTHING_EARLIER,
) -> tuple[Diagnostic, ...]:
    """Return what is wrong with a plan, bound or not. With no tools the checks that need them are off.

    `repaired`: the codes of the repairs made in the text of a task; `resolved`: further tasks in whose text something decided
    what a reference names. `unread`: ids of statements that could not be read, so that a reference to one is not missing.
    `earlier`: the calls of earlier plans, whose results may be read.
    """
    verifier = Verifier(tools, plan.origins, repaired=repaired, resolved=resolved, unread=unread, earlier=earlier)
    for declared in plan.inputs:
        verifier.declare(declared)
    if plan.body is not None:
        return verifier.body(plan, with_built_in(plan, tools), earlier)
    for task in plan.tasks:
        verifier.task(task)
    verifier.finish(plan.join)
    return verifier.diagnostics()


class Verifier:
    """Verify task by task, in plan order. `origins`: what passes did to the plan before.

    `found` holds the findings in the order in which they were made.
    """

    def __init__(
        self,
        tools: Tools,
        origins: tuple[Origin, ...] = (),
        *,
        repaired: Mapping[int, Sequence[str]] = NO_REPAIRS,
        resolved: Collection[TaskId] = (),
        unread: Collection[TaskId] = (),
        earlier: Earlier = NOTHING_EARLIER,
    ) -> None:
        calls = Calls(tools)
        self._types = Types(tools)
        self._inputs: dict[str, Span] = {}
        self._calls = CallChecker(calls, self._types, self._inputs)
        self._repairs = RepairChecker(calls, repaired, resolved)
        self._unread = unread
        self._origins = Origins(origins)
        self._spans: dict[TaskId, Span] = {}
        self._lengths: dict[TaskId, int] = {o.id: o.count for o in origins if isinstance(o, Expanded)}
        self._repeated: set[TaskId] = set()
        self._unknown: list[tuple[Ref, Task | None]] = []
        self.found: list[Diagnostic] = []
        for task in earlier.tasks:
            self._spans[task.id] = NOWHERE
            self._types.add(task)

    def declare(self, declared: InputDecl) -> None:
        """Check the declaration of an input. It stands before what reads it."""
        self.found += check_input(declared, self._inputs)
        self._inputs.setdefault(declared.name, declared.span)
        self._types.declare(declared)

    def task(self, task: Task) -> bool:
        """Check a task; whether nothing is known to be wrong with it. What it refers to must have come before."""
        before = len(self.found)
        self.found += self._check_id(task)
        complete = True
        for arg in task.args:
            for ref, text in reads(arg.value):
                if isinstance(ref, Ref):
                    complete &= self._check_reference(ref, text is not None, task)
        for id in task.after:
            if id not in self._spans and id not in self._unread:
                self._error("V024", f"task {task.id} follows {id}, which is no task before it", task.span)
        self.found += self._calls.check(task)
        self.found += self._repairs.check(task)
        self._spans.setdefault(task.id, task.span)
        self._types.add(task)
        length = None if task.each is None else self._length(task.each.value)
        if length is not None:
            self._lengths[task.id] = length
        return complete and not any(d.is_error for d in self.found[before:])

    def body(self, plan: Plan, tools: Tools, earlier: Earlier) -> tuple[Diagnostic, ...]:
        """Check a plan with a body, after its inputs; return all findings in text order."""
        from lcc.passes.verify.bodies import BodyVerifier  # plans without a body need no operations

        checker = BodyVerifier(plan, tools, self._inputs, self._unread, earlier)
        checker.check()
        self.found += self._repairs.check_all(calls_of(plan))
        if plan.join is not None:
            self.found += _check_form(plan.join, self._repeated)
            for value in plan.join.values:
                checker.check_value(value)
        self.found += checker.found
        return self.diagnostics()

    def finish(self, join: Join | None) -> None:
        """Check the join, and references to tasks that had not come."""
        for ref, task in self._unknown:
            self.found.append(self._explain(ref, task, join))
        if join is None:
            help = "end the plan with `join()`, which reads every result, or `join($1)`"
            self.found.append(Diagnostic("V003", Severity.ERROR, "the plan has no join", None, help))
            return
        self.found += _check_form(join, self._repeated)
        if join.id is not None and join.id in self._spans:
            labels = _label(self._spans[join.id], "the task")
            self._error("V001", f"the join has the id of task {join.id}", join.span, "give it an id of its own", labels)
        for value in join.values:
            for part, text in reads(value):
                if isinstance(part, Ref) and not self._check_reference(part, text is not None, None):
                    self.found.append(self._explain(self._unknown.pop()[0], None, join))
            self.found += self._calls.check_paths(value)

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return all findings in text order."""
        return tuple(sorted(self.found, key=lambda d: d.span.start if d.span else 1 << 60))

    def _check_id(self, task: Task) -> Iterator[Diagnostic]:
        id = task.id
        number, place = (id.task, id.place) if isinstance(id, Element) else (id, 0)
        if number < 1 or place < 0:
            yield error("V024", f"{id} is no id", task.span, "ids are positive integers")
        if id in self._spans:
            labels = _label(self._spans[id], "first used here")
            yield error("V001", f"two tasks have the id {id}", task.span, "give every task an id of its own", labels)
            self._repeated.add(id)
        if task.tool in RESERVED_TOOLS:
            yield error("V015", f"`{task.tool}` ends a plan and can't be called as a tool", task.span)
        for arg in task.args:
            if arg.name in RESERVED_PARAMETERS:
                yield error("V015", f"`{arg.name}` is reserved and names no parameter", arg.span or task.span)

    def _check_reference(self, ref: Ref, in_text: bool, task: Task | None) -> bool:
        """Whether a reference names a result that is there, or was lost with the statement that made it."""
        if ref.task not in self._spans:
            if ref.task in self._unread:
                return True
            if not (in_text and self._is_expanded(ref.task)):
                self._unknown.append((ref, task))
                return False
        self._check_place(ref)
        return True

    def _is_expanded(self, id: TaskId) -> bool:
        """Whether an id names a fan-out whose elements, or what they became, have all come."""
        value = self._origins.value_of(id) if id in self._origins else None
        return value is not None and all(ref.task in self._spans for ref in references(value))

    def _length(self, spread: Value) -> int | None:
        """Return how many elements a fan-out over a value has, None where only the run knows."""
        match spread:
            case ListOf(items):
                return len(items)
            case Ref(task, ()) | Format((Ref(task, ()),)):
                return self._lengths.get(task)
            case _:
                return None

    def _check_place(self, ref: Ref) -> None:
        length = self._lengths.get(ref.task)
        if length is None or not ref.path or not isinstance(ref.path[0], int):
            return
        place = ref.path[0]
        if not -length <= place < length:
            count = "1 element" if length == 1 else f"{length} elements"
            labels = _label(self._spans.get(ref.task, NOWHERE), f"a fan-out of {count}")
            help = f"the elements are [0] to [{length - 1}]" if length else "its list is empty"
            self._error("V010", f"`${ref.task}[{place}]` is no element of task {ref.task}", ref.span, help, labels)

    def _explain(self, ref: Ref, task: Task | None, join: Join | None) -> Diagnostic:
        id = ref.task
        if task is not None and id == task.id:
            return error("V002", f"task {id} reads its own result", ref.span, "refer to a task before it")
        if join is not None and id == join.id:
            return error("V002", f"${id} is the join, which has no result", ref.span, "refer to a task before it")
        if id in self._spans:
            reader = "the join" if task is None else f"task {task.id}"
            labels = _label(self._spans[id], f"task {id}")
            help = f"move task {id} before its reader"
            return error("V002", f"{reader} reads the result of task {id}, which comes later", ref.span, help, labels)
        known = listed(self._spans, 8)
        help = f"the tasks are {known}; write `$$` for a dollar" if known else "write `$$` for a dollar"
        return error("V002", f"there is no task {id}", ref.span, help)

    def _error(
        self, code: str, message: str, span: Span, help: str | None = None, labels: tuple[Label, ...] = ()
    ) -> None:
        self.found.append(error(code, message, span, help, labels))


def _label(span: Span, text: str) -> tuple[Label, ...]:
    return () if span == NOWHERE else (Label(span, text),)


def _check_form(join: Join, repeated: Collection[TaskId]) -> Iterator[Diagnostic]:
    if join.direct and (len(join.values) != 1 or join.labels is not None):
        help = "give a list: answer([$1, $2])"
        yield error("V016", f"`answer` takes one value, not {len(join.values)}", join.span, help)
    if join.labels is None:
        return
    if len(join.labels) != len(join.values):
        yield error("V020", f"{len(join.values)} values of the join have {len(join.labels)} labels", join.span)
    for label, count in Counter(join.labels).items():
        if count > 1 and label not in repeated:
            yield error("V020", f"{count} values of the join have the label {label}", join.span, "give each its own")


def check_input(declared: InputDecl, earlier: Mapping[str, Span]) -> Iterator[Diagnostic]:
    """Yield what is wrong with the declaration of an input; `earlier` says where others are declared."""
    if declared.name in earlier:
        first = earlier[declared.name]
        labels = () if first == NOWHERE else (Label(first, "first declared here"),)
        yield error("V017", f"input `{declared.name}` is declared twice", declared.span, "keep one", labels)
    yield from _check_type(declared)


def _check_type(declared: InputDecl) -> Iterator[Diagnostic]:
    try:
        type_ = parse_annotation(declared.type)
    except AnnotationError as bad:
        help = bad.help or "write `str`, `int`, `float`, `bool`, `list[str]`, …"
        yield error("V018", f"input `{declared.name}`: {bad.message}", declared.span, help)
        return
    default = declared.default
    if default is None:
        return
    if not is_constant(default):
        yield error("V018", f"the default of input `{declared.name}` is not a constant", declared.span, "give a value")
        return
    wrong = misfit(default, type_, Types(NO_TOOLS))
    if wrong is not None:
        message = f"input `{declared.name}` is {show(type_)}, and its default is {wrong.got}"
        yield error("V018", message, declared.span, "change the type or the default")


RESOLVING: Final = frozenset({"R003", "R030", "R031", "R033"})
"""The repairs that decide what a reference names: renumbered, reference-style, result-path, forward-reference."""


class RepairChecker:
    """Check task by task, in plan order."""

    def __init__(self, calls: Calls, repaired: Mapping[int, Sequence[str]], resolved: Collection[TaskId]) -> None:
        self._calls = calls
        self._repaired = repaired
        self._resolved = resolved
        self._guessed: dict[TaskId, TaskId] = {}

    def check(self, task: Task) -> Iterator[Diagnostic]:
        """Yield why a call that may change the outside must not be made from this text."""
        if not self._repaired and not self._resolved:
            return
        if task.id in self._resolved or not RESOLVING.isdisjoint(self._codes(task)):
            self._guessed[task.id] = task.id
        for id in dependencies(task):
            if id in self._guessed:
                self._guessed.setdefault(task.id, self._guessed[id])
        reason = self._reason(task)
        effect = self._calls.effect(task.tool)
        if reason is None or effect.may_start_early:
            return
        span = None if task.span == NOWHERE else task.span
        if effect is Effect.UNDECLARED:
            message = f"`{task.tool}` may change the outside, and {reason}"
            yield Diagnostic("V022", Severity.WARNING, message, span, "declare its effect, or check the call")
        else:
            message = f"`{task.tool}` is {effect}, and {reason}"
            yield Diagnostic("V021", Severity.ERROR, message, span, "write the call as it is meant")

    def check_all(self, tasks: Iterable[Task]) -> Iterator[Diagnostic]:
        """Yield the same for the calls of a body, where names carry results: what a repair chose may reach every call behind it."""
        chosen: TaskId | None = None
        for task in tasks:
            if chosen is not None:
                self._guessed.setdefault(task.id, chosen)
            yield from self.check(task)
            chosen = chosen if chosen is not None else self._guessed.get(task.id)

    def _codes(self, task: Task) -> Sequence[str]:
        return self._repaired.get(task.id, ()) if isinstance(task.id, int) else ()

    def _reason(self, task: Task) -> str | None:
        codes = self._codes(task)
        if codes:
            return f"its text was repaired ({', '.join(codes)})"
        guess = self._guessed.get(task.id)
        if guess is None:
            return None
        whose = "a reference in it" if guess == task.id else f"a reference in task {guess}, on which it depends,"
        return f"{whose} was repaired"
