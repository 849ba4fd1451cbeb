"""Find the operations of a body that fail for null where a value may be null, and nothing in the plan asks whether it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final

from lcc.grammar.ir import (
    Apply,
    Block,
    Choose,
    Comprehension,
    Const,
    ForEach,
    Gather,
    If,
    Input,
    Let,
    Local,
    Logic,
    Ref,
    Region,
    Statement,
    Task,
    Try,
    Value,
    While,
    block_statements,
    blocks_of,
    names_of,
    statement_values,
)
from lcc.grammar.ir.evaluation import Key, frame_keys
from lcc.grammar.ir.operations import Misfit
from lcc.grammar.ir.walk import walk
from lcc.grammar.signatures import NULL, NullType, Type, UnionType
from lcc.passes.analysis.values.value_types import Bound, Read, ValueTypes, tests_type

NOTHING: Final[Bound] = {}
Found = Callable[[Value, Value], None]
"""Called with an operation, and what it is given that may be null."""


class NullUses(ValueTypes):
    """Infers types, and tells of operations that would fail for null where it may be given."""

    def __init__(self, read: Read, found: Found) -> None:
        super().__init__(read, lambda value, misfit, tests: None)
        self._found = found

    def elements(self, value: Value, bound: Bound = NOTHING, around: Value | None = None) -> Type:
        """Return the type of what iterating a value yields."""
        if may_be_null(self.of(value, bound)):
            self._found(value if around is None else around, value)
        return super().elements(value, bound, around)

    def _inferred(self, value: Apply, where: str, what: str, args: list[Type], names: dict[str, Type]) -> Type:
        for at, given in enumerate(args):
            if at < len(value.args) and may_be_null(given) and not self._takes_null(value, where, what, args, at):
                self._found(value, value.args[at])
                break
        return super()._inferred(value, where, what, args, names)

    def _takes_null(self, value: Apply, where: str, what: str, args: list[Type], at: int) -> bool:
        try:
            super()._inferred(value, where, what, [*args[:at], NULL, *args[at + 1 :]], {})
        except Misfit:
            try:  # else it isn't null that is wrong
                super()._inferred(value, where, what, [*args[:at], without_null(args[at]), *args[at + 1 :]], {})
            except Misfit:
                return True
            return False
        return True


def may_be_null(type_: Type) -> bool:
    """Whether null is one of several values that a type allows."""
    return isinstance(type_, UnionType) and any(isinstance(member, NullType) for member in type_.members)


def without_null(type_: Type) -> Type:
    """Return a type without null."""
    if not isinstance(type_, UnionType):
        return type_
    left = tuple([member for member in type_.members if not isinstance(member, NullType)])
    return left[0] if len(left) == 1 else UnionType(left)


def open_statements(block: Block) -> Iterator[Statement]:
    """Yield the statements whose failures nothing handles."""
    for statement in block:
        yield statement
        handled = isinstance(statement, Try) and bool(statement.handlers)
        for inner in blocks_of(statement)[1 if handled else 0 :]:
            yield from open_statements(inner)


def asked(block: Block) -> frozenset[Key]:
    """Return the names and results that a condition of the plan asks about, and names that are null on purpose."""
    found: set[Key] = set()
    for statement in block_statements(block):
        for test in conditions_of(statement):
            for one in (*tests_type(test), *_truths(test)):
                found |= keys_of(one)
        if isinstance(statement, Let) and isinstance(statement.value, Const) and statement.value.value is None:
            found |= {name for target in statement.targets for name in names_of(target)}
    return frozenset(found)


def conditions_of(statement: Statement) -> Iterator[Value]:
    """Yield all conditions of a statement, those within its values too."""
    match statement:
        case If(test=test) | While(test=test):
            yield test
        case ForEach(when=when, yield_when=yields):
            yield from (one for one in (when, yields) if one is not None)
        case Task(when=when) | Let(when=when) | Region(when=when) if when is not None:
            yield when
        case _:
            pass
    for value in statement_values(statement):
        for one in walk(value):
            match one:
                case Choose(test=test):
                    yield test
                case Logic(items=items):
                    yield from items
                case Comprehension(clauses=clauses):
                    yield from (test for clause in clauses for test in clause.conditions)
                case _:
                    pass


def _truths(test: Value) -> Iterator[Value]:
    """Yield what a condition asks the truth of."""
    match test:
        case Logic(items=items):
            for item in items:
                yield from _truths(item)
        case Apply("unary not", (item,)):
            yield from _truths(item)
        case Apply(op) if op.startswith(("attribute ", "subscript ")):
            yield test
        case _:
            pass


def keys_of(value: Value) -> set[Key]:
    """Return the names and results that a value reads, also those that its own comprehensions bind."""
    return {*frame_keys(value), *(one.name for one in walk(value) if isinstance(one, Local))}


def null_uses(body: Block, read: Read) -> Iterator[tuple[Statement, Value, Value]]:
    """Yield each statement, operation and operand that may be null; of the same names once."""
    known = set(asked(body))
    for statement in open_statements(body):
        found: list[tuple[Value, Value]] = []
        values = NullUses(read, lambda value, operand, found=found: found.append((value, operand)))  # type: ignore[misc]
        for value in statement_values(statement):
            values.of(value)
            found += _paths(value, values)
        for items in _iterated(statement):
            values.elements(items)
        for value, operand in found:
            keys = keys_of(operand)
            if keys and known.isdisjoint(keys):
                known |= keys
                yield statement, value, operand


def _paths(value: Value, values: NullUses) -> Iterator[tuple[Value, Value]]:
    """Yield the readings of a part of what may be null."""
    for one in walk(value):
        if isinstance(one, Ref | Input):
            for end in range(len(one.path)):
                whole = replace(one, path=one.path[:end])
                if may_be_null(values.of(whole)):
                    yield one, whole
                    break


def _iterated(statement: Statement) -> Iterable[Value]:
    if isinstance(statement, ForEach):
        return (statement.items,)
    return [p.items for p in statement.parts if p.items is not None] if isinstance(statement, Gather) else ()
