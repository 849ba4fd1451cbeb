"""Turn the JSON arguments of a call into what a function takes, and say in plain words where that fails.

A value that already has a parameter's plain type passes as it is. Everything else goes through pydantic, which is imported when
the first such value comes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never, cast

from lcc.grammar.nearest import nearest
from lcc.grammar.signature import Parameter
from lcc.grammar.types import (
    AnyType,
    BoolType,
    DictType,
    FloatType,
    IntType,
    ListType,
    LiteralType,
    NullType,
    RecordType,
    StrType,
    Type,
    UnionType,
    coerce,
    show,
)
from lcc.grammar.values import Json, PathError, at_path, show_path
from lcc.runtime.tool import ArgumentError, Arguments

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError

Check: TypeAlias = Callable[[Any], bool]
MAX_FAULTS: Final = 3
"""How many faults of one value a message lists."""


def exactly(type_: Type) -> Check:
    """Return a test for values that have a type as they stand, nothing converted. Records may have further keys."""
    match type_:
        case AnyType():
            return lambda value: True
        case NullType():
            return lambda value: value is None
        case BoolType() | IntType() | FloatType() | StrType():
            wanted = _EXACT[type(type_)]
            return lambda value: type(value) is wanted
        case LiteralType(values):
            known = {(type(value), value) for value in values}
            return lambda value: not isinstance(value, list | dict) and (type(value), value) in known
        case ListType(item):
            each = exactly(item)
            return lambda value: type(value) is list and all(map(each, value))
        case DictType(item):
            each = exactly(item)
            return lambda value: type(value) is dict and all(map(each, value.values()))
        case RecordType(_, fields):
            checks = {f.name: exactly(f.type) for f in fields}
            required = frozenset(f.name for f in fields if f.required)
            return lambda value: (
                type(value) is dict
                and required <= value.keys()
                and all(checks[key](item) for key, item in value.items() if key in checks)
            )
        case UnionType(members):
            tests = [exactly(member) for member in members]
            return lambda value: any(test(value) for test in tests)
        case _:
            assert_never(type_)


_EXACT: Final[dict[type, type]] = {BoolType: bool, IntType: int, FloatType: float, StrType: str}


@dataclass(slots=True)
class Converter:
    """Converts the values of one parameter. `hint` is the annotation; `plain`: its type says all there is to check."""

    parameter: Parameter
    hint: object
    plain: bool
    _exact: Check = field(init=False)
    _adapter: TypeAdapter[Any] | None = None
    _asked: bool = False

    def __post_init__(self) -> None:
        self._exact = exactly(self.parameter.type) if self.plain else _nothing

    def __call__(self, value: Json) -> object:
        """Return what the function takes; raise ArgumentError."""
        if self._exact(value):
            return value
        wanted = self.parameter.type
        value = coerce(value, wanted)
        if self._exact(value):
            return value
        adapter = self._pydantic()
        if adapter is None:
            raise ArgumentError(f"`{self.parameter.name}` must be `{show(wanted)}`, not {_kind(value)}")
        from pydantic import ValidationError

        try:
            return adapter.validate_python(value)
        except ValidationError as error:
            raise ArgumentError(_explain(self.parameter, value, error)) from None
        except Exception as error:
            message = f"`{self.parameter.name}` could not be made from the argument: {type(error).__name__}: {error}"
            raise ArgumentError(message) from error

    def _pydantic(self) -> TypeAdapter[Any] | None:
        """Return the adapter of a hint, or None for a plain type that pydantic refuses (`typing.TypedDict` before 3.12)."""
        if not self._asked:
            from pydantic import TypeAdapter
            from pydantic.errors import PydanticUserError

            self._asked = True
            try:
                self._adapter = TypeAdapter(cast("type[Any]", self.hint))
            except PydanticUserError:
                if not self.plain:
                    raise
        return self._adapter


def _nothing(_: object) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class ArgumentConverter:
    """Converts the arguments of one tool, and checks that they are its arguments."""

    converters: Mapping[str, Converter]
    required: frozenset[str]

    def __call__(self, arguments: Arguments) -> dict[str, object]:
        """Return the arguments as the function takes them; raise ArgumentError, which names the parameter."""
        converters = self.converters
        converted: dict[str, object] = {}
        for name, value in arguments.items():
            converter = converters.get(name)
            if converter is None:
                close = nearest(name, converters)
                raise ArgumentError(f"there is no parameter `{name}`{f'; did you mean `{close}`?' if close else ''}")
            converted[name] = converter(value)
        if not self.required <= converted.keys():
            missing = ", ".join(f"`{name}`" for name in converters if name in self.required - converted.keys())
            raise ArgumentError(f"{missing} {'is' if missing.count('`') == 2 else 'are'} missing")
        return converted


def _explain(parameter: Parameter, value: Json, error: ValidationError) -> str:
    """Put pydantic's findings in a tool user's words: the place in the argument, and what is expected there."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    at: dict[tuple[str | int, ...], list[str]] = {}
    for fault in faults:
        place, message = _locate(value, fault["loc"], str(fault["type"])), str(fault["msg"])
        at.setdefault(place, []).append("is missing" if fault["type"] == "missing" else _plain_words(message))
    shown = [
        f"`{parameter.name}{show_path(place)}` {_together(place, messages, parameter, value)}"
        for place, messages in list(at.items())[:MAX_FAULTS]
    ]
    more = len(at) - MAX_FAULTS
    return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")


def _together(place: tuple[str | int, ...], messages: list[str], parameter: Parameter, value: Json) -> str:
    """Say what is wrong at one place. Several findings mean that every member of a union was tried."""
    unlike = list(dict.fromkeys(messages))
    if len(unlike) == 1:
        return unlike[0]
    if not place and not isinstance(parameter.type, AnyType | RecordType):
        return f"must be `{show(parameter.type)}`, not {_kind(value)}"
    return " or ".join(unlike)


def _locate(value: Json, loc: tuple[str | int, ...], type_: str) -> tuple[str | int, ...]:
    """Return the part of pydantic's location that is in the value: the rest are names of union members and validators."""
    path: list[str | int] = []
    for number, step in enumerate(loc):
        try:
            value = at_path(value, (step,))
        except PathError:
            if type_ != "missing" or number < len(loc) - 1:
                continue
        path.append(step)
    return tuple(path)


_LEAD: Final = re.compile(r"^(?:Value error|Assertion failed), |^Input should (be )?")


def _plain_words(message: str) -> str:
    def lead(match: re.Match[str]) -> str:
        return "" if "Input" not in match[0] else "must be " if match[1] else "must "

    text = _LEAD.sub(lead, message, count=1)
    if not _LEAD.match(message):
        text = f"is not accepted: {text[:1].lower()}{text[1:]}"
    elif not text.startswith("must "):
        text = f"is not accepted: {text}"
    return text.rstrip(".")


def _kind(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            assert_never(value)
