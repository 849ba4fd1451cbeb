"""Serve a fake OpenAI-compatible endpoint over real HTTP on 127.0.0.1: Chat Completions and Responses, streamed and not.

    with FakeModelServer({"planner": ['1. search("tides")\\n2. join()\\n<END_OF_PLAN>'], "joiner": ["Action: Finish(high)"]}) as server:
        agent = lcc.Agent(tools, "fake", base_url=server.base_url, api_key="key")

What it answers is a script of replies for each role, or a function of the request. A reply is a text, or one of the faults below.
The server has a thread and an event loop of its own, so that it serves synchronous, asyncio and trio callers alike, and no test
has to wait in real time: a `Text` may hold gates that the test opens.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeAlias


class Gate:
    """A place in a reply where the server waits until the test opens the gate. `reached` is set when it gets there."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()

    def open(self) -> None:
        self.opened.set()


@dataclass(frozen=True)
class Text:
    """A reply. `pieces`: what is sent delta by delta, and gates between; a text alone is cut into tokens of four characters.

    `finish`: the finish reason, None to leave it out. `usage`: None counts characters; False sends none.
    """

    pieces: str | Sequence[str | Gate]
    finish: str | None = "stop"
    usage: Mapping[str, Any] | bool | None = None

    @property
    def text(self) -> str:
        return self.pieces if isinstance(self.pieces, str) else "".join(p for p in self.pieces if isinstance(p, str))

    def deltas(self) -> Iterator[str | Gate]:
        if not isinstance(self.pieces, str):
            yield from self.pieces
            return
        for at in range(0, len(self.pieces), 4):
            yield self.pieces[at : at + 4]


@dataclass(frozen=True)
class ToolCalls:
    """A reply that calls tools: pairs of a name and arguments, an object or what stands for their JSON text."""

    calls: Sequence[tuple[str, Mapping[str, Any] | str]]
    text: str = ""
    finish: str | None = "tool_calls"

    def written(self) -> Iterator[tuple[str, str, str]]:
        """Yield the id, the name and the arguments of each call."""
        for number, (name, arguments) in enumerate(self.calls, 1):
            yield f"c{number}", name, arguments if isinstance(arguments, str) else json.dumps(arguments)


@dataclass(frozen=True)
class Status:
    """An HTTP error. Retries are told to come at once."""

    code: int
    message: str = "injected"
    error_code: str | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: {"retry-after-ms": "1"})


@dataclass(frozen=True)
class Cut:
    """A reply whose connection is closed after `text`, in the middle of the body."""

    text: str | Sequence[str | Gate]


@dataclass(frozen=True)
class Hang:
    """A reply that stops after `text` and never goes on. With `headers=False`, not even a status comes."""

    text: str | Sequence[str | Gate] = ""
    headers: bool = True


@dataclass(frozen=True)
class Garbage:
    """Bytes that are no reply. `kind`: their content type; by default that of a reply."""

    body: bytes = b"data: {\xff\xfe not json\n\n"
    kind: str | None = None


Reply: TypeAlias = str | Text | ToolCalls | Status | Cut | Hang | Garbage


_SAID = {
    "#E1 = tool": "planner",
    "evidence that was found": "solver",
    "the skeleton of an answer": "skeleton",
    "one point of an answer": "point",
}
"""What the system message of each role of the other strategies says."""


@dataclass(frozen=True)
class Recorded:
    """A request as it came in."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def messages(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.body.get("messages") or self.body.get("input") or []
        return found

    @property
    def system(self) -> str:
        return next((m["content"] for m in self.messages if m.get("role") == "system"), "")

    @property
    def last(self) -> str:
        return _content(self.messages[-1])

    @property
    def prompt(self) -> str:
        return "\n".join(_content(m) for m in self.messages)

    @property
    def custom_tool(self) -> str | None:
        """The name of the custom tool that the model has to call."""
        choice = self.body.get("tool_choice")
        if not isinstance(choice, Mapping) or choice.get("type") != "custom":
            return None
        name: str = choice.get("custom", choice)["name"]
        return name

    @property
    def role(self) -> str:
        """Who asks, by the model's name or by what the system message says."""
        model = str(self.body.get("model", ""))
        for role in ("planner", "joiner", "tools"):
            if role in model:
                return role
        if "<END_OF_PLAN>" in self.system or "Write a Python program" in self.system:
            return "planner"
        for words, role in _SAID.items():
            if words in self.system:
                return role
        if "tools" in self.body or "Observation:" in self.system:
            return "agent"
        return "joiner" if "results of tool calls" in self.system else "tools"


