"""Keep what an IR forgets of a plan file: its statements as they are written, comments, blank lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from lcc.grammar.dataclass import dataclass
from lcc.grammar.source import Span
from lcc.grammar.syntax.scanner import Kind, Segment
from lcc.grammar.syntax.statement import language


@dataclass(frozen=True, slots=True)
class Item:
    """A statement of a file, or a line beside statements. `column`: where it begins in its line. `behind`: the comment that follows it there."""

    segment: Segment
    blank: bool
    column: int
    behind: Segment | None = None

    @property
    def comment(self) -> str:
        """The comment as it is laid out behind the statement; "" where there is none."""
        return f"  {self.behind.text.rstrip()}" if self.behind else ""


def read_document(text: str, found: Iterable[Segment]) -> Iterator[Item]:
    """Yield the items of a text, of which the segments are given. `blank`: an empty line stands between one and the one before it."""
    item: Item | None = None
    end = 0
    for segment in found:
        between = text[end : segment.start]
        breaks = between.count("\n") or between.count("\r")
        end = segment.end
        if segment.kind is Kind.COMMENT and item is not None and not breaks:
            item = replace(item, behind=segment)
            continue
        if item is not None:
            yield item
        column = segment.start - (text.rfind("\n", 0, segment.start) + 1)
        item = Item(segment, breaks > 1 and item is not None, column)
    if item is not None:
        yield item


def comments_in(segment: Segment) -> Iterator[Span]:
    """Yield where comments stand inside of a statement, in the source."""
    for found in language().finditer(segment.text):
        if found.lastgroup == "COMMENT":
            yield Span(segment.start + found.start(), segment.start + found.end())
