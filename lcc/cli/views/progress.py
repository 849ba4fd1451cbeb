"""Say what a run does while it does it, where there is no terminal to draw on: a line for each task that ends."""

from __future__ import annotations

from lcc.cli.console import Console
from lcc.cli.views.calls import seconds
from lcc.cli.views.run_text import ended_line
from lcc.cli.views.source_tasks import SourceTasks
from lcc.grammar.diagnostics.terminal import cut, escape_lines
from lcc.grammar.ir import TaskId
from lcc.runtime.events import Event, LoopBlocked, TaskEnded, TaskStarted


class Progress:
    """An event sink that writes to standard error."""

    def __init__(self, tasks: SourceTasks, console: Console) -> None:
        self._console = console
        self._tasks = tasks
        self._started: dict[TaskId, float] = {}

    def __call__(self, event: Event) -> None:
        """Take one event of the run."""
        match event:
            case TaskStarted(time, id_):
                self._started.setdefault(id_, time)
            case TaskEnded():
                self._end(event)
            case LoopBlocked():
                text = f"a tool has held the event loop for {seconds(event.seconds)}:\n{event.stack}"
                self._console.say(escape_lines(text))
            case _:
                return

    def close(self) -> None:
        """Nothing is left on the screen that would have to go."""

    def _end(self, event: TaskEnded) -> None:
        started = self._started.pop(event.id, None)
        took = None if started is None else event.time - started
        width, tasks = self._console.width, self._tasks
        call = cut(tasks.call(event.id), width)
        line = tasks.line(event.id) if event.failure is not None else None
        self._console.say(ended_line(str(event.id), call, event.status, took, event.failure, width, line))
