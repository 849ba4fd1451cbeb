"""Show plans, findings, runs and answers in notebooks: HTML that brings its style along and runs nothing, and that grows while a run goes on."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.diagnostics.wording import plural, seconds
from lcc.grammar.drawing.picture import Picture
from lcc.grammar.drawing.svg import as_svg
from lcc.grammar.drawing.words import call_words, written_words
from lcc.grammar.ir import BodyNotSupported, Element, Plan, TaskId, calls_of
from lcc.grammar.ir.text_form import print_ir
from lcc.grammar.signatures import NO_TOOLS, Tools
from lcc.grammar.source import Source
from lcc.grammar.syntax.parser import Parsed
from lcc.grammar.syntax.print_plan import print_plan
from lcc.grammar.syntax.print_value import call_text
from lcc.pages.highlight import highlighted
from lcc.pages.page import asset, block, text
from lcc.pages.pictures import plan_picture
from lcc.pages.run_page import ReportedRun, change, critical, finding, run_parts, status_mark
from lcc.pages.timeline import LiveBars, bars_of_attempts, timeline
from lcc.passes.context import Change
from lcc.runtime.result import RunResult, TaskRecord

if TYPE_CHECKING:
    from lcc.runtime.events import Event

MOST_DRAWN: Final = 200
"""Calls of a plan that is drawn."""
_OFTEN: Final = 0.25
"""Seconds between two looks at a run that goes on."""
_OWN: Final = """& { background: var(--bg); color: var(--fg); font: 14px/1.5 system-ui, sans-serif; padding: 0.5rem; overflow: auto; }
.tools button { display: none; } .lcc-graph { max-width: 100%; height: auto; } h2 { margin-top: 0.8rem; }"""


def framed(body: str) -> str:
    """Return HTML for a cell's output; its style holds for it alone."""
    style = asset("page.css").replace(":root", "&")
    return f'<div class="lcc-output"><style>.lcc-output {{ {style}{_OWN} }}</style>{body}</div>'


def drawn(value: object) -> str | None:
    """Return the HTML of what stands below this room: plans, texts that were read, pictures, findings, results of runs."""
    match value:
        case Plan():
            return framed(_plan(value))
        case Parsed():
            return framed(findings(value.diagnostics, value.source) + _plan(value.plan))
        case Picture():
            return framed(as_svg(value, "graph"))
        case Diagnostic():
            return framed(f"<p>{finding(replace(value, span=None), Source('', ''))}</p>")
        case RunResult() as result:
            return framed(_ran(Plan(), result.tasks, names(result.plan or Plan()), result))
        case _:
            return None


def compiled_html(
    plan: Plan, source: Source, found: Sequence[Diagnostic], changes: Sequence[Change], tools: Tools = NO_TOOLS
) -> str:
    """Return a compiled plan: its graph, what was found, what passes changed and why."""
    own = [one for one in found if one.severity.value != "remark"]
    listed = "".join(map(change, changes))
    made = (
        f"<details><summary>What passes changed: {len(changes)}</summary><ul>{listed}</ul></details>" if changes else ""
    )
    return framed(findings(own, source) + _plan(plan, tools) + made)


def error_html(found: Sequence[Diagnostic], source: Source) -> str:
    """Return findings beside the text that they are about."""
    return framed(findings(found, source) + f'<pre class="code">{highlighted(source.text[:20_000])}</pre>')


def findings(found: Sequence[Diagnostic], source: Source) -> str:
    """Return findings as a list; nothing where there are none."""
    rows = "".join(f"<li>{finding(one, source)}</li>" for one in found)
    return f"<ul>{rows}</ul>" if rows else ""


