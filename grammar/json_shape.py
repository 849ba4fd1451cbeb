"""Take JSON values apart: each function returns a part of the wanted shape, or raises an error that says where and why."""

from __future__ import annotations

import json
from collections.abc import Iterable
from math import isfinite
from typing import Any, Final

from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.ir.literals import NAME
from lcc.grammar.limits import DEFAULT_LIMITS
from lcc.grammar.source import Span


class IrJsonError(ValueError):
    """A value is not the JSON form of an IR. `pointer` (RFC 6901) says where; it is empty for the whole."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(f"at {pointer}: {message}" if pointer else message)
        self.pointer = pointer
        self.message = message


_TOO_LARGE: Final = 10**DEFAULT_LIMITS.digits


def whole(obj: object, at: str, least: int | None = None) -> int:
    """Return an integer of at least `least`; 3.0 is none."""
    bound = "" if least is None else f" from {least}"
    if type(obj) is not int or (least is not None and obj < least):
        raise IrJsonError(at, f"a whole number{bound} is expected, not {shown(obj)}")
    return int(number(obj, at))


def number(obj: object, at: str) -> int | float:
    """Return a finite number; integers have at most as many digits as in a plan."""
    if not isinstance(obj, int | float) or isinstance(obj, bool):
        raise IrJsonError(at, f"a number is expected, not {shown(obj)}")
    if isinstance(obj, float):
        if not isfinite(obj):
            raise IrJsonError(at, f"{obj} is not a finite number")
    elif not -_TOO_LARGE < obj < _TOO_LARGE:
        raise IrJsonError(at, f"a number of more than {DEFAULT_LIMITS.digits} digits")
    return obj


def seconds(obj: object, at: str) -> float:
    """Return a finite number as a float."""
    try:
        return float(number(obj, at))
    except OverflowError:
        raise IrJsonError(at, "a number too large for a float") from None


def boolean(obj: object, at: str) -> bool:
    """Return true or false."""
    if not isinstance(obj, bool):
        raise IrJsonError(at, f"true or false is expected, not {shown(obj)}")
    return obj


def text(obj: object, at: str) -> str:
    """Return a string."""
    if not isinstance(obj, str):
        raise IrJsonError(at, f"a text is expected, not {shown(obj)}")
    return obj


def name(obj: object, at: str) -> str:
    """Return a string that is a name."""
    name = text(obj, at)
    if not NAME.match(name):
        raise IrJsonError(at, f"{shown(obj)} is not a name: letters, digits and `_`, no digit first")
    return name


def span(obj: object, at: str) -> Span:
    """Return the range of code points that a pair of offsets is."""
    start, end = pair(obj, at)
    return Span(whole(start, f"{at}/0", 0), whole(end, f"{at}/1", 0))


def pair(obj: object, at: str) -> tuple[Any, Any]:
    """Return the two items of a list of two."""
    if not isinstance(obj, list) or len(obj) != 2:
        raise IrJsonError(at, f"a list of two is expected, not {shown(obj)}")
    return obj[0], obj[1]


def items(obj: object, at: str) -> Iterable[tuple[Any, str]]:
    """Return the items of a list, each with its pointer."""
    if not isinstance(obj, list):
        raise IrJsonError(at, f"a list is expected, not {shown(obj)}")
    return [(item, f"{at}/{place}") for place, item in enumerate(obj)]


def fields(obj: object, at: str, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return an object that has all the required keys and no others but the optional ones."""
    if not isinstance(obj, dict):
        raise IrJsonError(at, f"an object is expected, not {shown(obj)}")
    for key in required:
        if key not in obj:
            raise IrJsonError(at, f"`{key}` is missing")
    for key in obj:
        if key not in required and key not in optional:
            raise IrJsonError(at, f"unknown key {shown(key)}")
    return obj


def shown(obj: object) -> str:
    """Return a scalar as it is in JSON, and of anything else only what it is."""
    match obj:
        case None | bool():
            return json.dumps(obj)
        case int() if not -_TOO_LARGE < obj < _TOO_LARGE:
            return "a number of more than 1,000 digits"
        case int() | float():
            return repr(obj)
        case str():
            return escape(json.dumps(obj if len(obj) <= 40 else f"{obj[:40]}…", ensure_ascii=False))
        case list():
            return f"a list of {len(obj)}"
        case dict():
            return "an object"
        case _:
            return f"a Python {type(obj).__name__}"
