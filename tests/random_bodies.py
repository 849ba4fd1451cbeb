"""Make up plans with bodies: every statement and every value, well-formed, over a few tools.

    make_body(r)     a plan with a body, independent or strict; names are bound before they are read, ids are unique, results are
                     read where they are in scope, and a loop is left only from within
    bodies()         the same, drawn by Hypothesis
    nodes_of(plan)   every node in a plan, so that a test can count the classes that the generator reaches

What is computed fits: numbers are added to numbers, and what is iterated is a list or a tool's result, whose type nobody
knows. Whether the operations succeed is another thing: there are indices out of range, missing keys and failing calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from random import Random
from typing import Final, Literal, NamedTuple, TypeAlias

from hypothesis import strategies as st

from lcc.grammar.ir import (
    Apply,
    Arg,
    Block,
    Builtin,
    Choose,
    Clause,
    Comprehension,
    Const,
    DictOf,
    Element,
    Exit,
    ForEach,
    Format,
    Gather,
    Handler,
    If,
    Inline,
    Input,
    InputDecl,
    Join,
    Lambda,
    Let,
    ListOf,
    Local,
    Logic,
    Part,
    Plan,
    Ref,
    Region,
    Select,
    Spread,
    Statement,
    Target,
    Targets,
    Task,
    Try,
    Value,
    While,
)
from lcc.grammar.signatures import ANY, Effect, Parameter, Resource, Signature, Tools, tools_by_name

Sort: TypeAlias = Literal["any", "number", "text", "truth", "list"]

DECLARED: Final = (
    InputDecl("city", "str", Const("Lima")),
    InputDecl("limit", "int", Const(3)),
    InputDecl("wanted", "list[str]", ListOf((Const("a"), Const("b")))),
)
"""The inputs of every plan; all have defaults."""
INPUTS: Final[dict[Sort, str]] = {"text": "city", "number": "limit", "list": "wanted"}

_X: Final = Parameter("x", ANY)
_MORE: Final = Parameter("more", ANY, required=False)
TOOLS: Final[Tools] = tools_by_name(
    [
        Signature("shape", (_X, _MORE), ANY, Effect.PURE),
        Signature("look", (_X, _MORE), ANY, Effect.READ, (Resource("shelf:{x}"),)),
        Signature("shelf.put", (_X, _MORE), ANY, Effect.WRITE, (Resource("shelf:{x}"),)),
        Signature("ring", (_X, _MORE), ANY, Effect.UNDECLARED),
    ]
)
"""The tools: one of each effect. All take `x` and perhaps `more`."""

NAMES: Final[dict[Sort, tuple[str, ...]]] = {
    "any": ("item", "other", "when", "each"),
    "number": ("count", "total"),
    "text": ("word", "städte"),
    "truth": ("done",),
    "list": ("rows", "list"),
}
"""Names by what they hold, so that operations fit. Some are words of the text form."""
SORTS: Final[tuple[Sort, ...]] = tuple(NAMES)
ERRORS: Final = ("ValueError", "KeyError", "LookupError", "Exception", "RuntimeError")


class Scope(NamedTuple):
    """What may stand in one place: the names, results and tasks that it may read, and the ways out of it."""

    strict: bool
    names: frozenset[str] = frozenset()
    results: tuple[int, ...] = ()
    tasks: tuple[int, ...] = ()
    exits: frozenset[str] = frozenset()

    def bound(self, *names: str) -> Scope:
        return self._replace(names=self.names | frozenset(names))

    def inner(self, **changes: object) -> Scope:
        """Return the scope of a block inside: tasks of the block around are not handled from within."""
        return self._replace(tasks=(), **changes)  # type: ignore[arg-type]


class _Maker:
    def __init__(self, r: Random, statements: int) -> None:
        self.r = r
        self.left = statements
        self.id = 0

    def new_id(self) -> int:
        self.id += self.r.choice((1, 1, 1, 2, 7))
        return self.id

    def chance(self, share: float) -> bool:
        return self.r.random() < share

    # values

    def value(self, scope: Scope, sort: Sort = "any", depth: int = 0) -> Value:
        """Return a value of a sort; a result of a tool is of any."""
        if depth >= 3 or self.chance(0.3):
            return self.leaf(scope, sort)
        makers: dict[Sort, tuple[Callable[[Scope, int], Value], ...]] = {
            "any": (self.any_of, self.any_of, self.place, self.record, self.select),
            "number": (self.sum, self.sum, self.length, self.reduced),
            "text": (self.format, self.f_string, self.method, self.shown),
            "truth": (self.comparison, self.comparison, self.logic, self.negation),
            "list": (self.list, self.list, self.display, self.comprehension, self.sorted),
        }
        if self.chance(0.1):
            test, then, other = (self.value(scope, s, depth + 1) for s in ("truth", sort, sort))
            return Choose(test, then, other)
        return self.r.choice(makers[sort])(scope, depth + 1)

    def leaf(self, scope: Scope, sort: Sort) -> Value:
        known = [name for name in NAMES[sort] if name in scope.names]
        own = [name for name in scope.names if sort == "any" and not any(name in names for names in NAMES.values())]
        ways: list[Value] = [Local(name) for name in sorted(known + own)]
        ways += [self.result(scope)] if scope.results else []
        ways += [Input(INPUTS[sort])] if sort in INPUTS else []
        return self.r.choice(ways) if ways and self.chance(0.7) else self.constant(sort)

    def result(self, scope: Scope) -> Ref:
        return Ref(self.r.choice(scope.results), self.r.choice(((), (), ("name",), (0,), ("odd key", -1))))

    def constant(self, sort: Sort) -> Value:
        match sort:
            case "number":
                return self.r.choice((Const(0), Const(-1), Const(2.5), Const(7), Builtin("math.pi")))
            case "text":
                return Const(self.r.choice(("", "a", "$1 {x}", 'say "no"\n', "`é\u202e")))
            case "truth":
                return Const(self.chance(0.5))
            case "list":
                return ListOf((Const(1), Const("b"))[: self.r.randint(0, 2)])
            case "any":
                return Const(self.r.choice((None, True, 3, -0.0, "b")))

    def any_of(self, scope: Scope, depth: int) -> Value:
        return self.value(scope, self.r.choice(("number", "text", "truth", "list")), depth)

    def place(self, scope: Scope, depth: int) -> Value:
        index = self.value(scope, "number", depth)
        if scope.results and self.chance(0.5):
            return Apply(f"attribute {self.r.choice(('name', 'size'))}", (Ref(self.r.choice(scope.results)),))
        return Apply("subscript load", (self.value(scope, "list", depth), index))

    def record(self, scope: Scope, depth: int) -> Value:
        if self.chance(0.3):
            return Apply("display dict", (self.value(scope, "text", depth), self.value(scope, "any", depth)))
        keys = self.r.sample(("name", "odd key", "id"), self.r.randint(0, 2))
        return DictOf(tuple([(key, self.value(scope, "any", depth)) for key in keys]))

    def select(self, scope: Scope, depth: int) -> Value:
        if len(scope.results) < 2:
            return self.leaf(scope, "any")
        return Select(tuple([Ref(id) for id in self.r.sample(scope.results, 2)]))

    def sum(self, scope: Scope, depth: int) -> Value:
        op = self.r.choice(("operator +", "operator -", "operator *", "operator //", "operator %"))
        if self.chance(0.2):
            return Apply("unary -", (self.value(scope, "number", depth),))
        return Apply(op, (self.value(scope, "number", depth), self.value(scope, "number", depth)))

    def length(self, scope: Scope, depth: int) -> Value:
        return Apply("builtin len", (self.value(scope, "list", depth),))

    def reduced(self, scope: Scope, depth: int) -> Value:
        plus = Lambda(("a", "b"), Apply("operator +", (Local("a"), Local("b"))))
        if self.chance(0.5):
            plus = Lambda(("a", "b", "c"), Apply("operator +", (Local("a"), Local("c"))), (Const(0), Const(1)))
        numbers = ListOf((self.value(scope, "number", depth), Const(1)))
        return Apply("module functools.reduce", (plus, numbers))

    def format(self, scope: Scope, depth: int) -> Value:
        if not scope.results:
            return Format(("in {", Input("city"), "}"))
        parts = ("no `", self.result(scope), "{}\n", Input("limit"))
        return Format(self.r.choice((parts, parts[1:2], parts[1:])))

    def f_string(self, scope: Scope, depth: int) -> Value:
        field = Apply("field field", (self.value(scope, "number", depth), Const(""), Const(self.r.choice((None, "r")))))
        return Apply("field f-string", (Const("sum: "), field))

    def method(self, scope: Scope, depth: int) -> Value:
        text = self.value(scope, "text", depth)
        if self.chance(0.5):
            return Apply("method upper", (text,))
        words = Comprehension("lazy", Apply("builtin str", (Local("one"),)), (self.clause(scope, "one", depth),))
        return Apply("method join", (text, words))

    def shown(self, scope: Scope, depth: int) -> Value:
        return Apply(self.r.choice(("builtin str", "builtin repr")), (self.value(scope, "any", depth),))

    def comparison(self, scope: Scope, depth: int) -> Value:
        if self.chance(0.3):
            kind = Builtin(self.r.choice(("int", "str", "datetime.date")))
            return Apply("builtin isinstance", (self.value(scope, "any", depth), kind))
        sort = self.r.choice(("number", "text"))
        op = self.r.choice(("<", "<=", "==", "!=", ">", ">="))
        return Apply(f"operator {op}", (self.value(scope, sort, depth), self.value(scope, sort, depth)))  # type: ignore[arg-type]

    def logic(self, scope: Scope, depth: int) -> Value:
        items = [self.value(scope, "truth", depth) for _ in range(self.r.randint(2, 3))]
        return Logic("and" if self.chance(0.5) else "or", tuple(items))

    def negation(self, scope: Scope, depth: int) -> Value:
        return Apply("unary not", (self.value(scope, "any", depth),))

    def list(self, scope: Scope, depth: int) -> Value:
        items = [self.value(scope, "any", depth) for _ in range(self.r.randint(0, 3))]
        return ListOf(tuple(items) + ((Spread(self.value(scope, "list", depth)),) if self.chance(0.3) else ()))

    def display(self, scope: Scope, depth: int) -> Value:
        items = (self.value(scope, "any", depth), Spread(self.value(scope, "list", depth)))
        return Apply(self.r.choice(("display list", "display tuple")), items)

    def clause(self, scope: Scope, target: Target, depth: int) -> Clause:
        tests = (Apply("unary not", (Local("one"),)),) if target == "one" and self.chance(0.3) else ()
        return Clause(target, self.value(scope, "list", depth), tests)

    def comprehension(self, scope: Scope, depth: int) -> Value:
        clauses = [self.clause(scope, "one", depth)]
        inner = scope.bound("one")
        if self.chance(0.3):
            pairs = Apply("builtin enumerate", (self.value(inner, "list", depth),))
            clauses.append(Clause(Targets(("place", "two")), pairs, (self.value(inner, "truth", depth),)))
            inner = inner.bound("two")
        item = self.value(inner, "any", depth)
        kind = self.r.choice(("list", "list", "set", "dict", "lazy"))
        if kind == "dict":
            key = self.value(inner, "text", depth)
            return Apply("builtin list", (Comprehension("dict", item, tuple(clauses), key),))
        made = Comprehension(kind, item, tuple(clauses))  # type: ignore[arg-type]
        return made if kind == "list" else Apply("builtin list", (made,))

    def sorted(self, scope: Scope, depth: int) -> Value:
        key = Lambda(("one",), Apply("builtin str", (Local("one"),)))
        items = self.value(scope, "list", depth)
        names = (("key", key), ("reverse", Const(True)))[: self.r.randint(1, 2)]
        if self.chance(0.3):
            options = Spread(Apply("display dict", (Const("reverse"), Const(True))), names=True)
            return Apply("builtin sorted", (items, options), (("key", key),))
        return Apply("builtin sorted", (items,), names)

    # statements

    def block(self, scope: Scope, depth: int) -> tuple[Block, Scope]:
        """Return some statements, and the scope behind them."""
        made: list[Statement] = []
        for _ in range(self.r.randint(1, 4)):
            if self.left <= 0 and made:
                break
            self.left -= 1
            statement, scope = self.statement(scope, depth)
            made.append(statement)
        ways = sorted(scope.exits)
        if scope.strict and ways and depth and self.chance(0.25):
            made.append(self.exit(self.r.choice(ways), scope))
        return tuple(made), scope

    def statement(self, scope: Scope, depth: int) -> tuple[Statement, Scope]:
        simple = (self.call, self.call, self.bind)
        steps = (self.for_each, self.region) if not scope.strict else (self.for_each,)
        strict = (self.effect, self.if_, self.if_, self.while_, self.try_, self.try_, self.gather, self.inline)
        deep = depth < 3 and self.left > 0
        ways = (*simple, *(steps if deep else ()), *(strict if deep and scope.strict else ()))
        make: Callable[[Scope, int], tuple[Statement, Scope]] = self.r.choice(ways)
        return make(scope, depth)

    def when(self, scope: Scope, share: float = 0.2) -> Value | None:
        return self.value(scope, "truth", 1) if self.chance(share) else None

    def call(self, scope: Scope, depth: int) -> tuple[Statement, Scope]:
        id = self.new_id()
        args = [Arg(None if self.chance(0.7) else "x", self.value(scope))]
        if self.chance(0.2):
            args.append(Arg("more", self.value(scope)))
        tasks = scope.tasks
        after = tuple(self.r.sample(scope.results, 1)) if scope.results and self.chance(0.15) else ()
        ok = tuple(self.r.sample(tasks, 1)) if tasks and self.chance(0.15) else ()
        instead = self.r.choice(tasks) if tasks and self.chance(0.1) else None
        tool = self.r.choice(sorted(TOOLS))
        thought = self.r.choice(("", "", "", "look\nagain"))
        call = Task(id, tool, tuple(args), after, 0.0, thought, when=self.when(scope), ok=ok, instead=instead)
        return call, scope._replace(results=(*scope.results, id), tasks=(*tasks, id))

    def bind(self, scope: Scope, depth: int) -> tuple[Statement, Scope]:
        sort = self.r.choice(SORTS)
        if not scope.strict or self.chance(0.1):
            id = self.new_id()
            return Let(self.value(scope), (), id, self.when(scope)), scope._replace(results=(*scope.results, id))
        if self.chance(0.1):
            pair = ListOf((self.value(scope), ListOf((self.value(scope), self.value(scope)))))
            target = Targets(("item", Targets(("other", "rest"), star=1)))
            return Let(pair, (target,)), scope.bound("item", "other")
        names = tuple(self.r.sample(NAMES[sort], self.r.randint(1, min(2, len(NAMES[sort])))))
        return Let(self.value(scope, sort), names), scope.bound(*names)

    def effect(self, scope: Scope, depth: int) -> tuple[Statement, Scope]:
        """Print, or change what a name holds."""
        if "rows" in scope.names and self.chance(0.5):
            return Let(Apply("method append", (Local("rows"), self.value(scope)))), scope
        if "count" in scope.names and self.chance(0.5):
            return Let(Apply("operator +=", (Local("count"), self.value(scope, "number"))), ("count",)), scope
        return Let(Apply("builtin print", (self.value(scope), Const("!")), (("sep", Const("")),))), scope

    def for_each(self, scope: Scope, depth: int) -> tuple[Statement, Scope]:
        id = self.new_id()
        target: Target = self.r.choice(("item", "other"))
        items = self.value(scope, "list", 1)
        if self.chance(0.2):
            target, items = Targets(("place", "item")), Apply("builtin enumerate", (items,))
        names = ("item",) if isinstance(target, Targets) else (target,)
        exits = scope.exits | {"break", "continue"}
        body, behind = self.block(scope.inner(exits=exits).bound(*names), depth + 1)
        yields = self.value(behind) if not scope.strict or self.chance(0.5) else None
        yield_when = None if yields is None else self.when(behind)
        orelse = self.block(scope.inner(), depth + 1)[0] if scope.strict and self.chance(0.2) else ()
        when = None if scope.strict else self.when(scope)
        made = ForEach(id, target, items, body, yields, yield_when, orelse, when)
        return made, scope if yields is None else scope._replace(results=(*scope.results, id))

    def region(self, scope: Scope, depth: int) -> tuple[Statement, Scope]:
        id = self.new_id()
        body, behind = self.block(scope.inner(strict=True, exits=frozenset({"raise"})), depth + 1)
        names = tuple(sorted(behind.names - scope.names))
        made = Region(id, body, names, self.when(scope))
        return made, scope._replace(results=(*scope.results, id))

    def inline(self, scope: Scope, depth: int) -> tuple[Statement, Scope]:
        id = self.new_id()
        own = f"own_{id}"
        first = Let(self.value(scope), (own,))
        inner = scope.inner(exits=frozenset({"return", "raise", "answer"})).bound(own)
        body, _ = self.block(inner, depth + 1)
        made = Inline(id, (first, *body), self.r.choice(("helper", "")), (own,))
        return made, scope._replace(results=(*scope.results, id))

    def if_(self, scope: Scope, depth: int) -> tuple[Statement, Scope]:
        body, then = self.block(scope.inner(), depth + 1)
        orelse, other = self.block(scope.inner(), depth + 1) if self.chance(0.4) else ((), scope)
        return If(self.value(scope, "truth"), body, orelse), scope._replace(names=then.names & other.names)

    def while_(self, scope: Scope, depth: int) -> tuple[Statement, Scope]:
        id = self.new_id()
        test = self.value(scope, "truth")
        body, _ = self.block(scope.inner(exits=scope.exits | {"break", "continue"}), depth + 1)
        orelse = self.block(scope.inner(), depth + 1)[0] if self.chance(0.2) else ()
        return While(id, test, (*body, Exit("break")), orelse), scope

    def try_(self, scope: Scope, depth: int) -> tuple[Statement, Scope]:
        inner = scope.inner()
        body, _ = self.block(inner, depth + 1)
        handlers = tuple([self.handler(inner, depth) for _ in range(self.r.randint(0, 2))])
        if handlers and self.chance(0.2):
            handlers = (*handlers, Handler(None, self.block(inner, depth + 1)[0]))
        orelse = self.block(inner, depth + 1)[0] if handlers and self.chance(0.3) else ()
        exits = scope.exits - {"break", "continue", "return"}
        final = self.block(inner._replace(exits=exits), depth + 1)[0] if not handlers or self.chance(0.3) else ()
        return Try(body, handlers, orelse, final), scope

    def handler(self, scope: Scope, depth: int) -> Handler:
        classes: Value = Builtin(self.r.choice(ERRORS))
        if self.chance(0.3):
            classes = Apply("display tuple", tuple([Builtin(name) for name in self.r.sample(ERRORS, 2)]))
        name = "error" if self.chance(0.5) else None
        inner = scope.bound("error") if name else scope
        return Handler(classes, self.block(inner._replace(exits=scope.exits | {"raise"}), depth + 1)[0], name)

    def gather(self, scope: Scope, depth: int) -> tuple[Statement, Scope]:
        id = self.new_id()
        parts = tuple([self.part(scope.inner(exits=frozenset({"raise"})), depth) for _ in range(self.r.randint(1, 2))])
        return Gather(id, parts, self.chance(0.3)), scope._replace(results=(*scope.results, id))

    def part(self, scope: Scope, depth: int) -> Part:
        if self.chance(0.5):
            body, behind = self.block(scope, depth + 1)
            return Part(body, self.value(behind))
        items = self.value(scope, "list")
        body, behind = self.block(scope.bound("item"), depth + 1)
        return Part(body, self.value(behind), "item", items)

    def exit(self, kind: str, scope: Scope) -> Exit:
        match kind:
            case "break" | "continue":
                return Exit(kind)
            case "raise":
                if self.chance(0.2) and "error" in scope.names:
                    return Exit("raise")
                return Exit("raise", Apply("builtin ValueError", (self.value(scope, "text"),)))
            case _:
                return Exit(kind, None if kind == "return" and self.chance(0.3) else self.value(scope))  # type: ignore[arg-type]


def make_body(r: Random, statements: int = 14) -> Plan:
    """Return a plan with a body of about so many statements."""
    maker = _Maker(r, statements)
    if r.random() < 0.3:
        body, scope = maker.block(Scope(False), 0)
        values = tuple([Ref(id) for id in scope.results])
        join = Join(values, scope.results) if r.random() < 0.5 else Join(values)
        return Plan(DECLARED, (), join, (), body, "independent")
    body, scope = maker.block(Scope(True, exits=frozenset({"answer", "return", "raise"})), 0)
    ends = (Exit("answer", maker.value(scope)), Exit("offer", maker.value(scope)), Exit("return", maker.value(scope)))
    return Plan(DECLARED, (), None, (), (*body, *r.sample(ends, r.randint(0, 1))), "strict")


def bodies(statements: int = 14) -> st.SearchStrategy[Plan]:
    """Draw plans with bodies. What is drawn is only a number, as in `random_programs`."""
    return st.integers(0, 1 << 64).map(lambda number: make_body(Random(number), statements))


def nodes_of(thing: object) -> Iterator[object]:
    """Yield a node and all nodes in it, of plans, statements and values alike."""
    todo = [thing]
    while todo:
        one = todo.pop()
        if isinstance(one, tuple) and not isinstance(one, Element):
            todo += reversed(one)
        elif is_dataclass(one):
            yield one
            todo += [getattr(one, field.name) for field in fields(one)]
