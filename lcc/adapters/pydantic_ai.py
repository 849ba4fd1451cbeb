"""Give a pydantic-ai agent a toolset with one tool that runs programs.

agent = Agent("openai:gpt-5-mini", toolsets=[program_toolset([search, book])])
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic_ai import FunctionToolset, Tool

from lcc.adapters.program_tool import ProgramTool
from lcc.runtime.options import Options


def program_toolset(tools: Iterable[object], options: Options | None = None) -> FunctionToolset[Any]:
    """Return a toolset of pydantic-ai's that runs programs which call `tools`. Needs the package pydantic-ai-slim."""
    tool = ProgramTool(tools, options)
    made = Tool.from_schema(tool.__call__, tool.name, tool.description, tool.parameters)
    return FunctionToolset([made])
