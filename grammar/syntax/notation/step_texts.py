"""Read the texts of steps: `$1` and `${1.name}` as everywhere in plan files, and `${expression:spec}`.

A text with dollars becomes an f-string of the tree: `$1` is a field whose value is a name that begins with a dollar. What those
mean, also whether `$5` is money, is settled in the plan.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, Protocol

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.ir import NOWHERE
from lcc.grammar.python import tree
from lcc.grammar.python.tables import END, Token
from lcc.grammar.source import Span
from lcc.grammar.syntax.notation.step_tokens import Faulty, StepTokens
from lcc.grammar.syntax.strings import Template, body_of, decode_body, is_plain_braces, split_dollars

Report = Callable[[Diagnostic], None]
_CONVERSIONS: Final = ("s", "r", "a")
_STOPS: Final = re.compile(r"\\[\s\S]|\$\$|\$\{")
_SPEC_STOPS: Final = re.compile(r"\\[\s\S]|\$\$|\$\{|[}\r\n]")
_BREAK: Final = re.compile(r"[\r\n]")


class FieldParser(Protocol):
    """Parses the expression of a field."""

    def field(self, tokens: list[Token], text: str, base: int) -> Any:
        """Return the expression that tokens are."""
        ...


def read_text(token: str, at: int, parser: FieldParser, report: Report) -> Any:
    """Return a string literal that begins at `at` as a constant, or as an f-string."""
    _, quotes = body_of(token)
    parts, _ = _Text(token, at, quotes, len(token) - quotes, parser, report).parts(quotes, None)
    span = Span(at, at + len(token))
    if all(isinstance(part, tree.Constant) for part in parts):
        return tree.Constant("".join([part.value for part in parts]), span)
    return tree.JoinedStr(tuple(parts), span)


class _Text:
    """One literal, which begins at `base` and whose text ends at `end`. What stands in fields isn't unescaped: strings in it are."""

    def __init__(self, token: str, base: int, start: int, end: int, parser: FieldParser, report: Report) -> None:
        self._text = token[:end]
        self._base = base
        self._whole = Span(base, base + len(token))
        self._unclosed = 0  # no brace closes before this place
        self._parser = parser
        self._report = report
        self._tokens = StepTokens(self._text, base, comments=False)

    def parts(self, at: int, closing: str | None) -> tuple[list[Any], int]:
        """Return the parts of the text from `at` on, up to what closes it, and where that stands; -1 if it is missing."""
        text = self._text
        found: list[Any] = []
        start = at
        stops = _SPEC_STOPS if closing else _STOPS
        while (stop := stops.search(text, at)) is not None:
            at = stop.start()
            if stop[0] == "}":
                return found + self._plain(start, at), at
            if stop[0] in ("\r", "\n"):
                return [], -1
            flat = self._flat_end(at) if stop[0] == "${" else stop.end()
            if flat:
                at = flat
                continue
            field, after = self._field(at)
            found += [*self._plain(start, at), field]
            start = at = after
        return found + self._plain(start, len(text)), -1 if closing else len(text)

    def _flat_end(self, at: int) -> int:
        """Return where braces end that hold an id or a name with its path, or nothing; 0 for an expression."""
        if at < self._unclosed:
            return at + 2
        line = _BREAK.search(self._text, at)
        limit = line.start() if line else len(self._text)
        end = self._text.find("}", at, limit)
        if end < 0:
            self._unclosed = limit
            return at + 2
        braced = self._text[at : end + 1]
        return end + 1 if is_plain_braces(decode_body(braced, at, NOWHERE).text if "\\" in braced else braced) else 0

    def _plain(self, start: int, end: int) -> list[Any]:
        """Return the parts of a stretch without fields."""
        decoded = decode_body(self._text[start:end], self._base + start, self._whole)
        for fault in decoded.faults:
            severity = Severity.WARNING if fault.usable else Severity.ERROR
            code = "P009" if "surrogate" in fault.message else "P008"
            self._report(Diagnostic(code, severity, fault.message, fault.span, fault.help))
        split = split_dollars(decoded)
        parts = split.parts if isinstance(split, Template) else (split,)
        span = Span(self._base + start, self._base + end)
        return [
            tree.Constant(part, span)
            if isinstance(part, str)
            else tree.FormattedValue(tree.Name(part.raw, part.span), -1, None, part.span)
            for part in parts
            if part != ""
        ]

    def _field(self, at: int) -> tuple[Any, int]:
        """Return the field that `${` begins, and where it ends."""
        text, base = self._text, self._base
        tokens = self._expression(at)
        end = tokens[-1].start - base
        if tokens[1].kind == "NUMBER":
            raise Faulty(_bare_number(tokens[1], text[at + 2 : end].strip(), Span(base + at, base + end + 1)))
        conversion, spec, place = -1, None, end
        if text[place] == "!":
            letter = text[place + 1 : place + 2]
            if letter not in _CONVERSIONS or text[place + 2 : place + 3] not in (":", "}"):
                span = Span(base + place, base + place + 2)
                raise Faulty(
                    _error("P107", f"`!{letter}` is not a conversion", span, "conversions are `!s`, `!r` and `!a`")
                )
            conversion, place = ord(letter), place + 2
        if text[place] == ":":
            parts, closed = self.parts(place + 1, "}")
            if closed < 0:
                raise Faulty(
                    _error(
                        "P029",
                        "this `${` is not closed",
                        Span(base + at, base + at + 2),
                        "close it with `}` on its line",
                    )
                )
            spec, place = tree.JoinedStr(tuple(parts), Span(base + place, base + closed)), closed
        value = self._parser.field(tokens, text, base)
        return tree.FormattedValue(value, conversion, spec, Span(base + at, base + place + 1)), place + 1

    def _expression(self, start: int) -> list[Token]:
        """Return the tokens of an expression up to the `}`, `!` or `:` that ends it."""
        text, base, at = self._text, self._base, start + 2
        tokens = [Token("FIELD_VALUE", base + start, base + at, "${")]
        line = _BREAK.search(text, at)
        limit = base + (line.start() if line else len(text))
        depth = 0
        while True:
            token = self._tokens.next(at, 1)
            kind = token.kind
            if kind == END or token.end > limit:
                help_ = "close it with `}` on its line, or write `$${` for the text"
                raise Faulty(_error("P029", "this `${` is not closed", Span(base + start, base + start + 2), help_))
            if depth == 0 and kind in ("RBRACE", "COLON", "BANG"):
                return [*tokens, Token(END, token.start, token.start, "")]
            depth += (kind in ("LPAR", "LSQB", "LBRACE")) - (kind in ("RPAR", "RSQB", "RBRACE"))
            tokens.append(token)
            at = token.end - base


def _bare_number(token: Token, inside: str, span: Span) -> Diagnostic:
    shown = inside if len(inside) <= 30 else f"{inside[:29]}…"
    help_ = f"write `${{${shown}}}` for the result of step {token.text}; a number stands in parentheses"
    return _error("P029", f"`${{{shown}}}` begins with a bare number", span, help_)


def _error(code: str, message: str, span: Span, help_: str | None) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, span, help_)
