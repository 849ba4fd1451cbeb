"""Read a model's text a bounded piece at a time, so that no text, however it arrives, holds the event loop for long."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from anyio.lowlevel import checkpoint

AT_ONCE: Final = 1_024
"""How many characters are read before the event loop is given back."""


class Reading:
    """Hand a text on to `feed`. A model calls `take` with each piece; `rest` reads what is left when the model has ended."""

    def __init__(self, feed: Callable[[str], None]) -> None:
        self._feed = feed
        self._left: deque[str] = deque()

    def take(self, piece: str) -> None:
        """Take a piece, and read about `AT_ONCE` characters of what is there."""
        self._left.extend(piece[at : at + AT_ONCE] for at in range(0, len(piece), AT_ONCE))
        self._some()

    async def rest(self) -> None:
        """Read the rest, and give the event loop back in between. A cancellation ends it."""
        while self._left:
            await checkpoint()
            self._some()

    def _some(self) -> None:
        room = AT_ONCE
        while self._left and room > 0:
            piece = self._left.popleft()
            room -= len(piece)
            self._feed(piece)
