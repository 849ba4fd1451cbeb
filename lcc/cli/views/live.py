"""Show a run, or a question, on a terminal while it goes on: how far it is, what runs, the critical path, the time that is left.

Time left is the longest chain of expected durations that hasn't run yet: declared, or measured by a profile.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from lcc.ask.events import AnswerText, AskEvent, JoinStarted, ModelLoading, PlanReady, PlanStarted, Running, TaskPlanned
from lcc.cli.console import Console
from lcc.cli.views.live_region import CallRows, Region
from lcc.cli.views.run_text import blocked_text
from lcc.cli.views.source_tasks import SourceTasks
from lcc.cli.views.turns import site_of
from lcc.grammar.diagnostics.terminal import cut
from lcc.grammar.diagnostics.wording import seconds
from lcc.grammar.flow import flow_of
from lcc.grammar.ir import Plan, TaskId, calls_of
from lcc.grammar.signatures import Tools
from lcc.passes.analysis.calls import Calls
from lcc.passes.analysis.costs import Costs
from lcc.passes.analysis.critical_path import critical_path, durations, flow_path, upward_ranks
from lcc.passes.analysis.effects import Accesses, orders_of
from lcc.runtime.events import Event, LoopBlocked, RunEnded, RunStarted

_PATH: Final = 12
_BAR: Final = 30


class LiveView:
    """An event sink that draws on standard error. `close` it when the run is over, however it ended."""

    def __init__(
        self, plan: Plan, tools: Tools, costs: Costs, console: Console, tasks: SourceTasks | None = None
    ) -> None:
        self._console = console
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
        self._calls = CallRows(tasks or SourceTasks(plan), console.width, turns=self._turns)
        self._total = len(self._tasks)
        self._offset = 0.0
        self._began = 0.0
        self._region = Region(console, self.view)

    def __call__(self, event: Event) -> None:
        """Take one event of the run."""
        self._calls.take(event)
        match event:
            case RunStarted(moment, tasks):
                self._began, self._total = moment, tasks
                self._offset = time.monotonic() - moment
                self._region.start()
            case LoopBlocked():
                self._region.above(blocked_text(event))
            case RunEnded():
                self.close()
            case _:
                return

    def close(self) -> None:
        """Erase the view."""
        self._region.stop()

    def view(self) -> RenderableType:
        """Return the view of this moment."""
        now = time.monotonic() - self._offset
        ended = len(self._calls.ended)
        total = max(len(self._calls.added), ended, 0 if self._turns else self._total)  # elements come with their list
        left = self.time_left(now)
        head = Table.grid(padding=(0, 1))
        bar = ProgressBar(total=max(1, total), completed=ended, width=_BAR)
        shown = f"{ended} of {total} {'calls so far' if self._turns else 'tasks'}, {seconds(now - self._began)}"
        head.add_row(bar, Text(shown), Text(f"about {seconds(left)} left" if left > 0 else "", style="dim"))
        return Group(head, self._critical_path(), *self._calls.rows(now))

    def time_left(self, now: float) -> float:
        """Return the seconds that the rest should take, if nothing has to wait for a limit."""
        longest = 0.0
        for id_, rank in self._ranks.items():
            if id_ in self._calls.ended:
                continue
            started = self._calls.running.get(id_)
            done = 0.0 if started is None else min(now - started, self._expected[id_])
            longest = max(longest, rank - done)
        return longest

    def _critical_path(self) -> Text:
        line = Text("critical path ", style="dim")
        calls = self._calls
        ended = {site_of(id_) for id_ in list(calls.ended)} if self._turns else calls.ended
        started = {site_of(id_) for id_ in list(calls.running)} if self._turns else calls.running
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


class AskView:
    """What a question is at, below the lines that stay: the plan that is written, its calls, the joiner. `stop` it at the end.

    `tasks` names the calls; whoever keeps it takes each planned call before this view does. `doing`: what the model does that plans.
    """

    def __init__(self, console: Console, tasks: SourceTasks, doing: str, *, turns: bool) -> None:
        self._console = console
        self._tasks = tasks
        self._thinks = doing
        self._turns = turns
        self._doing = doing
        self._began = time.monotonic()
        self._offset = 0.0
        self._calls = CallRows(tasks, console.width, turns=turns)
        self._region = Region(console, self.view)
        self._open: bool | None = None

    def __call__(self, event: AskEvent) -> None:
        """Take one event; the first one draws the view."""
        match event:
            case PlanStarted(number, attempt):
                self._calls = CallRows(self._tasks, self._console.width, turns=self._turns)
                again = "" if attempt == 1 else f", attempt {attempt}"
                self._does(f"{self._thinks}, {number}{again}" if number > 1 or again else self._thinks)
            case TaskPlanned(task=task):
                self._calls.wait(task.id)
            case PlanReady(number):
                self._does(f"running plan {number}")
            case Running(event=own):
                if isinstance(own, RunStarted):
                    self._offset = time.monotonic() - own.time
                self._calls.take(own)
            case JoinStarted():
                self._does("joining")
            case AnswerText():
                self._does("answering", again=False)
            case ModelLoading(loading):
                self._does("loading a model" if loading.seconds is None else self._thinks)
            case _:
                return
        if self._open is None:
            self._open = True
            self._region.start()

    def stop(self) -> None:
        """Erase the view, for good."""
        if self._open:
            self._region.stop()
        self._open = False

    def _does(self, what: str, *, again: bool = True) -> None:
        if again or what != self._doing:
            self._doing, self._began = what, time.monotonic()

    def view(self) -> RenderableType:
        """Return the view of this moment."""
        now, calls = time.monotonic(), self._calls
        ended = len(calls.ended)
        total = max(len(calls.added), len(calls.planned), ended)
        line = f"{self._doing}, {seconds(now - self._began)}"
        if total:
            line = f"{ended} of {total} calls, {line}"
        text = Text(cut(line, self._console.width - 1))
        if not total or self._console.width < 2 * _BAR:
            return Group(text, *calls.rows(now - self._offset))
        head = Table.grid(padding=(0, 1))
        head.add_row(
            ProgressBar(total=total, completed=ended, width=_BAR), Text(cut(line, self._console.width - _BAR - 2))
        )
        return Group(head, *calls.rows(now - self._offset))


def _path_of(plan: Plan, tools: Tools, expected: Mapping[TaskId, float]) -> tuple[TaskId, ...]:
    """Return the calls on the longest path through one turn of each loop."""
    calls = Calls(tools)
    flow = flow_of(plan, orders_of(Accesses(calls), calls))
    ids = {node: id_ for id_, node in flow.calls.items()}
    _, path = flow_path(flow, lambda place: expected[ids[place]] if place in ids else 0.0)
    return tuple([ids[place] for place in path if place in ids])
