"""Cut text as it arrives into physical lines, each with its line break: LF, CRLF or CR.

Every character is looked at once: an unfinished line is a list of pieces, joined when its end arrives.
"""

from __future__ import annotations

import re
from typing import Final

BYTE_ORDER_MARK: Final = "\ufeff"
_BREAK: Final = re.compile(r"\r\n|\n|\r(?!\Z)")


class PhysicalLines:
    """Text waiting for its line to end. `offset` is where the unfinished line begins in the whole text."""

    def __init__(self, start: int = 0) -> None:
        self.offset = start
        self._pieces: list[str] = []
        self._begun = start > 0

    def feed(self, text: str) -> list[str]:
        """Return the lines that `text` completes. A CR at its end waits for what follows."""
        if not text:
            return []
        if not self._begun:
            self._begun = True
            if text[0] == BYTE_ORDER_MARK:
                self.offset += 1
                text = text[1:]
        if self._pieces and self._pieces[-1].endswith("\r"):
            text = self._pieces.pop() + text
        lines: list[str] = []
        at = 0
        for found in _BREAK.finditer(text):
            lines.append(self._joined(text[at : found.end()]))
            at = found.end()
        if at < len(text):
            self._pieces.append(text[at:])
        return lines

    def begun(self, most: int) -> str:
        """Return the beginning of the unfinished line, at least `most` characters of it if it has as many."""
        size, parts = 0, []
        for piece in self._pieces:
            parts.append(piece)
            size += len(piece)
            if size >= most:
                break
        return "".join(parts)

    def close(self) -> str:
        """Return the unfinished line, perhaps nothing."""
        return self._joined("")

    def _joined(self, text: str) -> str:
        if not self._pieces:
            return text
        line = "".join(self._pieces) + text
        self._pieces.clear()
        return line