Answering: TypeAlias = Mapping[str, Iterable[Reply]] | Callable[[Recorded], Reply]


@dataclass(frozen=True)
class Pace:
    """How fast the model is: seconds until the first token and for each further one, as a benchmark sets them."""

    first: float = 0.0
    each: float = 0.0


class FakeModelServer:
    """The server, running while its block does. `requests` holds what came in; `base_url` is what clients are given."""

    def __init__(
        self,
        answering: Answering,
        *,
        chunk: int | None = 7,
        pace: Pace = Pace(),
        owner: str | None = None,
        hanging: Callable[[], object] = lambda: None,
    ) -> None:
        """`hanging` is called again and again while a reply hangs and the client waits for it. `owner`: who its list of models says they are owned by; None has no such list. `chunk`: bytes of one piece of the body, so that events are cut anywhere; None sends event by event."""
        if callable(answering):
            self._answer = answering
        else:
            script = {role: deque(replies) for role, replies in answering.items()}
            self._answer = lambda request: script[request.role].popleft()
            self._script = script
        self._chunk = chunk
        self._pace = pace
        self._owner = owner
        self._hanging = hanging
        self.requests: list[Recorded] = []
        self.connections = 0
        self.asked_for_models = 0
        self._seen: set[str] = set()
        self._port: Future[int] = Future()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port.result(100)}/v1"

    def by_role(self, role: str) -> list[Recorded]:
        return [request for request in self.requests if request.role == role]

    def __enter__(self) -> Self:
        self._thread.start()
        self._port.result(100)
        return self

    def __exit__(
        self, type_: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(100)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._stopping = asyncio.Event()
        self._calls: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self._port.set_result(server.sockets[0].getsockname()[1])
        await self._stopping.wait()
        server.close()
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.connections += 1
        self._calls.add(task)
        try:
            while (request := await _read_request(reader)) is not None:
                if request.path.endswith("/models"):
                    self.asked_for_models += 1
                    await self._send_models(writer)
                    continue
                self.requests.append(request)
                if not await self._respond(request, reader, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._calls.discard(task)
            writer.transport.abort()

    async def _respond(self, request: Recorded, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Send a reply; return whether the connection can be used again."""
        try:
            reply = self._answer(request)
        except Exception as error:
            reply = Status(400, f"the test's script has no answer: {error!r}")
        stream = bool(request.body.get("stream"))
        match reply:
            case Status():
                await self._send_status(reply, writer)
                return True
            case Hang(headers=False):
                return await self._hang(reader)
            case Garbage(body, kind):
                await self._head(writer, stream, kind)
                if body:
                    await self._body(writer, body)
                return await self._finish(writer)
            case Cut(text) | Hang(text):
                await self._head(writer, stream)
                await self._stream(request, Text(text, finish=None), writer, ending=False)
                return isinstance(reply, Hang) and await self._hang(reader)
            case ToolCalls():
                await self._head(writer, stream)
                await self._body(writer, b"".join(_called(request, reply, self._usage(request, reply), stream)))
                return await self._finish(writer)
            case str() | Text():
                whole = Text(reply) if isinstance(reply, str) else reply
                await self._head(writer, stream)
                if stream:
                    await self._stream(request, whole, writer)
                else:
                    await asyncio.sleep(self._pace.first + self._pace.each * (len(whole.text) // 4))
                    await self._body(writer, json.dumps(self._whole(request, whole), ensure_ascii=False).encode())
                return await self._finish(writer)
        raise AssertionError

    async def _hang(self, reader: asyncio.StreamReader) -> bool:
        """Do nothing until the client has gone."""
        while not reader.at_eof():
            self._hanging()
            await asyncio.sleep(0.01)
        return False

    async def _stream(
        self, request: Recorded, reply: Text, writer: asyncio.StreamWriter, *, ending: bool = True
    ) -> None:
        wait = self._pace.first
        for event in self._events(request, reply, ending=ending):
            if isinstance(event, Gate):
                await writer.drain()
                event.reached.set()
                if not await asyncio.to_thread(event.opened.wait, 100):
                    raise TimeoutError("nobody opened a gate")
                continue
            if wait:
                await asyncio.sleep(wait)
            wait = self._pace.each
            await self._body(writer, event)

    def _events(self, request: Recorded, reply: Text, *, ending: bool) -> Iterator[bytes | Gate]:
        chat = request.path.endswith("/chat/completions")
        if chat and request.custom_tool is not None:
            head = _custom_call({"name": request.custom_tool, "input": ""})
            head["tool_calls"][0] |= {"id": "call_1", "type": "custom"}
            yield _event(_chunk({"role": "assistant", "content": None} | head, None))
        for delta in reply.deltas():
            if isinstance(delta, Gate):
                yield delta
            elif chat:
                said = {"content": delta} if request.custom_tool is None else _custom_call({"input": delta})
                yield _event(_chunk(said, None))
            elif request.custom_tool is None:
                yield _event({"type": "response.output_text.delta", "delta": delta})
            else:
                yield _event({"type": "response.custom_tool_call_input.delta", "delta": delta})
        if not ending:
            return
        if not chat:
            if request.custom_tool is not None:
                yield _event({"type": "response.custom_tool_call_input.done", "input": reply.text})
            yield _event({"type": "response.completed", "response": self._whole(request, reply)})
            return
        if reply.finish is not None:
            called = request.custom_tool is not None and reply.finish == "stop"
            yield _event(_chunk({}, "tool_calls" if called else reply.finish))
        if request.body.get("stream_options", {}).get("include_usage") and reply.usage is not False:
            yield _event(_chunk({}, None) | {"choices": [], "usage": self._usage(request, reply)})
        if reply.finish is not None:
            yield b"data: [DONE]\r\n\r\n"

    def _whole(self, request: Recorded, reply: Text) -> dict[str, Any]:
        usage = {} if reply.usage is False else {"usage": self._usage(request, reply)}
        if request.path.endswith("/chat/completions"):
            message: dict[str, Any] = {"role": "assistant", "content": reply.text}
            finish = reply.finish
            if request.custom_tool is not None:
                call = {"name": request.custom_tool, "input": reply.text}
                message = {"role": "assistant", "content": None} | _custom_call(call)
                finish = "tool_calls" if finish == "stop" else finish
            choice = {"index": 0, "message": message, "finish_reason": finish}
            return {"id": "c", "object": "chat.completion", "created": 1, "model": "fake", "choices": [choice]} | usage
        status = {"status": "completed" if reply.finish == "stop" else "incomplete"}
        details = {} if reply.finish == "stop" else {"incomplete_details": {"reason": "max_output_tokens"}}
        content = [{"type": "output_text", "text": reply.text, "annotations": []}]
        output: list[dict[str, Any]] = [
            {"type": "message", "id": "m", "role": "assistant", "status": "completed", "content": content}
        ]
        if request.custom_tool is not None:
            named = {"call_id": "call_1", "name": request.custom_tool, "input": reply.text}
            output = [{"type": "reasoning", "summary": []}, {"type": "custom_tool_call", "id": "ctc_1"} | named]
        return {"id": "r", "object": "response", "output": output} | status | details | usage

    def _usage(self, request: Recorded, reply: Text | ToolCalls) -> dict[str, Any]:
        """Count four characters as a token; a system message that came before is cached."""
        if isinstance(reply, ToolCalls):
            reply = Text(reply.text + "".join(name + arguments for _, name, arguments in reply.written()))
        if isinstance(reply.usage, Mapping):
            return dict(reply.usage)
        cached = len(request.system) // 4 if request.system in self._seen else 0
        self._seen.add(request.system)
        prompt, completion = len(request.prompt) // 4, len(reply.text) // 4
        if request.path.endswith("/chat/completions"):
            counts = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
            return counts | {"prompt_tokens_details": {"cached_tokens": cached}}
        counts = {"input_tokens": prompt, "output_tokens": completion, "total_tokens": prompt + completion}
        return counts | {"input_tokens_details": {"cached_tokens": cached}}

    async def _send_models(self, writer: asyncio.StreamWriter) -> None:
        if self._owner is None:
            await self._send_status(Status(404, "no such page"), writer)
            return
        await self._head(writer, False)
        model = {"id": "fake", "object": "model", "owned_by": self._owner}
        await self._body(writer, json.dumps({"object": "list", "data": [model]}).encode())
        await self._finish(writer)

    async def _send_status(self, reply: Status, writer: asyncio.StreamWriter) -> None:
        error = {"message": reply.message, "type": "injected", "code": reply.error_code}
        body = json.dumps({"error": error}).encode()
        lines = [f"HTTP/1.1 {reply.code} Injected", "content-type: application/json", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()

    async def _head(self, writer: asyncio.StreamWriter, stream: bool, kind: str | None = None) -> None:
        kind = kind or ("text/event-stream; charset=utf-8" if stream else "application/json")
        writer.write(f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n".encode())
        await writer.drain()

    async def _body(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        size = self._chunk or len(data)
        for at in range(0, len(data), size):
            piece = data[at : at + size]
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
            if self._chunk:
                await asyncio.sleep(0)

    async def _finish(self, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True


async def _read_request(reader: asyncio.StreamReader) -> Recorded | None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Recorded(first.split()[1], headers, json.loads(body or b"{}"))


def _content(message: Mapping[str, Any]) -> str:
    """Return the text of an entry of a conversation: what was said, or what a call gave."""
    return message.get("content") or message.get("output") or ""


def _called(request: Recorded, reply: ToolCalls, usage: dict[str, Any], stream: bool) -> Iterator[bytes]:
    """Yield a reply that calls tools, in the form of the endpoint that was asked."""
    if request.path.endswith("/chat/completions"):
        yield from _chat_calls(reply, usage, stream)
        return
    said = {"type": "message", "id": "m", "role": "assistant", "content": [{"type": "output_text", "text": reply.text}]}
    output = [{"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": "opaque"}]
    output += [said] if reply.text else []
    output += [
        {"type": "function_call", "id": f"fc_{id_}", "call_id": id_, "name": name, "arguments": arguments}
        for id_, name, arguments in reply.written()
    ]
    whole = {"id": "r", "object": "response", "status": "completed", "output": output, "usage": usage}
    if not stream:
        yield json.dumps(whole).encode()
        return
    for place, item in enumerate(output):
        if item["type"] == "function_call":
            for at in range(0, len(item["arguments"]), 4):
                delta = {"output_index": place, "delta": item["arguments"][at : at + 4]}
                yield _event({"type": "response.function_call_arguments.delta", **delta})
        yield _event({"type": "response.output_item.done", "output_index": place, "item": item})
    yield _event({"type": "response.completed", "response": whole})


def _chat_calls(reply: ToolCalls, usage: dict[str, Any], stream: bool) -> Iterator[bytes]:
    if not stream:
        calls = [
            {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}
            for id_, name, arguments in reply.written()
        ]
        message = {"role": "assistant", "content": reply.text or None, "tool_calls": calls}
        choice = {"index": 0, "message": message, "finish_reason": reply.finish}
        yield json.dumps({"id": "c", "object": "chat.completion", "choices": [choice], "usage": usage}).encode()
        return
    if reply.text:
        yield _event(_chunk({"content": reply.text}, None))
    for place, (id_, name, arguments) in enumerate(reply.written()):
        head = {"index": place, "id": id_, "type": "function", "function": {"name": name, "arguments": ""}}
        yield _event(_chunk({"tool_calls": [head]}, None))
        for at in range(0, len(arguments), 4):
            part = {"index": place, "function": {"arguments": arguments[at : at + 4]}}
            yield _event(_chunk({"tool_calls": [part]}, None))
    if reply.finish is not None:
        yield _event(_chunk({}, reply.finish))
        yield _event(_chunk({}, None) | {"choices": [], "usage": usage})
        yield b"data: [DONE]\r\n\r\n"


def _event(data: Mapping[str, Any]) -> bytes:
    return f"data: {json.dumps(data, ensure_ascii=False)}\r\n\r\n".encode()


def _custom_call(custom: Mapping[str, str]) -> dict[str, Any]:
    return {"tool_calls": [{"index": 0, "custom": dict(custom)}]}


def _chunk(delta: Mapping[str, Any], finish: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "fake", "choices": [choice]}
