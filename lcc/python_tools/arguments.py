"""Turn the JSON arguments of a call into what a function takes, and say in plain words where that fails.

What the check of a plan would refuse is refused here too: a value that isn't of the parameter's type, once it is converted where
that is beyond doubt (anything to text for `str`, 3 to 3.0 for `float`, 3.0 to 3 for `int`). For a plain type that is all. Models,
dates, bounds and the like then go through pydantic, which is imported when the first such value comes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final, cast

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics.wording import brief, nearest
from lcc.grammar.late_pattern import pattern
from lcc.grammar.signatures import ANY, AnyType, Parameter, Problem, RecordType, Type, coerce, has_unknown, show
from lcc.grammar.values import Json, PathError, at_path, kind, show_path
from lcc.python_tools.conform import Check, Misfit, conform, exactly
from lcc.runtime.tool import ArgumentError, Arguments

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError

MAX_FAULTS: Final = 3
"""How many faults of one value a message lists."""


@dataclass(slots=True)
class Converter:
    """Converts the values of one parameter.

    `hint` is the annotation; `plain`: its type says all there is to check. `declared`: what a declaration apart says of the type,
    which holds too. `exact`: whether a value is one that is taken as it stands.
    `default`: makes the value where none is given and the function itself would not.
    """

    parameter: Parameter
    hint: object
    plain: bool
    declared: Type = ANY
    default: Callable[[], object] | None = None
    exact: Check = field(init=False)
    _adapter: TypeAdapter[Any] | None = None

    def __post_init__(self) -> None:
        self.exact = exactly(self.parameter.type)

    def __call__(self, value: Json) -> object:
        """Return what the function takes; raise ArgumentError."""
        if self.declared is not ANY:
            value = self._of_type(value, self.declared)
        if self.plain and self.exact(value):
            return value
        value = self._of_type(value, self.parameter.type)
        return value if self.plain else self._made(value)

    def _of_type(self, value: Json, type_: Type) -> Json:
        try:
            return conform(coerce(value, type_), type_)
        except Misfit as error:
            raise ArgumentError(f"`{self.parameter.name}{error.place}` {error.message}") from None

    def _made(self, value: Json) -> object:
        """Return what pydantic makes of a value."""
        from pydantic import ValidationError

        try:
            return self._validated(value)
        except ValidationError as error:
            raise ArgumentError(_explain(self.parameter, value, error)) from None
        except Exception as error:
            message = f"`{self.parameter.name}` could not be made from the argument: {type(error).__name__}: {error}"
            raise ArgumentError(message) from error

    def _validated(self, value: Json) -> object:
        """Return what pydantic makes of a value, taken as Python's, or else as JSON: members of enums are written as their values."""
        adapter = self._pydantic()
        from pydantic import ValidationError

        try:
            return adapter.validate_python(value)
        except ValidationError:
            with suppress(Exception):
                return adapter.validate_json(json.dumps(value))
            raise

    def problems(self, value: Json) -> list[Problem]:
        """Return what is wrong with a value beyond the parameter's type."""
        from pydantic import ValidationError

        try:
            self._validated(value)
        except ValidationError as error:
            return _problems(self.parameter, value, error)
        except Exception as error:
            said = brief(f"is not accepted: {type(error).__name__}: {error}", 200)
            return [Problem((self.parameter.name,), said)]
        return []

    def _pydantic(self) -> TypeAdapter[Any]:
        if self._adapter is None:
            from pydantic import TypeAdapter

            self._adapter = TypeAdapter(cast("type[Any]", self.hint))
        return self._adapter


