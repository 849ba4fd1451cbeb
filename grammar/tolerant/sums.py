"""Read values that are put together: `"a" + $1`, `"a {}".format($1)`, the fields of f-strings, and constant arithmetic."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from operator import add, floordiv, mod, mul, sub, truediv
from typing import Any, Final

from lcc.grammar.limits import DEFAULT_LIMITS
from lcc.grammar.python import tree
from lcc.grammar.python.program_reader import read_program
from lcc.grammar.source import Span
from lcc.grammar.syntax.strings import Decoded, Dollar, read_reference, split_dollars
from lcc.grammar.tolerant import oddities
from lcc.grammar.tolerant.argument_walk import Parts, Refused, Walk, standing_at, text_of_parts
from lcc.grammar.tolerant.call_tree import Leaf
from lcc.grammar.tolerant.references import reference

_OPERAND: Final = re.compile(
    r"(?P<str>str\([ \t]*+)?(?:(?P<prefix>[fF](?=[\"']))?(?:\"(?P<double>(?:[^\"\\\r\n]|\\.|)*+)\"|'(?P<single>(?:[^'\\\r\n]|\\.|)*+)')"
    r"|(?P<reference>\$(?:\{[^{}\r\n]*+\}|(?:\d+|[A-Za-z_]\w*+)(?:\.[A-Za-z_]\w*+|\[(?:-?\d+|\"[^\"\\\r\n]*+\"|'[^'\\\r\n]*+')\]|)*+))"
    r"|(?P<number>-?\d+(?:\.\d+)?(?![\w.]))|(?P<name>[A-Za-z_]\w*+(?![\w(])))(?(str)\))"
)
_FORMAT: Final = re.compile(r"\.format\([ \t]*+")
_COMMA: Final = re.compile(r"[ \t]*+,[ \t]*+")
_FIELD: Final = re.compile(r"\{\{|\}\}|\{([^{}\r\n]*+)\}|[{}]")
_RESULT = r"\$(?:\d{1,9}|\{\d{1,9}\})"
_QUOTED = r"[$\d{}.+\-*/%() ]{2,80}"
_TERM = rf"(?:\"{_QUOTED}\"|'{_QUOTED}'|{_RESULT}|\d{{1,15}}(?:\.\d{{1,15}})?)"
_EXPRESSION: Final = re.compile(
    rf"(?=[^\r\n]{{0,60}}[\"']\$){_TERM}(?=[ \t]*+[-*/%])(?:[ \t]*+(?:\*\*|//|[-+*/%])[ \t]*+{_TERM}|)*+"
)
"""Arithmetic whose parts stand in quotes one by one: `"$1" / "$2"`. A sum alone may as well put texts together."""
_PART: Final = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_NEXT_LINE: Final = re.compile(r"[ \t]*+\r?\n[ \t]*+(?=[\"'])")
_PLUS: Final = re.compile(r"[ \t]*+(?:\r?\n[ \t]*+)?\+[ \t]*+(?:\r?\n[ \t]*+)?")
_HAS_OPERATOR: Final = re.compile(r"[\d)\]\w}][ \t]*+(?:\*\*|//|[-+*/%])[ \t]*+[-+(\d$]")
_OF_NUMBERS: Final = re.compile(r"[\d.eE()+\-*/% \t]+")
_OF_RESULTS: Final = re.compile(r"(?:\$\{?\d++[\w.\[\]\"']*+\}?|[\d.eE()+\-*/% \t]++|)++")
_LARGEST: Final = 10**15
_LONGEST: Final = 200
_OPERATORS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": add, "-": sub, "*": mul, "/": truediv, "//": floordiv, "%": mod,
}  # fmt: skip


def read(walk: Walk, at: int, argument: bool, alone: bool = False) -> Leaf | None:
    """Read operands joined by `+` of which one is a string, as one text; None if there is no such sum.

    `alone`: no other argument can follow, so strings on lines of their own are one text, as in Python.
    """
    quoted = _EXPRESSION.match(walk.region, at)
    if quoted and walk.ends_value(quoted.end(), argument):
        written = split_dollars(Decoded(_PART.sub(_unquoted, quoted[0]), frozenset(), ((0, 0),), ()))
        return _read(
            walk, at, quoted.end(), oddities.BARE_TEXT, [written] if isinstance(written, str) else written.parts
        )
    return walk.attempt(lambda: _sum(walk, at, argument, alone))


def _read(walk: Walk, start: int, end: int, code: str, parts: Iterable[str | Dollar], begun: int | None = None) -> Leaf:
    walk.note(code, start, end)
    value = standing_at(text_of_parts(parts), walk.span(start, end))
    return Leaf(start, end, walk.taken(len(walk.nodes) - 1 if begun is None else begun), "", value)


def _sum(walk: Walk, start: int, argument: bool, alone: bool) -> Leaf:
    begun = len(walk.nodes)
    parts, end, texts = _operand(walk, start)
    last = start
    while plus := _PLUS.match(walk.region, end) or (_NEXT_LINE.match(walk.region, end) if alone else None):
        last = plus.end()
        more, end, text = _operand(walk, last)
        parts += more
        texts += text
    if not texts or (last == start and texts == 1) or not walk.ends_value(end, argument):
        raise Refused
    return _read(walk, start, end, oddities.CONCATENATION, parts, begun)


def _unquoted(part: re.Match[str]) -> str:
    text = str(part[1] or part[2]).strip()
    return text if re.fullmatch(r"\$?[\w{}.]+", text) else f"({text})"


def _operand(walk: Walk, at: int) -> tuple[Parts, int, int]:
    """Return the text of an operand, where it ends, and how many texts it is: none, a string, or one that is put together itself."""
    walk.budget.spend(1)
    found = _OPERAND.match(walk.region, at)
    group = found.lastgroup if found else None
    if found is None or group is None or (group == "name" and found[group] not in walk.variables):
        raise Refused
    place = found.span(group)
    if group in ("double", "single"):
        format_ = _FORMAT.match(walk.region, found.end())
        if format_ and not found["prefix"]:
            return *_format(walk, *place, format_.end()), 2
        return formatted(walk, *place) if found["prefix"] else walk.parts(*place), found.end(), 1
    if group == "number":
        return [found[group]], found.end(), 0
    written = f"${{{found[group].strip('$').strip('{}')}}}"
    return [reference_at(walk, written, *place)], found.end(), 0


def _format(walk: Walk, start: int, end: int, at: int) -> tuple[Parts, int]:
    """Put the arguments of `.format(`, which stand from `at` on, into the fields `{}` of the text from `start` to `end`."""
    walk.deeper()
    pieces = walk.region[start:end].split("{}")
    parts: Parts = []
    for fields, piece in zip(reversed(range(len(pieces))), pieces, strict=True):
        parts += walk.parts(start, start + len(piece))
        start += len(piece) + len("{}")
        if fields:
            more, at, _ = _operand(walk, at)
            parts += more
            comma = _COMMA.match(walk.region, at) if fields > 1 else None
            at = comma.end() if comma else at
    if walk.region[at : at + 1] != ")" or len(pieces) == 1 or any(mark in piece for piece in pieces for mark in "{}"):
        raise Refused
    walk.depth -= 1
    return parts, at + 1


def formatted(walk: Walk, start: int, end: int, raw: bool = False) -> Parts:
    """Return an f-string's text with its fields as references; raise Refused where a field is anything else."""
    parts: Parts = []
    last = start
    for found in _FIELD.finditer(walk.region, start, end):
        parts += walk.parts(last, found.start(), raw)
        last = found.end()
        written = found[0][0] if found[0] in ("{{", "}}") else reference((found[1] or "").strip(), walk.variables)
        if written is None:
            raise Refused
        parts.append(written if len(written) == 1 else reference_at(walk, written, *found.span()))
    return [*parts, *walk.parts(last, end, raw)]


