"""Give a LangChain agent one tool that runs programs.

agent = create_agent(model, tools=[program_tool([search, book])])
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from langchain_core.tools import StructuredTool

from lcc.adapters.program_tool import ProgramTool
from lcc.runtime.blocking import run_in_thread
from lcc.runtime.options import Options


def program_tool(tools: Iterable[object], options: Options | None = None) -> StructuredTool:
    """Return a tool of LangChain's that runs programs which call `tools`. Needs the package langchain-core."""
    tool = ProgramTool(tools, options)

    def now(program: str, inputs: dict[str, Any] | None = None) -> dict[str, Any]:
        return run_in_thread(lambda: tool(program, inputs))

    return StructuredTool.from_function(
        func=now, coroutine=tool.__call__, name=tool.name, description=tool.description, args_schema=tool.parameters
    )
