"""Evaluate comprehensions in the order of CPython; those that are lazy as far as their reader asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

from lcc.grammar.ir.blocks import names_of
from lcc.grammar.ir.evaluation.changes import changes_values
from lcc.grammar.ir.evaluation.frames import UP, Code, Frame, Scope
from lcc.grammar.ir.evaluation.unpacking import compile_target
from lcc.grammar.ir.expressions import Clause, Comprehension
from lcc.grammar.ir.operations import Lazy, OperationError, SetValue, hashed, iterate

Inner: TypeAlias = dict[Any, Any]
Turn: TypeAlias = Callable[[Inner], Any]
_OUT: Final = " "
"""The key of what a comprehension has made so far; no name is a space."""
_LIST_ITEM: Final = 40
_KEYED_ITEM: Final = 140
_GARBAGE: Final = 4096
"""Bytes that a turn must have made before it is worth giving back what it doesn't keep."""


def compile_comprehension(scope: Scope, value: Comprehension) -> Code:
    """Compile a comprehension. Its first iterable is evaluated in the scope around it."""
    first, *_ = value.clauses
    inner = scope.inside(frozenset(name for clause in value.clauses for name in names_of(clause.target)))
    source = scope.code(first.items)
    if value.kind == "lazy":
        return _lazy(inner, value, source)
    turn, new = _collecting(inner, value)
    keeps = changes_values(value)
    for clause in reversed(value.clauses[1:]):
        turn = _nested(inner.code(clause.items), _loop(inner, clause, turn, keeps))
        keeps = True
    loop = _loop(inner, first, turn, keeps)

    def collect(frame: Frame) -> Any:
        iterator = iterate(source(frame)).iterator
        out = new()
        loop({UP: frame, _OUT: out}, iterator)
        return out

    return collect


def _nested(source: Code, loop: Callable[[Inner, Iterator[Any]], None]) -> Turn:
    """Return a turn that is a loop of its own."""
    return lambda inner: loop(inner, iterate(source(inner)).iterator)


def _loop(scope: Scope, clause: Clause, turn: Turn, keeps: bool) -> Callable[[Inner, Iterator[Any]], None]:
    """Return what makes the turns of a clause. `keeps`: a turn may keep more of what it makes than the value that it returns."""
    meter, evaluation = scope.meter, scope.evaluation
    conditions = tuple(map(scope.code, clause.conditions))
    bind = compile_target(clause.target, meter)
    name = clause.target if isinstance(clause.target, str) else None
    garbage = meter.limits.memory if keeps else _GARBAGE

    def run(inner: Inner, iterator: Iterator[Any]) -> None:
        for item in iterator:
            meter.steps_used += 1
            if meter.steps_used > meter.max_steps:
                meter.step()
            before = meter.memory_used + evaluation.freed
            if name is None:
                bind(item, inner)
            else:
                inner[name] = item
            for condition in conditions:
                if not condition(inner):
                    break
            else:
                kept = turn(inner)
                made = meter.memory_used + evaluation.freed - before
                if made > garbage:
                    evaluation.end_turn(made, kept)

    return run


def _collecting(scope: Scope, value: Comprehension) -> tuple[Turn, Callable[[], Any]]:
    """Return what keeps the item of a turn and returns it, and what makes the container that it is kept in."""
    meter = scope.meter
    item = scope.code(value.item)
    if value.key is not None:
        key = scope.code(value.key)

        def store(inner: Inner) -> Any:
            at, one, out = key(inner), item(inner), inner[_OUT]
            hashed(meter, at, len(out))
            meter.memory(_KEYED_ITEM)
            out[at] = one
            return out

        return store, dict
    if value.kind == "set":

        def add(inner: Inner) -> Any:
            one, members = item(inner), inner[_OUT].members
            hashed(meter, one, len(members))
            meter.memory(_KEYED_ITEM)
            members[one] = None
            return one

        return add, SetValue

    def append(inner: Inner) -> Any:
        one = item(inner)
        inner[_OUT].append(one)
        meter.memory(_LIST_ITEM)
        return one

    return append, list


def _lazy(scope: Scope, value: Comprehension, source: Code) -> Code:
    """Compile a comprehension that makes an iterator: an element is evaluated when it is read."""
    item = scope.code(value.item)
    keeps = changes_values(value)
    yielding: Callable[[Inner], Iterator[Any]] | None = None
    for clause in reversed(value.clauses[1:]):
        yielding = _from(scope.code(clause.items), _yields(scope, clause, item, yielding, keeps))
    turns = _yields(scope, value.clauses[0], item, yielding, keeps)

    meter = scope.meter

    def make(frame: Frame) -> Lazy:
        read = iterate(source(frame))
        meter.deeper(read.depth + 1)
        meter.memory(_LIST_ITEM)
        return Lazy("generator", _bounded(turns({UP: frame}, read.iterator)), depth=read.depth + 1)

    return make


def _bounded(iterator: Iterator[Any]) -> Iterator[Any]:
    """Yield the elements of an iterator; too many that read from each other are a limit, not a failure."""
    try:
        yield from iterator
    except RecursionError:
        raise OperationError("depth", "too many iterators read from each other", "keep lists instead") from None


def _from(source: Code, turns: Callable[[Inner, Iterator[Any]], Iterator[Any]]) -> Callable[[Inner], Iterator[Any]]:
    return lambda inner: turns(inner, iterate(source(inner)).iterator)


def _yields(
    scope: Scope, clause: Clause, item: Code, further: Callable[[Inner], Iterator[Any]] | None, keeps: bool
) -> Callable[[Inner, Iterator[Any]], Iterator[Any]]:
    """Return what yields the items of the turns of a clause, those of the clauses `further` in."""
    meter, evaluation = scope.meter, scope.evaluation
    bind = compile_target(clause.target, meter)
    conditions = tuple(map(scope.code, clause.conditions))
    garbage = meter.limits.memory if keeps else _GARBAGE

    def run(inner: Inner, iterator: Iterator[Any]) -> Iterator[Any]:
        for one in iterator:
            meter.steps_used += 1
            if meter.steps_used > meter.max_steps:
                meter.step()
            before = meter.memory_used + evaluation.freed
            bind(one, inner)
            for condition in conditions:
                if not condition(inner):
                    break
            else:
                if further is not None:
                    yield from further(inner)
                    continue
                kept = item(inner)
                made = meter.memory_used + evaluation.freed - before
                if made > garbage:
                    evaluation.end_turn(made, kept)
                yield kept

    return run
