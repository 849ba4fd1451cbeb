"""Write requests and read replies in the two forms that endpoints speak: Chat Completions and Responses.

Replies are read as plain JSON, not by the client's types: endpoints differ in what they leave out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Protocol, assert_never

from lcc.grammar.values import read_json
from lcc.models.faults import EndpointFailed, FaultKind, ModelFault
from lcc.models.request import Called, Entry, Finish, Message, ReplyGrammar, Request, Returned, ToolCall
from lcc.models.settings import ModelSettings
from lcc.models.tokens import TokenUsage, read_usage
from lcc.models.tool_calls import CallPart, call_parts, called_items, custom_input, custom_items

Body = dict[str, Any]


class Garbage(ValueError):
    """What came isn't what the protocol says."""


class Piece(NamedTuple):
    """What one event of a reply, or a whole reply, says. Anything may be missing. `done`: nothing follows.

    `parts`: of tool calls. `items`: output items of Responses; with `all_items`, every one of the reply.
    """

    text: str = ""
    finish: Finish | None = None
    usage: TokenUsage | None = None
    done: bool = False
    parts: tuple[CallPart, ...] = ()
    items: tuple[Mapping[str, Any], ...] = ()
    all_items: bool = False


class Dialect(Protocol):
    """One of the two forms. `optional`: fields that an endpoint may refuse, and how its message names them."""

    path: str
    optional: Mapping[str, tuple[str, ...]]

    def body(self, settings: ModelSettings, request: Request, without: frozenset[str]) -> Body:
        """Return what to send; `without` names optional fields to leave out."""

    def grammar_tool(self, grammar: ReplyGrammar, text: str) -> Body:
        """Return the fields that make the model call a tool whose input follows a Lark grammar: that input is the reply's text."""

    def event(self, data: Any) -> Piece:
        """Read an event of a streamed reply; raise Garbage or ModelFault."""

    def whole(self, data: Any) -> Piece:
        """Read a reply that came in one piece; raise Garbage or ModelFault."""


_FINISH: Final = {
    "stop": Finish.STOP,
    "tool_calls": Finish.CALLS,
    "function_call": Finish.CALLS,
    "length": Finish.LENGTH,
    "content_filter": Finish.FILTER,
}


class Chat:
    """Chat Completions: what every endpoint has."""

    path = "/chat/completions"
    optional: Mapping[str, tuple[str, ...]] = {
        "response_format": ("response_format", "json_schema", "structured output"),
        "stream_options": ("stream_options", "include_usage"),
        "temperature": ("temperature",),
        "parallel_tool_calls": ("parallel_tool_calls",),
        "stop": ("'stop'", "`stop`", '"stop"', "stop sequence"),
    }

    def body(self, settings: ModelSettings, request: Request, without: frozenset[str]) -> Body:
        """Return what to send."""
        entries = _entries(request, "response_format" in without)
        body: Body = {"model": settings.model, "messages": [encodable(_chat_message(entry)) for entry in entries]}
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
        if request.functions:
            body["tools"] = [{"type": "function", "function": dict(function)} for function in request.functions]
            body["parallel_tool_calls"] = True
        if request.stop:
            body["stop"] = list(request.stop)
        return _without(body | {**settings.extra, **request.extra}, without)

    def grammar_tool(self, grammar: ReplyGrammar, text: str) -> Body:
        """Return the fields of the tool."""
        form = {"type": "grammar", "grammar": {"syntax": "lark", "definition": text}}
        tool = {"name": grammar.name, "description": grammar.description, "format": form}
        return {
            "tools": [{"type": "custom", "custom": tool}],
            "tool_choice": {"type": "custom", "custom": {"name": grammar.name}},
            "parallel_tool_calls": False,
        }

    def event(self, data: Any) -> Piece:
        """Read a chunk; the last one holds only usage."""
        choice = _choice(data)
        delta = _mapping(choice.get("delta"))
        text = _text(delta.get("content")) + custom_input(delta)
        return Piece(text, _finish(choice), _usage(data), parts=call_parts(delta))

    def whole(self, data: Any) -> Piece:
        """Read a completion."""
        choice = _choice(data)
        message = _mapping(choice.get("message"))
        if not choice:
            raise Garbage("a completion without choices")
        text = _text(message.get("content")) + custom_input(message)
        refusal = _text(message.get("refusal"))
        if refusal and not text:
            raise ModelFault(FaultKind.REFUSED, f"the model refused: {refusal}")
        return Piece(text, _finish(choice) or Finish.STOP, _usage(data), parts=call_parts(message))


