# /// script
# requires-python = ">=3.11"
# dependencies = ["fastmcp[code-mode]==4.2.3", "openai"]
# ///
"""Answer with a server of FastMCP in code mode and a plain loop around a model, in an environment of its own, where lcc isn't."""

from __future__ import annotations

import json
import typing
from typing import Any

from fastmcp import Client, FastMCP
from fastmcp.experimental.transforms.code_mode import CodeMode
from openai import AsyncOpenAI
from typing_extensions import TypedDict
from worlds import serve

typing.TypedDict = TypedDict
"""What pydantic takes before Python 3.12; worlds are loaded later."""


async def answer(asked: dict[str, Any], tools: dict[str, Any]) -> str:
    """Ask the model, and make the calls that it asks for, until it answers."""
    server = FastMCP("tools", transforms=[CodeMode()])
    for one in tools.values():
        server.tool(one)
    model = AsyncOpenAI(base_url=asked["base_url"], api_key="none", max_retries=0)
    messages: list[Any] = [{"role": "user", "content": asked["question"]}]
    async with Client(server) as client:
        known = [
            {
                "type": "function",
                "function": {"name": one.name, "description": one.description, "parameters": one.inputSchema},
            }
            for one in await client.list_tools()
        ]
        for _ in range(12):
            reply = await model.chat.completions.create(model="fastmcp", messages=messages, tools=known)
            message = reply.choices[0].message
            messages.append(message.model_dump(exclude_none=True))
            if not message.tool_calls:
                return message.content or ""
            for call in message.tool_calls:
                given = json.loads(call.function.arguments)
                result = await client.call_tool(call.function.name, given, raise_on_error=False)
                text = "".join(getattr(part, "text", "") for part in result.content)
                messages.append({"role": "tool", "tool_call_id": call.id, "content": text})
    raise RuntimeError("no answer after twelve turns")


serve(answer)
