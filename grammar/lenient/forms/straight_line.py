"""Put a program that is a straight line of calls as tasks, so that it starts while it streams and runs as a plan of calls does.

    t = tide("Brest")
    post_notice("quay", f"high at {t}")
=>
    1. tide("Brest")
    2. post_notice("quay", "high at $1")
    3. join()
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lcc.grammar.ir.expressions import (
    NOWHERE,
    Apply,
    Const,
    DictOf,
    Format,
    Input,
    ListOf,
    Local,
    Path,
    Ref,
    Targets,
    Value,
    text_of,
)
from lcc.grammar.ir.nodes import Arg, Block, Exit, Gather, Inline, Let, Task
from lcc.grammar.ir.walk import references
from lcc.grammar.lenient.calls.settle import Read
from lcc.grammar.source import Span
from lcc.grammar.syntax.statement import Call


class _MoreThanCalls(Exception):
    """A program that computes, chooses or repeats."""


def straight_line(body: Block, first: int) -> tuple[Read, ...] | Span:
    """Return the calls of a body, numbered from `first`, and its join last; the place where it is more than that."""
    line = _Line(first)
    try:
        kind, value = line.block(body)
    except _MoreThanCalls:
        return line.at
    end = max((task.span.end for task in line.made), default=line.at.end)
    at = Span(end, end)
    if kind == "answer":
        ends = _read(Call("answer", None, "answer", (Arg(None, value, False),), False, at))
    else:
        given = tuple(Arg(None, ref, False) for ref in dict.fromkeys(references(value)))
        ends = _read(Call("join", None, "join", given, False, at))
    return (*map(_called, line.made), ends)


def _called(task: Task) -> Read:
    start = task.span.start + task.name_at
    named = NOWHERE if task.name_at < 0 else Span(start, start + len(task.tool))
    return _read(Call("task", None, task.tool, task.args, False, task.span, named))


def _read(call: Call) -> Read:
    return Read(call, None, None, (), (), says="program")


class _Line:
    """The tasks so far, and what names (texts) and results (ids) stand for."""

    def __init__(self, first: int) -> None:
        self.made: list[Task] = []
        self.at = NOWHERE
        self._first = first
        self._known: dict[Any, Value] = {}

    def block(self, block: Block) -> tuple[str, Value]:
        """Take the statements of a block; return how it is left, "" for by its end, and with what value."""
        for one in block:
            self.at = one.span if one.span is not NOWHERE else self.at
            match one:
                case Task(after=(), when=None, ok=(), instead=None):
                    self._task(one)
                case Let(Apply("builtin print", args, ()), (), None, None) | Exit(
                    "offer", Apply("builtin print", args, ())
                ):
                    for arg in args:
                        self._value(arg)
                case Let(value, targets, None, None):
                    made = self._value(value)
                    for target in targets:
                        self._bind(target, made)
                case Inline(id_, body):
                    self._known[id_] = self._inner(body, ("return", ""))
                case Gather(id_, parts, False) if all(part.items is None for part in parts):
                    results = []
                    for part in parts:
                        self._inner(part.body, ("",))
                        results.append(self._value(part.value))
                    self._known[id_] = ListOf(tuple(results))
                case Exit("offer", value):
                    self._value(value)
                case Exit("return" | "answer" as kind, value) if one is block[-1]:
                    return kind, Const(None) if value is None else self._value(value)
                case _:
                    raise _MoreThanCalls
        return "", Const(None)

    def _inner(self, block: Block, ends: tuple[str, ...]) -> Value:
        kind, value = self.block(block)
        if kind not in ends:
            raise _MoreThanCalls
        return value

    def _task(self, task: Task) -> None:
        args = tuple(Arg(arg.name, self._value(arg.value), arg.each, arg.span) for arg in task.args)
        id_ = self._first + len(self.made)
        self.made.append(replace(task, id=id_, args=args))
        self._known[task.id] = Ref(id_)

    def _bind(self, target: Any, value: Value) -> None:
        match target:
            case str():
                self._known[target] = value
            case Targets(targets, None) if isinstance(value, ListOf) and len(value.items) == len(targets):
                for one, item in zip(targets, value.items, strict=True):
                    self._bind(one, item)
            case _:
                raise _MoreThanCalls

    def _value(self, value: Any) -> Value:
        match value:
            case Const():
                return value
            case Ref(key, path, span) if key in self._known:
                return _at(self._known[key], path, span)
            case Local(key, span) if key in self._known:
                return _at(self._known[key], (), span)
            case Apply(op, args, (), span):
                return _applied(op, tuple(map(self._value, args)), span)
            case _:
                raise _MoreThanCalls


def _applied(op: str, args: tuple[Value, ...], span: Span) -> Value:
    """Return what an operation makes of values that a plan of tasks can hold."""
    match op, args:
        case "display list" | "display tuple", _:
            return ListOf(args)
        case "display dict", _:
            return DictOf(tuple((_key(key), item) for key, item in zip(args[::2], args[1::2], strict=True)))
        case ("field field", (value, Const(""), Const(None | "s"))) | ("builtin str", (value,)):
            return text_of(_written(value))
        case ("field f-string", _):
            return text_of([piece for arg in args for piece in _written(arg)])
        case ("operator +", (left, right)) if _is_text(left) or _is_text(right):
            return text_of([*_written(left), *_written(right)])
        case "subscript load", (value, Const(str() | int() as key)) if not isinstance(key, bool):
            return _at(value, (key,), span)
        case _, (value,) if op.startswith("attribute "):
            return _at(value, (op.removeprefix("attribute "),), span)
        case _:
            raise _MoreThanCalls


def _at(value: Value, path: Path, span: Span) -> Value:
    """Return what a path leads to in a value."""
    for place, key in enumerate(path):
        match value:
            case Ref(task, before):
                return Ref(task, (*before, *path[place:]), span)
            case ListOf(items) if isinstance(key, int) and -len(items) <= key < len(items):
                value = items[key]
            case DictOf(pairs) if key in dict(pairs):
                value = dict(pairs)[str(key)]
            case _:
                raise _MoreThanCalls
    return replace(value, span=span) if isinstance(value, Ref) else value


def _key(key: Value) -> str:
    if isinstance(key, Const) and isinstance(key.value, str):
        return key.value
    raise _MoreThanCalls


def _is_text(value: Value) -> bool:
    return isinstance(value, Format) or (isinstance(value, Const) and isinstance(value.value, str))


def _written(value: Value) -> list[str | Ref | Input]:
    """Return a value as it stands in a text."""
    match value:
        case Const(scalar):
            return [scalar if isinstance(scalar, str) else str(scalar)]
        case Ref():
            return [value]
        case Format(parts):
            return list(parts)
        case _:
            raise _MoreThanCalls
