"""Infer the types of the names and results of a plan with a body.

A name has the union of the types that it is given anywhere; it is found by going through the statements until nothing changes. What
shares objects with something that is changed (a list that is appended to, a record that a key is added to) is known by that much less.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from lcc.grammar.ir import (
    Apply,
    Block,
    Const,
    Exit,
    ForEach,
    Gather,
    Inline,
    Input,
    Let,
    Local,
    Plan,
    Ref,
    Region,
    Statement,
    Task,
    Try,
    Value,
    block_calls,
    block_statements,
    names_of,
    statement_values,
)
from lcc.grammar.ir.evaluation import Key, changes_values, frame_keys
from lcc.grammar.ir.walk import walk
from lcc.grammar.signatures import (
    ANY,
    NULL,
    AnyType,
    DictType,
    Field,
    ListType,
    NoSuchPath,
    RecordType,
    Tools,
    Type,
    UnionType,
    type_at,
    union,
)
from lcc.passes.analysis.inference import Types
from lcc.passes.analysis.values.value_types import ValueTypes, bind_types, is_scalar, may_fit

_ROUNDS: Final = 6
"""After so many rounds a name whose type still grows may be anything."""
_ADDING: Final = frozenset(
    {"method append", "method extend", "method insert", "operator +=", "operator *=", "subscript store slice"}
)
"""What changes the elements of lists alone."""
_TAKING: Final = frozenset(
    {"method pop", "method clear", "method remove", "method reverse", "method sort", "method add", "method discard",
     "builtin next", "subscript delete", "subscript delete slice"}
)  # fmt: skip
"""What changes no type that is known: it takes away, or changes a set."""
Change: TypeAlias = str | None
"""What is changed: `[]` the elements of lists, another text that key of dicts, None anything."""


class Sharing:
    """Which names and results may share objects, and how objects that they share are changed."""

    def __init__(self) -> None:
        self._parent: dict[Key, Key] = {}
        self._changes: dict[Key, set[Change]] = {}

    def root(self, key: Key) -> Key:
        """Return the key that stands for all that share objects with one."""
        while (above := self._parent.get(key, key)) != key:
            self._parent[key] = key = self._parent.get(above, above)
        return key

    def join(self, keys: Iterable[Key]) -> Key | None:
        """Let keys share objects; return the one that stands for them."""
        first: Key | None = None
        for key in keys:
            root = self.root(key)
            if first is None:
                first = root
            elif root != first:
                self._parent[root] = first
                self._changes.setdefault(first, set()).update(self._changes.pop(root, ()))
        return first

    def change(self, keys: Iterable[Key], how: Iterable[Change]) -> None:
        """Say that an object which these keys share is changed."""
        root = self.join(keys)
        if root is not None:
            self._changes.setdefault(root, set()).update(how)

    def changes(self, key: Key) -> set[Change]:
        """Return how what a key leads to may be changed."""
        return self._changes.get(self.root(key), set())

    def size(self) -> tuple[int, int]:
        """Return what only grows while something is learnt."""
        return len(self._parent), sum(map(len, self._changes.values())) + len(self._changes)


class BodyTypes(Types):
    """The types of names, results and inputs of a plan with a body."""

    def __init__(self, plan: Plan, tools: Tools, earlier: Iterable[Task] = ()) -> None:
        super().__init__(tools, plan.inputs)
        self.strict = plan.fails == "strict"
        for task in earlier:
            self.add(task)
        self._sharing = Sharing()
        self._names: dict[Key, Type] = {}
        self._now: dict[Key, Type] = {}
        body = plan.body or ()
        for call in block_calls(body):
            self.add(call)
        values = ValueTypes(self.read, lambda value, misfit, tests: None)
        for round in range(2 * _ROUNDS):
            before, size = self._names, self._sharing.size()
            self._now = {}
            self._block(body, values)
            self._names = self._now
            if round >= _ROUNDS:
                grown = {key for key, type_ in self._names.items() if before.get(key) != type_}
                self._names |= dict.fromkeys(grown, ANY)
            if self._names == before and self._sharing.size() == size:
                break
        else:
            self._names = dict.fromkeys(self._names, ANY)
        self._now = {}

    def read(self, value: Local | Ref | Input) -> Type:
        """Return the type of what a value reads; `Any` where its path leads nowhere."""
        try:
            return self.part(value) if isinstance(value, Ref | Input) else self._key(value.name)
        except NoSuchPath:
            return ANY

    def result(self, id: Key) -> Type:
        """Return the type of a whole result."""
        return self._key(id)

    def part(self, place: Ref | Input) -> Type:
        """Return the type of a reference or an input; raise NoSuchPath where its path leads nowhere."""
        if isinstance(place, Input):
            return super().part(place)
        whole = self._key(place.task)
        return type_at(whole, place.path) if place.path else whole

    def accepts(self, source: Type, target: Type) -> bool:
        """Whether a value of a type may be given where another is wanted; only what can't be right is refused."""
        return may_fit(source, target, strict=self.strict)

    def of(self, value: Value) -> Type:
        """Return the type of a value."""
        return ValueTypes(self.read, lambda value, misfit, tests: None).of(value)

    def _key(self, key: Key) -> Type:
        known = [table[key] for table in (self._now, self._names) if key in table]
        found = union(*known) if known else super().result(key) if not isinstance(key, str) else ANY
        changes = self._sharing.changes(key)
        return changed_type(found, changes) if changes else found

    def _learn(self, key: Key, type_: Type, value: Value | None = None) -> None:
        """Give a name or id a type, and what it shares objects with."""
        self._now[key] = union(self._now[key], type_) if key in self._now else type_
        if value is not None and not is_scalar(type_):
            self._sharing.join([key, *self._shared(value)])

    def _shared(self, value: Value) -> Iterator[Key]:
        """Yield the keys that what a value evaluates to may share objects with."""
        for key in frame_keys(value):
            if not is_scalar(self._key(key)):
                yield key

    def _block(self, block: Block, values: ValueTypes) -> None:
        for statement in block_statements(block):
            for value in statement_values(statement):
                if changes_values(value):
                    self._changed(value, values)
            self._statement(statement, values)

    def _statement(self, statement: Statement, values: ValueTypes) -> None:
        match statement:
            case Let(value, targets, id):
                type_ = values.of(value)
                if id is not None:
                    self._learn(id, type_, value)
                for target in targets:
                    self._bind(target, type_, value)
            case ForEach(id, target, items):
                self._bind(target, values.elements(items), items)
                if statement.yields is not None:
                    self._learn(id, ListType(values.of(statement.yields)), statement.yields)
            case Region(id, _, names):
                fields = tuple([Field(name, self._key(name)) for name in names])
                self._learn(id, RecordType("dict", fields))
                self._sharing.join([id, *names])
            case Inline(id, body):
                self._learn(id, NULL)
                for one in block_statements(body):
                    if isinstance(one, Exit) and one.kind == "return" and one.value is not None:
                        self._learn(id, values.of(one.value), one.value)
            case Try(handlers=handlers):
                for handler in handlers:
                    if handler.name is not None:
                        self._learn(handler.name, ANY)
            case Gather():
                self._gather(statement, values)
            case _:
                pass

    def _bind(self, target: object, type_: Type, value: Value) -> None:
        found: dict[str, Type] = {}
        bind_types(target, type_, found)  # type: ignore[arg-type]
        for name in names_of(target):  # type: ignore[arg-type]
            self._learn(name, found[name], value)

    def _gather(self, gather: Gather, values: ValueTypes) -> None:
        found = []
        for part in gather.parts:
            if part.target is not None and part.items is not None:
                self._bind(part.target, values.elements(part.items), part.items)
            found.append(values.of(part.value))
        self._learn(gather.id, ListType(ANY if gather.exceptions else union(*found)))
        self._sharing.join([gather.id, *[key for part in gather.parts for key in self._shared(part.value)]])

    def _changed(self, value: Value, values: ValueTypes) -> None:
        """Learn what a value changes: what it reads, but for arguments that are scalars where it is one operation."""
        inside = value.args if isinstance(value, Apply) and not any(map(changes_values, value.args)) else (value,)
        keys = [key for arg in inside if not is_scalar(values.of(arg)) for key in self._shared(arg)]
        self._sharing.change(keys, {how for one in walk(value) if isinstance(one, Apply) for how in changes_of(one)})