class Responses:
    """The Responses API, as OpenAI offers it first."""

    path = "/responses"
    optional: Mapping[str, tuple[str, ...]] = {
        "text": ("text.format", "json_schema", "structured output"),
        "temperature": ("temperature",),
        "store": ("store",),
        "parallel_tool_calls": ("parallel_tool_calls",),
        "include": ("include", "encrypted"),
    }

    def body(self, settings: ModelSettings, request: Request, without: frozenset[str]) -> Body:
        """Return what to send. Nothing is kept at the endpoint."""
        entries = _entries(request, "text" in without)
        given = [encodable(item) for entry in entries for item in _response_items(entry)]
        body: Body = {"model": settings.model, "input": given, "store": False}
        if settings.stream:
            body["stream"] = True
        if settings.temperature is not None:
            body["temperature"] = settings.temperature
        if settings.max_tokens is not None:
            body["max_output_tokens"] = settings.max_tokens
        if request.schema is not None and settings.structured:
            form = {"type": "json_schema", "name": request.schema.name, "schema": dict(request.schema.schema)}
            body["text"] = {"format": form | {"strict": True}}
        if request.functions:
            body["tools"] = [{"type": "function", **function, "strict": False} for function in request.functions]
            body["parallel_tool_calls"] = True
            body["include"] = ["reasoning.encrypted_content"]  # since nothing is kept there, reasoning is sent back
        return _without(body | {**settings.extra, **request.extra}, without)

    def grammar_tool(self, grammar: ReplyGrammar, text: str) -> Body:
        """Return the fields of the tool."""
        form = {"type": "grammar", "syntax": "lark", "definition": text}
        tool = {"type": "custom", "name": grammar.name, "description": grammar.description, "format": form}
        choice = {"type": "custom", "name": grammar.name}
        return {"tools": [tool], "tool_choice": choice, "parallel_tool_calls": False}

    def event(self, data: Any) -> Piece:
        """Read an event: pieces of text, and the response itself at its end."""
        kind = _mapping(data).get("type", "error" if _mapping(data).get("error") else None)
        if kind in ("response.output_text.delta", "response.custom_tool_call_input.delta"):
            return Piece(_text(data.get("delta")))
        if kind == "response.output_item.done" and isinstance(data.get("item"), Mapping):
            return Piece(items=(data["item"],))
        if kind in ("response.completed", "response.incomplete", "response.failed"):
            return self.whole(data.get("response"))._replace(text="")
        if kind == "error":
            raise EndpointFailed(data, FaultKind.BROKEN, "the endpoint failed in the middle of its reply")
        return Piece()

    def whole(self, data: Any) -> Piece:
        """Read a response."""
        response = _mapping(data)
        status = response.get("status", "completed")
        if status == "failed" or (response.get("error") and "output" not in response):
            raise EndpointFailed(response, FaultKind.SERVER, "the endpoint failed")
        parts = [
            part
            for item in response.get("output") or ()
            if _mapping(item).get("type") == "message"
            for part in item.get("content") or ()
        ]
        if not parts and "output" not in response:
            raise Garbage("a response without output")
        text = "".join(_text(_mapping(part).get("text")) for part in parts) + custom_items(response.get("output"))
        finish = Finish.STOP
        if status != "completed":
            reason = _mapping(response.get("incomplete_details")).get("reason")
            finish = {"max_output_tokens": Finish.LENGTH, "content_filter": Finish.FILTER}.get(
                str(reason), Finish.OTHER
            )
        items = called_items(response.get("output"))
        return Piece(text, finish, _usage(response), items=items, all_items=bool(response.get("output")))


DIALECTS: Final[Mapping[str, Dialect]] = {"chat": Chat(), "responses": Responses()}


def _entries(request: Request, without_schema: bool) -> tuple[Entry, ...]:
    return request.plain if without_schema and request.plain else request.messages


def _chat_message(entry: Entry) -> Body:
    match entry:
        case Message(speaker, text):
            return {"role": speaker, "content": text}
        case Called(calls, text):
            return {"role": "assistant", "content": text or None, "tool_calls": [_chat_call(call) for call in calls]}
        case Returned(call, text):
            return {"role": "tool", "tool_call_id": call, "content": text}
        case _:
            assert_never(entry)


def _chat_call(call: ToolCall) -> Body:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": _object_text(call)}}


def _response_items(entry: Entry) -> list[Body]:
    match entry:
        case Message(speaker, text):
            return [{"role": speaker, "content": text}]
        case Called(calls, text, items):
            if items:
                return [dict(item) for item in items]
            said: list[Body] = [{"role": "assistant", "content": text}] if text else []
            return said + [
                {"type": "function_call", "call_id": c.id, "name": c.name, "arguments": _object_text(c)} for c in calls
            ]
        case Returned(call, text):
            return [{"type": "function_call_output", "call_id": call, "output": text}]
        case _:
            assert_never(entry)


def _object_text(call: ToolCall) -> str:
    """Return a call's arguments as they can be sent back: endpoints that read them refuse the whole request for broken ones."""
    try:
        return call.arguments if isinstance(read_json(call.arguments), dict) else "{}"
    except (ValueError, RecursionError):
        return "{}"


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
        raise EndpointFailed(data, FaultKind.BROKEN, "the endpoint failed in the middle of its reply")
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


def encodable(value: Any) -> Any:
    """Return a JSON value with halves of a character joined where both are there, and replaced where one is missing.

    JSON's escapes, as a model writes them, may say half of a character, which no encoding has.
    """
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, Mapping):
        return {_whole(key): encodable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [encodable(item) for item in value]
    return value


def _whole(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
