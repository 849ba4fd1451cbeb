"""Turn types into what may be written for them: a value of the type in its canonical form, or a reference.

What a reference leads to is not in the grammar: `verify` checks that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from lcc.grammar.constrain.bounds import DEPTH
from lcc.grammar.constrain.productions import Node, Repeat, Text, choice, optional, seq
from lcc.grammar.constrain.texts import Line, Tokens
from lcc.grammar.ir import Const
from lcc.grammar.signatures import (
    ANY,
    AnyType,
    BoolType,
    DictType,
    Field,
    FloatType,
    IntType,
    ListType,
    LiteralType,
    NullType,
    RecordType,
    StrType,
    Type,
    UnionType,
)
from lcc.grammar.syntax.print_value import print_value


class Values:
    """The values that one line may hold, by type."""

    def __init__(self, tokens: Tokens, line: Line) -> None:
        self._tokens = tokens
        self._line = line
        self._known: dict[tuple[Type, int, int], Node | None] = {}

    def of(self, type_: Type) -> Node | None:
        """Return the values that fit a type; None if nothing that can be written does."""
        return self._of(type_, DEPTH, self._tokens.bounds.nesting)

    def spread(self, item: Type) -> Node | None:
        """Return what may follow `each` where one call takes an `item`: a result, or a list that isn't empty."""
        inner = self._of(item, DEPTH - 1, self._tokens.bounds.nesting)
        lists = [] if inner is None else [seq("[", _several(inner, self._tokens.bounds.items), "]")]
        many = choice(lists if self._line.reference is None else [self._line.reference, *lists])
        return None if many is None else self._tokens.rules.rule("w", many)

    def _of(self, type_: Type, depth: int, loose: int) -> Node | None:
        """Return the values of a type: `depth` more containers by type, `loose` more where nothing is known."""
        key = (type_, depth, loose)
        if key not in self._known:
            options = choice(self._options(type_, depth, loose))
            several = options is not None and not isinstance(options, Text) and options != self._line.string
            self._known[key] = self._tokens.rules.rule("v", options) if options is not None and several else options
        return self._known[key]

    def _options(self, type_: Type, depth: int, loose: int) -> Iterator[Node]:
        members = type_.members if isinstance(type_, UnionType) else (type_,)
        if self._line.reference is not None:
            yield self._line.reference
        for member in members:
            yield from self._written(member, members, depth, loose)

    def _written(self, type_: Type, beside: tuple[Type, ...], depth: int, loose: int) -> Iterator[Node]:
        """Yield the literals of a type. What another member of its union covers isn't named again: no two tokens overlap."""
        match type_:
            case AnyType():
                scalars: tuple[Type, ...] = (StrType(), FloatType(), BoolType(), NullType())
                for scalar in scalars:
                    yield from self._written(scalar, (), depth, loose)
                if loose:
                    yield from self._list(ANY, 1, loose - 1)
                    yield from self._dict(ANY, 1, loose - 1)
            case StrType():
                yield self._line.string
            case FloatType():
                yield self._tokens.number
            case IntType():
                if FloatType() not in beside:
                    yield self._tokens.integer
            case BoolType():
                yield Text("True")
                yield Text("False")
            case NullType():
                yield Text("None")
            case LiteralType(values):
                yield from self._literals(values, beside)
            case ListType(item):
                yield from self._list(item, depth, loose)
            case DictType(value):
                yield from self._dict(value, depth, loose)
            case RecordType():
                yield from self._record(type_, depth, loose)
            case UnionType(members):
                for member in members:
                    yield from self._written(member, members, depth, loose)
            case _:
                assert_never(type_)

    def _literals(self, values: tuple[str | int | bool | None, ...], beside: tuple[Type, ...]) -> Iterator[Node]:
        quoted = self._line.quoted
        for value in values:
            covering: tuple[Type, ...]
            match value:
                case str():
                    covering = (StrType(),)
                    if quoted is not None and StrType() not in beside:
                        yield quoted
                case bool():
                    covering = (BoolType(),)
                case int():
                    covering = (IntType(), FloatType())
                case _:
                    covering = (NullType(),)
            if not any(type_ in beside for type_ in covering):
                yield Text(print_value(Const(value)))

    def _list(self, item: Type, depth: int, loose: int) -> Iterator[Node]:
        if depth:
            inner = self._of(item, depth - 1, loose)
            yield seq("[", optional(_several(inner, self._tokens.bounds.items)), "]") if inner else Text("[]")

    def _dict(self, value: Type, depth: int, loose: int) -> Iterator[Node]:
        if depth:
            inner = self._of(value, depth - 1, loose)
            pairs = self._tokens.bounds.pairs
            yield seq("{", optional(_several(seq(self._tokens.key, ": ", inner), pairs)), "}") if inner else Text("{}")

    def _record(self, type_: RecordType, depth: int, loose: int) -> Iterator[Node]:
        if not type_.fields and not type_.closed:
            yield from self._dict(ANY, depth, loose)
        elif depth:
            yield from self._fields(type_.fields, depth - 1, loose)

    def _fields(self, declared: tuple[Field, ...], depth: int, loose: int) -> Iterator[Node]:
        """Yield a dict of the declared fields in their order; nothing if a required one can't be written."""
        pairs: list[tuple[Node, bool]] = []
        for field in declared:
            value = self._of(field.type, depth, loose)
            if value is not None:
                pairs.append((seq(f"{print_value(Const(field.name))}: ", value), field.required))
            elif field.required:
                return
        yield seq("{", *self._in_order(pairs), "}")

    def _in_order(self, pairs: list[tuple[Node, bool]]) -> list[Node]:
        """Return the pairs with commas between them, those that aren't required perhaps left out."""
        rule = self._tokens.rules.rule
        tail: Node | None = None
        first: list[Node] = []
        complete = False
        for pair, required in reversed(pairs):
            head = pair if tail is None else seq(pair, tail)
            if required:
                first, complete = [head], True
            else:
                first = [head, *first]
            after: Node = seq(", ", head)
            if not required:
                after = optional(after) if tail is None else rule("f", _either(after, tail))
            tail = after
        whole = choice(first)
        if whole is None:
            return []
        return [whole if complete else optional(whole)]


def _either(one: Node, other: Node) -> Node:
    both = choice((one, other))
    assert both is not None
    return both


def _several(item: Node, most: int) -> Node:
    return item if most == 1 else seq(item, Repeat(seq(", ", item), 0, most - 1))
