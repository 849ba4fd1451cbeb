"""Describe how things are in JSON, so that one description reads them, writes them and is their schema.

Whatever is malformed is an error that says where, as a JSON pointer (RFC 6901), and why.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import MISSING, fields
from math import isfinite
from types import MappingProxyType
from typing import Any, Final, TypeAlias, TypeVar

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.limits import DEFAULT_LIMITS, IR_NESTING
from lcc.grammar.source import Span
from lcc.grammar.values import Json, kind

Object: TypeAlias = dict[str, Json]
T = TypeVar("T")


class IrJsonError(ValueError):
    """A value is not the JSON form of an IR. `pointer` (RFC 6901) says where; it is empty for the whole."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(f"at {pointer}: {message}" if pointer else message)
        self.pointer = pointer
        self.message = message


@dataclass(frozen=True, slots=True)
class Shape:
    """How one kind of thing is in JSON. `read` is given a JSON value and its pointer, and raises IrJsonError."""

    schema: Object
    read: Callable[[Any, str], Any]
    write: Callable[[Any], Json] = lambda thing: thing

    def saying(self, description: str) -> Shape:
        """Return the shape with a description in its schema."""
        return Shape({"description": description, **self.schema}, self.read, self.write)


class Shapes(dict[str, Shape]):
    """Shapes by name; `[name]` is a list of it. Those that are defined have their schema in `defined`, where others refer to it."""

    def __init__(self) -> None:
        self.defined: dict[str, Json] = {}

    def __missing__(self, name: str) -> Shape:
        self[name] = listed(self[name[1:-1]])
        return self[name]

    def define(self, name: str, shape: Shape) -> None:
        """Add a shape that others refer to by its name in the schema, too."""
        self.defined[name] = shape.schema
        self[name] = Shape({"$ref": f"#/$defs/{name}"}, shape.read, shape.write)

    def define_record(self, name: str, make: type, table: str, says: str) -> None:
        """Add the shape of a dataclass; see `record`."""
        self.define(name, self.record(make, table, says))

    def record(self, make: type, table: str, says: str = "", **more: Json) -> Shape:
        """Return the shape of a dataclass as an object with the keys of a table, and no others.

        Its rows are `key: shape`, or `key=field: shape` where the dataclass calls it otherwise; with `?` behind the key, what
        equals the dataclass's default is left out.
        """
        parts: list[tuple[str, str, Shape, object]] = []
        defaults = {field.name: None if field.default is MISSING else field.default for field in fields(make)}
        for key, name, may, shape in _ROW.findall(table):
            parts.append((key, name or key, self[shape], defaults[name or key] if may else _REQUIRED))
        known = [key for key, *_ in parts]
        placed = any(field.name == "span" for field in fields(make))
        required = [key for key, *_, default in parts if default is _REQUIRED]

        def read(obj: Any, at: str) -> Any:
            check_keys(obj, at, required, known)
            found = {}
            for key, name, shape, default in parts:  # a loop: a comprehension is one more frame where values are deep
                found[name] = shape.read(obj[key], f"{at}/{key}") if key in obj else default
            if placed and at in (places := PLACES.get()):
                found["span"] = places[at]
            return make(**found)

        def write(thing: Any) -> Json:
            out: Object = {}
            for key, name, shape, default in parts:
                value = getattr(thing, name)
                if value is not default and value != default:
                    out[key] = shape.write(value)
            return out

        schema: Object = {"description": says} if says else {}
        schema |= {"type": "object", "properties": {key: shape.schema for key, _, shape, _ in parts}}
        schema |= {"required": list[Json](required)} if required else {}
        return Shape({**schema, **more, "additionalProperties": False}, read, write)


_REQUIRED: Final = object()
_ROW: Final = re.compile(r"(\w+)(?:=(\w+))?(\??): ([\w\[\]]+)")


def variants(shapes: Mapping[type, tuple[str, Shape]], says: str) -> Shape:
    """Return the shape of one of several objects: that whose own key is there. The first that is there decides."""
    by_key = dict(shapes.values())

    def read(obj: Any, at: str) -> Any:
        for key, shape in by_key.items() if isinstance(obj, dict) else ():
            if key in obj:
                return shape.read(obj, at)
        raise IrJsonError(at, f"one of {either(by_key)} is expected")

    schema: Object = {"description": says, "anyOf": [shape.schema for shape in by_key.values()]}
    return Shape(schema, read, lambda thing: shapes[type(thing)][1].write(thing))


def either(keys: Iterable[str]) -> str:
    """Return some keys as words of a message."""
    *names, last = [f"`{key}`" for key in keys]
    return f"{', '.join(names)} and {last}"


NESTING: Final[ContextVar[int]] = ContextVar("NESTING", default=IR_NESTING)
"""How deep values and blocks may be nested in what is being read."""
_DEPTH: Final[ContextVar[int]] = ContextVar("_DEPTH", default=0)


PLACES: Final[ContextVar[Mapping[str, Span]]] = ContextVar("PLACES", default=MappingProxyType({}))
"""Where the values of the text that is being read stand, by their pointers: nodes have these as their spans."""


def nested(read: Callable[[Any, str], T], what: str) -> Callable[[Any, str], T]:
    """Return a reader of something that stands in others of its kind, at most NESTING deep."""

    def read_inside(obj: Any, at: str) -> T:
        depth = _DEPTH.get()
        if depth >= NESTING.get():
            raise IrJsonError(at, f"{what} is nested more than {NESTING.get()} deep")
        outside = _DEPTH.set(depth + 1)
        try:
            return read(obj, at)
        finally:
            _DEPTH.reset(outside)

    return read_inside


def listed(inner: Shape) -> Shape:
    """Return the shape of a tuple as a list."""

    def read(obj: Any, at: str) -> tuple[Any, ...]:
        found = []
        for item, here in items(obj, at):
            found.append(inner.read(item, here))
        return tuple(found)

    return Shape({"type": "array", "items": inner.schema}, read, lambda things: list(map(inner.write, things)))


def paired(first: Shape, second: Shape) -> Shape:
    """Return the shape of a pair as a list of two."""

    def read(obj: Any, at: str) -> Any:
        one, other = pair(obj, at)
        return first.read(one, f"{at}/0"), second.read(other, f"{at}/1")

    schema: Object = {"type": "array", "prefixItems": [first.schema, second.schema], "minItems": 2, "maxItems": 2}
    return Shape(schema, read, lambda two: [first.write(two[0]), second.write(two[1])])


def check_keys(obj: object, at: str, required: Collection[str], known: Collection[str]) -> None:
    """Check that something is an object that has all the required keys and none that isn't known."""
    if not isinstance(obj, dict):
        raise IrJsonError(at, f"an object is expected, not {shown(obj)}")
    for key in required:
        if key not in obj:
            raise IrJsonError(at, f"`{key}` is missing")
    for key in obj:
        if key not in known:
            raise IrJsonError(at, f"unknown key {shown(key)}")


def items(obj: object, at: str) -> Iterable[tuple[Any, str]]:
    """Return the items of a list, each with its pointer."""
    if not isinstance(obj, list):
        raise IrJsonError(at, f"a list is expected, not {shown(obj)}")
    return [(item, f"{at}/{place}") for place, item in enumerate(obj)]


def pair(obj: object, at: str) -> tuple[Any, Any]:
    """Return the two items of a list of two."""
    if not isinstance(obj, list) or len(obj) != 2:
        raise IrJsonError(at, f"a list of two is expected, not {shown(obj)}")
    return obj[0], obj[1]


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
        case _:
            return kind(obj)
