"""Show a run on a terminal while it goes on: how far it is, what runs, the critical path, the time that is left.

The view is drawn anew four times a second by a thread of rich's, and is gone at the end. Time left is the longest chain of
expected durations that hasn't run yet: declared, or measured by a profile.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from rich.console import Console as Terminal, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from lcc.cli.console import Console
from lcc.cli.views.run_text import blocked_text
from lcc.cli.views.source_tasks import SourceTasks
from lcc.cli.views.turns import site_of
from lcc.grammar.diagnostics.terminal import cut, escape
from lcc.grammar.diagnostics.wording import seconds
from lcc.grammar.flow import flow_of
from lcc.grammar.ir import Plan, TaskId, calls_of
from lcc.grammar.signatures import Tools
from lcc.passes.analysis.calls import Calls
from lcc.passes.analysis.costs import Costs
from lcc.passes.analysis.critical_path import critical_path, durations, flow_path, upward_ranks
from lcc.passes.analysis.effects import Accesses, orders_of
from lcc.runtime.events import (
    Event,
    LoopBlocked,
    RunEnded,
    RunStarted,
    TaskAdded,
    TaskEnded,
    TaskReported,
    TaskRetracted,
    TaskStarted,
)
from lcc.runtime.result import TaskStatus

ROWS: Final = 8
REFRESHES: Final = 4
_PATH: Final = 12
MOST_AT_ONCE: Final = 3
"""A call that runs in more turns than this at once gets one line."""


class LiveView:
    """An event sink that draws on standard error. `close` it when the run is over, however it ended."""

    def __init__(
        self, plan: Plan, tools: Tools, costs: Costs, console: Console, tasks: SourceTasks | None = None
    ) -> None:
        self._console = console
        self._named = tasks or SourceTasks(plan)
        self._tasks = {task.id: task for task in calls_of(plan)}
        expected = durations(plan, tools, costs)
        self._expected = expected
        self._turns = plan.body is not None
        if plan.body is None:
            self._ranks: Mapping[TaskId, float] = upward_ranks(plan, expected)
            self._path = critical_path(plan, expected)
        else:  # how many turns are left is unknown, and so is the time
            self._ranks = {}
            self._path = _path_of(plan, tools, expected)
        self._running: dict[TaskId, float] = {}
        self._said: dict[TaskId, str] = {}
        self._ended: dict[TaskId, TaskStatus] = {}
        self._total = len(self._tasks)
        self._added: set[TaskId] = set()
        self._offset = 0.0
        self._began = 0.0
        screen = Terminal(
            file=console.stderr, force_terminal=True, no_color=not console.color, width=console.width, highlight=False
        )
        self._live = Live(
            console=screen,
            get_renderable=self.view,
            transient=True,
            refresh_per_second=REFRESHES,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __call__(self, event: Event) -> None:
        """Take one event of the run."""
        match event:
            case RunStarted(moment, tasks):
                self._began, self._total = moment, tasks
                self._offset = time.monotonic() - moment
                self._live.start()
                self._console.above, self._console.aside = self._above, self._aside
            case TaskAdded(_, id_):
                self._added.add(id_)
            case TaskStarted(moment, id_):
                self._running.setdefault(id_, moment)
            case TaskReported(_, id_, message):
                self._said[id_] = escape(message)
            case TaskEnded(_, id_, status):
                self._running.pop(id_, None)
                self._ended[id_] = status
            case TaskRetracted(_, id_):
                self._running.pop(id_, None)
            case LoopBlocked():
                self._above(blocked_text(event))
            case RunEnded():
                self.close()
            case _:
                return

    def close(self) -> None:
        """Erase the view."""
        self._console.above = None
        self._live.stop()

    def _above(self, text: str) -> None:
        self._live.console.print(Text(text), soft_wrap=True)

    @contextmanager
    def _aside(self) -> Iterator[None]:
        """Leave the terminal to somebody else, and draw on afterwards if the run goes on."""
        self._live.stop()
        try:
            yield
        finally:
            if self._console.above is not None:
                self._live.start()

    def view(self) -> RenderableType:
        """Return the view of this moment."""
        now = time.monotonic() - self._offset
        ended = len(self._ended)
        total = max(len(self._added), ended, 0 if self._turns else self._total)  # elements come with their list
        left = self.time_left(now)
        head = Table.grid(padding=(0, 1))
        bar = ProgressBar(total=max(1, total), completed=ended, width=30)
        shown = f"{ended} of {total} {'calls so far' if self._turns else 'tasks'}, {seconds(now - self._began)}"
        head.add_row(bar, Text(shown), Text(f"about {seconds(left)} left" if left > 0 else "", style="dim"))
        return Group(head, self._critical_path(), *self._rows(now))

    def time_left(self, now: float) -> float:
        """Return the seconds that the rest should take, if nothing has to wait for a limit."""
        longest = 0.0
        for id_, rank in self._ranks.items():
            if id_ in self._ended:
                continue
            started = self._running.get(id_)
            done = 0.0 if started is None else min(now - started, self._expected[id_])
            longest = max(longest, rank - done)
        return longest

    def _critical_path(self) -> Text:
        line = Text("critical path ", style="dim")
        ended = {site_of(id_) for id_ in list(self._ended)} if self._turns else self._ended
        started = {site_of(id_) for id_ in list(self._running)} if self._turns else self._running
        waiting = [id_ for id_ in self._path if id_ not in ended]
        first = max(0, len(self._path) - len(waiting) - 2)
        for id_ in self._path[first : first + _PATH]:
            style = "bold" if id_ in started else "green" if id_ in ended else "dim"
            line.append(" → " if id_ != self._path[first] else "", style="dim")
            line.append(str(id_), style=style)
        if len(self._path) > first + _PATH:
            line.append(" …", style="dim")
        line.truncate(self._console.width)
        return line

    def _rows(self, now: float) -> list[Text]:
        running, folded = self._folded()
        rows = [Text(line, style="cyan") for line in folded]
        for id_, started in running[: max(0, ROWS - len(rows))]:
            call = self._named.call(id_)
            said = f": {self._said[id_]}" if id_ in self._said else ""
            line = cut(f"  {seconds(now - started):>8}  {id_}. {call}{said}", self._console.width - 1)
            rows.append(Text(line, style="cyan"))
        more = len(running) + len(folded) - ROWS
        if more > 0:
            rows.append(Text(f"            and {more} more", style="dim"))
        return rows

    def _folded(self) -> tuple[list[tuple[TaskId, float]], list[str]]:
        """Return the running calls, and a line for each call that runs in many turns at once."""
        running = list(self._running.items())
        if not self._turns:
            return running, []
        turns = Counter(site_of(id_) for id_, _ in running)
        many = [site for site, number in turns.items() if number > MOST_AT_ONCE][:ROWS]
        lines = [f"  {'':>8}  {site}[…]. {self._named.call(site)}: {turns[site]} turns" for site in many]
        lines = [cut(line, self._console.width - 1) for line in lines]
        return [(id_, began) for id_, began in running if site_of(id_) not in many], lines


def _path_of(plan: Plan, tools: Tools, expected: Mapping[TaskId, float]) -> tuple[TaskId, ...]:
    """Return the calls on the longest path through one turn of each loop."""
    calls = Calls(tools)
    flow = flow_of(plan, orders_of(Accesses(calls), calls))
    ids = {node: id_ for id_, node in flow.calls.items()}
    _, path = flow_path(flow, lambda place: expected[ids[place]] if place in ids else 0.0)
    return tuple([ids[place] for place in path if place in ids])
