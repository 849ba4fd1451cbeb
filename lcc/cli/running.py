"""Run a plan for a command, from its file or from the journal of a run that broke off.

Standard output holds what the plan hands over, and nothing else; tasks and diagnostics go to standard error.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from lcc.cli.consent.doubts import answer_waiting, settle_doubts
from lcc.cli.consent.file_approval import approved_file, may_go_on, put_off
from lcc.cli.console import BadInput, Console, Usage
from lcc.cli.execution import WAITING, execute, journal_errors, load_run
from lcc.cli.files import check_profile_out, read_costs, read_inputs_file
from lcc.cli.front import CompiledFile, compile_file, near, read_inputs, report_tools
from lcc.cli.options import check_limits
from lcc.config import JOURNAL_NAME, state_folder
from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.diagnostics.wording import plural
from lcc.grammar.ir import Plan, calls_of
from lcc.grammar.source import Source
from lcc.grammar.values import Json
from lcc.runtime.calls.built_in import with_built_in
from lcc.runtime.inputs import RunError, check_run, input_values
from lcc.runtime.journal.file import JournalFile
from lcc.runtime.journal.questions import question_named
from lcc.runtime.tool import Tool
from lcc.toolset import load_bound

if TYPE_CHECKING:
    from lcc.runtime.journal.record import RunJournal


def run_file(args: argparse.Namespace, console: Console) -> int:
    """Execute the plan; the status is 1 if any task is not ok."""
    compiled = compile_file(args, console, bound=not args.dry_run, fold=not args.dry_run)
    check_limits(args, compiled.tools, near(compiled.source.path))
    inputs = {**_inputs_file(args), **read_inputs(args.input, compiled.written)}
    if args.dry_run:
        return _dry_run(compiled, inputs, args, console)
    check_profile_out(args)
    console.summarize()
    if args.wait and args.journal is None:
        raise Usage("--wait: the run waits in a journal; name one with --journal")
    waits = False
    if args.approve_plan:
        found = approved_file(compiled, args, console)
        compiled, waits = found or compiled, found is None
    with ExitStack() as kept:
        path = args.journal
        if path is None and args.report is not None:  # it knows what calls were made with
            path = str(Path(kept.enter_context(TemporaryDirectory())) / "run.journal")
        with journal_errors(compiled.source):
            journal = _journal(compiled, inputs, path, args)
        if waits and journal is not None:
            return put_off(journal, compiled, args, console)
        return execute(compiled, inputs, journal, args, console)


def _inputs_file(args: argparse.Namespace) -> dict[str, Json]:
    return {} if args.inputs is None else read_inputs_file(args.inputs)


def _journal(
    compiled: CompiledFile, inputs: Mapping[str, Json], path: str | None, args: argparse.Namespace
) -> RunJournal | None:
    """Enter the run in a journal, if there is to be one and the run can begin at all."""
    if path is None:
        return None
    from lcc.runtime.journal.record import begin_run

    _check_run(compiled.plan, compiled.callable, inputs, compiled.source)
    return begin_run(
        path,
        compiled.plan,
        compiled.source,
        compiled.tools,
        inputs,
        written=compiled.written,
        durable=args.durable,
    )


def _check_run(plan: Plan, tools: Mapping[str, Tool], inputs: Mapping[str, Json], source: Source) -> None:
    try:
        check_run(plan, tools, inputs)
    except RunError as error:
        raise BadInput(error.diagnostics, source) from None


def _dry_run(compiled: CompiledFile, inputs: Mapping[str, Json], args: argparse.Namespace, console: Console) -> int:

    _, found = input_values(compiled.plan.inputs, inputs)
    if found:
        raise BadInput(found, compiled.source)
    from lcc.cli.views.dry_run import dry_run_lines

    for line in dry_run_lines(compiled.plan, compiled.tools, read_costs(args), console.width):
        console.print(line)
    console.summarize()
    return 0


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
    toolset = load_bound(
        args.tools,
        near=near(source.path),
        needed=needed,
        trust_project=args.trust_project,
        trust_annotations=args.trust_annotations,
    )
    report_tools(toolset, console)
    check_limits(args, toolset.signatures, near(stored.source.path))
    check_profile_out(args)
    from lcc.runtime.journal.record import check_unchanged, resume_run

    inputs = {**stored.inputs, **read_inputs(args.input, stored.plan)}
    with journal_errors(Source(args.journal, "")):
        check_unchanged(stored, toolset.signatures)  # a run that can't go on takes no answer
        _check_run(stored.plan, with_built_in(stored.plan, toolset.tools), inputs, source)
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
