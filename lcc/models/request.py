"""Say what is asked of a model and what comes back, whatever the endpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal, Protocol, TypeAlias

from lcc.grammar.constrain.syntaxes import Syntax
from lcc.grammar.values import Json
from lcc.models.tokens import TokenUsage

Speaker: TypeAlias = Literal["system", "user", "assistant"]
SPEAKERS: Final[tuple[Speaker, ...]] = ("system", "user", "assistant")

OnText: TypeAlias = Callable[[str], None]
"""Called with each piece of a reply as it arrives, on the event loop and not awaited. What it raises ends the call."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    speaker: Speaker
    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool call that a model made in its endpoint's own form. `arguments`: their JSON text, as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Called:
    """A turn in which the model called tools. `items`: its output items in the form of Responses, which are sent back as they came."""

    calls: tuple[ToolCall, ...]
    text: str = ""
    items: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Returned:
    """What the call with the id `call` came to, as text."""

    call: str
    text: str


Entry: TypeAlias = Message | Called | Returned
"""One entry of a conversation."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The JSON schema that a reply has to follow, where the endpoint can see to that."""

    name: str
    schema: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ReplyGrammar:
    """The grammar that a reply has to follow, where the endpoint can hold a model to one.

    `write` returns its text in a notation, and may raise ValueError where it can't be had; it is called in a thread.
    """

    name: str
    description: str
    write: Callable[[Syntax], str]


@dataclass(frozen=True, slots=True)
class Held:
    """Whether a reply was held to its grammar: in which notation, None if it wasn't; and why. `failed`: it couldn't be."""

    syntax: Syntax | None
    why: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """A conversation to continue.

    `schema`: what the reply must look like; an endpoint that can't see to that is asked without it, with the messages `plain` if
    there are any. `functions`: tools that the model may call in its endpoint's own form, several at once, as OpenAI describes functions
    (`name`, `description`, `parameters`). `stop`: texts at which the reply ends; an endpoint may not heed them. `grammar`: what
    the reply has to follow, as `ModelSettings.constrain` says. `extra`: fields that are added to the request's body as they are.
    """

    messages: tuple[Entry, ...]
    schema: Schema | None = None
    plain: tuple[Entry, ...] = ()
    functions: tuple[Mapping[str, Json], ...] = ()
    stop: tuple[str, ...] = ()
    grammar: ReplyGrammar | None = None
    extra: Mapping[str, object] = field(default_factory=dict)


class Finish(StrEnum):
    """Why a reply ended. Only `STOP` is a normal end, and `CALLS` where tools may be called."""

    STOP = "stop"
    CALLS = "tool calls"
    LENGTH = "length"
    FILTER = "content filter"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Reply:
    """The whole of a reply. `structured`: the endpoint was told the request's schema. `calls`, `items`: as in `Called`.

    `held`: whether it was held to the request's grammar; None if that has none.
    """

    text: str
    finish: Finish
    usage: TokenUsage
    structured: bool = False
    calls: tuple[ToolCall, ...] = ()
    items: tuple[Mapping[str, object], ...] = ()
    held: Held | None = None


class Model(Protocol):
    """A model that can be asked. Raises `ModelFault` if no whole reply could be had."""

    @property
    def name(self) -> str:
        """What the endpoint calls the model."""

    async def ask(self, request: Request, on_text: OnText | None = None) -> Reply:
        """Return the reply; with `on_text`, its pieces are handed over as they arrive, where the endpoint streams."""
