"""Serve simulated models over real HTTP on 127.0.0.1, punctually and within the running event loop.

    async with ModelServer(answer, Pace()) as server:
        agent = lcc.Agent(tools, "planner", base_url=server.base_url)

`answer` is a function of the request, never of the clock. When each token is due is fixed when the request arrives; lateness of
one doesn't move the others. tests/fake_model_server.py is the opposite: it misbehaves on purpose, and tests steer it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

from benchmarks.simulated import wire
from benchmarks.simulated.asked import Asked, Reply, Served
from benchmarks.simulated.pace import Pace
from benchmarks.simulated.prefix_cache import PrefixCache
from benchmarks.simulated.tokens import Tokens, call_frame

Answering = Callable[[Asked], Reply]
"""Returns the reply, and writes the question's id into the request. What it raises becomes an HTTP error with its message."""


class ModelServer:
    """The server, listening while its block runs. `log` holds what was served, in the order of arrival."""

    def __init__(self, answer: Answering, pace: Pace, tokens: Tokens | None = None, *, port: int = 0) -> None:
        self._answer = answer
        self._pace = pace
        self._tokens = tokens or Tokens()
        self._port = port
        self._cache = PrefixCache()
        self._turns: Counter[str] = Counter()
        self._connections: set[asyncio.Task[None]] = set()
        self.log: list[Served] = []

    @property
    def base_url(self) -> str:
        """What clients are given."""
        return f"http://127.0.0.1:{self._port}/v1"

    def forget(self) -> None:
        """Begin anew: nothing is cached, no question was asked, nothing is in the log."""
        self._cache = PrefixCache()
        self._turns.clear()
        self.log = []

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._free = asyncio.Semaphore(self._pace.at_once) if self._pace.at_once else None
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port, limit=1 << 24)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, type_: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while (asked := await wire.read_request(reader)) is not None:
                writer.write(control) if (control := self._control(asked)) else await self._respond(asked, writer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._connections.discard(task)
            writer.transport.abort()

    def _control(self, asked: Asked) -> bytes | None:
        """Serve what isn't a model: the log, for those in other processes, a new beginning, and the list of models."""
        if asked.path.endswith("/log"):
            return wire.whole(200, [asdict(one) for one in self.log])
        if asked.path.endswith("/models"):
            return wire.whole(
                200, {"object": "list", "data": [{"id": "simulated", "object": "model", "owned_by": "lcc"}]}
            )
        if asked.path.endswith("/forget"):
            self.forget()
            return wire.whole(200, {})
        return None

    async def _respond(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        arrived = self._loop.time()
        prompt = self._tokens.prompt(asked.messages, asked.body.get("tools"), asked.schema)
        served = Served("", asked.role, arrived, len(prompt), self._cache.cached(prompt))
        self.log.append(served)
        try:
            reply = self._answer(asked)
        except Exception as error:
            served.error = f"{type(error).__name__}: {error}"
            writer.write(wire.whole(400, {"error": {"message": f"the simulated model has no answer: {served.error}"}}))
            return
        served.question = asked.question
        parts = list(self._parts(reply))
        more = [len(self._tokens.pieces(text)) for text in reply.more]
        served.completion = len(parts) + sum(more)
        served.pieces = [piece for piece, _ in parts]
        luck = asked.luck or (self._turns[asked.question],)
        self._turns[asked.question] += not asked.luck
        uncached = served.prompt - served.cached
        served.offsets = self._pace.offsets(max([len(parts), *more]), uncached, asked.question, *luck)
        async with AsyncExitStack() as stack:
            if self._free is not None:
                await stack.enter_async_context(self._free)
                served.waited = self._loop.time() - arrived
            sending = self._stream if asked.body.get("stream") else self._whole
            await sending(asked, reply, [delta for _, delta in parts], served, writer)

    def _parts(self, reply: Reply) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the tokens of a reply, each with its delta; those that frame a call are not shown."""
        for piece in self._tokens.pieces(reply.text):
            yield piece, {"content": piece}
        for number, call in enumerate(reply.calls):
            opening, closing = call_frame(call.name)
            yield from (("", {}) for _ in self._tokens.pieces(opening)[1:])
            yield "", wire.call_start(number, call)
            for piece in self._tokens.pieces(call.arguments):
                yield piece, wire.call_more(number, piece)
            yield from (("", {}) for _ in self._tokens.pieces(closing))

    async def _stream(
        self, asked: Asked, reply: Reply, deltas: list[dict[str, Any]], served: Served, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(wire.head(200, "text/event-stream; charset=utf-8"))
        begun = served.arrived + served.waited
        for delta, offset in zip(deltas, served.offsets, strict=False):
            await self._until(begun + offset)
            writer.write(wire.event(wire.chunk(delta)))
            served.sent.append(self._loop.time())
        writer.write(wire.event(wire.chunk({}, wire.finish_of(reply))))
        if (asked.body.get("stream_options") or {}).get("include_usage"):
            usage = wire.usage_of(served.prompt, served.cached, served.completion)
            writer.write(wire.event(wire.chunk({}) | {"choices": [], "usage": usage}))
        writer.write(wire.event("[DONE]") + wire.END)

    async def _whole(
        self, asked: Asked, reply: Reply, deltas: list[dict[str, Any]], served: Served, writer: asyncio.StreamWriter
    ) -> None:
        await self._until(served.arrived + served.waited + served.seconds)
        served.sent = [self._loop.time()] * len(deltas)
        usage = wire.usage_of(served.prompt, served.cached, served.completion)
        writer.write(wire.whole(200, wire.completion(reply, usage)))

    def _until(self, moment: float) -> Awaitable[None]:
        return asyncio.sleep(max(0.0, moment - self._loop.time()))
