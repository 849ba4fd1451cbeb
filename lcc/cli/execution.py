"""Execute a compiled plan for a command: limits, journal, progress, results.

Standard output holds what the plan hands over, and nothing else; tasks and diagnostics go to standard error.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from lcc.cli.consent.approve import answerer, approver, may_ask
from lcc.cli.consent.go_on import budget_asker
from lcc.cli.console import BadInput, Console, bad_input
from lcc.cli.files import add_to_profile, read_costs, replace_file, writing
from lcc.cli.front import CompiledFile, near
from lcc.cli.model_options import close_tool_model, tool_model
from lcc.cli.options import options_of
from lcc.cli.views.run_text import (
    Progress,
    outcome_line,
    printed_lines,
    program_error,
    result_lines,
    whole_command,
)
from lcc.cli.views.seeing import run_telemetry, show_log, show_tracebacks
from lcc.cli.views.source_tasks import SourceTasks
from lcc.config import find_config, read_config
from lcc.grammar.diagnostics.terminal import dump_json, escape
from lcc.grammar.ir import calls_of
from lcc.grammar.source import Source
from lcc.grammar.values import Json
from lcc.runtime.blocking import run_blocking
from lcc.runtime.calls.secrets import Secrets
from lcc.runtime.events import EventSink
from lcc.runtime.inputs import RunError
from lcc.runtime.options import Options
from lcc.runtime.result import RunResult
from lcc.runtime.run import Run
from lcc.runtime.watch.event_stream import share

INTERRUPTED: Final = 130
WAITING: Final = 3
"""The status of a command that waits for approval."""
JOURNAL: Final = "X010"

if TYPE_CHECKING:
    from lcc.ask.tool_model import OwnToolModel
    from lcc.cli.views.live import LiveView
    from lcc.runtime.journal.file import StoredRun
    from lcc.runtime.journal.record import RunJournal
    from lcc.runtime.watch.profiler import Profiler
    from lcc.runtime.watch.trace import Trace


class Watchers(NamedTuple):
    """What else looks at the events of a run, if it was asked for."""

    trace: Trace | None
    profiler: Profiler | None

    def sinks(self) -> Iterator[EventSink]:
        """Yield those that there are."""
        yield from (one for one in self if one is not None)


@contextlib.contextmanager
def journal_errors(source: Source) -> Iterator[None]:
    """Turn what a journal can't do into bad input."""
    from lcc.runtime.journal.file import JournalError

    try:
        yield
    except JournalError as error:
        raise bad_input(JOURNAL, str(error), Source(source.path, ""), error.help) from None


def load_run(args: argparse.Namespace) -> StoredRun:
    """Return the recorded run that a command line names."""
    from lcc.runtime.journal.file import JournalFile

    with journal_errors(Source(args.journal, "")), contextlib.closing(JournalFile(args.journal)) as file:
        return file.load(args.run_id)


def execute(
    compiled: CompiledFile,
    inputs: Mapping[str, Json],
    journal: RunJournal | None,
    args: argparse.Namespace,
    console: Console,
) -> int:
    """Run a plan and show its results; the status is 1 if any task is not ok."""
    watchers = _watchers(compiled, args)
    ended: tuple[RunResult, bool] | None = None
    unwritten: list[BadInput] = []
    try:
        ended = _run(compiled, inputs, journal, watchers, args, console)
    finally:
        if journal is not None:
            unwritten += _close(journal, *((None, True) if ended is None else ended))
    result, interrupted = ended
    console.leave = any(record.status == "abandoned" for record in result.tasks.values())
    kept = None if args.journal is None or journal is None else journal.run
    show(compiled, result, args, console, kept)
    show_tracebacks(result.tasks.items(), args, console)
    unwritten += _write_out(watchers, args)
    if args.report is not None and journal is not None:
        unwritten += _write_report(result, journal, args)
    for bad in unwritten:
        console.report(bad.diagnostics, bad.source)
    if interrupted:
        console.say("interrupted")
        return INTERRUPTED
    if journal is not None and result.waits:
        return say_waiting(str(journal.file.path), journal.run, console)
    return 0 if result.ok and not unwritten else 1


def say_waiting(path: str, id: str, console: Console) -> int:
    """Say what a run or a question waits for, and how it goes on; return the command's status."""
    from lcc.cli.consent.shown import waiting_lines

    for line in waiting_lines(path, id):
        console.say(line)
    command = f"lcc resume {escape(path)} {id[:8]}"
    console.say(f"answer with `{command} --approve`, or `--deny`")
    return WAITING


def _run(
    compiled: CompiledFile,
    inputs: Mapping[str, Json],
    journal: RunJournal | None,
    watchers: Watchers,
    args: argparse.Namespace,
    console: Console,
) -> tuple[RunResult, bool]:
    """Return the results, of a run that was interrupted those that it had by then, and whether it was."""
    show_log(args, console)
    telemetry = run_telemetry(args, Path(compiled.source.path).name)
    progress = _progress(compiled, args, console)
    sinks = (progress, *watchers.sinks(), *(() if telemetry is None else (telemetry,)))
    options, asked = _options(compiled, inputs, journal, share(*sinks), args, console)
    if telemetry is not None:
        options = replace(options, around=telemetry.around)
    begun: list[Run] = []

    async def main() -> RunResult:
        run_id = None if journal is None else journal.run
        run = Run(compiled.plan, compiled.callable, inputs, options=options, keep_events=False, run_id=run_id)
        async with asked or contextlib.nullcontext(), run:
            begun.append(run)
            return await run.wait()

    try:
        return run_blocking(main), False
    except RunError as error:
        raise BadInput(error.diagnostics, compiled.source) from None
    except KeyboardInterrupt:
        if not begun:
            raise
        return begun[0].result, True
    finally:
        progress.close()
        close_tool_model(asked, console)


