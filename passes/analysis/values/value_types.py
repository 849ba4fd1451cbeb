"""Infer the types of values through their operations, and say which of them can't be right whatever is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Protocol, TypeAlias, assert_never

from lcc.grammar.ir import (
    Apply,
    Builtin,
    Choose,
    Comprehension,
    Const,
    DictOf,
    Format,
    Input,
    Lambda,
    ListOf,
    Local,
    Logic,
    Ref,
    Select,
    Spread,
    Target,
    Value,
    children,
)
from lcc.grammar.ir.operations import (
    CLASS_FUNCTIONS,
    OPERATIONS,
    Misfit,
    Operation,
    element_of,
    infer_attribute,
    infer_method,
    kinds_of,
)
from lcc.grammar.signatures import (
    ANY,
    STR,
    AnyType,
    DictType,
    Field,
    ListType,
    LiteralType,
    RecordType,
    StrType,
    Type,
    UnionType,
    fits,
    type_of,
    union,
)

Bound: TypeAlias = Mapping[str, Type]
"""The types of the names that the comprehensions and functions around bind."""
_SCALARS: Final = frozenset({"None", "bool", "int", "float", "str"})
_TYPE_TESTS: Final = frozenset(
    {"builtin isinstance", "builtin type", "operator in", "operator not in", "operator is", "operator is not",
     "operator ==", "operator !=", "method get"}
)  # fmt: skip
_NOTHING: Final[Bound] = {}


class Read(Protocol):
    """Returns the type of what a value reads."""

    def __call__(self, value: Local | Ref | Input) -> Type: ...


Report: TypeAlias = Callable[[Value, Misfit, tuple[Value, ...]], None]
"""Called with an operation that can't be right, why, and the conditions inside of the value under which it is evaluated."""


def is_scalar(type_: Type) -> bool:
    """Whether values of a type are scalars for sure: nothing that is changed shares them."""
    kinds = kinds_of(type_)
    return kinds is not None and kinds <= _SCALARS


def tests_type(test: Value) -> Iterator[Value]:
    """Yield what a condition asks the type, the presence or the truth of, so that it guards what is done with it."""
    match test:
        case Local() | Ref() | Input():
            yield test
        case Logic(_, items):
            for item in items:
                yield from tests_type(item)
        case Apply("unary not", (item,)):
            yield from tests_type(item)
        case Apply(op) if op in _TYPE_TESTS:
            yield test
        case _:
            for item in children(test):
                yield from (one for one in tests_type(item) if isinstance(one, Apply))


