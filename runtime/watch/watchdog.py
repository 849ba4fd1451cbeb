"""Notice that code holds the event loop, and show where it stands.

A thread asks the loop for a sign of life; the loop, while it is held, can't give one. The stack goes to the log at once, since
the loop may never come back, and into the events when it does.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Callable
from threading import Event, Thread, get_ident
from time import monotonic
from types import CodeType, FrameType

from lcc.grammar.ir import TaskId
from lcc.runtime.calls.workers import Worker
from lcc.runtime.clock import thread_messenger

_LOG = logging.getLogger("lcc.run")
_RUN: CodeType = Worker.make_calls.__code__
_HERE = os.path.dirname(os.path.dirname(__file__)) + os.sep


class Watchdog:
    """Watches the loop of the thread that makes it.

    `limit`: seconds without a sign of life. `told` is called on the loop. `hide` takes secrets out of what goes to the log.
    """

    def __init__(
        self, limit: float, told: Callable[[TaskId | None, float, str], None], hide: Callable[[str], str] = str
    ) -> None:
        self._limit = limit
        self._told = told
        self._hide = hide
        self._loop_thread = get_ident()
        self._send = thread_messenger()
        self._stop = Event()
        self._alive = Event()

    def start(self) -> None:
        """Begin to watch."""
        Thread(target=self._watch, name="lcc watchdog", daemon=True).start()

    def stop(self) -> None:
        """Watch no longer."""
        self._stop.set()

    def _watch(self) -> None:
        while not self._stop.wait(self._limit):
            self._alive.clear()
            asked = monotonic()
            self._send(self._alive.set)
            if not self._alive.wait(self._limit) and not self._stop.is_set():
                self._report(asked)

    def _report(self, asked: float) -> None:
        frame = sys._current_frames().get(self._loop_thread)
        if frame is None:
            return
        id_, stack = _task_of(frame), self._hide(_stack(frame))
        whose = "code" if id_ is None else f"the call of task {id_}"
        _LOG.warning("%s has held the event loop for %.3g s:\n%s", whose, monotonic() - asked, stack)
        while not self._stop.is_set() and not self._alive.wait(self._limit):
            pass
        seconds = monotonic() - asked
        self._send(lambda: None if self._stop.is_set() else self._told(id_, seconds, stack))


def _stack(frame: FrameType) -> str:
    """Return where the code stands, from where the tool's begins; all of it if no tool is at work."""
    frames = traceback.extract_stack(frame)
    ours = [place for place, found in enumerate(frames) if found.filename.startswith(_HERE)]
    return "".join(traceback.format_list(frames[ours[-1] + 1 :] or frames if ours else frames))


def _task_of(frame: FrameType | None) -> TaskId | None:
    """Return the task of the worker whose call is on the stack."""
    while frame is not None:
        if frame.f_code is _RUN:
            node = frame.f_locals.get("node")
            return None if node is None else node.id
        frame = frame.f_back
    return None
