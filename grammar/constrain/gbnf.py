"""Write a grammar in GBNF, the notation of llama.cpp, which xgrammar and with it vLLM read, too."""

from __future__ import annotations

from typing import Final

from lcc.grammar.constrain.nodes import Grammar
from lcc.grammar.constrain.notation import Notation

_GBNF: Final = Notation("{}", "{{{},{}}}", "\\]", by_number="^-")


def gbnf(grammar: Grammar) -> str:
    """Return the grammar's text; its start rule is `root`."""
    lines = []
    for one in grammar.definitions:
        name = "root" if one.name == grammar.start else one.name
        lines.append(f"{name} ::= {_GBNF.write(one.body)}\n")
    return "".join(lines)
