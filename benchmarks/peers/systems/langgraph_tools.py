# /// script
# requires-python = ">=3.11"
# dependencies = ["langchain", "langchain-openai", "langgraph"]
# ///
"""Answer with LangGraph's prebuilt agent and parallel tool calls, in an environment of its own, where lcc isn't."""

from __future__ import annotations

from typing import Any

from langchain.agents import create_agent
from langchain_core.tools import StructuredTool
from langchain_openai import ChatOpenAI
from worlds import serve


async def answer(asked: dict[str, Any], tools: dict[str, Any]) -> str:
    """Run the agent until it is done."""
    model = ChatOpenAI(model="langgraph", base_url=asked["base_url"], api_key="none", max_retries=0)
    given = [StructuredTool.from_function(coroutine=one, name=name) for name, one in tools.items()]
    agent = create_agent(model, given)
    said = await agent.ainvoke({"messages": [("user", asked["question"])]}, {"recursion_limit": 100})
    return str(said["messages"][-1].content)


serve(answer)
