"""Tell models of the tools that fit a question, where there are too many to tell of all, and give them a tool that finds others.

Plans may call every tool, told or not: what a model finds in one plan, the next one calls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from lcc.grammar.signatures import Signature, Tools
from lcc.grammar.signatures.tool_text import tools_text
from lcc.models.request import Message
from lcc.python_tools.collect import as_tools
from lcc.python_tools.declare import tool
from lcc.python_tools.tool_index import ToolIndex
from lcc.runtime.tool import Tool

FIND: Final = "find_tools"
MOST_FOUND: Final = 8
"""How many tools one search gives."""


class ToolChoice:
    """Which of an agent's tools a model is told of, for one question. `tools`: all of them, and the one that finds more."""

    def __init__(self, tools: Mapping[str, Tool], question: str, history: Sequence[Message], most: int) -> None:
        self._index = ToolIndex(tool.signature for tool in tools.values())
        self._find = _finder(self, tools)
        self.tools: dict[str, Tool] = {**tools, self._find.name: self._find}
        self.signatures: Tools = {name: tool.signature for name, tool in self.tools.items()}
        said = " ".join([question, *(message.text for message in history[-2:])])
        best = self._index.search(said, most)
        more = (name for name in tools if name not in best)
        self._told = dict.fromkeys([*best, *(name for name, _ in zip(more, range(most - len(best)), strict=False))])

    def told(self) -> list[Signature]:
        """Return the tools that the model is told of by now, in the order in which it was."""
        return [self.signatures[name] for name in (*self._told, self._find.name)]

    def find(self, query: str) -> str:
        """Return the tools that fit a query, as models are told of tools; from then on the model knows them."""
        names = self._index.search(query, MOST_FOUND)
        if not names:
            return "no tool fits these words; try others"
        self._told |= dict.fromkeys(names)
        return "Further tools, for calls from now on:\n" + tools_text(self.signatures[name] for name in names)


def _finder(choice: ToolChoice, taken: Mapping[str, Tool]) -> Tool:
    name = FIND if FIND not in taken else f"{FIND}_"
    description = "Find further tools, where these don't suffice; the next plan or step can call them"

    @tool(name=name, effect="read", resource="tools", trusted=True, description=description)
    async def find(query: str) -> str:
        return choice.find(query)

    return as_tools([find])[name]
