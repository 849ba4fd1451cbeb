"""Read calls that stand inside of a call: they become tasks of their own, and variables stand for them here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lcc.grammar.lenient.heads import SPACE
from lcc.grammar.lenient.lookahead import LITERAL, Refused
from lcc.grammar.lenient.repairs import bare_text
from lcc.grammar.signatures import Parameter, only_text

if TYPE_CHECKING:
    from lcc.grammar.lenient.reader import Reader

_INNER_CALL: Final = re.compile(rf"(?P<name>[A-Za-z_][A-Za-z0-9_./-]*+){SPACE}*+\(")
_OPERATOR: Final = re.compile(rf"{SPACE}*+(?:\*\*|//|[-+*/%]){SPACE}*+")


@dataclass(frozen=True, slots=True)
class Inner:
    """A call inside of the call: where its name begins and where it ends, in the region."""

    start: int
    end: int
    tool: str
    name_end: int
    variable: str


def read(reader: Reader, call: re.Match[str], parameter: Parameter | None, argument: bool) -> int:
    """Read a call inside of the call, or an expression of such calls, results and numbers, which is a text."""
    start, operands = call.start(), 1
    end = _inner(reader, call)
    while (sign := _OPERATOR.match(reader.region, end)) is not None:
        operands += 1
        inner = known_call(reader, sign.end())
        literal = LITERAL.match(reader.region, sign.end())
        if inner is not None:
            end = _inner(reader, inner)
        elif literal is not None:
            end = literal.end()
        else:
            raise Refused
    if operands > 1:
        if parameter is None or not only_text(parameter.type):
            raise Refused
        reader.change(start, start, '"', bare_text.REPAIR.code)
        reader.change(end, end, '"', bare_text.REPAIR.code)
    return reader.ended(end, argument)


def known_call(reader: Reader, at: int) -> re.Match[str] | None:
    """Return the head of a call of a known tool that begins at `at`, or None."""
    call = _INNER_CALL.match(reader.region, at)
    if call and reader.names.known and reader.names.find(call["name"]) not in (None, "join", "answer"):
        return call
    return None


def _inner(reader: Reader, call: re.Match[str]) -> int:
    tool = reader.names.find(call["name"]) or ""
    end = reader.arguments(call.end(), "(", reader.names.signature(tool), inner=True)
    variable = f"call_{call.start()}_"
    reader.inner.append(Inner(call.start(), end, tool, call.end("name"), variable))
    return end
