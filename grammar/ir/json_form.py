"""Write the IR as JSON and read it back, exactly. `plan.schema.json` describes the form.

    {"version": 1,
     "tasks": [{"id": 1, "tool": "search", "args": [{"value": "Mount Everest"}]},
               {"id": 2, "tool": "math", "args": [{"value": {"format": ["height of ", {"ref": 1, "path": ["name"]}]}}]}],
     "join": {"results": [[1, {"ref": 1}], [2, {"ref": 2}]]}}

What has its default is left out. `from_json(to_json(plan)) == plan` for every plan, also through JSON text.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import assert_never, cast

from lcc.grammar.ir.json_reader import VERSION, IrJsonError, from_json
from lcc.grammar.ir.literals import finite
from lcc.grammar.ir.nodes import (
    NOWHERE,
    Arg,
    Batched,
    Const,
    DictOf,
    Dropped,
    Element,
    Expanded,
    Folded,
    Format,
    Input,
    InputDecl,
    Join,
    ListOf,
    Merged,
    Origin,
    Path,
    Plan,
    Ref,
    Task,
    TaskId,
    Value,
)
from lcc.grammar.source import Span
from lcc.grammar.values import Json

__all__ = ["VERSION", "IrJsonError", "from_json", "json_schema", "to_json"]

Object = dict[str, Json]


def json_schema() -> Object:
    """Return the JSON Schema (draft 2020-12) of the form. Each call returns a copy of its own."""
    return cast(Object, json.loads(_schema_text()))


@cache
def _schema_text() -> str:
    return files(__package__).joinpath("plan.schema.json").read_text(encoding="utf-8")


def to_json(plan: Plan, *, spans: bool = False) -> Object:
    """Return the JSON form of a plan; with `spans`, tasks and the join tell where they stand in their source.

    Raise ValueError for a number that isn't finite: no such number is in a valid plan.
    """
    out: Object = {"version": VERSION}
    if plan.inputs:
        out["inputs"] = [_input(declared) for declared in plan.inputs]
    out["tasks"] = [_task(task, spans) for task in plan.tasks]
    if plan.join is not None:
        out["join"] = _join(plan.join, spans)
    if plan.origins:
        out["origins"] = [_origin(origin) for origin in plan.origins]
    return out


def _input(declared: InputDecl) -> Object:
    out: Object = {"name": declared.name, "type": declared.type}
    if declared.default is not None:
        out["default"] = _value(declared.default)
    if declared.secret:
        out["secret"] = True
    return out


def _task(task: Task, spans: bool) -> Object:
    out: Object = {"id": _id(task.id), "tool": task.tool}
    if task.args:
        out["args"] = [_arg(arg) for arg in task.args]
    if task.after:
        out["after"] = [_id(id) for id in task.after]
    if task.priority:
        out["priority"] = finite(task.priority)
    if task.thought:
        out["thought"] = task.thought
    if spans and task.span != NOWHERE:
        out["span"] = _span(task.span)
    return out


def _arg(arg: Arg) -> Object:
    out: Object = {} if arg.name is None else {"name": arg.name}
    out["value"] = _value(arg.value)
    if arg.each:
        out["each"] = True
    return out


def _join(join: Join, spans: bool) -> Object:
    values = [_value(value) for value in join.values]
    out: Object
    if join.direct:
        out = {"answer": values[0]}
    elif join.labels is None:
        out = {"list": values}
    else:
        out = {"results": [[label, value] for label, value in zip(join.labels, values, strict=True)]}
    if join.id is not None:
        out["id"] = join.id
    if join.thought:
        out["thought"] = join.thought
    if spans and join.span != NOWHERE:
        out["span"] = _span(join.span)
    return out


def _origin(origin: Origin) -> Object:
    match origin:
        case Merged(id, into):
            return {"merged": _id(id), "into": _id(into)}
        case Expanded(id, count):
            return {"expanded": id, "count": count}
        case Dropped(id):
            return {"dropped": _id(id)}
        case Folded(id, value):
            return {"folded": _id(id), "value": _value(value)}
        case Batched(id, into):
            return {"batched": _id(id), "with": _id(into)}
        case _:
            assert_never(origin)


def _value(value: Value) -> Json:
    match value:
        case Const(scalar):
            return finite(scalar) if isinstance(scalar, float) else scalar
        case Ref(task, path):
            return _with_path({"ref": _id(task)}, path)
        case Input(name, path):
            return _with_path({"input": name}, path)
        case Format(parts):
            return {"format": [part if isinstance(part, str) else _value(part) for part in parts]}
        case ListOf(items):
            return [_value(item) for item in items]
        case DictOf(pairs):
            return {"dict": [[key, _value(item)] for key, item in pairs]}
        case _:
            assert_never(value)


def _with_path(out: Object, path: Path) -> Object:
    if path:
        out["path"] = list(path)
    return out


def _id(id: TaskId) -> int | str:
    return str(id) if isinstance(id, Element) else id


def _span(span: Span) -> list[Json]:
    return [span.start, span.end]
