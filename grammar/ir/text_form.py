"""Print the text form of the IR: exact, one line for each input, task, join and origin. `ir.lark` is its manual.

    %1 = search("Mount Everest")
    %2 = math(f"height of {%1.name}", context=[%1]) after %1 prio 1.7    ; read -> str, 0.5 s
    join 1=%1, 2=%2

`parse_ir(print_ir(plan)) == plan` for every plan; spans are not part of the form. What follows `;` is for people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, assert_never

from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.ir.blocks import BodyNotSupported
from lcc.grammar.ir.expressions import Const, DictOf, Element, Format, Input, ListOf, Path, Ref, TaskId, Value
from lcc.grammar.ir.literals import NAME, number_literal, scalar_literal, string_literal
from lcc.grammar.ir.nodes import Arg, Batched, Dropped, Expanded, Folded, InputDecl, Join, Merged, Origin, Plan, Task
from lcc.grammar.ir.text_reader import IrSyntaxError, parse_ir

__all__ = ["IrSyntaxError", "parse_ir", "print_ir", "print_ir_task"]

_PLAIN_TYPE: Final = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_., \[\]|]*[A-Za-z0-9_\]])?\Z")
_WORDS: Final = frozenset({"each", "True", "False", "None"})
"""Names that a keyword can't have without quotes, since they mean something where an argument begins."""


def print_ir(plan: Plan, notes: Mapping[TaskId, str] | None = None) -> str:
    """Return the text form of a plan, with a note behind each task that `notes` names.

    Raise ValueError for a number that isn't finite: no such number is in a valid plan.
    """
    lines = [_input(declared) for declared in plan.inputs]
    if notes:
        for task in plan.tasks:
            note = notes.get(task.id)
            lines.append(f"{print_ir_task(task)}    ; {escape(note)}" if note else print_ir_task(task))
    else:
        lines += [print_ir_task(task) for task in plan.tasks]
    if plan.join is not None:
        lines.append(_join(plan.join))
    lines += [_origin(origin) for origin in plan.origins]
    lines.append("")
    return "\n".join(lines)


def print_ir_task(task: Task) -> str:
    """Return the line of one task."""
    line = f"{_id(task.id)} = {task.tool}({', '.join([_arg(arg) for arg in task.args])})"
    if task.after:
        line += f" after {', '.join([_id(id) for id in task.after])}"
    if task.priority:
        line += f" prio {number_literal(task.priority)}"
    return f"{line}{_thought(task.thought)}"


def _input(declared: InputDecl) -> str:
    type_ = declared.type if _PLAIN_TYPE.match(declared.type) else string_literal(declared.type)
    line = f"{'secret ' if declared.secret else ''}input {declared.name}: {type_}"
    return line if declared.default is None else f"{line} = {_value(declared.default)}"


def _join(join: Join) -> str:
    head = "" if join.id is None else f"%{join.id} = "
    values = [_value(value) for value in join.values]
    if join.direct:
        body = f"answer {values[0]}"
    elif join.labels is None:
        body = f"join [{', '.join(values)}]"
    else:
        results = [f"{label}={value}" for label, value in zip(join.labels, values, strict=True)]
        body = f"join {', '.join(results)}" if results else "join"
    return f"{head}{body}{_thought(join.thought)}"


def _origin(origin: Origin) -> str:
    match origin:
        case Merged(id, into):
            return f"merged {_id(id)} = {_id(into)}"
        case Expanded(id, count):
            return f"expanded {_id(id)} = {count}"
        case Dropped(id):
            return f"dropped {_id(id)}"
        case Folded(id, value):
            return f"folded {_id(id)} = {_value(value)}"
        case Batched(id, into):
            return f"batched {_id(id)} with {_id(into)}"
        case _:
            assert_never(origin)


def _thought(thought: str) -> str:
    return f" thought {string_literal(thought)}" if thought else ""


def _arg(arg: Arg) -> str:
    value = f"each {_value(arg.value)}" if arg.each else _value(arg.value)
    name = arg.name
    if name is None:
        return value
    return f"{name}={value}" if NAME.match(name) and name not in _WORDS else f"{string_literal(name)}={value}"


def _value(value: Value) -> str:
    match value:
        case Const(scalar):
            return scalar_literal(scalar)
        case Ref(task, path):
            return f"{_id(task)}{_path(path)}" if path else _id(task)
        case Input(name, path):
            return f"${name}{_path(path)}"
        case Format(parts):
            return f'f"{"".join([_part(part) for part in parts])}"'
        case ListOf(items):
            return f"[{', '.join([_value(item) for item in items])}]"
        case DictOf(pairs):
            return f"{{{', '.join([f'{string_literal(key)}: {_value(item)}' for key, item in pairs])}}}"
        case _:
            raise BodyNotSupported("this form")


def _part(part: str | Ref | Input) -> str:
    if isinstance(part, str):
        return string_literal(part.replace("{", "{{").replace("}", "}}"))[1:-1]
    return f"{{{_value(part)}}}"


def _path(path: Path) -> str:
    steps = [
        f"[{step}]" if isinstance(step, int) else f".{step}" if NAME.match(step) else f"[{string_literal(step)}]"
        for step in path
    ]
    return "".join(steps)


def _id(id: TaskId) -> str:
    return f"%{id.task}:{id.place}" if isinstance(id, Element) else f"%{id}"
