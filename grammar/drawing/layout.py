"""Place the nodes and frames of a picture in layers: what reads stands below what it reads.

A frame is laid out by itself and then stands as one box; an edge that ends in a frame counts, around it, as one of that box, and in
it leads to the frame's edge past what stands on the way. Rows that would be wider than WIDEST are broken: what stands in one layer doesn't depend on one another.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from textwrap import wrap
from typing import Final, TypeAlias
from unicodedata import east_asian_width

from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.drawing.picture import SIGNS, Edge, Frame, Item, Node, Picture

WIDEST: Final = 1400.0
CHAR: Final = 7.3
"""The width of a character of the labels, in pixels, as are all lengths here."""
LINE: Final = 17.0
_CHARS: Final = 34
"""The most characters of a line of a label."""
_GAP: Final = (22.0, 44.0)
_PAD: Final = 14.0
_MOST_BENDS: Final = 20_000
_SWEEPS: Final = 6
Point: TypeAlias = tuple[float, float]
_Part: TypeAlias = tuple[str, str, Edge]
"""A part of an edge in one frame: from one item to another; without one it comes from above the frame, or leaves it below."""


@dataclass(slots=True)
class Box:
    """A rectangle; `x` and `y` are its upper left corner."""

    width: float
    height: float
    x: float = 0.0
    y: float = 0.0

    @property
    def middle(self) -> float:
        """The x of the middle."""
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything stands: boxes of nodes and frames by name, and for each edge of the picture the points it goes through."""

    width: float
    height: float
    boxes: dict[str, Box]
    routes: list[tuple[Edge, list[Point]]]


def lines_of(label: str) -> list[str]:
    """Return the lines of a label."""
    return wrap(escape(label), _CHARS, break_long_words=True, drop_whitespace=True) or [""]


def note_of(node: Node) -> str:
    """Return the line below a label."""
    return escape(", ".join(filter(None, ("writes" if node.writes else "", node.note))))


