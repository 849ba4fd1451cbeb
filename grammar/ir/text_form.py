"""Print the text form of the IR: exact, one line for each input, task, statement, join and origin. `ir.lark` is its manual.

    %1 = search("Mount Everest")
    %2 = math(f"height of {%1.name}", context=[%1]) after %1 prio 1.7    ; read -> str, 0.5 s
    join 1=%1, 2=%2

`parse_ir(print_ir(plan)) == plan` for every plan; spans are not part of the form. What follows `;` is for people.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias, assert_never

from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.ir.blocks import check_one_form
from lcc.grammar.ir.expressions import (
    Apply,
    Builtin,
    Choose,
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
    Path,
    Ref,
    Select,
    Spread,
    Target,
    TaskId,
    Value,
)
from lcc.grammar.ir.literals import LOCAL, NAME, number_literal, scalar_literal, string_literal
from lcc.grammar.ir.nodes import (
    Arg,
    Batched,
    Block,
    Dropped,
    Exit,
    Expanded,
    Folded,
    ForEach,
    Gather,
    If,
    Inline,
    InputDecl,
    Join,
    Let,
    Merged,
    Origin,
    Part,
    Plan,
    Region,
    Statement,
    Task,
    Try,
    While,
)
from lcc.grammar.ir.text_reader import IrSyntaxError, parse_ir

__all__ = ["IrSyntaxError", "parse_ir", "print_ir", "print_ir_task"]

_PLAIN_TYPE: Final = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_., \[\]|]*[A-Za-z0-9_\]])?\Z")
_WORDS: Final = frozenset(
    {"each", "True", "False", "None", "and", "or", "select", "list", "set", "dict", "lazy", "lambda"}
)
"""Names that stand in quotes, since they mean something where a value or an argument begins."""


def print_ir(plan: Plan, notes: Mapping[TaskId, str] | None = None) -> str:
    """Return the text form of a plan, with a note behind each task that `notes` names.

    Raise ValueError for a number that isn't finite and for a plan with tasks and a body: no valid plan has either.
    """
    check_one_form(plan)
    lines = [_input(declared) for declared in plan.inputs]
    notes = notes or {}
    if plan.body is not None:
        lines += [f"{plan.fails} {{", *_block(plan.body, "  ", notes), "}"]
    elif notes:
        lines += [_noted(task, notes) for task in plan.tasks]
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
    if task.ok:
        line += f" ok {', '.join([_id(id) for id in task.ok])}"
    if task.instead is not None:
        line += f" instead {_id(task.instead)}"
    line += _when(task.when)
    if task.priority:
        line += f" prio {number_literal(task.priority)}"
    return f"{line}{_thought(task.thought)}"


def _noted(task: Task, notes: Mapping[TaskId, str]) -> str:
    note = notes.get(task.id)
    return f"{print_ir_task(task)}    ; {escape(note)}" if note else print_ir_task(task)


def _block(block: Block, indent: str, notes: Mapping[TaskId, str]) -> list[str]:
    """Return the lines of a block's statements."""

    def inner(block: Block) -> list[str]:
        return _block(block, "  ", notes)

    lines: list[str] = []
    for statement in block:
        found = [_noted(statement, notes)] if isinstance(statement, Task) else _statement(statement, inner)
        lines += [indent + line for line in found]
    return lines


Inner: TypeAlias = Callable[[Block], list[str]]


def _statement(statement: Statement, inner: Inner) -> list[str]:
    """Return the lines of a statement, without indentation; `inner` returns those of its blocks."""
    match statement:
        case Task():
            return [print_ir_task(statement)]
        case Let():
            return [_let(statement)]
        case Exit(kind, value):
            return [kind if value is None else f"{kind} {_value(value)}"]
        case ForEach():
            return _for(statement, inner)
        case Region(id, body, names, when, thought):
            given = f" -> {', '.join(map(_name, names))}" if names else ""
            return [f"region %{id}{given}{_when(when)}{_thought(thought)} {{", *inner(body), "}"]
        case Inline(id, body, name, names):
            own = f" with {', '.join(map(_name, names))}" if names else ""
            return [f"inline %{id}{f' {string_literal(name)}' if name else ''}{own} {{", *inner(body), "}"]
        case If(test, body, orelse):
            return [f"if {_value(test)} {{", *inner(body), *_else(orelse, inner), "}"]
        case While(id, test, body, orelse):
            return [f"while %{id} {_value(test)} {{", *inner(body), *_else(orelse, inner), "}"]
        case Try():
            return _try(statement, inner)
        case Gather(id, parts, exceptions):
            held = [f"  {line}" for part in parts for line in _part_lines(part, inner)]
            return [f"gather %{id}{' exceptions' if exceptions else ''} {{", *held, "}"]
        case _:
            assert_never(statement)


