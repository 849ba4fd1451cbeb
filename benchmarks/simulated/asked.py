"""Hold what a simulated model is asked, what it replies, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Asked:
    """A request. `role` is the model's name: benchmarks ask each role of each strategy by a name of its own.

    Whoever answers writes `question`, the id of the question that it belongs to, and may write `luck`, what the drawn latency depends
    on beside the question; else that is the request's place among the question's requests. Requests that are made at the same
    time need one, or their order would matter.
    """

    path: str
    body: Mapping[str, Any]
    question: str = ""
    luck: tuple[object, ...] = ()

    @property
    def role(self) -> str:
        """Who is asked, as `planner` or `react`."""
        return str(self.body.get("model", "")).rpartition("/")[2]

    @property
    def messages(self) -> list[Mapping[str, Any]]:
        """The conversation."""
        found: list[Mapping[str, Any]] = self.body.get("messages") or []
        return found

    @property
    def prompt(self) -> str:
        """The text of all messages."""
        return "\n".join(self.text(place) for place in range(len(self.messages)))

    def text(self, place: int) -> str:
        """Return the text of one message."""
        content = self.messages[place].get("content")
        return content if isinstance(content, str) else "".join(str(p.get("text", "")) for p in content or ())

    @property
    def samples(self) -> int:
        """How many replies are asked for."""
        return int(self.body.get("n") or 1)

    @property
    def schema(self) -> Mapping[str, Any]:
        """The JSON schema that the reply has to follow; empty if there is none."""
        found: Mapping[str, Any] = (self.body.get("response_format") or {}).get("json_schema", {}).get("schema", {})
        return found

    @property
    def wants_json(self) -> list[str]:
        """The fields of the JSON object that the reply must be, in order; none if it is text."""
        return list(self.schema.get("properties", ()))


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call in a reply. `arguments` is JSON."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply: text, tool calls, or both. `more`: further samples of the text, where a request asks for several (`n`) and doesn't stream."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    more: tuple[str, ...] = ()


@dataclass(slots=True)
class Served:
    """A request that was answered. Times are seconds on the server's clock.

    `offsets`: when each piece was due, from `arrived` on; `sent`: when it went out. `waited`: for other calls to end, where few are served at once.
    `completion`: tokens of the reply.
    """

    question: str
    role: str
    arrived: float
    prompt: int
    cached: int
    completion: int = 0
    pieces: list[str] = field(default_factory=list)
    offsets: list[float] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    waited: float = 0.0
    error: str = ""

    @property
    def seconds(self) -> float:
        """How long the call was to take."""
        return self.offsets[-1] if self.offsets else 0.0

    def piece_at(self, end: int) -> int:
        """Return the number of the piece that brings the character before `end`."""
        seen = 0
        for number, piece in enumerate(self.pieces):
            seen += len(piece)
            if seen >= end:
                return number
        return len(self.pieces) - 1
