"""Cut a program into logical lines of tokens, as CPython's tokenizer does.

It is fed physical lines and looks at every character once. What a line leaves open, brackets, strings, the fields of
f-strings, is a stack, so that nesting costs no recursion. A fault spoils its own logical line only: the first is kept as
the line's `fault`, and reading goes on behind it.

A bracket that is never closed would swallow the program. No bracket holds a line that begins with the keyword of a statement,
nor two operands side by side: where a line shows that, the logical line ends before it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.python import lexer_errors as errors
from lcc.grammar.python.tables import END, Token, line_grammar

REFERENCE: Final = (
    r"\$(?:\{[^{}\r\n]*\}|(?:[0-9]+|[A-Za-z_][A-Za-z0-9_]*)"
    r"""(?:\.[A-Za-z_][A-Za-z0-9_]*|\[(?:-?[0-9]+|"(?:[^"\\\r\n]|\\[^\r\n])*"|'(?:[^'\\\r\n]|\\[^\r\n])*')\])*)"""
)
"""A result or an input with its path, as plan files write them."""
REFUSED_WORDS: Final = ("class", "with", "yield", "global", "nonlocal")
_STATEMENT_WORDS: Final = frozenset(
    [
        "ASSERT",
        "BREAK",
        "CLASS",
        "CONTINUE",
        "DEF",
        "DEL",
        "ELIF",
        "EXCEPT",
        "FINALLY",
        "GLOBAL",
        "IMPORT",
        "NONLOCAL",
        "PASS",
        "RAISE",
        "RETURN",
        "TRY",
        "WHILE",
        "WITH",
    ]
)
_OPERANDS: Final = frozenset(["NAME", "NUMBER", "STRING", "F_END", "NONE", "TRUE", "FALSE", "RPAR", "RSQB", "RBRACE"])
_CLOSES: Final = {")": "(", "]": "[", "}": "{"}
_QUOTES: Final = r"""(?:\"\"\"|'''|"|')"""
_SIMPLE_STRING: Final = r"""[rRuU]?(?:"(?!"")[^"\\\r\n]*+"|'(?!'')[^'\\\r\n]*+')"""


def terminal_kinds() -> dict[str, str]:
    """Return the terminals of fixed texts by these, as python.lark has them."""
    terminals = line_grammar()["terminals"]
    patterns = {name: value for name, (_, value) in terminals.items()}
    kinds = {value: name for name, (kind, value) in terminals.items() if kind == "str"}
    for name in ("COMPARE", "SHIFT", "DIVIDE", "AUGMENT"):
        kinds |= {text.replace("\\", ""): name for text in re.split(r"(?<!\\)\|", patterns[name][3:-1])}
    return kinds | {word: word.upper() for word in REFUSED_WORDS} | {"@": "DIVIDE"}


def _terminals(dollars: bool) -> tuple[re.Pattern[str], dict[str, str]]:
    """Return the pattern of one token and the terminals of fixed texts, both as python.lark has them."""
    patterns = {name: value for name, (_, value) in line_grammar()["terminals"].items()}
    kinds = terminal_kinds()
    operators = sorted((text for text in kinds if not text.isidentifier()), key=len, reverse=True)
    pattern = (
        rf"[ \t\f]*+(?:(?P<TEXT>{_SIMPLE_STRING})"
        rf"|(?P<OPEN>(?:[rR]?[fFbB]|[fFbB][rR]|[rRuU])?{_QUOTES})"
        rf"|(?P<NAME>{patterns['NAME']})"
        rf"|(?P<DOLLAR>{REFERENCE if dollars else '(?!)'})"
        rf"|(?P<NUMBER>{patterns['NUMBER']})"
        rf"|(?P<OPERATOR>{'|'.join(map(re.escape, operators))})"
        r"|(?P<BREAK>\r\n|\r|\n|\Z)|(?P<COMMENT>#[^\r\n]*+)|(?P<JOIN>\\(?:\r\n|\r|\n))|(?P<OTHER>[\s\S]))"
    )
    return re.compile(pattern), kinds


_REST: Final = {
    '"': re.compile(r'(?:[^"\\\r\n]++|\\(?:\r\n|[\s\S])|)*+'),
    "'": re.compile(r"(?:[^'\\\r\n]++|\\(?:\r\n|[\s\S])|)*+"),
    '"""': re.compile(r'(?:[^"\\]++|\\(?:\r\n|[\s\S])|"(?!"")|)*+'),
    "'''": re.compile(r"(?:[^'\\]++|\\(?:\r\n|[\s\S])|'(?!'')|)*+"),
}
"""What stands in a string before its closing quotes, by its quotes."""


