"""Let a caller iterate over events while that which they tell of goes on."""

from __future__ import annotations

from collections import deque
from typing import Generic, Self, TypeVar

from anyio import Event as Signal

from lcc.runtime.events import Event, EventSink

E = TypeVar("E")


class EventStream(Generic[E]):
    """An unbounded queue: nothing ever waits for whoever looks at it. One reader at a time."""

    def __init__(self) -> None:
        self._events: deque[E] = deque()
        self._signal: Signal | None = None
        self._closed = False

    @property
    def drained(self) -> bool:
        """Whether everything was read, and nothing more will come."""
        return self._closed and not self._events

    def put(self, event: E) -> None:
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
            self._signal = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> E:
        while not self._events:
            if self._closed:
                raise StopAsyncIteration
            self._signal = Signal()
            await self._signal.wait()
        return self._events.popleft()


def share(*sinks: EventSink) -> EventSink:
    """Return a sink that gives every event to each of these, in order."""
    if len(sinks) == 1:
        return sinks[0]

    def put(event: Event) -> None:
        for sink in sinks:
            sink(event)

    return put
