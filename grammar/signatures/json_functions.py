"""Read tools from JSON function schemas, and write them.

    {"type": "function", "function": {"name": "search", "description": "…", "parameters": {"type": "object", …},
                                      "x-lcc": {"effect": "read", "cost": 0.8, "result": {"type": "string"}}}}

Accepted are that shape and those of other libraries and servers (`lcc.grammar.signatures.schemas.envelopes`). What JSON functions have
no word for stands under `x-lcc`: the options of `@lcc.tool`, and `result`, the schema of what the function returns. A function that
can't be read is left out, with a warning; what can't be read inside of a schema may be anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.diagnostics.wording import brief
from lcc.grammar.signatures.declaration import Fault, Stub, build_signature, check_options, check_signature
from lcc.grammar.signatures.json_schema import Pointer, kind, pointer_text
from lcc.grammar.signatures.schemas.envelopes import SERVERS, Found, functions_in, result_key, schema_key
from lcc.grammar.signatures.schemas.json_parameters import Schemas, read_schemas
from lcc.grammar.signatures.signature import OUTSIDE, RESERVED_TOOLS, TOOL_NAME, Effect, Missing, Signature
from lcc.grammar.signatures.tool_rules import (
    BAD_SCHEMA,
    BAD_TOOL_NAME,
    NO_TOOLS,
    NOT_A_FUNCTION,
    REPEATED_TOOL,
    RESERVED_PARAMETER,
    SYNTAX,
)
from lcc.grammar.signatures.tool_text import parameter_note
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
    described,
    to_json_schema,
    union,
)
from lcc.grammar.source import Source, Span
from lcc.grammar.values import Json, JsonPlaces, read_json

_UNFIT: Final = re.compile(r"[^A-Za-z0-9_./-]")


def read_functions_text(text: str, path: str = "<functions>", *, trust_annotations: bool = False) -> Stub:
    """Read the text of a JSON file of functions. Faults become diagnostics, located in the text."""
    source = Source(path, text)
    try:
        value = read_json(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        return Stub((), (_syntax(error.msg, Span(error.pos, min(error.pos + 1, len(text)))),), source)
    except RecursionError:
        return Stub((), (_syntax("nested too deeply", Span(0, 0)),), source)
    except ValueError as error:
        return Stub((), (_syntax(str(error).partition(":")[0], Span(0, 0)),), source)
    return _Reader(source, JsonPlaces(text), trust_annotations).read(value)


def read_functions(value: object, path: str = "<functions>", *, trust_annotations: bool = False) -> Stub:
    """Read functions from JSON values that a program holds. Faults become diagnostics that say the JSON pointer.

    `trust_annotations`: whether MCP's annotations (`readOnlyHint` and so on) declare the effects.
    """
    return _Reader(Source(path, ""), None, trust_annotations).read(value)


def _no_constant(name: str) -> Json:
    raise ValueError(f"`{name}` is no JSON")


def _syntax(message: str, span: Span) -> Diagnostic:
    return Diagnostic(SYNTAX.code, Severity.ERROR, f"not JSON: {message[:1].lower()}{message[1:]}", span)


class _Reader:
    def __init__(self, source: Source, text_places: JsonPlaces | None, trust_annotations: bool) -> None:
        self.source = source
        self.text_places = text_places
        self.trust = trust_annotations
        self.diagnostics: list[Diagnostic] = []
        self.signatures: dict[str, Signature] = {}
        self.places: dict[str, Span] = {}
        self.declared: dict[str, str] = {}

    def read(self, value: object) -> Stub:
        """Read every function of a document."""
        servers = next(
            (word for word in SERVERS if isinstance(value, dict) and isinstance(value.get(word), dict)), None
        )
        if servers is not None and isinstance(value, dict) and "tools" not in value:
            help = "its servers declare their tools when they run: save what they answer to `tools/list`"
            self._say(NO_TOOLS.code, (servers,), "this file names servers, and no tools", help, Severity.ERROR)
        elif not isinstance(value, dict | list):
            message = f"a list of functions is expected, not {kind(value)}"
            self._say(NOT_A_FUNCTION.code, (), message, None, Severity.ERROR)
        else:
            for found in functions_in(value):
                self._function(found)
            if not self.signatures and not self.diagnostics:
                self._say(NO_TOOLS.code, (), "no tools here: the list of functions is empty", None, Severity.ERROR)
        return Stub(
            tuple(self.signatures.values()), tuple(self.diagnostics), self.source, self.places, declared=self.declared
        )

    def _function(self, found: Found) -> None:
        at, item, outer = found.at, found.item, found.outer
        if outer.get("type", "function") not in ("function", "object") and "function" not in outer:
            self._say(
                NOT_A_FUNCTION.code,
                (*at, "type"),
                f"a tool of type `{brief(str(outer['type']))}` is left out: plans call functions",
            )
            return
        if not isinstance(item, dict):
            self._say(NOT_A_FUNCTION.code, at, f"a function is an object, not {kind(item)}")
            return
        declared = self._declared_name(found)
        if declared is None:
            return
        key = schema_key(item)
        if key is not None and not isinstance(item[key], dict | list | bool):
            message = (
                f"`{brief(declared)}` is left out: the schema of its arguments is an object, not {kind(item[key])}"
            )
            self._say(BAD_SCHEMA.code, (*at, key), message)
            return
        extension, extension_at = self._extension_of(found)
        schemas = self._schemas(found, declared, extension, extension_at)
        options = {**(self._hinted(found) if self.trust else {}), **extension}
        options.pop("result", None)
        if isinstance(item.get("description"), str) and item["description"].strip():
            options.setdefault("description", item["description"])
        name = declared if "name" in extension else self._callable_name(declared, at)
        chosen = options.get("name", name)
        faults = check_options(options)
        if isinstance(chosen, str):
            faults += check_signature(chosen, [p.name for p in schemas.parameters], options)
        for fault in faults:
            self._fault(fault, declared, found, extension_at, extension)
        if not faults:
            self._add(
                schemas.signature(build_signature(name, schemas.parameters, schemas.result, options)), declared, at
            )

    def _declared_name(self, found: Found) -> str | None:
        item = found.item
        name = item.get("name", found.name if found.name is not None else item.get("title"))
        if isinstance(name, str) and name.strip():
            return name
        if name is None or isinstance(name, str):
            self._say(NOT_A_FUNCTION.code, found.at, "a function without a name is left out: it needs a `name`")
        else:
            self._say(
                NOT_A_FUNCTION.code,
                found.at,
                f"a function is left out: its `name` is a text, not {kind(name)}",
            )
        return None

    def _callable_name(self, declared: str, at: Pointer) -> str:
        """Return the name that plans call a function by: its own, where a plan can write that."""
        if TOOL_NAME.match(declared) and declared not in RESERVED_TOOLS:
            return declared
        name = _UNFIT.sub("_", declared)[:200]
        name = f"{name}_" if name in RESERVED_TOOLS else name
        name = name if TOOL_NAME.match(name) else f"_{name}"
        self._say(
            BAD_TOOL_NAME.code,
            (*at, "name"),
            f"plans can't write the name `{brief(declared)}`, so they call the tool `{name}`",
        )
        return name

    def _schemas(self, found: Found, name: str, extension: Mapping[str, object], extension_at: Pointer) -> Schemas:
        """Read the schemas of a function's arguments and of its result."""
        item = found.item
        word = schema_key(item)
        if (
            word is None
            and "properties" not in item
            and any(isinstance(value, dict) and value for key, value in item.items() if key not in _KNOWN)
        ):
            self._say(
                BAD_SCHEMA.code,
                found.at,
                f"`{brief(name)}` has no parameters: no key of its declaration holds a schema of arguments",
            )
        result: tuple[object, Pointer] | None = None
        key = result_key(item)
        if "result" in extension:
            result = extension["result"], (*extension_at, "result")
        elif key is not None:
            result = item[key], (*found.at, key)

        def report(pointer: Pointer, message: str, help: str | None) -> None:
            self._say(BAD_SCHEMA.code, pointer, f"`{brief(name)}`: {message}", help)

        whole = item if isinstance(item.get("properties"), dict) else {}  # a schema that is named by its title
        arguments = (whole, found.at) if word is None else (item[word], (*found.at, word))
        return read_schemas(name, arguments, result, report, strict=item.get("strict") is True)

    def _hinted(self, found: Found) -> dict[str, object]:
        """Return the effect that MCP's annotations tell of."""
        hints = found.item.get("annotations")
        if not isinstance(hints, dict) or not any(isinstance(hints.get(word), bool) for word in _HINTS):
            return {}
        if hints.get("readOnlyHint") is True:
            return {"effect": "read", **({"discloses": True} if hints.get("openWorldHint") is not False else {})}
        if hints.get("destructiveHint") is not False:
            return {"effect": "destructive"}
        return {"effect": "write", **({"idempotent": True} if hints.get("idempotentHint") is True else {})}

    def _add(self, signature: Signature, declared: str, at: Pointer) -> None:
        if signature.name in self.signatures:
            message = f"two tools are called `{signature.name}`; the second is left out"
            self._say(REPEATED_TOOL.code, (*at, "name"), message)
            return
        self.signatures[signature.name] = signature
        self.declared[signature.name] = declared
        if self.text_places:
            self.places[signature.name] = self.text_places.span((*at, "name"))

    def _fault(
        self, fault: Fault, name: str, found: Found, extension_at: Pointer, extension: Mapping[str, object]
    ) -> None:
        place = found.at
        if fault.code == RESERVED_PARAMETER.code and fault.subject:
            place = (*found.at, schema_key(found.item) or "parameters", "properties", fault.subject)
        elif fault.subject is not None and fault.subject in extension:
            place = (*extension_at, fault.subject)
        elif fault.subject == "name":
            place = (*found.at, "name")
        message = fault.message if f"`{name}`" in fault.message else f"`{brief(name)}` is left out: {fault.message}"
        self._say(fault.code, place, message, fault.help)

    def _extension_of(self, found: Found) -> tuple[dict[str, object], Pointer]:
        place = (*found.at, EXTENSION)
        extension = found.item.get(EXTENSION)
        if extension is None and EXTENSION in found.outer:
            extension, place = found.outer[EXTENSION], (*found.outer_at, EXTENSION)
        if extension is None:
            return {}, place
        if not isinstance(extension, dict):
            self._say(NOT_A_FUNCTION.code, place, f"`{EXTENSION}` is an object, not {kind(extension)}")
            return {}, place
        return dict(extension), place

    def _say(
        self, code: str, at: Pointer, message: str, help: str | None = None, severity: Severity = Severity.WARNING
    ) -> None:
        span = self.text_places.span(at) if self.text_places else None
        text = message if self.text_places else f"{pointer_text(at)}: {message}"
        self.diagnostics.append(Diagnostic(code, severity, text, span, help))


