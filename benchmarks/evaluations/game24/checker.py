"""Check an answer of the Game of 24: each number of the game exactly once, only + - * / and parentheses, and exactly 24.

The test of Tree of Thoughts' published code, with exact fractions and without its `**`. An answer is a model's text, so it is
tokenized and reduced here; nothing evaluates it.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from benchmarks.evaluations.game24.states import TARGET, compute

MAX_ANSWER: Final = 200
_TOKENS: Final = re.compile(r"\s*(\d{1,9}|[-+*/()])")
_SIGNS: Final = {"+": 1, "-": 1, "*": 2, "/": 2}


def is_correct(game: str, answer: str) -> bool:
    """Whether an answer solves a game. `answer`: an expression, perhaps followed by `= 24`."""
    text = re.sub(r"\s*=\s*24\s*$", "", answer.strip())
    tokens = _tokens(text)
    if tokens is None or sorted(t for t in tokens if t.isdigit()) != sorted(game.split()):
        return False
    return _value(tokens) == TARGET


def _tokens(text: str) -> list[str] | None:
    if len(text) > MAX_ANSWER:
        return None
    found: list[str] = []
    place = 0
    while place < len(text):
        match = _TOKENS.match(text, place)
        if match is None:
            return None
        found.append(match[1])
        place = match.end()
    return found


def _value(tokens: list[str]) -> Fraction | None:
    """Return the value by two stacks (Dijkstra's shunting yard); None if it isn't an expression, or divides by zero."""
    values: list[Fraction] = []
    signs: list[str] = []

    def reduce() -> bool:
        if len(values) < 2:
            return False
        b, a = values.pop(), values.pop()
        value = compute(a, signs.pop(), b)
        values.append(value if value is not None else Fraction())
        return value is not None

    operand = True  # whether an operand comes next
    for token in tokens:
        if token == "(" or token.isdigit():
            if not operand:
                return None
            if token == "(":
                signs.append(token)
            else:
                values.append(Fraction(token))
                operand = False
        elif operand:
            return None
        else:
            while signs and signs[-1] != "(" and (token == ")" or _SIGNS[signs[-1]] >= _SIGNS[token]):
                if not reduce():
                    return None
            if token != ")":
                signs.append(token)
                operand = True
            elif not signs or signs.pop() != "(":
                return None
    while signs:
        if signs[-1] == "(" or not reduce():
            return None
    return values[0] if len(values) == 1 and not operand else None
