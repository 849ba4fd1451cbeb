"""Read f-strings, raw strings and other prefixed strings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.lookahead import Refused
from lcc.grammar.lenient.repairs.reference_style import reference
from lcc.grammar.lenient.repairs.repair import Repair

if TYPE_CHECKING:
    from lcc.grammar.lenient.reader import Reader

REPAIR: Final = Repair(
    Rule(
        "R020",
        "prefixed-string",
        "a string has a prefix",
        "In an f-string, `{$1}` is the reference; a raw string keeps its backslashes; `b` and `u` say nothing here.",
        '1. search("tides")\n2. search(f"more about {$1}")\n3. join()\n',
        '1. search("tides")\n2. search("more about $1")\n3. join()\n',
        front_end="model",
    ),
    "a string has a prefix",
    "write the string without it",
)

_FIELD: Final = re.compile(r"\{\{|\}\}|\{([^{}\r\n]*+)\}|[{}]")


def rewrite(reader: Reader, start: int, end: int, prefix: str, body: str, quote: str) -> None:
    """Replace a string that has a prefix by one without."""
    if "f" in prefix:
        body = _fields(reader, body)
    if "r" in prefix:
        body = body.replace("\\", "\\\\")
    mark = quote if quote in ('"', "'", '"""', "'''") else '"'
    if mark != quote:
        body = body.replace('"', '\\"')
    reader.change(start, end, f"{mark}{body}{mark}", REPAIR.code)


def _fields(reader: Reader, body: str) -> str:
    """Return an f-string's text with its fields as references; a field that is anything else can't be read."""

    def field(found: re.Match[str]) -> str:
        piece = found.group()
        if piece in ("{{", "}}"):
            return piece[0]
        inner = (found.group(1) or "").strip()
        written = reference(inner, reader.variables)
        if written is None:
            raise Refused
        return written

    return _FIELD.sub(field, body)
