"""Make the product's syntax tree of CPython's: lowering is tested with what CPython reads."""

from __future__ import annotations

import ast
from dataclasses import fields
from typing import Any

from lcc.grammar.python import tree
from lcc.grammar.source import Span

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.MatMult: "@", ast.Div: "/", ast.Mod: "%", ast.Pow: "**", ast.LShift: "<<",
    ast.RShift: ">>", ast.BitOr: "|", ast.BitXor: "^", ast.BitAnd: "&", ast.FloorDiv: "//", ast.And: "and", ast.Or: "or",
    ast.Not: "not", ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=",
    ast.Gt: ">", ast.GtE: ">=", ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip


def tree_of(text: str) -> tree.Module:
    """Return the syntax tree of a program."""
    return _Converter(text).convert(ast.parse(text))  # type: ignore[no-any-return]


class _Converter:
    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)

    def offset(self, line: int, column: int) -> int:
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def span(self, node: Any) -> Span:
        if not hasattr(node, "lineno"):
            return Span(0, 0)
        return Span(self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset))

    def convert(self, node: Any) -> Any:
        if isinstance(node, list):
            return tuple(map(self.convert, node))
        if type(node) in OPERATORS:
            return OPERATORS[type(node)]
        if not isinstance(node, ast.AST):
            return node
        kind = getattr(tree, type(node).__name__)
        return kind(**{one.name: self.part(node, one.name) for one in fields(kind)})

    def part(self, node: Any, name: str) -> Any:
        span = self.span(node)
        match name:
            case "span":
                return span
            case "attr_span":
                return Span(span.end - len(node.attr), span.end)
            case "name_span":
                start = self.text.index(node.name, span.start + 3)
                return Span(start, start + len(node.name))
            case "simple":
                return bool(node.simple)
            case _:
                return self.convert(getattr(node, name))
