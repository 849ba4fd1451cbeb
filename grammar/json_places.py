"""Find where in a JSON text the value of a JSON pointer stands, for the sake of error messages."""

from __future__ import annotations

import json
import re
from typing import Final

from lcc.grammar.source import Span

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]|[^\s\[\]{}",:]+')
_OPENING: Final = ("[", "{")
_CLOSING: Final = ("]", "}")
_DECODER: Final = json.JSONDecoder()


class JsonPlaces:
    """The places of the values in one valid JSON text. A container is indexed when something in it is asked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._members: dict[int, dict[str | int, int]] = {}

    def span(self, pointer: tuple[str | int, ...]) -> Span:
        """Return the span of the value that a pointer names, or of the last value that exists on the way to it."""
        start = self._skip(0)
        for step in pointer:
            if start not in self._members:
                self._members[start] = self._index(start)
            found = self._members[start].get(step)
            if found is None:
                break
            start = found
        return Span(start, self._end(start))

    def _index(self, start: int) -> dict[str | int, int]:
        """Return where each member of a container starts; of a repeated key the last, which is the one that counts."""
        text = self._text
        if text[start] not in "[{":
            return {}
        found: dict[str | int, int] = {}
        at = self._skip(start + 1)
        while text[at] not in "]}":
            key: str | int = len(found)
            if text[start] == "{":
                key, at = _DECODER.raw_decode(text, at)
                at = self._skip(self._skip(at) + 1)
            found[key] = at
            at = self._skip(self._end(at))
            if text[at] == ",":
                at = self._skip(at + 1)
        return found

    def _end(self, start: int) -> int:
        """Return the end of a value. Not by the decoder, which recurses."""
        depth = 0
        for token in _TOKEN.finditer(self._text, start):
            depth += (token[0] in _OPENING) - (token[0] in _CLOSING)
            if depth == 0:
                return token.end()
        return len(self._text)

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return match.end() if match else at
