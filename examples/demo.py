"""Show what lcc does with a plan: the source, the IR before and after optimization with the reasons, the run, its answer.

`make demo` runs it. On a terminal the runs are shown live; in a pipe they are shown as they ended. Nothing leaves the
machine: the look-ups wait as long as a service behind a network would, so that there is something to run in parallel.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import anyio
import tools
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

import lcc
from lcc.grammar.diagnostics.render import render
from lcc.grammar.drawing import mermaid
from lcc.grammar.ir.text_form import print_ir
from lcc.grammar.source import Source
from lcc.grammar.syntax.print_plan import print_plan
from lcc.grammar.syntax.print_value import print_value
from lcc.python_tools.collect import as_tools
from lcc.runtime.events import Event, RunStarted, TaskEnded, TaskStarted
from lcc.runtime.result import RunResult, TaskStatus
from lcc.runtime.run import Run
from lcc.toolset import load_bound

PLANS = Path(__file__).with_name("plans")
PROGRAMS = Path(__file__).with_name("programs")
TOOLS = (tools.search, tools.fact, tools.math, tools.convert, tools.measure, tools.rank)
LATENCY = 1.0
"""Seconds that a look-up waits, on average."""
BAR = 32
WIDTH = 120


def main() -> int:
    """Run the demonstration; the status is 1 if a run in it failed."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    if console.width > WIDTH:
        console = Console(width=WIDTH)
    tools.LATENCY = LATENCY
    with tempfile.TemporaryDirectory() as outbox:
        tools.OUTBOX = Path(outbox)
        return int(
            not all([optimized_run(console), fan_out(console), program(console, Path(outbox)), refused(console)])
        )


def optimized_run(console: Console) -> bool:
    """Compile and run a plan that repeats itself."""
    text = (PLANS / "wasteful.plan").read_text(encoding="utf-8")
    heading(console, 1, "A plan, as a model would write it")
    console.print(panel("examples/plans/wasteful.plan", plan_text(text)))
    console.print(
        "Tasks are numbered tool calls; $1 is the result of task 1. Nothing says what may run in parallel: lcc works it out.\n"
    )

    heading(console, 2, "Compiled: checked against the tools, optimized by their effects")
    plain = lcc.compile(text, TOOLS, level=0)
    compiled = lcc.compile(text, TOOLS)
    console.print(panel("IR, as read", ir_text(plain.plan)))
    console.print(panel("IR, optimized", ir_text(compiled.plan)))
    for change in compiled.changes:
        line = Text.assemble(("  ✓ ", "green"), (change.what, "bold"), ": ", change.why, (f"   ({change.by})", "dim"))
        console.print(line)
    console.print()

    heading(console, 3, "Run: a task starts when its last dependency has ended")
    return run_and_show(console, compiled)


def fan_out(console: Console) -> bool:
    """Run sixty calls."""
    text = (PLANS / "fan_out.plan").read_text(encoding="utf-8")
    heading(console, 4, "Fan-out: sixty calls from three lines")
    shown = re.sub(r'(?m)^(    ".*",\n)(    ".*",\n)+', r"\1    ...\n", text)
    console.print(panel("examples/plans/fan_out.plan", plan_text(shown)))
    return run_and_show(console, lcc.compile(text, TOOLS))


def program(console: Console, outbox: Path) -> bool:
    """Run a program in Python: what it says as a plan file, what reads what, and its calls."""
    heading(console, 5, "A program in Python, and the plan file that it says")
    found = load_bound([str(PROGRAMS / "tools.py")]).tools
    found["send_mail"].function.__globals__["OUTBOX"] = outbox
    given = list(found.values())
    text = (PROGRAMS / "overdue.py").read_text(encoding="utf-8")
    compiled = lcc.compile(text, given, front_end="python")
    console.print(panel("examples/programs/overdue.py", plan_text(text)))
    console.print(panel("examples/programs/overdue.plan", plan_text(print_plan(compiled.written))))
    console.print(panel("its graph, for Mermaid", plan_text(mermaid(compiled.written))))

    async def main() -> RunResult:
        return await lcc.execute(compiled.plan, given, {})

    result = anyio.run(main)
    console.print(outcome(result))
    calls = sum(1 for record in result.tasks.values() if record.status is TaskStatus.OK)
    console.print(Text(f"{calls} calls in {result.makespan * 1000:.0f} ms", style="green" if result.ok else "red"))
    return result.ok


