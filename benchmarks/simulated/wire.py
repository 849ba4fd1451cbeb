"""Read requests and write replies of Chat Completions over HTTP/1.1."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from benchmarks.simulated.asked import Asked, Call, Reply


async def read_request(reader: asyncio.StreamReader) -> Asked | None:
    """Return the next request of a connection; None at its end."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    size = 0
    for line in lines:
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-length":
            size = int(value)
    body = await reader.readexactly(size)
    return Asked(first.split()[1], json.loads(body or b"{}"))


def head(status: int, kind: str, size: int | None = None) -> bytes:
    """Return the head of a response; without a size the body comes in chunks."""
    length = "transfer-encoding: chunked" if size is None else f"content-length: {size}"
    return f"HTTP/1.1 {status} Simulated\r\ncontent-type: {kind}\r\n{length}\r\n\r\n".encode()


def whole(status: int, body: object) -> bytes:
    """Return a response that holds an object."""
    data = json.dumps(body, ensure_ascii=False).encode()
    return head(status, "application/json", len(data)) + data


def event(data: object) -> bytes:
    """Return a server-sent event as one chunk of a body."""
    said = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    line = f"data: {said}\n\n".encode()
    return b"%x\r\n%s\r\n" % (len(line), line)


END = b"0\r\n\r\n"


def chunk(delta: Mapping[str, Any], finish: str | None = None, **more: object) -> dict[str, Any]:
    """Return a piece of a streamed completion."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {**_ENVELOPE, "object": "chat.completion.chunk", "choices": [choice], **more}


def completion(reply: Reply, usage: Mapping[str, Any]) -> dict[str, Any]:
    """Return a whole completion."""
    message: dict[str, Any] = {"role": "assistant", "content": reply.text or None}
    if reply.calls:
        message["tool_calls"] = [_call(call) for call in reply.calls]
    messages = [message, *({"role": "assistant", "content": text} for text in reply.more)]
    choices = [
        {"index": number, "message": one, "finish_reason": finish_of(reply)} for number, one in enumerate(messages)
    ]
    return {**_ENVELOPE, "object": "chat.completion", "choices": choices, "usage": usage}


def finish_of(reply: Reply) -> str:
    """Return why a reply ends."""
    return "tool_calls" if reply.calls else "stop"


def call_start(number: int, call: Call) -> dict[str, Any]:
    """Return the delta that begins a tool call."""
    begun = {"index": number, **_call(Call(call.id, call.name, ""))}
    return {"tool_calls": [begun]}


def call_more(number: int, arguments: str) -> dict[str, Any]:
    """Return the delta that goes on with a tool call's arguments."""
    return {"tool_calls": [{"index": number, "function": {"arguments": arguments}}]}


def _call(call: Call) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def usage_of(prompt: int, cached: int, completed: int) -> dict[str, Any]:
    """Return the usage object of a reply."""
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completed,
        "total_tokens": prompt + completed,
        "prompt_tokens_details": {"cached_tokens": cached},
    }


_ENVELOPE = {"id": "simulated", "created": 1, "model": "simulated"}
