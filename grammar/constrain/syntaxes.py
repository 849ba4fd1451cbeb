"""Write the plan grammar of a toolset in one of the notations that endpoints read.

Lark's is read by Lark, llguidance and OpenAI's custom tools; GBNF by llama.cpp, and by xgrammar and with it vLLM. They differ in
how they write characters and repetitions alone.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, assert_never

from lcc.grammar.constrain.bounds import DEFAULT_BOUNDS, Bounds
from lcc.grammar.constrain.plan_grammar import plan_grammar
from lcc.grammar.constrain.productions import Chars, Choice, Grammar, Name, Node, Repeat, Sequence, Text
from lcc.grammar.signatures import Tools

Syntax: TypeAlias = Literal["lark", "gbnf"]


def plan_grammar_text(
    tools: Tools,
    syntax: Syntax,
    bounds: Bounds = DEFAULT_BOUNDS,
    *,
    first: int = 1,
    earlier: Collection[int] = (),
    steps: bool = False,
) -> str:
    """Return the grammar's text; arguments and errors are those of `plan_grammar`."""
    grammar = plan_grammar(tools, bounds, first=first, earlier=earlier, steps=steps)
    match syntax:
        case "lark":
            return lark_text(grammar)
        case "gbnf":
            return gbnf(grammar)
        case _:
            assert_never(syntax)


def lark_text(grammar: Grammar) -> str:
    """Return a grammar's text in Lark's notation; its start rule is `start`."""
    return "".join(f"{one.name}: {_LARK.write(one.body)}\n" for one in grammar.definitions)


def gbnf(grammar: Grammar) -> str:
    """Return a grammar's text in GBNF; its start rule is `root`."""
    named = [("root" if one.name == grammar.start else one.name, one.body) for one in grammar.definitions]
    return "".join(f"{name} ::= {_GBNF.write(body)}\n" for name, body in named)


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


_LARK: Final = Notation("/{}/", "~{}..{}", r"\]^-/[")
_GBNF: Final = Notation("{}", "{{{},{}}}", "\\]", by_number="^-")
