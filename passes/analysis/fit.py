"""Say whether a value may be given where a type is wanted, and which part of it may not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from lcc.grammar.ir import NOWHERE, Const, DictOf, Format, Input, ListOf, Ref, Scalar, Value
from lcc.grammar.signatures import (
    STR,
    AnyType,
    DictType,
    ListType,
    LiteralType,
    RecordType,
    StrType,
    Type,
    UnionType,
    fits,
    only_text,
    show,
    type_of,
    value_fits,
)
from lcc.grammar.source import Span
from lcc.passes.analysis.inference import Types

_SHORT: Final = 40


@dataclass(frozen=True, slots=True)
class Misfit:
    """A part of a value that can't stand where it stands: what it is, what is wanted there, and where, if that is known.

    `text`: the part, if it is a text; `choices`: the texts that may stand there, if only these few may.
    """

    got: str
    wanted: str
    span: Span | None = None
    source: Ref | Input | None = None
    text: str = ""
    choices: tuple[str, ...] = ()


def misfit(value: Value, target: Type, types: Types) -> Misfit | None:
    """Return the first part of a value that doesn't fit, or None if all does. Bound and unbound values are the same."""
    if isinstance(target, AnyType):
        return None
    match value:
        case Const(scalar):
            fitting = value_fits(scalar, target) and (not types.strict or types.accepts(type_of(scalar), target))
            return None if fitting else _scalar_misfit(scalar, target)
        case Ref() | Input():
            return _place_misfit(value, target, types)
        case Format((Ref() | Input() as part,)) if not only_text(target):
            return _place_misfit(part, target, types)
        case Format():
            return None if fits(STR, target) else Misfit("str", show(target), _span(value))
        case ListOf() | DictOf() if not types.strict:
            return _container_misfit(value, target, types)
        case _:
            found = types.of(value)
            return None if types.accepts(found, target) else Misfit(show(found), show(target))


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


def _container_misfit(value: ListOf | DictOf, target: Type, types: Types) -> Misfit | None:
    match target:
        case StrType() | AnyType():
            return None
        case UnionType(members):
            found = [misfit(value, member, types) for member in members]
            if any(one is None for one in found):
                return None
            alike = [one for one, member in zip(found, members, strict=True) if _is_container(value, member)]
            return alike[0] if len(alike) == 1 else Misfit(_kind(value), show(target))
        case ListType(item) if isinstance(value, ListOf):
            return _first(misfit(one, item, types) for one in value.items)
        case DictType(item) if isinstance(value, DictOf):
            return _first(misfit(one, item, types) for _, one in value.items)
        case RecordType() if isinstance(value, DictOf):
            return _record_misfit(value, target, types)
        case _:
            return Misfit(_kind(value), show(target))


def _record_misfit(value: DictOf, target: RecordType, types: Types) -> Misfit | None:
    given = dict(value.items)
    for field in target.fields:
        if field.name not in given:
            if field.required:
                return Misfit(f"a dict without `{field.name}`", show(target))
        elif found := misfit(given[field.name], field.type, types):
            return found
    unknown = next((key for key in given if target.closed and target.field(key) is None), None)
    return None if unknown is None else Misfit(f"a dict with `{unknown}`", show(target))


def _is_container(value: ListOf | DictOf, member: Type) -> bool:
    return isinstance(member, ListType if isinstance(value, ListOf) else DictType | RecordType)


def _first(found: Iterable[Misfit | None]) -> Misfit | None:
    return next((one for one in found if one is not None), None)


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
