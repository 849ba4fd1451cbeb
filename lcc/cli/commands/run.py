"""`lcc run`: compile a plan and execute it.

Standard output holds what the plan hands over, and nothing else; tasks and diagnostics go to standard error.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from lcc.cli.console import BadInput, Console
from lcc.cli.execution import add_journal, execute, journal_errors
from lcc.cli.files import read_costs
from lcc.cli.front import CompiledFile, compile_file, near, read_inputs
from lcc.cli.model_options import add_tool_model
from lcc.cli.options import (
    add_format,
    add_level,
    add_plan,
    add_run_options,
    add_yes,
    check_limits,
)
from lcc.cli.views.dry_run import dry_run_lines
from lcc.grammar.values import Json
from lcc.runtime.inputs import RunError, check_run, input_values
from lcc.runtime.journal.record import RunJournal, begin_run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_plan(parser)
    parser.add_argument(
        "--input",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="the value of an input of the plan (may be repeated): text for an input of type str, else JSON",
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would run, and call nothing")
    add_format(parser)
    add_yes(parser)
    add_journal(parser, required=False)
    add_run_options(parser)
    add_tool_model(parser)
    add_level(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Execute the plan; the status is 1 if any task is not ok."""
    compiled = compile_file(args, console, bound=not args.dry_run, fold=not args.dry_run)
    check_limits(args, compiled.tools, near(compiled.source.path))
    inputs = read_inputs(args.input, compiled.written)
    if args.dry_run:
        return _dry_run(compiled, inputs, args, console)
    console.summarize()
    with journal_errors(compiled.source):
        journal = _journal(compiled, inputs, args)
    return execute(compiled, inputs, journal, args, console)


def _journal(compiled: CompiledFile, inputs: Mapping[str, Json], args: argparse.Namespace) -> RunJournal | None:
    """Enter the run in a journal, if one is named and the run can begin at all."""
    if args.journal is None:
        return None

    try:
        check_run(compiled.plan, compiled.callable, inputs)
    except RunError as error:
        raise BadInput(error.diagnostics, compiled.source) from None
    return begin_run(
        args.journal,
        compiled.plan,
        compiled.source,
        compiled.tools,
        inputs,
        written=compiled.written,
        durable=args.durable,
    )


def _dry_run(compiled: CompiledFile, inputs: Mapping[str, Json], args: argparse.Namespace, console: Console) -> int:

    _, found = input_values(compiled.plan.inputs, inputs)
    if found:
        raise BadInput(found, compiled.source)
    for line in dry_run_lines(compiled.plan, compiled.tools, read_costs(args), console.width):
        console.print(line)
    console.summarize()
    return 0
