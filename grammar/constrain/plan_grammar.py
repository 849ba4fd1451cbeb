"""Write the grammar of the plans that fit a toolset, unrolled line by line.

    1. search("Everest")            line 1 reads nothing
    2. search(each ["K2", "$1"])    line 2 may read $1
    3. join($1, $2.name)            the last line is `join` or `answer`

Every plan of the grammar parses, and verifies for the toolset, except for what references lead to: whether their results have the
paths and types that are wanted. Every canonical plan (as `print_plan` prints a bound one) within the bounds is in it, with ids
without gaps, keywords and fields in the order of declaration, and neither inputs nor thoughts.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from lcc.grammar.constrain.bounds import DEFAULT_BOUNDS, Bounds
from lcc.grammar.constrain.calls import calls
from lcc.grammar.constrain.productions import Grammar, Node, Repeat, Rules, Text, choice, optional, seq
from lcc.grammar.constrain.texts import Line, Tokens, line_tokens
from lcc.grammar.constrain.typed_values import Values
from lcc.grammar.signatures import ANY, Tools
from lcc.grammar.syntax.print_plan import LARGEST_ID

END: Final = "<END_OF_PLAN>"
_RECENT: Final = 200
"""Earlier results that may be read: the last ones."""


def plan_grammar(
    tools: Tools, bounds: Bounds = DEFAULT_BOUNDS, *, first: int = 1, earlier: Collection[int] = ()
) -> Grammar:
    """Return the grammar of the plans that call `tools`.

    `first`: the id of the first call. `earlier`: ids below it whose results may be read. Raises ValueError where there are no tools
    or ids get too large, GrammarTooLarge (a ValueError) beyond a megabyte or two.
    """
    if not tools:
        raise ValueError("there are no tools, so there is nothing to hold a plan to")
    if first < 1 or first + bounds.tasks > LARGEST_ID or any(not 0 < id_ < first for id_ in earlier):
        raise ValueError("ids are positive, ascending, and have at most nine digits")
    rules = Rules()
    tokens = Tokens(rules, bounds)
    readable = sorted(earlier)[-_RECENT:]
    following: Node | None = None
    lines = []
    for id_ in range(first, first + bounds.tasks + 1):
        line = line_tokens(tokens, readable)
        values = Values(tokens, line)
        called = None if id_ == first + bounds.tasks else calls(rules, tools.values(), values)
        lines.append((id_, called, _end(tokens, line, values, own=id_ > first)))
        readable.append(id_)
    for id_, called, end in reversed(lines):
        options = [end] if called is None or following is None else [seq(called, "\n", following), end]
        body = choice(options)
        assert body is not None
        following = seq(f"{id_}. ", rules.rule(f"line{id_}x", body))
    assert following is not None
    return rules.grammar(seq(following, optional(seq("\n", optional(Text(END))))))


def _end(tokens: Tokens, line: Line, values: Values, *, own: bool) -> Node:
    """Return how a plan may end in a line: an answer, or a join if there are results to read."""
    any_value = values.of(ANY)
    assert any_value is not None
    options = [seq("answer(", any_value, ")")]
    if line.reference is not None:
        read = seq(line.reference, Repeat(seq(", ", line.reference), 0, tokens.bounds.items - 1))
        options.append(seq("join(", optional(read) if own else read, ")"))
    found = choice(options)
    assert found is not None
    return tokens.rules.rule("e", found)
