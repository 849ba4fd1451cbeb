"""Offer the planner's models the grammar of the plans that fit the agent's tools."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lcc.grammar.constrain.bounds import Bounds
from lcc.grammar.constrain.syntaxes import Syntax, plan_grammar_text
from lcc.grammar.ir import TaskId
from lcc.grammar.signatures import Tools
from lcc.models.request import ReplyGrammar

NAME: Final = "plan"
DESCRIPTION: Final = "Takes the plan: numbered tool calls, the last line join(…) or answer(…)."
PLAN_BOUNDS: Final = Bounds(string_length=500, items=16, pairs=8)
"""What plans may hold if nothing else is said: more than a grammar for others, since a value that is cut short is a wrong call.
A key that comes twice is refused like any other mistake."""


class PlanGrammars:
    """The grammars of one toolset's plans. A text is written when it is first wanted, and kept."""

    def __init__(self, tools: Tools, bounds: Bounds, *, steps: bool = False) -> None:
        self._tools = tools
        self._bounds = bounds
        self._steps = steps
        self._texts: dict[tuple[Syntax, int, frozenset[int]], str] = {}

    def grammar(self, first: int, earlier: Iterable[TaskId]) -> ReplyGrammar | None:
        """Return the grammar of plans whose calls are numbered from `first` and may read `earlier`; None without tools.

        Of earlier calls that have no id in the language, nothing can be read.
        """
        if not self._tools:
            return None
        read = frozenset(id_ for id_ in earlier if isinstance(id_, int) and 0 < id_ < first)
        return ReplyGrammar(NAME, DESCRIPTION, lambda syntax: self._write(syntax, first, read))

    def _write(self, syntax: Syntax, first: int, earlier: frozenset[int]) -> str:
        key = (syntax, first, earlier)
        if key not in self._texts:
            self._texts[key] = plan_grammar_text(
                self._tools, syntax, self._bounds, first=first, earlier=earlier, steps=self._steps
            )
        return self._texts[key]
