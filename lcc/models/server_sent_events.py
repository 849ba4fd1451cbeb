"""Cut a stream of bytes into server-sent events.

Done here and not by the client's own stream, which leaves generators behind that trio complains of, and which builds a typed
object of every token.

The format: WHATWG HTML, 9.2.6, "Interpreting an event stream". Only `data` matters here.
"""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Iterator
from typing import Final

MAX_EVENT: Final = 8 * 1024 * 1024
"""Characters of one event, against an endpoint that never ends one."""


class EventTooLong(ValueError):
    """An event that doesn't end."""


class EventReader:
    """Give it bytes as they come; it gives back the data of each event that they complete."""

    def __init__(self) -> None:
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._data: list[str] = []
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[str]:
        """Yield the data of events, lines joined by line feeds."""
        text = self._rest + self._decoder.decode(chunk)
        lines = (
            text.replace("\r\n", "\n").split("\n")
            if not text.endswith("\r")
            else text[:-1].replace("\r\n", "\n").split("\n")
        )
        self._rest = lines.pop() + ("\r" if text.endswith("\r") else "")
        if len(self._rest) > MAX_EVENT or self._size > MAX_EVENT:
            raise EventTooLong(f"an event of more than {MAX_EVENT:,} characters")
        for line in lines:
            yield from self._line(line)

    def close(self) -> Iterator[str]:
        """Yield what the end of the stream completes: an endpoint may leave out the last blank line."""
        if self._rest:
            yield from self._line(self._rest.rstrip("\r"))
            self._rest = ""
        yield from self._line("")

    def _line(self, line: str) -> Iterator[str]:
        if not line:
            if self._data:
                yield "\n".join(self._data)
            self._data, self._size = [], 0
        elif line.startswith("data:"):
            value = line[5:].removeprefix(" ")
            self._data.append(value)
            self._size += len(value)
