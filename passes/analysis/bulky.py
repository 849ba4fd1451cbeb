"""Say which types have values of any length, such as pages, and which have short ones, such as numbers."""

from __future__ import annotations

from typing import assert_never

from lcc.grammar.signatures import (
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
)


def is_bulky(type_: Type) -> bool:
    """Whether values of a type may be of any length: text, lists and dicts, not numbers."""
    match type_:
        case StrType() | ListType() | DictType() | RecordType() | AnyType():
            return True
        case UnionType(members):
            return any(is_bulky(member) for member in members)
        case BoolType() | IntType() | FloatType() | NullType() | LiteralType():
            return False
        case _:
            assert_never(type_)
