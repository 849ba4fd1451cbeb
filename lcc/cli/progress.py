"""Say what a run does while it does it: a line for each task that ends, or on a terminal one line that is rewritten."""

from __future__ import annotations

from typing import Final

from lcc.cli.calls import call_text, seconds
from lcc.cli.console import Console
from lcc.cli.run_text import ended_line
from lcc.grammar.cells import cut
from lcc.grammar.escape import escape_lines
from lcc.grammar.ir import Element, Plan, TaskId, tasks_by_id
from lcc.runtime.events import Event, LoopBlocked, RunEnded, RunStarted, TaskEnded, TaskStarted

_ERASE: Final = "\r\x1b[K"
_PAUSE: Final = 0.05
"""Seconds between two versions of the line."""


class Progress:
    """An event sink that writes to standard error."""

    def __init__(self, plan: Plan, console: Console) -> None:
        self._console = console
        self._tasks = tasks_by_id(plan)
        self._live = console.stderr.isatty()
        self._running: dict[TaskId, float] = {}
        self._total = 0
        self._ended = 0
        self._written = float("-inf")

    def __call__(self, event: Event) -> None:
        """Take one event of the run."""
        match event:
            case RunStarted(tasks=tasks):
                self._total = tasks
            case TaskStarted(time, id_):
                self._running.setdefault(id_, time)
            case TaskEnded():
                self._end(event)
            case LoopBlocked():
                text = f"a tool has held the event loop for {seconds(event.seconds)}:\n{event.stack}"
                self._console.say(f"{_ERASE if self._live else ''}{escape_lines(text)}")
            case RunEnded() if self._live:
                self._console.stderr.write(_ERASE)
                self._console.stderr.flush()
                return
            case _:
                return
        if self._live and event.time - self._written >= _PAUSE:
            self._written = event.time
            self._rewrite()

    def _end(self, event: TaskEnded) -> None:
        started = self._running.pop(event.id, None)
        if event.id in self._tasks:
            self._ended += 1
        if not self._live:
            took = None if started is None else event.time - started
            line = ended_line(event.id, self._call(event.id), event.status, took, event.failure, self._console.width)
            self._console.say(line)

    def _rewrite(self) -> None:
        running = [f"{id_}. {self._call(id_)}" for id_ in list(self._running)[:3]]
        more = f" and {len(self._running) - 3} more" if len(self._running) > 3 else ""
        line = f"{self._ended} of {self._total} done{'; running ' if running else ''}{', '.join(running)}{more}"
        self._console.stderr.write(f"{_ERASE}{cut(line, self._console.width - 1)}")
        self._console.stderr.flush()

    def _call(self, id_: TaskId) -> str:
        task = self._tasks.get(id_) or (self._tasks.get(id_.task) if isinstance(id_, Element) else None)
        return "" if task is None else cut(call_text(task), self._console.width)
