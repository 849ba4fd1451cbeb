"""Know what names may be and what objects may hold: facts that only grow, and what follows from each at once.

An object is a number, one for each place that makes objects (a statement, a value in it, a purpose). What it holds are its parts;
what is behind it is read when it is: the list behind an iterator or a view, all that a lazy comprehension reads.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Final, TypeAlias

Sites: TypeAlias = frozenset[int] | set[int]
NOTHING: Final[frozenset[int]] = frozenset()
MOST: Final = 200_000
"""With more facts than this the analysis gives up: it grows with the square of what a plan shares."""


class NotUnderstood(Exception):
    """Nobody said what an operation does, or there is too much to follow."""


class Holding:
    """The facts. `size`: how many there are. `oldest`: the first object that holds more since that was set, or has more behind it.

    `changing`: the objects that may be changed and that a name, or another object, may lead to. `news`: those that became so since
    that was emptied. `made` and `looked`: what the values of the present statement make, and get at the parts of.
    """

    def __init__(self) -> None:
        self.size = self.oldest = 0
        self.changing: set[int] = set()
        self.news: set[int] = set()
        self.made: set[int] = set()
        self.looked: set[int] = set()
        self._changed: set[int] = set()
        self._reached: set[int] = set()
        self._numbers: dict[Hashable, int] = {}
        self._names: dict[Hashable, set[int]] = {}
        self._holds: list[set[int]] = []
        self._behind: list[set[int]] = []
        self._statement = 0

    def at(self, statement: int) -> None:
        """Begin with a statement."""
        self._statement = statement
        self.made, self.looked = set(), set()

    def count(self) -> int:
        """Return how many objects there are."""
        return len(self._holds)

    def check(self) -> None:
        """Raise NotUnderstood if there are too many facts to go on."""
        if self.size > MOST:
            raise NotUnderstood

    def name(self, name: Hashable, found: Sites) -> None:
        """Note what a name or id may be."""
        if name is not None and found:
            self._grow(self._names.setdefault(name, set()), found)

    def of_name(self, name: Hashable) -> Sites:
        """Return what a name or id may be."""
        return self._names.get(name, NOTHING)

    def site(self, place: object, purpose: str) -> int:
        """Return the object that a place of the present statement makes."""
        key = (self._statement, place if isinstance(place, str | int) else id(place), purpose)
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self._holds)
            self._holds.append(set())
            self._behind.append(set())
        self.made.add(found)
        return found

    def hold(self, site: int, parts: Sites) -> None:
        """Note what an object may hold."""
        if self._grow(self._holds[site], parts):
            self.oldest = min(self.oldest, site)

    def read_behind(self, site: int, objects: Sites) -> None:
        """Note what is read when an object is."""
        if self._grow(self._behind[site], objects):
            self.oldest = min(self.oldest, site)

    def change(self, objects: Sites) -> None:
        """Note what may be changed."""
        new = objects - self._changed
        if new:
            self._changed |= new
            self.size += len(new)
            self._note(new & self._reached)

    def lasts(self, made: Iterable[int]) -> bool:
        """Whether some of these objects read others later than where they are made."""
        return any(self._behind[one] and one in self._reached for one in made)

    def held_by(self, objects: Iterable[int]) -> set[int]:
        """Return what objects hold, and what is behind them."""
        return set().union(*[self._holds[one] | self._behind[one] for one in objects])

    def _grow(self, facts: set[int], more: Sites) -> bool:
        before = len(facts)
        facts |= more
        grown = len(facts) - before
        if not grown:
            return False
        self.size += grown
        new = more - self._reached
        if new:
            self._reached |= new
            self._note(new & self._changed)
        return True

    def _note(self, changing: Sites) -> None:
        self.changing |= changing
        self.news |= changing
