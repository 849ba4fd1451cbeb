"""`lcc runs`: list the runs and questions of a journal, or show what was done for one."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeAlias, TypeVar

from lcc.cli.consent.shown import json_of, lines_of, waiting_of
from lcc.cli.console import Console, Usage
from lcc.cli.execution import journal_errors
from lcc.cli.options import add_format
from lcc.cli.views.turns import had_before, site_of
from lcc.config import JOURNAL_NAME, state_folder
from lcc.grammar.diagnostics.terminal import cut, dump_json, escape
from lcc.grammar.diagnostics.wording import plural
from lcc.grammar.ir import TaskId, calls_of
from lcc.grammar.source import Source
from lcc.grammar.values import Json
from lcc.runtime.journal.file import JournalError, JournalFile, RunEntry, StoredRun
from lcc.runtime.journal.pending import Wanted
from lcc.runtime.journal.questions import QuestionEntry, load_question, question_named, questions
from lcc.runtime.journal.stored_result import stored_result

Entry: TypeAlias = RunEntry | QuestionEntry
AnEntry = TypeVar("AnEntry", RunEntry, QuestionEntry)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "journal",
        metavar="JOURNAL",
        nargs="?",
        help="the file that `--journal` named (default: that of your questions)",
    )
    parser.add_argument(
        "run_id", metavar="RUN", nargs="?", help="the beginning of the id of a run or a question: show what it did"
    )
    parser.add_argument(
        "--result",
        metavar="ID",
        help="print the whole result of one call of that run, as JSON: 3, or 3[1] for an element of a fan-out",
    )
    add_format(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Print the list, one run, or one result."""
    if args.result is not None and args.run_id is None:
        raise Usage("--result prints a result of one run: `lcc runs JOURNAL RUN --result ID`")
    import anyio

    path = args.journal or str(state_folder() / JOURNAL_NAME)
    with journal_errors(Source(path, "")), closing(JournalFile(path)) as file:
        alone = [run for run in file.runs() if run.question is None]
        entries: list[Entry] = sorted([*alone, *questions(file)], key=lambda entry: entry.begun)
        shown = None if args.run_id is None else _load(file, args.run_id)
        if shown is not None and args.result is not None:
            console.print(dump_json(anyio.run(stored_result, _only_run(*shown), args.result)))
            return 0
        entries = [replace(entry, status="waiting") if _waits(file, entry) else entry for entry in entries]
        waits = None if shown is None else waiting_of(file, _owner(*shown))
        shown = None if shown is None else _waiting(file, *shown)
    if args.format == "json":
        console.print(dump_json([_entry_json(e) for e in entries] if shown is None else _json_of(*shown, waits)))
        return 0
    for line in [_entry_line(entry) for entry in entries] if shown is None else _lines_of(*shown, waits):
        console.print(line)
    if not entries:
        console.say("no runs")
    return 0


def _with_status(file: JournalFile, entry: AnEntry) -> AnEntry:
    """Return an entry with `waiting` as its status, if it waits."""
    return replace(entry, status="waiting") if _waits(file, entry) else entry


def _waits(file: JournalFile, entry: Entry) -> bool:
    return entry.status is None and waiting_of(file, entry.id) is not None


def _owner(question: QuestionEntry | None, runs: list[StoredRun]) -> str:
    return runs[0].entry.id if question is None else question.id


def _waiting(
    file: JournalFile, question: QuestionEntry | None, runs: list[StoredRun]
) -> tuple[QuestionEntry | None, list[StoredRun]]:
    """Return what is shown with `waiting` as the status of what waits."""
    own = None if question is None else _with_status(file, question)
    return own, [replace(run, entry=_with_status(file, run.entry)) for run in runs]


def _load(file: JournalFile, prefix: str) -> tuple[QuestionEntry | None, list[StoredRun]]:
    """Return the runs of a question, or the one run, by the beginning of an id."""
    named = question_named(file, prefix)
    if named is None:
        return None, [file.load(prefix)]
    question = load_question(file, named)
    return question.entry, [file.load(run.id) for run in question.runs]


