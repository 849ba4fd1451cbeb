"""Verify plans with a body: names, results and ids where they stand, values by their types, statements in their places."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.diagnostics.wording import did_you_mean
from lcc.grammar.ir import (
    NOWHERE,
    Apply,
    Block,
    Builtin,
    Choose,
    Comprehension,
    Const,
    Element,
    Exit,
    ForEach,
    Gather,
    If,
    Inline,
    Lambda,
    Let,
    ListOf,
    Local,
    Logic,
    Plan,
    Ref,
    Region,
    Spread,
    Statement,
    Task,
    TaskId,
    Try,
    Value,
    While,
    block_statements,
    blocks_of,
    children,
    names_of,
    references,
    statement_values,
    targets_of,
    value_locals,
)
from lcc.grammar.ir.evaluation import Evaluation, changes_values, compile_value, constant_of, frame_keys
from lcc.grammar.ir.operations import (
    EXCEPTION_CLASSES,
    MODULE_EXCEPTIONS,
    Meter,
    Misfit,
    OperationError,
    OperationLimits,
    own_text,
)
from lcc.grammar.ir.walk import walk
from lcc.grammar.signatures import Tools
from lcc.grammar.source import Span
from lcc.passes.analysis.calls import Calls
from lcc.passes.analysis.values.body_types import BodyTypes
from lcc.passes.analysis.values.value_types import ValueTypes, operation_named, tests_type
from lcc.passes.context import NOTHING_EARLIER, Earlier
from lcc.passes.verify.arguments import CallChecker, error

DEEPEST: Final = 100
"""So many values may stand in one another, and so many blocks: what goes through them is recursive."""
_FOLDED: Final = OperationLimits(steps=20_000)
_KEYED: Final = frozenset({"builtin sorted", "builtin min", "builtin max", "method sort", "module itertools.groupby"})


def deeper_than(block: Block, limit: int) -> Statement | None:
    """Return a statement in which blocks or values are nested too deep, if there is one."""
    level: list[tuple[Statement, int]] = [(one, 1) for one in block]
    while level:
        statement, depth = level.pop()
        if depth > limit or any(_depth(value, limit) > limit for value in statement_values(statement)):
            return statement
        level += [(inner, depth + 1) for block in blocks_of(statement) for inner in block]
    return None


def _depth(value: Value, limit: int) -> int:
    depth, level = 0, [value]
    while level and depth <= limit:
        level = [inner for one in level for inner in children(one)]
        depth += 1
    return depth


class BodyVerifier:
    """Verifies a body once. `found` holds the findings."""

    def __init__(
        self,
        plan: Plan,
        tools: Tools,
        inputs: Collection[str],
        unread: Collection[TaskId],
        earlier: Earlier = NOTHING_EARLIER,
    ) -> None:
        self.found: list[Diagnostic] = []
        self._body = plan.body or ()
        self._strict = plan.fails == "strict"
        self._inputs = inputs
        self._unread = unread
        self._ids: dict[TaskId, Span] = {}
        self._there: set[TaskId] = {task.id for task in earlier.tasks}
        self._loops = 0
        self._tried = 0
        self._guards: list[Value] = []
        self._names: frozenset[str] = frozenset()
        self._deep = deeper_than(self._body, DEEPEST)
        if self._deep is None:
            self._types = BodyTypes(plan, tools, earlier.tasks)
            self._calls = CallChecker(Calls(tools), self._types, inputs, constants_of(self._body))
            self._values = ValueTypes(self._types.read, self._misfit)
        self._statement = self._body[0] if self._body else None

    def check(self) -> None:
        """Check the whole body."""
        if self._deep is not None:
            self._error("V035", f"more than {DEEPEST} values or blocks stand in one another here", self._deep.span,
                        "do it in several steps")  # fmt: skip
            return
        if self._strict:
            self._names = frozenset(bound_in(self._body))
        self._block(self._body, self._strict)

    def check_value(self, value: Value, *, paths: bool = True) -> None:
        """Check a value that stands in the current place; `paths`: those of references too."""
        if self._deep is not None:
            return
        for part in walk(value):
            self._check_part(part)
        for name in sorted(value_locals(value) - self._names):
            span = next((one.span for one in walk(value) if isinstance(one, Local) and one.name == name), NOWHERE)
            help = did_you_mean(name, self._names) or (f"it is an input: ${name}" if name in self._inputs else None)
            self._error("V030", f"nothing binds the name `{name}`", span, help)
        for ref in references(value):
            if ref.task not in self._there and ref.task not in self._unread:
                self._missing(ref)
        self._check_functions(value)
        if paths:
            self._report(self._calls.check_paths(value), (value,))
        self._values.of(value)
        if not self._tried:
            self._check_constants(value)

    def _missing(self, ref: Ref) -> None:
        made = self._ids.get(ref.task)
        if made is not None and not made.start <= ref.span.start < made.end:
            what, help = "stands in a loop or another branch of a gather", "read it there, or let the loop yield it"
            self._error("V031", f"`${ref.task}` {what}", ref.span, help)
        else:
            self._error("V002", f"`${ref.task}` names no step before it", ref.span)

    def _check_part(self, part: Value) -> None:
        match part:
            case Apply(op, _, _, span) if not op.startswith(("method ", "attribute ")):
                if operation_named(op) is None and op != "module functools.reduce":
                    self._error("V036", f"the operation `{op.partition(' ')[2] or op}` is not available", span)
            case Builtin(name, span):
                try:
                    constant_of(name)
                except OperationError as refused:
                    self._error("V036", refused.message, span, refused.help)
            case _:
                pass

    def _check_functions(self, value: Value) -> None:
        """Check that functions, stars and prints stand where they may."""
        todo: list[tuple[Value, Value | None]] = [(value, None)]
        while todo:
            one, above = todo.pop()
            if isinstance(one, Lambda) and not _takes_function(above, one):
                self._error("V033", "a function stands only as `key`, or first in `reduce`", one.span)
            elif isinstance(one, Spread) and not _takes_star(above, one):
                self._error(
                    "V033", "a star stands only among arguments, or in a list, tuple, set or dict", _span(one.value)
                )
            elif isinstance(one, Apply) and one.op == "builtin print" and not self._prints(one):
                self._error("V033", "`print` gives no value: it stands alone", one.span)
            todo += [(inner, one) for inner in children(one)]

    def _prints(self, value: Apply) -> bool:
        here = self._statement
        return isinstance(here, Let) and here.value is value and not here.targets and here.id is None

    def _check_constants(self, value: Value) -> None:
        """Evaluate what reads nothing, and report it if it fails."""
        todo = [value]
        while todo:
            one = todo.pop()
            if isinstance(one, Apply) and _is_constant(one):
                self._fold(one)
                continue
            if isinstance(one, Apply) and one.op in ("operator /", "operator //") and _is_zero(one.args[1]):
                self._error("V037", "this divides by zero", one.span)
            todo += _evaluated(one)

    def _fold(self, value: Apply) -> None:
        try:
            compile_value(value, Evaluation(Meter(_FOLDED)))({})
        except OperationError as refused:
            if refused.kind not in ("steps", "value", "refused"):
                self._error("V037", f"this can't be done: {refused.message}", value.span, refused.help)
        except Exception as failure:
            if any(one.code == "V038" and one.span == value.span for one in self.found[-2:]):
                return
            self._error(
                "V037",
                f"this fails whenever it is evaluated: {type(failure).__name__}: {own_text(failure)}",
                value.span,
            )

    def _misfit(self, value: Value, misfit: Misfit, tests: tuple[Value, ...]) -> None:
        """Report an operation that can't be right."""
        if not self._expected((value,), tests):
            span = _span(value)
            here = self._statement.span if self._statement is not None else NOWHERE
            self._error("V038", misfit.message, here if span == NOWHERE else span, misfit.help)

    def _report(self, found: Iterable[Diagnostic], values: Iterable[Value]) -> None:
        """Keep what is wrong with a call or a value, but for paths and types that the program deals with."""
        expected = self._expected(values)
        self.found += [one for one in found if not (expected and one.code in ("V008", "V009"))]

    def _expected(self, values: Iterable[Value], tests: tuple[Value, ...] = ()) -> bool:
        """Whether the program handles a failure here, or has asked what the values are that it deals with."""
        if self._tried:
            return True
        keys = {key for value in values for key in (*frame_keys(value), *_names_within(value))}
        asked = [one for test in (*self._guards, *tests) for one in tests_type(test)]
        return any(not keys.isdisjoint((*frame_keys(one), *_names_within(one))) for one in asked)

    def _block(self, block: Block, strict: bool) -> None:
        guards, tried = len(self._guards), self._tried
        for statement in block:
            self._statement = statement
            self._check_id(statement)
            if not strict and isinstance(statement, Inline | If | While | Try | Gather | Exit):
                self._error(
                    "V032", "this stands only in strict statements", statement.span, "put it in a `python:` block"
                )
            self._one(statement, strict)
            if isinstance(statement, If) and (_leaves(statement.body) or _leaves(statement.orelse)):
                self._guards.append(statement.test)
            if _leaves((statement,)):
                self._tried += 1  # what stands behind is never reached
        del self._guards[guards:]
        self._tried = tried

    def _one(self, statement: Statement, strict: bool) -> None:
        if not strict:
            self._check_parallel(statement)
        match statement:
            case Task():
                self._task(statement)
            case Let(value, _, id, when):
                self.check_value(value)
                self._optional(when)
                self._there.add(id) if id is not None else None
            case ForEach():
                self._for_each(statement, strict)
            case Region(id, body, _, when):
                self._optional(when)
                with self._bound(bound_in(body)):
                    self._block(body, True)
                self._there.add(id)
            case Inline(id, body):
                self._block(body, True)
                self._there.add(id)
            case If(test, body, orelse):
                self.check_value(test)
                self._guarded(test, (body, orelse))
            case While(_, test, body, orelse):
                self.check_value(test)
                with self._turn():
                    self._guarded(test, (body,))
                self._block(orelse, True)
            case Try():
                self._try(statement)
            case Gather():
                self._gather(statement)
            case Exit(kind, value):
                if kind in ("break", "continue") and not self._loops:
                    self._error("V032", f"`{kind}` stands outside of a loop", statement.span)
                self._optional(value)

    def _optional(self, value: Value | None) -> None:
        if value is not None:
            self.check_value(value)

    def _guarded(self, test: Value, blocks: tuple[Block, ...]) -> None:
        self._guards.append(test)
        for block in blocks:
            self._block(block, True)
        self._guards.pop()

    def _task(self, task: Task) -> None:
        for arg in task.args:
            self.check_value(arg.value, paths=False)
        self._optional(task.when)
        self._report(self._calls.check(task), [arg.value for arg in task.args])
        for id in (*task.after, *task.ok, *(() if task.instead is None else (task.instead,))):
            number = id.task if isinstance(id, Element) else id
            if number not in self._there and number not in self._unread and number != task.id:
                self._error("V024", f"step {task.id} follows {id}, which is no step before it", task.span)
        self._there.add(task.id)

    def _for_each(self, loop: ForEach, strict: bool) -> None:
        self.check_value(loop.items)
        self._values.elements(loop.items)
        self._optional(loop.when)
        with self._turn(), self._bound(names_of(loop.target)):
            self._block(loop.body, strict)
            self._statement = loop
            self._optional(loop.yield_when)
            if loop.yield_when is not None:
                self._guards.append(loop.yield_when)
            self._optional(loop.yields)
            if loop.yield_when is not None:
                self._guards.pop()
        self._block(loop.orelse, strict)
        self._there.add(loop.id)

    def _try(self, statement: Try) -> None:
        self._tried += bool(statement.handlers)
        self._block(statement.body, True)
        self._tried -= bool(statement.handlers)
        for handler in statement.handlers:
            self._statement = statement
            if handler.classes is not None:
                self.check_value(handler.classes)
                self._check_classes(handler.classes)
            elif handler.name is not None:
                message = f"`{handler.name}` names an exception of no class"
                self._error("V034", message, statement.span, f"write `except BaseException as {handler.name}:`")
            self._block(handler.body, True)
        self._block(statement.orelse, True)
        self._block(statement.final, True)

    def _check_classes(self, classes: Value) -> None:
        for one in classes.args if isinstance(classes, Apply) and classes.op == "display tuple" else (classes,):
            wrong = isinstance(one, Const | Lambda | Comprehension)
            if isinstance(one, Builtin):
                wrong = one.name not in EXCEPTION_CLASSES and one.name not in MODULE_EXCEPTIONS
            if wrong:
                self._error("V034", "`except` takes classes of exceptions", _span(one), "write `except Exception:`")

    def _gather(self, gather: Gather) -> None:
        for part in gather.parts:
            self._statement = gather
            self._optional(part.items)
            names = set(bound_in(part.body))
            if part.target is not None:
                names |= set(names_of(part.target))
            with self._turn(loop=False), self._bound(names):
                self._block(part.body, True)
                self._statement = gather
                self.check_value(part.value)
        self._there.add(gather.id)

    def _check_parallel(self, statement: Statement) -> None:
        """Check that a step that may run beside others changes nothing that they may read."""
        for value in statement_values(statement):
            if changes_values(value):
                help = "put it in a `python:` block, where statements are in order"
                self._error("V039", "this changes a value that other steps may read", _span(value), help)

    def _check_id(self, statement: Statement) -> None:
        id: TaskId | None = getattr(statement, "id", None)
        if id is None:
            return
        if isinstance(id, int) and id < 1:
            self._error("V024", f"{id} is no id", statement.span, "ids are positive integers")
        if id in self._ids or id in self._there:
            self._error("V001", f"two steps have the id {id}", statement.span, "give every step an id of its own")
        self._ids.setdefault(id, statement.span)

    @contextmanager
    def _turn(self, *, loop: bool = True) -> Iterator[None]:
        """What stands in a turn has results that are read there alone."""
        before = set(self._there)
        loops, self._loops = self._loops, self._loops + 1 if loop else 0
        yield
        self._loops = loops
        self._there = before

    @contextmanager
    def _bound(self, names: Collection[str] | Iterator[str]) -> Iterator[None]:
        before = self._names
        self._names = before | frozenset(names)
        yield
        self._names = before

    def _error(self, code: str, message: str, span: Span, help: str | None = None) -> None:
        self.found.append(error(code, message, span, help))


