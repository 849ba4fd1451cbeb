"""Write a grammar in GBNF, the notation of llama.cpp, which xgrammar and with it vLLM read, too."""

from __future__ import annotations

from typing import assert_never

from lcc.grammar.constrain.nodes import Chars, Choice, Grammar, Name, Node, Repeat, Sequence, Text


def gbnf(grammar: Grammar) -> str:
    """Return the grammar's text; its start rule is `root`."""
    lines = []
    for one in grammar.definitions:
        name = "root" if one.name == grammar.start else one.name
        lines.append(f"{name} ::= {_write(one.body)}\n")
    return "".join(lines)


def _write(node: Node) -> str:
    match node:
        case Text(text):
            return f'"{_literal(text)}"'
        case Chars():
            return _class(node)
        case Name(name):
            return name
        case Sequence(parts):
            return " ".join(f"({_write(p)})" if isinstance(p, Choice) else _write(p) for p in parts)
        case Choice(options):
            return " | ".join(_write(option) for option in options)
        case Repeat(body, least, most):
            inner = f"({_write(body)})" if isinstance(body, Choice | Sequence | Repeat) else _write(body)
            if (least, most) == (1, 1):
                return inner
            return f"{inner}?" if (least, most) == (0, 1) else f"{inner}{{{least},{most}}}"
        case _:
            assert_never(node)


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _class(node: Chars) -> str:
    ranges = "".join(_char(a) if a == b else f"{_char(a)}-{_char(b)}" for a, b in node.ranges)
    return f"[{'^' if node.negated else ''}{ranges}]"


def _char(char: str) -> str:
    if char in "\\]":
        return f"\\{char}"
    return char if char.isprintable() and char not in "^-" else f"\\x{ord(char):02x}"
