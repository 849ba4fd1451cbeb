# /// script
# requires-python = ">=3.11"
# dependencies = ["openai-agents"]
# ///
"""Answer with OpenAI Agents and parallel tool calls, in an environment of its own, where lcc isn't."""

from __future__ import annotations

from typing import Any

from agents import Agent, OpenAIChatCompletionsModel, Runner, function_tool, set_tracing_disabled
from openai import AsyncOpenAI
from worlds import serve

set_tracing_disabled(True)


async def answer(asked: dict[str, Any], tools: dict[str, Any]) -> str:
    """Run the agent until it is done."""
    client = AsyncOpenAI(base_url=asked["base_url"], api_key="none", max_retries=0)
    model = OpenAIChatCompletionsModel("openai-agents", client)
    agent = Agent("agent", model=model, tools=[function_tool(one) for one in tools.values()])
    return str((await Runner.run(agent, asked["question"], max_turns=50)).final_output)


serve(answer)
