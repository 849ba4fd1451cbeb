"""Write a grammar in Lark's notation, as Lark, llguidance and OpenAI's custom tools read it."""

from __future__ import annotations

from typing import Final

from lcc.grammar.constrain.nodes import Grammar
from lcc.grammar.constrain.notation import Notation

_LARK: Final = Notation("/{}/", "~{}..{}", r"\]^-/[")


def lark_text(grammar: Grammar) -> str:
    """Return the grammar's text; its start rule is `start`."""
    return "".join(f"{one.name}: {_LARK.write(one.body)}\n" for one in grammar.definitions)
