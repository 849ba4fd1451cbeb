"""Say what calls read and write outside the plan, and which of them conflict.

Two calls conflict if both use one resource and one of them writes it. A resource may name arguments (`file:{path}`): with
values known before the run it is one key, `file:a.txt`; otherwise the call may use every resource whose key begins with the
pattern's leading text, its family, `file:`. A family contains the families whose leading text begins with its own. A resource
without arguments that is such a leading text, as batch forms declare it, is the whole family.

Pure calls use nothing. What undeclared calls use is unknown, and they are exempt (design: models expect them to run in
parallel); passes never merge or drop them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field
from itertools import product
from operator import itemgetter
from typing import Final, NamedTuple

from lcc.grammar.dataclass import dataclass
from lcc.grammar.flow import NO_ORDER, Order, Orders
from lcc.grammar.ir import ListOf, Task, TaskId, Value
from lcc.grammar.ir.constants import is_constant, json_of
from lcc.grammar.signatures import Effect, Resource, Signature, Tools
from lcc.grammar.values import to_text
from lcc.passes.analysis.calls import Calls

MOST_KEYS: Final = 64
"""A fan-out over more literal elements than this counts as a use of the whole family."""

EDGES_PER_CALL: Final = 8
"""Past this many order edges a call on average, a call that needs more counts as a write of the whole family.

That adds order, never removes it, and bounds the edges of a plan by its length. Plans below `FREE_EDGES` are never touched.
"""
FREE_EDGES: Final = 4096

_SHOWN: Final = 60


class Access(NamedTuple):
    """A use of one resource, or of every resource whose key begins with `key` if `whole`."""

    key: str
    whole: bool
    writes: bool

    def __str__(self) -> str:
        return f"{self.key[:_SHOWN]}…" if self.whole or len(self.key) > _SHOWN else self.key


class Accesses:
    """Find what calls use. One instance serves a whole pass: it remembers what doesn't depend on arguments."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._fixed: dict[str, tuple[Access, ...] | None] = {}
        self.families = Families(calls.tools)

    def of(self, task: Task) -> tuple[Access, ...]:
        """Return what a bound call uses; nothing for a pure or undeclared call."""
        try:
            fixed = self._fixed[task.tool]
        except KeyError:
            fixed = self._fixed[task.tool] = _fixed(self._calls.tools.get(task.tool), self.families)
        return self._patterned(task) if fixed is None else fixed

    def _patterned(self, task: Task) -> tuple[Access, ...]:
        signature = self._calls.tools[task.tool]
        arguments = self._calls.arguments(task)
        spread = self._calls.spread(task)
        found: dict[Access, None] = {}
        for resource in signature.resources:
            for key in _keys(resource, arguments, spread):
                whole = key is None
                found[Access(resource.parts[0] if key is None else key, whole, signature.effect.writes)] = None
        return tuple(found)


def _fixed(signature: Signature | None, families: Families) -> tuple[Access, ...] | None:
    """Return what every call of a tool uses, or None if that depends on its arguments."""
    if signature is None or signature.effect in (Effect.PURE, Effect.UNDECLARED):
        return ()
    if any(resource.parameters for resource in signature.resources):
        return None
    return tuple(
        Access(resource.pattern, resource.pattern in families.heads, signature.effect.writes)
        for resource in signature.resources
    )


def _keys(resource: Resource, arguments: dict[str, Value], spread: str | None) -> Iterable[str | None]:
    """Return the keys that a pattern may stand for; None for the whole family. `spread` is the parameter of a fan-out."""
    choices: list[Sequence[str]] = []
    for place, part in enumerate(resource.parts):
        if place % 2 == 0:
            choices.append((part,))
            continue
        value = arguments.get(part)
        if value is None or not is_constant(value):
            return (None,)
        if part == spread:
            if not isinstance(value, ListOf) or len(value.items) > MOST_KEYS:
                return (None,)
            choices.append([to_text(json_of(item)) for item in value.items])
        else:
            choices.append((to_text(json_of(value)),))
    return ["".join(parts) for parts in product(*choices)]


class Families:
    """The families of a set of tools: the leading texts of their resource patterns, the shortest where they nest."""

    def __init__(self, tools: Tools) -> None:
        heads = {r.parts[0] for s in tools.values() for r in s.resources if r.parameters}
        self.heads = frozenset(heads)
        self._roots = tuple(h for h in sorted(heads) if not any(h.startswith(o) for o in heads if o != h))
        self._known: dict[str, str] = {}

    def of(self, key: str) -> str:
        """Return the family that a key or a leading text belongs to; a key that belongs to none is alone."""
        found = self._known.get(key)
        if found is None:
            found = next((root for root in self._roots if key.startswith(root)), key)
            self._known[key] = found
        return found


@dataclass(slots=True)
class _Cell:
    """One resource since the last write of its whole family. `seen`: how many reads of the family its last write follows."""

    writer: TaskId | None = None
    readers: list[TaskId] = field(default_factory=list)
    seen: int = 0


