"""Judge the lines that stand beside calls, one after the other: asides of the closed list, or what is not understood.

Prose is an aside only as a paragraph that stands apart: an empty line, a fence or an end of the text above and below it. Between calls
there is no room for it, and none of it may announce a call.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, NamedTuple

from lcc.grammar.lenient.marks.lines import ENDS_IN_COLON, SPEAKS_OF_STEP, Line, step_number
from lcc.grammar.lenient.marks.prefaces import is_preface
from lcc.grammar.source import Span

PROSE_AND_WRITES: Final = "prose beside a call that writes, or that is not declared to read, is not understood: it may say that the call is not to be made"


class Place(Enum):
    """Where in a plan a line stands."""

    BEFORE = auto()
    AMONG = auto()
    JOINED = auto()
    ENDED = auto()


class Judged(NamedTuple):
    """A paragraph or line, and whether it is an aside."""

    span: Span
    aside: bool


@dataclass(slots=True)
class Asides:
    """What stands beside the calls of a text so far. Every method returns what it has judged.

    `place`: where in the plan the text is. `prose`: the first paragraph or heading that says something and stands apart. `separated`: what
    follows stands apart from what was before.
    """

    place: Place = Place.BEFORE
    prose: Span | None = None
    separated: bool = False
    _lines: list[tuple[str, Span]] = field(default_factory=list)
    _starts_apart: bool = True
    _barrier: Span | None = None  # no call may follow it
    _behind_join: Span | None = None  # no call may follow it that doesn't begin another plan
    _steps: tuple[int, Span] | None = None  # the largest number of a step in words

    @property
    def pending(self) -> bool:
        """Whether there is something to judge when a call comes."""
        return bool(self._lines or self._barrier or self._behind_join or self._steps)

    def take(self, line: str, span: Span, kind: Line, apart: bool, fresh: bool = True) -> list[Judged]:
        """Take a line; `apart`: an empty one stands before it. `fresh`: it is a line of its own."""
        apart = apart or self.separated
        if kind in (Line.NOTHING, Line.FENCE, Line.COMMENT):
            judged = self.end(apart or (kind is Line.NOTHING and fresh))
            if kind is Line.NOTHING:
                self.separated = fresh
            elif kind is Line.COMMENT and fresh and not is_preface(line):
                self._comment(line, span)
            return judged
        judged = self.end(True) if apart else []
        self.separated = False
        if kind is Line.PROSE:
            self._starts_apart = self._starts_apart if self._lines else apart
            self._lines.append((line, span))
            return judged
        judged += self.end(kind is Line.PREFACE)
        return [*judged, Judged(span, False)] if kind is Line.ODD else judged

    def _comment(self, line: str, span: Span) -> None:
        """Take a comment: one that announces something, or is a heading among calls, is followed by none."""
        heading = line.lstrip().startswith("##")
        if heading and self.prose is None:
            self.prose = span
        if heading and self.place is Place.JOINED:
            self._behind_join = span
        elif (heading and self.place is Place.AMONG) or ENDS_IN_COLON.search(line):
            self._barrier = span

    def end(self, apart: bool) -> list[Judged]:
        """End the paragraph; `apart`: nothing stands directly below it."""
        if not self._lines:
            return []
        lines, self._lines = self._lines, []
        last, place = lines[-1]
        span, announces = lines[0][1].cover(place), not is_preface(last)
        numbers = [number for number in (step_number(line) for line, _ in lines) if number is not None]
        odd = (
            (announces and not apart)
            or not self._starts_apart
            or any(SPEAKS_OF_STEP.search(line) for line, _ in lines)
            or (numbers and self.place is Place.AMONG)
        )
        if odd:
            return [Judged(span, False)]
        if numbers:
            self._steps = max(numbers), span
        if announces and (self.place is Place.AMONG or ENDS_IN_COLON.search(last)):
            self._barrier = place
        elif announces and self.place is Place.JOINED:
            self._behind_join = place
        if self.prose is None and not all(is_preface(line) for line, _ in lines):
            self.prose = span
        return [Judged(span, True)]

    def call(self, apart: bool, number: int | None, again: bool = False) -> list[Judged]:
        """Judge what stands before a call; `again`: its number is one of the plan before it."""
        judged = self.end(apart or self.separated)
        barrier, self._barrier = self._barrier, None
        steps, self._steps = self._steps, None
        if barrier is None and not again:
            barrier, self._behind_join = self._behind_join, None
        if barrier is None and steps and self.place is Place.BEFORE and (number is None or number > steps[0]):
            barrier = steps[1]
        return [*judged, Judged(barrier, False)] if barrier is not None else judged

    def forget(self, span: Span) -> None:
        """Take a line out of the paragraph: it is a statement that was cut."""
        self._lines = [line for line in self._lines if line[1] != span]
