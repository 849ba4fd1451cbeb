"""Give an agent of the OpenAI Agents SDK one tool that runs programs.

agent = Agent(name="assistant", tools=[program_tool([search, book])])
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from agents import FunctionTool

from lcc.adapters.program_tool import ProgramTool
from lcc.runtime.options import Options


def program_tool(tools: Iterable[object], options: Options | None = None) -> FunctionTool:
    """Return a function tool of the SDK's that runs programs which call `tools`. Needs the package openai-agents."""
    tool = ProgramTool(tools, options)

    async def invoke(_: Any, text: str) -> str:
        given = json.loads(text)
        return json.dumps(await tool(given["program"], given.get("inputs")), ensure_ascii=False)

    return FunctionTool(
        name=tool.name,
        description=tool.description,
        params_json_schema=tool.parameters,
        on_invoke_tool=invoke,
        strict_json_schema=False,
    )