def cells(text: str) -> int:
    """Return how many characters wide a text is in a font of one width; letters of East Asia take two."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def lay_out(picture: Picture) -> Layout:
    """Place what a picture holds. The time is about linear with its nodes and edges."""
    parents = dict(_parents(picture.items, ()))
    places = {name: place for place, name in enumerate(parents)}
    edges: dict[tuple[str, ...], list[_Part]] = {}
    for edge in picture.edges:
        one, other = (*parents[edge.source], edge.source), (*parents[edge.target], edge.target)
        depth = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
        if depth is not None:
            edges.setdefault(one[:depth], []).append((one[depth], other[depth], edge))
            if places[one[depth]] < places[other[depth]]:  # what leads upwards goes around
                for at in range(depth + 1, len(one)):
                    edges.setdefault(one[:at], []).append((one[at], "", edge))
                for at in range(depth + 1, len(other)):
                    edges.setdefault(other[:at], []).append(("", other[at], edge))
    boxes: dict[str, Box] = {}
    bends: dict[Edge, list[Box]] = {}
    width, height = _Level(picture.items, (), edges, boxes, bends).place(_PAD, _PAD)
    routes = [(edge, _route(edge, boxes, bends.get(edge, []))) for edge in picture.edges]
    return Layout(width + 2 * _PAD, height + 2 * _PAD, boxes, routes)


def _parents(items: Iterable[Item], path: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for item in items:
        yield item.name, path
        if isinstance(item, Frame):
            yield from _parents(item.inside, (*path, item.name))


def _route(edge: Edge, boxes: dict[str, Box], bends: list[Box]) -> list[Point]:
    one, other = boxes[edge.source], boxes[edge.target]
    bends = sorted(bends, key=lambda bend: bend.y)
    points = [(bend.middle, y) for bend in bends for y in (bend.y, bend.y + bend.height)]
    return [(one.middle, one.y + one.height), *points, (other.middle, other.y)]


@dataclass(slots=True)
class _Spot:
    """What takes a place in a row: an item, or the bend of an edge (`name` is empty)."""

    box: Box
    name: str = ""
    above: list[_Spot] = field(default_factory=list)
    below: list[_Spot] = field(default_factory=list)
    order: float = 0.0


class _Level:
    """What stands in one frame, or in none; `inner` are the levels of the frames in it."""

    def __init__(
        self,
        items: Sequence[Item],
        path: tuple[str, ...],
        edges: dict[tuple[str, ...], list[_Part]],
        boxes: dict[str, Box],
        bends: dict[Edge, list[Box]],
    ) -> None:
        self._boxes = boxes
        self._bends = bends
        self._places = {item.name: at for at, item in enumerate(items)}
        parts = edges.get(path, ())
        self._edges = [one for one in parts if one[0] and one[1] and self._places[one[0]] < self._places[one[1]]]
        self._through = [one for one in parts if not (one[0] and one[1])]
        self._inner: dict[str, _Level] = {}
        for item in items:
            if isinstance(item, Frame):
                level = self._inner[item.name] = _Level(item.inside, (*path, item.name), edges, boxes, bends)
                boxes[item.name] = _around(item, level)
            else:
                boxes[item.name] = _box(item)
        rows = self._ordered(self._layers())
        self._rows = [part for row in rows for part in _broken(row)]
        self.width = max([_length(row) for row in self._rows], default=0.0)
        self._align()
        self.height = self._stack()

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Move all to where it belongs, `x` and `y` the upper left corner; return width and height."""
        for spot in (spot for row in self._rows for spot in row):
            spot.box.x += x
            spot.box.y += y
            if spot.name in self._inner:
                inner = self._inner[spot.name]
                inner.place(spot.box.x + (spot.box.width - inner.width) / 2, spot.box.y + LINE + _PAD)
        return self.width, self.height

    def _layers(self) -> list[list[_Spot]]:
        """Return the spots by layer, bends included, joined to those above and below them."""
        ranks = dict.fromkeys(self._places, 0)
        for one, other, _ in sorted(self._edges, key=lambda edge: self._places[edge[0]]):
            ranks[other] = max(ranks[other], ranks[one] + 1)
        targets: dict[str, list[int]] = {}
        for one, other, _ in self._edges:
            targets.setdefault(one, []).append(ranks[other])
        read = {other for _, other, _ in self._edges}
        ranks |= {one: min(below) - 1 for one, below in targets.items() if one not in read}
        layers: list[list[_Spot]] = [[] for _ in range(max(ranks.values(), default=-1) + 1)]
        spots = {name: _Spot(self._boxes[name], name) for name in self._places}
        for name, spot in spots.items():
            layers[ranks[name]].append(spot)
        bent = sum(ranks[other] - ranks[one] - 1 for one, other, _ in self._edges) <= _MOST_BENDS
        if bent and len(self._through) * len(layers) <= _MOST_BENDS:
            self._lead_through(layers, spots, ranks)
        for one, other, edge in self._edges:
            last = spots[one]
            for rank in range(ranks[one] + 1, ranks[other] if bent else 0):
                bend = _Spot(Box(2.0, 1.0))
                layers[rank].append(bend)
                self._bends.setdefault(edge, []).append(bend.box)
                last = _join(last, bend)
            _join(last, spots[other])
        return layers

    def _lead_through(self, layers: list[list[_Spot]], spots: dict[str, _Spot], ranks: dict[str, int]) -> None:
        """Add the bends of edges that come from above or leave below."""
        for one, other, edge in self._through:
            last: _Spot | None = spots.get(one)
            for rank in range(ranks[one] + 1, len(layers)) if one else range(ranks[other]):
                bend = _Spot(Box(2.0, 1.0))
                layers[rank].append(bend)
                self._bends.setdefault(edge, []).append(bend.box)
                last = bend if last is None else _join(last, bend)
            if other and last is not None:
                _join(last, spots[other])

    @staticmethod
    def _ordered(layers: list[list[_Spot]]) -> list[list[_Spot]]:
        """Return the layers so that edges cross less: each spot stands where its neighbours stand on average."""
        for layer in layers:
            for at, spot in enumerate(layer):
                spot.order = at / len(layer)
        for sweep in range(_SWEEPS):
            for layer in layers if sweep % 2 == 0 else reversed(layers):
                for spot in layer:
                    near = spot.above if sweep % 2 == 0 else spot.below
                    if near:
                        spot.order = sum(one.order for one in near) / len(near)
                layer.sort(key=lambda spot: spot.order)
                for at, spot in enumerate(layer):
                    spot.order = (at + 0.5) / len(layer)
        return layers

    def _align(self) -> None:
        """Set the x of all spots: rows in the middle first, then each spot towards its neighbours, without overlap."""
        for row in self._rows:
            x = (self.width - _length(row)) / 2
            for spot in row:
                spot.box.x = x
                x += spot.box.width + _GAP[0]
        for sweep in range(_SWEEPS):
            for row in self._rows if sweep % 2 == 0 else reversed(self._rows):
                _settle(row, [_wish(spot, sweep % 2 == 0) for spot in row], self.width)

    def _stack(self) -> float:
        """Set the y of all rows; return the height."""
        y = 0.0
        for row in self._rows:
            high = max([spot.box.height for spot in row], default=0.0)
            for spot in row:
                if spot.name:
                    spot.box.y = y + (high - spot.box.height) / 2
                else:
                    spot.box.y, spot.box.height = y, high
            y += high + _GAP[1]
        return max(y - _GAP[1], 0.0)


