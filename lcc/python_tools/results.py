"""Turn what a tool returns into plain JSON values of its declared type, or say exactly what in it can't be one.

Plain values are copied, so that nothing a tool keeps is shared with a plan. Tuples become lists, sets sorted lists, enums their
values, dataclasses and pydantic models objects, dates and the like what pydantic makes of them. Refused are NaN and infinities,
bytes, keys that aren't text, iterators, and whatever is nested or goes on without end.
"""

from __future__ import annotations

import inspect
import json
from collections import deque
from collections.abc import AsyncGenerator, Coroutine, Iterable, Iterator, Mapping, Set
from dataclasses import field, fields, is_dataclass
from enum import Enum
from itertools import islice
from numbers import Integral, Rational, Real
from os import PathLike
from typing import Final, TypeVar

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics.wording import brief
from lcc.grammar.signatures import Type
from lcc.grammar.values import Json
from lcc.python_tools.conform import Check, Misfit, conform, exactly, wanted
from lcc.python_tools.declared import Declared
from lcc.runtime.tool import ResultError

_T = TypeVar("_T")

MAX_DEPTH: Final = 200
"""How deep a result may nest; JSON readers give up between 500 and 1,000."""
MAX_VALUES: Final = 10_000_000
"""How many values a result may hold, those in shared parts counted each time."""
MAX_BITS: Final = 14_000
"""How large an integer may be: Python refuses to print more than 4,300 digits."""


_WIDE: Final = 1 << 64


class _Budget:
    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_VALUES

    def take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise Misfit(f"holds more than {MAX_VALUES:,} values")


def to_json(value: object) -> Json:
    """Return the JSON value of a result, which shares no container with it; raise ResultError where there is none."""
    kind = type(value)
    if value is None or kind is bool or (kind is int and -_WIDE < value < _WIDE) or (kind is str and value.isascii()):  # type: ignore[operator,attr-defined]
        return value  # type: ignore[return-value]
    try:
        return _convert(value, 0, _Budget())
    except Misfit as error:
        place = f" at {error.place}" if error.path else ""
        raise ResultError(f"the result{place} {error.message}") from None
    except RecursionError:
        raise ResultError("the result is nested too deeply") from None
    except BaseException as error:  # of code that belongs to the value, which may raise anything
        from lcc.runtime.failures import failure_of

        raise ResultError(f"the result can't be converted: {failure_of(error, 0).shown}") from error


@dataclass(frozen=True, slots=True)
class ResultConverter:
    """Converts what one tool returns, and checks that it is of the type that the tool declares, which plans are checked against.

    `declared`: what the annotation says beyond that.
    """

    tool: str
    type: Type
    declared: Declared | None = None
    _exact: Check = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_exact", exactly(self.type))

    def __reduce__(self) -> tuple[object, ...]:
        return ResultConverter, (self.tool, self.type, self.declared)

    def __call__(self, returned: object) -> Json:
        """Return the JSON value; raise ResultError, which names the tool and the part that isn't as declared."""
        value = to_json(returned)
        if not self._exact(value):
            try:
                value = conform(value, self.type)
            except Misfit as error:
                raise self._refused(error, f": it declares {wanted(self.type)}" if error.place else "") from None
        if self.declared is not None:
            try:
                self.declared.check(value, returned)
            except Misfit as error:
                raise self._refused(error) from None
        return value

    def _refused(self, error: Misfit, more: str = "") -> ResultError:
        place = f" at {error.place}" if error.place else ""
        return ResultError(f"the result of `{self.tool}`{place} {error.message}{more}")


def _convert(value: object, depth: int, budget: _Budget) -> Json:
    # Compared by identity, which is what makes plain values cheap; only exact types may pass as they are.
    kind: object = type(value)
    if kind is str:
        text: str = value  # type: ignore[assignment]
        return text if text.isascii() else _text(text)
    if value is None or kind is bool:
        return value  # type: ignore[return-value]
    if kind is int:
        return _integer(value)  # type: ignore[arg-type]
    if kind is float:
        return _number(value)  # type: ignore[arg-type]
    if depth >= MAX_DEPTH:
        raise Misfit(f"is nested deeper than {MAX_DEPTH}, or contains itself")
    if kind is dict:
        return _object(value.items(), len(value), depth, budget)  # type: ignore[attr-defined,arg-type]
    if kind is list or kind is tuple:
        return _array(value, depth, budget)  # type: ignore[arg-type]
    return _other(value, depth, budget)


def _array(values: list[object] | tuple[object, ...], depth: int, budget: _Budget) -> list[Json]:
    budget.take(len(values))
    found: list[Json] = []
    add = found.append
    try:
        for value in values:
            add(_convert(value, depth + 1, budget))
    except Misfit as error:
        error.path.append(len(found))
        raise
    return found