def refused(console: Console) -> bool:
    """Show that a wrong plan costs nothing."""
    heading(console, 6, "A wrong plan is refused before anything runs, with every error in one go")
    text = '1. fact("K2", "hight")\n2. serch("K2")\n3. math("$1.size / $4")\n4. join($3)\n'
    try:
        lcc.compile(text, TOOLS)
    except lcc.CompileError as error:
        console.print(panel("wrong.plan", plan_text(text)))
        report = render(error.diagnostics, Source("wrong.plan", text), color=True, width=console.width)
        console.print(Text.from_ansi(report))
        console.print()
        console.print(Text("Next: .venv/bin/lcc run examples/plans/trip.plan --tools examples/tools.py", style="bold"))
        return True
    return False


def heading(console: Console, number: int, title: str) -> None:
    """Print the title of a section."""
    console.print()
    console.rule(Text.assemble((f" {number} ", "bold cyan"), (title, "bold")), align="left")


def panel(title: str, body: RenderableType) -> Panel:
    """Frame a text."""
    return Panel(body, title=title, title_align="left", border_style="dim", expand=False)


def plan_text(text: str) -> Syntax:
    """Colour a plan; its tokens look enough like Python's."""
    return Syntax(text.strip(), "python", theme="ansi_dark", background_color="default", word_wrap=True)


def ir_text(plan: lcc.Plan) -> Syntax:
    """Colour the text form of an IR."""
    return plan_text(print_ir(plan))


def run_and_show(console: Console, compiled: lcc.Compiled) -> bool:
    """Run a compiled plan, live on a terminal, and print what came out and how long it took."""
    view = View(compiled)
    if console.is_terminal:
        with Live(view, console=console, refresh_per_second=20):
            result = anyio.run(run, compiled.plan, view)
    else:
        result = anyio.run(run, compiled.plan, view)
        console.print(view)
    console.print(outcome(result))
    console.print(summary(view, result))
    return result.ok


async def run(plan: lcc.Plan, view: View) -> RunResult:
    """Run a plan and tell the view of every event."""
    async with Run(plan, as_tools(TOOLS)) as running:
        async for event in running:
            view.take(event)
    return running.result


@dataclass
class Lane:
    """What is known of one task of the source: when its calls began and ended."""

    began: dict[lcc.TaskId, float] = field(default_factory=dict)
    ended: dict[lcc.TaskId, float] = field(default_factory=dict)
    bad: int = 0

    def seconds(self) -> float:
        """The time that all calls took together."""
        return sum(end - self.began[id_] for id_, end in self.ended.items() if id_ in self.began)


