"""Write the page about a run for a command: from what was seen of it, or from its journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from lcc.ask.answer import Answer
from lcc.ask.events import AskEvent, Running
from lcc.ask.memory import Round
from lcc.cli.files import replace_file
from lcc.cli.front import CompiledFile
from lcc.cli.views.run_text import result_command
from lcc.cli.views.source_tasks import SourceTasks
from lcc.grammar.diagnostics.wording import plural, seconds
from lcc.grammar.ir import Element, Plan, TaskId, calls_of, references
from lcc.grammar.signatures import Tools
from lcc.grammar.values import Json
from lcc.pages.run_page import Report, ReportedRun, critical, report_page
from lcc.pages.timeline import bars_of_records, bars_of_trace
from lcc.runtime.journal.file import JournalError, JournalFile, StoredRun
from lcc.runtime.journal.record import RunJournal
from lcc.runtime.result import RunResult
from lcc.runtime.watch.trace import Trace


def write_report(
    path: str, compiled: CompiledFile, result: RunResult, trace: Trace, journal: RunJournal, whole: str
) -> None:
    """Write the page about a run that has ended; its arguments are those of the journal, without what is secret.

    `whole`: the command that prints a result of it, but for the call's id; empty where the journal isn't kept.
    """
    ways = critical(result.tasks, trace.reads)
    run = ReportedRun(
        compiled.plan,
        compiled.source,
        result.tasks,
        SourceTasks(compiled.plan, compiled.written).call,
        compiled.tools,
        _arguments(journal.file.path, journal.run),
        bars_of_trace(trace, frozenset(ways)),
        compiled.changes,
        compiled.findings,
        result,
        whole,
    )
    spent = result.usage
    facts = [f"{plural(len(result.tasks), 'task')} in {seconds(result.makespan)}", plural(spent.calls, "call")]
    facts += [f"{spent.tokens:,} tokens"] * bool(spent.tokens) + [f"{spent.usd:.6f} USD"] * bool(spent.usd)
    failure = None if result.failure is None else result.failure.shown
    report = Report(compiled.source.path, result.status.value, (run,), facts=facts, failure=failure)
    replace_file(path, report_page(report))


def _arguments(path: str | Path, run: str) -> Mapping[TaskId, Mapping[str, Json]]:
    try:
        with closing(JournalFile(path)) as file:
            return file.arguments(run)
    except JournalError:  # it has been said already
        return {}


def stored_report(path: str, stored: StoredRun) -> str:
    """Return the page about a recorded run of the journal at `path`, as far as it got."""
    ways = critical(stored.records, _reads(stored.plan))
    run = ReportedRun(
        stored.plan,
        stored.source,
        stored.records,
        SourceTasks(stored.plan, stored.written).call,
        arguments=_arguments(path, stored.entry.id),
        bars=bars_of_records(stored.records, frozenset(ways)),
        whole=result_command(path, stored.entry.id),
    )
    entry = stored.entry
    status = entry.status or ("running" if entry.alive else "broken off")
    begun = datetime.fromtimestamp(entry.begun, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    facts = [f"run {entry.id[:8]}", f"begun {begun}", plural(len(stored.records), "task")]
    facts += [] if stored.makespan is None else [seconds(stored.makespan)]
    doubt = "".join(f"{id_}. {run.name(id_)}: started, not seen to end\n" for id_ in stored.in_doubt)
    return report_page(Report(entry.path, status, (run,), facts=facts, failure=doubt or None))


def _reads(plan: Plan) -> Callable[[TaskId], tuple[TaskId, ...]]:
    """Return what says which results a call reads, as far as the plan says it."""
    found = {
        task.id: tuple([ref.task for arg in task.args for ref in references(arg.value)]) + tuple(task.after)
        for task in calls_of(plan)
    }

    def reads(id_: TaskId) -> tuple[TaskId, ...]:
        return found.get(id_) or (found.get(id_.task, ()) if isinstance(id_, Element) else ())

    return reads


class AskTraces:
    """What is seen of the runs of an ask: a trace of each of its plans, by number."""

    def __init__(self) -> None:
        self._traces: dict[int, Trace] = {}

    def __call__(self, event: AskEvent) -> None:
        """Take one event of the ask."""
        if isinstance(event, Running):
            self._traces.setdefault(event.round, Trace())(event.event)

    def page(self, question: str, answer: Answer, tools: Tools) -> str:
        """Return the page about an answered question, or one without an answer."""
        runs = [self._run(round_, tools) for round_ in answer.rounds]
        whole = answer.total.to_json()
        facts = [plural(len(runs), "plan"), plural(answer.calls, "call"), seconds(answer.seconds)]
        usage = {**{role: used.to_json() for role, used in answer.usage.items()}, "all": whole}
        status = answer.status.value
        failure = answer.reason if not answer.ok else None
        return report_page(Report("lcc ask", status, runs, question, answer.text, facts, usage, failure))

    def _run(self, round_: Round, tools: Tools) -> ReportedRun:
        trace = self._traces.get(round_.number, Trace())
        ways = frozenset(critical(round_.records, trace.reads))
        return ReportedRun(
            round_.plan,
            round_.source,
            round_.records,
            SourceTasks(round_.plan, round_.written).call,
            tools,
            bars=bars_of_trace(trace, ways),
            diagnostics=round_.diagnostics,
        )
