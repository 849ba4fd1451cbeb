"""Take the value of an input as JSON, or say what in it has no JSON form, and what to give in its place.

A tuple is a list. Nothing else is converted: what a date or a set should become is for the program to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import is_dataclass
from enum import Enum
from math import isfinite
from numbers import Number
from os import PathLike
from typing import Final

from lcc.grammar.given import kind_of
from lcc.grammar.values import Json, show_path

MAX_DEPTH: Final = 200
"""How deep an input may nest, as a result may."""
SHOWN: Final = 16
"""Steps of a path that are shown."""
MAX_BITS: Final = 14_000
"""How large an integer may be: Python refuses to print more than 4,300 digits."""


class NoJson(Exception):
    """A value that has no JSON form. `what` says what is there, `where` the path to it, `help` what to give in its place."""

    def __init__(self, what: str, help: str) -> None:
        super().__init__(what)
        self.what = what
        self.help = help
        self.path: list[str | int] = []

    @property
    def where(self) -> str:
        """Where in the value it is; empty for the value itself, and for what lies too deep to be named."""
        return show_path(tuple(reversed(self.path))) if len(self.path) <= SHOWN else ""


def input_json(value: object, depth: int = 0) -> Json:
    """Return the JSON value; raise NoJson where there is none."""
    if depth > MAX_DEPTH:
        raise NoJson(f"more than {MAX_DEPTH} levels, or itself", "give a value that is less deep")
    match value:
        case None | bool():
            return value
        case Enum():
            raise NoJson(kind_of(value), "give its value: `.value`")
        case str():
            return str.__str__(value)
        case int():
            if value.bit_length() > MAX_BITS:
                raise NoJson("an integer of more than 4,200 digits", "give it as text")
            return int(value)
        case float():
            if not isfinite(value):
                raise NoJson(repr(float(value)), "JSON has no such number: give None, or text")
            return float(value)
        case list() | tuple():
            return [_at(index, item, depth) for index, item in enumerate(value)]
        case Mapping():
            return {_key(key): _at(key, item, depth) for key, item in value.items()}
        case _:
            raise NoJson(kind_of(value), _help(value))


def _at(step: str | int, value: object, depth: int) -> Json:
    try:
        return input_json(value, depth + 1)
    except NoJson as error:
        error.path.append(step)
        raise


def _key(key: object) -> str:
    if not isinstance(key, str) or isinstance(key, Enum):
        raise NoJson(f"{kind_of(key)} as a key", "the keys of a dict are texts")
    return str.__str__(key)


def _help(value: object) -> str:
    match value:
        case bytes() | bytearray() | memoryview():
            return "give text: `.decode()`"
        case Set():
            return "give a list: `sorted(…)`"
        case PathLike():
            return "give its text: `str(…)`"
        case Number():
            return "give a float, or text: `str(…)`"
        case _ if hasattr(value, "isoformat"):
            return "give its text: `.isoformat()`"
        case _ if hasattr(value, "model_dump"):
            return 'give a dict: `.model_dump(mode="json")`'
        case _ if is_dataclass(value) and not isinstance(value, type):
            return "give a dict: `dataclasses.asdict(…)`"
        case _:
            return "give text, a number, a bool, None, a list or a dict of these"