@dataclass(frozen=True, slots=True)
class ArgumentConverter:
    """Converts the arguments of one tool, and checks that they are its arguments."""

    converters: Mapping[str, Converter]
    required: frozenset[str]
    defaults: tuple[tuple[str, Callable[[], object]], ...] = field(init=False)
    _as_they_stand: Mapping[str, Check] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        own = {name: one.exact for name, one in self.converters.items() if one.plain and one.declared is ANY}
        object.__setattr__(self, "_as_they_stand", own)
        made = tuple((name, one.default) for name, one in self.converters.items() if one.default is not None)
        object.__setattr__(self, "defaults", made)

    def check(self, arguments: Mapping[str, object]) -> list[Problem]:
        """Return what pydantic finds wrong with arguments that are known as a whole."""
        found: list[Problem] = []
        for name, value in arguments.items():
            converter = self.converters.get(name)
            if converter is not None and not converter.plain and not has_unknown(value):
                found += converter.problems(cast("Json", value))
        return found

    def __call__(self, arguments: Arguments) -> Mapping[str, object]:
        """Return the arguments as the function takes them; raise ArgumentError, which names the parameter."""
        checks = self._as_they_stand
        for name, value in arguments.items():
            if name not in checks or not checks[name](value):
                return self._converted(arguments)
        whole = self.required <= arguments.keys() and all(name in arguments for name, _ in self.defaults)
        return arguments if whole else self._converted(arguments)

    def _converted(self, arguments: Arguments) -> dict[str, object]:
        converters = self.converters
        converted: dict[str, object] = {}
        for name, value in arguments.items():
            converter = converters.get(name)
            if converter is None:
                close = nearest(name, converters)
                raise ArgumentError(f"there is no parameter `{name}`{f'; did you mean `{close}`?' if close else ''}")
            converted[name] = converter(value)
        for name, default in self.defaults:
            if name not in converted:
                converted[name] = default()
        if not self.required <= converted.keys():
            missing = ", ".join(f"`{name}`" for name in converters if name in self.required - converted.keys())
            raise ArgumentError(f"{missing} {'is' if missing.count('`') == 2 else 'are'} missing")
        return converted


def _problems(parameter: Parameter, value: Json, error: ValidationError) -> list[Problem]:
    """Return pydantic's findings, those of one place together."""
    at: dict[tuple[str | int, ...], list[str]] = {}
    missing: dict[tuple[str | int, ...], list[str]] = {}
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        place = locate(value, fault["loc"], str(fault["type"]))
        if fault["type"] == "missing" and place and isinstance(place[-1], str):
            missing.setdefault(place[:-1], []).append(place[-1])
        else:
            at.setdefault(place, []).append(plain_words(str(fault["msg"])))
    found = [Problem((parameter.name, *place), "", missing=tuple(names)) for place, names in missing.items()]
    found += [
        Problem((parameter.name, *place), _together(place, messages, parameter, value))
        for place, messages in at.items()
        if place not in missing
    ]
    return found


def _explain(parameter: Parameter, value: Json, error: ValidationError) -> str:
    """Put pydantic's findings in a tool user's words: the place in the argument, and what is expected there."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    at: dict[tuple[str | int, ...], list[str]] = {}
    for fault in faults:
        place, message = locate(value, fault["loc"], str(fault["type"])), str(fault["msg"])
        at.setdefault(place, []).append("is missing" if fault["type"] == "missing" else plain_words(message))
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
        return f"must be `{show(parameter.type)}`, not {kind(value)}"
    return " or ".join(unlike)


def locate(value: Json, loc: tuple[str | int, ...], type_: str) -> tuple[str | int, ...]:
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


_LEAD: Final = pattern(r"^(?:Value error|Assertion failed), |^Input should (be )?")


def plain_words(message: str) -> str:
    """Return a finding of pydantic's as what follows the name of a value: `must be a valid integer`."""

    def lead(match: re.Match[str]) -> str:
        return "" if "Input" not in match[0] else "must be " if match[1] else "must "

    text = _LEAD.sub(lead, message, count=1)
    if not _LEAD.match(message):
        text = f"is not accepted: {text[:1].lower()}{text[1:]}"
    elif not text.startswith("must "):
        text = f"is not accepted: {text}"
    return text.rstrip(".")