def reference_at(walk: Walk, written: str, start: int, end: int) -> Dollar:
    """Return the reference of a text, as the language writes it, that stands for what is written at a place."""
    span: Span = walk.span(start, end)
    return replace(read_reference(written, span.start), span=span)


def is_arithmetic(text: str) -> bool:
    """Whether a text is numbers (or results) joined by operators."""
    return bool(_HAS_OPERATOR.search(text) and (_OF_NUMBERS.fullmatch(text) or _OF_RESULTS.fullmatch(text)))


def compute(text: str) -> str:
    """Return the literal of the exact value of constant arithmetic; raise Refused where there is none."""
    constant = _OF_NUMBERS.fullmatch(text) and len(text) <= _LONGEST
    read = read_program(text.strip(), DEFAULT_LIMITS) if constant else None
    match read.module.body if read and read.ok else ():
        case (tree.Expr(value),):
            with suppress(ZeroDivisionError):
                return repr(_number(value))
    raise Refused


def _number(node: tree.Expression) -> int | float:
    match node:
        case tree.Constant(int() | float() as value) if not isinstance(value, bool):
            return value
        case tree.UnaryOp("-" | "+" as sign, inner):
            return -_number(inner) if sign == "-" else _number(inner)
        case tree.BinOp(left, operator, right) if operator in _OPERATORS:
            found: int | float = _OPERATORS[operator](_number(left), _number(right))
            if abs(found) <= _LARGEST:
                return found
    raise Refused
