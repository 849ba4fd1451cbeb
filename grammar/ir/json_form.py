"""Write the IR as JSON and read it back, exactly, by one table of what is under which key; the table is the schema, too.

    {"version": 2,
     "tasks": [{"id": 1, "tool": "search", "args": [{"value": "Mount Everest"}]},
               {"id": 2, "tool": "math", "args": [{"value": {"format": ["height of ", {"ref": 1, "path": ["name"]}]}}]}],
     "join": {"results": [[1, {"ref": 1}], [2, {"ref": 2}]]}}

A plan with a body has `body` and perhaps `fails` instead of `tasks`. What has its default is left out. `from_json(to_json(plan))
== plan` for every plan, also through JSON text.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir.blocks import check_one_form
from lcc.grammar.ir.expressions import NOWHERE, Value
from lcc.grammar.ir.json_body import SHAPES
from lcc.grammar.ir.json_shape import NESTING, PLACES, IrJsonError, Object, Shape, paired, shown, variants, whole
from lcc.grammar.ir.json_values import one_of
from lcc.grammar.ir.nodes import Batched, Block, Dropped, Expanded, Folded, InputDecl, Join, Merged, Origin, Plan, Task
from lcc.grammar.ir.walk import beyond_flat
from lcc.grammar.limits import BODY_NESTING, IR_NESTING
from lcc.grammar.source import Span
from lcc.grammar.values import Json

__all__ = ["VERSION", "IrJsonError", "from_json", "json_schema", "to_json"]

VERSION: Final = 2
"""The version of the form. It changes when a reader of the old form could misread the new one."""
_WITHOUT_BODIES: Final = 1
"""The version that is read, too: it has no bodies, and all else is as it is now."""


@dataclass(frozen=True, slots=True)
class _Whole:
    """A plan as its keys have it: `tasks` or `body` is there."""

    version: int
    inputs: tuple[InputDecl, ...] = ()
    fails: str = "independent"
    body: Block | None = None
    tasks: tuple[Task, ...] | None = None
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


SHAPES["result"] = paired(SHAPES["source_id"], SHAPES["value"])
SHAPES["version"] = Shape({"enum": [_WITHOUT_BODIES, VERSION]}, whole)
SHAPES["how_it_fails"] = one_of("independent", "strict")
SHAPES.define_record(
    "input",
    InputDecl,
    "name: name, type: text, default?: value, secret?: truth, span?: span",
    "A declared input. `type` is the annotation as written.",
)
_JOIN: Final = SHAPES.record(
    _Join,
    "results?: [result], list?: [value], answer?: value, id?: source_id, thought?: text, span?: span",
    "What the plan hands on: `results`, a value for each source id; `list`, a list; or `answer`, the answer itself.",
    oneOf=[{"required": ["results"]}, {"required": ["list"]}, {"required": ["answer"]}],
)
SHAPES.define("join", Shape(_JOIN.schema, _read_join, _write_join))
_ORIGINS: Final = {
    Merged: (
        "merged",
        SHAPES.record(Merged, "merged=id: id, into: id", "It was the same call as `into`, which stands for it."),
    ),
    Expanded: (
        "expanded",
        SHAPES.record(Expanded, "expanded=id: source_id, count: count", "The fan-out became this many calls."),
    ),
    Dropped: ("dropped", SHAPES.record(Dropped, "dropped=id: id", "Nothing that join reads needed it.")),
    Folded: ("folded", SHAPES.record(Folded, "folded=id: id, value: value", "It was evaluated at compile time.")),
    Batched: (
        "batched",
        SHAPES.record(
            Batched,
            "batched=id: id, with=into: id",
            "It is in the plan, and may be made in one call with another task, and with all others that may.",
        ),
    ),
}
SHAPES.define("origin", variants(_ORIGINS, "What became of a task that is gone."))
_PLAN: Final = SHAPES.record(
    _Whole,
    "version: version, inputs?: [input], fails?: how_it_fails, body?: block, tasks?: [task], join?: join, origins?: [origin]",
    oneOf=[{"required": ["tasks"]}, {"required": ["body"]}],
)


def json_schema() -> Object:
    """Return the JSON Schema (draft 2020-12) of the form. Each call returns a copy of its own."""
    schema: Object = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:lcc-toolchain:plan:2",
        "title": "A plan of tool calls",
        "description": "The JSON form of lcc's intermediate representation. A number with a fraction or an exponent is a "
        "float, any other an integer; keep them apart when you write a plan back.",
        **_PLAN.schema,
        "$defs": SHAPES.defined,
    }
    return deepcopy(schema)


def to_json(plan: Plan, *, spans: bool = False) -> Object:
    """Return the JSON form of a plan; with `spans`, inputs, statements and the join tell where they stand in their source.

    Raise ValueError for a number that isn't finite and for a plan with tasks and a body: no valid plan has either.
    """
    check_one_form(plan)
    tasks = plan.tasks if plan.body is None else None
    whole = _Whole(VERSION, plan.inputs, plan.fails, plan.body, tasks, plan.join, plan.origins)
    out: dict[str, Any] = _PLAN.write(whole)  # type: ignore[assignment]
    if not spans:
        _drop_spans([*out.get("inputs", ()), *out.get("tasks", ()), out.get("join", {})])
        _drop_spans(out.get("body", []))
    return out


_BLOCKS: Final = ("body", "else", "try", "finally", "handlers", "parts")
"""Under which keys of a statement, handler or part others stand, if it is a list."""


def _drop_spans(statements: list[dict[str, Any]]) -> None:
    todo = list(statements)
    while todo:
        one = todo.pop()
        one.pop("span", None)
        one.pop("via", None)
        for key in _BLOCKS:
            todo += one.get(key, ())


def from_json(obj: object, places: Mapping[str, Span] | None = None) -> Plan:
    """Return the plan that `to_json` wrote, in this version of the form or the one before; raise IrJsonError for anything else.

    `places`: where the values stand in the text that was read, by their pointers (RFC 6901); nodes have these as their spans.

    Only the form is checked: whether ids are unique and references point backwards is for `verify`.
    """
    known = (_WITHOUT_BODIES, VERSION)
    if isinstance(obj, dict) and "version" in obj and (type(obj["version"]) is not int or obj["version"] not in known):
        message = f"version {shown(obj['version'])} is unknown; this lcc reads versions {known[0]} and {known[1]}"
        raise IrJsonError("/version", message)
    outside = NESTING.set(BODY_NESTING if isinstance(obj, dict) and "body" in obj else IR_NESTING)
    elsewhere = PLACES.set({} if places is None else places)
    try:
        read: _Whole = _PLAN.read(obj, "")
    except RecursionError:
        raise IrJsonError("", "the plan is nested too deep to be read from here") from None
    finally:
        NESTING.reset(outside)
        PLACES.reset(elsewhere)
    if read.body is not None:
        return _with_body(read, read.body)
    if read.tasks is None:
        raise IrJsonError("", "`tasks` is missing")
    if read.fails != "independent":
        raise IrJsonError("/fails", f"`{read.fails}` belongs to a plan with a body")
    for place, task in enumerate(read.tasks):
        _check_flat(task, f"/tasks/{place}")
    for value in () if read.join is None else read.join.values:
        _check_value(value, "/join")
    return Plan(read.inputs, read.tasks, read.join, read.origins)


def _with_body(read: _Whole, body: Block) -> Plan:
    if read.version == _WITHOUT_BODIES:
        raise IrJsonError("/body", f"version {_WITHOUT_BODIES} has no bodies; write {VERSION}")
    if read.tasks is not None:
        raise IrJsonError("", "one of `tasks` and `body` is expected, not both")
    fails: Any = read.fails
    return Plan(read.inputs, (), read.join, read.origins, body, fails)


_ONLY_IN_BODY: Final = "names, operations and conditions stand only in a body"


def _check_flat(task: Task, at: str) -> None:
    if task.when is not None or task.ok or task.instead is not None:
        raise IrJsonError(at, _ONLY_IN_BODY)
    for place, arg in enumerate(task.args):
        _check_value(arg.value, f"{at}/args/{place}/value")


def _check_value(value: Value, at: str) -> None:
    if beyond_flat(value) is not None:
        raise IrJsonError(at, _ONLY_IN_BODY)
