"""Read calls that stand inside of a call: they become tasks of their own, and variables stand for them here."""

from __future__ import annotations

import re
from typing import Final

from lcc.grammar.lenient.arguments.argument_walk import LITERAL, Inner, Refused, Walk
from lcc.grammar.lenient.marks.heads import SPACE
from lcc.grammar.lenient.marks.repairs import BARE_TEXT
from lcc.grammar.signatures import Parameter, only_text

_INNER_CALL: Final = re.compile(rf"(?P<name>[A-Za-z_][A-Za-z0-9_./-]*+){SPACE}*+\(")
_OPERATOR: Final = re.compile(rf"{SPACE}*+(?:\*\*|//|[-+*/%]){SPACE}*+")


def read(walk: Walk, call: re.Match[str], parameter: Parameter | None, argument: bool) -> int:
    """Read a call inside of the call, or an expression of such calls, results and numbers, which is a text."""
    start, operands = call.start(), 1
    end = _inner(walk, call)
    while (sign := _OPERATOR.match(walk.region, end)) is not None:
        operands += 1
        inner = known_call(walk, sign.end())
        literal = LITERAL.match(walk.region, sign.end())
        if inner is not None:
            end = _inner(walk, inner)
        elif literal is not None:
            end = literal.end()
        else:
            raise Refused
    if operands > 1:
        if parameter is None or not only_text(parameter.type):
            raise Refused
        walk.change(start, start, '"', BARE_TEXT.code)
        walk.change(end, end, '"', BARE_TEXT.code)
    return walk.ended(end, argument)


def known_call(walk: Walk, at: int) -> re.Match[str] | None:
    """Return the head of a call of a known tool that begins at `at`, or None."""
    call = _INNER_CALL.match(walk.region, at)
    if call and walk.names.known and walk.names.find(call["name"]) not in (None, "join", "answer"):
        return call
    return None


def _inner(walk: Walk, call: re.Match[str]) -> int:
    tool = walk.names.find(call["name"]) or ""
    end = walk.arguments(call.end(), "(", walk.names.signature(tool), inner=True)
    variable = f"call_{call.start()}_"
    walk.inner.append(Inner(call.start(), end, tool, call.end("name"), variable))
    return end
