"""Put calls back into what reads them: `g(f(x))` for a call whose result one statement reads, right behind it, before anything else.

What is evaluated in which order stays as it was. A statement that may be a part of a later one is *pending*; the later one claims
what it reads first, in the order in which that stands; what isn't claimed becomes a statement of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypeAlias

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import (
    Apply,
    Choose,
    Comprehension,
    Lambda,
    Local,
    Logic,
    Ref,
    TaskId,
    Value,
    children,
)
from lcc.grammar.writing.values.written_names import constant
from lcc.grammar.writing.values.written_values import Written

Key: TypeAlias = str | TaskId
CHECK = "check method"


@dataclass(frozen=True)
class Pending:
    """A statement that may become a part of a later one. `value`: what a name holds; `check`: a method that is looked up."""

    key: Key
    written: Written
    value: Value | None = None
    check: Apply | None = None


def claimed(values: Iterable[Value], pending: Sequence[Pending], sure: Collection[str] = ()) -> int:
    """Return how many of the last pending ones are the first things that values read, in order.

    `sure`: names that have a value; nothing that is pending gives them another, so that they may be read before or behind it.
    """
    keys = [one.key for one in pending]
    checks = {_checked(one.check): one.key for one in pending if one.check is not None}
    reads = list(
        _first_reads(values, frozenset(keys), checks, frozenset(sure).difference(k for k in keys if isinstance(k, str)))
    )
    for count in range(min(len(keys), len(reads)), 0, -1):
        if reads[:count] == keys[-count:]:
            return count
    return 0


def _checked(check: Apply) -> tuple[object, ...]:
    return check.args


def _first_reads(
    values: Iterable[Value], keys: frozenset[Key], checks: dict[tuple[object, ...], Key], sure: frozenset[str]
) -> Iterator[Key]:
    """Yield what of the keys is read before anything that isn't one of them is done."""
    for value in values:
        if constant(value) or (isinstance(value, Local) and value.name in sure):
            continue
        if isinstance(value, Local) and value.name in keys:
            yield value.name
        elif isinstance(value, Ref) and value.task in keys:
            yield value.task
            if value.path:
                return
        else:
            yield from _inside(value, keys, checks, sure)
            return


def _inside(
    value: Value, keys: frozenset[Key], checks: dict[tuple[object, ...], Key], sure: frozenset[str]
) -> Iterator[Key]:
    match value:
        case Choose(test):
            yield from _first_reads((test,), keys, checks, sure)
        case Logic(_, items):
            yield from _first_reads(items[:1], keys, checks, sure)
        case Comprehension(clauses=clauses):
            yield from _first_reads((clauses[0].items,), keys, checks, sure)
        case Lambda(defaults=defaults):
            yield from _first_reads(defaults, keys, checks, sure)
        case Apply(op, (first, *rest)) if op.startswith("method "):
            yield from _first_reads((first,), keys, checks, sure)
            name = op.partition(" ")[2]
            check = next((key for (owner, found), key in checks.items()
                          if owner == first and getattr(found, "value", None) == name), None)  # fmt: skip
            if check is not None:
                yield check
            if check is not None or _is_read(first, keys | sure):
                yield from _first_reads((*rest, *[one for _, one in value.names]), keys, checks, sure)
        case _:
            yield from _first_reads(children(value), keys, checks, sure)


def _is_read(value: Value, keys: frozenset[Key]) -> bool:
    return constant(value) or (isinstance(value, Local) and value.name in keys)