def _let(let: Let) -> str:
    targets = [*([] if let.id is None else [f"%{let.id}"]), *map(_target, let.targets)]
    head = f"let {' = '.join(targets)} =" if targets else "do"
    return f"{head} {_value(let.value)}{_when(let.when)}{_thought(let.thought)}"


def _for(loop: ForEach, inner: Inner) -> list[str]:
    head = f"for %{loop.id} {_target(loop.target)} in {_value(loop.items)}{_when(loop.when)}{_thought(loop.thought)} {{"
    close = "}" if loop.yields is None else f"}} yield {_value(loop.yields)}{_when(loop.yield_when)}"
    if not loop.orelse:
        return [head, *inner(loop.body), close]
    return [head, *inner(loop.body), f"{close} else {{", *inner(loop.orelse), "}"]


def _else(block: Block, inner: Inner) -> list[str]:
    return ["} else {", *inner(block)] if block else []


def _try(statement: Try, inner: Inner) -> list[str]:
    lines = ["try {", *inner(statement.body)]
    for handler in statement.handlers:
        classes = "" if handler.classes is None else f" {_value(handler.classes)}"
        name = "" if handler.name is None else f" as {_name(handler.name)}"
        lines += [f"}} except{classes}{name} {{", *inner(handler.body)]
    lines += _else(statement.orelse, inner)
    if statement.final:
        lines += ["} finally {", *inner(statement.final)]
    return [*lines, "}"]


def _part_lines(part: Part, inner: Inner) -> list[str]:
    each = ""
    if part.target is not None and part.items is not None:
        each = f" for {_target(part.target)} in {_value(part.items)}"
    return [f"part{each} {{", *inner(part.body), f"}} gives {_value(part.value)}"]


def _when(when: Value | None) -> str:
    return "" if when is None else f" when {_value(when)}"


def _target(target: Target) -> str:
    if isinstance(target, str):
        return _name(target)
    items = [f"*{_target(item)}" if place == target.star else _target(item) for place, item in enumerate(target.items)]
    return f"({', '.join(items)})"


def _name(name: str) -> str:
    """Return a name, in backticks where it would be read as something else."""
    if not LOCAL.match(name):
        raise ValueError(f"{escape(repr(name))} can't be written: it is not a name")
    return f"`name {name}`" if name in _WORDS or "." in name else name


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
    return value if arg.name is None else f"{_keyword(arg.name)}={value}"


def _keyword(name: str) -> str:
    return name if NAME.match(name) and name not in _WORDS else string_literal(name)


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
        case Local(name):
            return _name(name)
        case Builtin(name):
            return f"`{escape(name)}`"
        case Apply(op, args, names):
            given = [*map(_value, args), *[f"{_keyword(name)}={_value(item)}" for name, item in names]]
            return f"`{escape(op)}`({', '.join(given)})"
        case Choose(test, then, other):
            return f"({_value(then)} if {_value(test)} else {_value(other)})"
        case Logic(op, items):
            return f"{op}({', '.join(map(_value, items))})"
        case Select(items):
            return f"select({', '.join(map(_value, items))})"
        case Spread(inside, names):
            return f"{'**' if names else '*'}{_value(inside)}"
        case Comprehension():
            return _comprehension(value)
        case Lambda():
            return _lambda(value)
        case _:
            assert_never(value)


def _comprehension(value: Comprehension) -> str:
    parts = [value.kind, _value(value.item) if value.key is None else f"{_value(value.key)}: {_value(value.item)}"]
    for clause in value.clauses:
        parts.append(f"for {_target(clause.target)} in {_value(clause.items)}")
        parts += [f"if {_value(condition)}" for condition in clause.conditions]
    return f"[{' '.join(parts)}]"


def _lambda(value: Lambda) -> str:
    plain = len(value.params) - len(value.defaults)
    params = [
        _name(name) if place < plain else f"{_name(name)}={_value(value.defaults[place - plain])}"
        for place, name in enumerate(value.params)
    ]
    return f"(lambda{' ' if params else ''}{', '.join(params)}: {_value(value.body)})"


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
    if isinstance(id, Element):
        return f"%{id.task}:{id.place}" + "".join([f":{turn}" for turn in id.inner])
    return f"%{id}"
