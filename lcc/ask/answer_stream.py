"""Hand the answer's text on while the joiner still writes it.

Nothing is handed on that the finished reply might not stand by: only the answer of a Finish, and of the text form only what
precedes its first possible end. The pieces, joined, are the beginning of the answer; `finish` gives the rest.
"""

from __future__ import annotations

import json
import re
from typing import Final

from lcc.ask.decision import balanced_end, find_action

_ACTION: Final = re.compile(r'"action"\s*:\s*"finish"', re.IGNORECASE)
_ANSWER: Final = re.compile(r'"answer"\s*:\s*"')


class AnswerStream:
    """Feed it the reply's pieces; it returns those of the answer."""

    def __init__(self) -> None:
        self._text = ""
        self._shown = ""

    def feed(self, piece: str) -> str:
        """Return what of the answer is certain now and was not before."""
        self._text += piece
        known = self._known()
        if not known.startswith(self._shown):
            return ""
        new, self._shown = known[len(self._shown) :], known
        return new

    def restart(self) -> None:
        """Begin again: the reply broke off, and another is written. What was handed on isn't handed on again."""
        self._text = ""

    def finish(self, answer: str) -> str:
        """Return what of the final answer was not handed on; all of it if what was doesn't fit."""
        if answer.startswith(self._shown):
            return answer[len(self._shown) :]
        return ""

    def _known(self) -> str:
        text = self._text.lstrip()
        if text.startswith(("{", "```")):
            return self._json(text)
        head = find_action(text)
        if head is None or head["verb"].lower() != "finish" or head["open"] not in ("(", "["):
            return self._shown
        rest = text[head.end() :].lstrip()
        if not rest or rest[0] in "\"'":
            return ""
        end = balanced_end(rest, head["open"])
        if end is None:
            return rest.rstrip().removesuffix(")" if head["open"] == "(" else "]").rstrip()
        return rest[:end].rstrip()

    def _json(self, text: str) -> str:
        if not _ACTION.search(text):
            return ""
        start = _ANSWER.search(text)
        if start is None:
            return ""
        raw = _until_quote(text[start.end() :])
        try:
            return str(json.loads(f'"{raw}"', strict=False)).strip()
        except ValueError:
            return self._shown


def _until_quote(text: str) -> str:
    """Return what of a JSON string has come, up to its end or to an escape that isn't complete."""
    place = 0
    while place < len(text):
        char = text[place]
        if char == '"':
            return text[:place]
        if char != "\\":
            place += 1
            continue
        escape = text[place : place + 2]
        length = 6 if escape == "\\u" else 2
        if escape == "\\u" and text[place + 2 : place + 3].lower() == "d":
            length = 12  # half of a pair: wait for the other
        if place + length > len(text):
            return text[:place]
        place += length
    return text