def _join(above: _Spot, below: _Spot) -> _Spot:
    above.below.append(below)
    below.above.append(above)
    return below


def _box(node: Node) -> Box:
    lines = lines_of(SIGNS[node.mark] + node.label)
    note = note_of(node)
    longest = max(cells(line) for line in (*lines, note))
    extra = 28.0 if node.kind in ("input", "test") else 0.0
    return Box(longest * CHAR + 20.0 + extra, LINE * (len(lines) + bool(note)) + 12.0)


def _around(frame: Frame, level: _Level) -> Box:
    label = cells(frame.label) * CHAR + 2 * _PAD
    return Box(max(level.width + 2 * _PAD, label), level.height + LINE + 2 * _PAD)


def _length(row: Sequence[_Spot]) -> float:
    return sum(spot.box.width + _GAP[0] for spot in row) - (_GAP[0] if row else 0.0)


def _broken(row: list[_Spot]) -> Iterator[list[_Spot]]:
    """Yield a row in parts of at most WIDEST, of about equal widths."""
    parts = max(1, -int(-_length(row) // WIDEST))
    ends: list[float] = []
    for spot in row:
        ends.append((ends[-1] if ends else 0.0) + spot.box.width + _GAP[0])
    cuts = [0, *(bisect_left(ends, _length(row) * at / parts) for at in range(1, parts)), len(row)]
    yield from (row[one:other] for one, other in pairwise(cuts) if other > one)


def _wish(spot: _Spot, down: bool) -> float:
    near = spot.above if down else spot.below
    return spot.box.middle if not near else sum(one.box.middle for one in near) / len(near)


def _settle(row: list[_Spot], wishes: list[float], width: float) -> None:
    """Move the spots of a row as near to their wishes as their order, gaps and the width allow: least squares, by pooling."""
    offsets = [0.0]
    for one, other in pairwise(row):
        offsets.append(offsets[-1] + (one.box.width + other.box.width) / 2 + _GAP[0])
    pools: list[tuple[float, int]] = []
    for wish, offset in zip(wishes, offsets, strict=True):
        total, count = wish - offset, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / count:
            before = pools.pop()
            total, count = total + before[0], count + before[1]
        pools.append((total, count))
    low, high = row[0].box.width / 2, width - offsets[-1] - row[-1].box.width / 2
    means = [min(max(total / count, low), high) for total, count in pools for _ in range(count)]
    for spot, mean, offset in zip(row, means, offsets, strict=True):
        spot.box.x = mean + offset - spot.box.width / 2
