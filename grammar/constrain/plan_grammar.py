"""Write the grammar of the plans that fit a toolset, unrolled line by line.

    1. search("Everest")            line 1 reads nothing
    2. search(each ["K2", "$1"])    line 2 may read $1
    3. join($1, $2.name)            the last line is `join` or `answer`

Every plan of the grammar parses, and verifies for the toolset, except for what references lead to: whether their results have the
paths and types that are wanted. Every canonical plan (as `print_plan` prints a bound one) within the bounds is in it, with ids
without gaps, keywords and fields in the order of declaration, and neither inputs nor thoughts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from lcc.grammar.constrain.bounds import DEFAULT_BOUNDS, Bounds
from lcc.grammar.constrain.calls import calls
from lcc.grammar.constrain.productions import Grammar, Name, Node, Repeat, Rules, Text, choice, optional, seq
from lcc.grammar.constrain.step_forms import BODY, LOCAL, StepForms
from lcc.grammar.constrain.texts import Line, Tokens, line_tokens
from lcc.grammar.constrain.typed_values import Values
from lcc.grammar.signatures import ANY, Tools
from lcc.grammar.syntax.print_plan import LARGEST_ID

END: Final = "<END_OF_PLAN>"
_RECENT: Final = 200
"""Earlier results that may be read: the last ones."""


def plan_grammar(
    tools: Tools,
    bounds: Bounds = DEFAULT_BOUNDS,
    *,
    first: int = 1,
    earlier: Collection[int] = (),
    steps: bool = False,
) -> Grammar:
    """Return the grammar of the plans that call `tools`.

    `first`: the id of the first call. `earlier`: ids below it whose results may be read. `steps`: plans may hold values with an id,
    conditions and loops, too. Raises ValueError where there are no tools
    or ids get too large, GrammarTooLarge (a ValueError) beyond a megabyte or two.
    """
    if not tools:
        raise ValueError("there are no tools, so there is nothing to hold a plan to")
    if first < 1 or first + bounds.tasks > LARGEST_ID or any(not 0 < id_ < first for id_ in earlier):
        raise ValueError("ids are positive, ascending, and have at most nine digits")
    rules = Rules()
    tokens = Tokens(rules, bounds)
    forms = _Forms(tools, tokens, first + bounds.tasks) if steps else None
    readable = sorted(earlier)[-_RECENT:]
    lines = []
    for id_ in range(first, first + bounds.tasks + 1):
        line = line_tokens(tokens, readable)
        values = Values(tokens, line)
        begun = None
        if id_ < first + bounds.tasks:
            called = calls(rules, tools.values(), values)
            begun = called if forms is None else forms.line(id_, called, tuple(readable))
        lines.append((id_, begun, _end(tokens, line, values, own=id_ > first)))
        readable.append(id_)
    head = [] if forms is None else [optional(Text("strict\n"))]
    return rules.grammar(seq(*head, _from_first(rules, lines), optional(seq("\n", optional(Text(END))))))


def _from_first(rules: Rules, lines: Sequence[tuple[int, Node | None, Node]]) -> Node:
    """Return the lines of a plan; each has an id, what may begin there with more behind it, and how the plan may end there."""
    following: Node | None = None
    for id_, begun, end in reversed(lines):
        options = [end] if begun is None or following is None else [seq(begun, "\n", following), end]
        body = choice(options)
        assert body is not None
        following = seq(f"{id_}. ", rules.rule(f"line{id_}x", body))
    assert following is not None
    return following


class _Forms:
    """What lines hold beside calls. `last`: no line of the outer level has a larger number."""

    def __init__(self, tools: Tools, tokens: Tokens, last: int) -> None:
        self._tools = tools
        self._tokens = tokens
        self._forms = StepForms(tokens, tools)
        self._text = line_tokens(tokens, ()).string
        self._times = max(100, 10 ** len(str(last)))
        if last * self._times + BODY > LARGEST_ID:
            raise ValueError("ids of steps in loops would get more than nine digits")

    def line(self, id_: int, called: Node | None, readable: tuple[int, ...]) -> Node | None:
        """Return what a line of the outer level may hold, with the loop that it may begin."""
        atom = self._forms.atoms(readable, local=False)
        step = self._step(called, atom)
        if atom is None:
            return step
        loop = seq("for ", LOCAL, " in ", atom, ":\n", self._body(id_, readable))
        return choice([loop] if step is None else [step, loop])

    def _step(self, called: Node | None, atom: Name | None) -> Node | None:
        """Return a call or a value, with a condition or without."""
        if atom is None:
            return called
        value = seq("= ", self._forms.value(atom, self._text))
        step = choice([value] if called is None else [called, value])
        assert step is not None
        return seq(self._tokens.rules.rule("s", step), optional(self._when(atom)))

    def _when(self, atom: Name) -> Node:
        return seq(" when ", self._forms.condition(atom, self._text))

    def _body(self, loop: int, readable: tuple[int, ...]) -> Node:
        """Return the lines of a loop's body, the last of which yields."""
        rules = self._tokens.rules
        ids = [loop * self._times + place for place in range(1, BODY + 1)]
        following: Node | None = None
        for place in range(BODY, -1, -1):
            known = (*readable, *ids[:place])
            line = line_tokens(self._tokens, known, self._forms.local, self._forms.braced)
            values = Values(self._tokens, line)
            atom, given = self._forms.atoms(known, local=True), values.of(ANY)
            assert atom is not None
            assert given is not None
            end = seq("    yield ", given, optional(self._when(atom)))
            options = [end]
            if following is not None:
                step = self._step(calls(rules, self._tools.values(), values), atom)
                assert step is not None
                options.append(seq(f"    {ids[place]}. ", step, "\n", following))
            body = choice(options)
            assert body is not None
            following = rules.rule(f"body{loop}x", body)
        assert following is not None
        return following


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
