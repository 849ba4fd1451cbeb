"""Turn CPython's `ast` into the tree of programs, and say what of it the subset has."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from lcc.grammar.python import tree

SYMBOLS = {
    "Add": "+", "Sub": "-", "Mult": "*", "MatMult": "@", "Div": "/", "Mod": "%", "Pow": "**", "LShift": "<<",
    "RShift": ">>", "BitOr": "|", "BitXor": "^", "BitAnd": "&", "FloorDiv": "//", "Eq": "==", "NotEq": "!=", "Lt": "<",
    "LtE": "<=", "Gt": ">", "GtE": ">=", "Is": "is", "IsNot": "is not", "In": "in", "NotIn": "not in", "And": "and",
    "Or": "or", "Not": "not", "USub": "-", "UAdd": "+", "Invert": "~",
}  # fmt: skip


def converted(node: Any) -> Any:
    """Return the same tree in the classes of `tree`; raise KeyError for what the subset has not."""
    if isinstance(node, list):
        return tuple(converted(part) for part in node)
    if not isinstance(node, ast.AST):
        return node
    name = type(node).__name__
    if name in SYMBOLS:
        return SYMBOLS[name]
    kind = vars(tree)[name]
    values = {f.name: converted(getattr(node, f.name)) for f in fields(kind) if not f.name.endswith("span")}
    if name == "AnnAssign":
        values["simple"] = bool(values["simple"])
    if name == "JoinedStr":  # early releases of 3.12 put an empty text behind the fields of a format
        values["values"] = tuple(one for one in values["values"] if getattr(one, "value", None) != "")
    return kind(**values)


def spans(source: str, node: ast.AST) -> Iterator[tuple[str, int, int]]:
    """Yield the class and the offsets of every node that has a place, of a text in ASCII with LF."""
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for part in ast.walk(node):
        if hasattr(part, "lineno"):
            begin = starts[part.lineno - 1] + part.col_offset
            yield type(part).__name__, begin, starts[part.end_lineno - 1] + part.end_col_offset


def own_spans(node: Any) -> Iterator[tuple[str, int, int]]:
    """Yield the same of one of our trees."""
    for part in walked(node):
        if not isinstance(part, tree.Module | tree.arguments | tree.comprehension):
            yield type(part).__name__, *part.span


def walked(node: Any) -> Iterator[Any]:
    """Yield all nodes of one of our trees, without recursion."""
    todo = [node]
    while todo:
        part = todo.pop()
        if isinstance(part, tuple) and not hasattr(part, "_fields"):
            todo += part
        elif hasattr(part, "span"):
            yield part
            todo += [getattr(part, f.name) for f in fields(part) if not f.name.endswith("span")]
