"""Put the tool calls of a reply together from what its events say.

Chat Completions streams a call in parts that name its place; endpoints that imitate it leave out the place, or give all calls the
same one. Responses gives each call as an item of its output.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from lcc.models.request import ToolCall

_KEPT: Final = ("function_call", "reasoning", "message")
"""The kinds of output items that have to be sent back with the results of calls."""


class CallPart(NamedTuple):
    """What one event says of a call. `place`: which of the reply's calls it is, None if it isn't said."""

    place: int | None
    id: str
    name: str
    arguments: str


def call_parts(message: Mapping[str, Any]) -> tuple[CallPart, ...]:
    """Return what a message of Chat Completions, or a piece of one, says of calls."""
    raw = message.get("tool_calls")
    if not isinstance(raw, list):
        return ()
    return tuple(_part(one) for one in raw if isinstance(one, Mapping) and not isinstance(one.get("custom"), Mapping))


def custom_input(message: Mapping[str, Any]) -> str:
    """Return what a message of Chat Completions, or a piece of one, says of the input of a custom tool."""
    raw = message.get("tool_calls")
    custom = [one.get("custom") for one in raw if isinstance(one, Mapping)] if isinstance(raw, list) else []
    return "".join(_text(one.get("input")) for one in custom if isinstance(one, Mapping))


def custom_items(output: object) -> str:
    """Return the input of the custom tools that a response's output calls."""
    items = output if isinstance(output, list) else []
    called = (item for item in items if isinstance(item, Mapping) and item.get("type") == "custom_tool_call")
    return "".join(_text(item.get("input")) for item in called)


def _part(raw: Mapping[str, Any]) -> CallPart:
    place = raw.get("index")
    function = raw.get("function")
    function = function if isinstance(function, Mapping) else {}
    arguments = function.get("arguments")
    if isinstance(arguments, Mapping):  # some endpoints give the object itself
        arguments = json.dumps(arguments)
    return CallPart(
        place if isinstance(place, int) else None, _text(raw.get("id")), _text(function.get("name")), _text(arguments)
    )


def called_items(output: object) -> tuple[Mapping[str, Any], ...]:
    """Return the items of a response's output that a conversation has to hold."""
    if not isinstance(output, list):
        return ()
    return tuple(item for item in output if isinstance(item, Mapping) and item.get("type") in _KEPT)


class CallReader:
    """Feed it what the events of one reply say; `calls` are the reply's calls in order."""

    def __init__(self) -> None:
        self._calls: list[CallPart] = []
        self.items: tuple[Mapping[str, Any], ...] = ()

    def feed(self, parts: Iterable[CallPart], items: tuple[Mapping[str, Any], ...], all_items: bool) -> int:
        """Take what an event says; return how many characters that were."""
        if all_items:
            self.items = items
        else:
            self.items += called_items(list(items))
        size = 0
        for part in parts:
            self._add(part)
            size += len(part.name) + len(part.arguments)
        return size

    def _add(self, part: CallPart) -> None:
        at = self._find(part)
        if at is None:
            self._calls.append(part)
            return
        old = self._calls[at]
        self._calls[at] = CallPart(old.place, old.id or part.id, old.name or part.name, old.arguments + part.arguments)

    def _find(self, part: CallPart) -> int | None:
        """Return the place of the call that a part continues, None if it begins one."""
        for at in range(len(self._calls) - 1, -1, -1):
            known = self._calls[at]
            if part.place == known.place and (part.place is not None or not (part.id or part.name)):
                begins = bool(part.name and part.id and known.id and part.id != known.id)
                return None if begins else at
        return None

    def calls(self) -> tuple[ToolCall, ...]:
        """Return the calls; one without an id is given one."""
        found = [ToolCall(part.id, part.name, part.arguments) for part in self._calls]
        found += [
            ToolCall(_text(item.get("call_id")), _text(item.get("name")), _text(item.get("arguments")))
            for item in self.items
            if item.get("type") == "function_call"
        ]
        return tuple(
            ToolCall(call.id or f"call_{place}", call.name, call.arguments) for place, call in enumerate(found, 1)
        )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
