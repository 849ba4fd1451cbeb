"""Have what other processes write to standard error go where `sys.stderr` leads, also if that is no file."""

from __future__ import annotations

import codecs
import os
import sys
from contextlib import suppress
from threading import Thread
from typing import TextIO

from anyio import to_thread

_PIECE = 65_536


class ErrorStream:
    """What to start processes with. `file`: a descriptor, or None to have them inherit that of this process."""

    def __init__(self) -> None:
        self.file: int | None = None
        self._pipe: int | None = None
        self._thread: Thread | None = None
        stream = sys.stderr
        if stream is None or stream is sys.__stderr__:
            return
        try:
            self.file = stream.fileno()
        except (OSError, ValueError, AttributeError):
            source, self._pipe = os.pipe()
            self.file = self._pipe
            self._thread = Thread(target=_copy, args=(source, stream), name="lcc error stream", daemon=True)
            self._thread.start()

    async def close(self, grace: float) -> None:
        """Let go of it once the processes have ended, and wait until all is written."""
        if self._pipe is not None and self._thread is not None:
            os.close(self._pipe)
            await to_thread.run_sync(self._thread.join, grace, abandon_on_cancel=True)


def _copy(source: int, stream: TextIO) -> None:
    decode = codecs.getincrementaldecoder("utf-8")("backslashreplace").decode
    while piece := os.read(source, _PIECE):
        with suppress(Exception):  # the processes must be able to go on writing
            stream.write(decode(piece))
            stream.flush()
    os.close(source)
