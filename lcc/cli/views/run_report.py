"""Write the page about a run for a command: from what was seen of it, or from its journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import anyio

from lcc.ask.answer import Answer
from lcc.ask.events import AskEvent, Running
from lcc.ask.joining.decision import read_decision
from lcc.ask.memory import Round
from lcc.cli.files import replace_file
from lcc.cli.front import CompiledFile
from lcc.cli.views.run_text import result_command, whole_command
from lcc.cli.views.source_tasks import SourceTasks
from lcc.cli.views.turns import had_before
from lcc.compiler import read
from lcc.grammar.diagnostics.terminal import dump_json
from lcc.grammar.diagnostics.wording import plural, seconds
from lcc.grammar.ir import BodyNotSupported, Element, Plan, TaskId, calls_of, references
from lcc.grammar.ir.text_form import print_ir
from lcc.grammar.signatures import Tools
from lcc.grammar.source import Source
from lcc.grammar.syntax.print_plan import print_plan
from lcc.grammar.values import Json
from lcc.pages.run_page import Report, ReportedRun, critical, report_page
from lcc.pages.timeline import bars_of_records, bars_of_trace
from lcc.runtime.journal.file import JournalError, JournalFile, RunEntry, StoredRun
from lcc.runtime.journal.questions import QuestionEntry, StoredQuestion
from lcc.runtime.journal.record import RunJournal
from lcc.runtime.journal.replay import replay
from lcc.runtime.result import RunResult
from lcc.runtime.watch.trace import Trace


def write_report(
    path: str,
    compiled: CompiledFile,
    result: RunResult,
    trace: Trace,
    journal: RunJournal,
    kept: tuple[str, str] | None,
) -> None:
    """Write the page about a run that has ended; its arguments are those of the journal, without what is secret.

    `kept`: the path of the journal and the run's id, where the journal is kept.
    """
    ways = critical(result.tasks, trace.reads)
    run = ReportedRun(
        compiled.plan,
        compiled.source,
        result.tasks,
        SourceTasks(compiled.plan, compiled.written, compiled.source).call,
        compiled.tools,
        _arguments(journal.file.path, journal.run),
        bars_of_trace(trace, frozenset(ways)),
        compiled.changes,
        compiled.findings,
        result,
        "" if kept is None else result_command(*kept),
        whole_command(kept, of_calls=False),
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
    run = _recorded(path, stored, stored.source.text or _printed(stored.written))
    entry = stored.entry
    facts = [f"run {entry.id[:8]}", *_begun(entry), plural(len(stored.records), "task")]
    facts += [] if stored.makespan is None else [seconds(stored.makespan)]
    return report_page(Report(entry.path, _status(entry), (run,), facts=facts, failure=_doubts(stored, run) or None))


def question_report(path: str, question: StoredQuestion, runs: Sequence[StoredRun]) -> str:
    """Return the page about a recorded question: its plans as the model wrote them, what was done for each, and the answer."""
    said = {reply.run: _words(reply.reply) for reply in question.replies if reply.run is not None}
    shown = [_asked_run(path, stored, said.get(stored.entry.id, "")) for stored in runs]
    entry = question.entry
    facts = [f"question {entry.id[:8]}", *_begun(entry), plural(len(runs), "run")]
    doubts = "".join(_doubts(stored, run) for stored, run in zip(runs, shown, strict=True))
    answer = _answer(question) if entry.status == "answered" else None
    return report_page(Report("lcc ask", _status(entry), shown, entry.question, answer, facts, failure=doubts or None))


def _recorded(path: str, stored: StoredRun, text: str) -> ReportedRun:
    ways = critical(stored.records, _reads(stored.plan))
    known = SourceTasks(stored.plan, stored.written, Source(stored.source.path, text))
    given = _arguments(path, stored.entry.id)

    def name(id_: TaskId) -> str:
        return known.call(id_) or _made(stored.tools.get(id_, ""), given.get(id_, {})) or had_before(stored, id_)

    return ReportedRun(
        stored.plan,
        Source(stored.source.path, text),
        stored.records,
        name,
        arguments=given,
        bars=bars_of_records(stored.records, frozenset(ways)),
        result=_replayed(stored),
        whole=result_command(path, stored.entry.id),
        replay=whole_command((path, stored.entry.id), of_calls=False),
    )


def _asked_run(path: str, stored: StoredRun, text: str) -> ReportedRun:
    """Return a run of a question. Its journal holds no plan: it is read once more from what the model said."""
    plan = read(text, {}, front_end="model").plan if text else Plan()
    run = _recorded(path, replace(stored, plan=plan, written=plan), text)
    return replace(run, replay="", result=run.result if run.result is not None and run.result.ok else None)


def _replayed(stored: StoredRun) -> RunResult | None:
    """Return what a run that has ended handed over; None where that isn't known."""
    if stored.entry.status is None:
        return None
    try:
        return anyio.run(replay, stored)
    except JournalError:
        return None


def _answer(question: StoredQuestion) -> str | None:
    """Return what the model answered; None where a plan did."""
    said = [_words(reply.reply) for reply in question.replies if reply.role == "joiner"]
    decision = read_decision(said[-1]) if said else None
    return None if decision is None or decision.replan else decision.text


def _words(reply: Json) -> str:
    found = reply.get("text") if isinstance(reply, dict) else reply
    return found if isinstance(found, str) else ""


def _made(tool: str, given: Mapping[str, Json]) -> str:
    return f"{tool}({', '.join(f'{name}={dump_json(value, None)}' for name, value in given.items())})" if tool else ""


def _printed(plan: Plan) -> str:
    """Return a plan whose file has been changed since."""
    try:
        return print_plan(plan)
    except (BodyNotSupported, ValueError):
        return print_ir(plan)


def _status(entry: RunEntry | QuestionEntry) -> str:
    return entry.status or ("running" if entry.alive else "broken off")


def _begun(entry: RunEntry | QuestionEntry) -> list[str]:
    return [f"begun {datetime.fromtimestamp(entry.begun, UTC).strftime('%Y-%m-%d %H:%M:%SZ')}"]


def _doubts(stored: StoredRun, run: ReportedRun) -> str:
    return "".join(f"{id_}. {run.name(id_)}: started, not seen to end\n" for id_ in stored.in_doubt)


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
            SourceTasks(round_.plan, round_.written, round_.source).call,
            tools,
            bars=bars_of_trace(trace, ways),
            diagnostics=round_.diagnostics,
        )
