"""Parse one logical line: its simple statements, or the head of a compound statement with what stands behind its colon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.limits import IR_NESTING, TextLimits
from lcc.grammar.python import python_parameters as parameters, tree
from lcc.grammar.python.depth import too_deep_at
from lcc.grammar.python.lexer import Line
from lcc.grammar.python.lexer_errors import error, too_deep
from lcc.grammar.python.tables import LineTables, Reduce, Token, line_grammar
from lcc.grammar.python.value_actions import Expressions
from lcc.grammar.source import Span

Nodes = list[Any]


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a compound statement: its keyword (`async def` is one), what it says, and where it stands.

    `parts`: the condition of `if`, `elif`, `while`; target and values of `for`; class and name of `except`; name, parameters
    and what it returns of `def`.
    """

    keyword: str
    parts: tuple[Any, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """A line: a head, simple statements, or both."""

    head: Head | None
    statements: tuple[tree.Statement, ...]


class LineParser:
    """Parse lines of one program."""

    def __init__(self, limits: TextLimits, report: Callable[[Diagnostic], None]) -> None:
        self._expressions = Expressions(limits, report)
        self._report = report
        own = {name: getattr(self, f"_{name}") for name in _METHODS}
        reducers = {**self._expressions.reducers(), **parameters.REDUCERS, **_HEADS, **own}
        reducers["annotated"] = self._annotation
        self._tables = LineTables(line_grammar(), reducers)

    def parse(self, line: Line) -> ParsedLine:
        """Parse a line without a fault; raises tables.Misfit."""
        self._expressions.text = line.text() if any(t.kind == "FIELD" for t in line.tokens) else ""
        self._expressions.base = line.start
        parsed = cast(ParsedLine, self._tables.run(line.tokens))
        if len(line.tokens) > IR_NESTING:
            self._check_depth(parsed)
        return parsed

    def _check_depth(self, parsed: ParsedLine) -> None:
        found = too_deep_at((*(parsed.head.parts if parsed.head else ()), *parsed.statements), IR_NESTING)
        if found is not None:
            self._report(too_deep(found.start, IR_NESTING))

    def _line(self, v: Nodes, s: int, e: int) -> ParsedLine:
        return ParsedLine(None, tuple(v[0]))

    def _head_line(self, v: Nodes, s: int, e: int) -> ParsedLine:
        return ParsedLine(v[0], ())

    def _short_line(self, v: Nodes, s: int, e: int) -> ParsedLine:
        return ParsedLine(v[0], tuple(v[1]))

    def _for(self, v: Nodes, s: int, e: int) -> Head:
        return Head("for", (self._expressions.targets.target(v[1]), v[3]), Span(s, e))

    def _parameters(self, v: Nodes, s: int, e: int) -> tree.arguments:
        return parameters.arguments(v[0], self._report)

    def _assign(self, v: Nodes, s: int, e: int) -> tree.Assign:
        *targets, value = v[0]
        for target in targets:
            if type(target) is not tree.Starred:  # reported as such where it was read
                self._expressions.targets.target(target)
        return tree.Assign(tuple(targets), value, Span(s, e))

    def _augmented(self, v: Nodes, s: int, e: int) -> tree.AugAssign:
        target = self._expressions.targets.single(v[0], f"`{v[1].text}`")
        return tree.AugAssign(target, v[1].text[:-1], v[2], Span(s, e))

    def _annotation(self, v: Nodes, s: int, e: int) -> tree.AnnAssign:
        target = self._expressions.targets.single(v[0], "an annotation")
        simple = type(target) is tree.Name and target.span.start == s
        return tree.AnnAssign(target, v[2], v[4] if len(v) > 4 else None, simple, Span(s, e))

    def _delete(self, v: Nodes, s: int, e: int) -> tree.Delete:
        targets = v[1] if type(v[1]) is list else [v[1]]
        return tree.Delete(tuple(map(self._expressions.targets.deleted, targets)), Span(s, e))

    def _import_from(self, v: Nodes, s: int, e: int) -> tree.ImportFrom:
        return tree.ImportFrom(v[1], tuple(v[3]), Span(s, e))

    def _import_from_group(self, v: Nodes, s: int, e: int) -> tree.ImportFrom:
        return tree.ImportFrom(v[1], tuple(v[4]), Span(s, e))

    def _import_star(self, v: Nodes, s: int, e: int) -> tree.ImportFrom:
        span = Span(v[3].start, v[3].end)
        self._report(error("P110", "star imports are not available", span, "name what is imported"))
        return tree.ImportFrom(v[1], (), Span(s, e))


_METHODS = (
    *("line", "head_line", "short_line", "for", "parameters", "assign", "augmented", "annotation", "delete"),
    *("import_from", "import_from_group", "import_star"),
)


def _define(keyword: str, plain: bool) -> Reduce:
    name = 2 if keyword == "async def" else 1

    def make(v: Nodes, s: int, e: int) -> Head:
        return Head(keyword, (v[name], tree.arguments() if plain else v[name + 2], v[-1]), Span(s, e))

    return make


def _conditional(keyword: str) -> Reduce:
    return lambda v, s, e: Head(keyword, (v[1],), Span(s, e))


def _bare(keyword: str) -> Reduce:
    return lambda v, s, e: Head(keyword, (), Span(s, e))


def _except(v: Nodes, s: int, e: int) -> Head:
    return Head("except", (v[1] if len(v) > 2 else None, v[3].text if len(v) > 4 else None), Span(s, e))


def _text(named: Token | str) -> str:
    return named if isinstance(named, str) else named.text


def _dotted(v: Nodes, s: int, e: int) -> str:
    return ".".join(token.text for token in v[0])


_HEADS: dict[str, Reduce] = {
    "if": _conditional("if"),
    "elif": _conditional("elif"),
    "while": _conditional("while"),
    "else": _bare("else"),
    "try": _bare("try"),
    "finally": _bare("finally"),
    "except": _except,
    "def_plain": _define("def", True),
    "def": _define("def", False),
    "async_def_plain": _define("async def", True),
    "async_def": _define("async def", False),
    "no_returns": lambda v, s, e: None,
    "returns": lambda v, s, e: v[1],
    "expr": lambda v, s, e: tree.Expr(v[0], Span(s, e)),
    "return": lambda v, s, e: tree.Return(v[1] if len(v) > 1 else None, Span(s, e)),
    "raise": lambda v, s, e: tree.Raise(v[1] if len(v) > 1 else None, v[3] if len(v) > 3 else None, Span(s, e)),
    "assert": lambda v, s, e: tree.Assert(v[1], v[3] if len(v) > 3 else None, Span(s, e)),
    "pass": lambda v, s, e: tree.Pass(Span(s, e)),
    "break": lambda v, s, e: tree.Break(Span(s, e)),
    "continue": lambda v, s, e: tree.Continue(Span(s, e)),
    "import": lambda v, s, e: tree.Import(tuple(v[1]), Span(s, e)),
    "import_name": lambda v, s, e: tree.alias(_text(v[0]), None, Span(s, e)),
    "import_name_as": lambda v, s, e: tree.alias(_text(v[0]), v[2].text, Span(s, e)),
    "alias": lambda v, s, e: tree.alias(_text(v[0]), None, Span(s, e)),
    "alias_as": lambda v, s, e: tree.alias(_text(v[0]), v[2].text, Span(s, e)),
    "dotted": _dotted,
}
