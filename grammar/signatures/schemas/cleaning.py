"""Make a JSON Schema sound: what it says stays, what no validator could read is left out, and all references lead somewhere.

Written otherwise than JSON Schema has it, and plain nonetheless: types in capitals or by Python's names, OpenAPI's `nullable`, draft 3's
`required: true`, draft 4's `exclusiveMinimum: true`, lists in `items`, `$defs` inside of a schema that references name from its root.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, Final, TypeAlias

from lcc.grammar.diagnostics.wording import brief, did_you_mean
from lcc.grammar.values import kind as kind_of_json

Pointer: TypeAlias = tuple[str | int, ...]
Report: TypeAlias = Callable[[Pointer, str, str | None], None]
"""Called with the place of a fault, what it is, and what helps."""

MAX_PARTS: Final = 20_000
"""How many schemas one schema holds; what lies beyond may be anything."""
MAX_NESTING: Final = 64
TYPES: Final = ("string", "integer", "number", "boolean", "null", "array", "object")
_OTHER_NAMES: Final = {
    "str": "string", "int": "integer", "float": "number", "double": "number", "bool": "boolean", "none": "null",
    "list": "array", "tuple": "array", "set": "array", "dict": "object",
}  # fmt: skip
_SCHEMA: Final = frozenset(
    {"additionalProperties", "additionalItems", "contains", "not", "if", "then", "else", "propertyNames",
     "unevaluatedItems", "unevaluatedProperties"}
)  # fmt: skip
_SCHEMAS: Final = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_NAMED: Final = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
_NUMBERS: Final = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_COUNTS: Final = frozenset(
    {"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains"}
)
_TEXTS: Final = frozenset({"pattern", "format", "title", "description", "$comment", "$schema"})
_DROPPED: Final = frozenset(
    {"$id", "id", "$recursiveRef", "$dynamicRef", "$dynamicAnchor", "$vocabulary", "$recursiveAnchor"}
)
"""What names other documents, or changes what names mean."""
_ENFORCED: Final = (_SCHEMA | _SCHEMAS | _NUMBERS | _COUNTS | {"type", "enum", "const", "pattern", "items", "required",
                    "properties", "patternProperties", "uniqueItems"})  # fmt: skip
"""What an old draft ignores beside a `$ref`."""


def clean_schema(schema: object, report: Report, at: Pointer = ()) -> dict[str, Any]:
    """Return a schema that validators can read. What had to be left out is reported with its place, which begins with `at`."""
    cleaner = _Cleaner(report)
    found = cleaner.begin(schema, at)
    if not isinstance(found, dict):
        found = {} if found else {"not": {}}
    cleaner.resolve(found)
    return found


class _Cleaner:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._parts = 0
        self._places: list[tuple[dict[str, Any], Pointer, str]] = []
        self._base = ""
        self._documents: dict[str, dict[str, Any]] = {}
        self._anchors: dict[str, dict[str, Any]] = {}
        self._dynamic: dict[str, int] = {}
        self._nested: dict[str, dict[str, Any]] = {}
        self._old = False

    def begin(self, schema: object, at: Pointer) -> Any:
        """Return a sound document; drafts before 2019 ignore what stands beside a `$ref`."""
        draft = schema.get("$schema") if isinstance(schema, dict) else None
        self._old = isinstance(draft, str) and any(f"draft-0{number}" in draft for number in (3, 4, 6, 7))
        return self.schema(schema, at)

    def schema(self, schema: object, at: Pointer, depth: int = 0) -> Any:
        """Return a sound schema: an object or a boolean."""
        self._parts += 1
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, dict):
            self._report(at, f"a schema is an object, not {kind(schema)}", None)
            return {}
        if depth > MAX_NESTING or self._parts > MAX_PARTS:
            if self._parts <= MAX_PARTS + 1:
                self._report(at, f"a schema of more than {MAX_PARTS:,} parts, or deeper than {MAX_NESTING}", None)
            self._parts = MAX_PARTS + 1
            return {}
        found: dict[str, Any] = {}
        alone = self._old and isinstance(schema.get("$ref"), str)
        outer = self._base
        if not alone:
            self._identify(found, schema)
        for word, value in schema.items():
            if not alone or word not in _ENFORCED:
                self._word(found, word, value, schema, at, depth)
        if isinstance(schema.get("items"), list) and "additionalItems" in found:
            found["items"] = found.pop("additionalItems")
        self._base = outer
        return self._nullable(found) if schema.get("nullable") is True else found

    def _identify(self, found: dict[str, Any], schema: dict[str, Any]) -> None:
        """Note the names by which references may mean a schema: its `$id`, which is the base of those inside, and its anchors."""
        identity = schema.get("$id")
        names = [schema.get("$anchor"), schema.get("$dynamicAnchor")]
        if isinstance(identity, str) and identity.startswith("#"):
            names.append(identity[1:])
        elif isinstance(identity, str):
            self._base = _joined(self._base, identity).partition("#")[0]
            self._documents.setdefault(self._base, found)
        for name in names:
            if isinstance(name, str) and name:
                self._anchors.setdefault(f"{self._base}#{name}", found)
        if isinstance(name := schema.get("$dynamicAnchor"), str):
            self._dynamic[name] = self._dynamic.get(name, 0) + 1

    def _word(
        self, found: dict[str, Any], word: str, value: Any, schema: dict[str, Any], at: Pointer, depth: int
    ) -> None:
        place = (*at, word)
        if word == "type":
            self._type(found, value, place)
        elif word == "required":
            if isinstance(value, list):
                found[word] = list(dict.fromkeys(map(str, value)))
            elif value is not None and not isinstance(value, bool):
                self._report(place, "`required` is a list of names", None)
        elif word in _NAMED:
            self._named(found, word, value, place, depth)
        elif word in _SCHEMAS or (word == "items" and isinstance(value, list)):
            self._list(found, "prefixItems" if word == "items" else word, value, place, depth)
        elif word in _SCHEMA or word == "items":
            found[word] = self.schema(value, place, depth + 1)
        elif word == "dependencies" and isinstance(value, dict):
            self._dependencies(found, value, place, depth)
        elif word == "enum":
            if isinstance(value, list) and value:
                found[word] = value
            else:
                self._report(place, "`enum` is a list of values, at least one", None)
        elif word == "$ref" or (word == "$dynamicRef" and "$ref" not in schema):
            if isinstance(value, str):
                found["$ref"] = value
                self._places.append((found, place, self._base))
            else:
                self._report(place, "a `$ref` is a text", None)
        elif word == "default" and not is_json(value):
            self._report(place, "a default is a JSON value", None)
        else:
            self._leaf(found, word, value, schema, at)

    def _leaf(self, found: dict[str, Any], word: str, value: Any, schema: dict[str, Any], at: Pointer) -> None:
        """Keep a keyword that holds no schema, if its value can be one."""
        if word in ("exclusiveMinimum", "exclusiveMaximum") and isinstance(value, bool):
            other = "minimum" if word == "exclusiveMinimum" else "maximum"
            if value and _is_number(schema.get(other)):
                found[word] = schema[other]
        elif word in _NUMBERS:
            if _is_number(value) and (word != "multipleOf" or value > 0):
                found[word] = value
        elif word in _COUNTS:
            if _is_number(value) and value >= 0 and value == int(value):
                found[word] = int(value)
        elif word == "uniqueItems":
            if value is True:
                found[word] = True
        elif word == "dependentRequired":
            if isinstance(value, dict):
                found[word] = {name: names for name, names in value.items() if isinstance(names, list)}
        elif word in _TEXTS:
            if isinstance(value, str):
                found[word] = value
            if word == "pattern" and isinstance(value, str) and (wrong := _broken(value)):
                self._report((*at, word), f"the pattern `{brief(value)}` is broken, so any text passes: {wrong}", None)
        elif word not in _DROPPED and word != "nullable":
            found[word] = value

    def _type(self, found: dict[str, Any], value: Any, place: Pointer) -> None:
        wanted = value if isinstance(value, list) else [value]
        known: list[str] = []
        for number, one in enumerate(wanted):
            if not isinstance(one, str):
                self._report(
                    (*place, number) if isinstance(value, list) else place, f"a type is a text, not {kind(one)}", None
                )
                return
            name = one.lower()
            name = _OTHER_NAMES.get(name, name)
            if name not in TYPES:
                self._report(place, f"unknown type `{brief(one)}`", did_you_mean(one, TYPES))
                return
            known.append(name)
        if not known:
            self._report(place, "a list of types is empty", None)
            return
        found["type"] = known if isinstance(value, list) else known[0]

    def _named(self, found: dict[str, Any], word: str, value: Any, place: Pointer, depth: int) -> None:
        if not isinstance(value, dict):
            if value is not None:
                self._report(place, f"`{word}` is an object, not {kind(value)}", None)
            return
        inner = {str(name): self.schema(one, (*place, name), depth + 1) for name, one in value.items()}
        found[word] = inner
        if word == "properties":
            needed = [name for name, one in value.items() if isinstance(one, dict) and one.get("required") is True]
            if needed:
                found["required"] = [*found.get("required", ()), *needed]
        elif word in ("$defs", "definitions"):
            for name, one in inner.items():
                if isinstance(one, dict):
                    self._nested.setdefault(f"#/{word}/{_escaped(name)}", one)

    def _list(self, found: dict[str, Any], word: str, value: Any, place: Pointer, depth: int) -> None:
        if not isinstance(value, list) or not value:
            if word != "prefixItems":
                self._report(place, f"`{word}` is a list of schemas, at least one", None)
            return
        found[word] = [self.schema(one, (*place, number), depth + 1) for number, one in enumerate(value)]

    def _dependencies(self, found: dict[str, Any], value: dict[str, Any], place: Pointer, depth: int) -> None:
        """Draft 7's `dependencies` as the two keywords that took their place."""
        for name, one in value.items():
            if isinstance(one, list):
                found.setdefault("dependentRequired", {})[name] = one
            else:
                found.setdefault("dependentSchemas", {})[name] = self.schema(one, (*place, name), depth + 1)

    def _nullable(self, found: dict[str, Any]) -> dict[str, Any]:
        said: dict[str, Any] = {w: found.pop(w) for w in ("description", "title", "default") if w in found}
        return {"anyOf": [found, {"type": "null"}], **said}

    def resolve(self, root: dict[str, Any]) -> None:
        """Let every reference be a pointer from the root; one that leads nowhere is left out, so that its place may be anything."""
        added: dict[str, Any] = {}
        for schema, place, base in self._places:
            reference = schema["$ref"]
            url, _, fragment = _joined(base, reference).partition("#")
            document = self._documents.get(url) if url else root
            if document is None:
                self._report(place, "a `$ref` is not a pointer into this document", "it starts with `#/`")
                del schema["$ref"]
                continue
            if place[-1] == "$dynamicRef" and self._dynamic.get(fragment, 0) > 1:
                del schema["$ref"]  # which one is meant depends on the way there
                continue
            pointer = f"#{fragment}"
            target = target_of(document, pointer) if fragment[:1] in ("", "/") else self._anchors.get(f"{url}{pointer}")
            target = self._nested.get(pointer) if target is None else target
            if target is None:
                self._report(place, f"`{brief(reference)}` leads nowhere", None)
                del schema["$ref"]
            elif target is root or target_of(root, pointer) is target:
                schema["$ref"] = "#" if target is root else pointer
            else:
                schema["$ref"] = f"#/$defs/{_escaped(_name_of(target, fragment or url, added, root))}"
        if added:
            root["$defs"] = {**root.get("$defs", {}), **added}


