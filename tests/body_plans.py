"""Make plans with bodies: a little lowering of Python's own syntax tree, and random ones with every kind of statement.

The lowering is as naive as the examples are simple: a call of a name of `TOOLS` is a call of that tool, made where it stands in
the order of evaluation; `gather(f(1), g(2))` and `gather(f(x) for x in xs)` are gathers; a name in capitals is an input.
"""

from __future__ import annotations

import ast
from itertools import count
from textwrap import dedent
from typing import Final

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
from lcc.grammar.signatures import Tools, tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.source import Source, Span

TOOLS: Final[Tools] = tools_by_name(
    read_stub(
        """
import lcc

@lcc.tool(effect="read", resource="library", cost=1.0)
def find_books(topic: str) -> list[dict]: ...
@lcc.tool(effect="read", resource="stock:{book}", cost=0.5)
def count_copies(book: str) -> int: ...
@lcc.tool(effect="pure", cost=0.25)
def summarize(text: str) -> str: ...
@lcc.tool(effect="write", resource="stock:{book}", cost=2.0)
def order_copies(book: str, number: int = 1) -> int: ...
@lcc.tool(effect="write", resource="mail", cost=1.0)
def send(to: str, text: str) -> bool: ...
@lcc.tool(effect="destructive", resource="library", cost=1.0)
def discard(book: str) -> bool: ...
def post(text: str) -> str: ...
""",
        "tools.pyi",
    ).signatures
)
"""Tools of a library: every effect, resources with and without an argument."""

_OPERATORS: Final = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%", ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<",
    ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip
_CLASSES: Final = frozenset({"ValueError", "TimeoutError", "KeyError", "Exception"})


def program(text: str, *, parallel: bool = False) -> tuple[Plan, Source]:
    """Return the plan of a program, and its source."""
    text = dedent(text).lstrip("\n")
    lowering = _Lowering(text)
    body = lowering.block(ast.parse(text).body)
    inputs = tuple(InputDecl(name, "str") for name in lowering.inputs)
    return Plan(inputs, body=body, fails="independent" if parallel else "strict"), Source("program.py", text)


