"""Run what a page shows, with the tools that only read or compute, and tell how it goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Final

import anyio

from lcc.cli.explorer.page_request import Asked
from lcc.cli.explorer.panes import Looked
from lcc.cli.views.run_text import program_error
from lcc.cli.views.source_tasks import SourceTasks
from lcc.compiler import CompileError
from lcc.grammar.diagnostics.wording import plural, seconds
from lcc.grammar.ir import calls_of
from lcc.grammar.values import Json, read_json
from lcc.pages.page import block, text
from lcc.pages.run_page import ReportedRun, critical, finding, run_parts, status_mark
from lcc.pages.timeline import LiveBars, bars_of_trace, timeline
from lcc.prepared import Prepared
from lcc.runtime.options import Options
from lcc.runtime.result import RunResult
from lcc.toolset import Toolset

LONGEST: Final = 600.0
"""Seconds that a run may take."""
_OFTEN: Final = 0.15
_SHARE: Final = 8
"""Of the time, drawing takes one part in so many."""

Emit = Callable[[Mapping[str, Json]], None]


class NotTried(Exception):
    """A plan that isn't run here. The message is HTML and says why."""


def called_by(asked: Asked, toolset: Toolset) -> frozenset[str]:
    """Return the names of the tools that a text calls; raise NotTried for one with errors, or that may write."""
    looked = _right(Looked(asked, toolset.signatures))
    called = frozenset(task.tool for task in calls_of(looked.parsed.plan))
    tools = toolset.signatures
    writing = sorted(name for name in called if name in tools and not tools[name].effect.may_start_early)
    if writing:
        names = ", ".join(f"<code>{text(name)}</code>" for name in writing)
        raise NotTried(
            f"{names} may write. Only tools that are declared to be pure or to read are called here; <code>lcc run</code> runs the others too"
        )
    return called


def _right(looked: Looked) -> Looked:
    if looked.made is None:
        raise NotTried(block(looked.problem) or "the text has errors: nothing is run")
    return looked


async def try_out(asked: Asked, toolset: Toolset, emit: Emit) -> None:
    """Run a text; `emit` takes what the page shows meanwhile, and in the end. Raises NotTried."""
    looked = _right(Looked(asked, toolset.signatures))
    prepared = _prepared(looked, toolset)
    live = LiveBars()
    named = SourceTasks(prepared.plan, prepared.written, prepared.source)

    async def watch() -> None:
        seen, wait = -1, _OFTEN
        while True:
            await anyio.sleep(wait)
            begun = perf_counter()
            bars = live.bars(anyio.current_time())
            if bars and (live.count != seen or any(bar.note == "still running" for bar in bars)):
                emit({"html": f"<p>{status_mark('running')}</p>{timeline(bars, named.call, 'time-run')}"})
            seen, wait = live.count, max(_OFTEN, _SHARE * (perf_counter() - begun))

    try:
        async with (
            prepared.start(_inputs(asked.inputs), options=Options(on_event=live, deadline=LONGEST)) as run,
            anyio.create_task_group() as group,
        ):
            group.start_soon(watch)
            result = await run.wait()
            group.cancel_scope.cancel()
    except CompileError as error:
        raise NotTried("<br>".join(finding(one, error.source) for one in error.diagnostics)) from None
    emit({"html": _ended(prepared, result, live, named)})


def _prepared(looked: Looked, toolset: Toolset) -> Prepared:
    """Return the plan with the tools that it may call: no others are there."""
    tools = {name: tool for name, tool in toolset.tools.items() if tool.signature.effect.may_start_early}
    made = looked.made
    assert made is not None
    return Prepared(made.plan, (), made.stats, made.changes, looked.parsed.source, looked.parsed.plan, tools)


def _inputs(given: str) -> dict[str, Json]:
    if not given.strip():
        return {}
    try:
        values: Json = read_json(given)
    except (ValueError, RecursionError) as error:
        raise NotTried(f"the inputs are not JSON: {text(str(error))}") from None
    if not isinstance(values, dict):
        raise NotTried('the inputs are an object of values by name: <code>{"city": "Paris"}</code>')
    return values


def _ended(prepared: Prepared, result: RunResult, live: LiveBars, named: SourceTasks) -> str:
    ways = frozenset(critical(result.tasks, live.trace.reads))
    bars = bars_of_trace(live.trace, ways)
    run = ReportedRun(prepared.plan, prepared.source, result.tasks, named.call, bars=bars, result=result)
    error = program_error(result)
    said = finding(error, prepared.source) if error else block(result.failure.shown) if result.failure else ""
    failure = f'<p class="failure" role="alert">{said}</p>' if said else ""
    took = f"{plural(len(result.tasks), 'task')} in {seconds(result.makespan)}"
    return f"<p>{status_mark(result.status.value)} {took}</p>{failure}{''.join(run_parts(run, 'time-run'))}"
