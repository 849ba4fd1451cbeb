"""Write the page about a run, or about a question and its plans, from the journal that it was recorded in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import anyio

from lcc.ask.joining.decision import read_decision
from lcc.cli.consent.shown import waiting_of
from lcc.cli.views.run_text import result_command, whole_command
from lcc.cli.views.source_tasks import SourceTasks
from lcc.cli.views.turns import had_before
from lcc.compiler import read
from lcc.grammar.diagnostics.terminal import dump_json
from lcc.grammar.diagnostics.wording import plural, seconds
from lcc.grammar.ir import BodyNotSupported, Element, Plan, TaskId, calls_of, references
from lcc.grammar.ir.text_form import print_ir
from lcc.grammar.signatures import NO_TOOLS
from lcc.grammar.source import Source
from lcc.grammar.syntax.print_plan import print_plan
from lcc.grammar.values import Json
from lcc.pages.run_page import Report, ReportedRun, critical, report_page
from lcc.pages.timeline import bars_of_attempts
from lcc.runtime.calls.secrets import WITHHELD
from lcc.runtime.journal.compilation import Compilation
from lcc.runtime.journal.file import JournalError, JournalFile, RunEntry, StoredRun
from lcc.runtime.journal.questions import QuestionEntry, StoredQuestion, load_question, question_named
from lcc.runtime.journal.replay import as_recorded, replay
from lcc.runtime.result import RunResult, TaskRecord


def journal_report(
    path: str, prefix: str | None = None, *, seen: RunResult | None = None, shown_path: str | None = None
) -> str:
    """Return the page about a run or a question of a journal, by the beginning of its id; about the last one by default.

    `seen`: what the run handed over, where that is known. `shown_path`: what commands on the page call the journal, empty for one that
    isn't kept; by default `path`. Raises JournalError.
    """
    with closing(JournalFile(path)) as file:
        reported = _Reported(file, path if shown_path is None else shown_path)
        named = question_named(file, prefix)
        return reported.run(prefix, seen) if named is None else reported.question(named)


class _Reported:
    """The pages of one journal."""

    def __init__(self, file: JournalFile, path: str) -> None:
        self._file = file
        self._path = path

    def run(self, prefix: str | None, seen: RunResult | None) -> str:
        """Return the page about a run, as far as it got."""
        stored = self._file.load(prefix)
        result = _replayed(stored) if seen is None else _with_times(seen, stored)
        told = self._file.compilation(stored.entry.id)
        text = (None if told is None else told.text) or stored.source.text
        run = self._told(stored, told, text or _printed(stored.written), text != "", result)
        entry, spent = stored.entry, self._file.spent(stored.entry.id)
        makespan = stored.makespan if seen is None else seen.makespan
        facts = [f"run {entry.id[:8]}"] * bool(self._path) + [*_begun(entry), plural(len(run.records), "task")]
        facts += [] if makespan is None else [seconds(makespan)]
        facts += [plural(spent.calls, "call")] * bool(spent.calls) + [f"{spent.tokens:,} tokens"] * bool(spent.tokens)
        facts += [f"{spent.usd:.6f} USD"] * bool(spent.usd)
        said = "" if result is None or result.failure is None else f"{result.failure.shown}\n"
        return report_page(
            Report(entry.path, self._status(entry), (run,), facts=facts, failure=said + _doubts(stored, run))
        )

    def question(self, id: str) -> str:
        """Return the page about a question: its plans as the model wrote them, what was done for each, and the answer."""
        question = load_question(self._file, id)
        said = {reply.run: _words(reply.reply) for reply in question.replies if reply.run is not None}
        stored = [self._file.load(run.id) for run in question.runs]
        shown = [self._asked_run(one, said.get(one.entry.id, ""), first=one is stored[0]) for one in stored]
        entry, told = question.entry, question.told or {}
        facts = [f"question {entry.id[:8]}", *_begun(entry), plural(len(shown), "plan")]
        if told:
            facts += [plural(int(_figure(told.get("calls"))), "call"), seconds(_figure(told.get("seconds")))]
        reason = "" if entry.status == "answered" else _words(told.get("reason"))
        failure = (f"{reason}\n" if reason else "") + "".join(map(_doubts, stored, shown))
        roles = told.get("usage")
        usage = {role: one for role, one in roles.items() if isinstance(one, dict)} if isinstance(roles, dict) else {}
        return report_page(
            Report("lcc ask", self._status(entry), shown, entry.question, _answer(question), facts, usage, failure)
        )

    def _asked_run(self, stored: StoredRun, text: str, *, first: bool) -> ReportedRun:
        """Return a run of a question. What a journal of before doesn't hold is read once more from what the model said.

        What it handed over is found again if it is the `first`: a later one may read what others gave.
        """
        told = self._file.compilation(stored.entry.id)
        if told is not None and told.plans is not None:
            written, plan = told.plans
            text = told.text or text
        else:
            told = None
            written = plan = read(text, {}, front_end="model").plan if text else Plan()
        stored = replace(stored, plan=plan, written=written)
        result = _replayed(stored) if first else None
        run = self._told(stored, told, text, told is not None, result if result is not None and result.ok else None)
        return replace(run, replay="", records=_without_secrets(stored.records, stored))

    def _told(
        self, stored: StoredRun, told: Compilation | None, text: str, original: bool, result: RunResult | None
    ) -> ReportedRun:
        """Return what a page tells of a run. `original`: the text is what it was compiled from, so that findings have places in it."""
        source, id_ = Source(stored.source.path, text), stored.entry.id
        ways, given = critical(stored.records, _reads(stored.plan)), self._file.arguments(id_)
        known = SourceTasks(stored.plan, stored.written, source)

        def name(id_: TaskId) -> str:
            return known.call(id_) or _made(stored.tools.get(id_, ""), given.get(id_, {})) or had_before(stored, id_)

        findings = () if told is None else told.findings
        return ReportedRun(
            stored.plan,
            source,
            _without_secrets(stored.records if result is None else result.tasks, stored),
            name,
            NO_TOOLS if told is None else told.tools,
            given,
            bars_of_attempts(stored.records, self._file.attempts(id_), frozenset(ways)),
            None if told is None else told.changes,
            0 if told is None else told.more,
            findings if original else tuple(replace(one, span=None) for one in findings),
            result,
            result_command(self._path, id_) if self._path else "",
            whole_command((self._path, id_) if self._path else None, of_calls=False),
        )

    def _status(self, entry: RunEntry | QuestionEntry) -> str:
        if entry.status is None and waiting_of(self._file, entry.id) is not None:
            return "waiting"
        return entry.status or ("running" if entry.alive else "broken off")


def _with_times(result: RunResult, stored: StoredRun) -> RunResult:
    """Return a result with the times that were recorded, so that a page is the same whenever it is written."""
    records = {id_: as_recorded(one, stored.records.get(id_)) for id_, one in result.tasks.items()}
    return replace(result, tasks=records)


def _without_secrets(records: Mapping[TaskId, TaskRecord], stored: StoredRun) -> Mapping[TaskId, TaskRecord]:
    hidden = {id_: replace(records[id_], value=WITHHELD) for id_ in stored.withheld if id_ in records}
    return {**records, **hidden}


def _replayed(stored: StoredRun) -> RunResult | None:
    """Return what a run that has ended handed over; None where that isn't known."""
    if stored.entry.status is None:
        return None
    try:
        return anyio.run(replay, stored)
    except JournalError:
        return None


def _answer(question: StoredQuestion) -> str | None:
    """Return the answer, if there is one; of a journal of before what the model answered."""
    if question.entry.status != "answered":
        return None
    if question.told is not None:
        return _words(dict(question.told))
    said = [_words(reply.reply) for reply in question.replies if reply.role == "joiner"]
    decision = read_decision(said[-1]) if said else None
    return None if decision is None or decision.replan else decision.text


def _words(reply: Json) -> str:
    found = reply.get("text") if isinstance(reply, dict) else reply
    return found if isinstance(found, str) else ""


def _figure(value: Json) -> float:
    return value if isinstance(value, int | float) else 0


def _made(tool: str, given: Mapping[str, Json]) -> str:
    return f"{tool}({', '.join(f'{name}={dump_json(value, None)}' for name, value in given.items())})" if tool else ""


def _printed(plan: Plan) -> str:
    """Return a plan whose text isn't known any more."""
    try:
        return print_plan(plan)
    except (BodyNotSupported, ValueError):
        return print_ir(plan)


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
