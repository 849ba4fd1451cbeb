"""Say how the values of the IR are in JSON: scalars and lists stand for themselves, all others are objects with a key of their own."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from lcc.grammar.ir.expressions import (
    Apply,
    Builtin,
    Choose,
    Clause,
    Comprehension,
    Const,
    DictOf,
    Element,
    Format,
    Input,
    Lambda,
    ListOf,
    Local,
    Logic,
    PathStep,
    Ref,
    Select,
    Spread,
    Target,
    Targets,
    TaskId,
    Value,
    task_id,
)
from lcc.grammar.ir.json_shape import (
    IrJsonError,
    Object,
    Shape,
    Shapes,
    boolean,
    check_keys,
    either,
    items,
    nested,
    number,
    pair,
    paired,
    seconds,
    shown,
    text,
    whole,
)
from lcc.grammar.ir.literals import LOCAL, NAME, finite
from lcc.grammar.limits import DEFAULT_LIMITS
from lcc.grammar.values import Json

SHAPES: Final = Shapes()
"""The shapes of everything in a plan, by name."""


def referred(name: str) -> Object:
    """Return the schema that refers to a definition."""
    return {"$ref": f"#/$defs/{name}"}


def named(pattern: re.Pattern[str]) -> Object:
    """Return the schema of a text that matches a pattern."""
    return {"type": "string", "pattern": f"^{pattern.pattern[:-2]}$"}


def one_of(*words: str) -> Shape:
    """Return the shape of one of some words."""

    def read(obj: Any, at: str) -> str:
        if obj not in words:
            raise IrJsonError(at, f"one of {either(words)} is expected, not {shown(obj)}")
        return str(obj)

    return Shape({"enum": list(words)}, read)


def _whole(least: int, **more: Json) -> Shape:
    return Shape({**more, "type": "integer", "minimum": least}, lambda obj, at: whole(obj, at, least))


def _read_name(obj: Any, at: str) -> str:
    name = text(obj, at)
    if not NAME.match(name):
        raise IrJsonError(at, f"{shown(obj)} is not a name: letters, digits and `_`, no digit first")
    return name


def _read_local(obj: Any, at: str) -> str:
    name = text(obj, at)
    if not LOCAL.match(name):
        raise IrJsonError(at, f"{shown(obj)} is not a name: letters, digits and `_`, no digit first")
    return name


_ELEMENT: Final = re.compile(r"[1-9][0-9]*(?:\[(?:0|[1-9][0-9]*)\])+\Z", re.ASCII)


def _read_id(obj: Any, at: str) -> TaskId:
    if not isinstance(obj, str):
        return whole(obj, at, 1)
    if len(obj) > DEFAULT_LIMITS.digits or not _ELEMENT.match(obj):
        raise IrJsonError(at, f'{shown(obj)} is not an id: write 3, or "3[1]" for an element')
    return task_id(obj)


def _write_id(id: TaskId) -> Json:
    return str(id) if isinstance(id, Element) else id


def _read_step(obj: Any, at: str) -> PathStep:
    return obj if isinstance(obj, str) else whole(obj, at)


def _read_value(obj: Any, at: str) -> Value:
    if obj is None or isinstance(obj, str | bool):
        return Const(obj)
    if isinstance(obj, int | float):
        return Const(number(obj, at))
    return _read_nested(obj, at)


def _read_inside(obj: Any, at: str) -> Value:
    if isinstance(obj, list):
        found = []
        for item, here in items(obj, at):
            found.append(_read_item(item, here))
        return ListOf(tuple(found))
    if not isinstance(obj, dict):
        raise IrJsonError(at, f"a value is expected, not {shown(obj)}")
    if "dict" in obj:
        check_keys(obj, at, (), ("dict",))
        return _read_pairs(obj["dict"], f"{at}/dict")
    for key in obj:
        shape = _FORMS.get(key)
        if shape is not None:
            return shape.read(obj, at)  # type: ignore[no-any-return]
    raise IrJsonError(at, f"one of {either(('dict', *_FORMS))} is expected")


_read_nested: Final = nested(_read_inside, "a value")


def _read_item(obj: Any, at: str) -> Value:
    if isinstance(obj, dict) and "spread" in obj:
        return SHAPES["spread"].read(obj, at)  # type: ignore[no-any-return]
    return _read_value(obj, at)


def _read_pairs(obj: Any, at: str) -> DictOf:
    found: dict[str, Value] = {}
    for item, here in items(obj, at):
        first, second = pair(item, here)
        key = text(first, f"{here}/0")
        if key in found:
            raise IrJsonError(f"{here}/0", f"the key {shown(key)} twice")
        found[key] = _read_value(second, f"{here}/1")
    return DictOf(tuple(found.items()))


def _write_value(value: Value) -> Json:
    match value:
        case Const(scalar):
            return finite(scalar) if isinstance(scalar, float) else scalar
        case ListOf(inner):
            return list(map(_write_value, inner))
        case DictOf() | Spread():
            return SHAPES["dict" if isinstance(value, DictOf) else "spread"].write(value)
        case _:
            return _FORMS[_KEYS[type(value)]].write(value)


def _read_reference(obj: Any, at: str) -> Ref | Input:
    name = "input_value" if isinstance(obj, dict) and "input" in obj else "reference"
    return SHAPES[name].read(obj, at)  # type: ignore[no-any-return]


def _write_reference(one: Ref | Input) -> Json:
    return SHAPES["reference" if isinstance(one, Ref) else "input_value"].write(one)


def _read_parts(obj: Any, at: str) -> tuple[str | Ref | Input, ...]:
    parts: list[str | Ref | Input] = []
    for item, here in items(obj, at):
        if isinstance(item, str) and (not item or (parts and isinstance(parts[-1], str))):
            raise IrJsonError(here, "a text in a format is neither empty nor next to another")
        parts.append(item if isinstance(item, str) else _read_reference(item, here))
    if all(isinstance(part, str) for part in parts):
        raise IrJsonError(at, "a format without a reference is only text")
    return tuple(parts)


@cache
def _fault(what: str, name: str) -> str | None:
    from lcc.grammar.ir.operations import builtin_fault, operation_fault  # loaded only for plans that compute

    return operation_fault(name) if what == "operation" else builtin_fault(name)


def _in_table(what: str) -> Shape:
    def read(obj: Any, at: str) -> str:
        name = text(obj, at)
        fault = _fault(what, name)
        if fault is not None:
            raise IrJsonError(at, fault)
        return name

    return Shape({"type": "string"}, read)


def _read_targets(obj: Any, at: str) -> Target:
    if isinstance(obj, str):
        return _read_local(obj, at)
    found: Targets = _UNPACKED.read(obj, at)
    if found.star is not None and found.star >= len(found.items):
        raise IrJsonError(f"{at}/star", f"there is no item {found.star}")
    return found


def _write_target(target: Target) -> Json:
    return target if isinstance(target, str) else _UNPACKED.write(target)


def _read_names(obj: Any, at: str) -> tuple[tuple[str, Value], ...]:
    found: tuple[tuple[str, Value], ...] = SHAPES["[name_and_value]"].read(obj, at)
    if len({name for name, _ in found}) < len(found):
        raise IrJsonError(at, "a name twice")
    return found


def _read_comprehension(obj: Any, at: str) -> Comprehension:
    found: Comprehension = _COMPREHENSION.read(obj, at)
    if not found.clauses:
        raise IrJsonError(f"{at}/clauses", "a comprehension has a clause")
    if (found.key is not None) is not (found.kind == "dict"):
        raise IrJsonError(at, "`key` belongs to a comprehension of kind `dict`, and to no other")
    return found


def _read_logic(obj: Any, at: str) -> Logic:
    found: Logic = _LOGIC.read(obj, at)
    if len(found.items) < 2:
        raise IrJsonError(f"{at}/items", "two items at least are expected")
    return found


def _read_select(obj: Any, at: str) -> Select:
    found: Select = _SELECT.read(obj, at)
    if not found.items:
        raise IrJsonError(f"{at}/select", "one item at least is expected")
    return found


def _read_lambda(obj: Any, at: str) -> Lambda:
    found: Lambda = _LAMBDA.read(obj, at)
    if len(found.defaults) > len(found.params):
        raise IrJsonError(f"{at}/defaults", "more defaults than parameters")
    return found


SHAPES["text"] = Shape({"type": "string"}, text)
SHAPES["truth"] = Shape({"type": "boolean"}, boolean)
SHAPES["seconds"] = Shape({"type": "number"}, seconds, finite)
SHAPES["step"] = Shape({"type": ["string", "integer"]}, _read_step)
SHAPES.define("name", Shape(named(NAME), _read_name))
SHAPES.define("local_name", Shape({"type": "string", "minLength": 1}, _read_local))
SHAPES.define("source_id", _whole(1, description="The id of a task as the plan has it."))
_ID_SAYS: Final = (
    'The id of a task, or of a turn of it: "3[1]" is the second call of fan-out 3, "3[1][0]" the first of task 3 in the second '
    "turn of a loop around the one that it stands in."
)
_IDS: Final[list[Json]] = [referred("source_id"), named(_ELEMENT)]
SHAPES.define("id", Shape({"description": _ID_SAYS, "anyOf": _IDS}, _read_id, _write_id))
SHAPES.define("count", _whole(0))
SHAPES.define("path", SHAPES["[step]"].saying("A way into a result: keys and indices."))
SHAPES.define_record("reference", Ref, "ref=task: id, path?: path", "The result of an earlier task, or a part of it.")
SHAPES.define_record(
    "input_value", Input, "input=name: name, path?: path", "The value of a declared input, or a part of it."
)
_OBJECTS: Final = (
    *("reference", "input_value", "format", "dict", "local", "builtin", "operation", "choice", "logic"),
    *("comprehension", "lambda", "selection"),
)
_VALUES: Final[list[Json]] = [
    {"type": ["string", "number", "boolean", "null"]},
    {"type": "array", "items": referred("item")},
    *map(referred, _OBJECTS),
]
_VALUE_SAYS: Final = (
    "A scalar and a list stand for themselves; a dict is in a wrapper that keeps its order. What reads names or computes stands "
    "only in plans with a body."
)
SHAPES.define("value", Shape({"description": _VALUE_SAYS, "anyOf": _VALUES}, _read_value, _write_value))
_ITEM: Final[Object] = {"anyOf": [referred("value"), referred("spread")]}
SHAPES.define("item", Shape(_ITEM, _read_item, _write_value))
_PART: Final[Object] = {"anyOf": [{"type": "string", "minLength": 1}, referred("reference"), referred("input_value")]}
_PARTS: Final[Object] = {"type": "array", "items": _PART, "minItems": 1, "contains": {"type": "object"}}
SHAPES["parts"] = Shape(
    _PARTS, _read_parts, lambda parts: [p if isinstance(p, str) else _write_reference(p) for p in parts]
)
SHAPES["pair"] = paired(SHAPES["text"], SHAPES["value"])
SHAPES.define_record(
    "format",
    Format,
    "format=parts: parts",
    "Text with results in it. Not two texts in a row, none of them empty, and not texts alone.",
)
SHAPES.define_record("dict", DictOf, "dict=items: [pair]", "Pairs of key and value in order; no key twice.")
SHAPES.define_record("local", Local, "local=name: local_name", "The value of a name that a statement binds.")
SHAPES["builtin_name"] = _in_table("class or constant")
SHAPES.define_record("builtin", Builtin, "builtin=name: builtin_name", "A class or constant: `ValueError`, `math.pi`.")
SHAPES.define_record("spread", Spread, "spread=value: value, names?: truth", "`*value`, or with `names` `**value`.")
SHAPES["op"] = _in_table("operation")
SHAPES["name_and_value"] = paired(SHAPES["text"], SHAPES["item"])
SHAPES["names"] = Shape(SHAPES["[name_and_value]"].schema, _read_names, SHAPES["[name_and_value]"].write)
SHAPES.define_record(
    "operation",
    Apply,
    "op=op: op, args?: [item], names?: names",
    "An operation, applied: one of the table, or `method NAME` or `attribute NAME`, which the first argument decides.",
)
SHAPES.define_record(
    "choice", Choose, "if=test: value, then: value, else=other: value", "Only one of the two is evaluated."
)
SHAPES["connective"] = one_of("and", "or")
_LOGIC: Final = SHAPES.record(Logic, "logic=op: connective, items: [value]", "`and` or `or` of two items and more.")
SHAPES.define("logic", Shape(_LOGIC.schema, _read_logic, _LOGIC.write))
SHAPES["unpacked"] = Shape(referred("target"), _read_targets, _write_target)
_UNPACKED: Final = SHAPES.record(
    Targets, "unpack=items: [unpacked], star?: count", "`star`: the place of the item that takes the rest, as a list."
)
_TARGET: Final[Object] = {
    "description": "What a value is bound to.",
    "anyOf": [referred("local_name"), _UNPACKED.schema],
}
SHAPES.define("target", Shape(_TARGET, _read_targets, _write_target))
SHAPES.define_record(
    "clause", Clause, "for=target: target, in=items: value, if=conditions?: [value]", "`for target in items if …`."
)
SHAPES["comprehension_kind"] = one_of("list", "set", "dict", "lazy")
_COMPREHENSION: Final = SHAPES.record(
    Comprehension,
    "comprehension=kind: comprehension_kind, key?: value, item: value, clauses: [clause]",
    "`[item for …]` and its like; `key` in a dict alone; `lazy`: evaluated as far as its reader asks.",
)
SHAPES.define("comprehension", Shape(_COMPREHENSION.schema, _read_comprehension, _COMPREHENSION.write))
_LAMBDA: Final = SHAPES.record(
    Lambda,
    "lambda=params: [local_name], body: value, defaults?: [value]",
    "A function without calls. `defaults` belong to the last of its parameters.",
)
SHAPES.define("lambda", Shape(_LAMBDA.schema, _read_lambda, _LAMBDA.write))
_SELECT: Final = SHAPES.record(Select, "select=items: [value]", "The first of these that was taken.")
SHAPES.define("selection", Shape(_SELECT.schema, _read_select, _SELECT.write))

_KEYS: Final[dict[type, str]] = {
    Ref: "ref", Input: "input", Format: "format", Local: "local", Builtin: "builtin", Apply: "op", Choose: "if", Logic: "logic",
    Comprehension: "comprehension", Lambda: "lambda", Select: "select",
}  # fmt: skip
_FORMS: Final[dict[str, Shape]] = dict(
    zip(_KEYS.values(), [SHAPES[name] for name in _OBJECTS if name != "dict"], strict=True)
)
"""The objects that values are, each by the key that tells it."""
