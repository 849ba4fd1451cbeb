"""Bound how deeply a tree nests, without recursion, so that whoever walks it may recurse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from functools import cache
from typing import Any

from lcc.grammar.python import tree
from lcc.grammar.source import Span

_CLASSES = frozenset(
    value for value in vars(tree).values() if isinstance(value, type) and value.__module__ == tree.__name__
)


def too_deep_at(nodes: Iterable[Any], most: int) -> Span | None:
    """Return the place of the first node that stands more than `most` levels deep, or None."""
    level = [node for node in nodes if type(node) in _CLASSES]
    for _ in range(most):
        level = [child for node in level for child in _children(node)]
        if not level:
            return None
    span: Span = level[0].span
    return span


def _children(node: Any) -> Iterator[Any]:
    for name in _fields(type(node)):
        value = getattr(node, name)
        for part in value if type(value) is tuple else (value,):
            if type(part) in _CLASSES:
                yield part


@cache
def _fields(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if not field.name.endswith("span"))
