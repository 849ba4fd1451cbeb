"""Read the JSON form of the IR. Whatever is malformed is an error that says where, as a JSON pointer, and why."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from math import isfinite
from typing import Any, Final

from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.ir import json_reader as shape
from lcc.grammar.ir.literals import NAME
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
    Step,
    Task,
    TaskId,
    Value,
)
from lcc.grammar.limits import DEFAULT_LIMITS, IR_NESTING
from lcc.grammar.signatures import RESERVED_TOOLS, TOOL_NAME
from lcc.grammar.source import Span


class IrJsonError(ValueError):
    """A value is not the JSON form of an IR. `pointer` (RFC 6901) says where; it is empty for the whole."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(f"at {pointer}: {message}" if pointer else message)
        self.pointer = pointer
        self.message = message


_TOO_LARGE: Final = 10**DEFAULT_LIMITS.digits


def whole(obj: object, at: str, least: int | None = None) -> int:
    """Return an integer of at least `least`; 3.0 is none."""
    bound = "" if least is None else f" from {least}"
    if type(obj) is not int or (least is not None and obj < least):
        raise IrJsonError(at, f"a whole number{bound} is expected, not {shown(obj)}")
    return int(number(obj, at))


def number(obj: object, at: str) -> int | float:
    """Return a finite number; integers have at most as many digits as in a plan."""
    if not isinstance(obj, int | float) or isinstance(obj, bool):
        raise IrJsonError(at, f"a number is expected, not {shown(obj)}")
    if isinstance(obj, float):
        if not isfinite(obj):
            raise IrJsonError(at, f"{obj} is not a finite number")
    elif not -_TOO_LARGE < obj < _TOO_LARGE:
        raise IrJsonError(at, f"a number of more than {DEFAULT_LIMITS.digits} digits")
    return obj


def seconds(obj: object, at: str) -> float:
    """Return a finite number as a float."""
    try:
        return float(number(obj, at))
    except OverflowError:
        raise IrJsonError(at, "a number too large for a float") from None


def boolean(obj: object, at: str) -> bool:
    """Return true or false."""
    if not isinstance(obj, bool):
        raise IrJsonError(at, f"true or false is expected, not {shown(obj)}")
    return obj


def text(obj: object, at: str) -> str:
    """Return a string."""
    if not isinstance(obj, str):
        raise IrJsonError(at, f"a text is expected, not {shown(obj)}")
    return obj


def name(obj: object, at: str) -> str:
    """Return a string that is a name."""
    name = text(obj, at)
    if not NAME.match(name):
        raise IrJsonError(at, f"{shown(obj)} is not a name: letters, digits and `_`, no digit first")
    return name


def span(obj: object, at: str) -> Span:
    """Return the range of code points that a pair of offsets is."""
    start, end = pair(obj, at)
    return Span(whole(start, f"{at}/0", 0), whole(end, f"{at}/1", 0))


def pair(obj: object, at: str) -> tuple[Any, Any]:
    """Return the two items of a list of two."""
    if not isinstance(obj, list) or len(obj) != 2:
        raise IrJsonError(at, f"a list of two is expected, not {shown(obj)}")
    return obj[0], obj[1]


def items(obj: object, at: str) -> Iterable[tuple[Any, str]]:
    """Return the items of a list, each with its pointer."""
    if not isinstance(obj, list):
        raise IrJsonError(at, f"a list is expected, not {shown(obj)}")
    return [(item, f"{at}/{place}") for place, item in enumerate(obj)]


