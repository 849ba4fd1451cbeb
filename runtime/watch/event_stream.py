"""Let a caller iterate over events while the run goes on."""

from __future__ import annotations

from collections import deque

from anyio import Event as Signal

from lcc.runtime.events import Event, EventSink


class EventStream:
    """An unbounded queue: the run never waits for whoever looks at it. One reader at a time."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._signal = Signal()
        self._closed = False

    def put(self, event: Event) -> None:
        """Add an event."""
        self._events.append(event)
        if not self._signal.is_set():
            self._signal.set()

    def close(self) -> None:
        """Let the reader end once it has seen everything."""
        self._closed = True
        self._signal.set()

    def __aiter__(self) -> EventStream:
        return self

    async def __anext__(self) -> Event:
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
