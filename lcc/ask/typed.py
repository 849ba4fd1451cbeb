"""Turn a type that a caller wants the answer in to a JSON schema, and what a model gave to a value of it."""

from __future__ import annotations

import json
from typing import Any

from lcc.grammar.given import kind_of
from lcc.grammar.values import Json


class NotOfType(ValueError):
    """A value that isn't of the wanted type. The message says where it differs, for a model to mend."""


class AnswerType:
    """A type for answers: a pydantic model, a dataclass, a TypedDict, or any annotation that pydantic understands."""

    def __init__(self, type_: Any) -> None:
        from pydantic import TypeAdapter
        from pydantic.errors import PydanticUndefinedAnnotation, PydanticUserError

        try:
            if isinstance(type_, str):
                raise NameError
            self._adapter: TypeAdapter[Any] = TypeAdapter(type_)
            self.schema: dict[str, Any] = strict(self._adapter.json_schema())
        except (PydanticUserError, PydanticUndefinedAnnotation, NameError):
            raise TypeError(
                f"answer_type is {kind_of(type_)}, not a type that has a JSON Schema: a pydantic model, list[int], …"
            ) from None

    def read(self, value: object) -> Any:
        """Return a value of the type; raise NotOfType. Text that holds JSON is read as such where it doesn't fit as text."""
        from pydantic import ValidationError

        try:
            return self._adapter.validate_python(value)
        except ValidationError as error:
            if isinstance(value, str):
                try:
                    return self._adapter.validate_json(value)
                except ValidationError:
                    pass
            said = "; ".join(
                f"{'.'.join(map(str, one['loc'])) or 'the answer'}: {one['msg']}" for one in error.errors()[:5]
            )
            raise NotOfType(said) from None


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema in the form that endpoints can follow: objects are closed and all of their fields are required."""

    walked = _walk(schema)
    assert isinstance(walked, dict)
    return walked


def _walk(node: Any) -> Any:
    if isinstance(node, list):
        return [_walk(item) for item in node]
    if not isinstance(node, dict):
        return node
    new: dict[str, Any] = {}
    for key, value in node.items():
        if key in ("properties", "$defs"):  # their keys are names, and a field may be called `title`
            new[key] = {name: _walk(inner) for name, inner in value.items()}
        elif key not in ("default", "title"):
            new[key] = _walk(value)
    if "properties" in new:
        new |= {"additionalProperties": False, "required": list(new["properties"])}
    return new


def to_json_value(value: Any) -> Json:
    """Return a JSON value for any answer."""
    from pydantic_core import to_jsonable_python

    plain: Json = json.loads(json.dumps(to_jsonable_python(value, fallback=str)))
    return plain