def constants_of(body: Block) -> dict[str, Const]:
    """Return the names that a body binds once, and to a scalar that stands there."""
    found: dict[str, Const] = {}
    often: set[str] = set()
    for statement in block_statements(body):
        targets = [name for target in targets_of(statement) for name in names_of(target)]
        if isinstance(statement, Gather):
            targets += [name for part in statement.parts if part.target is not None for name in names_of(part.target)]
        often.update(name for name in targets if name in found or targets.count(name) > 1)
        value = statement.value if isinstance(statement, Let) and len(targets) == 1 else None
        for name in targets:
            if isinstance(value, Const) and name not in often:
                found[name] = value
            else:
                often.add(name)
    return {name: value for name, value in found.items() if name not in often}


def bound_in(block: Block) -> Iterator[str]:
    """Yield the names that a block binds, and the blocks in it: not those of the parts of a gather, which are their own."""
    for statement in block:
        for target in targets_of(statement):
            yield from names_of(target)
        if not isinstance(statement, Gather):
            for inner in blocks_of(statement):
                yield from bound_in(inner)


def _leaves(block: Block) -> bool:
    return any(isinstance(one, Exit) and one.kind != "offer" for one in block)


def _names_within(value: Value) -> Iterator[str]:
    """Yield the names in a value, also those that its own comprehensions bind."""
    return (one.name for one in walk(value) if isinstance(one, Local))


