"""Nest parsed lines by their indentation, and join the clauses of compound statements.

A stack of open blocks; nothing recurses. What is wrong is reported where it shows, and the lines go on: a line that is too deep
opens a block of its own that nobody keeps, one that fits no block counts as one of the next outer block.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Label
from lcc.grammar.limits import IR_NESTING
from lcc.grammar.python import tree
from lcc.grammar.python.lexer_errors import error, too_deep
from lcc.grammar.python.line_parser import Head
from lcc.grammar.source import Span

FOLLOWS: Final = {
    "elif": ("if", "elif"),
    "else": ("if", "elif", "for", "while", "except"),
    "except": ("try", "except"),
    "finally": ("try", "except", "else"),
}
"""Which clause each clause may follow; `finally` follows the `else` of a `try` only."""


@dataclass(slots=True)
class Clause:
    """A head and its block. `broken`: something about it was reported, so nothing is built of it."""

    keyword: str
    head: Head | None
    span: Span
    body: list[tree.Statement] = field(default_factory=list)
    broken: bool = False

    @property
    def end(self) -> int:
        """Where its last statement ends."""
        return self.body[-1].span.end if self.body else self.span.end


@dataclass(slots=True)
class _Block:
    """Lines of one indentation; `open` are the clauses of its last statement while others may follow."""

    column: int
    tabless: int
    statements: list[tree.Statement]
    open: list[Clause] = field(default_factory=list)


class Blocks:
    """The open blocks of a program."""

    def __init__(self, nesting: int, report: Callable[[Diagnostic], None], column: int = 0) -> None:
        self.statements: list[tree.Statement] = []
        self._nesting = nesting
        self._report = report
        self._stack = [_Block(column, column, self.statements)]
        self._expects: Clause | None = None  # a head whose block has to begin

    @property
    def waits(self) -> bool:
        """Whether a statement of the top level is whole but for clauses that may follow."""
        return bool(self._stack[0].open) and self._expects is None

    def place(self, column: int, tabless: int, span: Span) -> None:
        """Open or close blocks for a line that begins at `span` with that indentation."""
        top = self._stack[-1]
        expects, self._expects = self._expects, None
        if self._mixed(column, tabless):
            help_ = "indent all lines of a block alike, by four spaces"
            self._report(error("P102", "tabs and spaces are mixed in the indentation", span, help_))
            expects = expects or Clause("", None, span, broken=True)
        if column > top.column:
            self._deeper(expects, column, tabless, span)
            return
        if expects is not None:
            self._missing(expects, span)
        while column < self._stack[-1].column and len(self._stack) > 1:
            self._finish(self._stack.pop())
        if column != self._stack[-1].column:
            self._report(
                error("P101", "this indentation matches no outer line", span, "align it with the line it belongs to")
            )
            self._stack.append(_Block(column, tabless, []))

    def _mixed(self, column: int, tabless: int) -> bool:
        """Whether an indentation compares otherwise with a tab to every eighth column than with a tab as one."""
        for block in reversed(self._stack):
            if column >= block.column:
                return tabless <= block.tabless if column > block.column else tabless != block.tabless
        return False

    def _deeper(self, expects: Clause | None, column: int, tabless: int, span: Span) -> None:
        if expects is None:
            self._report(error("P101", "this line is indented for no reason", span, "align it with the line before"))
        if len(self._stack) == self._nesting:
            self._report(too_deep(span.start, self._nesting))
        kept = [] if expects is None or len(self._stack) >= self._nesting else expects.body
        self._stack.append(_Block(column, tabless, kept))

    def _missing(self, clause: Clause, span: Span) -> None:
        labels = (Label(clause.span, "its block has to begin here"),)
        help_ = "indent the lines that belong to it, or write `pass`"
        if not clause.broken:
            self._report(error("P101", f"`{clause.keyword}` has no block", span, help_, *labels))
        clause.broken = True

    def simple(self, statements: tuple[tree.Statement, ...]) -> None:
        """Add simple statements at the place of the line."""
        top = self._stack[-1]
        self._finish(top)
        top.statements += statements

    def head(self, keyword: str, head: Head | None, span: Span, inline: tuple[tree.Statement, ...] | None) -> None:
        """Add a head, None if it couldn't be read; `inline`: what stands behind its colon, None if a block follows."""
        top = self._stack[-1]
        clause = Clause(keyword, head, span, broken=head is None)
        if keyword in FOLLOWS:
            self._clause(top, clause)
        else:
            self._finish(top)
            top.open = [clause]
        if inline:
            clause.body += inline
        else:
            self._expects = clause

    def _clause(self, top: _Block, clause: Clause) -> None:
        before = top.open[-1].keyword if top.open else ""
        fits = before in FOLLOWS[clause.keyword]
        if clause.keyword in ("else", "finally") and top.open:
            tries = top.open[0].keyword == "try"
            fits = fits and (clause.keyword == "else" or tries)
        if not fits:
            known = bool(top.open) and top.open[0].keyword in ("", "class", "match", "with")
            if not known:
                help_ = "align it with the statement that it belongs to"
                self._report(error("P115", f"this `{clause.keyword}` belongs to nothing before it", clause.span, help_))
            self._finish(top)
            clause.broken = True
            top.open = [clause]
            return
        first = top.open[-1].head
        if clause.keyword == "except" and before == "except" and first is not None and first.parts[0] is None:
            self._report(error("P115", "an `except` follows one that takes everything", clause.span, "move it forward"))
        if len(top.open) == IR_NESTING:
            self._report(too_deep(clause.span.start, IR_NESTING))
        top.open.append(clause)

    def leave_all(self, end: int) -> None:
        """Close all blocks: a line of the top level follows, or the text ends at `end`."""
        if self._expects is not None:
            self._missing(self._expects, Span(end, end))
            self._expects = None
        while len(self._stack) > 1:
            self._finish(self._stack.pop())
        self._finish(self._stack[0])

    def take(self) -> tuple[tree.Statement, ...]:
        """Return and forget the statements of the top level that are complete."""
        done = tuple(self.statements)
        self.statements.clear()
        return done

    def _finish(self, block: _Block) -> None:
        """Build the last compound statement of a block: no clause of it follows."""
        if block.open:
            built = build(block.open, self._report)
            block.open = []
            if built is not None:
                block.statements.append(built)


