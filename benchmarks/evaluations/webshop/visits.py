"""Hold what a shopper did and saw on a visit, and read it from the conversations of the ways to shop."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, TypeAlias

from benchmarks.evaluations.webshop.chooser import Search, Wish, read_item, read_wish
from benchmarks.evaluations.webshop.prompts import instruction_message, observation_message, read_search, read_step
from benchmarks.evaluations.webshop.shop import asin_of

Messages: TypeAlias = Sequence[Mapping[str, Any]]

_WISH: Final = re.compile(r"i want a [^\n]*? dollars(?=$|\n)")
_CALL: Final = re.compile(
    r'^Action: (?P<tool>search|explore)\((?P<text>"(?:[^"\\]|\\.)*")(?:, (?P<page>\d{1,2}))?\)', re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the model's reply, and what was seen then."""

    reply: str
    seen: str


def messages_of(system: str, instruction: str, steps: Sequence[Step]) -> list[dict[str, str]]:
    """Return a visit as a conversation."""
    told = [{"role": "system", "content": system}, {"role": "user", "content": instruction_message(instruction)}]
    for step in steps:
        told.append({"role": "assistant", "content": step.reply})
        told.append({"role": "user", "content": observation_message(step.seen)})
    return told


def wish_in(messages: Messages) -> Wish:
    """Return the wish that the user tells; raise ValueError if there is none."""
    for message in messages[1:]:
        found = _WISH.search(str(message["content"])) if message["role"] == "user" else None
        if found is not None:
            return read_wish(found[0])
    raise ValueError("the conversation holds no instruction")


class History:
    """What a shopper who takes one step or turn at a time has seen.

    `searches`: each with the items that it listed. `pages`: of the items that were looked at, by item, in order.
    """

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        self.searches: list[tuple[Search, list[str]]] = []
        self.pages: dict[str, str] = {}

    @property
    def rounds(self) -> list[tuple[Search, list[str]]]:
        """Each search with the pages of its items, as far as they were looked at."""
        return [(search, [self.pages[one] for one in items if one in self.pages]) for search, items in self.searches]

    @property
    def unseen(self) -> list[str]:
        """The items of the last search that weren't looked at, in order."""
        items = self.searches[-1][1] if self.searches else []
        return [one for one in items if one not in self.pages]

    def searched(self, search: Search, lines: Iterable[object]) -> None:
        """Take down a search and the lines of its results."""
        items = [asin for asin in map(asin_of, map(str, lines)) if asin is not None]
        self.searches.append((search, items))

    def looked(self, page: str) -> None:
        """Take down the page of an item; a text that is none is left out."""
        item = read_item(page)
        if item is not None:
            self.pages[item.asin] = page


def by_steps(messages: Messages) -> History:
    """Read a conversation as `messages_of` writes it."""
    history = History(wish_in(messages))
    for reply, seen in _exchanges(messages):
        match read_step(reply):
            case ("search", what):
                history.searched(read_search(what), seen.splitlines())
            case _:
                history.looked(seen)
    return history


def by_react(messages: Messages) -> History:
    """Read a conversation of lcc's ReAct loop: a call with literal arguments, its result as an observation."""
    history = History(wish_in(messages))
    for reply, seen in _exchanges(messages):
        found = _CALL.search(reply)
        if found is not None and found["tool"] == "search":
            history.searched(Search(json.loads(found["text"]), int(found["page"] or 1)), _lines(seen))
        else:
            history.looked(seen)
    return history


def by_calls(messages: Messages) -> History:
    """Read a conversation with native tool calls."""
    history = History(wish_in(messages))
    calls: dict[str, Mapping[str, Any]] = {}
    for message in messages:
        calls |= {str(call["id"]): call["function"] for call in message.get("tool_calls") or ()}
        if message["role"] == "tool" and (call := calls.get(str(message["tool_call_id"]))) is not None:
            arguments, seen = json.loads(call["arguments"]), str(message["content"])
            if call["name"] == "search":
                history.searched(Search(arguments["query"], arguments.get("page", 1)), _lines(seen))
            else:
                history.looked(seen)
    return history


def _exchanges(messages: Messages) -> Iterable[tuple[str, str]]:
    told = [(str(message["role"]), str(message["content"])) for message in messages[1:]]
    for (who, reply), (_, seen) in pairwise(told):
        if who == "assistant":
            yield reply, seen.removeprefix(observation_message(""))


def _lines(seen: str) -> list[object]:
    """Return the lines of a result that is shown as JSON; none if it was cut."""
    try:
        found = json.loads(seen)
    except ValueError:
        return []
    return found if isinstance(found, list) else []
