"""Let a caller iterate over an ask's events while it goes on."""

from __future__ import annotations

from collections import deque

from anyio import Event as Signal

from lcc.ask.events import AskEvent


class EventQueue:
    """An unbounded queue: an ask never waits for whoever looks at it. One reader at a time."""

    def __init__(self) -> None:
        self._events: deque[AskEvent] = deque()
        self._signal: Signal | None = None
        self._closed = False

    @property
    def drained(self) -> bool:
        """Whether everything was read, and nothing more will come."""
        return self._closed and not self._events

    def put(self, event: AskEvent) -> None:
        """Add an event."""
        self._events.append(event)
        self._wake()

    def close(self) -> None:
        """Let the reader end once it has seen everything."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        if self._signal is not None:
            self._signal.set()

    async def next(self) -> AskEvent:
        """Return the next event, waiting for it; raise StopAsyncIteration after the last."""
        while not self._events:
            if self._closed:
                raise StopAsyncIteration
            self._signal = Signal()
            await self._signal.wait()
        return self._events.popleft()
