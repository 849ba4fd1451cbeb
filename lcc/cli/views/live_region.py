"""Hold what a view on a terminal is made of: the region below the lines that stay, and the rows of the calls in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Final

from rich.console import Console as Terminal, RenderableType
from rich.live import Live
from rich.text import Text

from lcc.cli.console import Console
from lcc.cli.views.source_tasks import SourceTasks
from lcc.cli.views.turns import site_of
from lcc.grammar.diagnostics.terminal import cut, escape
from lcc.grammar.diagnostics.wording import seconds
from lcc.grammar.ir import Element, TaskId
from lcc.runtime.events import Event, TaskAdded, TaskEnded, TaskReported, TaskRetracted, TaskStarted

ROWS: Final = 8
_NARROW: Final = 60
REFRESHES: Final = 4
MOST_AT_ONCE: Final = 3
"""A call of which more elements or turns than this run at once gets one line."""


class Region:
    """Draws `view` on standard error, anew four times a second by a thread of rich's, until it is stopped. Then it is gone."""

    def __init__(self, console: Console, view: Callable[[], RenderableType]) -> None:
        self._console = console
        self._view = view
        self._screen = Terminal(
            file=console.stderr, force_terminal=True, no_color=not console.color, width=console.width, highlight=False
        )
        self._live: Live | None = None

    def start(self) -> None:
        """Draw, and have others write above it, or aside."""
        self._draw()
        self._console.above, self._console.aside = self.above, self._aside

    def stop(self) -> None:
        """Erase the view."""
        self._console.above, self._console.aside = None, nullcontext
        self._clear()

    def above(self, text: str) -> None:
        """Write lines that stay."""
        self._screen.print(Text(text), soft_wrap=True)

    @contextmanager
    def _aside(self) -> Iterator[None]:
        """Leave the terminal to somebody else, and draw on afterwards if the run goes on."""
        self._clear()
        try:
            yield
        finally:
            if self._console.above is not None:
                self._draw()

    def _draw(self) -> None:
        if self._live is None:  # one that was stopped would erase the lines above, as if they were its own
            self._live = Live(
                console=self._screen,
                get_renderable=self._view,
                transient=True,
                refresh_per_second=REFRESHES,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()

    def _clear(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None


class CallRows:
    """The calls of a run by their state: rows of those that run, and of those that wait. `turns`: the plan has a body."""

    def __init__(self, named: SourceTasks, width: int, *, turns: bool) -> None:
        self._named = named
        self._width = width
        self._turns = turns
        self.running: dict[TaskId, float] = {}
        self.ended: set[TaskId] = set()
        self.added: set[TaskId] = set()
        self.planned: set[TaskId] = set()
        self._waiting: dict[TaskId, None] = {}
        self._said: dict[TaskId, str] = {}
        self._known: Counter[TaskId] = Counter()
        self._done: Counter[TaskId] = Counter()

    def wait(self, id_: TaskId) -> None:
        """Take a call that is planned."""
        self.planned.add(id_)
        if id_ not in self.running and id_ not in self.ended:
            self._waiting[id_] = None

    def take(self, event: Event) -> None:
        """Take one event of the run."""
        match event:
            case TaskAdded(_, id_) if id_ not in self.added:
                self.added.add(id_)
                self._known.update(_site_of_element(id_))
            case TaskStarted(moment, id_):
                self.running.setdefault(id_, moment)
                self._waiting.pop(site_of(id_), None)
            case TaskReported(_, id_, message):
                self._said[id_] = escape(message)
            case TaskEnded(_, id_) if id_ not in self.ended:
                self.running.pop(id_, None)
                self._waiting.pop(id_, None)
                self.ended.add(id_)
                self._done.update(_site_of_element(id_))
            case TaskRetracted(_, id_):
                self.running.pop(id_, None)
                self._waiting.pop(id_, None)
            case _:
                return

    def rows(self, now: float) -> list[Text]:
        """Return a bounded number of rows; `now`: on the clock of the events."""
        running, folded = self._folded()
        rows = [Text(line, style="cyan") for line in folded]
        for id_, started in running[: max(0, ROWS - len(rows))]:
            said = f": {self._said[id_]}" if id_ in self._said else ""
            rows.append(self._row(seconds(now - started), f"{id_}. {self._named.call(id_)}{said}", "cyan"))
        waiting = list(self._waiting)
        shown = waiting[: max(0, ROWS - len(rows))]
        rows += [self._row("waits", f"{id_}. {self._named.call(id_)}", "dim") for id_ in shown]
        more = len(running) + len(folded) + len(waiting) - ROWS
        if more > 0:
            rows.append(Text(f"            and {more} more", style="dim"))
        return rows

    def _row(self, state: str, text: str, style: str) -> Text:
        return Text(cut(f"  {state:>8}  {text}", self._width - 1), style=style)

    def _folded(self) -> tuple[list[tuple[TaskId, float]], list[str]]:
        """Return the running calls to show each, and a line for each call of which many elements or turns were made."""
        running = list(self.running.items())
        at_once = Counter(site_of(id_) for id_, _ in running if isinstance(id_, Element))
        many = {site for site, number in at_once.items() if number > MOST_AT_ONCE}
        told = [site for site in at_once if site in many or (not self._turns and self._known[site] > MOST_AT_ONCE)]
        lines = [self._line(site, at_once[site]) for site in told[:ROWS]]
        return [(id_, began) for id_, began in running if site_of(id_) not in many], lines

    def _line(self, site: int, at_once: int) -> str:
        """Return the line of one call; where it is too long the call is cut, not how far it is."""
        if self._turns:
            how_far = f": {at_once} turns"
        else:
            how_far = f": {self._done[site]:,} of {self._known[site]:,} done, {at_once:,} running"
        indent = "" if self._width < _NARROW else f"{'':>10}"
        call = f"  {indent}{site}[…]. {self._named.call(site)}"
        return cut(f"{cut(call, max(8, self._width - 1 - len(how_far)))}{how_far}", self._width - 1)


def _site_of_element(id_: TaskId) -> tuple[TaskId, ...]:
    return (site_of(id_),) if isinstance(id_, Element) else ()