def _takes_function(above: Value | None, function: Lambda) -> bool:
    if not isinstance(above, Apply):
        return False
    if above.op == "module functools.reduce":
        return above.args[0] is function
    return above.op in _KEYED and any(name == "key" and item is function for name, item in above.names)


def _takes_star(above: Value | None, star: Spread) -> bool:
    if isinstance(above, Apply):
        return not star.names or above.op == "display dict" or not above.op.startswith("display ")
    return not star.names and isinstance(above, ListOf)


def _is_constant(value: Apply) -> bool:
    """Whether a value reads nothing: no name, no result, no clock."""
    if frame_keys(value):
        return False
    for one in walk(value):
        if isinstance(one, Apply):
            operation = operation_named(one.op)
            if one.op == "builtin print" or (operation is not None and operation.clock):
                return False
    return True


def _is_zero(value: Value) -> bool:
    return isinstance(value, Const) and type(value.value) in (int, float) and value.value == 0


def _evaluated(value: Value) -> tuple[Value, ...]:
    """Return the values inside of one that are evaluated whenever it is."""
    match value:
        case Choose(test, _, _):
            return (test,)
        case Logic(_, items):
            return items[:1]
        case Comprehension(_, _, clauses):
            return (clauses[0].items,)
        case Lambda():
            return ()
        case _:
            return children(value)


def _span(value: Value) -> Span:
    """Return where a value stands, or the first value in it whose place is known."""
    return next((one.span for one in walk(value) if getattr(one, "span", NOWHERE) != NOWHERE), NOWHERE)  # type: ignore[union-attr]
