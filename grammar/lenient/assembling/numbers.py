"""Number the calls of a plan, and say which call a number means.

A written number is kept where it is free. A call without one, or with one that is taken, gets the number of its place. A
reference means the latest call of its number before it. In a list that numbers everything 1, as Markdown allows, a call that names
another number counts places: there `$3` is the third call.
"""

from __future__ import annotations

from bisect import bisect_left

from lcc.grammar.ir import Task
from lcc.grammar.lenient.assembling.entry import Entry
from lcc.grammar.lenient.calls.settle import Read
from lcc.grammar.lenient.marks.events import TaskParsed
from lcc.grammar.source import Span
from lcc.grammar.syntax.statement import Call
from lcc.grammar.tolerant.references import number_of, plain_name


class Numbers:
    """The numbers of one plan. `earlier`: the ids of plans before this one, which are taken.

    `written`: the calls by the number that they have in the text, in its order. `assigned`: the calls by id. `keys`: those of data by
    the plain names of what they and their results are called, and by numbers.
    """

    def __init__(self, earlier: frozenset[int]) -> None:
        self.earlier = earlier
        self.written: dict[int, list[Entry]] = {}
        self.keys: dict[str, Entry] = {}
        self.assigned: dict[int, Entry] = {id: _given_before(id) for id in earlier}
        self.all_ones = True
        self._next = max(earlier, default=0) + 1

    def define(self, made: Entry) -> bool:
        """Give an entry its id; return whether it couldn't have the number that is written."""
        written = made.written
        taken = written is not None and (written == 0 or written in self.assigned)
        if written is None or taken:
            number = max(self._next, len(self.assigned) + 1)
            while number in self.assigned:
                number += 1
            made.id = number
            self._next = number
        else:
            made.id = written
        self.assigned[made.id] = made
        if made.read.says == "data":
            named = (made.read.key, made.read.variable, made.read.number)
            self.keys |= {plain_name(str(key)): made for key in named if key is not None}
        if written is not None:
            self.written.setdefault(written, []).append(made)
            self.all_ones = self.all_ones and written == 1 and made.read.says == "plan"
        return taken and made.read.says == "plan"

    def find(self, made: Entry, number: int) -> Entry | None:
        """Return the task that a number means to an entry: the latest before it, else the first behind it."""
        if self.all_ones and max(made.mentions.numbers, default=0) > 1:
            return self.assigned.get(number)
        written = self.written.get(number)
        if not written:
            return self.assigned.get(number)
        place = bisect_left(written, made.order, key=lambda e: e.order)
        if place:
            return written[place - 1]
        return self.assigned[number] if number in self.earlier else written[0]

    def other(self, made: Entry, number: int) -> Entry | None:
        """Return the task that a number means to an entry, if that is another than its own."""
        found = self.find(made, number)
        return None if found is made else found

    def called(self, made: Entry, key: int | str) -> Entry | None:
        """Return the task that a number means to an entry, or that a key or a number in a key means."""
        if isinstance(key, int):
            return self.find(made, key)
        name = plain_name(key)
        return self.keys.get(name) or self.keys.get(str(number_of(name)))

    def is_unclear(self, made: Entry) -> bool:
        """Whether `$1` means two things in a list that numbers everything 1."""
        return self.all_ones and made.mentions.numbers == {1} and self.find(made, 1) is not self.assigned.get(1)


def _given_before(id: int) -> Entry:
    """Return what stands for a call of an earlier plan."""
    call = Call("task", id, "", (), False, Span(0, 0))
    return Entry(-1, Read(call, None, None, (), ()), id=id, said=TaskParsed(Task(id, "")))
