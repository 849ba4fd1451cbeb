"""Make up programs of the subset as `ast`, and texts that are nearly programs."""

from __future__ import annotations

import ast
from collections.abc import Callable
from random import Random
from typing import Any

NAMES = ("a", "total", "user_id", "ärger", "match", "_", "print", "type", "x1")
TEXTS = (
    "",
    "a",
    "it's",
    'say "x"',
    "{brace}",
    "new\nline",
    "tab\t",
    "back\\slash",
    "ü€",
    "a" * 40,
    "\x00",
    "'''",
    '"""',
)
BINARY = (ast.Add, ast.Sub, ast.Mult, ast.MatMult, ast.Div, ast.Mod, ast.Pow, ast.LShift, ast.RShift, ast.BitOr, ast.BitXor, ast.BitAnd, ast.FloorDiv)  # fmt: skip
COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Is, ast.IsNot, ast.In, ast.NotIn)


class Programs:
    """Random programs by a seed; `depth` bounds how deeply they nest."""

    def __init__(self, seed: int, depth: int = 3) -> None:
        self.random = Random(seed)
        self.depth = depth

    def text(self) -> str:
        """Return a program as CPython prints it."""
        body = [self.statement(self.depth) for _ in range(self.random.randint(1, 4))]
        return ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))

    def pick(self, *makers: Callable[[], Any]) -> Any:
        return self.random.choice(makers)()

    def some(self, make: Callable[[], Any], least: int = 0, most: int = 3) -> list[Any]:
        return [make() for _ in range(self.random.randint(least, most))]

    def maybe(self, make: Callable[[], Any]) -> Any:
        return make() if self.random.random() < 0.5 else None

    def name(self) -> str:
        return self.random.choice(NAMES)

    def body(self, depth: int) -> list[Any]:
        return self.some(lambda: self.statement(depth), 1, 2)

    def statement(self, depth: int) -> Any:
        e = self.value
        d = depth - 1
        simple = (
            lambda: ast.Expr(e(d)),
            lambda: ast.Assign(self.some(lambda: self.target(d, True), 1, 2), e(d)),
            lambda: ast.AugAssign(self.target(d), self.random.choice(BINARY)(), e(d)),
            lambda: ast.AnnAssign(ast.Name(self.name()), e(0), self.maybe(lambda: e(d)), 1),
            lambda: ast.Delete(self.some(lambda: self.target(d), 1, 2)),
            lambda: ast.Return(self.maybe(lambda: e(d))),
            lambda: ast.Raise(e(d), self.maybe(lambda: e(d))),
            lambda: ast.Assert(e(d), self.maybe(lambda: e(d))),
            lambda: self.pick(ast.Pass, ast.Break, ast.Continue, ast.Raise),
            lambda: ast.Import(self.some(lambda: ast.alias(self.name() + ".b", self.maybe(self.name)), 1, 2)),
            lambda: ast.ImportFrom("json.x", self.some(lambda: ast.alias(self.name(), self.maybe(self.name)), 1), 0),
        )
        if depth <= 0:
            return self.pick(*simple)
        return self.pick(
            *simple,
            lambda: ast.If(e(d), self.body(d), self.orelse(d)),
            lambda: ast.For(self.target(d, True), e(d), self.body(d), self.orelse(d)),
            lambda: ast.While(e(d), self.body(d), self.orelse(d)),
            lambda: self.tries(d),
            lambda: self.random.choice((ast.FunctionDef, ast.AsyncFunctionDef))(
                self.name(), self.arguments(d, True), self.body(d), [], self.maybe(lambda: e(0))
            ),
        )

    def orelse(self, depth: int) -> list[Any]:
        return self.body(depth) if self.random.random() < 0.4 else []

    def tries(self, d: int) -> Any:
        def handler() -> Any:
            kind = self.value(0)
            return ast.ExceptHandler(kind, self.maybe(self.name), self.body(d))

        handlers = self.some(handler, 0, 2)
        final = self.body(d) if not handlers or self.random.random() < 0.3 else []
        return ast.Try(self.body(d), handlers, self.orelse(d) if handlers else [], final)

    def target(self, depth: int, several: bool = False) -> Any:
        plain = (
            lambda: ast.Name(self.name()),
            lambda: ast.Attribute(self.value(depth - 1), self.name()),
            lambda: ast.Subscript(self.value(depth - 1), self.value(depth - 1)),
        )
        if not several or depth <= 0:
            return self.pick(*plain)
        many = self.some(lambda: self.target(depth - 1, True), 1)
        if self.random.random() < 0.3:
            many.append(ast.Starred(ast.Name(self.name())))
        return self.pick(*plain, lambda: ast.Tuple(many), lambda: ast.List(many))

    def arguments(self, d: int, typed: bool) -> Any:
        names = [f"p{k}" for k in range(9)]

        def made() -> Any:
            return ast.arg(names.pop(), self.maybe(lambda: self.value(0)) if typed else None)

        first, second, only = self.some(made, 0, 2), self.some(made, 0, 2), self.some(made, 0, 2)
        count = self.random.randint(0, len(first + second))
        defaults = [self.value(d) for _ in range(count)]
        kw = [self.maybe(lambda: self.value(d)) for _ in only]
        return ast.arguments(first, second, self.maybe(made), only, kw, self.maybe(made), defaults)

    def constant(self) -> Any:
        values: tuple[Any, ...] = (0, 1, 12345678901234567890, 0.5, 1e100, 1.0, True, False, None, ..., *TEXTS)
        return ast.Constant(self.random.choice(values))

    def clauses(self, d: int) -> list[Any]:
        def one() -> Any:
            return ast.comprehension(self.target(d, True), self.value(d), self.some(lambda: self.value(d), 0, 2), 0)

        return self.some(one, 1, 2)

    def value(self, depth: int) -> Any:
        e, d = self.value, depth - 1
        if depth <= 0:
            return self.pick(lambda: ast.Name(self.name()), self.constant)
        starred = lambda: self.pick(lambda: e(d), lambda: ast.Starred(e(d)))  # noqa: E731
        return self.pick(
            lambda: ast.Name(self.name()),
            self.constant,
            lambda: ast.BoolOp(self.random.choice((ast.And, ast.Or))(), self.some(lambda: e(d), 2)),
            lambda: ast.NamedExpr(ast.Name(self.name()), e(d)),
            lambda: ast.BinOp(e(d), self.random.choice(BINARY)(), e(d)),
            lambda: ast.UnaryOp(self.random.choice((ast.Not, ast.USub, ast.UAdd, ast.Invert))(), e(d)),
            lambda: ast.Lambda(self.arguments(d, False), e(d)),
            lambda: ast.IfExp(e(d), e(d), e(d)),
            lambda: ast.Dict([self.pick(lambda: e(d), lambda: None) for _ in range(2)], [e(d), e(d)]),
            lambda: ast.Set(self.some(starred, 1)),
            lambda: ast.List(self.some(starred)),
            lambda: ast.Tuple(self.some(starred)),
            lambda: ast.ListComp(e(d), self.clauses(d)),
            lambda: ast.SetComp(e(d), self.clauses(d)),
            lambda: ast.GeneratorExp(e(d), self.clauses(d)),
            lambda: ast.DictComp(e(d), e(d), self.clauses(d)),
            lambda: ast.Await(e(d)),
            lambda: ast.Compare(e(d), [self.random.choice(COMPARISONS)() for _ in range(2)], [e(d), e(d)]),
            lambda: ast.Call(e(d), self.some(starred), self.some(lambda: ast.keyword(self.maybe(self.name), e(d)), 0, 2)),
            lambda: ast.Call(e(d), [ast.GeneratorExp(e(d), self.clauses(d))], []),
            lambda: ast.Attribute(e(d), self.name()),
            lambda: ast.Subscript(e(d), self.pick(lambda: e(d), lambda: self.slice(d), lambda: ast.Tuple([self.slice(d), e(d)]))),
            lambda: self.f_string(),
        )  # fmt: skip

    def slice(self, d: int) -> Any:
        return ast.Slice(*(self.maybe(lambda: self.value(d)) for _ in range(3)))

    def f_string(self) -> Any:
        def field() -> Any:
            spec = self.maybe(lambda: ast.JoinedStr([ast.Constant(">1"), *self.some(inner, 0, 1)]))
            return ast.FormattedValue(ast.Name(self.name()), self.random.choice((-1, 114, 115, 97)), spec)

        def inner() -> Any:
            return ast.FormattedValue(ast.Name(self.name()), -1, None)

        parts = [ast.Constant(self.random.choice(("a", "it's", "{x}", "ü", ": "))), field(), ast.Constant("b")]
        return ast.JoinedStr(parts[: self.random.randint(1, 3)])


