"""Read values that are put together: `"a" + $1`, `"a {}".format($1)`, the fields of f-strings, and constant arithmetic."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from operator import add, floordiv, mod, mul, sub, truediv
from typing import Any, Final, NamedTuple

from lcc.grammar.ir import Const
from lcc.grammar.lenient.arguments.argument_walk import MAX_DEPTH, Parts, Refused, Walk, standing_at, text_of_parts
from lcc.grammar.lenient.arguments.references import reference
from lcc.grammar.lenient.marks import repairs
from lcc.grammar.limits import DEFAULT_LIMITS
from lcc.grammar.python import tree
from lcc.grammar.python.program_reader import read_program
from lcc.grammar.source import Span
from lcc.grammar.syntax.strings import Decoded, Dollar, Template, read_reference, split_dollars

_OPERAND: Final = re.compile(
    r"(?P<prefix>[fF](?=[\"']))?(?:\"(?P<double>(?:[^\"\\\r\n]|\\.|)*+)\"|'(?P<single>(?:[^'\\\r\n]|\\.|)*+)')"
    r"|(?P<str>str\([ \t]*+)"
    r"|(?P<reference>\$(?:\{[^{}\r\n]*+\}|(?:\d+|[A-Za-z_]\w*+)(?:\.[A-Za-z_]\w*+|\[(?:-?\d+|\"[^\"\\\r\n]*+\"|'[^'\\\r\n]*+')\]|)*+))"
    r"|(?P<number>-?\d+(?:\.\d+)?(?![\w.]))|(?P<name>[A-Za-z_]\w*+(?![\w(]))"
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
_LARGEST_BASE: Final = 1000
_LARGEST_POWER: Final = 20
_LONGEST: Final = 200
_OPERATORS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": add, "-": sub, "*": mul, "/": truediv, "//": floordiv, "%": mod, "**": pow,
}  # fmt: skip


class _Operand(NamedTuple):
    """An operand: its text, where it ends, whether it has a string, and whether that is formatted."""

    parts: Parts
    end: int
    is_string: bool = False
    is_formatted: bool = False


def read(walk: Walk, at: int, argument: bool, alone: bool = False) -> tuple[Any, int] | None:
    """Read operands joined by `+` of which one is a string; return the text and the offset past them, or None if there is no such sum.

    `alone`: no other argument can follow, so strings on lines of their own are one text, as in Python.
    """
    quoted = _EXPRESSION.match(walk.region, at)
    if quoted and walk.ends_value(quoted.end(), argument):
        written = split_dollars(Decoded(_PART.sub(_unquoted, quoted[0]), frozenset(), ((0, 0),), ()))
        value = written if isinstance(written, Template) else Const(written)
        return _noted(walk, at, quoted.end(), value, repairs.BARE_TEXT)
    before = len(walk.notes)
    given: list[_Operand] = []
    place: int | None = at
    while place is not None:
        one = _operand(walk, place)
        if one is None:
            break
        given.append(one)
        plus = _PLUS.match(walk.region, one.end) or (_NEXT_LINE.match(walk.region, one.end) if alone else None)
        place = plus.end() if plus else None
    joined = len(given) + sum(one.is_formatted for one in given) > 1 and any(one.is_string for one in given)
    if place is None and joined and walk.ends_value(given[-1].end, argument):
        value = text_of_parts(part for one in given for part in one.parts)
        return _noted(walk, at, given[-1].end, value, repairs.CONCATENATION)
    del walk.notes[before:]
    return None


def _noted(walk: Walk, at: int, end: int, value: Any, repair: repairs.Repair) -> tuple[Any, int]:
    value = standing_at(value, walk.span(at, end))
    walk.change(at, end, value, repair, 1, (at, end))
    return value, end


def _unquoted(part: re.Match[str]) -> str:
    text = str(part[1] or part[2]).strip()
    return text if re.fullmatch(r"\$?[\w{}.]+", text) else f"({text})"


def _operand(walk: Walk, at: int) -> _Operand | None:
    walk.budget.spend(1)
    found = _OPERAND.match(walk.region, at)
    group = found.lastgroup if found else None
    if found is None or group is None:
        return None
    if group in ("double", "single"):
        format_ = _FORMAT.match(walk.region, found.end())
        if format_ and not found["prefix"]:
            return _format(walk, *found.span(group), format_.end())
        parts = formatted(walk, *found.span(group)) if found["prefix"] else walk.parts(*found.span(group))
        return None if parts is None else _Operand(parts, found.end(), True)
    if group == "str":
        inner = _deeper(walk, found.end())
        closed = inner is not None and walk.region[inner.end : inner.end + 1] == ")"
        return inner._replace(end=inner.end + 1) if inner and closed else None
    if group == "number":
        return _Operand([found[0]], found.end())
    if group == "name" and found[0] not in walk.variables:
        return None
    written = f"${{{found[0].strip('$').strip('{}')}}}"
    return _Operand([reference_at(walk, written, *found.span())], found.end())


def _format(walk: Walk, start: int, end: int, at: int) -> _Operand | None:
    """Read the arguments of `.format(`, from `at` on, and put them into the fields `{}` of a text."""
    given: list[Parts] = []
    more: re.Match[str] | None = None
    while more or not given:
        one = _deeper(walk, more.end() if more else at)
        if one is None:
            return None
        given.append(one.parts)
        at, more = one.end, _COMMA.match(walk.region, one.end)
    pieces = walk.region[start:end].split("{}")
    if walk.region[at : at + 1] != ")" or len(pieces) != len(given) + 1 or any({"{", "}"} & {*p} for p in pieces):
        return None
    parts: Parts = []
    for piece, value in zip(pieces, [*given, []], strict=True):
        parts += [*walk.parts(start, start + len(piece)), *value]
        start += len(piece) + 2
    return _Operand(parts, at + 1, True, True)


def _deeper(walk: Walk, at: int) -> _Operand | None:
    """Read an operand inside of another."""
    walk.depth += 1
    read = _operand(walk, at) if walk.depth <= MAX_DEPTH else None
    walk.depth -= 1
    return read


def formatted(walk: Walk, start: int, end: int, raw: bool = False) -> Parts | None:
    """Return an f-string's text with its fields as references; None where a field is anything else."""
    parts: Parts = []
    last = start
    for found in _FIELD.finditer(walk.region, start, end):
        parts += walk.parts(last, found.start(), raw)
        last = found.end()
        written = found[0][0] if found[0] in ("{{", "}}") else reference((found[1] or "").strip(), walk.variables)
        if written is None:
            return None
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
            return repr(_number(value))
        case _:
            raise Refused


def _number(node: tree.Expression) -> int | float:
    match node:
        case tree.Constant(int() | float() as value) if not isinstance(value, bool):
            return value
        case tree.UnaryOp("-" | "+" as sign, inner):
            return -_number(inner) if sign == "-" else _number(inner)
        case tree.BinOp(left, operator, right) if operator in _OPERATORS:
            return _applied(operator, _number(left), _number(right))
        case _:
            raise Refused


def _applied(operator: str, left: int | float, right: int | float) -> int | float:
    if operator == "**" and (abs(left) > _LARGEST_BASE or not 0 <= right <= _LARGEST_POWER):
        raise Refused
    try:
        value: int | float = _OPERATORS[operator](left, right)
    except ZeroDivisionError:
        raise Refused from None
    if isinstance(value, complex) or not abs(value) <= _LARGEST:
        raise Refused
    return value
