"""Hand the answer's text on while the joiner still writes it.

Nothing is handed on that the finished reply might not stand by: only the answer of a Finish, and of the text form only what
precedes its first possible end. The pieces, joined, are the beginning of the answer; `finish` gives the rest. Every character is looked
at a bounded number of times, however small the pieces are.
"""

from __future__ import annotations

import json
import re
from typing import Final

from lcc.ask.joining.decision import CLOSERS, find_action

_ACTION: Final = re.compile(r'"action"\s*:\s*"finish"', re.IGNORECASE)
_ANSWER: Final = re.compile(r'"answer"\s*:\s*"')
_SEARCHED: Final = 8_000
"""How far into a reply its answer is looked for while it comes; where it begins later, it is handed on at the end."""


class AnswerStream:
    """Feed it the reply's pieces; it returns those of the answer."""

    def __init__(self) -> None:
        self._shown: list[str] = []
        self._head = ""
        self._payload: _Json | _Text | None = None
        self._over = False
        self._before = ""
        self._known = 0

    def feed(self, piece: str) -> str:
        """Return what of the answer is certain now and was not before."""
        if self._payload is None:
            self._head += piece
            rest = self._begin(self._head.lstrip())
            if self._payload is None:
                self._over = self._over or len(self._head) > _SEARCHED
            piece = rest
        if self._over or self._payload is None:
            return ""
        return self._new(self._payload.feed(piece))

    def restart(self) -> None:
        """Begin again: the reply broke off, and another is written. What was handed on isn't handed on again."""
        self._head = ""
        self._payload = None
        self._over = False
        self._before = "".join(self._shown)
        self._known = 0

    def finish(self, answer: str) -> str:
        """Return what of the final answer was not handed on; all of it if what was doesn't fit."""
        shown = "".join(self._shown)
        return answer[len(shown) :] if answer.startswith(shown) else ""

    def _begin(self, text: str) -> str:
        """Look for where the answer begins; return what of it is there."""
        if self._over:
            return ""
        if text.startswith(("{", "```")):
            start = _ANSWER.search(text) if _ACTION.search(text) else None
            if start is not None:
                self._payload = _Json()
                return text[start.end() :]
            return ""
        head = find_action(text)
        if head is None or head["verb"].lower() != "finish" or head["open"] not in ("(", "["):
            return ""
        rest = text[head.end() :].lstrip()
        self._over = rest.startswith(('"', "'"))
        if rest and not self._over:
            self._payload = _Text(head["open"])
        return rest

    def _new(self, known: str) -> str:
        """Return what of more of the answer was not handed on before a restart; nothing any more where that was another."""
        place, self._known = self._known, self._known + len(known)
        common = self._before[place : self._known]
        if not known.startswith(common):
            self._over = True
            return ""
        new = known[len(common) :]
        self._shown.append(new)
        return new


class _Text:
    """The answer of the text form, up to the parenthesis that closes it."""

    def __init__(self, opening: str) -> None:
        self._opening, self._closer = opening, CLOSERS[opening]
        self._depth = 1
        self._held: list[str] = []

    def feed(self, piece: str) -> str:
        """Return what is certain now: not the space and the parenthesis that may be the end."""
        if not self._depth:
            return ""
        for place, char in enumerate(piece):
            self._depth += (char == self._opening) - (char == self._closer)
            if not self._depth:
                return ("".join(self._held) + piece[:place]).rstrip()
        self._held.append(piece)
        if piece.isspace():
            return ""
        text = "".join(self._held)
        known = text.rstrip().removesuffix(self._closer).rstrip()
        self._held = [text[len(known) :]]
        return known


class _Json:
    """The answer of the JSON form: a string, up to its quote."""

    def __init__(self) -> None:
        self._raw = ""
        self._held: list[str] = [""]
        self._begun = False
        self._over = False

    def feed(self, piece: str) -> str:
        """Return what is certain now: neither an escape that isn't complete nor the space that may be at the end."""
        if self._over:
            return ""
        text = self._raw + piece
        raw = _until_quote(text)
        self._raw = text[len(raw) :]
        self._over = self._raw.startswith('"')
        try:
            new = str(json.loads(f'"{raw}"', strict=False))
        except ValueError:
            self._over = True
            return ""
        if not self._begun:
            new = new.lstrip()
            self._begun = bool(new)
        self._held.append(new)
        if not new or new.isspace():
            return ""
        text = "".join(self._held)
        known = text.rstrip()
        self._held = [text[len(known) :]]
        return known


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