class _Lowering:
    def __init__(self, text: str) -> None:
        starts = [0]
        for line in text.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        self._starts = starts
        self._ids = count(1)
        self._out: list[Statement] = []
        self.inputs: dict[str, None] = {}

    def block(self, statements: list[ast.stmt]) -> Block:
        outer, self._out = self._out, []
        for one in statements:
            self._statement(one)
        made, self._out = self._out, outer
        return tuple(made)

    def _span(self, node: ast.stmt | ast.expr) -> Span:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return Span(
            self._starts[node.lineno - 1] + node.col_offset, self._starts[node.end_lineno - 1] + node.end_col_offset
        )

    def _statement(self, one: ast.stmt) -> None:
        span = self._span(one)
        match one:
            case ast.Assign(targets, value):
                made = self.value(value)
                self._out.append(self._assign(targets, made, span))
            case ast.AugAssign(ast.Name(name), op, value):
                changed = Apply(f"operator {_OPERATORS[type(op)]}=", (Local(name), self.value(value)))
                self._out.append(Let(changed, (name,), span=span))
            case ast.Expr(ast.Call(ast.Name("answer"), [value])):
                self._out.append(Exit("answer", self.value(value), span))
            case ast.Expr(value):
                made = self.value(value)
                if not isinstance(made, Ref):
                    self._out.append(Let(made, span=span))
            case ast.For(target, items, body, orelse):
                given, id = self.value(items), next(self._ids)
                self._out.append(
                    ForEach(id, _target(target), given, self.block(body), orelse=self.block(orelse), span=span)
                )
            case ast.While(test, body, orelse):
                id = next(self._ids)
                self._out.append(While(id, self.value(test), self.block(body), self.block(orelse), span))
            case ast.If(test, body, orelse):
                self._out.append(If(self.value(test), self.block(body), self.block(orelse), span))
            case ast.Try(body, handlers, orelse, final):
                done = self.block(body)
                made_handlers = tuple(self._handler(handler) for handler in handlers)
                self._out.append(Try(done, made_handlers, self.block(orelse), self.block(final), span))
            case ast.Return(value):
                self._out.append(Exit("return", None if value is None else self.value(value), span))
            case ast.Raise(value):
                self._out.append(Exit("raise", None if value is None else self.value(value), span))
            case ast.Break():
                self._out.append(Exit("break", None, span))
            case ast.Continue():
                self._out.append(Exit("continue", None, span))
            case ast.Pass():
                pass
            case _:
                raise AssertionError(ast.dump(one))

    def _assign(self, targets: list[ast.expr], value: Value, span: Span) -> Let:
        match targets:
            case [ast.Subscript(owner, index)]:
                return Let(Apply("subscript store", (self.value(owner), self.value(index), value)), span=span)
            case _:
                return Let(value, tuple(map(_target, targets)), span=span)

    def _handler(self, handler: ast.ExceptHandler) -> Handler:
        classes = None if handler.type is None else self.value(handler.type)
        return Handler(classes, self.block(handler.body), handler.name)

    def value(self, node: ast.expr) -> Value:
        span = self._span(node)
        match node:
            case ast.Constant(value):
                assert value is None or isinstance(value, str | int | float | bool)
                return Const(value)
            case ast.Name(name) if name.isupper():
                self.inputs[name] = None
                return Input(name, (), span)
            case ast.Name(name):
                return Builtin(name, span) if name in _CLASSES else Local(name, span)
            case ast.List(items):
                return Apply("display list", tuple(map(self.value, items)), span=span)
            case ast.Dict(keys, values):
                pairs = [self.value(one) for pair in zip(keys, values, strict=True) for one in pair if one is not None]
                return Apply("display dict", tuple(pairs), span=span)
            case ast.BinOp(left, op, right) | ast.Compare(left, [op], [right]):
                return Apply(f"operator {_OPERATORS[type(op)]}", (self.value(left), self.value(right)), span=span)
            case ast.UnaryOp(ast.Not(), one):
                return Apply("unary not", (self.value(one),), span=span)
            case ast.BoolOp(op, items):
                word = "and" if isinstance(op, ast.And) else "or"
                return Logic(word, tuple(map(self.value, items)), span)  # type: ignore[arg-type]
            case ast.IfExp(test, then, other):
                return Choose(self.value(test), self.value(then), self.value(other), span)
            case ast.Attribute(owner, name):
                return Apply(f"attribute {name}", (self.value(owner),), span=span)
            case ast.Subscript(owner, index):
                return Apply("subscript load", (self.value(owner), self.value(index)), span=span)
            case ast.JoinedStr(values):
                return Apply("field f-string", tuple(map(self.value, values)), span=span)
            case ast.FormattedValue(value):
                return Apply("field field", (self.value(value), Const(""), Const("")), span=span)
            case ast.ListComp(item, generators):
                return self._comprehension("list", item, generators, span)
            case ast.GeneratorExp(item, generators):
                return self._comprehension("lazy", item, generators, span)
            case ast.Call():
                return self._call(node, span)
            case _:
                raise AssertionError(ast.dump(node))

    def _comprehension(self, kind: str, item: ast.expr, generators: list[ast.comprehension], span: Span) -> Value:
        clauses = tuple(
            Clause(_target(one.target), self.value(one.iter), tuple(map(self.value, one.ifs))) for one in generators
        )
        return Comprehension(kind, self.value(item), clauses, span=span)  # type: ignore[arg-type]

    def _call(self, node: ast.Call, span: Span) -> Value:
        match node.func:
            case ast.Name("gather"):
                return self._gather(node, span)
            case ast.Name(tool) if tool in TOOLS:
                args = [Arg(None, self.value(arg), span=self._span(arg)) for arg in node.args]
                args += [Arg(word.arg, self.value(word.value), span=self._span(word.value)) for word in node.keywords]
                id = next(self._ids)
                self._out.append(Task(id, tool, tuple(args), span=span, name_at=0))
                return Ref(id, (), span)
            case ast.Name(name):
                return Apply(f"builtin {name}", tuple(map(self.value, node.args)), span=span)
            case ast.Attribute(owner, name):
                return Apply(f"method {name}", (self.value(owner), *map(self.value, node.args)), span=span)
            case _:
                raise AssertionError(ast.dump(node))

    def _gather(self, node: ast.Call, span: Span) -> Ref:
        id = next(self._ids)
        parts = []
        for one in node.args:
            match one:
                case ast.GeneratorExp(item, [ast.comprehension(target, items)]):
                    given = self.value(items)
                    outer, self._out = self._out, []
                    value = self.value(item)
                    body, self._out = tuple(self._out), outer
                    parts.append(Part(body, value, _target(target), given))
                case _:
                    outer, self._out = self._out, []
                    value = self.value(one)
                    body, self._out = tuple(self._out), outer
                    parts.append(Part(body, value))
        self._out.append(Gather(id, tuple(parts), span=span))
        return Ref(id, (), span)


def _target(node: ast.expr) -> Target:
    match node:
        case ast.Name(name):
            return name
        case ast.Tuple(items) | ast.List(items):
            star = next((place for place, item in enumerate(items) if isinstance(item, ast.Starred)), None)
            inner = [item.value if isinstance(item, ast.Starred) else item for item in items]
            return Targets(tuple(map(_target, inner)), star)
        case _:
            raise AssertionError(ast.dump(node))


_NAMES: Final = ("book", "books", "total", "rows")
_OPS: Final = (
    "operator +",
    "operator ==",
    "builtin len",
    "method append",
    "attribute title",
    "subscript load",
    "unary not",
)


