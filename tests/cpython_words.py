"""Say what CPython says in the words of 3.11 to 3.13, which are those of programs in every Python."""

from __future__ import annotations

import re

_UNHASHABLE = re.compile(r"cannot use '[^\n]*?' as a (?:dict key|set element) \((unhashable type: '[^'\n]*')\)")
_TOO_MANY = re.compile(r"(too many values to unpack \(expected \d+), got \d+\)")


def older(text: str) -> str:
    """Return a text of CPython's without what 3.14 adds to messages."""
    if text == "object is not iterable":
        return "cannot convert dictionary update sequence element #0 to a sequence"
    return _TOO_MANY.sub(r"\1)", _UNHASHABLE.sub(r"\1", text))