def _field_text(quotes: str, spec: bool, raw: bool) -> re.Pattern[str]:
    quote = quotes[0]
    plain = rf"[^{quote}\\{{}}]++" if len(quotes) == 3 else rf"[^{quote}\\{{}}\r\n]++"
    inner = rf"|{quote}(?!{quote}{quote})" if len(quotes) == 3 else ""
    named = "" if raw else r"|\\N\{[^{}\r\n]*+\}"
    doubled = "" if spec else r"|\{\{|\}\}"
    return re.compile(rf"(?:{plain}{named}|\\(?:\r\n|[^{{}}])|\\(?=[{{}}]){doubled}{inner}|)*+")


_F_REST: Final = {
    (quotes, spec, raw): _field_text(quotes, spec, raw)
    for quotes in _REST
    for spec in (False, True)
    for raw in (False, True)
}
"""What stands in an f-string before its next field or its closing quotes: by quotes, whether in a format, and raw or not."""
_DIGIT_OR_LETTER: Final = re.compile(r"[A-Za-z0-9_\x80-\U0010ffff]")


@dataclass(slots=True)
class Line:
    """A logical line. `column` counts a tab to the next multiple of eight, `tabless` as one, as CPython does for its indentation.

    `tokens` ends with END. Where `fault` is given, they are what could be read.
    """

    start: int
    column: int
    tabless: int
    tokens: list[Token]
    pieces: list[str]
    end: int = 0
    fault: Diagnostic | None = None
    warnings: list[Diagnostic] = field(default_factory=list)

    def text(self) -> str:
        """Return the text of its physical lines; it begins at `start`."""
        return "".join(self.pieces)


@dataclass(slots=True)
class _Text:
    """An open string, f-string or format: its quotes, where they stand, and for a plain string what was read of it."""

    quotes: str
    start: int
    opened: int
    raw: bool = False
    parts: list[str] | None = None
    spec: bool = False


@dataclass(slots=True)
class _Field:
    """An open field of an f-string, and how many brackets stood open before it."""

    start: int
    level: int


