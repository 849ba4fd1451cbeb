"""Turn a type that a caller wants the answer in to a JSON schema, and what a model gave to a value of it, or to what it is told of it."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from typing import Any, Final

from lcc.grammar.given import kind_of
from lcc.grammar.values import Json, read_json, standard_json
from lcc.models.request import Message, Schema

NOT_OF_TYPE: Final = "the model's answer is not of the type that was asked for"


class NotOfType(ValueError):
    """A value that isn't of the wanted type. The message says where it differs, for a model to mend."""


class AnswerType:
    """A type for answers: a pydantic model, a dataclass, a TypedDict, or any annotation that pydantic understands."""

    def __init__(self, type_: Any) -> None:
        from pydantic import TypeAdapter

        try:
            if isinstance(type_, str) or inspect.isroutine(type_):
                raise NameError
            self._adapter: TypeAdapter[Any] = TypeAdapter(type_)
            self.schema: dict[str, Any] = strict(self._adapter.json_schema())
        except Exception as error:  # of pydantic, and of all that is no type
            said = f"answer_type is {kind_of(type_)}, not a type that has a JSON Schema: a pydantic model, list[int], …"
            raise TypeError(said) from (None if isinstance(error, RecursionError | NameError) else error)

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
    return standard_json(plain)


def wrapped_schema(typed: AnswerType, *, peek: bool = False) -> Schema:
    """Return the schema of an object with the answer in it: endpoints want an object. `peek`: or with a place to look at."""
    inner = dict(typed.schema)
    answer: dict[str, Any] = {"anyOf": [inner, {"type": "null"}]} if peek else inner
    fields = {"answer": answer, "peek": {"type": "string"}} if peek else {"answer": answer}
    outer: dict[str, Any] = {"type": "object", "properties": fields, "additionalProperties": False}
    if "$defs" in inner:
        outer["$defs"] = inner.pop("$defs")
    return Schema("answer", outer | {"required": list(fields)})


def schema_text(schema: Mapping[str, Any]) -> str:
    """Return the sentence that asks for an answer by a schema."""
    written = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
    return f"The answer is JSON that follows this schema: {written}"


def read_typed(text: str, typed: AnswerType) -> Any:
    """Return the answer in a reply as a value of its type, bare or in its object; raise NotOfType."""
    try:
        found = read_json(text)
    except (ValueError, RecursionError):
        return typed.read(text)
    wrapped = isinstance(found, dict) and found.keys() - {"peek"} == {"answer"}
    return typed.read(found["answer"] if wrapped else found)


def read_peek(text: str) -> str | None:
    """Return the place that a reply with a schema wants to look at, if it does."""
    try:
        found = read_json(text)
    except (ValueError, RecursionError):
        return None
    place = found.get("peek") if isinstance(found, dict) and found.get("answer") is None else None
    return place if isinstance(place, str) and place.strip() else None


def correction(reply: str, problem: object) -> tuple[Message, Message]:
    """Return how a model is told that its answer isn't of the type."""
    said = f"The answer doesn't follow the schema: {problem}. Reply again."
    return Message("assistant", reply), Message("user", said)
