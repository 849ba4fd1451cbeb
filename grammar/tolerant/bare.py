"""Read an argument that stands outside of quotes: text, an expression, a word for a value, or a string without its first quote.

Bare text ends where its bracket closes, or at a comma. Where as many pieces stand between commas as the tool can still take by
position, each is an argument; where it can take one, all are one text; otherwise nothing is read.
"""

from __future__ import annotations

import re
from typing import Any, Final

from lcc.grammar.ir import Const
from lcc.grammar.signatures import INT, STR, Parameter, fits, only_text
from lcc.grammar.tolerant import oddities, sums
from lcc.grammar.tolerant.argument_walk import SCANNED, Parts, Refused, Unreadable, Walk, text_of_parts
from lcc.grammar.tolerant.call_tree import Leaf
from lcc.grammar.tolerant.references import expression, phrase

_SPECIAL: Final = re.compile(r"[()（）\[\]{}\"'“,，\r\n]")
_IDENTIFIERS: Final = re.compile(r"(?<![\w#$@{<])[A-Za-z_]\w*+")
_WORD_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*+|\d{1,15}")
_QUOTE: Final = re.compile(r"[\"'“‘`\r\n]")
_IN_DOUBLE: Final = re.compile(r"[^\"”\r\n]*+[\"”]")
_IN_SINGLE: Final = re.compile(r"(?:(?!'(?!\w))[^\r\n]|)*+'")
_ENDS: Final = ("", *",)]}，）")
_SEARCHED: Final = 10
"""How often bare text is searched for what it may be."""
_CODE: Final = re.compile(r"(?<![\w.-])[\d.-]*+[A-Za-z_][\w.-]*+\(|\b(?:lambda|for \w{1,80} in|if .{1,200} else)\b|=>")
_LOOP: Final = re.compile(r"[)\]] for \w+ in\b")
_NOT_IN_EXPRESSIONS: Final = re.compile(r"[\"\r\n]")
_WORDS: Final = {"true": True, "false": False, "none": None, "null": None, "nil": None}


def read(walk: Walk, at: int, parameter: Parameter | None, argument: bool, room: int) -> Leaf:
    """Read a bare argument. `room`: how many arguments may stand from here on by position."""
    text = walk.region
    if text[at : at + 1] in _ENDS or text.startswith("```", at):
        raise Refused
    joined = sums.read(walk, at, argument)
    if joined is not None:
        return joined
    begun, quote = len(walk.nodes), _lost_quote(walk, at)
    if quote is not None:
        walk.note(oddities.MISSING_QUOTE, at, at)
        value, end = text_of_parts(walk.parts(at, quote)), quote + 1
    else:
        end = walk.without_space(_end(walk, at, argument, room))
        value = _value(walk, at, end, parameter)
    return Leaf(at, end, walk.taken(begun), "", value)


def read_key(walk: Walk, at: int) -> tuple[str, int]:
    """Read a dict's key that is a bare word or a number."""
    found = _WORD_KEY.match(walk.region, at)
    if found is None:
        raise Refused
    walk.note(oddities.BARE_TEXT, at, found.end())
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


def _end(walk: Walk, at: int, argument: bool, room: int) -> int:
    """Return where a bare argument ends."""
    text, begun, open_, first, pieces = walk.region, at, 0, -1, 1
    while True:
        walk.budget.spend(1)
        found = _SPECIAL.search(text, at)
        if found is None:
            if not (walk.settled and argument and walk.depth == 1 and not open_):
                raise Refused
            end = len(text)
            break
        at, char, end = found.end(), found.group(), found.start()
        if char in "\"“'":
            walk.look(at, _SEARCHED)
            apostrophe = char == "'" and text[end - 1 : end].isalnum()
            close = None if apostrophe else (_IN_SINGLE if char == "'" else _IN_DOUBLE).match(text, at)
            at = close.end() if close else at
        elif char in "([{（":
            open_ += 1
        elif char in ")]}）" and open_:
            open_ -= 1
        elif char in ")]}）" or (char in "\r\n" and not argument and not open_):
            break
        elif char in ",，" and not open_ and room:
            behind = walk.skip_space(at)
            if not argument or not walk.signature or text[behind : behind + 1] in _ENDS or walk.keyword(behind):
                break
            if walk.begins_well(behind):
                room -= room > 1
                break
            first, pieces = (end if first < 0 else first), pieces + 1
    walk.budget.spend((at - begun) // SCANNED)
    if pieces > room > 1:
        raise Unreadable("where one of these arguments ends can't be told without quotes", begun)
    return first if room > 1 and first >= 0 else end


def _value(walk: Walk, at: int, end: int, parameter: Parameter | None) -> Any:
    """Return what a bare text says: a reference, a word for a value, a number, or a text."""
    text = walk.region[at:end]
    walk.budget.spend(_SEARCHED * (end - at) // SCANNED)
    said = phrase(text)
    if said is not None:
        walk.note(oddities.REFERENCE_STYLE, at, end)
        return walk.scalar(said, at, end)
    type_ = parameter.type if parameter else None
    if text.lower() in _WORDS and (type_ is None or not only_text(type_)):
        walk.note(oddities.BARE_TEXT, at, end)
        return Const(_WORDS[text.lower()])
    if sums.is_arithmetic(text):
        if type_ is not None and fits(INT, type_) and not fits(STR, type_):
            walk.note(oddities.ARITHMETIC, at, end)
            return walk.scalar(sums.compute(text), at, end)
        if type_ is None and "$" not in text:
            raise Refused
    if type_ is not None and not fits(STR, type_):
        raise Refused
    parts = _expression(walk, at, end)
    if parts is None:
        bound = any(word in walk.variables for word in _IDENTIFIERS.findall(text))
        if bound or _LOOP.search(text) or (type_ is None and _CODE.search(text)):
            raise Refused  # a name that is bound is its value, or nothing is read
        parts = walk.parts(at, end, raw=True)
    walk.note(oddities.BARE_TEXT, at, end)
    return text_of_parts(parts)


def _expression(walk: Walk, at: int, end: int) -> Parts | None:
    """Return the parts of a bare expression of references, which is a text; None if it is none."""
    found = expression(walk.region, at, end, walk.variables)
    if found is None:
        return None
    if _NOT_IN_EXPRESSIONS.search(walk.region, at, end):
        raise Unreadable
    parts: Parts = []
    last = at
    for start, stop, written in found:
        walk.note(oddities.REFERENCE_STYLE, start, stop)
        parts += walk.parts(last, start, raw=True)
        parts.append(sums.reference_at(walk, f"${{{written[1:]}}}", start, stop))
        last = stop
    return parts + walk.parts(last, end, raw=True)
