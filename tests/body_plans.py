"""Make plans with bodies of programs, by a little lowering of Python's own syntax tree.

The lowering is as naive as the examples are simple: a call of a name of `TOOLS` is a call of that tool, made where it stands in
the order of evaluation; `gather(f(1), g(2))` and `gather(f(x) for x in xs)` are gathers; a name in capitals is an input.
"""

from __future__ import annotations

import ast
from itertools import count
from textwrap import dedent
from typing import Final

from lcc.grammar.ir import (
    Apply,
    Arg,
    Block,
    Builtin,
    Choose,
    Clause,
    Comprehension,
    Const,
    Exit,
    ForEach,
    Gather,
    Handler,
    If,
    Input,
    InputDecl,
    Let,
    Local,
    Logic,
    Part,
    Plan,
    Ref,
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
_CLASSES: Final = frozenset({"ValueError", "TimeoutError", "KeyError", "TypeError", "Exception", "int", "str"})


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
                return Apply("field field", (self.value(value),), span=span)
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
