"""`lcc resume`: go on with a recorded run where it broke off. What ended well is not done again."""

from __future__ import annotations

import argparse
from pathlib import Path

from lcc.cli.console import Console
from lcc.cli.execution import add_journal, execute, journal_errors, load_run
from lcc.cli.front import CompiledFile, near, read_inputs, report_tools
from lcc.cli.model_options import add_tool_model
from lcc.cli.options import add_format, add_run_options, add_tools, add_yes, check_limits
from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.diagnostics.wording import plural
from lcc.grammar.source import Source
from lcc.runtime.journal.record import resume_run
from lcc.toolset import load_bound


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_journal(parser, required=True)
    parser.add_argument("run_id", metavar="RUN", nargs="?", help="the beginning of a run's id (default: the last run)")
    add_tools(parser)
    parser.add_argument(
        "--input",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="the value of a secret input, which the journal doesn't hold (may be repeated)",
    )
    add_format(parser)
    add_yes(parser)
    add_run_options(parser)
    add_tool_model(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Resume the run; the status is 1 if any task is not ok."""
    stored = load_run(args)
    source = _own_source(stored.source, args.journal, console)
    needed = {task.tool for task in stored.plan.tasks}
    toolset = load_bound(args.tools, near=near(source.path), needed=needed)
    report_tools(toolset, console)
    check_limits(args, toolset.signatures, near(stored.source.path))
    with journal_errors(Source(args.journal, "")):
        journal, stored = resume_run(args.journal, toolset.signatures, run=stored.entry.id, durable=args.durable)
    inputs = {**stored.inputs, **read_inputs(args.input, stored.plan)}
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
