"""Write the plan grammar of a toolset in one of the notations that endpoints read."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal, TypeAlias, assert_never, get_args

from lcc.grammar.constrain.bounds import DEFAULT_BOUNDS, Bounds
from lcc.grammar.constrain.gbnf import gbnf
from lcc.grammar.constrain.lark_text import lark_text
from lcc.grammar.constrain.plan import plan_grammar
from lcc.grammar.signatures import Tools

Syntax: TypeAlias = Literal["lark", "gbnf"]
SYNTAXES: Final[tuple[Syntax, ...]] = get_args(Syntax)


def plan_grammar_text(
    tools: Tools,
    syntax: Syntax,
    bounds: Bounds = DEFAULT_BOUNDS,
    *,
    first: int = 1,
    earlier: Collection[int] = (),
) -> str:
    """Return the grammar's text; arguments and errors are those of `plan_grammar`."""
    grammar = plan_grammar(tools, bounds, first=first, earlier=earlier)
    match syntax:
        case "lark":
            return lark_text(grammar)
        case "gbnf":
            return gbnf(grammar)
        case _:
            assert_never(syntax)
