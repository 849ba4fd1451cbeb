"""Mark what a picture shows beside the plan: notes and a path that decides, or what is new in it, beside another picture."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from lcc.grammar.diagnostics.wording import brief
from lcc.grammar.drawing.picture import LABEL_WIDTH, Edge, Frame, Item, Node, Picture

_NAMED: Final = re.compile(r"t\d+(?:_\d+)?|in_\w+|join")
"""The names of nodes that mean the same in each picture; others are numbered as they come."""


def nodes_of(items: Iterable[Item]) -> Iterator[Node]:
    """Yield all nodes, those in frames too, from top to bottom."""
    for item in items:
        if isinstance(item, Node):
            yield item
        else:
            yield from nodes_of(item.inside)


def noted(picture: Picture, notes: Mapping[str, str], critical: Sequence[str]) -> Picture:
    """Return a picture with notes below its nodes, by name, and the path that decides how long a run takes."""
    path = set(critical)
    steps = set(pairwise(critical))

    def change(node: Node) -> Node:
        return replace(node, note=notes.get(node.name, ""), mark="critical" if node.name in path else "")

    edges = [replace(one, mark="critical") if (one.source, one.target) in steps else one for one in picture.edges]
    return Picture(_mapped(picture.items, change), tuple(edges))


def worded(picture: Picture, words: Callable[[str], str]) -> Picture:
    """Return a picture whose labels, those of frames too, say something else."""

    def change(items: Iterable[Item]) -> tuple[Item, ...]:
        return tuple(
            replace(item, label=words(item.label))
            if isinstance(item, Node)
            else Frame(item.name, words(item.label), change(item.inside))
            for item in items
        )

    return Picture(change(picture.items), picture.edges)


def compared(before: Picture, after: Picture) -> Picture:
    """Return the second picture with what the first lacks marked as added, what differs as changed, and what is gone as removed.

    A call is the same by its number, other nodes by what they say. What is gone stands behind what it stood behind.
    """
    names = {key: node.name for key, node in _keyed(after)}
    old = {names.get(key, f"gone_{node.name}"): node for key, node in _keyed(before)}
    renamed = {node.name: name for name, node in old.items()}

    def change(node: Node) -> Node:
        earlier = old.get(node.name)
        if earlier is None:
            return replace(node, mark="added")
        if earlier.label == node.label:
            return node
        return replace(node, mark="changed", note=brief(f"was {earlier.label}", LABEL_WIDTH // 2))

    gone = [replace(node, name=name, mark="removed") for name, node in old.items() if name.startswith("gone_")]
    blocks = dict(_blocks(before.items, renamed.__getitem__))
    items = _inserted(_mapped(after.items, change), gone, list(old), blocks)
    were = {(renamed[one.source], renamed[one.target]): one.kind for one in before.edges}
    are = {(one.source, one.target): one.kind for one in after.edges}
    edges = [Edge(*ends, kind, "" if were.get(ends) == kind else "added") for ends, kind in are.items()]
    edges += [Edge(*ends, kind, "removed") for ends, kind in were.items() if ends not in are]
    return Picture(tuple(items), tuple(edges))


def _mapped(items: Iterable[Item], change: Callable[[Node], Node]) -> tuple[Item, ...]:
    return tuple(
        [
            change(item) if isinstance(item, Node) else Frame(item.name, item.label, _mapped(item.inside, change))
            for item in items
        ]
    )


def _keyed(picture: Picture) -> Iterator[tuple[tuple[str, int], Node]]:
    """Yield the nodes, each with what makes it the same in another picture."""
    seen: Counter[str] = Counter()
    for node in nodes_of(picture.items):
        key = node.name if _NAMED.fullmatch(node.name) else f"{node.kind} {node.label}"
        seen[key] += 1
        yield (key, seen[key]), node


def _inserted(
    items: tuple[Item, ...], gone: Sequence[Node], order: Sequence[str], blocks: Mapping[str, Sequence[str]]
) -> list[Item]:
    """Return items with what is gone, each in the frame of what stood beside it, behind the one before it, else in front.

    `blocks`: what stood in the same frame as a node, itself too, from top to bottom. Where nothing of that is left, it stands at the top.
    """
    places = {name: at for at, name in enumerate(order)}
    result = list(items)
    known = {node.name for node in nodes_of(items)}
    for node in gone:
        block = blocks[node.name]
        at = block.index(node.name)
        before = next((name for name in reversed(block[:at]) if name in known), None)
        behind = next((name for name in block[at:] if name in known), None)
        known.add(node.name)
        if before is not None or behind is not None:
            result = _beside(result, before or behind or "", node, 0 if before is None else 1)
            continue
        above = [at for at, item in enumerate(result) if places.get(item.name, len(order)) < places[node.name]]
        result.insert(above[-1] + 1 if above else 0, node)
    return result


def _beside(items: Iterable[Item], name: str, node: Node, step: int) -> list[Item]:
    """Return items with a node in front of the one of that name, or with a step of 1 behind it, in whatever frame that is."""
    found: list[Item] = []
    for item in items:
        if isinstance(item, Frame):
            found.append(Frame(item.name, item.label, tuple(_beside(item.inside, name, node, step))))
        else:
            found += [item] if item.name != name else [item, node] if step else [node, item]
    return found


def _blocks(items: Iterable[Item], name: Callable[[str], str]) -> Iterator[tuple[str, list[str]]]:
    """Yield for each node what stands in the same frame."""
    items = tuple(items)
    block = [name(item.name) for item in items if isinstance(item, Node)]
    yield from ((one, block) for one in block)
    for item in items:
        if isinstance(item, Frame):
            yield from _blocks(item.inside, name)
