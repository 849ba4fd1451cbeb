# /// script
# requires-python = ">=3.11"
# dependencies = ["pydantic-ai-harness[codemode]==0.62.0", "pydantic-ai-slim[openai]", "pydantic-monty==1.4.0"]
# ///
"""Answer with Pydantic AI and its code mode, in an environment of its own, where lcc isn't. The argument is plain, in-turn, eager or speculative."""

from __future__ import annotations

import sys
from typing import Any

from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai_harness import CodeMode
from worlds import serve

MODE = sys.argv[1]


async def listen(context: Any, events: Any) -> None:
    """Take the events, so that the model's reply is streamed."""
    async for _ in events:
        pass


async def answer(asked: dict[str, Any], tools: dict[str, Any]) -> str:
    """Run the agent until it is done."""
    model = OpenAIChatModel(f"pydantic-{MODE}", provider=OpenAIProvider(base_url=asked["base_url"], api_key="none"))
    reads = [name for name, one in tools.items() if one.options.get("effect") in ("read", "pure")]
    given: dict[str, Any] = {"eager": {"eager": True}, "speculative": {"speculate": reads}}.get(MODE, {})
    agent = Agent(model, tools=list(tools.values()), capabilities=[CodeMode(**given)])
    listening = listen if given else None
    return str((await agent.run(asked["question"], event_stream_handler=listening)).output)


serve(answer)