def _object(pairs: Iterable[tuple[object, object]], count: int, depth: int, budget: _Budget) -> dict[str, Json]:
    budget.take(count)
    found: dict[str, Json] = {}
    for key, value in pairs:
        name = key if type(key) is str and key.isascii() else _key(key)
        try:
            found[name] = _convert(value, depth + 1, budget)
        except Misfit as error:
            error.path.append(name)
            raise
    if len(found) < count:
        raise Misfit("has two keys that are the same text in JSON")
    return found


def _key(key: object) -> str:
    plain = key.value if isinstance(key, Enum) else key
    if isinstance(plain, str):
        return _text(plain)
    made = _key_text(plain)
    if made is None:
        raise Misfit(f"has the key {_brief(key)}, which JSON can't have")
    return made


def _key_text(key: object) -> str | None:
    """Return the text that a key is in JSON: `2023`, `true`, a date as ISO 8601 has it; None where there is none."""
    if key is None or isinstance(key, bool | int | float):
        return json.dumps(key)
    from pydantic_core import PydanticSerializationError, to_jsonable_python

    try:
        made = next(iter(to_jsonable_python({key: None})))
    except (PydanticSerializationError, TypeError, ValueError):
        return None
    return made if isinstance(made, str) and not isinstance(key, tuple | frozenset | bytes) else None


def _text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Misfit(f"holds a lone surrogate, {text[error.start]!a}, which is no character") from None
    return str.__str__(text)


def _integer(number: int) -> int:
    if number.bit_length() > MAX_BITS:
        raise Misfit("is an integer of more than 4,000 digits")
    return int.__int__(number)


def _number(number: float) -> float:
    if number - number != 0.0:
        raise Misfit(f"is {number}, which is no JSON number")
    return float.__float__(number)


def _other(value: object, depth: int, budget: _Budget) -> Json:
    match value:
        case Enum():
            return _convert(value.value, depth + 1, budget)
        case str():
            return _text(value)
        case int():
            return _integer(value)
        case float():
            return _number(value)
        case list() | tuple() | deque():
            return _array(_counted(value, len(value), budget), depth, budget)
        case Mapping():
            pairs = _counted(value.items(), len(value), budget)
            return _object(pairs, len(pairs), depth, budget)
        case Set():
            return _sorted(_array(_counted(value, len(value), budget), depth, budget))
        case _ if is_dataclass(value) and not isinstance(value, type) and not hasattr(value, "__pydantic_serializer__"):
            pairs = [(f.name, getattr(value, f.name)) for f in fields(value)]
            return _object(pairs, len(pairs), depth, budget)
        case PathLike():
            return _text(str(value))
        case Integral():
            return _integer(int(value))
        case _ if getattr(value, "shape", None) == () and callable(getattr(value, "item", None)):
            return _convert(value.item(), depth + 1, budget)  # type: ignore[attr-defined]
        case Real() if not isinstance(value, Rational):
            return _number(float(value))
        case _:
            return _foreign(value, depth, budget)


def _counted(items: Iterable[_T], count: int, budget: _Budget) -> list[_T]:
    """Return the items of a class of its own, whose iteration is its own too, and may not end."""
    if count > budget.left:
        budget.take(count)
    found = list(islice(items, count + 1))
    if len(found) > count:
        raise Misfit(f"has more items than the {count:,} that its length tells of")
    return found


def _sorted(values: list[Json]) -> list[Json]:
    """Order the members of a set, which have no order of their own, so that equal results are equal lists."""
    try:
        return sorted(values)  # type: ignore[type-var]
    except TypeError:
        return sorted(values, key=lambda value: json.dumps(value, sort_keys=True))


def _foreign(value: object, depth: int, budget: _Budget) -> Json:
    """Convert what pydantic knows: models, dates, paths, UUIDs, decimals. What it makes of them is checked once more."""
    refused = _refused(value)
    if refused:
        raise Misfit(refused)
    from pydantic_core import PydanticSerializationError, to_jsonable_python

    try:
        plain = to_jsonable_python(value, inf_nan_mode="constants", by_alias=True)
    except PydanticSerializationError:
        name = type(value).__name__
        raise Misfit(f"is of the class {name}, which has no JSON form; return a dict, a dataclass or a model") from None
    return _convert(plain, depth, budget)


def _refused(value: object) -> str | None:
    """Say why a value is refused although pydantic, or patience, would make something of it."""
    match value:
        case bytes() | bytearray() | memoryview():
            return "is bytes; decode them, or return base64 text"
        case Coroutine():
            value.close()
            return "is a coroutine that nobody awaited; declare the tool with `async def`"
        case AsyncGenerator() | Iterator():
            return "is an iterator; return a list"
        case type() | BaseException():
            return f"is {'a class' if isinstance(value, type) else 'an exception'}, which has no JSON form"
        case _ if inspect.isroutine(value) or inspect.ismodule(value):
            return "is a function or a module, which has no JSON form"
        case _:
            return None


def _brief(value: object) -> str:
    try:
        text = repr(value)
    except BaseException:
        text = f"a {type(value).__name__}"
    return brief(text)
