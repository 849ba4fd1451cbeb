"""Read the literals of programs: numbers, and the escapes of strings, as CPython does.

A surrogate that an escape writes is refused: no text that a tool gets could hold it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from math import isinf
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.python.lexer_errors import error
from lcc.grammar.source import Span

Report = Callable[[Diagnostic], None]
_ESCAPE: Final = re.compile(
    r"\\(?:(\r\n|[\r\n])|([0-7]{1,3})|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|N\{([^{}\r\n]{1,88})\}|([\s\S]))"
)
_SIMPLE: Final = dict(zip("\\'\"abfnrtv", "\\'\"\a\b\f\n\r\t\v", strict=True))
_FORMS: Final = {"x": "two hex digits", "u": "four hex digits", "U": "eight hex digits", "N": "a name in braces"}
_BREAK: Final = re.compile(r"\r\n?")


def prefix_size(token: str) -> int:
    """Return how many letters stand before the quotes of a string token."""
    return 0 if token[0] in "\"'" else 1 if token[1] in "\"'" else 2


def string_text(token: str, start: int, report: Report) -> str:
    """Return the text of a string token with prefix and quotes."""
    at = prefix_size(token)
    size = 3 if len(token) - at >= 6 and token[at : at + 3] == token[at] * 3 else 1
    body = token[at + size : -size]
    return text_of(body, start + at + size, "r" in token[:at].lower(), report)


def text_of(body: str, start: int, raw: bool, report: Report) -> str:
    """Return what the inside of a string says; line breaks are LF, as CPython reads them."""
    if raw or "\\" not in body:
        return _BREAK.sub("\n", body) if "\r" in body else body

    out: list[str] = []
    at = 0
    for found in _ESCAPE.finditer(body):
        out.append(_BREAK.sub("\n", body[at : found.start()]))
        out.append(_unescape(found, Span(start + found.start(), start + found.end()), report))
        at = found.end()
    out.append(_BREAK.sub("\n", body[at:]))
    return "".join(out)


def _unescape(found: re.Match[str], span: Span, report: Report) -> str:
    line, octal, two, four, eight, name, other = found.groups()
    if line is not None:
        return ""
    if name is not None:
        try:
            return unicodedata.lookup(name)
        except KeyError:
            report(error("P108", f"no character is named {name!r}", span, "write the character itself"))
            return ""
    if other is None:
        code = int(octal, 8) if octal is not None else int(two or four or eight, 16)
        if code > 0x10FFFF:
            report(error("P108", f"`{found[0]}` is past the last code point", span, "the last is `\\U0010ffff`"))
            return ""
        if 0xD800 <= code < 0xE000:
            report(error("P108", f"`{found[0]}` is half of a surrogate pair", span, "write the character itself"))
            return ""
        return chr(code)
    if other in _SIMPLE:
        return _SIMPLE[other]
    if other in _FORMS:
        message = f"`\\{other}` needs {_FORMS[other]}"
        report(error("P108", message, span, f"write `\\\\{other}` for a backslash"))
        return ""
    message, help_ = f"`\\{other}` is not an escape", f"write `\\\\{other}`, or prefix the string with `r`"
    report(Diagnostic("P108", Severity.WARNING, message, span, help_))
    return f"\\{other}"


def number_of(text: str, span: Span, digits: int, report: Report) -> int | float:
    """Return the value of a number token of at most `digits` characters."""
    if len(text) > digits:
        message = f"a number of {len(text)} characters; at most {digits} are read"
        report(error("P105", message, span, "pass it as text, in quotes"))
        return 0
    plain = text.replace("_", "")
    if plain[:1] == "0" and plain[1:2].lower() in ("x", "o", "b"):
        return int(plain, 0)
    if not plain.isdigit():
        value = float(plain)
        return value if not isinf(value) else _infinite(text, span, report)
    if plain[0] == "0" and plain.strip("0"):
        message = f"`{text[:40]}` has leading zeros"
        report(error("P105", message, span, "drop them, write `0o` for octal, or quote it if it is a code"))
        return 0
    return int(plain)


def _infinite(text: str, span: Span, report: Report) -> float:
    message, help_ = f"`{text[:40]}` is too large for a number", "the largest is about 1.8e308; `math.inf` is infinity"
    report(error("P105", message, span, help_))
    return 0.0
