"""Nest steps by their indentation, which means something only below the line of a loop."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Label, Severity
from lcc.grammar.ir import Task
from lcc.grammar.source import Span
from lcc.grammar.syntax.notation.written import Entry, Written

Report = Callable[[Diagnostic], None]
_LINE_START: Final = re.compile(r"[^\r\n]*\Z")


def is_loop(entry: Entry) -> bool:
    """Whether steps may stand below an entry."""
    return isinstance(entry.step, Written) and entry.step.kind == "for"


def is_end(entry: Entry) -> bool:
    """Whether an entry ends the plan."""
    return isinstance(entry.step, Written) and entry.step.tool in ("join", "answer")


class StepBlocks:
    """Puts entries into the bodies of their loops. `top` holds those of the outer level."""

    def __init__(self, text: str, nesting: int, report: Report) -> None:
        self.top: list[Entry] = []
        self.text = text
        self._nesting = nesting
        self._report = report
        self._open: list[tuple[Entry, int]] = []  # loops, and the column of their bodies
        self._last: Entry | None = None
        self._line = -1

    def add(self, entry: Entry) -> None:
        """Take the next entry of the text."""
        if entry.line_start != self._line:
            self._place(entry)
            self._line = entry.line_start
        elif self._last is not None and is_loop(self._last):
            self._error("P028", "a step stands on the line of its loop", entry.span, "the body stands below, indented")
        self._last = entry
        if self._open:
            self._inside(entry, self._open[-1][0])
        else:
            self._outside(entry)

    def finish(self) -> None:
        """End the text."""
        if self._last is not None and is_loop(self._last):
            self._no_body(self._last, self._last.span)

    def _place(self, entry: Entry) -> None:
        """Open or close bodies for the line of an entry."""
        last, column = self._last, entry.column
        if (self._open or (last is not None and is_loop(last))) and "\t" in self.text[
            entry.line_start : entry.line_start + column
        ]:
            span = Span(entry.line_start, entry.line_start + column)
            self._error("P102", "a tab stands in the indentation", span, "indent the steps of a loop by spaces")
        if last is not None and is_loop(last):
            if column > last.column:
                self._deeper(last, column)
                return
            self._no_body(last, entry.span)
        while self._open and column < self._open[-1][1]:
            loop, _ = self._open.pop()
            if column > loop.column:
                self._error(
                    "P101", "this indentation fits no outer line", entry.span, "align it with the line it belongs to"
                )
                self._open.append((loop, column))
                return
        if self._open and column > self._open[-1][1]:
            self._error("P101", "this step is indented for no reason", entry.span, "align it with the line before")

    def _deeper(self, loop: Entry, column: int) -> None:
        if len(self._open) == self._nesting:
            self._error("P013", "loops are nested more deeply than the limit", loop.span, "do it in several steps")
        self._open.append((loop, column))

    def _no_body(self, loop: Entry, span: Span) -> None:
        label = Label(loop.span, "its body has to begin below")
        help_ = "indent the steps that belong to the loop"
        self._report(Diagnostic("P101", Severity.ERROR, "this loop has no body", span, help_, (label,)))

    def _inside(self, entry: Entry, loop: Entry) -> None:
        if loop.yields is not None:
            label = Label(loop.yields.span, "the turn ends here")
            what = "a second `yield`" if _is_yield(entry) else "a step stands behind the `yield` of its loop"
            help_ = "a loop yields one value in a turn, at its end"
            self._report(Diagnostic("P028", Severity.ERROR, what, entry.span, help_, (label,)))
        if _is_yield(entry) and isinstance(entry.step, Written):
            loop.yields = entry.step
            return
        if is_end(entry):
            self._error(
                "P028", f"`{entry.step.tool}` stands in a loop", entry.span, "move it to the outer level, at the end"
            )
            return
        if len(self._open) <= self._nesting:
            entry.parent = loop
            loop.body.append(entry)

    def _outside(self, entry: Entry) -> None:
        if is_end(entry):
            return
        if _is_yield(entry):
            self._error("P028", "`yield` stands outside of a loop", entry.span, "it is the last line of a loop's body")
            return
        self.top.append(entry)

    def _error(self, code: str, message: str, span: Span, help_: str) -> None:
        self._report(Diagnostic(code, Severity.ERROR, message, span, help_))


def _is_yield(entry: Entry) -> bool:
    return isinstance(entry.step, Written) and entry.step.kind == "yield"


def column_of(text: str, at: int) -> tuple[int, int]:
    """Return where the line of a place begins, and how far in it the first thing on it stands."""
    start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    line = text[start:at]
    return start, len(line) - len(line.lstrip(" \t\f\ufeff"))


def ids_of(entries: Sequence[Entry]) -> list[int]:
    """Return the ids that steps have, those in their bodies too."""
    found: list[int] = []
    todo = list(entries)
    while todo:
        entry = todo.pop()
        todo += entry.body
        number = entry.step.id
        if isinstance(number, int):
            found.append(number)
    return found


def calls_in(entries: Sequence[Entry]) -> int:
    """Return how many calls stand in entries."""
    count = 0
    todo = list(entries)
    while todo:
        entry = todo.pop()
        todo += entry.body
        count += isinstance(entry.step, Task) or entry.step.kind == "call"
    return count