def fields(obj: object, at: str, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return an object that has all the required keys and no others but the optional ones."""
    if not isinstance(obj, dict):
        raise IrJsonError(at, f"an object is expected, not {shown(obj)}")
    for key in required:
        if key not in obj:
            raise IrJsonError(at, f"`{key}` is missing")
    for key in obj:
        if key not in required and key not in optional:
            raise IrJsonError(at, f"unknown key {shown(key)}")
    return obj


def shown(obj: object) -> str:
    """Return a scalar as it is in JSON, and of anything else only what it is."""
    match obj:
        case None | bool():
            return json.dumps(obj)
        case int() if not -_TOO_LARGE < obj < _TOO_LARGE:
            return "a number of more than 1,000 digits"
        case int() | float():
            return repr(obj)
        case str():
            return escape(json.dumps(obj if len(obj) <= 40 else f"{obj[:40]}…", ensure_ascii=False))
        case list():
            return f"a list of {len(obj)}"
        case dict():
            return "an object"
        case _:
            return f"a Python {type(obj).__name__}"


VERSION: Final = 1
"""The version of the form. It changes when a reader of the old form could misread the new one."""


def from_json(obj: object) -> Plan:
    """Return the plan that `to_json` wrote; raise IrJsonError for anything else.

    Only the form is checked: whether ids are unique and references point backwards is for `verify`.
    """
    if isinstance(obj, dict) and "version" in obj and (type(obj["version"]) is not int or obj["version"] != VERSION):
        raise IrJsonError(
            "/version", f"version {shape.shown(obj['version'])} is unknown; this lcc reads version {VERSION}"
        )
    plan = shape.fields(obj, "", ("version", "tasks"), ("inputs", "join", "origins"))
    return Plan(
        tuple([_input(item, at) for item, at in shape.items(plan.get("inputs", []), "/inputs")]),
        tuple([_task(item, at) for item, at in shape.items(plan["tasks"], "/tasks")]),
        _join(plan["join"], "/join") if "join" in plan else None,
        tuple([_origin(item, at) for item, at in shape.items(plan.get("origins", []), "/origins")]),
    )


def _input(obj: object, at: str) -> InputDecl:
    given = shape.fields(obj, at, ("name", "type"), ("default", "secret"))
    default = _value(given["default"], f"{at}/default") if "default" in given else None
    secret = shape.boolean(given.get("secret", False), f"{at}/secret")
    return InputDecl(shape.name(given["name"], f"{at}/name"), shape.text(given["type"], f"{at}/type"), default, secret)


def _task(obj: object, at: str) -> Task:
    given = shape.fields(obj, at, ("id", "tool"), ("args", "after", "priority", "thought", "span"))
    args = tuple([_arg(item, here) for item, here in shape.items(given.get("args", []), f"{at}/args")])
    if sum([arg.each for arg in args]) > 1:
        raise IrJsonError(f"{at}/args", "two arguments are `each`; a call may have one")
    return Task(
        _id(given["id"], f"{at}/id"),
        _tool(given["tool"], f"{at}/tool"),
        args,
        tuple([_id(item, here) for item, here in shape.items(given.get("after", []), f"{at}/after")]),
        shape.seconds(given.get("priority", 0.0), f"{at}/priority"),
        shape.text(given.get("thought", ""), f"{at}/thought"),
        shape.span(given["span"], f"{at}/span") if "span" in given else NOWHERE,
    )


def _tool(obj: object, at: str) -> str:
    tool = shape.text(obj, at)
    if not TOOL_NAME.match(tool) or tool in RESERVED_TOOLS:
        raise IrJsonError(at, f"{shape.shown(obj)} can't name a tool")
    return tool


def _arg(obj: object, at: str) -> Arg:
    given = shape.fields(obj, at, ("value",), ("name", "each"))
    name = shape.text(given["name"], f"{at}/name") if "name" in given else None
    return Arg(name, _value(given["value"], f"{at}/value"), shape.boolean(given.get("each", False), f"{at}/each"))


def _join(obj: object, at: str) -> Join:
    given = shape.fields(obj, at, (), ("results", "list", "answer", "id", "thought", "span"))
    kinds = [kind for kind in ("results", "list", "answer") if kind in given]
    if len(kinds) != 1:
        raise IrJsonError(at, "exactly one of `results`, `list` and `answer` is expected")
    labels: tuple[int, ...] | None = None
    here = f"{at}/{kinds[0]}"
    if kinds == ["answer"]:
        values: tuple[Value, ...] = (_value(given["answer"], here),)
    elif kinds == ["list"]:
        values = tuple([_value(item, place) for item, place in shape.items(given["list"], here)])
    else:
        pairs = [(shape.pair(item, place), place) for item, place in shape.items(given["results"], here)]
        labels = tuple([shape.whole(label, f"{place}/0", 1) for (label, _), place in pairs])
        values = tuple([_value(value, f"{place}/1") for (_, value), place in pairs])
    return Join(
        values,
        labels,
        kinds == ["answer"],
        shape.whole(given["id"], f"{at}/id", 1) if "id" in given else None,
        shape.text(given.get("thought", ""), f"{at}/thought"),
        shape.span(given["span"], f"{at}/span") if "span" in given else NOWHERE,
    )


def _origin(obj: object, at: str) -> Origin:
    match obj:
        case {"merged": id, **rest}:
            into = shape.fields(rest, at, ("into",))["into"]
            return Merged(_id(id, f"{at}/merged"), _id(into, f"{at}/into"))
        case {"expanded": id, **rest}:
            count = shape.fields(rest, at, ("count",))["count"]
            return Expanded(shape.whole(id, f"{at}/expanded", 1), shape.whole(count, f"{at}/count", 0))
        case {"dropped": id, **rest}:
            shape.fields(rest, at, ())
            return Dropped(_id(id, f"{at}/dropped"))
        case {"folded": id, **rest}:
            value = shape.fields(rest, at, ("value",))["value"]
            return Folded(_id(id, f"{at}/folded"), _value(value, f"{at}/value"))
        case {"batched": id, **rest}:
            into = shape.fields(rest, at, ("with",))["with"]
            return Batched(_id(id, f"{at}/batched"), _id(into, f"{at}/with"))
        case _:
            raise IrJsonError(at, "one of `merged`, `expanded`, `dropped`, `folded` and `batched` is expected")


def _value(obj: object, at: str, depth: int = 1) -> Value:
    if obj is None or isinstance(obj, str | bool):
        return Const(obj)
    if isinstance(obj, int | float):
        return Const(shape.number(obj, at))
    if depth > IR_NESTING:
        raise IrJsonError(at, f"a value is nested more than {IR_NESTING} deep")
    if isinstance(obj, list):
        return ListOf(tuple([_value(item, here, depth + 1) for item, here in shape.items(obj, at)]))
    match obj:
        case {"ref": _} | {"input": _}:
            return _reference(obj, at)
        case {"format": parts, **rest}:
            shape.fields(rest, at, ())
            return _format(parts, f"{at}/format")
        case {"dict": pairs, **rest}:
            shape.fields(rest, at, ())
            return _dict(pairs, f"{at}/dict", depth + 1)
        case dict():
            raise IrJsonError(at, "one of `ref`, `input`, `format` and `dict` is expected")
        case _:
            raise IrJsonError(at, f"a value is expected, not {shape.shown(obj)}")


def _reference(obj: object, at: str) -> Ref | Input:
    if isinstance(obj, dict) and "input" in obj:
        given = shape.fields(obj, at, ("input",), ("path",))
        return Input(shape.name(given["input"], f"{at}/input"), _path(given.get("path", []), f"{at}/path"))
    given = shape.fields(obj, at, ("ref",), ("path",))
    return Ref(_id(given["ref"], f"{at}/ref"), _path(given.get("path", []), f"{at}/path"))


def _path(obj: object, at: str) -> Path:
    path: list[Step] = []
    for step, here in shape.items(obj, at):
        path.append(step if isinstance(step, str) else shape.whole(step, here))
    return tuple(path)


def _format(obj: object, at: str) -> Format:
    parts: list[str | Ref | Input] = []
    for item, here in shape.items(obj, at):
        part = item if isinstance(item, str) else _reference(item, here)
        if part == "" or (isinstance(part, str) and parts and isinstance(parts[-1], str)):
            raise IrJsonError(here, "a text in a format is neither empty nor next to another")
        parts.append(part)
    if all(isinstance(part, str) for part in parts):
        raise IrJsonError(at, "a format without a reference is only text")
    return Format(tuple(parts))


def _dict(obj: object, at: str, depth: int) -> DictOf:
    items: dict[str, Value] = {}
    for item, here in shape.items(obj, at):
        first, second = shape.pair(item, here)
        key = shape.text(first, f"{here}/0")
        if key in items:
            raise IrJsonError(f"{here}/0", f"the key {shape.shown(key)} twice")
        items[key] = _value(second, f"{here}/1", depth)
    return DictOf(tuple(items.items()))


_ELEMENT: Final = re.compile(r"([1-9][0-9]*)\[(0|[1-9][0-9]*)\]\Z", re.ASCII)


def _id(obj: object, at: str) -> TaskId:
    if isinstance(obj, str):
        found = _ELEMENT.match(obj) if len(obj) <= DEFAULT_LIMITS.digits else None
        if found is None:
            raise IrJsonError(at, f'{shape.shown(obj)} is not an id: write 3, or "3[1]" for an element')
        return Element(int(found[1]), int(found[2]))
    return shape.whole(obj, at, 1)
