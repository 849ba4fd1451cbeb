"""Write the IR as JSON and read it back, exactly, by one table of what is under which key; the table is the schema, too.

    {"version": 1,
     "tasks": [{"id": 1, "tool": "search", "args": [{"value": "Mount Everest"}]},
               {"id": 2, "tool": "math", "args": [{"value": {"format": ["height of ", {"ref": 1, "path": ["name"]}]}}]}],
     "join": {"results": [[1, {"ref": 1}], [2, {"ref": 2}]]}}

What has its default is left out. `from_json(to_json(plan)) == plan` for every plan, also through JSON text.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from lcc.grammar.ir.blocks import BodyNotSupported
from lcc.grammar.ir.expressions import (
    NOWHERE,
    Const,
    DictOf,
    Element,
    Format,
    Input,
    ListOf,
    PathStep,
    Ref,
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
    items,
    number,
    pair,
    paired,
    seconds,
    shown,
    text,
    variants,
    whole,
)
from lcc.grammar.ir.literals import NAME, finite
from lcc.grammar.ir.nodes import Arg, Batched, Dropped, Expanded, Folded, InputDecl, Join, Merged, Origin, Plan, Task
from lcc.grammar.limits import DEFAULT_LIMITS, IR_NESTING
from lcc.grammar.signatures import RESERVED_TOOLS, TOOL_NAME
from lcc.grammar.source import Span
from lcc.grammar.values import Json

__all__ = ["VERSION", "IrJsonError", "from_json", "json_schema", "to_json"]

VERSION: Final = 1
"""The version of the form. It changes when a reader of the old form could misread the new one."""


@dataclass(frozen=True, slots=True)
class _Whole:
    """A plan as its keys have it."""

    version: int
    tasks: tuple[Task, ...]
    inputs: tuple[InputDecl, ...] = ()
    join: Join | None = None
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class _Join:
    """A join as its keys have it: one of the first three is there."""

    results: tuple[tuple[int, Value], ...] | None = None
    list: tuple[Value, ...] | None = None
    answer: Value | None = None
    id: int | None = None
    thought: str = ""
    span: Span = NOWHERE


def _read_name(obj: Any, at: str) -> str:
    name = text(obj, at)
    if not NAME.match(name):
        raise IrJsonError(at, f"{shown(obj)} is not a name: letters, digits and `_`, no digit first")
    return name


_ELEMENT: Final = re.compile(r"[1-9][0-9]*\[(0|[1-9][0-9]*)\]\Z", re.ASCII)


def _read_id(obj: Any, at: str) -> TaskId:
    if not isinstance(obj, str):
        return whole(obj, at, 1)
    if len(obj) > DEFAULT_LIMITS.digits or not _ELEMENT.match(obj):
        raise IrJsonError(at, f'{shown(obj)} is not an id: write 3, or "3[1]" for an element')
    return task_id(obj)


def _read_step(obj: Any, at: str) -> PathStep:
    return obj if isinstance(obj, str) else whole(obj, at)


def _read_span(obj: Any, at: str) -> Span:
    start, end = pair(obj, at)
    return Span(whole(start, f"{at}/0", 0), whole(end, f"{at}/1", 0))


def _read_value(obj: Any, at: str, depth: int = 1) -> Value:
    if obj is None or isinstance(obj, str | bool):
        return Const(obj)
    if isinstance(obj, int | float):
        return Const(number(obj, at))
    if depth > IR_NESTING:
        raise IrJsonError(at, f"a value is nested more than {IR_NESTING} deep")
    if isinstance(obj, list):
        return ListOf(tuple([_read_value(item, here, depth + 1) for item, here in items(obj, at)]))
    match obj:
        case {"ref": _} | {"input": _}:
            return _read_reference(obj, at)
        case {"format": _}:
            return _SHAPES["format"].read(obj, at)  # type: ignore[no-any-return]
        case {"dict": pairs}:
            check_keys(obj, at, (), ("dict",))
            return _read_pairs(pairs, f"{at}/dict", depth + 1)
        case dict():
            raise IrJsonError(at, "one of `ref`, `input`, `format` and `dict` is expected")
        case _:
            raise IrJsonError(at, f"a value is expected, not {shown(obj)}")


def _read_pairs(obj: Any, at: str, depth: int) -> DictOf:
    found: dict[str, Value] = {}
    for item, here in items(obj, at):
        first, second = pair(item, here)
        key = text(first, f"{here}/0")
        if key in found:
            raise IrJsonError(f"{here}/0", f"the key {shown(key)} twice")
        found[key] = _read_value(second, f"{here}/1", depth)
    return DictOf(tuple(found.items()))


def _write_value(value: Value) -> Json:
    match value:
        case Const(scalar):
            return finite(scalar) if isinstance(scalar, float) else scalar
        case Ref() | Input():
            return _write_reference(value)
        case Format():
            return _SHAPES["format"].write(value)
        case ListOf(inner):
            return [_write_value(item) for item in inner]
        case DictOf():
            return _SHAPES["dict"].write(value)
        case _:
            raise BodyNotSupported("this form")


def _read_reference(obj: Any, at: str) -> Ref | Input:
    name = "input_value" if isinstance(obj, dict) and "input" in obj else "reference"
    return _SHAPES[name].read(obj, at)  # type: ignore[no-any-return]


def _write_reference(one: Ref | Input) -> Json:
    return _SHAPES["reference" if isinstance(one, Ref) else "input_value"].write(one)


def _read_parts(obj: Any, at: str) -> tuple[str | Ref | Input, ...]:
    parts: list[str | Ref | Input] = []
    for item, here in items(obj, at):
        if isinstance(item, str) and (not item or (parts and isinstance(parts[-1], str))):
            raise IrJsonError(here, "a text in a format is neither empty nor next to another")
        parts.append(item if isinstance(item, str) else _read_reference(item, here))
    if all(isinstance(part, str) for part in parts):
        raise IrJsonError(at, "a format without a reference is only text")
    return tuple(parts)


def _read_args(obj: Any, at: str) -> tuple[Arg, ...]:
    args: tuple[Arg, ...] = _SHAPES["[argument]"].read(obj, at)
    if sum([arg.each for arg in args]) > 1:
        raise IrJsonError(at, "two arguments are `each`; a call may have one")
    return args


def _read_tool(obj: Any, at: str) -> str:
    tool = text(obj, at)
    if not TOOL_NAME.match(tool) or tool in RESERVED_TOOLS:
        raise IrJsonError(at, f"{shown(obj)} can't name a tool")
    return tool


def _read_join(obj: Any, at: str) -> Join:
    given: _Join = _JOIN.read(obj, at)
    rest = given.id, given.thought, given.span
    match given.results, given.list, given.answer:
        case results, None, None if results is not None:
            return Join(tuple([value for _, value in results]), tuple([label for label, _ in results]), False, *rest)
        case None, values, None if values is not None:
            return Join(values, None, False, *rest)
        case None, None, answer if answer is not None:
            return Join((answer,), None, True, *rest)
    raise IrJsonError(at, "exactly one of `results`, `list` and `answer` is expected")


def _write_join(join: Join) -> Json:
    rest = join.id, join.thought, join.span
    if join.direct:
        return _JOIN.write(_Join(None, None, join.values[0], *rest))
    if join.labels is None:
        return _JOIN.write(_Join(None, join.values, None, *rest))
    return _JOIN.write(_Join(tuple(zip(join.labels, join.values, strict=True)), None, None, *rest))


def _referred(name: str) -> Object:
    return {"$ref": f"#/$defs/{name}"}


def _whole(least: int, **more: Json) -> Shape:
    return Shape({**more, "type": "integer", "minimum": least}, lambda obj, at: whole(obj, at, least))


def _named(pattern: re.Pattern[str]) -> Object:
    return {"type": "string", "pattern": f"^{pattern.pattern[:-2]}$"}


def _write_id(id: TaskId) -> Json:
    return str(id) if isinstance(id, Element) else id


_SHAPES: Final = Shapes()
_SHAPES["text"] = Shape({"type": "string"}, text)
_SHAPES["truth"] = Shape({"type": "boolean"}, boolean)
_SHAPES["seconds"] = Shape({"type": "number"}, seconds, finite)
_SHAPES["step"] = Shape({"type": ["string", "integer"]}, _read_step)
_SHAPES["version"] = Shape({"const": VERSION}, whole)
_SHAPES["tool"] = Shape({**_named(TOOL_NAME), "not": {"enum": ["join", "answer"]}}, _read_tool)
_SHAPES.define("name", Shape(_named(NAME), _read_name))
_SHAPES.define("source_id", _whole(1, description="The id of a task as the plan has it."))
_ID_SAYS: Final = 'The id of a task, or of an element of a fan-out: "3[1]" is the second call of task 3.'
_IDS: Final[list[Json]] = [_referred("source_id"), _named(_ELEMENT)]
_SHAPES.define("id", Shape({"description": _ID_SAYS, "anyOf": _IDS}, _read_id, _write_id))
_SHAPES.define("count", _whole(0))
_SPAN: Final[Object] = {
    "description": "Where it stands in the source: the half-open range of code points.",
    "type": "array",
    "items": _referred("count"),
    "minItems": 2,
    "maxItems": 2,
}
_SHAPES.define("span", Shape(_SPAN, _read_span, lambda span: [span.start, span.end]))
_SHAPES.define("path", _SHAPES["[step]"].saying("A way into a result: keys and indices."))
_SHAPES.define_record("reference", Ref, "ref=task: id, path?: path", "The result of an earlier task, or a part of it.")
_SHAPES.define_record(
    "input_value", Input, "input=name: name, path?: path", "The value of a declared input, or a part of it."
)
_VALUES: Final[list[Json]] = [
    {"type": ["string", "number", "boolean", "null"]},
    {"type": "array", "items": _referred("value")},
    *map(_referred, ("reference", "input_value", "format", "dict")),
]
_VALUE_SAYS: Final = "A scalar and a list stand for themselves; a dict is in a wrapper that keeps its order."
_SHAPES.define("value", Shape({"description": _VALUE_SAYS, "anyOf": _VALUES}, _read_value, _write_value))
_PART: Final[Object] = {"anyOf": [{"type": "string", "minLength": 1}, _referred("reference"), _referred("input_value")]}
_PARTS: Final[Object] = {"type": "array", "items": _PART, "minItems": 1, "contains": {"type": "object"}}
_SHAPES["parts"] = Shape(
    _PARTS, _read_parts, lambda parts: [p if isinstance(p, str) else _write_reference(p) for p in parts]
)
_SHAPES["pair"] = paired(_SHAPES["text"], _SHAPES["value"])
_SHAPES["result"] = paired(_SHAPES["source_id"], _SHAPES["value"])
_SHAPES.define_record(
    "format",
    Format,
    "format=parts: parts",
    "Text with results in it. Not two texts in a row, none of them empty, and not texts alone.",
)
_SHAPES.define_record("dict", DictOf, "dict=items: [pair]", "Pairs of key and value in order; no key twice.")
_SHAPES.define_record(
    "input",
    InputDecl,
    "name: name, type: text, default?: value, secret?: truth",
    "A declared input. `type` is the annotation as written.",
)
_SHAPES.define_record(
    "argument",
    Arg,
    "name?: text, value: value, each?: truth",
    "Positional without a name. `each`: the call runs once for every element; at most one argument of a call.",
)
_SHAPES["arguments"] = Shape(_SHAPES["[argument]"].schema, _read_args, _SHAPES["[argument]"].write)
_SHAPES.define_record(
    "task",
    Task,
    "id: id, tool: tool, args?: arguments, after?: [id], priority?: seconds, thought?: text, span?: span",
    "One call. `after`: tasks that must have ended although no data flows. `priority`: upward rank in seconds.",
)
_JOIN: Final = _SHAPES.record(
    _Join,
    "results?: [result], list?: [value], answer?: value, id?: source_id, thought?: text, span?: span",
    "What the plan hands on: `results`, a value for each source id; `list`, a list; or `answer`, the answer itself.",
    oneOf=[{"required": ["results"]}, {"required": ["list"]}, {"required": ["answer"]}],
)
_SHAPES.define("join", Shape(_JOIN.schema, _read_join, _write_join))
_ORIGINS: Final = {
    Merged: _SHAPES.record(Merged, "merged=id: id, into: id", "It was the same call as `into`, which stands for it."),
    Expanded: _SHAPES.record(Expanded, "expanded=id: source_id, count: count", "The fan-out became this many calls."),
    Dropped: _SHAPES.record(Dropped, "dropped=id: id", "Nothing that join reads needed it."),
    Folded: _SHAPES.record(Folded, "folded=id: id, value: value", "It was evaluated at compile time."),
    Batched: _SHAPES.record(
        Batched,
        "batched=id: id, with=into: id",
        "It is in the plan, and may be made in one call with another task, and with all others that may.",
    ),
}
_SHAPES.define("origin", variants(_ORIGINS, "What became of a task that is gone."))
_PLAN: Final = _SHAPES.record(
    _Whole, "version: version, inputs?: [input], tasks: [task], join?: join, origins?: [origin]"
)


def json_schema() -> Object:
    """Return the JSON Schema (draft 2020-12) of the form. Each call returns a copy of its own."""
    schema: Object = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:lcc-toolchain:plan:1",
        "title": "A plan of tool calls",
        "description": "The JSON form of lcc's intermediate representation. A number with a fraction or an exponent is a "
        "float, any other an integer; keep them apart when you write a plan back.",
        **_PLAN.schema,
        "$defs": _SHAPES.defined,
    }
    return deepcopy(schema)


def to_json(plan: Plan, *, spans: bool = False) -> Object:
    """Return the JSON form of a plan; with `spans`, tasks and the join tell where they stand in their source.

    Raise ValueError for a number that isn't finite: no such number is in a valid plan.
    """
    out: dict[str, Any] = _PLAN.write(_Whole(VERSION, plan.tasks, plan.inputs, plan.join, plan.origins))  # type: ignore[assignment]
    if not spans:
        for one in (*out["tasks"], out.get("join", {})):
            one.pop("span", None)
    return out


def from_json(obj: object) -> Plan:
    """Return the plan that `to_json` wrote; raise IrJsonError for anything else.

    Only the form is checked: whether ids are unique and references point backwards is for `verify`.
    """
    if isinstance(obj, dict) and "version" in obj and (type(obj["version"]) is not int or obj["version"] != VERSION):
        raise IrJsonError("/version", f"version {shown(obj['version'])} is unknown; this lcc reads version {VERSION}")
    read: _Whole = _PLAN.read(obj, "")
    return Plan(read.inputs, read.tasks, read.join, read.origins)