_HINTS: Final = ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")
_KNOWN: Final = frozenset({"annotations", "_meta", "metadata", "outputSchema", "output_schema", "execution", "x-lcc"})
EXTENSION: Final = "x-lcc"
"""The key under which a function schema holds what only lcc understands."""
_TYPE_NAMES: Final = {str: "string", int: "integer", bool: "boolean", type(None): "null"}


def to_function(signature: Signature, *, strict: bool = False, extensions: bool = False) -> dict[str, Json]:
    """Return a tool as OpenAI's Chat Completions take it.

    `strict`: as structured outputs want it, where the types allow: every parameter required, an optional one nullable.
    `extensions`: with the effect, the costs and so on under `x-lcc`, which OpenAI's API doesn't know.
    """
    given = signature.input_schema
    parameters = _strict_parameters(signature) if strict and given is None else None
    function: dict[str, Json] = {"name": signature.name}
    if signature.description:
        function["description"] = signature.description
    if parameters is not None:
        function["parameters"] = parameters
    else:
        function["parameters"] = _parameters_schema(signature) if given is None else {"type": "object", **given}
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
        schema = described(to_json_schema(parameter.shown), parameter_note(parameter))
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
        "result": _result_schema(signature),
    }
    return {key: value for key, value in found.items() if value is not None}


def _result_schema(signature: Signature) -> dict[str, Json] | None:
    if signature.output_schema is not None:
        return dict(signature.output_schema)
    return None if signature.result == ANY else to_json_schema(signature.result)


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
