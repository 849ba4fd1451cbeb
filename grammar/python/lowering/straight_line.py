"""Put a body that is a straight line of calls as a plan of tasks, so that it starts while it streams and runs as a plan of calls does.

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

from lcc.grammar.ir import (
    NOWHERE,
    Apply,
    Arg,
    Block,
    Const,
    DictOf,
    Exit,
    Format,
    Gather,
    Inline,
    Input,
    Join,
    Let,
    ListOf,
    Local,
    Path,
    Ref,
    Targets,
    Task,
    Value,
    references,
    text_of,
)
from lcc.grammar.source import Span
from lcc.grammar.writing.values.written_names import is_text
from lcc.grammar.writing.values_of_steps import as_record


class _MoreThanCalls(Exception):
    """A program that computes, chooses or repeats."""


def straight_line(body: Block) -> tuple[tuple[Task, ...], Join] | Span:
    """Return the calls of a body as tasks, numbered from 1 on, and what it hands back; the place where it is more than that."""
    line = _Line()
    try:
        kind, value = line.block(body)
    except _MoreThanCalls:
        return line.at
    end = max((task.span.end for task in line.made), default=line.at.end)
    values = (value,) if kind == "answer" else tuple(dict.fromkeys(references(value)))
    return tuple(line.made), Join(values, None, kind == "answer", span=Span(end, end))


class _Line:
    """The tasks so far, and what names (texts) and results (ids) stand for."""

    def __init__(self) -> None:
        self.made: list[Task] = []
        self.at = NOWHERE
        self._known: dict[Any, Value] = {}

    def block(self, block: Block) -> tuple[str, Value]:
        """Take the statements of a block; return how it is left, "" for by its end, and with what value."""
        for one in block:
            self.at = one.span if one.span is not NOWHERE else self.at
            match one:
                case Task():
                    args = tuple(Arg(arg.name, self._value(arg.value), arg.each, arg.span) for arg in one.args)
                    self.made.append(replace(one, id=len(self.made) + 1, args=args))
                    self._known[one.id] = Ref(len(self.made))
                case Let(value, targets, None):
                    made = self._value(value)
                    for target in targets:
                        self._bind(target, made)
                case Inline(id, body):
                    self._known[id] = self._inner(body, "return", "")
                case Gather(id, parts, False) if all(part.items is None for part in parts):
                    given = []
                    for part in parts:
                        self._inner(part.body, "")
                        given.append(self._value(part.value))
                    self._known[id] = ListOf(tuple(given))
                case Exit("offer", value):
                    self._value(value)
                case Exit("return" | "answer" as kind, value) if one is block[-1]:
                    return kind, self._value(value)
                case _:
                    raise _MoreThanCalls
        return "", Const(None)

    def _inner(self, block: Block, *ends: str) -> Value:
        kind, value = self.block(block)
        if kind not in ends:
            raise _MoreThanCalls
        return value

    def _bind(self, target: Any, value: Value) -> None:
        match target:
            case str():
                self._known[target] = value
            case Targets(targets, None) if isinstance(value, ListOf) and len(value.items) == len(targets):
                for one, item in zip(targets, value.items, strict=True):
                    self._bind(one, item)
            case _:
                raise _MoreThanCalls

    def _value(self, value: Value | None) -> Value:
        match value:
            case None:
                return Const(None)
            case Const():
                return value
            case Ref(key, path, span) if key in self._known:
                return _at(self._known[key], path, span)
            case Local(key, span) if key in self._known:
                return _at(self._known[key], (), span)
            case Apply(op, args, (), span):
                return _applied(Apply(op, tuple(map(self._value, args)), (), span))
            case _:
                raise _MoreThanCalls


def _applied(value: Apply) -> Value:
    """Return what an operation makes of values that a plan of tasks can hold."""
    match value.op, value.args:
        case "builtin print", _:
            return Const(None)
        case "display list" | "display tuple", items:
            return ListOf(items)
        case "display dict", _ if (record := as_record(value)) is not None:
            return record
        case ("field field", (inside, Const(""), Const(None | "s"))) | ("builtin str", (inside,)):
            return text_of(_written(inside))
        case "field f-string", parts:
            return text_of([piece for part in parts for piece in _written(part)])
        case "operator +", (left, right) if is_text(left) or is_text(right):
            return text_of([*_written(left), *_written(right)])
        case "subscript load", (inside, Const(str() | int() as key)) if not isinstance(key, bool):
            return _at(inside, (key,), value.span)
        case op, (inside,) if op.startswith("attribute "):
            return _at(inside, (op.removeprefix("attribute "),), value.span)
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


def _written(value: Value) -> list[str | Ref | Input]:
    """Return a value as it stands in a text."""
    match value:
        case Const(scalar):
            return [str(scalar)]
        case Ref():
            return [value]
        case Format(parts):
            return list(parts)
        case _:
            raise _MoreThanCalls
