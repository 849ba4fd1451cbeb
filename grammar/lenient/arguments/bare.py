"""Read an argument that stands outside of quotes: text, an expression, a word for a value, or a string without its first quote."""

from __future__ import annotations

import re
from typing import Any, Final

from lcc.grammar.ir import Const
from lcc.grammar.lenient.arguments import sums
from lcc.grammar.lenient.arguments.argument_walk import SCANNED, Parts, Refused, Walk, text_of_parts
from lcc.grammar.lenient.arguments.references import expression, phrase
from lcc.grammar.lenient.marks import repairs
from lcc.grammar.signatures import INT, STR, Parameter, fits, only_text

_SPECIAL: Final = re.compile(r"[()（）\[\]{}\"'“,，\r\n]")
_IDENTIFIERS: Final = re.compile(r"(?<![\w#$@{<])[A-Za-z_]\w*+")
_WORD_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*+|\d{1,15}")
_QUOTE: Final = re.compile(r"[\"'“‘`\r\n]")
_IN_DOUBLE: Final = re.compile(r"[^\"”\r\n]*+[\"”]")
_IN_SINGLE: Final = re.compile(r"(?:(?!'(?!\w))[^\r\n]|)*+'")
_ESCAPED: Final = re.compile(r"[\\\"\r\n]")
_MOST_ENDS: Final = 6
_SEARCHED: Final = 10
"""How often bare text is searched for what it may be."""
_CODE: Final = re.compile(r"[A-Za-z_][\w.-]*\(|\b(?:lambda|for \w+ in|if .+ else)\b|=>")
_LOOP: Final = re.compile(r"[)\]] for \w+ in\b")
_WORDS: Final = {"true": True, "false": False, "none": None, "null": None, "nil": None}


def read(walk: Walk, at: int, parameter: Parameter | None, argument: bool, greedy: bool) -> tuple[Any, int]:
    """Read a bare argument; return its value and the offset past it."""
    text = walk.region
    if not text[at : at + 1] or text[at] in ",)]}，）":
        raise Refused
    joined = sums.read(walk, at, argument)
    if joined is not None:
        return joined
    quote = _lost_quote(walk, at)
    if quote is not None:
        walk.change(at, at, text[quote], repairs.MISSING_QUOTE)
        return text_of_parts(walk.parts(at, quote)), quote + 1
    end = walk.without_space(walk.choose(_ends(walk, at, argument, greedy)))
    if end <= at:
        raise Refused
    return _value(walk, at, end, parameter), end


def read_key(walk: Walk, at: int) -> tuple[str, int]:
    """Read a dict's key that is a bare word or a number."""
    found = _WORD_KEY.match(walk.region, at)
    if found is None:
        raise Refused
    walk.change(at, at, Const(found[0]), repairs.BARE_TEXT, 2, found.span())
    return found[0], found.end()


def _lost_quote(walk: Walk, at: int) -> int | None:
    """Return where a quote closes a string here that was never opened."""
    text = walk.region
    found = _QUOTE.search(text, at)
    if found is None or found.group() not in "\"'":
        return None
    quote = found.start()
    if quote == at or text[quote - 1].isspace():
        return None
    after = walk.skip_space(quote + 1)
    char = text[after : after + 1]
    ends = (char == "," and walk.begins_well(walk.skip_space(after + 1))) or char in ("]", "}")
    if ends or (char == ")" and walk.may_end_at(after)):
        return quote
    return None


def _ends(walk: Walk, at: int, argument: bool, greedy: bool) -> list[int]:
    """Return where a bare argument may end."""
    text, begun = walk.region, at
    ends: list[int] = []
    open_ = 0
    while len(ends) < _MOST_ENDS:
        walk.budget.spend(1)
        found = _SPECIAL.search(text, at)
        if found is None:
            if walk.settled and argument and walk.depth == 1 and not open_:
                ends.append(walk.without_space(len(text)))
            break
        at, char = found.end(), found.group()
        if char in "\"“'":
            walk.look(at, _SEARCHED)
            apostrophe = char == "'" and text[found.start() - 1 : found.start()].isalnum()
            close = None if apostrophe else (_IN_SINGLE if char == "'" else _IN_DOUBLE).match(text, at)
            at = close.end() if close else at
        elif char in "([{（":
            open_ += 1
        elif char in ")]}）" and open_:
            open_ -= 1
        elif char in ")]}）":
            ends.append(found.start())
            if not argument or char not in ")）":
                break
        elif char in ",，" and not open_ and not greedy:
            ends.append(found.start())
            if not argument:
                break
        elif char in "\r\n" and not argument and not open_:
            break
    walk.budget.spend((at - begun) // SCANNED)
    return ends


def _value(walk: Walk, at: int, end: int, parameter: Parameter | None) -> Any:
    """Return what a bare text says: a reference, a word for a value, a number, or a text."""
    text = walk.region[at:end]
    walk.budget.spend(_SEARCHED * (end - at) // SCANNED)
    said = phrase(text)
    if said is not None:
        walk.change(at, end, said, repairs.REFERENCE_STYLE)
        return walk.scalar(said, at, end)
    type_ = parameter.type if parameter else None
    if text.lower() in _WORDS and (type_ is None or not only_text(type_)):
        value = Const(_WORDS[text.lower()])
        walk.change(at, end, value, repairs.BARE_TEXT, 1, (at, end))
        return value
    if sums.is_arithmetic(text):
        if type_ is not None and fits(INT, type_) and not fits(STR, type_):
            number = sums.compute(text)
            walk.change(at, end, number, repairs.ARITHMETIC)
            return walk.scalar(number, at, end)
        if type_ is None and "$" not in text:
            raise Refused
    if type_ is not None and not fits(STR, type_):
        raise Refused
    parts = _expression(walk, at, end)
    if parts is not None:
        return _quoted(walk, at, end, parts, 2)
    bound = any(word in walk.variables for word in _IDENTIFIERS.findall(text))
    if bound or _LOOP.search(text) or (type_ is None and _CODE.search(text)):
        raise Refused  # a name that is bound is its value, or nothing is read
    cost = 2 + sum(1 for _ in _ESCAPED.finditer(text))
    return _quoted(walk, at, end, walk.parts(at, end, raw=True), cost)


def _expression(walk: Walk, at: int, end: int) -> Parts | None:
    """Return the parts of a bare expression of references, which is a text; None if it is none."""
    found = expression(walk.region, at, end, walk.variables)
    if found is None:
        return None
    parts: Parts = []
    last = at
    for start, stop, written in found:
        parts += walk.parts(last, start, raw=True)
        parts.append(sums.reference_at(walk, f"${{{written[1:]}}}", start, stop))
        last = stop
    parts += walk.parts(last, end, raw=True)
    if re.search(r"[\"\r\n]", walk.region[at:end]):
        walk.wrong("a quote or a line break stands in an expression", at, end)
    value = text_of_parts(parts)
    for start, stop, _ in found:
        walk.change(start, stop, value, repairs.REFERENCE_STYLE, 1, (at, end))
    return parts


def _quoted(walk: Walk, at: int, end: int, parts: Parts, cost: int) -> Any:
    value = text_of_parts(parts)
    walk.change(at, at, value, repairs.BARE_TEXT, cost, (at, end))
    return value
