"""Know which unsettled calls touch a resource, in program order, and what each key of a resource has seen.

Of strict statements only writes are entered: what writes stands behind everything else anyhow. Of independent ones reads are, too.
A statement that isn't issued yet, of which calls may come, is a whole region of the program.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias

from lcc.grammar.signatures import Effect, Resource, Signature, Tools
from lcc.grammar.values import Json, to_text
from lcc.passes.analysis.effects import Families

ANY_FAMILY: Final = "*"
"""The family that an undeclared call touches: every resource."""

Position: TypeAlias = tuple[int, ...]
LAST: Final = 1 << 60
"""In a position: behind everything else of its scope."""


class Touch(NamedTuple):
    """A use of one key of a family of resources; of all of them, or one that isn't known yet, if the key is None."""

    family: str
    key: str | None


class Use:
    """The touches of a call, or of a region, until it is settled. `blocked` are called when it is, or when more is known of it."""

    __slots__ = ("blocked", "position", "touches", "writes")

    def __init__(self, position: Position, touches: tuple[Touch, ...], *, writes: bool) -> None:
        self.position = position
        self.touches = touches
        self.writes = writes
        self.blocked: list[Callable[[], None]] | None = None

    def block(self, waiter: Callable[[], None]) -> None:
        """Have a waiter called once the use is settled, or more is known of it."""
        if self.blocked is None:
            self.blocked = []
        self.blocked.append(waiter)

    def __lt__(self, other: Use) -> bool:
        return self.position < other.position


class _Line:
    """The uses of one family: all, those of the whole of it, and those of each key. Each is sorted."""

    __slots__ = ("all", "keys", "whole")

    def __init__(self) -> None:
        self.all: list[Use] = []
        self.whole: list[Use] = []
        self.keys: dict[str, list[Use]] = {}

    def lists(self, key: str | None) -> tuple[list[Use], list[Use]]:
        return (self.all, self.whole if key is None else self.keys.setdefault(key, []))


class Hazards:
    """The uses that aren't settled: writes, and reads where somebody waits for those."""

    def __init__(self) -> None:
        self._writes: dict[str, _Line] = {}
        self._reads: dict[str, _Line] = {}
        self.count = 0

    def enter(self, use: Use) -> None:
        """Note a use."""
        self.count += 1
        lines = self._writes if use.writes else self._reads
        for family, key in use.touches:
            for uses in lines.setdefault(family, _Line()).lists(key):
                insort(uses, use)

    def leave(self, use: Use) -> list[Callable[[], None]]:
        """Forget a use; return what it blocked."""
        self.count -= 1
        lines = self._writes if use.writes else self._reads
        for family, key in use.touches:
            line = lines[family]
            for uses in line.lists(key):
                at = bisect_left(uses, use)
                while uses[at] is not use:
                    at += 1
                del uses[at]
            if key is not None and not line.keys[key]:
                del line.keys[key]
        blocked, use.blocked = use.blocked or [], None
        return blocked

    def refine(self, use: Use, touches: tuple[Touch, ...]) -> list[Callable[[], None]]:
        """Say what a use touches, now that it is known; return what it blocked."""
        if touches == use.touches:
            return []
        blocked = self.leave(use)
        use.touches = touches
        self.enter(use)
        return blocked

    def before(self, touches: Iterable[Touch], position: Position, *, reads_too: bool, undeclared: bool) -> Use | None:
        """Return a use before a position that a call with these touches must wait for: a write, or `reads_too`.

        `undeclared`: those that touch everything count.
        """
        mark = Use(position, (), writes=False)
        for lines in (self._writes, self._reads) if reads_too else (self._writes,):
            for family, key in touches:
                for uses in _uses(lines, family, key, undeclared=undeclared):
                    at = bisect_left(uses, mark)
                    if at:
                        return uses[at - 1]
        return None


def _uses(lines: dict[str, _Line], family: str, key: str | None, *, undeclared: bool) -> Iterable[list[Use]]:
    """Return the lists of uses that a touch conflicts with."""
    if family == ANY_FAMILY:
        return [line.all for line in lines.values()]
    line = lines.get(family)
    found = [] if line is None else [line.all] if key is None else [line.whole, line.keys.get(key, [])]
    if undeclared and ANY_FAMILY in lines:
        found.append(lines[ANY_FAMILY].all)
    return found


class Reach:
    """What the calls of one tool touch. `static`: what they may touch, whatever their arguments are."""

    __slots__ = ("_parts", "fixed", "static", "undeclared", "writes")

    def __init__(self, signature: Signature, families: Families) -> None:
        effect = signature.effect
        self.undeclared = effect is Effect.UNDECLARED
        self.writes = effect.writes or self.undeclared
        self._parts: list[tuple[Resource, Touch]] = []
        self.static: tuple[Touch, ...] = ()
        self.fixed: tuple[Touch, ...] | None = ()
        if self.undeclared:
            self.static = self.fixed = (Touch(ANY_FAMILY, None),)
        elif effect is not Effect.PURE:
            for resource in signature.resources:
                whole = bool(resource.parameters) or resource.pattern in families.heads
                touch = Touch(families.of(resource.parts[0]), None if whole else resource.pattern)
                self._parts.append((resource, touch))
            self.static = tuple(dict.fromkeys(touch for _, touch in self._parts))
            self.fixed = None if any(r.parameters for r in signature.resources) else self.static

    def of(self, arguments: Mapping[str, Json], defaults: Mapping[str, Json]) -> tuple[Touch, ...]:
        """Return what a call with these arguments touches."""
        if self.fixed is not None:
            return self.fixed
        found: dict[Touch, None] = {}
        for resource, touch in self._parts:
            given = {name: arguments.get(name, defaults.get(name)) for name in resource.parameters}
            texts = [to_text(given[part]) if place % 2 else part for place, part in enumerate(resource.parts)]
            found[Touch(touch.family, "".join(texts)) if resource.parameters else touch] = None
        return tuple(found)


def reach_of(tools: Tools) -> Callable[[str], Reach]:
    """Return what tells the reach of each tool by its name."""
    families = Families(tools)
    known: dict[str, Reach] = {}

    def of(name: str) -> Reach:
        if name not in known:
            known[name] = Reach(tools[name], families)
        return known[name]

    return of


class Versions:
    """How many writes each resource has seen that have ended."""

    def __init__(self) -> None:
        self._everything = 0
        self._families: Counter[str] = Counter()
        self._whole: Counter[str] = Counter()
        self._keys: Counter[str] = Counter()

    def wrote(self, touches: Iterable[Touch]) -> None:
        """Count a write."""
        for family, key in touches:
            if family == ANY_FAMILY:
                self._everything += 1
            elif key is None:
                self._families[family] += 1
                self._whole[family] += 1
            else:
                self._families[family] += 1
                self._keys[key] += 1

    def of(self, touches: Iterable[Touch]) -> tuple[int, ...]:
        """Return a version of what a read touches: the same one only if nothing of it was written."""
        found = [self._everything]
        for family, key in touches:
            found += (self._families[family],) if key is None else (self._whole[family], self._keys[key])
        return tuple(found)