def _options(
    compiled: CompiledFile,
    inputs: Mapping[str, Json],
    journal: RunJournal | None,
    sink: EventSink,
    args: argparse.Namespace,
    console: Console,
) -> tuple[Options, OwnToolModel | None]:
    """Return the options of the run, and the model that its tools may ask."""
    config = read_config(find_config(near(compiled.source.path)))
    secrets = Secrets(compiled.plan.inputs, inputs)  # a value in the plan is none, and may be what is to be destroyed
    later = journal is not None and (args.wait or may_ask(console))
    approve = approver(console, always=args.yes, secrets=secrets, later=later)
    if journal is not None:
        from lcc.runtime.journal.pending import Waiting

        approve = Waiting(journal.file.path, journal.run, secrets.hide_value).approver(approve)
    options = options_of(args, config, compiled.tools, sink=sink, approve=approve, journal=journal)
    asked = tool_model(compiled.callable.values(), args, config, options.budget)
    runnable = {name: limits for name, limits in options.tools.items() if name in compiled.callable}
    return replace(
        options, model=asked, tools=runnable, answer=answerer(console), on_budget=budget_asker(console)
    ), asked


def _close(journal: RunJournal, result: RunResult | None, interrupted: bool) -> Iterator[BadInput]:
    """Write down the end of a run and close its journal; yield what went wrong, then or before."""
    from lcc.runtime.journal.file import JournalError

    goes_on = interrupted or result is None or result.waits
    broken = None if goes_on or result is None or result.failure is None else result.failure.exception
    try:
        journal.close(None if goes_on else result, None if result is None else result.usage)
    except JournalError as error:
        broken = error
    if isinstance(broken, JournalError):
        yield bad_input(JOURNAL, str(broken), Source(str(journal.file.path), ""), broken.help)


def _write_out(watchers: Watchers, args: argparse.Namespace) -> Iterator[BadInput]:
    """Write the trace and the profile; a profile that is there already is added to. Yield what can't be written."""
    try:
        if watchers.trace is not None:
            with writing(args.trace):
                watchers.trace.write(args.trace)
    except BadInput as bad:
        yield bad
    try:
        if watchers.profiler is not None:
            add_to_profile(args.profile_out, watchers.profiler.profile)
    except BadInput as bad:
        yield bad


def _write_report(result: RunResult, journal: RunJournal, args: argparse.Namespace) -> Iterator[BadInput]:
    """Write the page about the run, from its journal, which is there for that alone if none was named."""
    from lcc.cli.views.run_report import journal_report

    path = str(journal.file.path)
    try:
        with journal_errors(Source(path, "")):
            page = journal_report(path, journal.run, seen=result, shown_path=args.journal or "")
        with writing(args.report):
            replace_file(args.report, page)
    except BadInput as bad:
        yield bad


def _progress(compiled: CompiledFile, args: argparse.Namespace, console: Console) -> Progress | LiveView:
    """Return what shows the run while it goes on: a view on a terminal, else plain lines."""
    tasks = SourceTasks(compiled.plan, compiled.written, compiled.source)
    if console.stderr.isatty():
        from lcc.cli.views.live import LiveView

        return LiveView(compiled.plan, compiled.tools, read_costs(args), console, tasks)
    return Progress(tasks, console)


def _watchers(compiled: CompiledFile, args: argparse.Namespace) -> Watchers:
    trace: Trace | None = None
    profiler: Profiler | None = None
    if args.trace is not None:
        from lcc.runtime.watch.trace import Trace

        named = SourceTasks(compiled.plan, compiled.written, compiled.source)
        ids = dict.fromkeys(task.id for task in (*calls_of(compiled.written), *calls_of(compiled.plan)))
        trace = Trace({id_: f"{id_}. {named.call(id_)}" for id_ in ids})
    if args.profile_out is not None:
        from lcc.runtime.watch.profiler import Profiler

        profiler = Profiler(compiled.plan)
    return Watchers(trace, profiler)


def _as_json(result: RunResult, source: Source) -> Json:
    """Return the results as JSON, with the line on which a plan failed."""
    shown = result.to_json()
    error = shown.get("error")
    if result.place is not None and isinstance(error, dict):
        error["line"] = source.position(result.place.start)[0]
    return shown


def show(
    compiled: CompiledFile, result: RunResult, args: argparse.Namespace, console: Console, run: str | None
) -> None:
    pretty = console.stderr.isatty()
    if pretty:
        from lcc.cli.views.run_table import task_table, terminal

        terminal(console.stderr, color=console.color, width=console.width).print(
            task_table(compiled.written, result, console.width, compiled.source)
        )
    else:
        console.say(outcome_line(result))
    for line in printed_lines(result):
        console.say(line)
    error = program_error(result)
    if error is not None:
        console.report((error,), compiled.source)
    if args.format == "json":
        console.print(dump_json(_as_json(result, compiled.source)))
    elif console.stdout.isatty():
        if error is not None and not result.join:
            return
        from lcc.cli.views.run_table import outcome_panel, terminal

        kept = None if run is None else (args.journal, run)
        of_calls = compiled.written.join is not None and not result.answered
        way = whole_command(kept, of_calls=of_calls)
        shown = outcome_panel(compiled.written, result, f"cut at …; `{way}` prints it whole")
        terminal(console.stdout, color=console.color_results, width=console.width).print(shown)
    else:
        for line in result_lines(compiled.written, result):
            console.print(line)
