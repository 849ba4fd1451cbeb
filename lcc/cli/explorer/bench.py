"""Work in a process of its own, which is ended where it takes too long: the page's server never waits for a hostile text, or for a tool."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Event, Lock
from time import monotonic
from typing import Final

from lcc.cli.explorer.worker import Setup, work
from lcc.grammar.values import Json

_MOST_BYTES: Final = 32 * 1024 * 1024
"""Bytes of one reply."""
_TURN: Final = 0.1
_START: Final = 30.0
"""Seconds that a process has to start and load the tools."""


class TakesTooLong(Exception):
    """A process was ended, since it took too long. The message says so."""


class Bench:
    """A process that answers one request after another; another is started where one was ended."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._lock = Lock()
        self._context = get_context("spawn")
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None

    def replies(
        self, request: Mapping[str, Json], limit: float, stop: Event | None = None
    ) -> Iterator[dict[str, Json]]:
        """Yield the replies to a request; raise TakesTooLong after `limit` seconds. Where they aren't read to their end, or `stop` is set, the process is ended."""
        with self._lock:
            connection = self._started()
            whole = False
            try:
                connection.send_bytes(json.dumps(request).encode())
                until = monotonic() + limit
                while True:
                    reply = self._next(connection, until, limit, stop)
                    if "end" in reply:
                        whole = True
                        return
                    yield reply
            except (EOFError, OSError) as error:
                raise TakesTooLong(f"the process that works for this page ended: {error or 'it is gone'}") from None
            finally:
                if not whole:
                    self._end()

    def close(self) -> None:
        """End the process."""
        self._end()

    def _started(self) -> Connection:
        if self._connection is not None:
            return self._connection
        self._connection, other = self._context.Pipe()
        process = self._context.Process(target=work, args=(other, self._setup), name="lcc explore")
        process.start()
        other.close()
        self._process = process
        if not self._connection.poll(_START):
            self._end()
            raise TakesTooLong(f"the tools were not loaded within {_START:.0f} s")
        self._connection.recv_bytes(_MOST_BYTES)
        return self._connection

    def _next(self, connection: Connection, until: float, limit: float, stop: Event | None) -> dict[str, Json]:
        while not connection.poll(_TURN):
            if stop is not None and stop.is_set():
                raise TakesTooLong("stopped")
            if monotonic() > until:
                raise TakesTooLong(f"it took more than {limit:.0f} s, and was stopped")
        reply: dict[str, Json] = json.loads(connection.recv_bytes(_MOST_BYTES))
        return reply

    def _end(self) -> None:
        process, connection = self._process, self._connection
        self._process = self._connection = None
        if connection is not None:
            connection.close()
        if process is not None:
            process.kill()
            process.join()
