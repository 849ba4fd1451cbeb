"""Bound how deeply a tree nests, without recursion, so that whoever walks it may recurse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any, Final

from lcc.grammar.python import tree
from lcc.grammar.source import Span

_FIELDS: Final[dict[type[Any], tuple[str, ...]]] = {
    kind: tuple(field.name for field in fields(kind) if not field.name.endswith("span"))
    for kind in vars(tree).values()
    if isinstance(kind, type) and kind.__module__ == tree.__name__
}
"""Each class of nodes with its fields."""


def too_deep_at(nodes: Iterable[Any], most: int) -> Span | None:
    """Return the place of the first node that stands more than `most` levels deep, or None."""
    level = [node for node in nodes if type(node) in _FIELDS]
    for _ in range(most):
        level = [child for node in level for child in _children(node)]
        if not level:
            return None
    span: Span = level[0].span
    return span


def _children(node: Any) -> Iterator[Any]:
    for name in _FIELDS[type(node)]:
        value = getattr(node, name)
        for part in value if type(value) is tuple else (value,):
            if type(part) in _FIELDS:
                yield part
