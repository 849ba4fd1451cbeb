"""Pictures as SVG: everything has its place, and no label is more than text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from xml.etree import ElementTree

from hypothesis import given, strategies as st

from lcc.grammar.drawing.layout import WIDEST, Layout, cells, lay_out, lines_of
from lcc.grammar.drawing.marks import compared, nodes_of, noted
from lcc.grammar.drawing.picture import Edge, Frame, Item, Node, Picture
from lcc.grammar.drawing.svg import as_svg

SVG = "{http://www.w3.org/2000/svg}"


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    """Draw a picture whose edges lead from earlier to later nodes, or back."""
    count = draw(st.integers(1, 24))
    nodes = [Node(f"t{at}", "call", draw(st.text("abc 界", max_size=70))) for at in range(count)]
    items: list[Item] = list(nodes)
    for number in range(draw(st.integers(0, 3))):
        one = draw(st.integers(0, len(items) - 1))
        other = draw(st.integers(one, len(items) - 1))
        items[one : other + 1] = [Frame(f"f{number}", "turns", tuple(items[one : other + 1]))]
    place = st.integers(0, count - 1)
    ends = draw(st.lists(st.tuples(place, place), max_size=40, unique=True))
    kinds = st.sampled_from(["data", "order", "next turn", "yes"])
    return Picture(tuple(items), tuple([Edge(f"t{a}", f"t{b}", draw(kinds)) for a, b in ends if a != b]))


def levels(items: tuple[Item, ...]) -> Iterator[tuple[str | None, tuple[Item, ...]]]:
    yield None, items
    for item in items:
        if isinstance(item, Frame):
            for name, inside in levels(item.inside):
                yield name or item.name, inside


def overlap(layout: Layout, one: str, other: str) -> bool:
    a, b = layout.boxes[one], layout.boxes[other]
    across = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    along = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    return across > 0.01 and along > 0.01


@given(pictures())
def test_nothing_lies_on_something_else_or_outside(picture: Picture) -> None:
    layout = lay_out(picture)
    for frame, items in levels(picture.items):
        assert not [pair for pair in combinations([item.name for item in items], 2) if overlap(layout, *pair)]
        outer = layout.boxes.get(frame or "")
        for item in items:
            box = layout.boxes[item.name]
            assert box.x >= 0
            assert box.y >= 0
            assert box.x + box.width <= layout.width + 0.01
            assert box.y + box.height <= layout.height + 0.01
            if outer is not None:
                assert box.x >= outer.x
                assert box.x + box.width <= outer.x + outer.width
                assert box.y > outer.y
                assert box.y + box.height <= outer.y + outer.height


@given(pictures())
def test_what_reads_stands_below_what_it_reads(picture: Picture) -> None:
    layout = lay_out(Picture(tuple(nodes_of(picture.items)), picture.edges))
    order = {node.name: at for at, node in enumerate(nodes_of(picture.items))}
    for edge in picture.edges:
        if order[edge.source] < order[edge.target]:
            above, below = layout.boxes[edge.source], layout.boxes[edge.target]
            assert above.y + above.height < below.y
            [route] = [points for one, points in layout.routes if one is edge]
            assert route[0] == (above.middle, above.y + above.height)
            assert route[-1] == (below.middle, below.y)
            assert [y for _, y in route] == sorted(y for _, y in route)


def test_two_hundred_calls_side_by_side_break_into_rows() -> None:
    nodes = [Node(f"t{at}", "call", f"{at}. search({at})") for at in range(200)]
    layout = lay_out(
        Picture((*nodes, Node("join", "end", "join()")), tuple([Edge(n.name, "join", "data") for n in nodes]))
    )
    assert layout.width < WIDEST * 1.2
    assert len({layout.boxes[node.name].y for node in nodes}) >= 10


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_label_is_text_and_nothing_else(label: str, note: str) -> None:
    picture = Picture(
        (Node("t1", "call", label, note=note), Frame("f", label, (Node("t2", "test", label),))),
        (Edge("t1", "t2", "data"),),
    )
    root = ElementTree.fromstring(as_svg(picture, label))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "title", "style", "defs", "marker", "path", "rect", "polygon", "g", "text",
    }  # fmt: skip
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on") or "href" in name]
    assert "http" not in as_svg(picture, label).replace("http://www.w3.org/2000/svg", "").replace(label, "")


def test_lines_of_a_label_fit() -> None:
    assert all(cells(line) <= 34 for line in lines_of("word " * 30))
    assert cells("界a") == 3


def test_the_path_that_decides_and_notes_are_shown() -> None:
    picture = Picture(
        tuple([Node(name, "call", name) for name in ("t1", "t2", "t3")]),
        (Edge("t1", "t2", "data"), Edge("t1", "t3", "data")),
    )
    marked = noted(picture, {"t3": "2 s"}, ["t1", "t3"])
    assert [(node.mark, node.note) for node in nodes_of(marked.items)] == [
        ("critical", ""),
        ("", ""),
        ("critical", "2 s"),
    ]
    assert [edge.mark for edge in marked.edges] == ["", "critical"]
    assert "critical path" in as_svg(marked)
    assert "critical path" not in as_svg(picture)


def test_what_is_new_changed_and_gone_is_marked() -> None:
    before = Picture(
        (Node("t1", "call", "1. a()"), Node("t2", "call", "2. b($1)"), Node("join", "end", "join($2)")),
        (Edge("t1", "t2", "data"), Edge("t2", "join", "data")),
    )
    after = Picture(
        (Node("t1", "call", "1. a(1)"), Node("t3", "call", "3. c()"), Node("join", "end", "join($2)")),
        (Edge("t3", "join", "data"),),
    )
    shown = compared(before, after)
    assert {node.label: node.mark for node in nodes_of(shown.items)} == {
        "1. a(1)": "changed", "2. b($1)": "removed", "3. c()": "added", "join($2)": "",
    }  # fmt: skip
    assert sorted(edge.mark for edge in shown.edges) == ["added", "removed", "removed"]
    assert compared(after, after) == after


def test_nodes_that_are_numbered_as_they_come_are_the_same_by_what_they_say() -> None:
    before = Picture((Node("c3", "test", "a?"), Node("c5", "test", "a?")), ())
    after = Picture((Node("c4", "test", "a?"), Node("c9", "test", "b?")), ())
    assert [(node.label, node.mark) for node in nodes_of(compared(before, after).items)] == [
        ("a?", ""), ("a?", "removed"), ("b?", "added"),
    ]  # fmt: skip


def through(picture: Picture) -> list[tuple[str, str, str]]:
    """Return the edges that run through a node: from, to, and the node."""
    layout = lay_out(picture)
    found = []
    for edge, points in layout.routes:
        for (x, y), (end_x, end_y) in pairwise(points) if points[-1][1] > points[0][1] else ():
            for part in range(41):
                t = part / 40
                at_x = x + (end_x - x) * (3 * t * t - 2 * t * t * t)
                at_y = y + (end_y - y) * (1.5 * t - 1.5 * t * t + t * t * t)
                for node in nodes_of(picture.items):
                    box = layout.boxes[node.name]
                    inside = 2 < at_x - box.x < box.width - 2 and 2 < at_y - box.y < box.height - 2
                    if inside and node.name not in (edge.source, edge.target):
                        found.append((edge.source, edge.target, node.name))
    return sorted(set(found))


def test_edges_out_of_frames_and_into_them_run_past_what_stands_there() -> None:
    loop = Frame("f1", "turns", tuple(Node(f"t{at}", "call", f"{at}. send a rather long text") for at in range(2, 6)))
    inner = Frame("f2", "turns", tuple(Node(f"t{at}", "call", f"{at}. another rather long text") for at in range(6, 9)))
    outer = Frame("f3", "turns", (inner, Node("t9", "call", "9. x")))
    ends = [(2, 3), (3, 4), (4, 5), (2, 5), (2, 10), (3, 10), (6, 7), (7, 8), (6, 9), (6, 10), (1, 5), (1, 8), (2, 8)]
    edges = tuple(Edge(f"t{one}", f"t{other}", "data") for one, other in ends)
    picture = Picture((Node("t1", "call", "1. x"), loop, outer, Node("t10", "end", "join()")), edges)
    assert through(picture) == []


def test_what_is_gone_from_a_frame_stands_in_it() -> None:
    def loop(*names: str) -> Picture:
        nodes = tuple(Node(name, "call", name) for name in names)
        return Picture((Frame("f1", "turns", nodes), Node("join", "end", "join()")), ())

    (frame, _) = compared(loop("t1", "t2", "t3"), loop("t2")).items
    assert isinstance(frame, Frame)
    assert [(node.name, getattr(node, "mark", "")) for node in frame.inside] == [
        ("gone_t1", "removed"),
        ("t2", ""),
        ("gone_t3", "removed"),
    ]
