"""Read Python text as a syntax tree with spans. Nothing is compiled, imported or evaluated."""

from __future__ import annotations

import ast
import warnings
from typing import Final, TypeAlias

from lcc.grammar.diagnostics.wording import brief
from lcc.grammar.source import Source, Span

_MOST_LEVELS: Final = 1_000
"""Nodes within one another. Python 3.11 to 3.13 read some thousands, later ones any number: `a.a.a…`, `1 + 1 + …`."""

Located: TypeAlias = ast.expr | ast.stmt | ast.arg | ast.keyword | ast.alias


def parse_module(text: str) -> ast.Module:
    """Parse a file's text, without Python's warnings; raise SyntaxError for whatever is wrong, nesting included."""
    tree = _parse(text, "exec")
    assert isinstance(tree, ast.Module)
    return tree


def parse_expression(text: str) -> ast.expr:
    """Parse one expression, as `parse_module` does."""
    tree = _parse(text, "eval")
    assert isinstance(tree, ast.Expression)
    return tree.body


def _parse(text: str, mode: str) -> ast.AST:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text, mode=mode)
    except SyntaxError:
        raise
    except (RecursionError, MemoryError):
        raise SyntaxError("nested too deeply") from None
    except ValueError as error:
        raise SyntaxError(str(error)) from None
    if len(text) > _MOST_LEVELS and _is_deeper(tree, _MOST_LEVELS):
        raise SyntaxError("nested too deeply")
    return tree


def _is_deeper(tree: ast.AST, limit: int) -> bool:
    level = [tree]
    for _ in range(limit):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return False
    return True


def node_span(source: Source, node: Located) -> Span:
    """Return where a node stands in the text it was parsed from."""
    start = offset_at(source, node.lineno, node.col_offset)
    if node.end_lineno is None or node.end_col_offset is None:
        return Span(start, start)
    return Span(start, offset_at(source, node.end_lineno, node.end_col_offset))


def offset_at(source: Source, line: int, byte: int) -> int:
    """Return the offset of a line (from 1) and a column in bytes of UTF-8 (from 0), which is how `ast` counts."""
    text = source.line(line)
    before = byte if text.isascii() else len(text.encode("utf-8", "replace")[:byte].decode("utf-8", "ignore"))
    return source.line_start(line) + min(before, len(text))


def last_name(node: ast.expr) -> str | None:
    """Return `c` of `a.b.c`, or the name itself; None for an expression that is no dotted name."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return None


def dotted_name(node: ast.expr) -> str | None:
    """Return `a.b.c` as it is written; None for an expression that is no dotted name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([node.id, *reversed(parts)])


def is_ellipsis(node: ast.expr) -> bool:
    """Whether an expression is `...`."""
    return isinstance(node, ast.Constant) and node.value is ...


def shown(node: ast.expr) -> str:
    """Return an expression as it may stand in a message: on one line, and short."""
    try:
        return brief(ast.unparse(node).replace("\n", " "))
    except RecursionError:
        return "…"
