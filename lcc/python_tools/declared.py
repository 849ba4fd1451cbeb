"""Check what only pydantic can say of a result: dates, bounds, patterns, the length of a tuple, the fields of models.

The JSON form of the result is read as the annotation's, strictly, and what comes of it is thrown away: the form is what readers get.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, cast

from lcc.grammar.diagnostics.wording import brief
from lcc.grammar.values import Json
from lcc.python_tools.arguments import locate, plain_words
from lcc.python_tools.conform import Misfit
from lcc.python_tools.modules import portable

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError

_MORE: Final = frozenset({"extra_forbidden", "unexpected_keyword_argument", "no_such_attribute"})
"""Faults that are none of a result: records may have further keys, and computed fields and those of a subclass are such."""
_SAID: Final = 300
_UNREAD: Final = "json_invalid"
"""The fault of JSON that nests deeper than pydantic reads."""


class Declared:
    """What a function's annotation says of results, beyond their type in plans.

    `again`: makes it of the function in another process, since adapters don't travel.
    """

    def __init__(
        self, adapter: TypeAdapter[Any], function: Callable[..., object], again: Callable[[object], Declared | None]
    ) -> None:
        self._adapter = adapter
        self._function = function
        self._again = again

    def __reduce__(self) -> tuple[object, ...]:
        return self._again, (portable(self._function),)

    def check(self, value: Json, returned: object) -> None:
        """Raise Misfit for a JSON value that isn't of the annotation. `returned`: what the tool returned, whose form it is.

        A model's own validators may read only what it is made of and not what it is written as, so an object that stands passes, too.
        """
        fault = self._fault(value)
        if fault is not None and not (_validates(self._adapter.core_schema) and self._stands(returned)):
            raise fault

    def _fault(self, value: Json) -> Misfit | None:
        from pydantic import ValidationError

        try:
            made = self._adapter.validate_json(json.dumps(_whole(value)), strict=True)
            if isinstance(made, Iterator):  # pydantic checks the items of an iterable as they are taken
                deque(made, 0)
        except ValidationError as error:
            return _misfit(error, value)
        except Exception as error:  # of validators, which are the tool's code
            from lcc.runtime.failures import failure_of

            return Misfit(brief(f"is not accepted: {failure_of(error, 0).shown}", _SAID))
        return None

    def _stands(self, returned: object) -> bool:
        try:
            self._adapter.validate_python(returned)
        except Exception:
            return False
        return True


def is_read_as_written(adapter: TypeAdapter[Any]) -> bool:
    """Whether the JSON form of values is the form that they are read in: serializers and aliases may make it another."""
    return not any(map(_written_otherwise, _schemas(adapter.core_schema)))


def _misfit(error: ValidationError, value: Json) -> Misfit | None:
    """Return the first fault with its place in the value; None if there is none that counts."""
    for one in error.errors(include_url=False, include_input=False, include_context=False):
        if one["type"] == _UNREAD:
            return None
        if one["type"] not in _MORE:
            said = "is missing" if one["type"] == "missing" else plain_words(one["msg"])
            return Misfit(brief(said, _SAID), *reversed(locate(value, one["loc"], one["type"])))
    return None


def _whole(value: Json) -> Json:
    """Return a value with its whole numbers as integers: 3.0 passes for `int`, and 3 for `float`."""
    match value:
        case float() if value.is_integer() and abs(value) < 2**53:
            return int(value)
        case list():
            return [_whole(item) for item in value]
        case dict():
            return {key: _whole(item) for key, item in value.items()}
        case _:
            return value


def _schemas(root: object) -> Iterator[dict[str, Any]]:
    """Yield every part of a schema of pydantic's core."""
    todo, seen = [root], set[int]()
    while todo:
        one = todo.pop()
        if not isinstance(one, dict | list | tuple) or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, dict):
            yield one
            todo += [part for key, part in one.items() if key != "metadata"]
        else:
            todo += one


def _validates(root: object) -> bool:
    """Whether validators of the tool's own take part."""
    kinds = ("function-before", "function-after", "function-wrap", "function-plain")
    return any(
        (one.get("type") in kinds and is_foreign(one["function"])) or one.get("post_init") or one.get("custom_init")
        for one in _schemas(root)
    )


def _written_otherwise(schema: dict[str, Any]) -> bool:
    """Whether the JSON form of a part isn't the form that it is read in."""
    serialization = schema.get("serialization") or {}
    if serialization.get("type") == "format" or is_foreign(serialization.get("function")):
        return True
    if schema.get("type") == "enum" and not all(_is_scalar(member.value) for member in schema["members"]):
        return True
    if schema.get("init_only") or schema.get("serialization_exclude"):
        return True
    if any(key.startswith("ser_json") for key in schema.get("config") or {}):
        return True
    name, read = schema.get("serialization_alias"), schema.get("validation_alias")
    return name != read and not (isinstance(read, list) and [name] in read)


def is_foreign(function: object) -> bool:
    """Whether a function in a schema isn't pydantic's own."""
    if isinstance(function, dict):
        function = function.get("function")
    module = cast("str | None", getattr(function, "__module__", None)) or ""
    return function is not None and module.partition(".")[0] not in ("pydantic", "pydantic_core", "builtins")


def _is_scalar(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)
