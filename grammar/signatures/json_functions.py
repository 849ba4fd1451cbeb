"""Read tools from JSON function schemas in the shape of OpenAI's, and write them.

    {"type": "function", "function": {"name": "search", "description": "…", "parameters": {"type": "object", …},
                                      "x-lcc": {"effect": "read", "cost": 0.8, "result": {"type": "string"}}}}

Accepted are that shape, the flat one of the Responses API, a list of either, and `{"tools": […]}`. What JSON functions have no
word for stands under `x-lcc`: the options of `@lcc.tool`, and `result`, the schema of what the function returns.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.signatures.declaration import Fault, Stub, build_signature, check_options, check_signature
from lcc.grammar.signatures.json_schema import Pointer, is_json, kind, pointer_text, type_from_schema
from lcc.grammar.signatures.signature import MISSING, OUTSIDE, Effect, Missing, Parameter, Signature
from lcc.grammar.signatures.tool_rules import (
    BAD_SCHEMA,
    NO_TOOLS,
    NOT_A_FUNCTION,
    REPEATED_TOOL,
    RESERVED_PARAMETER,
    SYNTAX,
)
from lcc.grammar.signatures.types import (
    ANY,
    NULL,
    AnyType,
    DictType,
    ListType,
    LiteralType,
    RecordType,
    Type,
    UnionType,
    to_json_schema,
    union,
)
from lcc.grammar.source import Source, Span
from lcc.grammar.values import Json, JsonPlaces

_PARAMETERS: Final = ("parameters", "inputSchema", "input_schema")


def read_functions_text(text: str, path: str = "<functions>") -> Stub:
    """Read the text of a JSON file of functions. Faults become diagnostics, located in the text."""
    source = Source(path, text)
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        return Stub((), (_syntax(error.msg, Span(error.pos, min(error.pos + 1, len(text)))),), source)
    except RecursionError:
        return Stub((), (_syntax("nested too deeply", Span(0, 0)),), source)
    except ValueError as error:
        return Stub((), (_syntax(str(error).partition(":")[0], Span(0, 0)),), source)
    return _Reader(source, JsonPlaces(text)).read(value)


def read_functions(value: object, path: str = "<functions>") -> Stub:
    """Read functions from JSON values that a program holds. Faults become diagnostics that say the JSON pointer."""
    return _Reader(Source(path, ""), None).read(value)


def _no_constant(name: str) -> Json:
    raise ValueError(f"`{name}` is no JSON")


def _syntax(message: str, span: Span) -> Diagnostic:
    return Diagnostic(SYNTAX.code, Severity.ERROR, f"not JSON: {message[:1].lower()}{message[1:]}", span)


class _Reader:
    def __init__(self, source: Source, text_places: JsonPlaces | None) -> None:
        self.source = source
        self.text_places = text_places
        self.diagnostics: list[Diagnostic] = []
        self.signatures: dict[str, Signature] = {}
        self.places: dict[str, Span] = {}

    def read(self, value: object) -> Stub:
        """Read every function of a document."""
        for at, item in self._items(value):
            self._function(at, item)
        if not self.signatures and not self.diagnostics:
            self._error(NO_TOOLS.code, (), "no tools here: the list of functions is empty")
        return Stub(tuple(self.signatures.values()), tuple(self.diagnostics), self.source, self.places)

    def _items(self, value: object) -> list[tuple[Pointer, object]]:
        at: Pointer = ()
        if isinstance(value, dict):
            word = next((word for word in ("tools", "functions") if word in value), None)
            if word is None:
                return [((), value)]
            at, value = (word,), value[word]
        if not isinstance(value, list):
            self._error(NOT_A_FUNCTION.code, at, f"a list of functions is expected, not {kind(value)}")
            return []
        return [((*at, place), item) for place, item in enumerate(value)]

    def _function(self, at: Pointer, item: object) -> None:
        outer = item if isinstance(item, dict) else {}
        if outer.get("type", "function") != "function":
            self._error(NOT_A_FUNCTION.code, (*at, "type"), "only tools of type `function` can be called by a plan")
            return
        if "function" in outer:
            at, item = (*at, "function"), outer["function"]
        if not isinstance(item, dict):
            self._error(NOT_A_FUNCTION.code, at, f"a function is an object, not {kind(item)}")
            return
        name = item.get("name")
        if not isinstance(name, str):
            self._error(NOT_A_FUNCTION.code, at, "a function needs a `name`, which is a text")
            return
        before = len(self.diagnostics)
        extension, extension_at = self._extension_of(at, item, outer)
        parameters = self._parameters(at, item)
        result = self._result(item, extension, at, extension_at)
        options = {key: value for key, value in extension.items() if key != "result"}
        if isinstance(item.get("description"), str) and item["description"]:
            options.setdefault("description", item["description"])
        faults = [*check_options(options), *self._check_names(name, parameters, options)]
        for fault in faults:
            self._fault(fault, at, extension_at, extension)
        if len(self.diagnostics) == before:
            self._add(build_signature(name, parameters, result, options), at)

    def _check_names(self, name: str, parameters: tuple[Parameter, ...], options: Mapping[str, object]) -> list[Fault]:
        chosen = options.get("name", name)
        return check_signature(chosen, [p.name for p in parameters], options) if isinstance(chosen, str) else []

    def _add(self, signature: Signature, at: Pointer) -> None:
        if signature.name in self.signatures:
            self._error(REPEATED_TOOL.code, (*at, "name"), f"two tools are called `{signature.name}`")
            return
        self.signatures[signature.name] = signature
        if self.text_places:
            self.places[signature.name] = self.text_places.span((*at, "name"))

    def _fault(self, fault: Fault, at: Pointer, extension_at: Pointer, extension: Mapping[str, object]) -> None:
        place = at
        if fault.code == RESERVED_PARAMETER.code and fault.subject:
            place = (*at, "parameters", "properties", fault.subject)
        elif fault.subject is not None and fault.subject in extension:
            place = (*extension_at, fault.subject)
        elif fault.subject == "name":
            place = (*at, "name")
        self._error(fault.code, place, fault.message, fault.help)

    def _extension_of(
        self, at: Pointer, item: dict[str, Any], outer: dict[str, Any]
    ) -> tuple[dict[str, object], Pointer]:
        place = (*at, EXTENSION)
        extension = item.get(EXTENSION)
        if extension is None and EXTENSION in outer:
            extension, place = outer[EXTENSION], (*at[:-1], EXTENSION)
        if extension is None:
            return {}, place
        if not isinstance(extension, dict):
            self._error(NOT_A_FUNCTION.code, place, f"`{EXTENSION}` is an object, not {kind(extension)}")
            return {}, place
        return extension, place

    def _result(self, item: dict[str, Any], extension: dict[str, object], at: Pointer, extension_at: Pointer) -> Type:
        for words, where, word in ((extension, extension_at, "result"), (item, at, "outputSchema")):
            if word in words:
                return self._type(words[word], (*where, word), words[word], (*where, word))
        return ANY

    def _parameters(self, at: Pointer, item: dict[str, Any]) -> tuple[Parameter, ...]:
        word = next((word for word in _PARAMETERS if word in item), "parameters")
        place = (*at, word)
        schema = item.get(word)
        if schema is None:
            return ()
        if not isinstance(schema, dict) or schema.get("type", "object") != "object":
            self._error(BAD_SCHEMA.code, place, '`parameters` is a schema of type "object"')
            return ()
        properties = schema.get("properties", {})
        if not isinstance(properties, dict):
            self._error(BAD_SCHEMA.code, (*place, "properties"), f"`properties` is an object, not {kind(properties)}")
            return ()
        required = schema.get("required", [])
        if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
            self._error(BAD_SCHEMA.code, (*place, "required"), "`required` is a list of names")
            required = []
        for number, name in enumerate(required):
            if name not in properties:
                self._error(BAD_SCHEMA.code, (*place, "required", number), f"`{name}` is required but not described")
        strict = item.get("strict") is True
        return tuple(
            self._parameter(name, inner, place, schema, required=name in required, strict=strict)
            for name, inner in properties.items()
        )

    def _parameter(
        self, name: str, schema: object, root_at: Pointer, root: object, *, required: bool, strict: bool
    ) -> Parameter:
        at = (*root_at, "properties", name)
        if not name:
            self._error(BAD_SCHEMA.code, at, "a parameter without a name")
        type_ = self._type(schema, at, root, root_at)
        words = schema if isinstance(schema, dict) else {}
        default = words.get("default", MISSING)
        if default is not MISSING and not is_json(default):
            self._error(BAD_SCHEMA.code, (*at, "default"), "a default is a JSON value")
            default = MISSING
        if strict and required and default is MISSING and isinstance(type_, UnionType) and NULL in type_.members:
            required, default = False, None
        description = words.get("description")
        text = " ".join(description.split()) if isinstance(description, str) else ""
        required = required and default is MISSING
        return Parameter(name, type_, required, default, description=text)

    def _type(self, schema: object, at: Pointer, root: object, root_at: Pointer) -> Type:
        def report(pointer: Pointer, message: str, help: str | None) -> None:
            self._error(BAD_SCHEMA.code, pointer, message, help)

        return type_from_schema(schema, report, root=root, at=at, root_at=root_at)

    def _error(self, code: str, at: Pointer, message: str, help: str | None = None) -> None:
        span = self.text_places.span(at) if self.text_places else None
        text = message if self.text_places else f"{pointer_text(at)}: {message}"
        self.diagnostics.append(Diagnostic(code, Severity.ERROR, text, span, help))


EXTENSION: Final = "x-lcc"
"""The key under which a function schema holds what only lcc understands."""
_TYPE_NAMES: Final = {str: "string", int: "integer", bool: "boolean", type(None): "null"}


def to_function(signature: Signature, *, strict: bool = False, extensions: bool = False) -> dict[str, Json]:
    """Return a tool as OpenAI's Chat Completions take it.

    `strict`: as structured outputs want it, where the types allow: every parameter required, an optional one nullable.
    `extensions`: with the effect, the costs and so on under `x-lcc`, which OpenAI's API doesn't know.
    """
    parameters = _strict_parameters(signature) if strict else None
    function: dict[str, Json] = {"name": signature.name}
    if signature.description:
        function["description"] = signature.description
    function["parameters"] = parameters if parameters is not None else _parameters_schema(signature)
    if parameters is not None:
        function["strict"] = True
    if extensions:
        extension = _extension(signature)
        if extension:
            function[EXTENSION] = extension
    return {"type": "function", "function": function}


def _parameters_schema(signature: Signature) -> dict[str, Json]:
    properties: dict[str, Json] = {}
    for parameter in signature.parameters:
        schema = to_json_schema(parameter.type)
        if parameter.description:
            schema["description"] = parameter.description
        if not isinstance(parameter.default, Missing):
            schema["default"] = parameter.default
        properties[parameter.name] = schema
    required: list[Json] = [p.name for p in signature.parameters if p.required]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _extension(signature: Signature) -> dict[str, Json]:
    limits, cost = signature.limits, signature.cost
    resources: list[Json] = [resource.pattern for resource in signature.resources]
    found: dict[str, Json] = {
        "effect": None if signature.effect is Effect.UNDECLARED else signature.effect.value,
        "resource": resources if resources not in ([], [OUTSIDE]) else None,
        "idempotent": signature.idempotent or None,
        "fold": signature.fold or None,
        "trusted": signature.trusted or None,
        "discloses": signature.discloses or None,
        "cost": cost.seconds,
        "cost_usd": cost.usd,
        "tokens": cost.tokens,
        "concurrency": limits.concurrency,
        "rate": limits.rate,
        "timeout": limits.timeout,
        "retries": limits.retries,
        "max_result_bytes": limits.max_result_bytes,
        "batch": signature.batch.tool if signature.batch else None,
        "max_batch": signature.batch.max_batch if signature.batch else None,
        "result": None if signature.result == ANY else to_json_schema(signature.result),
    }
    return {key: value for key, value in found.items() if value is not None}


def _strict_parameters(signature: Signature) -> dict[str, Json] | None:
    """Return the parameters as structured outputs want them; None where a type allows unnamed keys or anything at all."""
    properties: dict[str, Json] = {}
    for parameter in signature.parameters:
        schema = _strict(parameter.type if parameter.required else union(parameter.type, NULL))
        if schema is None:
            return None
        if parameter.description:
            schema["description"] = parameter.description
        properties[parameter.name] = schema
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _strict(type_: Type) -> dict[str, Json] | None:
    match type_:
        case AnyType() | DictType():
            return None
        case ListType(item):
            items = _strict(item)
            return None if items is None else {"type": "array", "items": items}
        case LiteralType(values):
            names: list[Json] = list(dict.fromkeys(_TYPE_NAMES[type(value)] for value in values))
            return {"type": names[0] if len(names) == 1 else names, "enum": list(values)}
        case RecordType(_, fields, closed):
            found = {f.name: _strict(f.type if f.required else union(f.type, NULL)) for f in fields}
            if not closed or any(one is None for one in found.values()):
                return None
            schemas: dict[str, Json] = dict(found)
            required: list[Json] = list(found)
            return {"type": "object", "properties": schemas, "required": required, "additionalProperties": False}
        case UnionType(members):
            alternatives = [_strict(member) for member in members]
            return None if None in alternatives else {"anyOf": list(alternatives)}
        case _:
            return to_json_schema(type_)
