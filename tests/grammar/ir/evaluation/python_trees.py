"""Write values as Python's syntax trees, which CPython evaluates."""

from __future__ import annotations

import ast
import datetime
import functools
import itertools
import json
import math
import statistics
import warnings
from typing import Any

from lcc.grammar.ir import (
    Apply,
    Builtin,
    Choose,
    Comprehension,
    Const,
    Lambda,
    Local,
    Logic,
    Ref,
    Spread,
    Target,
    Value,
)

MODULES = {m.__name__: m for m in (datetime, functools, itertools, json, math, statistics)}
BINARY = {
    "+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div, "//": ast.FloorDiv, "%": ast.Mod, "**": ast.Pow, "&": ast.BitAnd,
    "|": ast.BitOr, "^": ast.BitXor, "<<": ast.LShift, ">>": ast.RShift,
}  # fmt: skip
COMPARED = {
    "==": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE, "is": ast.Is, "is not": ast.IsNot,
    "in": ast.In, "not in": ast.NotIn,
}  # fmt: skip
UNARY = {"-": ast.USub, "+": ast.UAdd, "~": ast.Invert, "not": ast.Not}
LOAD, STORE = ast.Load(), ast.Store()


def compiled(value: Value) -> Any:
    """Return the code of a value."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # CPython notices some of what can't be right, such as 1[0]
        return compile(ast.fix_missing_locations(ast.Expression(tree(value))), "<value>", "eval")


def shown(value: Value) -> str:
    """Return a value as Python's text."""
    return ast.unparse(ast.fix_missing_locations(tree(value)))


def dotted(path: str) -> ast.expr:
    """Return the reading of `a.b.c`."""
    head, *rest = path.split(".")
    found: ast.expr = ast.Name(head, LOAD)
    for name in rest:
        found = ast.Attribute(found, name, LOAD)
    return found


def tree(value: Value) -> ast.expr:
    """Return the expression that a value is."""
    match value:
        case Const(scalar):
            return ast.Constant(scalar)
        case Local(name) | Builtin(name):
            return dotted(name)
        case Ref(task, path):
            found: ast.expr = ast.Name(f"result_{task}", LOAD)
            for step in path:
                found = ast.Subscript(found, ast.Constant(step), LOAD)
            return found
        case Choose(test, then, other):
            return ast.IfExp(tree(test), tree(then), tree(other))
        case Logic(op, items):
            return ast.BoolOp(ast.And() if op == "and" else ast.Or(), list(map(tree, items)))
        case Lambda(params, body, defaults):
            names = [ast.arg(name) for name in params]
            return ast.Lambda(ast.arguments([], names, None, [], [], None, list(map(tree, defaults))), tree(body))
        case Comprehension():
            return comprehension(value)
        case Spread(inside):
            return ast.Starred(tree(inside), LOAD)
        case Apply():
            return application(value)
        case _:
            raise AssertionError(value)


def comprehension(value: Comprehension) -> ast.expr:
    clauses = [
        ast.comprehension(target(c.target), tree(c.items), list(map(tree, c.conditions)), 0) for c in value.clauses
    ]
    if value.key is not None:
        return ast.DictComp(tree(value.key), tree(value.item), clauses)
    kind = {"list": ast.ListComp, "set": ast.SetComp, "lazy": ast.GeneratorExp}[value.kind]
    return kind(tree(value.item), clauses)


def target(one: Target) -> ast.expr:
    if isinstance(one, str):
        return ast.Name(one, STORE)
    items = [target(item) for item in one.items]
    if one.star is not None:
        items[one.star] = ast.Starred(items[one.star], STORE)
    return ast.Tuple(items, STORE)


def application(value: Apply) -> ast.expr:
    where, _, what = value.op.partition(" ")
    args = value.args
    match where:
        case "operator" if what in BINARY:
            return ast.BinOp(tree(args[0]), BINARY[what](), tree(args[1]))
        case "operator":
            return ast.Compare(tree(args[0]), [COMPARED[what]()], [tree(args[1])])
        case "unary":
            return ast.UnaryOp(UNARY[what](), tree(args[0]))
        case "subscript" if what == "load":
            return ast.Subscript(tree(args[0]), tree(args[1]), LOAD)
        case "subscript":
            return ast.Subscript(tree(args[0]), ast.Slice(*map(tree, args[1:])), LOAD)
        case "display":
            return display(what, args)
        case "field":
            return f_string(args)
        case "attribute":
            return ast.Attribute(tree(args[0]), what, LOAD)
        case "method":
            return call(ast.Attribute(tree(args[0]), what, LOAD), args[1:], value.names)
        case _:
            return call(dotted(what), args, value.names)


def call(function: ast.expr, args: tuple[Value, ...], names: tuple[tuple[str, Value], ...]) -> ast.expr:
    given = [tree(arg) for arg in args if not (isinstance(arg, Spread) and arg.names)]
    stars = [ast.keyword(None, tree(arg.value)) for arg in args if isinstance(arg, Spread) and arg.names]
    return ast.Call(function, given, [*stars, *[ast.keyword(name, tree(item)) for name, item in names]])


def display(kind: str, args: tuple[Value, ...]) -> ast.expr:
    if kind == "dict":
        keys: list[ast.expr | None] = []
        values: list[ast.expr] = []
        rest = iter(args)
        for arg in rest:
            star = isinstance(arg, Spread)
            keys.append(None if star else tree(arg))
            values.append(tree(arg.value) if isinstance(arg, Spread) else tree(next(rest)))
        return ast.Dict(keys, values)
    items = list(map(tree, args))
    return ast.Set(items) if kind == "set" else ast.List(items, LOAD) if kind == "list" else ast.Tuple(items, LOAD)


def f_string(parts: tuple[Value, ...]) -> ast.expr:
    out: list[ast.expr] = []
    for part in parts:
        if isinstance(part, Const):
            out.append(ast.Constant(part.value))
            continue
        assert isinstance(part, Apply)
        value, spec, conversion = part.args
        assert isinstance(spec, Const)
        assert isinstance(conversion, Const)
        code = ord(str(conversion.value)) if conversion.value is not None else -1
        out.append(ast.FormattedValue(tree(value), code, ast.JoinedStr([ast.Constant(spec.value)])))
    return ast.JoinedStr(out)


class Row(dict[str, Any]):
    """CPython's counterpart of a record."""

    def __getattribute__(self, name: str) -> Any:
        return self[name] if name in self else object.__getattribute__(self, name)


Row.__name__ = Row.__qualname__ = "dict"
