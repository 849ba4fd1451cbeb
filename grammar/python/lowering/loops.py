"""Make loops of comprehensions and generators that act.

A comprehension is a loop whose turns yield. A generator is a *stream*: what reads it is put into its loops, so that its calls are made
where and as often as CPython makes them. Names that its targets bind are new ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from lcc.grammar.ir import Apply, Const, Exit, ForEach, If, Inline, Let, Local, Ref, Target, Targets, Value
from lcc.grammar.python import tree
from lcc.grammar.python.lowering.inlined import Applied, Functions
from lcc.grammar.python.lowering.names.assigned import assigned, free_names, free_names_behind
from lcc.grammar.python.lowering.names.bindings import BuiltinName, Path, Scope, Var
from lcc.grammar.python.lowering.names.program_rules import LAZY, ONE_BY_ONE, STATEMENT, Refused
from lcc.grammar.source import Span

Comprehended: TypeAlias = tree.ListComp | tree.SetComp | tree.DictComp | tree.GeneratorExp
Body: TypeAlias = Callable[[Value], None]


@dataclass(frozen=True)
class Generated:
    """A generator expression, whose first items are evaluated; they may be a stream, too."""

    node: tree.GeneratorExp
    first: Stream
    scope: Scope


@dataclass(frozen=True)
class Plain:
    """Items that are a value."""

    value: Value


@dataclass(frozen=True)
class Mapped:
    """`map(function, source, …)`. `count`: of how many sources the items are tuples; 0: they are items."""

    function: Applied
    source: Stream
    count: int = 0


@dataclass(frozen=True)
class Filtered:
    """`filter(function, source)`."""

    function: Applied
    source: Stream


@dataclass(frozen=True)
class Counted:
    """`enumerate(source, start)`."""

    source: Stream
    start: Value


@dataclass(frozen=True)
class Cut:
    """`islice(source, start, stop)`."""

    source: Stream
    start: Value
    stop: Value


@dataclass(frozen=True)
class Zipped:
    """`zip(…)`: one stream, which leads, and iterators of values before and behind it."""

    before: tuple[Value, ...]
    lead: Stream
    behind: tuple[Value, ...]


@dataclass(frozen=True)
class Flat:
    """`chain.from_iterable(source)`."""

    source: Stream


Stream: TypeAlias = Generated | Plain | Mapped | Filtered | Counted | Cut | Zipped | Flat


class Loops(Functions):
    """Comprehensions and generators that act."""

    def bind_own(self, target: tree.Target, of: tree.Expression | None = None) -> Target:
        """Bind the names of a comprehension's target to new names of the plan. `of`: what the loop is over."""
        match target:
            case tree.Name(name):
                new = self.fresh(name)
                self.scope.env[name] = Var(new)
                return new
            case tree.Tuple(elts) | tree.List(elts):
                stars = [place for place, one in enumerate(elts) if isinstance(one, tree.Starred)]
                items = [one.value if isinstance(one, tree.Starred) else one for one in elts]
                return Targets(tuple([self.bind_own(one) for one in items]), stars[0] if stars else None)  # type: ignore[arg-type]
            case _:
                raise Refused(STATEMENT, "a comprehension binds names only", target.span)

    def looped(self, node: Comprehended) -> Value:
        """Return the value of a comprehension that acts."""
        first = self.stream(node.generators[0].iter)
        self.may_be_bound(assigned([node]))
        if isinstance(node, tree.ListComp | tree.GeneratorExp):
            return self._looped_list(node, first)
        dict_ = isinstance(node, tree.DictComp)
        made = self.temp(Apply("display dict", ()) if dict_ else Apply("builtin set", ()), "made")
        with self.inside(Scope("comprehension", self.scope)):
            self._nested(node.generators, first, lambda: self._added(node, made), node.span)
        return made

    def _looped_list(self, node: tree.ListComp | tree.GeneratorExp, first: Stream) -> Value:
        with self.inside(Scope("comprehension", self.scope)):
            if isinstance(first, Plain) and not self._has_streams(node.generators):
                return self.yielded(node.generators, first.value, lambda: self.value(node.elt), node.span)
            made = self.temp(Apply("display list", ()), "made")

            def add() -> None:
                self.emit(Let(Apply("method append", (made, self.value(node.elt))), span=node.span))

            self._nested(node.generators, first, add, node.span)
        return made

    def _has_streams(self, clauses: Sequence[tree.comprehension]) -> bool:
        with self.comprehension(clauses):
            return any(self.is_stream(one.iter) for one in clauses[1:])

    def yielded(
        self, clauses: Sequence[tree.comprehension], items: Value, make: Callable[[], Value], span: Span
    ) -> Value:
        """Return the list of what `make` gives in the loops of clauses."""
        found = self._yielded(clauses, items, make, span)
        for _ in clauses[1:]:
            found = Apply("builtin list", (Apply("module itertools.chain.from_iterable", (found,)),))
        return found

    def _added(self, node: Comprehended, made: Value) -> None:
        if isinstance(node, tree.DictComp):
            key, value = self.all_values([node.key, node.value])
            self.emit(Let(Apply("subscript store", (made, key, value)), span=node.span))
        else:
            self.emit(Let(Apply("method add", (made, self.value(node.elt))), span=node.span))

    def _yielded(
        self, clauses: Sequence[tree.comprehension], items: Value, make: Callable[[], Value], span: Span
    ) -> Value:
        """Return the list of what a loop yields; of lists, for each clause but the first."""
        id = self.new_id()
        target = self.bind_own(clauses[0].target, clauses[0].iter)

        def inner() -> Value:
            if len(clauses) == 1:
                return make()
            return self._yielded(clauses[1:], self.value(clauses[1].iter, read=True), make, span)

        with self.block() as body:
            when = self.logic("and", clauses[0].ifs, span) if clauses[0].ifs else None
            if when is None:
                given = inner()
            else:
                when, given = self._guarded(when, inner)
        self.emit(ForEach(id, target, items, tuple(body), given, when, span=span))
        return Ref(id, (), span)

    def _guarded(self, when: Value, make: Callable[[], Value]) -> tuple[Value, Value]:
        with self.block() as then:
            given = make()
            if then:
                given = self.temp(given)
        if then:
            when = self.pin(when)
            self.emit(If(when, tuple(then)))
        return when, given

    def _nested(
        self, clauses: Sequence[tree.comprehension], items: Stream, make: Callable[[], None], span: Span,
        begin: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """Put something into the loops of clauses. `begin`: what stands first in each turn."""

        def turn() -> None:
            when = self.logic("and", clauses[0].ifs, span) if clauses[0].ifs else None
            with self.block() as then:
                if len(clauses) == 1:
                    make()
                else:
                    self._nested(clauses[1:], self.stream(clauses[1].iter), make, span)
            self.emit(*(then if when is None else [If(when, tuple(then))]))

        scope = self.scope
        if isinstance(items, Plain):
            id, target = self.new_id(), self.bind_own(clauses[0].target, clauses[0].iter)
            with self.block() as body:
                begin()
                turn()
            self.emit(ForEach(id, target, items.value, tuple(body), span=span))
            return

        def of_stream(value: Value) -> None:
            with self.inside(scope):
                self.emit(Let(value, (self.bind_own(clauses[0].target, clauses[0].iter),)))
                turn()

        self.each(items, of_stream, span, begin)

    # streams

    def is_stream(self, node: tree.Expression) -> bool:
        """Whether an expression is a generator, or what map and the like make, and acts when it is read."""
        if id(node) in self.forced:
            return True
        match node:
            case tree.GeneratorExp():
                return self.acts(node)
            case tree.Call(func, args):
                name = self.maker(func)
                if name in ("map", "filter") and args:
                    return (
                        self._function_acts(args[0]) or any(map(self.is_stream, args[1:])) or self.has_defaults(args[0])
                    )
                return name is not None and any(map(self.is_stream, args))
            case _:
                return False

    def read_late(self, node: tree.Expression, meanwhile: Sequence[object]) -> None:
        """Make generators ones that act, where what is done before or while they are read assigns a name that they read."""
        for one in self._later(node):
            names = free_names_behind(one) if isinstance(one, tree.GeneratorExp) else free_names(one)
            if not names.isdisjoint(assigned(meanwhile)):
                self.forced.add(id(one))

    def _later(self, node: tree.Expression) -> Iterator[tree.Expression]:
        """Yield the generators, and the calls of map and filter, that an expression makes and whoever has it reads."""
        if isinstance(node, tree.GeneratorExp):
            yield node
            yield from self._later(node.generators[0].iter)
        elif isinstance(node, tree.Call) and (name := self.maker(node.func)) is not None:
            if name in ("map", "filter"):
                yield node
            for one in node.args:
                yield from self._later(one)

    def has_defaults(self, node: tree.Expression) -> bool:
        """Whether this is a lambda with defaults."""
        return isinstance(node, tree.Lambda) and bool(node.args.defaults or node.args.kwonlyargs or node.args.vararg)

    def call_acts(self, node: tree.Call) -> bool:
        """Whether a call takes statements."""
        return super().call_acts(node) or (
            self.maker(node.func) in ("map", "filter") and bool(node.args) and self.has_defaults(node.args[0])
        )

    def maker(self, func: tree.Expression) -> str | None:
        """Return the name of a function that makes an iterator of others."""
        try:
            found = self.static(func)
        except Refused:
            return None
        match found:
            case BuiltinName("map" | "filter" | "enumerate" | "zip" | "iter" as name):
                return name
            case Path("itertools", "islice" | "chain.from_iterable" | "chain" as name):
                return name
            case _:
                return None

    def stream(self, node: tree.Expression) -> Stream:
        """Evaluate what is evaluated where a generator is made; return what is left to be done when it is read."""
        if not self.is_stream(node):
            return Plain(self.pin(self.value(node, read=True)))
        if isinstance(node, tree.GeneratorExp):
            return Generated(node, self.stream(node.generators[0].iter), self.scope)
        assert isinstance(node, tree.Call)
        return self._stream_of(node)

    def _stream_of(self, node: tree.Call) -> Stream:
        args = node.args
        match self.maker(node.func), len(args), {one.arg: one.value for one in node.keywords}:
            case "map", 2, {**rest} if not rest:
                return Mapped(self.applied(args[0]), self.stream(args[1]))
            case "map", _, {**rest} if not rest and not any(map(self.is_stream, args[1:])):
                function = self.applied(args[0])
                items = Apply("builtin zip", tuple(self.all_values(args[1:], read=True)))
                return Mapped(function, Plain(self.pin(items)), len(args) - 1)
            case "filter", 2, {**rest} if not rest:
                return Filtered(self.applied(args[0]), self.stream(args[1]))
            case "enumerate", 1 | 2, {**given} if set(given) <= {"start"}:
                source = self.stream(args[0])
                start = args[1] if len(args) == 2 else given.get("start")
                return Counted(source, Const(0) if start is None else self.pin(self.value(start)))
            case "islice", 2 | 3, {**rest} if not rest:
                source = self.stream(args[0])
                bounds = [self.pin(self.value(one)) for one in args[1:]]
                return Cut(source, bounds[0] if len(bounds) == 2 else Const(0), bounds[-1])
            case "zip", _, {**rest} if not rest:
                return self._zipped(node)
            case "chain.from_iterable", 1, _:
                return Flat(self.stream(args[0]))
            case "iter", 1, _:
                return self.stream(args[0])
            case _:
                raise self.unread(node)

    def unread(self, node: tree.Expression) -> Refused:
        """Return the refusal of a generator with calls that nothing here reads."""
        return Refused(
            LAZY, "a generator that makes calls isn't read where it stands", node.span, "write a list: `[… for …]`"
        )

    def _zipped(self, node: tree.Call) -> Stream:
        lead = [place for place, one in enumerate(node.args) if self.is_stream(one)]
        if len(lead) != 1:
            raise self.unread(node)
        given: list[Value] = []
        stream: Stream = Plain(Const(None))
        for place, one in enumerate(node.args):
            if place == lead[0]:
                stream = self.stream(one)
            else:
                given.append(self.temp(Apply("builtin iter", (self.value(one, read=True),)), "items"))
        if not self.can_break(stream):
            raise self.unread(node)
        return Zipped(tuple(given[: lead[0]]), stream, tuple(given[lead[0] :]))

    # reading streams

    def each(self, stream: Stream, body: Body, span: Span, begin: Callable[[], None] = lambda: None) -> None:
        """Put something into the loops of a stream. `begin`: what stands at the beginning of each turn, before any call."""
        match stream:
            case Generated():
                self._each_generated(stream, body, span, begin)
            case Plain(value):
                id, place = self.new_id(), self.fresh("x")
                with self.block() as made:
                    begin()
                    body(Local(place))
                self.emit(ForEach(id, place, value, tuple(made), span=span))
            case Mapped(function, source, count):
                self.each(source, lambda value: body(function(self._unzipped(value, count))), span, begin)
            case Filtered(function, source):
                self.each(source, lambda value: self._if_true(function, value, body), span, begin)
            case Counted(source, start):
                self._each_counted(source, start, body, span, begin)
            case Cut():
                self._each_cut(stream, body, span, begin)
            case Zipped():
                self._each_zipped(stream, body, span, begin)
            case Flat(source):
                self.each(source, lambda value: self.each(Plain(value), body, span), span, begin)

    def _unzipped(self, value: Value, count: int) -> Sequence[Value]:
        if not count:
            return [value]
        names = [self.fresh("x") for _ in range(count)]
        self.emit(Let(value, (Targets(tuple(names)),)))
        return [Local(name) for name in names]

    def _if_true(self, function: Applied, value: Value, body: Body) -> None:
        value = self.pin(value)
        test = function([value])
        with self.block() as then:
            body(value)
        self.emit(If(test, tuple(then)))

    def _each_generated(self, stream: Generated, body: Body, span: Span, begin: Callable[[], None]) -> None:
        outside = self.scope

        def inner() -> None:
            value = self.value(stream.node.elt)
            with self.inside(outside):
                body(value)

        with self.inside(Scope("comprehension", stream.scope)):
            self._nested(stream.node.generators, stream.first, inner, span, begin)

    def _each_counted(self, source: Stream, start: Value, body: Body, span: Span, begin: Callable[[], None]) -> None:
        count = self.fresh("count")
        self.let(count, start)

        def with_count(value: Value) -> None:
            pair = self.temp(Apply("display tuple", (Local(count), value)))
            self.let(count, Apply("operator +", (Local(count), Const(1))))
            body(pair)

        self.each(source, with_count, span, begin)

    def _each_cut(self, stream: Cut, body: Body, span: Span, begin: Callable[[], None]) -> None:
        if not self.can_break(stream.source):
            raise self.unread(tree.Constant(None, span))
        count = self.fresh("count")
        self.let(count, Const(0))

        def until() -> None:
            begin()
            self.emit(If(Apply("operator >=", (Local(count), stream.stop)), (Exit("break"),)))

        def counted(value: Value) -> None:
            value = self.pin(value)
            self.let(count, Apply("operator +", (Local(count), Const(1))))
            with self.block() as then:
                body(value)
            self.emit(If(Apply("operator >", (Local(count), stream.start)), tuple(then)))

        self.each(stream.source, counted, span, until)

    def _each_zipped(self, stream: Zipped, body: Body, span: Span, begin: Callable[[], None]) -> None:
        names = {one: self.fresh("item") for one in (*stream.before, *stream.behind)}
        taken = self.fresh("taken")
        self.let(taken, Const(False))

        def take(items: Sequence[Value]) -> None:
            for one in items:
                next_ = Apply("builtin list", (Apply("module itertools.islice", (one, Const(1))),))
                self.let(names[one], next_)
                self.emit(If(Apply("unary not", (Local(names[one]),)), (Exit("break"),)))

        def first() -> None:
            begin()
            with self.block() as made:
                take(stream.before)
                self.let(taken, Const(True))
            self.emit(If(Local(taken), (), tuple(made)))

        def rest(value: Value) -> None:
            value = self.pin(value)
            self.let(taken, Const(False))
            take(stream.behind)
            found = [Apply("subscript load", (Local(name), Const(0))) for name in names.values()]
            count = len(stream.before)
            body(self.temp(Apply("display tuple", (*found[:count], value, *found[count:]))))

        self.each(stream.lead, rest, span, first)

    def can_break(self, stream: Stream) -> bool:
        """Whether a break in what reads a stream leaves all of it."""
        match stream:
            case Plain():
                return True
            case Mapped(_, source) | Filtered(_, source) | Counted(source) | Cut(source):
                return self.can_break(source)
            case Zipped(lead=lead):
                return self.can_break(lead)
            case Generated(node, first):
                return len(node.generators) == 1 and self.can_break(first)
            case Flat():
                return False

    def is_cut(self, stream: Stream) -> bool:
        """Whether the loop of a stream is left before its items end."""
        match stream:
            case Mapped(_, source) | Filtered(_, source) | Counted(source):
                return self.is_cut(source)
            case Generated(first=first):
                return self.is_cut(first)
            case Cut() | Zipped():
                return True
            case Plain() | Flat():
                return False

    # what reads streams

    def listed(self, stream: Stream, span: Span) -> Value:
        """Return the list of what a stream gives."""
        if isinstance(stream, Generated):
            self.may_be_bound(assigned([stream.node]))
            with self.inside(stream.scope):
                return self._looped_list(stream.node, stream.first)
        made = self.temp(Apply("display list", ()), "made")
        self.each(stream, lambda value: self.emit(Let(Apply("method append", (made, value)))), span)
        return made

    def until(self, node: tree.Expression, body: Body, after: Callable[[], Value | None], name: str) -> Value:
        """Read a stream until `body` returns; else return what `after` gives."""
        stream = self.stream(node)
        message = "calls are made one by one, as far as `" + name + "` asks for them"
        self.remark(ONE_BY_ONE.code, message, node.span, f"write `{name}([…])` to call in parallel")
        id = self.new_id()
        with self.block() as made:
            last = after()
            self.each(stream, body, node.span)
            if last is not None:
                self.emit(Exit("return", last))
        self.emit(Inline(id, tuple(made), name, via=node.span, span=node.span))
        return Ref(id, (), node.span)
