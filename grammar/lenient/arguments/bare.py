"""Read an argument that stands outside of quotes: text, an expression, a word for a value, or a string without its first quote."""

from __future__ import annotations

import re
from typing import Final

from lcc.grammar.lenient.arguments import arithmetic, concatenation
from lcc.grammar.lenient.arguments.argument_walk import SCANNED, Refused, Walk, begins_well, skip_space, without_space
from lcc.grammar.lenient.arguments.references import rewrite_expression, rewrite_phrase
from lcc.grammar.lenient.marks.repairs import ARITHMETIC, BARE_TEXT, MISSING_QUOTE
from lcc.grammar.lenient.marks.tail import Tail, judge_tail
from lcc.grammar.signatures import (
    STR,
    BoolType,
    FloatType,
    IntType,
    NullType,
    Parameter,
    Type,
    UnionType,
    fits,
    only_text,
)

_SPECIAL: Final = re.compile(r"[()（）\[\]{}\"'“,，\r\n]")
_IDENTIFIERS: Final = re.compile(r"(?<![\w#$@{<])[A-Za-z_]\w*+")
_WORD_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*+|\d{1,15}")
_MOST_ENDS: Final = 6
_SEARCHED: Final = 10
"""How often bare text is searched for what it may be."""
_CODE: Final = re.compile(r"[A-Za-z_][\w.-]*\(|\b(?:lambda|for \w+ in|if .+ else)\b|=>")
_LOOP: Final = re.compile(r"[)\]] for \w+ in\b")
_WORDS: Final = {"true": "True", "false": "False", "none": "None", "null": "None", "nil": "None", "undefined": "None"}


def read(walk: Walk, at: int, parameter: Parameter | None, argument: bool, greedy: bool) -> int:
    """Read a bare argument and return the offset past it."""
    text = walk.region
    if not text[at : at + 1] or text[at] in ",)]}，）":
        raise Refused
    joined = concatenation.read(walk, at, argument)
    if joined is not None:
        return joined
    quote = _lost_quote(walk, at)
    if quote is not None:
        walk.change(at, at, text[quote], MISSING_QUOTE.code)
        return quote + 1
    ends = _ends(walk, at, argument, greedy)
    end = walk.choose(ends)
    end = at + len(text[at:end].rstrip())
    if end == at:
        raise Refused
    _write(walk, at, end, parameter, argument)
    return end


def read_key(walk: Walk, at: int) -> int:
    """Quote a dict's key that is a bare word or a number."""
    found = _WORD_KEY.match(walk.region, at)
    if found is None:
        raise Refused
    walk.change(at, at, '"', BARE_TEXT.code)
    walk.change(found.end(), found.end(), '"', BARE_TEXT.code)
    return found.end()


def _lost_quote(walk: Walk, at: int) -> int | None:
    """Return where a quote closes a string here that was never opened."""
    text = walk.region
    found = re.compile(r"[\"'“‘`\r\n]").search(text, at)
    if found is None or found.group() not in "\"'":
        return None
    quote = found.start()
    if quote == at or text[quote - 1].isspace():
        return None
    after = skip_space(text, quote + 1)
    char = text[after : after + 1]
    if char == "," and begins_well(text, skip_space(text, after + 1)):
        return quote
    if char in ("]", "}") and char:
        return quote
    if char == ")" and judge_tail(text[after + 1 : walk.line_end(after)]) is not Tail.BAD:
        return quote
    return None


def _ends(walk: Walk, at: int, argument: bool, greedy: bool) -> list[int]:
    """Return where a bare argument may end."""
    text = walk.region
    ends: list[int] = []
    open_: list[str] = []
    begun = at
    while len(ends) < _MOST_ENDS:
        walk.budget.spend(1)
        found = _SPECIAL.search(text, at)
        if found is None:
            if walk.settled and argument and walk.depth == 1 and not open_:
                ends.append(without_space(text, len(text)))
            break
        at, char = found.end(), found.group()
        if char in "\"“'":
            walk.look(at, _SEARCHED)
        if char in '"“':
            close = re.compile(r"[\"”\r\n]").search(text, at)
            at = close.end() if close and close.group() in '"”' else at
        elif char == "'":
            if not text[found.start() - 1 : found.start()].isalnum():
                closing = re.compile(r"'(?!\w)|[\r\n]").search(text, at)
                at = closing.end() if closing and closing.group() == "'" else at
        elif char in "([{（":
            open_.append(char)
        elif char in ")]}）":
            if open_:
                open_.pop()
                continue
            ends.append(found.start())
            if not argument or char not in ")）":
                break
        elif char in ",，":
            if not open_ and not greedy:
                ends.append(found.start())
                if not argument:
                    break
        elif not argument and not open_:
            break
    walk.budget.spend((at - begun) // SCANNED)
    return ends


def _write(walk: Walk, at: int, end: int, parameter: Parameter | None, argument: bool) -> None:
    text = walk.region[at:end]
    walk.budget.spend(_SEARCHED * (end - at) // SCANNED)
    if rewrite_phrase(walk, at, end):
        return
    type_ = parameter.type if parameter else None
    word = _WORDS.get(text.lower())
    if word and (type_ is None or not only_text(type_)) and text.lower() != "undefined":
        walk.change(at, end, word, BARE_TEXT.code)
        return
    if arithmetic.is_arithmetic(text):
        if type_ is not None and _takes_number(type_):
            walk.change(at, end, arithmetic.compute(text), ARITHMETIC.code)
            return
        if type_ is None and not _sole_text(text):
            raise Refused
    if type_ is not None and not fits(STR, type_):
        raise Refused
    if rewrite_expression(walk, at, end):
        walk.change(at, at, '"', BARE_TEXT.code)
        walk.change(end, end, '"', BARE_TEXT.code)
        return
    if any(word in walk.variables for word in _IDENTIFIERS.findall(text)):
        raise Refused  # a name that is bound is its value, or nothing is read
    if _LOOP.search(text) or (type_ is None and _CODE.search(text)):
        raise Refused
    _quote(walk, at, end)


def _sole_text(text: str) -> bool:
    """Whether arithmetic without a declared parameter can only be text: it reads results."""
    return "$" in text


def _takes_number(type_: Type) -> bool:
    match type_:
        case IntType() | FloatType():
            return True
        case UnionType(members):
            return all(isinstance(m, IntType | FloatType | NullType | BoolType) for m in members)
        case _:
            return False


def _quote(walk: Walk, at: int, end: int) -> None:
    code = BARE_TEXT.code
    walk.change(at, at, '"', code)
    for found in re.compile(r"[\\\"]|\r|\n").finditer(walk.region, at, end):
        char = found.group()
        if char in "\r\n":
            walk.change(found.start(), found.end(), "\\r" if char == "\r" else "\\n", code)
        else:
            walk.change(found.start(), found.start(), "\\", code)
    walk.change(end, end, '"', code)
