"""Bind the arguments of calls to the declared types, so that one meaning has one form.

    1. search("tides")
    2. summarize(text=$1, words="$1", title=42)      # def summarize(text: str, words: int, title: str)
=>
    2. summarize(text="$1", words=$1, title="42")

Where a parameter takes only text, a reference stands in a text, unless its type is known to be text: then it stands alone.
Everywhere else a text that is nothing but a reference is the reference. Constants become what the parameter takes.

Requires: nothing; what doesn't fit is left as it is, for `verify` to report. Keeps: ids, order, spans, the author's choice of
positional or keyword. Binding what is bound changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import repeat

from lcc.grammar.ir import (
    Arg,
    Block,
    Const,
    DictOf,
    Format,
    Input,
    InputDecl,
    Join,
    ListOf,
    Plan,
    Ref,
    Task,
    Value,
    change_args,
    children,
    map_calls,
    rebuild,
)
from lcc.grammar.ir.constants import is_constant, json_of, value_of_json
from lcc.grammar.signatures import (
    ANY,
    AnyType,
    DictType,
    ListType,
    LiteralType,
    RecordType,
    StrType,
    Tools,
    Type,
    UnionType,
    becomes_text,
    coerce,
    only_text,
    union,
    value_fits,
)
from lcc.passes.analysis.calls import Calls, with_built_in
from lcc.passes.analysis.fit import is_container
from lcc.passes.analysis.inference import Types, declared_type


def bind(plan: Plan, tools: Tools, earlier: Iterable[Task] = ()) -> Plan:
    """Return the plan with every argument, join value and input default in its one form.

    `earlier`: the bound calls of earlier plans whose results are read.
    """
    if plan.body is not None:
        return _bind_body(plan, plan.body, tools, earlier)
    types = Types(tools, plan.inputs)
    for task in earlier:
        types.add(task)
    binder = Binder(Calls(tools), types)
    inputs = tuple(bind_input(declared) for declared in plan.inputs)
    tasks = tuple(binder.task(task) for task in plan.tasks)
    join = None if plan.join is None else binder.join(plan.join)
    return Plan(inputs, tasks, join, plan.origins)


def _bind_body(plan: Plan, body: Block, tools: Tools, earlier: Iterable[Task]) -> Plan:
    """Return a plan with the calls of its body bound. A strict one converts integers to floats alone, as Python has it."""
    from lcc.passes.analysis.values.body_types import BodyTypes  # plans without a body need no operations

    tools = with_built_in(plan, tools)
    binder = Binder(Calls(tools), BodyTypes(plan, tools, earlier))
    inputs = tuple([bind_input(declared) for declared in plan.inputs])
    join = None if plan.join is None else binder.join(plan.join)
    return replace(plan, inputs=inputs, body=map_calls(body, binder.bound), join=join)


class Binder:
    """Bind tasks one by one, in plan order."""

    def __init__(self, calls: Calls, types: Types) -> None:
        self._calls = calls
        self._types = types

    def task(self, task: Task) -> Task:
        """Return a task with its arguments bound, and learn the type of its result."""
        bound = self.bound(task)
        self.learn(task)
        return bound

    def learn(self, task: Task) -> None:
        """Learn the type of the result of a task that is bound."""
        self._types.add(task)

    def bound(self, task: Task) -> Task:
        """Return a task with its arguments bound: the same task if nothing changes."""
        convention = self._calls.convention(task.tool)

        def change(arg: Arg, place: int) -> Value:
            parameter = None if convention is None else convention.parameter_of(arg, place)
            target = ANY if parameter is None else parameter.type
            return canonical(arg.value, ListType(target) if arg.each else target, self._types)

        return change_args(task, change)

    def join(self, join: Join) -> Join:
        """Return a join with its values bound: a text that is nothing but a reference is the reference."""
        return replace(join, values=tuple(canonical(value, ANY, self._types) for value in join.values))


def bind_input(declared: InputDecl) -> InputDecl:
    """Return an input declaration whose default is what its type takes: `3` for a `float` is 3.0."""
    if declared.default is None or not is_constant(declared.default):
        return declared
    default = _coerced(declared.default, declared_type(declared))
    return declared if default is declared.default else replace(declared, default=default)


def canonical(value: Value, target: Type, types: Types) -> Value:
    """Return the one form that a value has where `target` is wanted; the same object if that is what it has."""
    if types.strict:
        return _as_float(value, target)
    match value:
        case Const():
            return _coerced(value, target)
        case Ref() | Input():
            return Format((value,)) if _is_made_text(types.of(value), target) else value
        case Format((Ref() | Input() as part,)):
            return value if only_text(target) and not _is_text(types.of(part)) else part
        case Format():
            return value
        case ListOf() | DictOf():
            if is_constant(value):
                return _coerced(value, target)
            wanted = iter(wanted_inside(value, target))
            return rebuild(value, lambda item: canonical(item, next(wanted), types))
        case _:
            return value


def _as_float(value: Value, target: Type) -> Value:
    """Return an integer as a float where only a float is wanted, and any other value as it is."""
    if not isinstance(value, Const) or type(value.value) is not int or not value_fits(value.value, target):
        return value
    scalar = coerce(value.value, target)
    return Const(scalar) if type(scalar) is float else value


def _coerced(value: Value, target: Type) -> Value:
    if isinstance(target, AnyType):
        return value
    if isinstance(value, Const):
        if isinstance(value.value, str) and isinstance(target, StrType):
            return value
        if not value_fits(value.value, target) and not becomes_text(value.value, target):
            return value
        scalar = coerce(value.value, target)
        return value if scalar is value.value else value_of_json(scalar)
    json = json_of(value)
    if not value_fits(json, target):
        return value
    changed = value_of_json(coerce(json, target))
    return value if changed == value else changed


def _is_made_text(found: Type, target: Type) -> bool:
    """Whether a result of one type becomes text where another is wanted. What may be null becomes text only where null may not stand."""
    return (_is_text(target) and not _is_text(found)) or (only_text(target) and is_container(found))


def _is_text(type_: Type) -> bool:
    """Whether values of a type are texts, so that making one a text changes nothing. A null would become "null"."""
    match type_:
        case StrType():
            return True
        case LiteralType(values):
            return all(isinstance(value, str) for value in values)
        case UnionType(members):
            return all(_is_text(member) for member in members)
        case _:
            return False


def wanted_inside(value: Value, target: Type) -> Iterable[Type]:
    """Return the types that the children of a value have where `target` is wanted."""
    match value:
        case ListOf(items):
            return repeat(_item_type(target), len(items))
        case DictOf(pairs):
            return (_field_type(target, key) for key, _ in pairs)
        case _:
            return (ANY for _ in children(value))


def _item_type(target: Type) -> Type:
    """Return the type that the items of a list have where `target` is wanted."""
    match target:
        case ListType(item):
            return item
        case UnionType(members):
            return union(*(member.item for member in members if isinstance(member, ListType)))
        case _:
            return ANY


def _field_type(target: Type, key: str) -> Type:
    """Return the type that a key's value has where `target` is wanted."""
    match target:
        case DictType(value):
            return value
        case RecordType():
            field = target.field(key)
            return ANY if field is None else field.type
        case UnionType(members):
            return union(*(_field_type(member, key) for member in members if isinstance(member, DictType | RecordType)))
        case _:
            return ANY
