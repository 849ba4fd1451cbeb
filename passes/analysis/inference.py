"""Infer the types of values from what tools and inputs declare."""

from __future__ import annotations

from typing import assert_never

from lcc.grammar.ir import Const, DictOf, Element, Format, Input, InputDecl, ListOf, Ref, Task, TaskId, Value
from lcc.grammar.signatures import (
    ANY,
    STR,
    AnyType,
    BoolType,
    DictType,
    Field,
    FloatType,
    IntType,
    ListType,
    LiteralType,
    NoSuchPath,
    NullType,
    RecordType,
    StrType,
    Tools,
    Type,
    UnionType,
    fits,
    type_at,
    type_of,
    union,
)
from lcc.grammar.signatures.annotations import AnnotationError, parse_annotation


class Types:
    """The types of the results and inputs that a value may read. Add tasks in plan order.

    `strict`: nothing becomes text by itself.
    """

    strict = False

    def __init__(self, tools: Tools, inputs: tuple[InputDecl, ...] = ()) -> None:
        self._tools = tools
        self._results: dict[TaskId, Type] = {}
        self._inputs: dict[str, Type] = {}
        for declared in inputs:
            self.declare(declared)

    def declare(self, declared: InputDecl) -> None:
        """Learn the type of an input."""
        self._inputs[declared.name] = declared_type(declared)

    def add(self, task: Task) -> None:
        """Learn the type of a task's result: its tool's, or a list of that for a fan-out."""
        signature = self._tools.get(task.tool)
        result = ANY if signature is None else signature.result
        self._results[task.id] = ListType(result) if task.each is not None else result
        if isinstance(task.id, Element):
            self._results[task.id.task] = ListType(result)

    def result(self, id: TaskId) -> Type:
        """Return the type of a task's whole result; `Any` where nothing is known of the task."""
        return self._results.get(id, ANY)

    def part(self, place: Ref | Input) -> Type:
        """Return the type of a reference or an input; raise NoSuchPath where its path leads nowhere."""
        whole = self.result(place.task) if isinstance(place, Ref) else self._inputs.get(place.name, ANY)
        return type_at(whole, place.path) if place.path else whole

    def accepts(self, source: Type, target: Type) -> bool:
        """Whether a value of a type may be given where another is wanted."""
        return fits(source, target)

    def of(self, value: Value) -> Type:
        """Return the type of a value; `Any` for what a path leads to that no value of the type has."""
        match value:
            case Const(scalar):
                return type_of(scalar)
            case Ref() | Input():
                try:
                    return self.part(value)
                except NoSuchPath:
                    return ANY
            case Format():
                return STR
            case ListOf(items):
                return ListType(union(*(self.of(item) for item in items)))
            case DictOf(pairs):
                return RecordType("dict", tuple(Field(key, self.of(item)) for key, item in pairs))
            case _:
                return ANY


def declared_type(declared: InputDecl) -> Type:
    """Return the type that an input declares; `Any` where the annotation is no type, which `verify` reports."""
    if declared.type == "str":
        return STR
    try:
        return parse_annotation(declared.type)
    except AnnotationError:
        return ANY


def is_bulky(type_: Type) -> bool:
    """Whether values of a type may be of any length: text, lists and dicts, not numbers."""
    match type_:
        case StrType() | ListType() | DictType() | RecordType() | AnyType():
            return True
        case UnionType(members):
            return any(is_bulky(member) for member in members)
        case BoolType() | IntType() | FloatType() | NullType() | LiteralType():
            return False
        case _:
            assert_never(type_)
