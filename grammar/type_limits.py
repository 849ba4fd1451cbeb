"""Bound the types that strange files declare: types are compared and hashed part by part, shared parts each time."""

from __future__ import annotations

from typing import Final

from lcc.grammar.signatures import DictType, ListType, RecordType, Type, UnionType

MAX_SIZE: Final = 10_000
"""How many parts a type has."""
MAX_DEPTH: Final = 64
"""How deep types nest."""


def within_limits(type_: Type) -> bool:
    """Whether a type is neither larger nor deeper than `MAX_SIZE` and `MAX_DEPTH` allow; shared parts count each time."""
    count = 0
    todo = [(type_, 1)]
    while todo:
        one, depth = todo.pop()
        count += 1
        if count > MAX_SIZE or depth > MAX_DEPTH:
            return False
        match one:
            case ListType(inner) | DictType(inner):
                todo.append((inner, depth + 1))
            case RecordType(_, fields):
                todo.extend((f.type, depth + 1) for f in fields)
            case UnionType(members):
                todo.extend((member, depth + 1) for member in members)
            case _:
                pass
    return True
