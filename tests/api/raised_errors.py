"""Find by reading which exceptions a function raises to its caller: its own, and those of what it calls of lcc by name.

Calls are followed through module-level names, `self` and imports inside of functions, not through values; what a `try` around them
catches is left out. What is found can be raised, but where a condition never holds.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import textwrap
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

DEPTH = 4
"""Calls within one another that are followed."""


@cache
def raised_by(function: Any, owner: Any = None, depth: int = DEPTH) -> frozenset[type[BaseException]]:
    """Return the classes of exceptions that a function of lcc raises."""
    function = inspect.unwrap(function)
    try:
        [node] = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, TypeError, SyntaxError):
        return frozenset()
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return frozenset()
    found = _Reader(function.__globals__, owner, depth)
    found.body(node.body, ())
    return frozenset(found.raised)


class _Reader:
    def __init__(self, names: dict[str, Any], owner: Any, depth: int) -> None:
        self.names = dict(names)
        self.owner = owner
        self.depth = depth
        self.raised: set[type[BaseException]] = set()

    def body(self, statements: list[ast.stmt], caught: tuple[type, ...]) -> None:
        for one in statements:
            self.statement(one, caught)

    def statement(self, node: ast.AST, caught: tuple[type, ...]) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() | ast.ClassDef():
                return
            case ast.ImportFrom(module=str(home), names=names, level=0):
                self.names |= {one.asname or one.name: getattr(import_module(home), one.name, None) for one in names}
            case ast.Try() | ast.TryStar():
                handled = tuple(c for handler in node.handlers for c in self.classes(handler.type))
                self.body(node.body, caught + handled)
                for part in (*node.handlers, *node.orelse, *node.finalbody):
                    self.children(part, caught)
                return
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    match item.context_expr:
                        case ast.Call(func=ast.Name(id="suppress") | ast.Attribute(attr="suppress"), args=args):
                            caught += tuple(c for one in args for c in self.classes(one))
            case ast.Raise(exc=ast.expr() as error):
                self.note(self.value(error.func if isinstance(error, ast.Call) else error), caught)
            case ast.Call():
                self.call(node, caught)
        self.children(node, caught)

    def children(self, node: ast.AST, caught: tuple[type, ...]) -> None:
        for child in ast.iter_child_nodes(node):
            self.statement(child, caught)

    def call(self, node: ast.Call, caught: tuple[type, ...]) -> None:
        called = self.value(node.func)
        if self.depth == 0 or not str(getattr(called, "__module__", "")).startswith("lcc"):
            return
        owner = self.owner if isinstance(node.func, ast.Attribute) else None
        if isinstance(called, type):
            called, owner = called.__dict__.get("__init__"), called
        if inspect.isfunction(called):
            for error in raised_by(called, owner, self.depth - 1):
                self.note(error, caught)

    def note(self, error: Any, caught: tuple[type, ...]) -> None:
        if isinstance(error, type) and issubclass(error, BaseException) and not issubclass(error, caught):
            self.raised.add(error)

    def classes(self, node: ast.expr | None) -> Iterator[type]:
        if node is None:
            yield BaseException
        for one in node.elts if isinstance(node, ast.Tuple) else [node]:
            found = self.value(one) if one is not None else None
            yield from (c for c in (found if isinstance(found, tuple) else (found,)) if isinstance(c, type))

    def value(self, node: ast.expr) -> Any:
        match node:
            case ast.Name(id=name):
                return self.names.get(name, getattr(builtins, name, None))
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name) if self.owner is not None:
                found = inspect.getattr_static(self.owner, name, None)
                return getattr(found, "__func__", found)
            case ast.Attribute(value=base, attr=name):
                found = self.value(base)
                return getattr(found, name, None) if inspect.ismodule(found) or isinstance(found, type) else None
            case _:
                return None