@dataclass(slots=True)
class _Family:
    """A family since its last write as a whole."""

    writer: TaskId | None = None
    readers: list[TaskId] = field(default_factory=list)
    cells: dict[str, _Cell] = field(default_factory=dict)

    def before(self, access: Access) -> Iterable[TaskId]:
        """Return the tasks that a use must follow: enough of them that the rest follows transitively."""
        found: list[TaskId] = []
        if access.whole:
            for cell in self.cells.values():
                if access.writes and cell.readers:
                    found += cell.readers
                elif cell.writer is not None:
                    found.append(cell.writer)
            if access.writes:
                found += self.readers
        else:
            one = self.cells.get(access.key)
            if access.writes:
                found += self.readers if one is None else self.readers[one.seen :]
            if one is not None:
                if access.writes and one.readers:
                    found += one.readers
                elif one.writer is not None and not found:
                    found.append(one.writer)
        if not found and self.writer is not None:
            found.append(self.writer)
        return found

    def record(self, id: TaskId, access: Access) -> None:
        """Note a use."""
        if access.whole and access.writes:
            self.writer = id
            self.readers = []
            self.cells = {}
        elif access.whole:
            self.readers.append(id)
        else:
            cell = self.cells.setdefault(access.key, _Cell())
            if access.writes:
                cell.writer, cell.readers, cell.seen = id, [], len(self.readers)
            else:
                cell.readers.append(id)


def orders_of(accesses: Accesses, calls: Calls) -> Orders:
    """Return how effects order the calls of a plan with a body, for `flow_of`.

    In strict statements a write or undeclared call waits for all calls before it, a read for the last write of what it uses and
    for undeclared calls. In others calls wait for those that they conflict with, and undeclared ones for none.
    """

    def order(task: Task, strict: bool) -> Order:
        effect = calls.effect(task.tool)
        if effect is Effect.UNDECLARED:
            return Order((_ALL,), (_ALL, _UNDECLARED)) if strict else NO_ORDER
        if effect is Effect.PURE:
            return Order((), (), (_ALL,)) if strict else NO_ORDER
        uses = accesses.of(task)
        names = tuple(dict.fromkeys(name for use in uses for name in _waits(use, accesses.families)))
        if effect.writes:
            sets = tuple([f"@write {use.key}{'*' if use.whole else ''}" for use in uses])
            joins = tuple([f"@any {accesses.families.of(use.key)}" for use in uses])
            return Order((_ALL,), (_ALL, *sets), joins) if strict else Order(names, sets, joins)
        return Order((*names, _UNDECLARED), (), (_ALL,)) if strict else Order(names)

    return order


_ALL: Final = "@all"
"""All calls so far."""
_UNDECLARED: Final = "@undeclared"
"""The last undeclared call."""


def _waits(use: Access, families: Families) -> tuple[str, ...]:
    """Return the names of the writes that may be to what is used."""
    family = families.of(use.key)
    return (f"@any {family}",) if use.whole else (f"@write {use.key}", f"@write {family}*")


class Ordering:
    """Find, call by call in plan order, which earlier calls each conflicts with.

    What follows transitively is left out: of the calls on one resource, its last write and the reads since.
    """

    def __init__(self, families: Families) -> None:
        self._of = families
        self._families: dict[str, _Family] = {}
        self._edges = 0
        self._calls = 0

    def add(self, id: TaskId, accesses: Sequence[Access]) -> dict[TaskId, Access]:
        """Return the calls that this one must follow, each with the use that conflicts, and note what it uses."""
        found = self._before(accesses)
        self._calls += 1
        if self._edges + len(found) > FREE_EDGES + EDGES_PER_CALL * self._calls:
            accesses = [Access(self._of.of(access.key), True, True) for access in accesses]
            found = self._before(accesses)
        self._edges += len(found)
        for access in accesses:
            self._family(access).record(id, access)
        return found

    def _before(self, accesses: Sequence[Access]) -> dict[TaskId, Access]:
        found: dict[TaskId, Access] = {}
        for access in accesses:
            for earlier in self._family(access).before(access):
                found.setdefault(earlier, access)
        return found

    def _family(self, access: Access) -> _Family:
        return self._families.setdefault(self._of.of(access.key), _Family())


class _Writes(NamedTuple):
    """The writes of something so far. `last`: the place of the last one among all writes, and its task."""

    total: int
    last: tuple[int, TaskId]


class Versions:
    """Count the writes of resources, to say whether one lies between two reads."""

    def __init__(self, families: Families) -> None:
        self._of = families
        self._keys: dict[str, _Writes] = {}
        self._whole: dict[str, _Writes] = {}
        self._any: dict[str, _Writes] = {}
        self._count = 0

    def write(self, id: TaskId, accesses: Iterable[Access]) -> None:
        """Note a write."""
        self._count += 1
        for access in accesses:
            family = self._of.of(access.key)
            writes, key = (self._whole, family) if access.whole else (self._keys, access.key)
            for table, name in ((writes, key), (self._any, family)):
                known = table.get(name)
                table[name] = _Writes(1 if known is None else known.total + 1, (self._count, id))

    def stamp(self, accesses: Iterable[Access]) -> tuple[int, ...]:
        """Return numbers that are equal at two places of a plan if and only if no write to these uses lies between."""
        return tuple(0 if writes is None else writes.total for access in accesses for writes in self._to(access))

    def last_write(self, accesses: Iterable[Access]) -> TaskId | None:
        """Return the last write to any of these uses."""
        known = [writes.last for access in accesses for writes in self._to(access) if writes is not None]
        return max(known, key=itemgetter(0))[1] if known else None

    def family_stamp(self, accesses: Iterable[Access]) -> tuple[int, ...]:
        """Return the stamp of every resource of the families that the uses belong to."""
        return self.stamp(Access(self._of.of(access.key), True, False) for access in accesses)

    def _to(self, access: Access) -> tuple[_Writes | None, ...]:
        family = self._of.of(access.key)
        if access.whole:
            return (self._any.get(family),)
        return self._keys.get(access.key), self._whole.get(family)
