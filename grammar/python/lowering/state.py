"""Hold what lowering makes: the block at hand, ids, names, findings; and evaluate several things in CPython's order.

A call is a statement of its own. So what CPython evaluates before it must be evaluated before it, if it may fail or change: it is
*pinned*, put into a name by a statement. `sequence` pins what stands before the last of its items that acts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeAlias

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.ir import (
    NOWHERE,
    Apply,
    Builtin,
    Const,
    If,
    InputDecl,
    Let,
    Local,
    Ref,
    Spread,
    Statement,
    Target,
    Value,
)
from lcc.grammar.ir.operations import BUILTIN_CLASSES, BUILTINS, EXCEPTION_CLASSES
from lcc.grammar.python import tree
from lcc.grammar.python.lowering.names.bindings import Binding, BuiltinName, Function, Scope, Tool, Unbound, Var, merged
from lcc.grammar.python.lowering.names.program_rules import SIZE, Refused
from lcc.grammar.signatures import Signature
from lcc.grammar.source import Source, Span

Item: TypeAlias = tuple[bool, Callable[[], Value]]
BUILTIN_NAMES: Final = frozenset({*BUILTINS, *EXCEPTION_CLASSES, *BUILTIN_CLASSES, "map", "filter", "answer"})
MOST: Final = 20_000
"""Statements of one program."""
MOST_CHOICES: Final = 40
"""Values that stand in one another, each of which is made only if the one before it is wanted."""


class State:
    """What every part of lowering works on. The parts are one class, in layers: what a layer needs of a later one it declares.

    `reading`: names that are bound once, before they are read. `forced`: generators that are loops although they don't act.
    `wrong`: an error was reported.
    """

    def __init__(self, source: Callable[[], Source], tools: dict[str, Signature], names: frozenset[str]) -> None:
        self.source = source
        self.tools = tools
        self.taken = set(names)
        self.reading: set[str] = set()
        self.forced: set[int] = set()
        self.scope = Scope("module")
        self.out: list[Statement] = []
        self.found: dict[tuple[str, Span | None], Diagnostic] = {}
        self.wrong = False
        self.inputs: dict[str, InputDecl] = {}
        self.stack: list[Function] = []
        self.called: set[int] = set()
        self.functions: list[Function] = []
        self.awaiting = False
        self.reassigned: set[str] = set()
        self.trial = False
        self.tries = 0
        self._ids = 0
        self._made = 0
        self._numbers: dict[str, int] = {}
        self._choices = 0

    # what is made

    def emit(self, *statements: Statement) -> None:
        """Put statements at the end of the block at hand."""
        self._made += len(statements)
        if self._made > MOST:
            message = f"this program has more than {MOST:,} statements once its functions are put in"
            raise Refused(
                SIZE, message, self.stack[0].span if self.stack else NOWHERE, "call fewer functions in functions"
            )
        self.out += statements

    @contextmanager
    def block(self) -> Iterator[list[Statement]]:
        """Collect statements into a block of their own."""
        before, self.out = self.out, []
        try:
            yield self.out
        finally:
            self.out = before

    def new_id(self) -> int:
        """Return an id that nothing has."""
        self._ids += 1
        return self._ids

    def fresh(self, name: str) -> str:
        """Return a name of the plan that nothing else has."""
        number = self._numbers.get(name, 2)
        while f"{name}_{number}" in self.taken:
            number += 1
        self._numbers[name] = number + 1
        self.taken.add(f"{name}_{number}")
        return f"{name}_{number}"

    def let(self, target: Target, value: Value, span: Span = NOWHERE) -> None:
        """Bind a name of the plan."""
        self.emit(Let(value, (target,), span=span))

    def temp(self, value: Value, name: str = "t") -> Local:
        """Evaluate a value here, and return what reads it."""
        target = self.fresh(name)
        self.reading.add(target)
        self.let(target, value)
        return Local(target)

    def pin(self, value: Value) -> Value:
        """Evaluate a value here, unless it is the same later."""
        match value:
            case Const() | Builtin():
                return value
            case Ref(path=()):
                return value
            case Local(name) if name in self.reading:
                return value
            case Spread(inner, names):
                if names:
                    return Spread(self.pin(inner), True)
                return Spread(self.temp(Apply("builtin list", (inner,))))
            case _:
                return self.temp(value)

    def sequence(self, items: Sequence[Item]) -> list[Value]:
        """Evaluate items from left to right."""
        last = max([place for place, (acts, _) in enumerate(items) if acts], default=-1)
        out = []
        for place, (_, make) in enumerate(items):
            value = make()
            out.append(self.pin(value) if place < last else value)
        return out

    # names

    def lookup(self, name: str) -> Binding | None:
        """Return what a name stands for here; None if nothing gives it."""
        scope: Scope | None = self.scope
        while scope is not None:
            if name in scope.env:
                return scope.env[name]
            if name in scope.own and scope.kind == "function":
                return Unbound(name)
            if name in scope.own and self.beneath(name) is None:
                return Unbound(name)
            scope = scope.parent
        return self.beneath(name)

    def beneath(self, name: str) -> Binding | None:
        """Return the tool or builtin of a name."""
        if name in self.tools:
            return Tool(self.tools[name].name)
        return BuiltinName(name) if name in BUILTIN_NAMES else None

    @property
    def holder(self) -> Scope:
        """The scope in which statements here assign: the innermost that is no comprehension."""
        scope = self.scope
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        return scope

    @contextmanager
    def inside(self, scope: Scope) -> Iterator[Scope]:
        """Do something in another scope."""
        before, self.scope = self.scope, scope
        try:
            yield scope
        finally:
            self.scope = before

    def ir_name(self, name: str) -> str:
        """Return the name in the plan of a name that statements assign here."""
        return self.holder.own.setdefault(name, name)

    def ways(self, *makes: Callable[[], None]) -> None:
        """Do several things, only one of which happens; names then are what they are on all ways."""
        holder = self.holder
        entry = holder.env
        ends = []
        for make in makes:
            holder.env = dict(entry)
            make()
            ends.append(holder.env)
        holder.env = self.meet(ends)

    def meet(self, ways: Iterable[dict[str, Binding]]) -> dict[str, Binding]:
        """Return what names are where ways of the scope at hand meet. One of the module without a value is the tool or builtin."""
        every = list(ways)
        if self.holder.kind == "module":
            names = {
                name for way in every for name in (*(way.keys() & self.tools.keys()), *(way.keys() & BUILTIN_NAMES))
            }
            given = {name: found for name in names if (found := self.beneath(name)) is not None}
            every = [{**given, **way} for way in every] if given else every
        return merged(every)

    def may_be_bound(self, names: Iterable[str]) -> None:
        """Say that what follows may be done after these names were assigned, or before."""
        holder = self.holder
        later: dict[str, Binding] = dict(holder.env)
        for name in names:
            old = later.get(name)
            sure = isinstance(old, Var) and old.sure
            later[name] = Var(self.ir_name(name), sure)
        if later != holder.env:
            holder.env = self.meet([holder.env, later])

    # findings

    def report(self, finding: Diagnostic) -> None:
        """Keep a finding, once for each place."""
        self.found.setdefault((finding.code, finding.span), finding)
        self.wrong |= finding.is_error

    def remark(self, code: str, message: str, span: Span, help: str | None = None) -> None:
        """Say something that isn't wrong."""
        if not self.trial:
            self.report(Diagnostic(code, Severity.REMARK, message, span, help))

    def choice(self, test: Value, then: Callable[[], Value], other: Callable[[], Value]) -> Value:
        """Return one of two values that have to be made by statements."""
        if self._choices >= MOST_CHOICES:
            message = f"more than {MOST_CHOICES} calls in one `and`, `or` or list depend on one another"
            raise Refused(SIZE, message, self.stack[0].span if self.stack else NOWHERE, "do it in several statements")
        target = self.fresh("t")
        blocks: list[tuple[Statement, ...]] = []

        def way(make: Callable[[], Value]) -> Callable[[], None]:
            def do() -> None:
                with self.block() as made:
                    self.let(target, make())
                blocks.append(tuple(made))

            return do

        test = self.pin(test)
        self._choices += 1
        try:
            self.ways(way(then), way(other))
        finally:
            self._choices -= 1
        self.emit(If(test, blocks[0], blocks[1]))
        self.reading.add(target)
        return Local(target)

    # what later layers give

    def value(self, node: tree.Expression, *, read: bool = False) -> Value:
        """Return the value of an expression, after the statements that it takes. `read`: a generator is read at once."""
        raise NotImplementedError

    def acts(self, node: object) -> bool:
        """Whether an expression takes statements."""
        raise NotImplementedError

    def nothing(self) -> Value:
        """Return None as a value."""
        return Const(None)
