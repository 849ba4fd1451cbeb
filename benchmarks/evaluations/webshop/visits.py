"""Hold what a shopper did and saw on a visit, and tell it as a conversation and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from benchmarks.evaluations.webshop.chooser import Search, Wish, read_item, read_wish
from benchmarks.evaluations.webshop.prompts import instruction_message, observation_message, read_search, read_step
from benchmarks.evaluations.webshop.shop import asin_of

Messages: TypeAlias = Sequence[Mapping[str, Any]]


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


class History:
    """What a conversation tells of a visit.

    `searches`: each with the items that it listed. `pages`: of the items that were looked at, by item, in order.
    """

    def __init__(self, messages: Messages) -> None:
        """Read a conversation as `messages_of` writes it; raise ValueError if it doesn't begin with an instruction."""
        head = instruction_message("")
        first = str(messages[1]["content"])
        if not first.startswith(head):
            raise ValueError("the conversation doesn't begin with an instruction")
        self.wish: Wish = read_wish(first.removeprefix(head))
        self.searches: list[tuple[Search, list[str]]] = []
        self.pages: dict[str, str] = {}
        for reply, seen in zip(messages[2::2], messages[3::2], strict=False):
            self._add(str(reply["content"]), str(seen["content"]).removeprefix(observation_message("")))

    @property
    def rounds(self) -> list[tuple[Search, list[str]]]:
        """Each search with the pages of its items, as far as they were looked at."""
        return [(search, [self.pages[one] for one in items if one in self.pages]) for search, items in self.searches]

    @property
    def unseen(self) -> list[str]:
        """The items of the last search that weren't looked at, in order."""
        items = self.searches[-1][1] if self.searches else []
        return [one for one in items if one not in self.pages]

    def _add(self, reply: str, seen: str) -> None:
        step = read_step(reply)
        if step is None:
            return
        if step[0] == "search":
            items = [asin for asin in map(asin_of, seen.splitlines()) if asin is not None]
            self.searches.append((read_search(step[1]), items))
        elif (item := read_item(seen)) is not None:
            self.pages[item.asin] = seen