class View:
    """A table with a row for each task of the source and its place in time; drawn anew whenever it is looked at."""

    def __init__(self, compiled: lcc.Compiled) -> None:
        self._tasks = compiled.written.tasks
        self._gone = gone(compiled)
        self._start = 0.0
        self._clock = 0.0
        self.lanes: dict[int, Lane] = {}

    def take(self, event: Event) -> None:
        """Note an event."""
        match event:
            case RunStarted(time):
                self._start, self._clock = time, perf_counter()
            case TaskStarted(time, id_):
                self._lane(id_).began.setdefault(id_, time - self._start)
            case TaskEnded(time, id_, status):
                lane = self._lane(id_)
                lane.ended[id_] = time - self._start
                lane.bad += status is not TaskStatus.OK
            case _:
                pass

    def _lane(self, id_: lcc.TaskId) -> Lane:
        return self.lanes.setdefault(id_.task if isinstance(id_, lcc.Element) else id_, Lane())

    def __rich__(self) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        table.add_column("", justify="right", style="dim")
        table.add_column("call", no_wrap=True, overflow="ellipsis", max_width=58)
        table.add_column("calls", justify="right")
        table.add_column("time", width=BAR)
        now = perf_counter() - self._clock if self._clock else 0.0
        open_ = any(len(lane.ended) < len(lane.began) for lane in self.lanes.values())
        latest = max((end for lane in self.lanes.values() for end in lane.ended.values()), default=0.0)
        scale = max(now if open_ else latest, 0.001)
        for task in self._tasks:
            table.add_row(*self._row(task, scale))
        return table

    def _row(self, task: lcc.Task, scale: float) -> Iterator[Text]:
        id_ = task.id.task if isinstance(task.id, lcc.Element) else task.id
        lane = self.lanes.get(id_)
        call = Text(call_text(task))
        if lane is None or not lane.began:
            note = self._gone.get(id_, "")
            call.stylize("dim")
            return iter((Text(str(id_)), call, Text(""), Text(note, style="dim italic")))
        calls = {one for one in lane.began if len(lane.began) == 1 or one != id_}
        done = sum(1 for one in calls if one in lane.ended)
        begin = min(lane.began.values())
        end = max(lane.ended.values(), default=begin) if done == len(calls) else scale
        style = "red" if lane.bad else "green" if done == len(calls) else "yellow"
        return iter((Text(str(id_)), call, Text(f"{done}"), bar(begin / scale, end / scale, style)))


def gone(compiled: lcc.Compiled) -> dict[int, str]:
    """Return what became of the source's tasks that are not in the optimized plan."""
    notes: dict[int, str] = {}
    left = {task.id for task in compiled.plan.tasks}
    for change in compiled.changes:
        first = change.ids[0] if change.ids else None
        if isinstance(first, int) and first not in left and not change.is_kept:
            notes[first] = change.what
    return notes


def bar(begin: float, end: float, style: str) -> Text:
    """Draw a span of time as a bar; `begin` and `end` are shares of the whole."""
    first = min(BAR - 1, int(begin * BAR))
    length = max(1, min(BAR, round(end * BAR)) - first)
    return Text(" " * first + "━" * length, style=style)


def call_text(task: lcc.Task) -> str:
    """Return a call as the plan has it."""
    shown = [
        f"{'' if arg.name is None else f'{arg.name}='}{'each ' if arg.each else ''}{print_value(arg.value)}"
        for arg in task.args
    ]
    return f"{task.tool}({', '.join(shown)})"


def outcome(result: RunResult) -> Panel:
    """Frame what the plan hands over: its answer, or the values of its join."""
    if result.answered:
        return panel("answer", Text(str(result.answer), style="bold"))
    values = result.join if isinstance(result.join, list) else list(result.join.values())
    return panel("join", Group(*(rows(value) for value in values)))


def rows(value: object) -> RenderableType:
    """Lay out a list of records as a table, anything else as text."""
    if not (isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value)):
        return Text(str(value))
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for name in value[0]:
        table.add_column(str(name), justify="right" if name != "name" else "left")
    for row in value:
        table.add_row(*(f"{cell:,.0f}" if isinstance(cell, float) else str(cell) for cell in row.values()))
    return table


def summary(view: View, result: RunResult) -> Text:
    """Say how much time running in parallel saved."""
    elements = {id_.task for id_ in result.tasks if isinstance(id_, lcc.Element)}
    calls = [r for id_, r in result.tasks.items() if id_ not in elements and r.start is not None]
    alone = sum(record.end - (record.start or 0.0) for record in calls)
    return Text.assemble(
        (f"{result.status.value}: ", "bold green" if result.ok else "bold red"),
        (f"{len(calls)} calls in {result.makespan:.2f} s", "bold"),
        f"; one after another they take {alone:.2f} s, ",
        (f"{alone / max(result.makespan, 1e-9):.1f} times as long", "bold"),
    )


if __name__ == "__main__":
    sys.exit(main())
