"""Check what conflicts with what, and that order edges are enough and not too many."""

from __future__ import annotations

from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings, strategies as st

from lcc.grammar.ir import Arg, Const, Element, Format, Input, ListOf, Ref, Task, TaskId
from lcc.grammar.signatures import (
    ANY,
    INT,
    MISSING,
    OUTSIDE,
    Effect,
    Parameter,
    Resource,
    Signature,
    Tools,
    tools_by_name,
)
from lcc.passes.analysis.calls import Calls
from lcc.passes.analysis.effects import (
    EDGES_PER_CALL,
    FREE_EDGES,
    MOST_KEYS,
    Access,
    Accesses,
    Families,
    Ordering,
    Versions,
)
from lcc.passes.context import Context
from lcc.passes.order_effects import Orderer


def tool(name: str, effect: Effect, *patterns: str, default: object = MISSING) -> Signature:
    parameters = (
        Parameter("path"),
        Parameter("row", INT, required=False, default=7),
        Parameter("mode", ANY, required=False, default=default),  # type: ignore[arg-type]
    )
    return Signature(name, parameters, ANY, effect, tuple(map(Resource, patterns)))


TOOLS: Tools = tools_by_name(
    [
        tool("load", Effect.READ, "file:{path}"),
        tool("save", Effect.WRITE, "file:{path}"),
        tool("fetch", Effect.READ, "db:{path}/{row}"),
        tool("store", Effect.WRITE, "db:{path}/{row}"),
        tool("config", Effect.READ, "file:config"),
        tool("copy", Effect.WRITE, "file:{path}", "log"),
        tool("look", Effect.READ, OUTSIDE),
        tool("act", Effect.DESTRUCTIVE, OUTSIDE),
        tool("odd", Effect.READ, "x:{mode}", default=MISSING),
        tool("pure", Effect.PURE),
        tool("post", Effect.UNDECLARED),
    ]
)


def accesses(tool: str, *args: Arg) -> tuple[Access, ...]:
    return Accesses(Calls(TOOLS)).of(Task(1, tool, args))


def path(value: object) -> Arg:
    return Arg("path", Const(value))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tool", "args", "expected"),
    [
        ("load", (path("a"),), [("file:a", False, False)]),
        ("save", (path("a"),), [("file:a", False, True)]),
        ("load", (Arg(None, Const("a")),), [("file:a", False, False)]),
        ("load", (path(3),), [("file:3", False, False)]),
        ("load", (path(True),), [("file:true", False, False)]),
        ("load", (Arg("path", Ref(1)),), [("file:", True, False)]),
        ("load", (Arg("path", Input("p")),), [("file:", True, False)]),
        ("load", (Arg("path", Format(("a", Ref(1)))),), [("file:", True, False)]),
        ("fetch", (path("t"),), [("db:t/7", False, False)]),
        ("fetch", (path("t"), Arg("row", Const(2))), [("db:t/2", False, False)]),
        ("fetch", (path("t"), Arg("row", Ref(1))), [("db:", True, False)]),
        ("config", (path("a"),), [("file:config", False, False)]),
        ("copy", (path("a"),), [("file:a", False, True), ("log", False, True)]),
        ("look", (path("a"),), [("outside", False, False)]),
        ("act", (path("a"),), [("outside", False, True)]),
        ("odd", (path("a"),), [("x:", True, False)]),
        ("pure", (path("a"),), []),
        ("post", (path("a"),), []),
        ("unknown", (path("a"),), []),
        (
            "save",
            (Arg("path", ListOf((Const("a"), Const("b"))), each=True),),
            [("file:a", False, True), ("file:b", False, True)],
        ),
        ("save", (Arg("path", ListOf((Const("a"), Ref(1))), each=True),), [("file:", True, True)]),
        ("save", (Arg("path", Ref(1), each=True),), [("file:", True, True)]),
        (
            "fetch",
            (path("t"), Arg("row", ListOf((Const(1), Const(2))), each=True)),
            [("db:t/1", False, False), ("db:t/2", False, False)],
        ),
        ("load", (Arg("path", ListOf((Const("a"),))),), [('file:["a"]', False, False)]),
        (
            "save",
            (Arg("path", ListOf(tuple(Const(n) for n in range(MOST_KEYS + 1))), each=True),),
            [("file:", True, True)],
        ),
    ],
)
def test_a_call_uses_what_its_resources_name(
    tool: str, args: tuple[Arg, ...], expected: list[tuple[str, bool, bool]]
) -> None:
    assert list(accesses(tool, *args)) == [Access(*one) for one in expected]


def test_families_are_the_leading_texts_the_shortest_where_they_nest() -> None:
    tools = tools_by_name(
        [
            tool("a", Effect.READ, "file:{path}"),
            tool("b", Effect.READ, "file:tmp/{path}"),
            tool("c", Effect.READ, "db:{path}"),
        ]
    )
    families = Families(tools)
    assert families.of("file:tmp/x") == "file:"
    assert families.of("file:tmp/") == "file:"
    assert families.of("file:") == "file:"
    assert families.of("db:x") == "db:"
    assert families.of("web") == "web"
    everything = Families(tools_by_name([tool("a", Effect.READ, "{path}"), tool("b", Effect.READ, "db:{path}")]))
    assert everything.of("outside") == everything.of("db:x") == ""


KEYS = ("file:a", "file:b", "file:config", "log", OUTSIDE)
uses = st.lists(
    st.tuples(
        st.sampled_from([*((key, False) for key in KEYS), ("file:", True)]),
        st.booleans(),
    ),
    max_size=12,
)
several = st.lists(uses.filter(lambda one: len(one) <= 2), max_size=12)


