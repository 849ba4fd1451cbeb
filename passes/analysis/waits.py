"""Say which turns of loops wait for one another, and which calls an undeclared tool holds up.

    total = 0
    for book in books:                       # one after the other: `total` goes from turn to turn, and a call depends on it
        if total < 5:
            total += order_copies(book)

A loop's turns overlap unless a call of one needs what a call of the turn before made: by a name that is carried, by a condition
that leaves the loop, or because both write or may write. What is read of the turn before without a call behind it, such as
a counter, makes nothing wait.

It is for people: the names are followed as they stand, not the objects behind them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final, Literal

from lcc.grammar.dataclass import dataclass
from lcc.grammar.flow import Flow, Loop
from lcc.grammar.ir import Task
from lcc.grammar.signatures import Effect

MOST_NAMES: Final = 16
"""How many carried names of a loop are looked at."""
MOST_STEPS: Final = 2_000_000
"""How many nodes all searches together look at; loops behind that count as ones that don't wait."""


@dataclass(frozen=True, slots=True)
class Serial:
    """A loop whose turns wait for one another, and why. `names`: what they hand on; `calls`: those that make the turns wait.

    `waiting`: the calls that are made once the turn before has made its own; others overlap.
    """

    loop: Loop
    why: Literal["names", "leaves", "undeclared", "writes"]
    names: tuple[str, ...]
    calls: tuple[Task, ...]
    waiting: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Holding:
    """An undeclared tool: its first call, and how many calls wait for one of it though they read nothing that it made."""

    first: Task
    holds: int


def serial_loops(flow: Flow, effect: Callable[[str], Effect]) -> Iterator[Serial]:
    """Yield the loops whose turns wait, in text order of their ends."""
    left = MOST_STEPS
    for loop in flow.loops:
        left -= (loop.end - loop.first) * (2 + 2 * min(MOST_NAMES, len(loop.carried)))
        if left < 0:
            return
        found = _serial(flow, loop, effect)
        if found is not None:
            yield found


def _serial(flow: Flow, loop: Loop, effect: Callable[[str], Effect]) -> Serial | None:
    turn = range(loop.first, loop.end)
    calls = _calls(flow, turn)
    names = []
    waiting: dict[int, Task] = {}
    for name, (read, last) in islice(loop.carried.items(), MOST_NAMES):
        if name.startswith("@") and name not in _EXITS:
            continue
        readers = _data_behind(flow, {read}, turn)
        mine = _calls(flow, [place for place in turn if place in readers])
        if mine and last in _data_behind(flow, set(mine), turn):
            waiting |= mine
            if not name.startswith("@"):
                names.append(name)
    ordered = [read for name, (read, _) in loop.carried.items() if name.startswith("@") and name not in _EXITS]
    after = flow.waiting([*ordered, *waiting], loop.first, loop.end)
    late = tuple([task for place, task in calls.items() if place in after or place in waiting])
    if waiting:
        return Serial(loop, "names" if names else "leaves", tuple(names), tuple(waiting.values()), late)
    undeclared = [task for task in calls.values() if effect(task.tool) is Effect.UNDECLARED]
    writes = [task for task in calls.values() if effect(task.tool).writes]
    if "@all" not in loop.carried or not (undeclared or writes):
        return None
    return Serial(loop, "undeclared" if undeclared else "writes", (), tuple(undeclared or writes), late)


_EXITS: Final = frozenset({"@left", "@broken", "@returned"})


def _calls(flow: Flow, places: Iterable[int]) -> dict[int, Task]:
    found = {}
    for place in places:
        statement = flow.nodes[place].statement
        if flow.nodes[place].kind == "call" and isinstance(statement, Task):
            found[place] = statement
    return found


def _data_behind(flow: Flow, starts: set[int], places: range) -> set[int]:
    """Return the nodes among some whose value, or whether they happen, depends on any of these."""
    found = set(starts)
    for place in places:
        node = flow.nodes[place]
        if not found.isdisjoint(node.data) or not found.isdisjoint(node.control):
            found.add(place)
    return found


def holding_tools(flow: Flow, effect: Callable[[str], Effect]) -> list[Holding]:
    """Return the undeclared tools that hold up others, those that hold up most first."""
    tools: dict[str, list[int]] = {}
    for place, task in _calls(flow, range(len(flow.nodes))).items():
        if effect(task.tool) is Effect.UNDECLARED:
            tools.setdefault(task.tool, []).append(place)
    found = []
    for places in islice(tools.values(), MOST_NAMES):
        needed = _data_behind(flow, set(places), range(len(flow.nodes)))
        held = _calls(flow, sorted(flow.waiting(places, 0, len(flow.nodes)) - needed))
        first = flow.nodes[places[0]].statement
        if held and isinstance(first, Task):
            found.append(Holding(first, len(held)))
    return sorted(found, key=lambda one: -one.holds)
