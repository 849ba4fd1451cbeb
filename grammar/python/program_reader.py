"""Read a program, whole or as it arrives: the tree of all that can be read, and every error of the text in one go.

Each logical line is parsed alone; one that fails is reported and left out, and the others are still read. The top-level
statements that a reader hands out, and what it reports, are a function of the text, never of how it was cut into chunks; only
when they are handed out depends on that. A statement of one line is complete with that line; a compound one when a line begins
in column 0 with a token that doesn't continue it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, has_errors
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.python import tree
from lcc.grammar.python.lexer import Lexer, Line
from lcc.grammar.python.lexer_errors import error
from lcc.grammar.python.line_parser import LineParser
from lcc.grammar.python.misfits import explain, refused_head
from lcc.grammar.python.nesting import FOLLOWS, Blocks
from lcc.grammar.python.physical import PhysicalLines
from lcc.grammar.python.tables import Misfit
from lcc.grammar.source import Span

_WORD: Final = re.compile(r"[A-Za-z0-9_\x80-\U0010ffff]++")
_HEADS: Final = {
    "IF": "if", "ELIF": "elif", "ELSE": "else", "FOR": "for", "WHILE": "while", "TRY": "try", "EXCEPT": "except",
    "FINALLY": "finally", "DEF": "def", "ASYNC": "async def",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadProgram:
    """What a text says. `module` holds every statement that could be read; it is whole if there is no error."""

    module: tree.Module
    diagnostics: tuple[Diagnostic, ...]

    @property
    def ok(self) -> bool:
        """Whether the text was read without an error."""
        return not has_errors(self.diagnostics)


def read_program(text: str, limits: TextLimits = DEFAULT_LIMITS) -> ReadProgram:
    """Read the text of a program. Never raises for what the text holds: errors are diagnostics."""
    reader = ProgramReader(limits)
    statements = reader.feed(text) + reader.finish()
    found = sorted(reader.diagnostics, key=lambda d: d.span or Span(0, 0))
    return ReadProgram(tree.Module(statements, Span(0, len(text))), tuple(found))


class ProgramReader:
    """Read a program as it arrives. `diagnostics` grows; after an error no statement of the text should be acted on.

    `start`: where the text begins in the source that places are in. A program that is a part of a plan is indented to `column`, and
    reads results by `dollars`.
    """

    def __init__(
        self, limits: TextLimits = DEFAULT_LIMITS, start: int = 0, *, column: int = 0, dollars: bool = False
    ) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._limits = limits
        self._physical = PhysicalLines(start)
        self._lexer = Lexer(limits, dollars)
        self._parser = LineParser(limits, self.diagnostics.append)
        self._blocks = Blocks(limits.nesting, self.diagnostics.append, column)
        self._size = 0
        self._full = False

    def feed(self, text: str) -> tuple[tree.Statement, ...]:
        """Read more text and return the top-level statements that are complete now."""
        text = self._bounded(text)
        for line in self._physical.feed(text):
            self._physical_line(line)
        if self._blocks.waits and self._lexer.between and self._next_begins():
            self._blocks.leave_all(self._physical.offset)
        return self._blocks.take()

    def finish(self) -> tuple[tree.Statement, ...]:
        """End the text and return the statements that are left."""
        rest = self._physical.close()
        if rest:
            self._physical_line(rest)
        for line in self._lexer.close(self._physical.offset):
            self._line(line)
        self._blocks.leave_all(self._physical.offset)
        return self._blocks.take()

    def _bounded(self, text: str) -> str:
        """Return as much of a text as is read, and report once that there is too much."""
        if self._full:
            return ""
        size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        if self._size + size > self._limits.size:
            self._full = True
            message = f"the text is larger than {self._limits.size:,} bytes"
            self.diagnostics.append(error("P015", message, Span(0, 0), "split the program, or raise the limit"))
            return ""
        self._size += size
        return text

    def _next_begins(self) -> bool:
        """Whether an unfinished line in column 0 is known not to continue the statement before it."""
        begun = self._physical.begun(16)
        if not begun or begun[0] in " \t\f\r\n#\\":
            return False
        found = _WORD.match(begun)
        if found is None:
            return True
        word = found[0]
        if found.end() == len(begun):
            return not any(keyword.startswith(word) for keyword in FOLLOWS)
        return word not in FOLLOWS

    def _physical_line(self, text: str) -> None:
        offset = self._physical.offset
        self._physical.offset += len(text)
        for line in self._lexer.take(text, offset):
            self._line(line)

    def _line(self, line: Line) -> None:
        first = line.tokens[0]
        self._blocks.place(line.column, line.tabless, Span(first.start, first.end))
        before = len(self.diagnostics)
        refused = refused_head(line.tokens)
        if line.fault is None and refused is None:
            try:
                parsed = self._parser.parse(line)
            except Misfit as misfit:
                del self.diagnostics[before:]
                refused = explain(line, misfit)
            else:
                if parsed.head is None:
                    self._blocks.simple(parsed.statements)
                else:
                    keyword = parsed.head.keyword
                    self._blocks.head(keyword, parsed.head, parsed.head.span, parsed.statements or None)
                return
        self._spoilt(line, line.fault or refused)

    def _spoilt(self, line: Line, fault: Diagnostic | None) -> None:
        """Report a line that can't be read, and keep its place: a block may follow it."""
        if fault is not None:
            self.diagnostics.append(fault)
        first = line.tokens[0]
        keyword = _HEADS.get(first.kind, "")
        last = line.tokens[-2].kind if len(line.tokens) > 1 else ""
        if keyword or last == "COLON" or first.kind in ("CLASS", "WITH"):
            self._blocks.head(keyword, None, Span(first.start, first.end), None)
        else:
            self._blocks.simple(())