def changes_of(value: Apply) -> Iterator[Change]:
    """Yield what an operation may put into its first argument."""
    if not changes_values(Apply(value.op)) or value.op in _TAKING:
        return
    if value.op in _ADDING:
        yield "[]"
    elif value.op == "subscript store":
        key = value.args[1]
        known = isinstance(key, Const) and isinstance(key.value, str | int)
        yield (str(key.value) if isinstance(key.value, str) else "[]") if isinstance(key, Const) and known else None
    else:
        yield None


def changed_type(type_: Type, changes: set[Change]) -> Type:
    """Return what is left of a type whose values may be changed."""
    match type_:
        case ListType(item):
            return ListType(ANY if changes & {"[]", None} else changed_type(item, changes))
        case DictType(value):
            return ANY if changes - {"[]"} else DictType(changed_type(value, changes))
        case RecordType(name, fields, closed):
            if None in changes:
                return ANY
            keys = {how for how in changes if how != "[]"}
            left = [Field(f.name, ANY if f.name in keys else changed_type(f.type, changes), f.required) for f in fields]
            added = [
                Field(str(key), ANY, required=False) for key in sorted(map(str, keys)) if not type_.field(str(key))
            ]
            return RecordType(name, (*left, *[one for one in added if one.name]), closed)
        case UnionType(members):
            return union(*[changed_type(member, changes) for member in members])
        case AnyType():
            return ANY
        case _:
            return type_