def build(clauses: Sequence[Clause], report: Callable[[Diagnostic], None]) -> tree.Statement | None:
    """Return the statement that clauses make, or None if one of them couldn't be read."""
    first = clauses[0]
    if first.keyword == "try" and len(clauses) == 1 and not first.broken:
        report(
            error(
                "P115",
                "`try` has neither `except` nor `finally`",
                first.span,
                "say what happens on failure: `except …:`",
            )
        )
        return None
    if any(clause.broken or clause.head is None for clause in clauses) or len(clauses) > IR_NESTING:
        return None
    head = first.head
    if head is None:
        return None
    span, body = Span(first.span.start, clauses[-1].end), tuple(first.body)
    if head.keyword == "if":
        return _if(clauses)
    if head.keyword == "try":
        return _try(clauses, span)
    orelse = tuple(clauses[1].body) if len(clauses) > 1 else ()
    if head.keyword == "for":
        return tree.For(head.parts[0], head.parts[1], body, orelse, span)
    if head.keyword == "while":
        return tree.While(head.parts[0], body, orelse, span)
    name, parameters, returns = head.parts
    kind = tree.FunctionDef if head.keyword == "def" else tree.AsyncFunctionDef
    return kind(name.text, parameters, body, returns, Span(name.start, name.end), span)


def _if(clauses: Sequence[Clause]) -> tree.If:
    end = clauses[-1].end
    orelse: tuple[tree.Statement, ...] = ()
    for clause in reversed(clauses):
        if clause.head is None or clause.keyword == "else":
            orelse = tuple(clause.body)
        else:
            made = tree.If(clause.head.parts[0], tuple(clause.body), orelse, Span(clause.span.start, end))
            orelse = (made,)
    return made


def _try(clauses: Sequence[Clause], span: Span) -> tree.Try:
    handlers = [
        tree.ExceptHandler(
            clause.head.parts[0], clause.head.parts[1], tuple(clause.body), Span(clause.span.start, clause.end)
        )
        for clause in clauses
        if clause.keyword == "except" and clause.head is not None
    ]
    others = {clause.keyword: tuple(clause.body) for clause in clauses}
    return tree.Try(others["try"], tuple(handlers), others.get("else", ()), others.get("finally", ()), span)