class ValueTypes:
    """Infers types. `read` knows what is read; what can't be right is reported, and of any type."""

    def __init__(self, read: Read, report: Report) -> None:
        self._read = read
        self._report = report
        self._tests: list[Value] = []

    def of(self, value: Value, bound: Bound = _NOTHING) -> Type:
        """Return the type of a value."""
        match value:
            case Const(scalar):
                return type_of(scalar)
            case Local(name):
                return bound[name] if name in bound else self._read(value)
            case Ref() | Input():
                return self._read(value)
            case Builtin():
                return ANY
            case Format():
                return STR
            case ListOf(items):
                return self._list(items, bound)
            case DictOf(pairs):
                return RecordType("dict", tuple([Field(key, self.of(item, bound)) for key, item in pairs]))
            case Apply():
                return self._apply(value, bound)
            case Comprehension():
                return self._comprehension(value, bound)
            case Select(items):
                return union(*[self.of(item, bound) for item in items])
            case Choose(test, then, other):
                self.of(test, bound)
                return union(*self._under(test, (then, other), bound))
            case Logic(_, items):
                return self._logic(items, bound)
            case Spread(inside):
                self.of(inside, bound)
                return ANY
            case Lambda(params, body, defaults):
                for default in defaults:
                    self.of(default, bound)
                self.of(body, {**bound, **dict.fromkeys(params, ANY)})
                return ANY
            case _:
                assert_never(value)

    def _under(self, test: Value, values: tuple[Value, ...], bound: Bound) -> list[Type]:
        self._tests.append(test)
        found = [self.of(value, bound) for value in values]
        self._tests.pop()
        return found

    def _logic(self, items: tuple[Value, ...], bound: Bound) -> Type:
        found = []
        for item in items:
            found.append(self.of(item, bound))
            self._tests.append(item)
        del self._tests[-len(items) :]
        return union(*found)

    def _list(self, items: tuple[Value, ...], bound: Bound) -> Type:
        found = []
        for item in items:
            if isinstance(item, Spread):
                found.append(self.elements(item.value, bound))
            else:
                found.append(self.of(item, bound))
        return ListType(union(*found))

    def elements(self, value: Value, bound: Bound = _NOTHING, around: Value | None = None) -> Type:
        """Return the type of what iterating a value yields; `around`: where it stands, if it can't say so itself."""
        found = self.of(value, bound)
        try:
            return element_of(found)
        except Misfit as misfit:
            self._wrong(around if around is not None and isinstance(value, Const) else value, misfit)
            return ANY

    def _comprehension(self, value: Comprehension, bound: Bound) -> Type:
        inner = dict(bound)
        before = len(self._tests)
        for clause in value.clauses:
            bind_types(clause.target, self.elements(clause.items, inner, value), inner)
            for condition in clause.conditions:
                self.of(condition, inner)
                self._tests.append(condition)
        key = STR if value.key is None else self.of(value.key, inner)
        item = self.of(value.item, inner)
        del self._tests[before:]
        if value.kind in ("list", "lazy"):
            return ListType(item)
        return DictType(item) if value.kind == "dict" and isinstance(key, StrType) else ANY

    def _apply(self, value: Apply, bound: Bound) -> Type:
        where, _, what = value.op.partition(" ")
        if where == "display" and what == "list":
            return self._list(value.args, bound)
        args = [self._argument(value, at, bound) for at in range(len(value.args))]
        names = {name: self._key(value, item, args, bound) for name, item in value.names}
        if "key" in names:
            names["keys"] = names.pop("key")
        if any(isinstance(arg, Spread) for arg in value.args) or where == "display":
            return self._display(value, args)
        try:
            return self._inferred(value, where, what, args, names)
        except Misfit as misfit:
            self._wrong(value, misfit)
            return ANY

    def _argument(self, value: Apply, at: int, bound: Bound) -> Type:
        """Return the type of an argument; a text that stands as it is where keys are read is that text."""
        arg = value.args[at]
        if isinstance(arg, Const) and type(arg.value) is str and at == 1 and value.op in _READS_KEYS:
            return LiteralType((arg.value,))
        return self.of(arg, bound)

    def _key(self, value: Apply, item: Value, args: list[Type], bound: Bound) -> Type:
        """Return the type of an argument with a name; a function's is that of the list of keys."""
        if not isinstance(item, Lambda):
            return self.of(item, bound)
        one: Type = ANY
        if len(args) == 1 and len(item.params) == 1:
            try:
                one = element_of(args[0])
            except Misfit:
                one = ANY  # reported where the operation is judged
        self.of(item.body, {**bound, **dict.fromkeys(item.params, one)})
        return ANY

    def _display(self, value: Apply, args: list[Type]) -> Type:
        if value.op != "display dict" or any(isinstance(arg, Spread) for arg in value.args):
            return ANY
        return DictType(union(*args[1::2])) if all(isinstance(key, StrType) for key in args[::2]) else ANY

    def _inferred(self, value: Apply, where: str, what: str, args: list[Type], names: dict[str, Type]) -> Type:
        if where == "method":
            return infer_method(args[0], what, *args[1:], **names)
        if where == "attribute":
            return infer_attribute(args[0], what)
        operation = operation_named(value.op)
        if operation is None:
            return ANY
        return operation.infer(*([ANY] if operation.clock else []), *args, **names)

    def _wrong(self, value: Value, misfit: Misfit) -> None:
        self._report(value, misfit, tuple(self._tests))


_READS_KEYS: Final = frozenset({"subscript load", "method get", "method pop"})


def operation_named(op: str) -> Operation | None:
    """Return the operation of a name; None for a method or attribute, for `reduce`, and for what the table lacks."""
    return OPERATIONS.get(op) or CLASS_FUNCTIONS.get(op.removeprefix("class "))


def bind_types(target: Target, type_: Type, names: dict[str, Type]) -> None:
    """Learn the types of the names of a target."""
    if isinstance(target, str):
        names[target] = type_
        return
    item = type_.item if isinstance(type_, ListType) else STR if isinstance(type_, StrType) else ANY
    for at, one in enumerate(target.items):
        bind_types(one, ListType(item) if at == target.star else item, names)


def may_fit(source: Type, target: Type, *, strict: bool) -> bool:
    """Whether some value of a type may be given where another is wanted. `strict`: nothing becomes text by itself."""
    if isinstance(source, AnyType) or isinstance(target, AnyType):
        return True
    if isinstance(source, UnionType):
        return any(may_fit(member, target, strict=strict) for member in source.members)
    if isinstance(target, UnionType):
        return any(may_fit(source, member, strict=strict) for member in target.members)
    kinds = kinds_of(source)
    if isinstance(target, StrType):
        return not strict or kinds is None or "str" in kinds
    if isinstance(source, ListType) and isinstance(target, ListType):
        return may_fit(source.item, target.item, strict=strict)
    if isinstance(source, DictType | RecordType) and isinstance(target, DictType | RecordType):
        return isinstance(source, DictType) or isinstance(target, DictType) or fits(source, target)
    wanted = kinds_of(target)
    return fits(source, target) or kinds is None or wanted is None or bool(_numbers(kinds) & wanted)


def _numbers(kinds: frozenset[str]) -> frozenset[str]:
    return kinds | {"float"} if "int" in kinds else kinds
