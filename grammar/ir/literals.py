"""Write scalars as literals, the same in plan text and in the IR's text form.

What can't be seen or would act on a terminal is escaped, so that a literal shows all there is in a text.
"""

from __future__ import annotations

import re
from functools import cache
from math import isfinite
from typing import Final

from lcc.grammar.diagnostics.terminal import UNSAFE, escaped
from lcc.grammar.ir.expressions import Scalar
from lcc.grammar.late_pattern import pattern

NAME: Final = pattern(r"[A-Za-z_][A-Za-z0-9_]*\Z")
"""What stands without quotes: the name of an input or a keyword, a key in a path."""
LOCAL: Final = pattern(r"[^\W\d]\w*(?:\.\w+)*\Z")
"""A name that a statement binds, of letters of any script; with dots where a compiler makes it up."""


def string_literal(text: str, mark: str = '"', more: str = "") -> str:
    """Return a text between two `mark`s, with Python's escapes; the characters of `more` are escaped by number."""
    return f"{mark}{_special(mark, more).sub(_escape, text)}{mark}"


def finite(number: float) -> float:
    """Return the number itself; ValueError for NaN and infinities, which no form of a plan has."""
    if not isfinite(number):
        raise ValueError(f"{number} can't be written: it is not a finite number")
    return number


def number_literal(number: int | float) -> str:
    """Return the shortest literal that reads back as the same type and value; ValueError where it isn't finite."""
    return repr(finite(number) if isinstance(number, float) else number)


def scalar_literal(scalar: Scalar) -> str:
    """Return `True`, `False`, `None`, a number's literal, or a text's in double quotes."""
    if isinstance(scalar, str):
        return string_literal(scalar)
    return repr(scalar) if scalar is None or isinstance(scalar, bool) else number_literal(scalar)


@cache
def _special(mark: str, more: str) -> re.Pattern[str]:
    return re.compile(rf"[\\{re.escape(mark + more)}]|{UNSAFE.pattern}")


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    return f"\\{char}" if char in "\\\"'" else escaped(char)