def _only_run(question: QuestionEntry | None, runs: list[StoredRun]) -> StoredRun:
    """Return the run in which an id means one call: the plans of a question may have calls of the same ids."""
    if len(runs) == 1:
        return runs[0]
    assert question is not None
    ids = ", ".join(run.entry.id[:8] for run in runs)
    help = f"name one of them in its place: {ids}" if runs else "see `lcc runs` for what there is"
    raise JournalError(f"question {question.id[:8]} has {plural(len(runs), 'run')}, not one", help)


def _lines_of(question: QuestionEntry | None, runs: list[StoredRun], waits: Wanted | None) -> list[str]:
    lines = [line for run in runs for line in _stored_lines(run)]
    told = [] if waits is None else [f"  {line}" for line in lines_of(waits)]
    return [*lines, *told] if question is None else [_entry_line(question), *(f"  {line}" for line in lines), *told]


def _json_of(question: QuestionEntry | None, runs: list[StoredRun], waits: Wanted | None) -> dict[str, Json]:
    told: dict[str, Json] = {} if waits is None else {"waits_for": json_of(waits)}
    if question is None:
        return {**_stored_json(runs[0]), **told}
    return {**_entry_json(question), "runs": [_stored_json(run) for run in runs], **told}


def _status(entry: Entry) -> str:
    return entry.status or ("running" if entry.alive else "broken off")


def _entry_line(entry: Entry) -> str:
    begun = datetime.fromtimestamp(entry.begun, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    what = entry.path if isinstance(entry, RunEntry) else f"? {cut(' '.join(entry.question.split()), 80)}"
    return f"{entry.id[:8]}  {begun}  {_status(entry):10}  {escape(what)}"


def _stored_lines(stored: StoredRun) -> list[str]:
    lines = [_entry_line(stored.entry)]
    tools = {**stored.tools, **{task.id: task.tool for task in calls_of(stored.plan)}}
    doubtful = stored.in_doubt
    for id_, record in ((id_, record) for id_, record in stored.records.items() if id_ not in doubtful):
        merged = None if record.merged is None else _tool(tools, record.merged)
        tool = _tool(tools, id_) or merged or had_before(stored, id_)
        attempts = stored.started.get(id_, 0)
        error = "" if record.error is None else f": {' '.join(record.error.shown.split())}"
        made = f", {plural(attempts, 'attempt')}" if attempts else ""
        same = f", same as {record.merged}" if merged else ""
        call = f"{id_}. {tool}" if tool else f"{id_}"  # the plans of a question are known by what was called
        lines.append(escape(f"  {record.status.value:9}  {call}{made}{same}{error}"))
    for id_ in doubtful:
        ended = stored.records.get(id_)
        why = "started, not seen to end" if ended is None or ended.error is None else ended.error.shown
        lines.append(escape(f"  in doubt   {id_}. {_tool(tools, id_) or ''}: {why}"))
    begun = {id_ if stored.plan.body is None else site_of(id_) for id_ in (*stored.records, *stored.started)}
    waiting = [task for task in calls_of(stored.plan) if task.id not in begun]
    if waiting:
        have = "has" if len(waiting) == 1 else "have"
        lines.append(f"  {plural(len(waiting), 'task')} {have} not started")
    return lines


def _tool(tools: Mapping[TaskId, str], id_: TaskId) -> str | None:
    return tools.get(id_) or tools.get(getattr(id_, "task", id_))


def _entry_json(entry: Entry) -> dict[str, Json]:
    what: dict[str, Json] = {"path": entry.path} if isinstance(entry, RunEntry) else {"question": entry.question}
    return {
        "id": entry.id,
        "begun": entry.begun,
        "ended": entry.ended,
        "status": _status(entry),
        **what,
    }


def _stored_json(stored: StoredRun) -> dict[str, Json]:
    return {
        **_entry_json(stored.entry),
        "makespan": stored.makespan,
        "tasks": {str(id_): record.to_json() for id_, record in stored.records.items()},
        "in_doubt": [str(id_) for id_ in stored.in_doubt],
    }
