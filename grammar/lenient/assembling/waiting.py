"""Keep the calls that can't be given out yet, by what they wait for."""

from __future__ import annotations

from dataclasses import dataclass, field

from lcc.grammar.lenient.assembling.entry import Entry, State


@dataclass(slots=True)
class Waiting:
    """Calls that wait: for a number that no call has yet, behind another call, for the notation of references to be clear.

    `missing` of an entry counts what it waits for. `unclear` holds those whose `$1` means two things.
    """

    unclear: list[Entry] = field(default_factory=list)
    _for_number: dict[int, list[Entry]] = field(default_factory=dict)
    _behind: dict[Entry, list[Entry]] = field(default_factory=dict)
    _for_style: list[Entry] = field(default_factory=list)

    def for_number(self, made: Entry, number: int) -> None:
        """Let a call wait for a number."""
        self._for_number.setdefault(number, []).append(made)
        made.missing += 1

    def behind(self, made: Entry, target: Entry) -> None:
        """Let a call wait for another to be given out."""
        if target.state is not State.STANDING:
            made.missing += 1
            self._behind.setdefault(target, []).append(made)

    def for_style(self, made: Entry) -> None:
        """Let a call wait for the notation of references to be clear."""
        self._for_style.append(made)
        made.missing += 1

    def arrived(self, made: Entry) -> None:
        """Let the calls that wait for this one's numbers wait for itself."""
        for number in {made.id, made.written if made.written is not None else made.id}:
            same = self._for_number.pop(number, [])
            if made in same:
                self._for_number[number] = [made]
            for other in same:
                if other is not made:
                    other.missing -= 1
                    self.behind(other, made)

    def given(self, made: Entry) -> list[Entry]:
        """Return the calls that waited for this one, which is given out."""
        return _one_less(self._behind.pop(made, []))

    def style_is_clear(self) -> list[Entry]:
        """Return the calls that waited for the notation."""
        clear, self._for_style = self._for_style, []
        return _one_less(clear)

    def no_more_numbers(self) -> None:
        """Let nothing wait for a number any more: the plan is over."""
        for same in self._for_number.values():
            _one_less(same)
        self._for_number = {}

    def take_unclear(self) -> list[Entry]:
        """Return the calls whose `$1` was unclear."""
        unclear, self.unclear = self.unclear, []
        return unclear


def _one_less(found: list[Entry]) -> list[Entry]:
    for made in found:
        made.missing -= 1
    return found