def conflict(mine: tuple[Access, ...], theirs: tuple[Access, ...]) -> bool:
    """Say it as the design does."""
    return any(
        (a.writes or b.writes)
        and (a.key == b.key or (a.whole and b.key.startswith(a.key)) or (b.whole and a.key.startswith(b.key)))
        for a in mine
        for b in theirs
    )


def closure(edges: dict[int, set[int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for id in sorted(edges):
        found[id] = set().union(edges[id], *(found[before] for before in edges[id]))
    return found


@settings(max_examples=60, deadline=None)
@given(several)
def test_order_edges_imply_every_conflict_and_nothing_else(calls: list[list[tuple[tuple[str, bool], bool]]]) -> None:
    ordering = Ordering(Families(TOOLS))
    used: dict[int, tuple[Access, ...]] = {}
    edges: dict[int, set[int]] = {}
    for id, call in enumerate(calls):
        writes = any(writes for _, writes in call)
        used[id] = tuple(dict.fromkeys(Access(key, whole, writes) for (key, whole), _ in call))
        edges[id] = set(ordering.add(id, used[id]))  # type: ignore[arg-type]
    implied = closure(edges)
    for earlier, later in combinations(used, 2):
        if conflict(used[earlier], used[later]):
            assert earlier in implied[later], (earlier, later)
    for later, before in edges.items():
        assert all(conflict(used[earlier], used[later]) for earlier in before)


@settings(max_examples=60, deadline=None)
@given(several)
def test_stamps_differ_exactly_where_a_conflicting_write_lies_between(
    calls: list[list[tuple[tuple[str, bool], bool]]],
) -> None:
    reads = [(Access(key, False, False),) for key in KEYS] + [(Access("file:", True, False),)]
    versions = Versions(Families(TOOLS))
    stamps = [[versions.stamp(read) for read in reads]]
    written: list[tuple[Access, ...]] = []
    for id, call in enumerate(calls):
        written.append(tuple(Access(key, whole, True) for (key, whole), writes in call if writes))
        versions.write(len(calls) - id, written[-1])  # the last by place, whatever its id
        stamps.append([versions.stamp(read) for read in reads])
    for first, second in combinations(range(len(stamps)), 2):
        for at, read in enumerate(reads):
            between = any(conflict(read, write) for write in written[first:second])
            assert (stamps[first][at] != stamps[second][at]) == between
    for read in reads:
        ids = [id for id, write in enumerate(written) if conflict(read, write)]
        assert versions.last_write(read) == (len(calls) - ids[-1] if ids else None)


def edge_count(accesses: list[Access]) -> int:
    ordering = Ordering(Families(TOOLS))
    return sum(len(ordering.add(id, (access,))) for id, access in enumerate(accesses, 1))


def test_order_edges_stay_linear_where_conflicts_are_quadratic() -> None:
    """Thousands of writes of single files, each pair of phases separated by thousands of reads of any file."""
    size = 3_000
    writes = [Access(f"file:{n}", False, True) for n in range(size)]
    reads = [Access("file:", True, False)] * size
    assert edge_count(writes + reads + writes + reads) <= FREE_EDGES + (EDGES_PER_CALL + 2) * 4 * size
    assert edge_count([Access("log", False, False)] * size + [Access("log", False, True)]) == size


def test_a_small_plan_is_never_coarsened() -> None:
    writes = [Access(f"file:{n}", False, True) for n in range(50)]
    reads = [Access("file:", True, False)] * 50
    assert edge_count(writes + reads) == 50 * 50


def test_a_long_plan_with_few_edges_a_call_is_never_coarsened() -> None:
    ordering = Ordering(Families(TOOLS))
    files = 100
    for id in range(1, 6_001):
        found = ordering.add(id, (Access(f"file:{id % files}", False, True),))
        assert list(found) == ([id - files] if id > files else [])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1 << 30))
def test_a_coarsened_plan_keeps_every_conflict(seed: int) -> None:
    random = Random(seed)
    ordering = Ordering(Families(TOOLS))
    ordering._edges = FREE_EDGES
    used: dict[int, tuple[Access, ...]] = {}
    edges: dict[int, set[int]] = {}
    for id in range(60):
        whole = random.random() < 0.3
        key = "file:" if whole else random.choice(KEYS)
        used[id] = (Access(key, whole, random.random() < 0.5),)
        edges[id] = set(ordering.add(id, used[id]))  # type: ignore[arg-type]
    implied = closure(edges)
    for earlier, later in combinations(used, 2):
        if conflict(used[earlier], used[later]):
            assert earlier in implied[later]


def test_edges_that_follow_from_data_or_others_are_left_out() -> None:
    orderer = Orderer(Context(TOOLS))

    def after(id: TaskId, tool: str, *args: Arg) -> tuple[TaskId, ...]:
        return orderer.task(Task(id, tool, args)).after

    assert after(1, "act", path("a")) == ()
    assert after(2, "look", Arg("path", Ref(1))) == ()
    assert after(3, "look", path("b")) == (1,)
    assert after(4, "act", Arg("path", Ref(2))) == (3,)
    assert after(5, "copy", path("a")) == ()
    assert after(6, "copy", path("b")) == (5,)
    assert after(7, "copy", path("a")) == (6,)
    assert after(Element(8, 0), "save", path("a")) == (7,)
    assert after(Element(8, 1), "save", path("z")) == (Element(8, 0),)
    assert after(Element(8, 2), "post", path("z")) == ()
