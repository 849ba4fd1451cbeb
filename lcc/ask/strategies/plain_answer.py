"""Read a reply that is itself the answer: as it streams, without what the model thought, and as data where a type is wanted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from lcc.ask.events import AnswerText, AskSink
from lcc.ask.joining.decision import PARTIAL_TAG, THINKING
from lcc.ask.typed import AnswerType
from lcc.models.request import Message, Schema

NOT_OF_TYPE: Final = "the model's answer is not of the type that was asked for"


def plain_text(reply: str) -> str:
    """Return the text of a reply without what the model thought."""
    return THINKING.sub("", reply).strip()


class PlainStream:
    """Hands on the text of a reply while it is written. Nothing is handed on twice, and nothing that isn't in the end."""

    def __init__(self, emit: AskSink) -> None:
        self._emit = emit
        self._text = ""
        self._shown = ""

    def feed(self, piece: str) -> None:
        """Take a piece of the reply."""
        self._text += piece
        self._show(PARTIAL_TAG.sub("", THINKING.sub("", self._text)).strip())

    def restart(self) -> None:
        """Begin again: the reply broke off, and another is written."""
        self._text = ""

    def finish(self, answer: str) -> None:
        """Hand on what is missing of the answer."""
        self._show(answer)

    def _show(self, known: str) -> None:
        if known.startswith(self._shown) and known != self._shown:
            new, self._shown = known[len(self._shown) :], known
            self._emit(AnswerText(new))


def wrapped_schema(typed: AnswerType) -> Schema:
    """Return the schema of an object with the answer in it: endpoints want an object."""
    inner = dict(typed.schema)
    outer: dict[str, Any] = {"type": "object", "properties": {"answer": inner}, "additionalProperties": False}
    if "$defs" in inner:
        outer["$defs"] = inner.pop("$defs")
    return Schema("answer", outer | {"required": ["answer"]})


def schema_text(schema: Mapping[str, Any]) -> str:
    """Return the sentence that asks for an answer by a schema."""
    written = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
    return f"The answer is JSON that follows this schema: {written}"


def read_typed(text: str, typed: AnswerType) -> Any:
    """Return the answer in a reply as a value of its type, bare or in its object; raise NotOfType."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return typed.read(text)
    return typed.read(found["answer"] if isinstance(found, dict) and found.keys() == {"answer"} else found)


def correction(reply: str, problem: object) -> tuple[Message, Message]:
    """Return how a model is told that its answer isn't of the type."""
    said = f"The answer doesn't follow the schema: {problem}. Reply again."
    return Message("assistant", reply), Message("user", said)
