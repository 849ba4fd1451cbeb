"""Judge operations by the types of their arguments, before anything runs.

Types are those of tools' signatures, which know the kinds that JSON has. What they can't say (a tuple, a set, a date) is
`Any`; only what can't be right whatever the values are is a Misfit.
"""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics.wording import did_you_mean
from lcc.grammar.signatures import (
    ANY,
    STR,
    AnyType,
    BoolType,
    DictType,
    FloatType,
    IntType,
    ListType,
    LiteralType,
    NullType,
    RecordType,
    StrType,
    Type,
    UnionType,
    show,
    type_of,
    union,
)


class Misfit(Exception):
    """What an operation can't be given. The message says why; `help` what to write instead, if that is known."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help


GROUPS: Final[dict[str, frozenset[str]]] = {
    "number": frozenset({"bool", "int", "float"}),
    "integer": frozenset({"bool", "int"}),
    "iterable": frozenset({"str", "list", "dict"}),
    "sized": frozenset({"str", "list", "dict"}),
    "sequence": frozenset({"str", "list"}),
    "hashable": frozenset({"None", "bool", "int", "float", "str"}),
    "date": frozenset(),
    "class": frozenset(),
    "set": frozenset(),
    "tuple": frozenset(),
}
"""Names for several kinds. Kinds that types can't say are left out: they are `Any` wherever they come from."""


def kinds_of(type_: Type) -> frozenset[str] | None:
    """Return the kinds that values of a type may have; None if that isn't known."""
    match type_:
        case NullType():
            return frozenset({"None"})
        case BoolType():
            return frozenset({"bool"})
        case IntType():
            return frozenset({"int"})
        case FloatType():
            return frozenset({"int", "float"})  # a tool that declares a float may answer 5
        case StrType():
            return frozenset({"str"})
        case LiteralType(values):
            return frozenset().union(*(kinds_of(type_of(v)) or frozenset() for v in values))
        case ListType():
            return frozenset({"list"})
        case DictType() | RecordType():
            return frozenset({"dict"})
        case UnionType(members):
            found = [kinds_of(m) for m in members]
            return None if None in found else frozenset().union(*(k for k in found if k is not None))
        case _:
            return None


def accepts(wanted: str, type_: Type) -> bool:
    """Whether some value of a type is of one of the wanted kinds (`int|None`, `iterable`, `any`)."""
    kinds = kinds_of(type_)
    if kinds is None or wanted == "any":
        return True
    return any(kinds & GROUPS.get(name, frozenset({name})) for name in wanted.split("|"))


def check_argument(operation: str, parameter: str, wanted: str, type_: Type) -> None:
    """Raise Misfit if no value of a type can be given for a parameter."""
    if accepts(wanted, type_):
        return
    shown = wanted.replace("|", " or ")
    subject = "a value" if parameter == "self" else f"`{parameter}`"
    help = "write str(…) around it" if wanted in ("str", "str|None") else None
    raise Misfit(f"`{operation}` takes {shown} for {subject}, not `{show(type_)}`", help)


def element_of(type_: Type) -> Type:
    """Return the type of what iterating yields; raise Misfit if values of the type can't be iterated."""
    match type_:
        case ListType(item):
            return item
        case StrType():
            return STR
        case DictType() | RecordType():
            return STR
        case LiteralType(values) if all(isinstance(v, str) for v in values):
            return STR
        case UnionType(members):
            found = [element_of(m) for m in members if accepts("iterable", m)]
            if not found:
                raise Misfit(f"`{show(type_)}` can't be iterated")
            return union(*found)
        case AnyType():
            return ANY
        case _:
            raise Misfit(f"`{show(type_)}` can't be iterated")


def list_of_elements(type_: Type = ANY, *_: Type) -> Type:
    """Infer a list of what iterating yields."""
    return ListType(element_of(type_))


def same(type_: Type, *_: Type) -> Type:
    """Infer the type of the first argument."""
    return type_


def attribute_type(type_: Type, name: str, known: frozenset[str]) -> Type:
    """Return the type of a field of a record; raise Misfit if no value of the type has such an attribute.

    `known` are the attributes that values of some kind have by the table.
    """
    match type_:
        case RecordType(_, fields, closed):
            field = type_.field(name)
            if field is not None:
                return field.type
            if not closed:
                return ANY
            names = [f.name for f in fields]
            help = did_you_mean(name, names) or f"fields: {', '.join(names) or 'none'}"
            raise Misfit(f"`{show(type_)}` has no attribute `{name}`", help)
        case DictType(value):
            return value
        case UnionType(members):
            found = []
            for member in members:
                try:
                    found.append(attribute_type(member, name, known))
                except Misfit:
                    continue
            if not found:
                raise Misfit(f"`{show(type_)}` has no attribute `{name}`", did_you_mean(name, known))
            return union(*found)
        case AnyType():
            return ANY
        case _:
            raise Misfit(f"`{show(type_)}` has no attribute `{name}`", did_you_mean(name, known))
