"""Build compound statements from their clauses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.limits import IR_NESTING
from lcc.grammar.python import tree
from lcc.grammar.python.lexer_errors import error
from lcc.grammar.python.line_parser import Head
from lcc.grammar.source import Span

Report = Callable[[Diagnostic], None]


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


def build(clauses: Sequence[Clause], report: Report) -> tree.Statement | None:
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
        return tree.For(*head.parts, body, orelse, span)
    if head.keyword == "while":
        return tree.While(*head.parts, body, orelse, span)
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
        tree.ExceptHandler(*clause.head.parts, tuple(clause.body), Span(clause.span.start, clause.end))
        for clause in clauses
        if clause.keyword == "except" and clause.head is not None
    ]
    others = {clause.keyword: tuple(clause.body) for clause in clauses}
    return tree.Try(others["try"], tuple(handlers), others.get("else", ()), others.get("finally", ()), span)