PIECES = (
    "(", ")", "[", "]", "{", "}", ":", ",", ";", "=", "==", ":=", "*", "**", ".", "\n", "\n    ", "\n\t", " ", "\\\n", "\\", '"',
    "'", '"""', "f\"", "f'{", "#", "\r\n", "\f", "\0", "if ", " else ", "for ", " in ", "not ", "lambda ", "await ", "x", "1", "0x", "_",
    "1.", "e5", "def f(): ", "return ", "else:", "except:", "try:", "elif a:", "import a", "from a import b", "print ", "\u00a0", "“", "!", "->", "async ",
)  # fmt: skip


def mutated(text: str, random: Random, most: int = 3) -> str:
    """Return a text with some characters deleted, doubled, swapped or cut, or pieces put in."""
    for _ in range(random.randint(1, most)):
        at = random.randint(0, len(text))
        to = min(len(text), at + random.randint(1, 4))
        text = random.choice(
            (
                text[:at] + text[to:],
                text[:at] + random.choice(PIECES) + text[at:],
                text[:at] + random.choice(PIECES) + text[to:],
                text[:at] + text[at:to][::-1] + text[to:],
                text[:to] + text[at:],
                text[:at] if random.random() < 0.3 else text,
                text.replace("\n", "\r\n"),
                "".join(
                    line.replace("    ", random.choice(("\t", "        ", "    ")), 1) for line in text.splitlines(True)
                ),
            )
        )
    return text