def _name_of(target: object, reference: str, added: dict[str, Any], root: dict[str, Any]) -> str:
    """Return the name under which the root holds what a reference means, which is added if need be."""
    name = plain = reference.rpartition("/")[2] or "Schema"
    held = root.get("$defs", {})
    for number in range(2, MAX_PARTS):
        known = added.get(name, held.get(name))
        if known is None or known is target:
            break
        name = f"{plain}_{number}"
    added[name] = target
    return name


def _joined(base: str, reference: str) -> str:
    """Return what a reference means in a document of a name. Nothing is fetched."""
    if reference.startswith("#"):
        return base + reference
    from urllib.parse import urljoin

    try:
        return urljoin(base, reference)
    except ValueError:
        return reference


def target_of(root: object, reference: str) -> object | None:
    """Return what a pointer such as `#/$defs/Place` names, None where it names nothing."""
    if reference == "#":
        return root
    if not reference.startswith("#/"):
        return None
    target = root
    for step in _steps(reference):
        if isinstance(target, Mapping) and step in target:
            target = target[step]
        elif isinstance(target, list) and step.isdecimal() and len(step) < 7 and int(step) < len(target):
            target = target[int(step)]
        else:
            return None
    return target if isinstance(target, dict | bool) else None


def _steps(reference: str) -> Iterator[str]:
    from urllib.parse import unquote  # imports much, and few schemas have references

    for part in reference[2:].split("/"):
        yield unquote(part).replace("~1", "/").replace("~0", "~")


