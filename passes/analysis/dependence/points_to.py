"""Follow objects through values: what a value may be, and which objects evaluating it reads or changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

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
    Targets,
    Task,
    Value,
)
from lcc.grammar.ir.operations.sharing import Sharing, changes_its_first, sharing_of
from lcc.passes.analysis.dependence.holding import NOTHING, Holding, NotUnderstood, Sites

Scope: TypeAlias = Mapping[str, Sites]
MOST_WORK: Final = 3_000_000
"""The analysis gives up where so many parts were looked at."""


class PointsTo(Holding):
    """Follows values; who uses it walks all values until there are no more facts."""

    def __init__(self) -> None:
        super().__init__()
        self._defaulting: set[int] = set()
        self._work = 0

    # what statements make

    def container(self, place: object, held: Iterable[Sites]) -> Sites:
        """Return an object that is made here, and holds others."""
        site = self.site(place if isinstance(place, str) else "container", "new")
        self.hold(site, set().union(*held))
        return {site}

    def answer(self, task: Task) -> Sites:
        """Return what a call answers: one object, whose parts are itself."""
        site = self.site("answer", "new")
        self.hold(site, {site})
        return {site}

    def exceptions(self) -> Sites:
        """Return what a handler gets."""
        return self.of_name(("raised",))

    def raised(self, found: Sites) -> None:
        """Note what is raised."""
        self.name(("raised",), found)

    # reading

    def parts(self, objects: Sites) -> set[int]:
        """Return the parts of objects."""
        self.looked |= objects
        return set().union(*[self._holds[one] for one in objects])

    def read(self, objects: Sites) -> set[int]:
        """Return what is touched by reading objects, but not their parts."""
        found = set(objects)
        todo = list(objects)
        while todo:
            one = todo.pop()
            if self._behind[one]:
                self.looked.add(one)
                todo += self._behind[one] - found
                found |= self._behind[one]
        return found

    def read_all(self, objects: Sites) -> set[int]:
        """Return what is touched by reading objects with all that is in them."""
        found = set(objects)
        todo = list(objects)
        while todo:
            one = todo.pop()
            more = self._holds[one] | self._behind[one]
            if more:
                self.looked.add(one)
            todo += more - found
            found |= more
            self._work += len(more)
        if self._work > MOST_WORK:
            raise NotUnderstood
        return found

    def _held(self, objects: Sites, how: str) -> set[int]:
        if how == "arguments":
            return set(objects)
        if how == "all":
            return self.read_all(objects)
        parts = self.parts(objects)
        return parts | self.parts(parts) if how == "pairs" else parts

    def bind(self, target: Target, found: Sites) -> set[int]:
        """Bind a target; return what is touched by taking the value apart."""
        if not isinstance(target, Targets):
            self.name(target, found)
            return set()
        touched = self.read(found)
        parts = self.parts(found)
        for place, one in enumerate(target.items):
            if place == target.star:
                rest = self.site(target, f"rest {place}")
                self.hold(rest, parts)
                touched |= self.bind(one, {rest})
            else:
                touched |= self.bind(one, parts)
        return touched

    def tested(self, value: Value | None) -> set[int]:
        """Return what is touched by evaluating a value and asking whether it is true, or what its elements are."""
        if value is None:
            return set()
        found, touched = self.value(value)
        return touched | self.read(found)

    def handed_over(self, value: Value) -> set[int]:
        """Return what is touched by evaluating a value and reading all of it."""
        found, touched = self.value(value)
        return touched | self.read_all(found)

    # values

    def value(self, value: Value, scope: Scope | None = None) -> tuple[Sites, set[int]]:
        """Return what a value may be, and what evaluating it touches."""
        scope = {} if scope is None else scope
        match value:
            case Const() | Builtin():
                return NOTHING, set()
            case Local(name):
                return scope[name] if name in scope else self.of_name(name), set()
            case Ref(task, path):
                return self._path(self.of_name(task), path)
            case Input(name, path):
                return self._path(self._input(name), path)
            case Format(parts):
                return NOTHING, set().union(*[self._all_of(part, scope) for part in parts if not isinstance(part, str)])
            case ListOf(items):
                return self._display(value, items, scope)
            case DictOf(pairs):
                return self._display(value, [item for _, item in pairs], scope)
            case Choose(test, then, other):
                return self._any(value, (test,), (then, other), scope)
            case Logic(_, items):
                return self._any(value, items, items, scope)
            case Select(items):
                return self._any(value, (), items, scope)
            case Comprehension():
                return self._comprehension(value, scope)
            case Apply():
                return self._apply(value, scope)
            case _:
                raise NotUnderstood

    def _all_of(self, value: Value, scope: Scope) -> set[int]:
        found, touched = self.value(value, scope)
        return touched | self.read_all(found)

    def _input(self, name: str) -> Sites:
        key = ("input", name)
        if key not in self._names:
            self._statement, now = 0, self._statement
            site = self.site(f"input {name}", "new")
            self._statement = now
            self.hold(site, {site})
            self.name(key, {site})
        return self._names[key]

    def _path(self, found: Sites, path: Iterable[object]) -> tuple[Sites, set[int]]:
        touched: set[int] = set()
        for _ in path:
            touched |= self.read(found)
            found = self.parts(found)
        return found, touched

    def _any(
        self, value: Value, tests: Iterable[Value], items: Iterable[Value], scope: Scope
    ) -> tuple[Sites, set[int]]:
        """Follow what is one of some values, which tests or they themselves decide."""
        found: set[int] = set()
        touched: set[int] = set()
        for test in tests:
            one, more = self.value(test, scope)
            touched |= more | self.read(one)
        for item in items:
            one, more = self.value(item, scope)
            found |= one
            touched |= more
        return found, touched

    def _arguments(self, values: Iterable[Value], scope: Scope) -> tuple[list[Sites], set[int]]:
        """Follow arguments; one with a star stands for its parts."""
        found: list[Sites] = []
        touched: set[int] = set()
        for value in values:
            star = isinstance(value, Spread)
            one, more = self.value(value.value if isinstance(value, Spread) else value, scope)
            touched |= more
            if star:
                touched |= self.read(one)
                one = self.parts(one)
            found.append(one)
        return found, touched

    def _display(self, value: Value, items: Iterable[Value], scope: Scope) -> tuple[Sites, set[int]]:
        found, touched = self._arguments(items, scope)
        site = self.site(value, "new")
        self.hold(site, set().union(*found))
        return {site}, touched

    def _bound(self, target: Target, found: Sites, scope: dict[str, Sites]) -> set[int]:
        """Bind the target of a comprehension in its own scope; return what is touched."""
        if not isinstance(target, Targets):
            scope[target] = found
            return set()
        touched = self.read(found)
        parts = self.parts(found)
        for place, one in enumerate(target.items):
            held: Sites = parts
            if place == target.star:
                rest = self.site(target, f"rest {place}")
                self.hold(rest, parts)
                held = {rest}
            touched |= self._bound(one, held, scope)
        return touched

    def _comprehension(self, value: Comprehension, scope: Scope) -> tuple[Sites, set[int]]:
        inner = dict(scope)
        now: set[int] = set()
        later: set[int] = set()
        for place, clause in enumerate(value.clauses):
            items, touched = self.value(clause.items, inner)
            (later if place else now).update(touched)
            later |= self.read(items) | self._bound(clause.target, self.parts(items), inner)
            for condition in clause.conditions:
                found, touched = self.value(condition, inner)
                later |= touched | self.read(found)
        site = self.site(value, "new")
        for item in (value.item,) if value.key is None else (value.key, value.item):
            found, touched = self.value(item, inner)
            self.hold(site, found)
            later |= touched
        if value.kind != "lazy":
            return {site}, now | later
        self.read_behind(site, later - {site})
        self.change({site})
        return {site}, now

    # operations

    def _apply(self, value: Apply, scope: Scope) -> tuple[Sites, set[int]]:
        rows = sharing_of(value.op)
        if rows is None:
            raise NotUnderstood
        functions = [one for one in (*value.args, *[item for _, item in value.names]) if isinstance(one, Lambda)]
        values = [one for one in (*value.args, *[item for _, item in value.names]) if not isinstance(one, Lambda)]
        args, touched = self._arguments(values, scope)
        first = args[0] if args else NOTHING
        everything = set().union(*args)
        results: set[int] = set()
        for function in functions:
            result, more = self._function(function, everything, scope)
            results |= result
            touched |= more
        if changes_its_first(value.op):
            self.change(first)
            touched |= self.read(first)
        if value.op == "subscript load":
            self.change(first & self._defaulting)
        for row in rows:
            touched |= self._reading(row, everything)
            results |= self._result(row, value, args)
            self._keep(row, args)
        return results if value.op == "module functools.reduce" else results - NOTHING, touched

    def _reading(self, row: Sharing, objects: Sites) -> set[int]:
        if row.reads == "nothing":
            return set()
        return self.read_all(objects) if row.reads == "all" else self.read(objects)

    def _function(self, function: Lambda, arguments: Sites, scope: Scope) -> tuple[Sites, set[int]]:
        """Follow a function that is called with parts of the arguments, and with what it gave before."""
        defaults, touched = self._arguments(function.defaults, scope)
        before = ("function", id(function))
        given = self.parts(arguments) | arguments | self.of_name(before)
        found, more = self.value(function.body, {**scope, **dict.fromkeys(function.params, given.union(*defaults))})
        self.name(before, found)
        return found, touched | more | self.read_all(found)

    def _result(self, row: Sharing, value: Apply, args: list[Sites]) -> set[int]:
        """Return what an operation may hand back."""
        first, others = (args[0] if args else NOTHING), set().union(*args[1:])
        found: set[int] = set()
        if row.new is not None:
            found |= self._new(row, value, first | others)
        if row.whole in ("first", "any"):
            found |= first
        if row.whole in ("others", "any"):
            found |= others
        if row.part:
            found |= self.parts(first)
        return found

    def _new(self, row: Sharing, value: Apply, objects: Sites) -> set[int]:
        """Return the object that an operation makes."""
        assert row.new is not None
        site = self.site(value, f"new {row.new} {row.tuples} {row.later}")
        held = self._held(objects, row.new)
        if row.tuples:
            pair = self.site(value, "tuple")
            self.hold(pair, held | {site} if value.op == "module itertools.groupby" else held)  # its groups read it
            held = {pair}
        self.hold(site, held)
        if row.nested:
            self.hold(site, {site})
        if row.later:
            self.read_behind(site, (objects | (self.parts(objects) if row.new == "pairs" else set())) - {site})
        if row.iterator:
            self.change({site})
        if value.op == "module collections.defaultdict" or objects & self._defaulting:
            self._defaulting.add(site)
            self.hold(site, {self.site(value, "default")})
        return {site}

    def _keep(self, row: Sharing, args: list[Sites]) -> None:
        if row.keeps is None or not args:
            return
        held = self._held(set().union(*args[1:]), row.keeps)
        for one in args[0]:
            self.hold(one, held)
