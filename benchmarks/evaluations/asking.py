"""Ask a session's model directly, for strategies and tools that lcc has no part in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import lcc
from benchmarks.evaluation import Session

Ask: TypeAlias = Callable[[str, Sequence[Mapping[str, Any]], int], Awaitable[list[str]]]
"""Asks a model: the role, the conversation, how many samples; returns the samples. Raises openai.OpenAIError."""


@asynccontextmanager
async def asking(session: Session) -> AsyncIterator[Ask]:
    """Open a connection to the session's endpoint for the time of a question."""
    from lcc.models.openai_model import open_client  # half a second

    settings = lcc.ModelSettings(model=session.model_for("tools"), base_url=session.base_url, key=session.key)
    async with open_client(settings) as client:

        async def ask(role: str, messages: Sequence[Mapping[str, Any]], samples: int) -> list[str]:
            body = {"model": session.model_for(role), "messages": messages, **({"n": samples} if samples > 1 else {})}
            # Not the typed method: it takes several times as long, and that would be measured.
            made: Any = await client.post("/chat/completions", cast_to=object, body=body)
            return [str(choice["message"]["content"] or "") for choice in made["choices"]]

        yield ask
