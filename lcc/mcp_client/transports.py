"""Open the official SDK's client on what a server is reached by, and keep the end of what a program of ours writes to its standard error."""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from anyio import to_thread

from lcc.mcp_client.server_settings import EXTRA, ServerFault, ServerSettings
from lcc.mcp_client.sifting import sifted

if TYPE_CHECKING:
    from mcp import Client

MAX_EVENT: Final = 64 * 1024 * 1024
"""Bytes of one message over HTTP: what a result may take."""
_TAIL: Final = 10
_LINE: Final = 300
_MOMENT: Final = 0.5


class StandardError:
    """What a program writes to its standard error: the last lines, for when it fails. A thread reads it, so that the program never waits."""

    def __init__(self) -> None:
        self.lines: deque[str] = deque(maxlen=_TAIL)
        reading, writing = os.pipe()
        self.file = os.fdopen(writing, "w", encoding="utf-8")
        self._thread = Thread(target=self._read, args=(reading,), name="lcc server's stderr", daemon=True)
        self._thread.start()

    def _read(self, descriptor: int) -> None:
        with os.fdopen(descriptor, encoding="utf-8", errors="replace") as stream:
            while line := stream.readline(_LINE):
                if line.strip():
                    self.lines.append(line.strip())

    async def last_words(self) -> None:
        """Wait a moment for what a program writes before it ends."""
        await to_thread.run_sync(self._thread.join, _MOMENT)

    def said(self, limit: int) -> str:
        """Return the last lines on one, in at most `limit` characters: their end, where a traceback says the cause. The cut is visible."""
        text = " / ".join(self.lines)
        return text if len(text) <= limit else f"…{text[len(text) - limit + 1 :]}"


async def open_client(
    settings: ServerSettings,
    stack: AsyncExitStack,
    said: Callable[[StandardError], None],
    odd: Callable[[str, str], None],
    **callbacks: Any,
) -> Client:
    """Return an open client, which `stack` closes. `said` is given what holds a program's standard error, `odd` what is no tool, and why."""
    try:
        from mcp import Client
    except ImportError:
        raise ServerFault(f"servers need the extra `mcp`: {EXTRA}") from None
    logging.getLogger("mcp").addHandler(logging.NullHandler())  # else what it logs goes to standard error
    if settings.client is not None:
        return await stack.enter_async_context(_given(settings.client, callbacks))
    if settings.url is not None:
        transport = await _over_http(settings, stack)
        return await stack.enter_async_context(Client(sifted(transport, odd), **callbacks))
    from mcp.client.stdio import StdioServerParameters, stdio_client

    errors = StandardError()
    said(errors)
    command, *rest = settings.command
    parameters = StdioServerParameters(command=command, args=rest, env=dict(settings.env) or None, cwd=settings.cwd)
    try:
        return await stack.enter_async_context(Client(sifted(stdio_client(parameters, errors.file), odd), **callbacks))
    finally:
        errors.file.close()  # the program has its own end of it


async def _over_http(settings: ServerSettings, stack: AsyncExitStack) -> Any:
    assert settings.url is not None
    if settings.sse:
        from mcp.client.sse import sse_client

        return sse_client(settings.url, headers=dict(settings.headers))
    from mcp.client.streamable_http import streamable_http_client
    from mcp.shared._httpx_utils import create_mcp_http_client

    http = await stack.enter_async_context(create_mcp_http_client(headers=dict(settings.headers)))
    return streamable_http_client(settings.url, http_client=http, max_sse_event_size=MAX_EVENT)


def _given(client: Any, callbacks: dict[str, Any]) -> Client:
    """Return a fresh client like one that is given, or for the server or transport that is."""
    from mcp import Client

    if not isinstance(client, Client):
        return Client(client, **callbacks)
    own = {name: call for name, call in callbacks.items() if getattr(client, name) is None}
    return replace(client, **own)
