"""Say what a run does while it does it, where there is no terminal to draw on: a line for each task that ends."""

from __future__ import annotations

from lcc.cli.calls import call_text, seconds
from lcc.cli.console import Console
from lcc.cli.run_text import ended_line
from lcc.grammar.cells import cut
from lcc.grammar.escape import escape_lines
from lcc.grammar.ir import Element, Plan, TaskId, tasks_by_id
from lcc.runtime.events import Event, LoopBlocked, TaskEnded, TaskStarted


class Progress:
    """An event sink that writes to standard error."""

    def __init__(self, plan: Plan, console: Console) -> None:
        self._console = console
        self._tasks = tasks_by_id(plan)
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
        line = ended_line(event.id, self._call(event.id), event.status, took, event.failure, self._console.width)
        self._console.say(line)

    def _call(self, id_: TaskId) -> str:
        task = self._tasks.get(id_) or (self._tasks.get(id_.task) if isinstance(id_, Element) else None)
        return "" if task is None else cut(call_text(task), self._console.width)
