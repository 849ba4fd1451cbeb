"""Go on with a run that broke off, from its journal.

Standard output holds what the plan hands over, and nothing else; tasks and diagnostics go to standard error.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from lcc.cli.consent.doubts import answer_waiting, settle_doubts
from lcc.cli.consent.file_approval import may_go_on
from lcc.cli.console import BadInput, Console
from lcc.cli.execution import WAITING, execute, journal_errors, load_run
from lcc.cli.files import check_profile_out
from lcc.cli.front import CompiledFile, bound_tools, near, read_inputs, report_tools
from lcc.cli.options import check_limits
from lcc.config import JOURNAL_NAME, state_folder
from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.diagnostics.wording import plural
from lcc.grammar.ir import calls_of
from lcc.grammar.source import Source
from lcc.grammar.values import Json
from lcc.runtime.calls.built_in import with_built_in
from lcc.runtime.inputs import RunError, check_run
from lcc.runtime.journal.file import JournalFile, StoredRun
from lcc.runtime.journal.questions import question_named
from lcc.runtime.journal.record import check_unchanged, resume_run
from lcc.toolset import Toolset


def resume_recorded(args: argparse.Namespace, console: Console) -> int:
    """Resume the run, or the question; the status is 1 if any task is not ok, or if there is no answer."""
    args.journal = args.journal or str(state_folder() / JOURNAL_NAME)
    with journal_errors(Source(args.journal, "")), closing(JournalFile(args.journal)) as file:
        question = question_named(file, args.run_id)
    if question is not None:
        from lcc.cli.asking import resume_answering

        return resume_answering(question, args, console)
    stored = load_run(args)
    source = _own_source(stored.source, args.journal, console)
    needed = {task.tool for task in calls_of(stored.plan)}
    toolset = bound_tools(source.path, args, needed)
    report_tools(toolset, console)
    check_limits(args, toolset.signatures, near(stored.source.path))
    check_profile_out(args)
    inputs = {**stored.inputs, **read_inputs(args.input, stored.plan)}
    with journal_errors(Source(args.journal, "")):
        _check(stored, toolset, inputs, source)
        settle_doubts(args.journal, stored.entry.id, args, toolset.signatures, console)
        answer_waiting(args.journal, stored.entry.id, args)
        if not may_go_on(args.journal, stored, console):
            return WAITING
        journal, stored = resume_run(args.journal, toolset.signatures, run=stored.entry.id, durable=args.durable)
    compiled = CompiledFile(stored.plan, stored.written, source, toolset.signatures, toolset.tools)
    done = sum(record.status == "ok" for record in stored.records.values())
    broken = len(stored.in_doubt)
    are, were = "is" if done == 1 else "are", "was" if broken == 1 else "were"
    console.say(f"run {stored.entry.id[:8]}: {plural(done, 'task')} {are} done, {broken} {were} broken off")
    return execute(compiled, inputs, journal, args, console)


def _check(stored: StoredRun, toolset: Toolset, inputs: Mapping[str, Json], source: Source) -> None:
    """Raise JournalError or BadInput for a run that can't go on as it is: it takes no answer, and nothing is settled."""
    check_unchanged(stored, toolset.signatures)
    try:
        check_run(stored.plan, with_built_in(stored.plan, toolset.tools), inputs)
    except RunError as error:
        raise BadInput(error.diagnostics, source) from None


def _own_source(source: Source, journal: str, console: Console) -> Source:
    """Return the plan's text under a path that tools and settings may be looked for at.

    A journal may come from a stranger, and the project that it names would be imported: only what lies in the working folder or beside
    the journal is.
    """
    path = Path(source.path).resolve()
    if any(path.is_relative_to(folder) for folder in (Path.cwd(), Path(journal).resolve().parent)):
        return source
    console.say(f"the plan was {escape(source.path)}, which is elsewhere: tools and settings are those of this folder")
    return Source(str(Path.cwd() / path.name), source.text)
