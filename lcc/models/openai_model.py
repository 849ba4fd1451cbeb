"""Ask a model through `openai.AsyncOpenAI`, on asyncio and on trio.

The client makes connections, signs, and retries what failed before a reply began. From there on replies are read here, so that a
stream that breaks, hangs or turns to garbage has a name, and nothing of it is taken for a whole reply.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any, Final, TypeVar

import openai
from anyio import BrokenResourceError, CancelScope, EndOfStream, move_on_after
from anyio.lowlevel import checkpoint

from lcc.grammar.values import read_json
from lcc.models.dialects import DIALECTS, Garbage, Piece
from lcc.models.faults import (
    EndpointFailed,
    FaultKind,
    ModelFault,
    is_out_of_quota,
    reply_fault,
    status_fault,
    without_keys,
)
from lcc.models.holding import GrammarRefused, Holder, Server, refuses_grammar
from lcc.models.request import Finish, OnText, Reply, Request
from lcc.models.server_sent_events import EventReader, EventTooLong
from lcc.models.settings import ModelSettings
from lcc.models.tokens import TokenUsage
from lcc.models.tool_calls import CallReader

T = TypeVar("T")

NO_KEY: Final = "none"
"""What is sent where there is no key: the client wants one, and servers without keys ignore it."""
RETRIES: Final = "x-stainless-retry-count"
"""The header in which the client counts: it gives up early where a server asks for a long wait."""
MAX_REPLY: Final = 16 * 1024 * 1024
"""Characters of one reply."""
_SHOWN: Final = 80
"""Characters that are shown of what is no reply."""


def open_client(settings: ModelSettings) -> openai.AsyncOpenAI:
    """Return a client for an endpoint. Only what `settings` say is used: no environment variable adds an address or a key."""
    url = settings.base_url or "https://api.openai.com/v1"
    verify = _no_authorities() if url.startswith("http://") else True
    http = openai.DefaultAsyncHttpxClient(
        verify=verify, follow_redirects=False, event_hooks={"response": [_no_useless_retry]}
    )
    return openai.AsyncOpenAI(
        api_key=settings.key or NO_KEY,
        base_url=url,
        timeout=settings.timeout,
        max_retries=settings.retries,
        http_client=http,
    )


async def _no_useless_retry(response: Any) -> None:
    """Tell the client that a spent quota doesn't come back by waiting: it retries every 429."""
    if response.status_code == 429:
        await response.aread()
        with suppress(ValueError, RecursionError):
            if is_out_of_quota(read_json(response.content)):
                response.headers["x-should-retry"] = "false"


