"""Write requests and read replies in the two forms that endpoints speak: Chat Completions and Responses.

Replies are read as plain JSON, not by the client's types: endpoints differ in what they leave out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Protocol

from lcc.models.faults import FaultKind, ModelFault, message_of
from lcc.models.request import Finish, Message, Request
from lcc.models.settings import ModelSettings
from lcc.models.usage import TokenUsage, read_usage

Body = dict[str, Any]


class Garbage(ValueError):
    """What came isn't what the protocol says."""


class Piece(NamedTuple):
    """What one event of a reply, or a whole reply, says. Anything may be missing. `done`: nothing follows."""

    text: str = ""
    finish: Finish | None = None
    usage: TokenUsage | None = None
    done: bool = False


class Dialect(Protocol):
    """One of the two forms. `optional`: fields that an endpoint may refuse, and how its message names them."""

    path: str
    optional: Mapping[str, tuple[str, ...]]

    def body(self, settings: ModelSettings, request: Request, without: frozenset[str]) -> Body:
        """Return what to send; `without` names optional fields to leave out."""

    def event(self, data: Any) -> Piece:
        """Read an event of a streamed reply; raise Garbage or ModelFault."""

    def whole(self, data: Any) -> Piece:
        """Read a reply that came in one piece; raise Garbage or ModelFault."""


_FINISH: Final = {"stop": Finish.STOP, "length": Finish.LENGTH, "content_filter": Finish.FILTER}


class Chat:
    """Chat Completions: what every endpoint has."""

    path = "/chat/completions"
    optional: Mapping[str, tuple[str, ...]] = {
        "response_format": ("response_format", "json_schema", "structured output"),
        "stream_options": ("stream_options", "include_usage"),
        "temperature": ("temperature",),
    }

    def body(self, settings: ModelSettings, request: Request, without: frozenset[str]) -> Body:
        """Return what to send."""
        body: Body = {"model": settings.model, "messages": _messages(request, "response_format" in without)}
        if settings.stream:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        if settings.temperature is not None:
            body["temperature"] = settings.temperature
        if settings.max_tokens is not None:
            # OpenAI's newer models refuse the old name, and most other endpoints don't know the new one.
            body["max_completion_tokens" if settings.base_url is None else "max_tokens"] = settings.max_tokens
        if request.schema is not None and settings.structured:
            schema = {"name": request.schema.name, "schema": dict(request.schema.schema), "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return _without(body | {**settings.extra, **request.extra}, without)

    def event(self, data: Any) -> Piece:
        """Read a chunk; the last one holds only usage."""
        choice = _choice(data)
        delta = _mapping(choice.get("delta"))
        return Piece(_text(delta.get("content")), _finish(choice), _usage(data))

    def whole(self, data: Any) -> Piece:
        """Read a completion."""
        choice = _choice(data)
        message = _mapping(choice.get("message"))
        if not choice:
            raise Garbage("a completion without choices")
        text = _text(message.get("content"))
        refusal = _text(message.get("refusal"))
        if refusal and not text:
            raise ModelFault(FaultKind.REFUSED, f"the model refused: {refusal}")
        return Piece(text, _finish(choice) or Finish.STOP, _usage(data))


class Responses:
    """The Responses API, as OpenAI offers it first."""

    path = "/responses"
    optional: Mapping[str, tuple[str, ...]] = {
        "text": ("text.format", "json_schema", "structured output"),
        "temperature": ("temperature",),
        "store": ("store",),
    }

    def body(self, settings: ModelSettings, request: Request, without: frozenset[str]) -> Body:
        """Return what to send. Nothing is kept at the endpoint."""
        body: Body = {"model": settings.model, "input": _messages(request, "text" in without), "store": False}
        if settings.stream:
            body["stream"] = True
        if settings.temperature is not None:
            body["temperature"] = settings.temperature
        if settings.max_tokens is not None:
            body["max_output_tokens"] = settings.max_tokens
        if request.schema is not None and settings.structured:
            form = {"type": "json_schema", "name": request.schema.name, "schema": dict(request.schema.schema)}
            body["text"] = {"format": form | {"strict": True}}
        return _without(body | {**settings.extra, **request.extra}, without)

    def event(self, data: Any) -> Piece:
        """Read an event: pieces of text, and the response itself at its end."""
        kind = _mapping(data).get("type")
        if kind == "response.output_text.delta":
            return Piece(_text(data.get("delta")))
        if kind in ("response.completed", "response.incomplete", "response.failed"):
            return self.whole(data.get("response"))._replace(text="")
        if kind == "error":
            raise ModelFault(FaultKind.BROKEN, f"the endpoint failed in the middle of its reply: {message_of(data)}")
        return Piece()

    def whole(self, data: Any) -> Piece:
        """Read a response."""
        response = _mapping(data)
        status = response.get("status", "completed")
        if status == "failed":
            raise ModelFault(FaultKind.SERVER, f"the endpoint failed: {message_of(response)}")
        parts = [
            part
            for item in response.get("output") or ()
            if _mapping(item).get("type") == "message"
            for part in item.get("content") or ()
        ]
        if not parts and not response:
            raise Garbage("a response without output")
        text = "".join(_text(_mapping(part).get("text")) for part in parts)
        finish = Finish.STOP
        if status != "completed":
            reason = _mapping(response.get("incomplete_details")).get("reason")
            finish = {"max_output_tokens": Finish.LENGTH, "content_filter": Finish.FILTER}.get(
                str(reason), Finish.OTHER
            )
        return Piece(text, finish, _usage(response))


DIALECTS: Final[Mapping[str, Dialect]] = {"chat": Chat(), "responses": Responses()}


def _messages(request: Request, without_schema: bool) -> list[dict[str, str]]:
    messages: tuple[Message, ...] = request.plain if without_schema and request.plain else request.messages
    return [{"role": message.speaker, "content": message.text} for message in messages]


def _without(body: Body, names: frozenset[str]) -> Body:
    return {name: value for name, value in body.items() if name not in names}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _choice(data: Any) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise Garbage("not an object")
    if data.get("error"):
        raise ModelFault(FaultKind.BROKEN, f"the endpoint failed in the middle of its reply: {message_of(data)}")
    choices = data.get("choices")
    if choices is None and "usage" not in data:
        raise Garbage("an object without choices")
    return _mapping(choices[0]) if isinstance(choices, list) and choices else {}


def _finish(choice: Mapping[str, Any]) -> Finish | None:
    reason = choice.get("finish_reason")
    return None if reason is None else _FINISH.get(str(reason), Finish.OTHER)


def _usage(data: Mapping[str, Any]) -> TokenUsage | None:
    raw = data.get("usage")
    return None if raw is None else read_usage(raw)
