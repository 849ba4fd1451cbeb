"""Evaluate comprehensions in the order of CPython; those that are lazy as far as their reader asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

from lcc.grammar.ir.blocks import names_of
from lcc.grammar.ir.evaluation.frames import UP, Code, Frame, Scope
from lcc.grammar.ir.evaluation.unpacking import compile_target
from lcc.grammar.ir.expressions import Clause, Comprehension
from lcc.grammar.ir.operations import Lazy, Meter, OperationError, SetValue, hashed, iterate

Inner: TypeAlias = dict[Any, Any]
Turn: TypeAlias = Callable[[Inner], None]
_OUT: Final = " "
"""The key of what a comprehension has made so far; no name is a space."""
_LIST_ITEM: Final = 40
_KEYED_ITEM: Final = 140


def compile_comprehension(scope: Scope, value: Comprehension) -> Code:
    """Compile a comprehension. Its first iterable is evaluated in the scope around it."""
    first, *_ = value.clauses
    inner = scope.inside(frozenset(name for clause in value.clauses for name in names_of(clause.target)))
    source = scope.code(first.items)
    if value.kind == "lazy":
        return _lazy(inner, value, source)
    turn, new = _collecting(inner, value)
    for clause in reversed(value.clauses[1:]):
        turn = _nested(inner.code(clause.items), _loop(inner, clause, turn))
    loop = _loop(inner, first, turn)

    def collect(frame: Frame) -> Any:
        iterator = iterate(source(frame)).iterator
        out = new()
        loop({UP: frame, _OUT: out}, iterator)
        return out

    return collect


def _nested(source: Code, loop: Callable[[Inner, Iterator[Any]], None]) -> Turn:
    """Return a turn that is a loop of its own."""
    return lambda inner: loop(inner, iterate(source(inner)).iterator)


def _loop(scope: Scope, clause: Clause, turn: Turn) -> Callable[[Inner, Iterator[Any]], None]:
    """Return what makes the turns of a clause."""
    meter = scope.meter
    conditions = tuple(map(scope.code, clause.conditions))
    if isinstance(clause.target, str) and len(conditions) < 2:
        return _plain_loop(meter, clause.target, conditions[0] if conditions else None, turn)
    bind = compile_target(clause.target, meter)

    def run(inner: Inner, iterator: Iterator[Any]) -> None:
        for item in iterator:
            meter.step()
            bind(item, inner)
            for condition in conditions:
                if not condition(inner):
                    break
            else:
                turn(inner)

    return run


def _plain_loop(meter: Meter, name: str, condition: Code | None, turn: Turn) -> Callable[[Inner, Iterator[Any]], None]:
    """Return the loop that most comprehensions are: one name, one condition or none."""

    def run(inner: Inner, iterator: Iterator[Any]) -> None:
        for item in iterator:
            meter.step()
            inner[name] = item
            if condition is None or condition(inner):
                turn(inner)

    return run


def _collecting(scope: Scope, value: Comprehension) -> tuple[Turn, Callable[[], Any]]:
    """Return what keeps the item of a turn, and what makes the container that it is kept in."""
    meter = scope.meter
    item = scope.code(value.item)
    if value.key is not None:
        key = scope.code(value.key)

        def store(inner: Inner) -> None:
            at, one, out = key(inner), item(inner), inner[_OUT]
            hashed(meter, at, len(out))
            meter.memory(_KEYED_ITEM)
            out[at] = one

        return store, dict
    if value.kind == "set":

        def add(inner: Inner) -> None:
            one, members = item(inner), inner[_OUT].members
            hashed(meter, one, len(members))
            meter.memory(_KEYED_ITEM)
            members[one] = None

        return add, SetValue

    def append(inner: Inner) -> None:
        inner[_OUT].append(item(inner))
        meter.memory(_LIST_ITEM)

    return append, list


def _lazy(scope: Scope, value: Comprehension, source: Code) -> Code:
    """Compile a comprehension that makes an iterator: an element is evaluated when it is read."""
    meter = scope.meter
    item = scope.code(value.item)
    yielding: Callable[[Inner], Iterator[Any]] | None = None
    for clause in reversed(value.clauses[1:]):
        yielding = _from(scope.code(clause.items), _yields(scope, clause, item, yielding))
    turns = _yields(scope, value.clauses[0], item, yielding)

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
    scope: Scope, clause: Clause, item: Code, further: Callable[[Inner], Iterator[Any]] | None
) -> Callable[[Inner, Iterator[Any]], Iterator[Any]]:
    """Return what yields the items of the turns of a clause, those of the clauses `further` in."""
    meter = scope.meter
    bind = compile_target(clause.target, meter)
    conditions = tuple(map(scope.code, clause.conditions))

    def run(inner: Inner, iterator: Iterator[Any]) -> Iterator[Any]:
        for one in iterator:
            meter.step()
            bind(one, inner)
            if not all(condition(inner) for condition in conditions):
                continue
            if further is None:
                yield item(inner)
            else:
                yield from further(inner)

    return run
