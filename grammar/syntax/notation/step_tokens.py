"""Cut a step into tokens. Some words are keywords in their places only: `when` behind a call, `each` before an argument.

The scanner has found the step's end by quotes and brackets, so line breaks mean nothing here.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Severity
from lcc.grammar.python.lexer import REFERENCE, terminal_kinds
from lcc.grammar.python.tables import END, Token
from lcc.grammar.source import Span

STRING: Final = (
    r'"""(?:[^"\\]++|\\[\s\S]|"(?!"")|)*+"""' + r"|'''(?:[^'\\]++|\\[\s\S]|'(?!'')|)*+'''"
    r'|"(?!"")(?:[^"\\\r\n]++|\\(?:\r\n|[\s\S])|)*+"' + r"|'(?!'')(?:[^'\\\r\n]++|\\(?:\r\n|[\s\S])|)*+'"
)
"""As in plan.lark."""
NUMBER: Final = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_NUMBER = r"(?:[0-9]|\.[0-9])(?:[eE][+-](?=[0-9])|[0-9A-Za-z_.]|)*+"
_WORDS: Final = {"true": "TRUE", "false": "FALSE", "null": "NONE"}
HEADS: Final = re.compile(
    r"(?:(?P<number>[0-9]++)[ \t]*+\.[ \t]*+)?(?:(?P<LET>=)|(?P<LOOP>for(?=[ \t]++[^( \t]))|(?P<YIELD>yield(?![A-Za-z0-9_])(?(number)(?![ \t]*\()))"
    r"|(?P<PYTHON>python(?=[ \t]*+:|[ \t]+when[ \t]))|(?P<CALL>(?P<tool>[A-Za-z_][A-Za-z0-9_./-]*+)[ \t]*+\())"
)
"""How a step begins."""
_PREFIXES: Final = frozenset({"f", "r", "b", "u", "rb", "br", "fr", "rf"})
_OPENS: Final = frozenset({"LPAR", "LSQB", "LBRACE"})
_CLOSES: Final = frozenset({"RPAR", "RSQB", "RBRACE"})


class Faulty(Exception):
    """Text that is no token, or one that may not stand in a plan."""

    def __init__(self, found: Diagnostic) -> None:
        super().__init__(found.message)
        self.found = found


@cache
def _pattern(comments: bool) -> re.Pattern[str]:
    operators = sorted((text for text in terminal_kinds() if not text.isidentifier()), key=len, reverse=True)
    return re.compile(
        rf"(?:[ \t\r\n\f]++{'|#[^' if comments else '|(?!)[^'}\r\n]*+|)*+(?:(?P<STRING>{STRING})|(?P<DOLLAR>{REFERENCE})|(?P<NUMBER>{_NUMBER})"
        rf"|(?P<NAME>[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*+)|(?P<OPERATOR>{'|'.join(map(re.escape, operators))}|!)"
        r"|(?P<END>\Z)|(?P<OTHER>[\s\S]))"
    )


class StepTokens:
    """Reads the tokens of one step; `base` is the offset of its text in the whole text. In a string there are no `comments`."""

    def __init__(self, text: str, base: int, comments: bool = True) -> None:
        self._text = text
        self._base = base
        self._match = _pattern(comments).match
        self._kinds = terminal_kinds()

    def step(self) -> list[Token]:
        """Return the tokens of a whole step."""
        head = HEADS.match(self._text)
        if head is None or head.lastgroup is None:
            raise AssertionError("the scanner has seen the head")
        kind = next(name for name in ("LET", "LOOP", "YIELD", "PYTHON", "CALL") if head[name] is not None)
        tokens = [Token(kind, self._base + head.start(), self._base + head.end(), head[0])]
        self._rest(tokens, head.end(), kind)
        return tokens

    def _rest(self, tokens: list[Token], at: int, head: str) -> None:
        depth = 1 if head == "CALL" else 0
        while True:
            token = self.next(at, depth)
            at = token.end - self._base
            kind = token.kind
            if kind in _OPENS:
                depth += 1
            elif kind in _CLOSES:
                depth -= 1
            elif kind in ("NAME", "IF", "IN") or kind.isalpha():
                token = self._word(token, tokens, depth, head)
                at = token.end - self._base
            tokens.append(token)
            if token.kind == END:
                return
            if depth == 0 and kind == "COLON" and head in ("LOOP", "PYTHON"):
                self._nothing_more(at)

    def _nothing_more(self, at: int) -> None:
        """Check that nothing follows the colon of a head."""
        found = self._match(self._text, at)
        if found is not None and found.lastgroup != "END":
            span = Span(self._base + found.start(found.lastgroup or 0), self._base + len(self._text.rstrip()))
            raise Faulty(
                _error("P028", "something follows the colon on its line", span, "the body stands below, indented")
            )

    def _word(self, token: Token, before: list[Token], depth: int, head: str) -> Token:
        """Return a word as the keyword that it is in its place."""
        word, last = token.text, before[-1].kind
        if not word.isidentifier():
            return token
        if depth == 0:
            if word == "when" and (head != "LOOP" or any(one.kind == "IN" for one in before)):
                return token._replace(kind="WHEN")
            if head == "CALL" and word == "after" and last in ("RPAR", "DOLLAR"):
                return token._replace(kind="AFTER")
            soft = {("AFTER", "ok"): "OK", ("IF", "failed"): "FAILED"}.get((last, word))
            return token if soft is None else token._replace(kind=soft)
        if depth == 1 and head == "CALL" and (last in ("CALL", "COMMA", "KEYWORD", "EQUAL")):
            if word == "each":
                return token._replace(kind="EACH")
            equal = _EQUAL.match(self._text, token.end - self._base)
            if equal and last in ("CALL", "COMMA"):
                return token._replace(kind="KEYWORD", end=self._base + equal.end())
        return token

    def next(self, at: int, depth: int) -> Token:
        """Return the next token from a place on."""
        found = self._match(self._text, at)
        if found is None or found.lastgroup is None:
            raise AssertionError("every character is matched")
        group = found.lastgroup
        text, start = found[group], self._base + found.start(group)
        end = start + len(text)
        if group == "NAME":
            if text.lower() in _PREFIXES and self._text[found.end() : found.end() + 1] in ('"', "'"):
                raise Faulty(_prefix(text, Span(start, end)))
            return Token(_WORDS.get(text) or self._kinds.get(text, "NAME"), start, end, text)
        if group == "NUMBER" and NUMBER.match(text) is None:
            help_ = "write it in decimal digits, or quote it"
            raise Faulty(_error("P007", f"`{text[:40]}` is not a decimal number", Span(start, end), help_))
        if group == "OPERATOR":
            return Token("BANG" if text == "!" else self._kinds[text], start, end, text)
        if group == "END":
            return Token(END, start, start, "")
        if group == "OTHER":
            raise Faulty(_odd(text, Span(start, end)))
        return Token(group, start, end, text)


_EQUAL: Final = re.compile(r"[ \t\r\n]*+=(?!=)")


def _prefix(text: str, span: Span) -> Diagnostic:
    fix = Fix(f"drop `{text}`", (Edit(span, ""),), safe=False)
    help_ = "drop it; every text has `$1` and `${…}` in it"
    return Diagnostic("P021", Severity.ERROR, f"a string has the prefix `{text}`", span, help_, fix=fix)


def _odd(text: str, span: Span) -> Diagnostic:
    if text == "$":
        return _error("P011", "`$` alone is no reference", span, "`$1` is the result of step 1, `$city` an input")
    if text in "\"'":
        return _error("P004", "this string is not closed", span, f"close it with `{text}`")
    if text in "\u2018\u2019\u201c\u201d\u00ab\u00bb":
        return _error("P006", "curly quotes don't delimit text", span, "use straight quotes")
    return _error("P002", f"{text!r} has no meaning here", span, "quote it, if it is text")


def _error(code: str, message: str, span: Span, help_: str | None) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, span, help_)
