"""`lcc runs`: list the runs of a journal, or show what one did."""

from __future__ import annotations

import argparse
from contextlib import closing
from datetime import UTC, datetime

from lcc.cli.console import Console
from lcc.cli.execution import journal_errors
from lcc.cli.options import add_format
from lcc.cli.views.turns import site_of
from lcc.grammar.diagnostics.terminal import dump_json, escape
from lcc.grammar.diagnostics.wording import plural
from lcc.grammar.ir import calls_of
from lcc.grammar.source import Source
from lcc.grammar.values import Json
from lcc.runtime.journal.file import JournalFile, RunEntry, StoredRun


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("journal", metavar="JOURNAL", help="the file that `lcc run --journal` wrote")
    parser.add_argument("run_id", metavar="RUN", nargs="?", help="the beginning of a run's id: show what it did")
    add_format(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Print the list, or one run."""
    with journal_errors(Source(args.journal, "")), closing(JournalFile(args.journal)) as file:
        entries = file.runs()
        stored = None if args.run_id is None else file.load(args.run_id)
    if args.format == "json":
        console.print(dump_json([_entry_json(e) for e in entries] if stored is None else _stored_json(stored)))
        return 0
    for line in [_entry_line(entry) for entry in entries] if stored is None else _stored_lines(stored):
        console.print(line)
    if not entries:
        console.say("no runs")
    return 0


def _status(entry: RunEntry) -> str:
    return entry.status or ("running" if entry.alive else "broken off")


def _entry_line(entry: RunEntry) -> str:
    begun = datetime.fromtimestamp(entry.begun, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    return f"{entry.id[:8]}  {begun}  {_status(entry):10}  {escape(entry.path)}"


def _stored_lines(stored: StoredRun) -> list[str]:
    lines = [_entry_line(stored.entry)]
    tools = {task.id: task.tool for task in calls_of(stored.plan)}
    for id_, record in stored.records.items():
        tool = tools.get(id_) or tools.get(getattr(id_, "task", id_)) or ""
        attempts = stored.started.get(id_, 0)
        error = "" if record.error is None else f": {' '.join(record.error.shown.split())}"
        made = f", {plural(attempts, 'attempt')}" if attempts else ""
        lines.append(escape(f"  {record.status.value:9}  {id_}. {tool}{made}{error}"))
    lines += [
        escape(
            f"  in doubt   {id_}. {tools.get(id_) or tools.get(getattr(id_, 'task', id_), '')}: started, not seen to end"
        )
        for id_ in stored.in_doubt
    ]
    begun = {id_ if stored.plan.body is None else site_of(id_) for id_ in (*stored.records, *stored.started)}
    waiting = [task for task in calls_of(stored.plan) if task.id not in begun]
    if waiting:
        have = "has" if len(waiting) == 1 else "have"
        lines.append(f"  {plural(len(waiting), 'task')} {have} not started")
    return lines


def _entry_json(entry: RunEntry) -> dict[str, Json]:
    return {
        "id": entry.id,
        "begun": entry.begun,
        "ended": entry.ended,
        "status": _status(entry),
        "path": entry.path,
    }


def _stored_json(stored: StoredRun) -> dict[str, Json]:
    return {
        **_entry_json(stored.entry),
        "makespan": stored.makespan,
        "tasks": {str(id_): record.to_json() for id_, record in stored.records.items()},
        "in_doubt": [str(id_) for id_ in stored.in_doubt],
    }