class Lexer:
    """Turn physical lines into logical ones. `dollars`: they stand in a plan, whose results are `$1`."""

    def __init__(self, limits: TextLimits = DEFAULT_LIMITS, dollars: bool = False) -> None:
        self._pattern, self._kinds = _terminals(dollars)
        self._nesting = limits.nesting
        self._line: Line | None = None
        self._joined = False
        self._brackets: list[tuple[str, int]] = []
        self._texts: list[_Text | _Field] = []
        self._base = 0

    @property
    def between(self) -> bool:
        """Whether no logical line is open."""
        return self._line is None

    def take(self, line: str, offset: int) -> list[Line]:
        """Read one physical line, which begins at `offset`, and return the logical lines that it ends."""
        self._base = offset
        ended: list[Line] = []
        at = 0
        if self._line is None:
            at = self._begin(line)
        elif self._brackets and not self._texts and not self._joined and self._breaks(line):
            opened, place = self._brackets[-1]
            self._spoil(errors.unclosed_bracket(opened, place))
            ended.append(self._end(offset))
            at = self._begin(line)
        else:
            self._line.pieces.append(line)
        if self._line is not None:
            self._joined = False
            done = self._scan(line, at)
            if done:
                ended.append(self._end(offset + len(line)))
        return ended

    def close(self, offset: int) -> list[Line]:
        """End the text, which is `offset` characters long, and return the line that is still open."""
        if self._line is None:
            return []
        if self._texts:
            text = self._texts[-1]
            if isinstance(text, _Field):
                self._spoil(errors.unclosed_field(text.start))
            else:
                self._spoil(errors.unclosed_text(text.quotes, text.opened, offset))
        elif self._brackets:
            self._spoil(errors.unclosed_bracket(*self._brackets[-1]))
        elif self._joined:
            self._spoil(errors.nothing_joined(offset))
        return [self._end(offset)]

    def _begin(self, line: str) -> int:
        """Open a logical line unless the physical one is blank or a comment; return where its first token stands."""
        at = column = tabless = 0
        for char in line:
            if char == " ":
                column, tabless = column + 1, tabless + 1
            elif char == "\t":
                column, tabless = (column // 8 + 1) * 8, tabless + 1
            elif char == "\f":
                column = tabless = 0
            else:
                break
            at += 1
        if at < len(line) and line[at] not in "#\r\n":
            self._line = Line(self._base, column, tabless, [], [line])
        return at

    def _end(self, offset: int) -> Line:
        line = self._line
        if line is None:
            raise AssertionError("no line is open")
        last = line.tokens[-1].end if line.tokens else line.start
        line.tokens.append(Token(END, last, last, ""))
        line.end = max(last, min(offset, line.start + sum(map(len, line.pieces))))
        self._line = None
        self._joined = False
        self._brackets.clear()
        self._texts.clear()
        return line

    def _breaks(self, line: str) -> bool:
        """Whether a physical line inside of brackets shows that these were never closed."""
        found = self._pattern.match(line)
        if found is None or self._line is None or found.lastgroup not in ("NAME", "NUMBER"):
            return False
        kind = self._kinds.get(found[found.lastgroup], found.lastgroup)
        if kind in _STATEMENT_WORDS:
            return True
        tokens = self._line.tokens
        return kind in ("NAME", "NUMBER") and bool(tokens) and tokens[-1].kind in _OPERANDS

    def _spoil(self, fault: Diagnostic) -> None:
        if self._line is not None and self._line.fault is None:
            self._line.fault = fault

    def _scan(self, line: str, at: int) -> bool:
        """Read the tokens of one physical line; return whether its logical line ends with it."""
        if "\0" in line:
            self._spoil(errors.nul(self._base + line.index("\0")))
        if not line.isascii():
            half = errors.half_pair(line, self._base)
            if half is not None:
                self._spoil(half)
        while True:
            if self._texts and isinstance(self._texts[-1], _Text):
                after = self._scan_text(line, at, self._texts[-1])
                if after is None:
                    return False
                if after < 0:
                    return self._lost()
                at = after
            else:
                ended, at = self._scan_code(line, at)
                if ended is not None:
                    return ended

    def _lost(self) -> bool:
        """Leave all strings at the end of a line on which one isn't closed; return whether the logical line ends, too."""
        self._texts.clear()
        return not self._brackets

    def _scan_code(self, line: str, at: int) -> tuple[bool | None, int]:
        """Read tokens outside of strings up to a string or the end; return whether the logical line ends there, or None."""
        pattern, kinds, base = self._pattern, self._kinds, self._base
        tokens = self._tokens()
        in_field = bool(self._texts)
        while True:
            found = pattern.match(line, at)
            if found is None:
                raise AssertionError("every character is matched")
            group = found.lastgroup or ""
            start, at = found.span(group)
            text = line[start:at]
            if group == "NAME":
                tokens.append(self._name(text, base + start))
            elif group == "TEXT":
                tokens.append(Token("STRING", base + start, base + at, text))
            elif group == "DOLLAR":
                tokens.append(Token("DOLLAR", base + start, base + at, text))
            elif group == "OPERATOR":
                if in_field or text in "()[]{}!":
                    switched = self._bracket(text, base + start, tokens)
                    if switched:
                        return None, start + switched
                else:
                    tokens.append(Token(kinds[text], base + start, base + at, text))
            elif group == "NUMBER":
                tokens.append(self._number(line, start, at))
            elif group == "OPEN":
                return None, self._open(line, start, at, tokens)
            elif group != "COMMENT" or in_field:
                ended = self._layout(group, text, base + start)
                if ended is not None:
                    return ended, at

    def _tokens(self) -> list[Token]:
        if self._line is None:
            raise AssertionError("no line is open")
        return self._line.tokens

    def _layout(self, group: str, text: str, place: int) -> bool | None:
        """Take what is no token: the end of the physical line, or what may not stand there."""
        if group == "BREAK":
            if not text:  # the end of the text, or what follows a joined line
                self._joined = False
            if text and self._texts and not self._may_break():
                return self._lost()
            return not self._brackets and not self._texts
        if group == "JOIN":
            self._joined = True
            if not self._tokens():
                self._spoil(errors.begins_joined(place))
            if self._texts and not self._may_break():
                return self._lost()
            return False
        self._spoil(errors.comment_in_field(place) if group == "COMMENT" else errors.no_token(text, place))
        return None

    def _may_break(self) -> bool:
        """Whether a field may go over its line: only where all strings around it have triple quotes."""
        for text in self._texts:
            if isinstance(text, _Text) and len(text.quotes) == 1:
                self._spoil(errors.unclosed_text(text.quotes, text.opened, None))
                return False
        return True

    def _name(self, text: str, start: int) -> Token:
        end = start + len(text)
        if text.isascii():
            return Token(self._kinds.get(text, "NAME"), start, end, text)
        plain = unicodedata.normalize("NFKC", text)
        if not text.isidentifier() or not plain.isidentifier():
            self._spoil(errors.no_name(text, start))
        return Token(self._kinds.get(plain, "NAME"), start, end, plain)

    def _number(self, line: str, start: int, end: int) -> Token:
        text = line[start:end]
        if _DIGIT_OR_LETTER.match(line, end):
            self._spoil(errors.bad_number(line, start, self._base))
        return Token("NUMBER", self._base + start, self._base + end, text)

    def _open(self, line: str, start: int, at: int, tokens: list[Token]) -> int:
        """Open a string; return where its text begins."""
        text = line[start:at]
        prefix = text.rstrip("\"'")
        quotes = text[len(prefix) :]
        place = self._base + start
        opened = place + len(prefix)
        raw = "r" in prefix.lower()
        if "f" in prefix.lower():
            tokens.append(Token("F_START", place, self._base + at, text))
            self._texts.append(_Text(quotes, place, opened, raw))
            self._check_depth(place)
        else:
            self._texts.append(_Text(quotes, place, opened, raw, [text]))
        return at

    def _scan_text(self, line: str, at: int, text: _Text) -> int | None:
        """Read a string up to where it ends or a field begins; return the place behind, None at the line's end, -1 if it is cut."""
        if text.parts is None:
            return self._scan_f_text(line, at, text)
        found = _REST[text.quotes].match(line, at)
        end = found.end() if found is not None else at
        if line.startswith(text.quotes, end):
            end += len(text.quotes)
            text.parts.append(line[at:end])
            self._texts.pop()
            self._tokens().append(Token("STRING", text.start, self._base + end, "".join(text.parts)))
            return end
        text.parts.append(line[at:])
        if end == len(line) and (len(text.quotes) == 3 or _continues(line)):
            return None
        in_field = any(isinstance(around, _Field) for around in self._texts)
        # A quote in a field that is never closed is more likely the end of the f-string.
        unclosed = errors.unclosed_text(text.quotes, text.opened, None)
        self._spoil(errors.unclosed_field(self._field_start()) if in_field else unclosed)
        self._tokens().append(Token("STRING", text.start, self._base + end, ""))
        return -1

    def _scan_f_text(self, line: str, at: int, text: _Text) -> int | None:
        tokens, base = self._tokens(), self._base
        found = _F_REST[text.quotes, text.spec, text.raw].match(line, at)
        end = found.end() if found is not None else at
        if end > at:
            tokens.append(Token("F_TEXT", base + at, base + end, line[at:end]))
        if line.startswith(text.quotes, end):
            after = end + len(text.quotes)
            if text.spec:
                self._spoil(errors.unclosed_field(self._field_start()))
                while isinstance(self._texts[-1], _Field) or self._texts[-1].spec:
                    self._texts.pop()
            self._texts.pop()
            tokens.append(Token("F_END", base + end, base + after, text.quotes))
            return after
        char = line[end : end + 1]
        if char == "{":
            tokens.append(Token("FIELD", base + end, base + end + 1, char))
            self._texts.append(_Field(base + end, len(self._brackets)))
            self._check_depth(base + end)
            return end + 1
        if char == "}":
            if text.spec:
                self._texts.pop()
                return end
            self._spoil(errors.single_brace(base + end))
            return end + 1
        if not char and (len(text.quotes) == 3 or _continues(line)):
            return None
        self._spoil(errors.unclosed_text(text.quotes, text.opened, None))
        tokens.append(Token("F_END", base + end, base + end, ""))
        return -1

    def _field_start(self) -> int:
        return next(text.start for text in reversed(self._texts) if isinstance(text, _Field))

    def _bracket(self, text: str, place: int, tokens: list[Token]) -> int:
        """Take an operator that may open or close something; return how much of it is read if a string goes on behind it."""
        field_ = self._texts[-1] if self._texts else None
        if isinstance(field_, _Field) and len(self._brackets) == field_.level:
            if text == "}":
                self._texts.pop()
                tokens.append(Token("RBRACE", place, place + 1, text))
                return 1
            if text[0] == ":":
                around = self._texts[-2]
                if isinstance(around, _Text):
                    self._texts.append(_Text(around.quotes, place, around.opened, around.raw, spec=True))
                tokens.append(Token("FORMAT", place, place + 1, ":"))
                return 1
        if text in "([{":
            self._brackets.append((text, place))
            self._check_depth(place)
        elif text in ")]}":
            self._close_bracket(text, place, field_)
        elif text == "!" and field_ is None:
            self._spoil(errors.no_token(text, place))
        tokens.append(Token(self._kinds[text], place, place + len(text), text))
        return 0

    def _close_bracket(self, text: str, place: int, field_: _Text | _Field | None) -> None:
        if isinstance(field_, _Field) and len(self._brackets) == field_.level:
            self._spoil(errors.mismatch(text, place, "{", field_.start))
        elif not self._brackets:
            self._spoil(errors.unmatched(text, place))
        else:
            opened, at = self._brackets.pop()
            if opened != _CLOSES[text]:
                self._spoil(errors.mismatch(text, place, opened, at))

    def _check_depth(self, place: int) -> None:
        if len(self._brackets) + len(self._texts) > self._nesting:
            self._spoil(errors.too_deep(place, self._nesting))


def _continues(line: str) -> bool:
    """Whether a line that a string reaches the end of goes on after a backslash."""
    return line.endswith(("\n", "\r"))
