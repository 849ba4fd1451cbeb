"""Read what functions hold that was written for other libraries: pydantic's `Field(…)` as a default, contexts, validators of a type."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Final, get_args, get_origin

from lcc.grammar.signatures.calling import FRAMEWORK_CONTEXTS
from lcc.python_tools.declared import is_foreign

if TYPE_CHECKING:
    from pydantic.json_schema import GenerateJsonSchema

_LAX: Final = frozenset(
    {"timedelta", "date", "datetime", "time", "bytes", "decimal", "call", "named-tuple", "complex", "function-plain"}
)
"""Types of pydantic's core that take more JSON values than their schema says: seconds for a time, a dict for a named tuple."""


def with_field(
    parameter: inspect.Parameter, hint: object
) -> tuple[inspect.Parameter, object, Callable[[], object] | None]:
    """Return a parameter whose default is `Field(…)` as one whose hint holds that, and what makes its default, also from `Annotated`.

    A library that reads such defaults fills in what they say; the function itself would be given the object.
    """
    default = parameter.default
    if not _is_field(default):
        within = [one for one in getattr(hint, "__metadata__", ()) if _is_field(one) and not one.is_required()]
        if default is not inspect.Parameter.empty or not within:
            return parameter, hint, None
        return parameter, hint, functools.partial(within[-1].get_default, call_default_factory=True)
    parameter = parameter.replace(default=inspect.Parameter.empty)
    made: Callable[[], object] | None = None
    if not default.is_required():
        made = functools.partial(default.get_default, call_default_factory=True)
    demands = _demands(default)
    return parameter, Annotated[hint, *demands] if demands else hint, made


def _is_field(value: object) -> bool:
    return any(base.__name__ == "FieldInfo" and base.__module__ == "pydantic.fields" for base in type(value).__mro__)


def _demands(default: Any) -> tuple[object, ...]:
    """Return what a `Field(…)` says besides the default."""
    from pydantic import Field

    said = [Field(description=default.description)] if default.description else []
    return (*said, *default.metadata)


def is_given_by_framework(hint: object, function: object) -> bool:
    """Whether a parameter is a context that another library than lcc passes in, and no plan can write."""
    home = str(getattr(function, "__module__", "")).partition(".")[0]
    for one in (hint, *get_args(hint)):
        plain = get_origin(one) if isinstance(get_origin(one), type) else one
        name, module = getattr(plain, "__name__", ""), str(getattr(plain, "__module__", ""))
        if (
            isinstance(plain, type)
            and name.endswith(FRAMEWORK_CONTEXTS)
            and module.partition(".")[0] not in (home, "lcc", "contextvars")
        ):
            return True
        if any(
            type(extra).__name__.startswith("Injected") or getattr(extra, "__name__", "").startswith("Injected")
            for extra in getattr(one, "__metadata__", ())
        ):
            return True
    return False


def shown_hint(hint: object) -> str:
    """Return a type as a message names it."""
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    return getattr(hint, "__name__", None) or str(hint)


@functools.cache
def open_schemas() -> type[GenerateJsonSchema]:
    """Return pydantic's generator of schemas, which marks what takes more than its schema tells.

    Serializers that don't say what they return may return anything.
    """
    from pydantic.json_schema import GenerateJsonSchema

    from lcc.grammar.signatures.json_schema import OPEN

    class OpenSchemas(GenerateJsonSchema):
        def ser_schema(self, schema: Any) -> dict[str, Any] | None:
            untold = schema["type"] in ("function-plain", "function-wrap") and schema.get("return_schema") is None
            return {} if untold else super().ser_schema(schema)

        def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> dict[str, Any]:
            if schema["type"].startswith("function"):
                return {OPEN: True}
            return super().handle_invalid_for_json_schema(schema, error_info)

        def generate_inner(self, schema: Any) -> dict[str, Any]:
            found = super().generate_inner(schema)
            return {**found, OPEN: True} if self.mode == "validation" and _takes_more(schema) else found

    return OpenSchemas


def _takes_more(schema: Any) -> bool:
    """Whether a part of pydantic's core takes values that its JSON Schema doesn't tell of."""
    kind = schema["type"]
    if kind in _LAX:
        return True
    if kind == "enum":
        return schema["cls"]._missing_.__func__ is not Enum._missing_.__func__  # type: ignore[attr-defined]
    if kind in ("function-before", "function-wrap"):
        return is_foreign(schema.get("function"))
    if kind not in ("model", "dataclass", "typed-dict"):
        return False
    config = schema.get("config") or {}
    return bool(config.get("validate_by_name") or config.get("populate_by_name")) or any(
        map(_has_names, _fields(schema))
    )


def _fields(schema: Any) -> Iterator[Any]:
    """Yield the fields of a model, which may stand inside of its validators."""
    for _ in range(8):
        if not isinstance(schema, dict):
            return
        fields = schema.get("fields")
        if isinstance(fields, dict) or (isinstance(fields, list) and not any(isinstance(one, str) for one in fields)):
            yield from fields.values() if isinstance(fields, dict) else fields
            return
        schema = schema.get("schema")


def _has_names(field: Any) -> bool:
    """Whether a field is read from several names, or from a path."""
    return isinstance(field.get("validation_alias"), list)
