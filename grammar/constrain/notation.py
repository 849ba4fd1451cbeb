"""Write what a grammar is made of; the notations differ in how they write characters and repetitions alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from lcc.grammar.constrain.nodes import Chars, Choice, Name, Node, Repeat, Sequence, Text


@dataclass(frozen=True, slots=True)
class Notation:
    """A notation. `chars`, `times`: format strings for a class of characters and for the bounds of a repetition. `escaped`: what takes a backslash
    in a class; `by_number`: what is written by its number there, beside what can't be printed."""

    chars: str
    times: str
    escaped: str
    by_number: str = ""

    def write(self, node: Node) -> str:
        """Return the text of a node."""
        match node:
            case Text(text):
                return f'"{_literal(text)}"'
            case Chars():
                return self.chars.format(self._class(node))
            case Name(name):
                return name
            case Sequence(parts):
                return " ".join(f"({self.write(p)})" if isinstance(p, Choice) else self.write(p) for p in parts)
            case Choice(options):
                return " | ".join(self.write(option) for option in options)
            case Repeat(body, least, most):
                nested = isinstance(body, Choice | Sequence | Repeat)
                inner = f"({self.write(body)})" if nested else self.write(body)
                if (least, most) == (1, 1):
                    return inner
                return f"{inner}?" if (least, most) == (0, 1) else inner + self.times.format(least, most)
            case _:
                assert_never(node)

    def _class(self, node: Chars) -> str:
        ranges = "".join(self._char(a) if a == b else f"{self._char(a)}-{self._char(b)}" for a, b in node.ranges)
        return f"[{'^' if node.negated else ''}{ranges}]"

    def _char(self, char: str) -> str:
        if char in self.escaped:
            return f"\\{char}"
        return char if char.isprintable() and char not in self.by_number else f"\\x{ord(char):02x}"


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
