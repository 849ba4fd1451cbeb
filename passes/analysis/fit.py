"""Say whether a value may be given where a type is wanted, and which part of it may not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Final, TypeAlias

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import NOWHERE, Const, DictOf, Format, Input, ListOf, Ref, Scalar, Spread, Value, children
from lcc.grammar.signatures import (
    STR,
    AnyType,
    DictType,
    ListType,
    LiteralType,
    RecordType,
    Type,
    UnionType,
    becomes_text,
    fits,
    only_text,
    show,
    type_of,
    value_fits,
)
from lcc.grammar.source import Span
from lcc.passes.analysis.inference import Types

_SHORT: Final = 40
MOST: Final = 4
"""How many parts of one argument are reported."""


Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Misfit:
    """A part of a value that can't stand where it stands: what it is, what is wanted there, and where, if that is known.

    `path`: where in the value. `text`: the part, if it is a text; `choices`: the texts that may stand there, if only these few may.
    `missing`, `unknown`: fields that a record lacks, and those that it may not have; `known`: those that it may have.
    """

    got: str
    wanted: str
    span: Span | None = None
    source: Ref | Input | None = None
    text: str = ""
    choices: tuple[str, ...] = ()
    path: Path = ()
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    known: tuple[str, ...] = ()


def misfit(value: Value, target: Type, types: Types) -> Misfit | None:
    """Return the first part of a value that doesn't fit, or None if all does. Bound and unbound values are the same."""
    return next(misfits(value, target, types), None)


def misfits(value: Value, target: Type, types: Types) -> Iterator[Misfit]:
    """Yield the parts of a value that don't fit. A number or a boolean that stands alone becomes text where only text is wanted."""
    if isinstance(value, Const) and not types.strict and becomes_text(value.value, target):
        return
    yield from _misfits(value, target, types, ())


def _misfits(value: Value, target: Type, types: Types, path: Path) -> Iterator[Misfit]:
    if isinstance(target, AnyType):
        return
    found: Misfit | None = None
    match value:
        case Const(scalar):
            if not value_fits(scalar, target) or (types.strict and not types.accepts(type_of(scalar), target)):
                found = _scalar_misfit(scalar, target)
        case Ref() | Input():
            found = _place_misfit(value, target, types)
        case Format((Ref() | Input() as part,)) if not only_text(target):
            found = _place_misfit(part, target, types)
        case Format():
            found = None if fits(STR, target) else Misfit("str", show(target), _span(value))
        case ListOf() | DictOf() if not any(isinstance(one, Spread) for one in children(value)):
            yield from _in_container(value, target, types, path)
        case _:
            type_ = types.of(value)
            found = None if types.accepts(type_, target) else Misfit(show(type_), show(target))
    if found is not None:
        yield replace(found, path=path)


def _scalar_misfit(scalar: Scalar, target: Type) -> Misfit:
    if not isinstance(scalar, str):
        return Misfit(_literal(scalar), show(target))
    return Misfit(_literal(scalar), show(target), text=scalar, choices=tuple(_choices(target)))


def _choices(target: Type) -> Iterator[str]:
    match target:
        case LiteralType(values):
            yield from (value for value in values if isinstance(value, str))
        case UnionType(members):
            for member in members:
                yield from _choices(member)
        case _:
            return


def _place_misfit(place: Ref | Input, target: Type, types: Types) -> Misfit | None:
    found = types.of(place)
    if types.accepts(found, target):
        return None
    span = None if place.span is NOWHERE else place.span
    return Misfit(show(found), show(target), span, place)


def _in_container(value: ListOf | DictOf, target: Type, types: Types, path: Path) -> Iterator[Misfit]:
    match target:
        case UnionType(members):
            yield from _in_union(value, target, members, types, path)
        case ListType(item) if isinstance(value, ListOf):
            for place, one in enumerate(value.items):
                yield from _misfits(one, item, types, (*path, place))
        case DictType(item) if isinstance(value, DictOf):
            for key, one in value.items:
                yield from _misfits(one, item, types, (*path, key))
        case RecordType() if isinstance(value, DictOf):
            yield from _in_record(value, target, types, path)
        case _:
            yield Misfit(_kind(value), show(target), path=path)


def _in_union(
    value: ListOf | DictOf, target: Type, members: Iterable[Type], types: Types, path: Path
) -> Iterator[Misfit]:
    """Yield what is wrong by the only member that is a container of this kind; by none, if there are several."""
    inside: list[list[Misfit]] = []
    for member in members:
        found = list(islice(_misfits(value, member, types, path), MOST))
        if not found:
            return
        if _is_container(value, member):
            inside.append(found)
    if len(inside) == 1:
        yield from inside[0]
    else:
        yield Misfit(_kind(value), show(target), path=path)


def _in_record(value: DictOf, target: RecordType, types: Types, path: Path) -> Iterator[Misfit]:
    given = dict(value.items)
    missing = tuple(f.name for f in target.fields if f.required and f.name not in given)
    unknown = tuple(key for key in given if target.closed and target.field(key) is None)
    if missing or unknown:
        known = tuple(f.name for f in target.fields)
        yield Misfit("dict", show(target), path=path, missing=missing, unknown=unknown, known=known)
    for field in target.fields:
        if field.name in given:
            yield from _misfits(given[field.name], field.type, types, (*path, field.name))


def _is_container(value: ListOf | DictOf, member: Type) -> bool:
    return isinstance(member, ListType if isinstance(value, ListOf) else DictType | RecordType)


def _kind(value: ListOf | DictOf) -> str:
    return "list" if isinstance(value, ListOf) else "dict"


def _literal(scalar: Scalar) -> str:
    """Return a scalar as a message names it: short ones as they are, long ones by type."""
    shown = repr(scalar)
    return f"{show(type_of(scalar))} `{shown}`" if len(shown) <= _SHORT else show(type_of(scalar))


def _span(value: Format) -> Span | None:
    """Return the place of the first result in a text."""
    return next((p.span for p in value.parts if not isinstance(p, str) and p.span is not NOWHERE), None)


def is_container(type_: Type) -> bool:
    """Whether values of a type are lists or dicts for sure."""
    match type_:
        case ListType() | DictType() | RecordType():
            return True
        case UnionType(members):
            return all(is_container(member) for member in members)
        case _:
            return False