def answer_html(
    status: str, words: str, facts: Sequence[str], rounds: Sequence[tuple[Source, Plan, Mapping[TaskId, TaskRecord]]]
) -> str:
    """Return an answer, and how it came about: each plan with its run."""
    shown = "".join(
        f'<details><summary>Plan {number}: {plural(len(records), "task")}</summary><pre class="code">{highlighted(source.text[:20_000])}</pre>'
        f"{_ran(plan, records, names(plan, source.text))}</details>"
        for number, (source, plan, records) in enumerate(rounds, 1)
    )
    said = " · ".join(map(text, facts))
    return framed(f'<p>{status_mark(status)} <span class="dim">{said}</span></p><pre>{block(words)}</pre>{shown}')


def names(plan: Plan, text: str = "") -> Callable[[TaskId], str]:
    """Return what says which call a task is. `text`: of a plan with a body, by whose names calls are told."""
    known = {task.id: task for task in calls_of(plan)}

    def name(id_: TaskId) -> str:
        while id_ not in known and isinstance(id_, Element):
            id_ = id_.task
        if id_ not in known:
            return ""
        try:
            return call_text(known[id_])
        except BodyNotSupported:
            return written_words(known[id_], text) if text else call_words(known[id_])

    return name


def _plan(plan: Plan, tools: Tools = NO_TOOLS) -> str:
    try:
        shown = print_plan(plan)
    except (BodyNotSupported, ValueError):  # what a pass has made may have no plan file
        shown = print_ir(plan)
    count = sum(1 for _ in calls_of(plan))
    drawing = as_svg(plan_picture(plan, tools), "plan") if count <= MOST_DRAWN else f"<p>{plural(count, 'call')}</p>"
    return f'<pre class="code">{highlighted(shown[:20_000])}</pre>{drawing}'


def _ran(
    plan: Plan,
    records: Mapping[TaskId, TaskRecord],
    name: Callable[[TaskId], str],
    result: RunResult | None = None,
    reads: Callable[[TaskId], Sequence[TaskId]] = lambda id_: (),
) -> str:
    ways = frozenset(critical(records, reads))
    run = ReportedRun(plan, Source("", ""), records, name, bars=bars_of_attempts(records, critical=ways), result=result)
    return "".join((_head(result) if result is not None else "", *run_parts(run, f"time-{id(records)}")))


def _head(result: RunResult) -> str:
    failure = "" if result.failure is None else f'<p class="failure">{block(result.failure.shown)}</p>'
    took = f"{plural(len(result.tasks), 'task')} in {seconds(result.makespan)}"
    return f"<p>{status_mark(result.status.value)} {took}</p>{failure}"


class Watched:
    """An event sink beside a run's own one, by which a notebook may show the run while it goes on."""

    def __init__(self, plan: Plan | None = None, on_event: Callable[[Event], object] | None = None) -> None:
        self.bars = LiveBars()
        known = names(plan or Plan())
        self._name = lambda id_: known(id_) or self.bars.tools.get(id_, "")
        self._own = on_event

    def __call__(self, event: Event) -> None:
        """Take one event of the run, and hand it on."""
        self.bars(event)
        if self._own is not None:
            self._own(event)

    def html(self, result: RunResult | None = None) -> str:
        """Return how the run stands, or has ended."""
        if result is not None:
            return framed(_ran(Plan(), result.tasks, self._name, result, self.bars.trace.reads))
        bars = self.bars.bars()
        return framed(
            f"<p>{status_mark('running')}</p>{timeline(bars, self._name, f'time-{id(self)}') if bars else ''}"
        )


class LiveCell:
    """What a notebook shows, and shows anew until it has ended. Only where IPython runs."""

    def __init__(self, html: Callable[[], str | None], ended: Callable[[], bool]) -> None:
        self._html, self._ended = html, ended
        self._display = sys.modules["IPython"].display
        self._handle = self._display.display(self._display.HTML(html() or ""), display_id=True)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # shown once, and when it has ended
            return
        self._task = loop.create_task(self._follow())

    def update(self) -> None:
        """Show it anew."""
        self._handle.update(self._display.HTML(self._html() or ""))

    async def _follow(self) -> None:
        while not self._ended():
            await asyncio.sleep(_OFTEN)
            self.update()