@st.composite
def values(draw: st.DrawFn, ids: tuple[int, ...], depth: int = 2) -> Value:
    """Draw a value of any kind that reads some of these results; it needs not make sense."""
    leaves: list[st.SearchStrategy[Value]] = [
        st.sampled_from([Const(1), Const("tides"), Const(None), Const(True)]),
        st.sampled_from(_NAMES).map(Local),
        st.just(Input("city")),
        st.just(Builtin("ValueError")),
    ]
    if ids:
        leaves.append(st.builds(Ref, st.sampled_from(ids), st.sampled_from([(), ("title",), (0,)])))
        leaves.append(st.sampled_from(ids).map(lambda id: Format(("about ", Ref(id)))))
    if depth == 0 or draw(st.booleans()):
        return draw(st.one_of(leaves))
    inner = values(ids, depth - 1)
    some = st.lists(inner, min_size=1, max_size=3).map(tuple)
    two = st.lists(inner, min_size=2, max_size=3).map(tuple)
    clause = st.builds(Clause, st.sampled_from(_NAMES), inner, st.lists(inner, max_size=1).map(tuple))
    return draw(
        st.one_of(
            st.builds(Apply, st.sampled_from(_OPS), some),
            st.builds(Choose, inner, inner, inner),
            st.builds(Logic, st.sampled_from(["and", "or"]), two),
            st.builds(Comprehension, st.sampled_from(["list", "lazy", "set"]), inner, st.tuples(clause)),
            st.builds(ListOf, some),
            st.builds(lambda one: DictOf((("a", one),)), inner),
            st.builds(lambda one: Apply("builtin sorted", (Local("rows"),), (("key", Lambda(("x",), one)),)), inner),
            st.builds(lambda one: Apply("builtin print", (Spread(one),)), inner),
            st.builds(Select, two),
        )
    )


class _Drawing:
    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._ids = count(1)
        self._left = 14
        self._span = count(0, 3)

    def span(self) -> Span:
        at = next(self._span)
        return Span(at, at + 2)

    def value(self, known: list[int]) -> Value:
        return self._draw(values(tuple(known)))

    def block(self, known: list[int], depth: int, loop: bool = False) -> Block:
        """Draw a block; results that it makes are known in it alone."""
        own = list(known)
        made = []
        for _ in range(self._draw(st.integers(0, 4))):
            if self._left > 0:
                self._left -= 1
                made.append(self.statement(own, depth, loop))
        return tuple(made)

    def call(self, known: list[int]) -> Task:
        id = next(self._ids)
        tool = self._draw(st.sampled_from(sorted(TOOLS)))
        args = [Arg(None, self.value(known), span=self.span()) for _ in TOOLS[tool].parameters if _.required]
        when = self.value(known) if self._draw(st.integers(0, 5)) == 0 else None
        known.append(id)
        return Task(id, tool, tuple(args), span=self.span(), when=when)

    def statement(self, known: list[int], depth: int, loop: bool) -> Statement:
        kinds = ["call", "call", "call", "let", "exit"]
        if depth:
            kinds += ["for", "while", "if", "try", "gather", "region", "inline"]
        kind = self._draw(st.sampled_from(kinds))
        name = self._draw(st.sampled_from(_NAMES))
        match kind:
            case "call":
                return self.call(known)
            case "let":
                targets: tuple[Target, ...] = self._draw(st.sampled_from([(), (name,), (Targets((name, "rest"), 1),)]))
                return Let(self.value(known), targets, span=self.span())
            case "exit":
                ways = ["answer", "raise", "return", "offer"] + (["break", "continue"] if loop else [])
                way = self._draw(st.sampled_from(ways))
                return Exit(way, self.value(known) if way not in ("break", "continue") else None, self.span())
            case _:
                return self.compound(kind, name, known, depth - 1, loop)

    def compound(self, kind: str, name: str, known: list[int], depth: int, loop: bool) -> Statement:
        id, span, value = next(self._ids), self.span(), self.value(known)
        match kind:
            case "for":
                yields = self.value(known) if self._draw(st.booleans()) else None
                made: Statement = ForEach(
                    id, name, value, self.block(known, depth, True), yields, orelse=self.block(known, depth), span=span
                )
            case "while":
                return While(id, value, self.block(known, depth, True), self.block(known, depth), span)
            case "if":
                return If(value, self.block(known, depth, loop), self.block(known, depth, loop), span)
            case "try":
                handlers = (Handler(Builtin("ValueError"), self.block(known, depth, loop), "error"),)
                final = self.block(known, depth)
                return Try(self.block(known, depth, loop), handlers, self.block(known, depth), final, span)
            case "gather":
                each = Part(self.block(known, depth), self.value(known), name, value)
                made = Gather(id, (each, Part(self.block(known, depth), self.value(known))), span=span)
            case "region":
                made = Region(id, self.block(known, depth), (name,), span=span)
            case _:
                made = Inline(id, self.block(known, depth), "helper", span=span)
        known.append(id)
        return made


@st.composite
def bodies(draw: st.DrawFn) -> Plan:
    """Draw a plan with a body that names things it may never have bound, as any text may."""
    drawing = _Drawing(draw)
    known: list[int] = []
    body = tuple(drawing.statement(known, 3, False) for _ in range(draw(st.integers(0, 5))))
    join = Join((Ref(known[-1]),)) if known and draw(st.booleans()) else None
    fails = draw(st.sampled_from(["strict", "independent"]))
    return Plan((InputDecl("city", "str"),), (), join, body=body, fails=fails)  # type: ignore[arg-type]