def _no_authorities() -> ssl.SSLContext:
    """Return a context that trusts nobody. Reading the list of authorities takes a tenth of a second, and plain HTTP needs none."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class OpenAIModel:
    """A model at an endpoint. Fields that the endpoint once refused are not sent again."""

    def __init__(self, settings: ModelSettings, client: openai.AsyncOpenAI, *, server: Server | None = None) -> None:
        """Ask through a client. `server`: what answers there, where that is known; else it is asked when it matters."""
        self.settings = settings
        self._client = client
        self._dialect = DIALECTS[settings.api]
        self._refused: frozenset[str] = frozenset()
        self._holder = Holder(settings, client, self._dialect, server)

    @property
    def name(self) -> str:
        """What the endpoint calls the model."""
        return self.settings.model

    @property
    def _where(self) -> str:
        return str(self._client.base_url.host)

    async def ask(self, request: Request, on_text: OnText | None = None) -> Reply:
        """Return the reply; raise ModelFault if no whole one could be had."""
        if request.grammar is None:
            return await self._ask(request, on_text)
        holding, held = await self._holder.hold(request)
        try:
            reply = await self._ask(holding, on_text)
        except GrammarRefused as refused:
            held = self._holder.give_up(str(refused))
            reply = await self._ask(replace(request, grammar=None), on_text)
        # The call of the tool whose input was wanted is a normal end.
        finish = Finish.STOP if held.syntax and reply.finish is Finish.CALLS else reply.finish
        return replace(reply, held=held, finish=finish)

    async def _ask(self, request: Request, on_text: OnText | None) -> Reply:
        while True:
            try:
                return await self._once(request, on_text)
            except openai.APIStatusError as error:
                fault = self._status(error)
                if request.grammar is not None and refuses_grammar(error.status_code, str(fault)):
                    raise GrammarRefused(str(fault)) from None
                if not self._learn(error, request):
                    raise fault from None
            except openai.APITimeoutError:
                raise self._silent(FaultKind.TIMEOUT, "answered") from None
            except openai.APIConnectionError as error:
                cause = without_keys(str(error.__cause__ or error), self.settings.key)
                said = f"can't reach {self._client.base_url}: {cause}; is the server running, and the address right?"
                raise ModelFault(FaultKind.CONNECTION, said) from None

    async def _once(self, request: Request, on_text: OnText | None) -> Reply:
        body = self._dialect.body(self.settings, request, self._refused)
        structured = "response_format" in body or "text" in body
        stream = bool(body.pop("stream", False))
        response = await self._send(body, stream)
        try:
            streamed = "text/event-stream" in response.headers.get("content-type", "")
            pieces = self._events(response) if streamed else self._body(response)
            return await _collect(pieces, on_text, structured)
        except EndpointFailed as failed:
            raise reply_fault(failed, model=self.name, where=self._where, key=self.settings.key) from None
        except ModelFault as fault:
            if self._where in str(fault):
                raise
            raise ModelFault(fault.kind, f"{self._where}: {fault}") from None
        finally:
            await response.aclose()

    async def _send(self, body: dict[str, Any], stream: bool) -> Any:
        """Return the response with its headers read, and its body not yet: here it is bounded, in size and in time.

        The typed methods would drop fields that they don't know.
        """
        create = (
            self._client.chat.completions.with_raw_response.create
            if self.settings.api == "chat"
            else self._client.responses.with_raw_response.create
        )
        named = {name: body.pop(name) for name in ("model", "messages", "input") if name in body}
        answer = await create(**named, stream=True, extra_body={**body, "stream": stream})
        return answer.http_response

    async def _events(self, response: Any) -> AsyncGenerator[Piece, None]:
        reader = EventReader()
        chunks = response.aiter_bytes()
        start = b""
        try:
            while (chunk := await self._in_time(lambda: anext(chunks, None))) is not None:
                start = start or chunk.lstrip()
                if start[:1] in (b"<", b"{", b"["):
                    raise self._foreign(response.headers.get("content-type", ""), start)
                for data in reader.feed(chunk):
                    yield self._event(data)
            for data in reader.close():
                yield self._event(data)
        finally:
            await _wind_up(chunks)

    def _event(self, data: str) -> Piece:
        if data.strip() == "[DONE]":
            return Piece(done=True)
        try:
            return self._dialect.event(read_json(data))
        except (Garbage, ValueError, RecursionError) as error:
            said = f"the reply is not what the protocol says: {error}: {self._start(data)}"
            raise ModelFault(FaultKind.GARBAGE, said) from None

    async def _body(self, response: Any) -> AsyncGenerator[Piece, None]:
        """Read a reply in one piece. A whole body that is no completion is no fault that passes: something else answers there."""
        body = bytearray()
        chunks = response.aiter_bytes()
        try:
            while len(body) <= MAX_REPLY and (chunk := await self._in_time(lambda: anext(chunks, None))) is not None:
                body += chunk
        finally:
            await _wind_up(chunks)
        if len(body) > MAX_REPLY:
            raise ModelFault(FaultKind.GARBAGE, f"the reply is longer than {MAX_REPLY:,} bytes")
        try:
            piece = self._dialect.whole(read_json(body))
        except (Garbage, ValueError, RecursionError):
            raise self._foreign(response.headers.get("content-type", ""), bytes(body)) from None
        yield piece

    def _foreign(self, type_: str, body: bytes) -> ModelFault:
        shown = self._start(body[:2_000].decode(errors="replace"))
        came = f"{type_ or 'a body of no type'}: {shown}" if shown else "an empty body"
        said = f"{self._where} answered with what is no completion, {came}; is {self._client.base_url} the right address? Most end in /v1"
        return ModelFault(FaultKind.PROTOCOL, said)

    def _start(self, text: str) -> str:
        start = " ".join(without_keys(text[:2_000], self.settings.key).split())
        return f"{start[:_SHOWN]}…" if len(start) > _SHOWN else start

    async def _in_time(self, call: Callable[[], Awaitable[T]]) -> T:
        try:
            with move_on_after(self.settings.timeout):
                return await call()
        except Exception as error:
            if _is_timeout(error):
                raise self._silent(FaultKind.BROKEN, "gone on") from None
            if _is_transport_error(error):
                said = (
                    f"the connection to {self._where} broke in the middle of the reply: {error or type(error).__name__}"
                )
                raise ModelFault(FaultKind.BROKEN, said) from None
            raise
        raise self._silent(FaultKind.BROKEN, "gone on")

    def _silent(self, kind: FaultKind, what: str) -> ModelFault:
        seconds = self.settings.timeout
        return ModelFault(
            kind,
            f"{self._where} has not {what} for {seconds:g} s; --model-timeout, or ModelSettings.timeout, allows more",
        )

    def _learn(self, error: openai.APIStatusError, request: Request) -> bool:
        """Note which optional field the endpoint refuses, if it is one that can be left out."""
        if error.status_code not in (400, 422, 501):
            return False
        said = json.dumps(error.body, default=str).lower()
        sent = self._dialect.body(self.settings, request, self._refused)
        refused = {
            name
            for name, words in self._dialect.optional.items()
            if name in sent and any(word in said for word in words)
        }
        self._refused |= refused
        return bool(refused)

    def _status(self, error: openai.APIStatusError) -> ModelFault:
        body = error.body if error.body is not None else error.response.text
        return status_fault(
            error.status_code,
            body,
            model=self.name,
            where=self._where,
            key=self.settings.key,
            retries=int(error.request.headers.get(RETRIES, 0)),
            location=error.response.headers.get("location"),
        )


async def _collect(pieces: AsyncGenerator[Piece, None], on_text: OnText | None, structured: bool) -> Reply:
    text: list[str] = []
    size = 0
    finish: Finish | None = None
    usage: TokenUsage | None = None
    done = came = False
    calls = CallReader()
    try:
        async with aclosing(pieces) as each:
            async for piece in each:
                came, done = True, done or piece.done
                finish = piece.finish or finish
                usage = piece.usage or usage
                if piece.text:
                    size += len(piece.text)
                    text.append(piece.text)
                    if on_text is not None:
                        on_text(piece.text)
                        await checkpoint()  # the pieces of one chunk come without waiting for anything
                size += calls.feed(piece.parts, piece.items, piece.all_items)
                if size > MAX_REPLY:
                    raise ModelFault(FaultKind.GARBAGE, f"the reply is longer than {MAX_REPLY:,} characters")
    except EventTooLong as error:
        raise ModelFault(FaultKind.GARBAGE, f"the reply is not what the protocol says: {error}") from None
    if finish is None and not done:
        said = "the reply ended before it was complete" if came else "the reply holds nothing"
        raise ModelFault(FaultKind.BROKEN, said)
    return Reply(
        "".join(text),
        finish or Finish.STOP,
        usage or TokenUsage(calls=1, silent=1),
        structured,
        calls.calls(),
        calls.items,
    )


async def _wind_up(chunks: AsyncGenerator[bytes, None]) -> None:
    """End a body that isn't read to its end. The library's generators stand inside one another, and each ends only by what is
    raised in the innermost: so the next read is cancelled."""
    with CancelScope() as scope, suppress(Exception):
        scope.cancel()
        async for _ in chunks:
            pass


def _is_transport_error(error: Exception) -> bool:
    """Whether an exception of the client's HTTP library, whose name depends on the client's version, or of a socket."""
    names = {cls.__name__ for cls in type(error).__mro__}
    return isinstance(error, OSError | EndOfStream | BrokenResourceError) or bool(
        names & {"RequestError", "StreamError"}
    )


def _is_timeout(error: Exception) -> bool:
    return any(cls.__name__ == "TimeoutException" for cls in type(error).__mro__)
