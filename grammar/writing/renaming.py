"""Give the names of a block others, wherever they are bound and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lcc.grammar.ir import (
    Block,
    Comprehension,
    ForEach,
    Gather,
    Inline,
    Lambda,
    Let,
    Local,
    Region,
    Statement,
    Target,
    Targets,
    Try,
    Value,
    blocks_of,
    map_values,
    rebuild,
    with_blocks,
)


def renamed(block: Block, new: Mapping[str, str]) -> Block:
    """Return a block with other names; no two may become one."""
    return tuple([_statement(one, new) for one in map_values(block, lambda value: _value(value, new))])


def _statement(one: Statement, new: Mapping[str, str]) -> Statement:
    one = with_blocks(one, tuple([tuple([_statement(s, new) for s in inner]) for inner in blocks_of(one)]))
    match one:
        case Let(targets=targets):
            return replace(one, targets=tuple([_target(target, new) for target in targets]))
        case ForEach(target=target):
            return replace(one, target=_target(target, new))
        case Inline(names=names) | Region(names=names):
            return replace(one, names=tuple([new.get(name, name) for name in names]))
        case Gather(parts=parts):
            own = [None if part.target is None else _target(part.target, new) for part in parts]
            return replace(one, parts=tuple([replace(p, target=t) for p, t in zip(parts, own, strict=True)]))
        case Try(handlers=handlers):
            named = [None if h.name is None else new.get(h.name, h.name) for h in handlers]
            return replace(one, handlers=tuple([replace(h, name=n) for h, n in zip(handlers, named, strict=True)]))
        case _:
            return one


def _target(target: Target, new: Mapping[str, str]) -> Target:
    if isinstance(target, Targets):
        return replace(target, items=tuple([_target(item, new) for item in target.items]))
    return new.get(target, target)


def _value(value: Value, new: Mapping[str, str]) -> Value:
    value = rebuild(value, lambda inner: _value(inner, new))
    match value:
        case Local(name) if name in new:
            return replace(value, name=new[name])
        case Comprehension(clauses=clauses):
            return replace(value, clauses=tuple([replace(one, target=_target(one.target, new)) for one in clauses]))
        case Lambda(params=params):
            return replace(value, params=tuple([new.get(name, name) for name in params]))
        case _:
            return value
