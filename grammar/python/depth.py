"""Bound how deeply a tree nests, without recursion, so that whoever walks it may recurse."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lcc.grammar.python import tree
from lcc.grammar.source import Span


def too_deep_at(nodes: Iterable[Any], most: int) -> Span | None:
    """Return the place of the first node that stands more than `most` levels deep, or None."""
    level = [node for node in nodes if type(node) in tree.FIELDS]
    for _ in range(most):
        level = [child for node in level for child in tree.parts(node)]
        if not level:
            return None
    span: Span = level[0].span
    return span
