"""Put a program that is a straight line of calls as tasks, so that it starts while it streams and runs as a plan of calls does.

    t = tide("Brest")
    post_notice("quay", f"high at {t}")
=>
    1. tide("Brest")
    2. post_notice("quay", "high at $1")
    3. join()
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lcc.grammar.ir import (
    Apply,
    Arg,
    Block,
    Const,
    DictOf,
    Exit,
    Gather,
    Inline,
    Input,
    Join,
    Let,
    ListOf,
    Local,
    Part,
    Path,
    Plan,
    Ref,
    Targets,
    Task,
    Value,
    references,
    text_of,
)
from lcc.grammar.ir.expressions import Format
from lcc.grammar.source import Span


class _MoreThanCalls(Exception):
    """A program that computes, chooses or repeats."""


def straight_line(body: Block, first: int, most: int) -> Plan | None:
    """Return the plan of tasks that a body is, numbered from `first`; None if it is more than that, or more than `most` tasks."""
    line = _Line(first)
    try:
        line.program(body)
    except _MoreThanCalls:
        return None
    if len(line.made) > most:
        return None
    ids = tuple(range(first, first + len(line.made)))
    join = Join(tuple(Ref(id_) for id_ in ids), ids) if line.join is None else line.join
    return Plan((), tuple(line.made), join)


class _Line:
    """The tasks so far, and what names and results stand for."""

    def __init__(self, first: int) -> None:
        self.made: list[Task] = []
        self.join: Join | None = None
        self._first = first
        self._names: dict[str, Value] = {}
        self._results: dict[Any, Value] = {}

    def program(self, body: Block) -> None:
        """Take the statements of a program."""
        match body[-1:]:
            case (Exit("return" | "answer" as kind, value),):
                self._block(body[:-1])
                made = Const(None) if value is None else self._value(value)
                if kind == "answer":
                    self.join = Join((made,), None, True)
                elif read := tuple(references(made)):
                    self.join = Join(tuple(dict.fromkeys(read)))
            case _:
                self._block(body)

    def _block(self, block: Block) -> None:
        for one in block:
            match one:
                case Task(after=(), when=None, ok=(), instead=None):
                    self._task(one)
                case Let(value, targets, None, None):
                    made = self._value(value, printed=not targets)
                    for target in targets:
                        self._bind(target, made)
                case Inline(id_, body):
                    self._results[id_] = self._returned(body)
                case Gather(id_, parts, False):
                    self._results[id_] = ListOf(tuple(self._part(part) for part in parts))
                case Exit("offer", value):
                    self._value(value, printed=True)
                case _:
                    raise _MoreThanCalls

    def _returned(self, body: Block) -> Value:
        match body[-1:]:
            case (Exit("return", value),):
                self._block(body[:-1])
                return Const(None) if value is None else self._value(value)
        self._block(body)
        return Const(None)

    def _part(self, part: Part) -> Value:
        if part.items is not None:
            raise _MoreThanCalls
        self._block(part.body)
        return self._value(part.value)

    def _task(self, task: Task) -> None:
        args = tuple(Arg(arg.name, self._value(arg.value), arg.each, arg.span) for arg in task.args)
        id_ = self._first + len(self.made)
        self.made.append(replace(task, id=id_, args=args))
        self._results[task.id] = Ref(id_)

    def _bind(self, target: Any, value: Value) -> None:
        match target:
            case str():
                self._names[target] = value
            case Targets(targets, None) if isinstance(value, ListOf) and len(value.items) == len(targets):
                for one, item in zip(targets, value.items, strict=True):
                    self._bind(one, item)
            case _:
                raise _MoreThanCalls

    def _value(self, value: Any, printed: bool = False) -> Value:
        match value:
            case Const():
                return value
            case Ref(task, path, span) if task in self._results:
                return self._step(self._results[task], path, span)
            case Local(name, span) if name in self._names:
                return self._step(self._names[name], (), span)
            case Apply("builtin print", args, ()) if printed:
                return ListOf(tuple(self._value(arg) for arg in args))
            case Apply("display list" | "display tuple", args, ()):
                return ListOf(tuple(self._value(arg) for arg in args))
            case Apply("display dict", args, ()):
                return DictOf(tuple((self._key(key), self._value(item)) for key, item in _pairs(args)))
            case Apply("field f-string", args, ()):
                return text_of([piece for arg in args for piece in self._pieces(arg)])
            case Apply("operator +", (left, right), ()):
                return self._sum(self._value(left), self._value(right))
            case Apply("builtin str", (inner,), ()):
                return text_of(self._pieces(inner))
            case Apply("subscript load", (inner, Const(str() | int() as key)), (), span) if not isinstance(key, bool):
                return self._step(self._value(inner), (key,), span)
            case Apply(op, (inner,), (), span) if op.startswith("attribute "):
                return self._step(self._value(inner), (op.removeprefix("attribute "),), span)
            case _:
                raise _MoreThanCalls

    def _step(self, value: Value, path: Path, span: Span) -> Value:
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

    def _key(self, key: Any) -> str:
        if isinstance(key, Const) and isinstance(key.value, str):
            return key.value
        raise _MoreThanCalls

    def _sum(self, left: Value, right: Value) -> Value:
        if not (_is_text(left) or _is_text(right)):
            raise _MoreThanCalls
        return text_of([*_written(left), *_written(right)])

    def _pieces(self, part: Any) -> list[str | Ref | Input]:
        match part:
            case Apply("field field", (value, Const(""), Const(None | "s")), ()):
                return _written(self._value(value))
            case _:
                return _written(self._value(part))


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


def _pairs(args: tuple[Value, ...]) -> Iterator[tuple[Value, Value]]:
    """Yield the keys of a dict display with their values."""
    return zip(args[::2], args[1::2], strict=True)