_parser: Any = import_module("re._parser")
_BROKEN: Final = ("missing )", "unbalanced parenthesis", "unterminated character set", "nothing to repeat")


def _broken(pattern: str) -> str | None:
    """Return what is wrong with a pattern in any language of patterns; None where it may be right in one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what later versions of Python may read otherwise is no fault
            _parser.parse(pattern[:10_000])  # in linear time, unlike compiling it
    except re.error as error:
        return error.msg if error.msg.startswith(_BROKEN) and len(pattern) <= 10_000 else None
    except (OverflowError, RecursionError):
        return None
    return None


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**300


def kind(value: object) -> str:
    """Return what sort of JSON value something is, and which of true and false, for a message."""
    return ("true" if value else "false") if isinstance(value, bool) else kind_of_json(value)


def is_json(value: object, depth: int = 0) -> bool:
    """Whether a value consists of plain JSON values, not nested deeper than schemas are."""
    match value:
        case None | bool() | int() | str():
            return True
        case float():
            return value == value and abs(value) != float("inf")
        case list():
            return depth < MAX_NESTING and all(is_json(item, depth + 1) for item in value)
        case dict():
            return depth < MAX_NESTING and all(isinstance(k, str) and is_json(v, depth + 1) for k, v in value.items())
        case _:
            return False
