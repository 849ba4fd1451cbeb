"""Run the plan of a file for a command. What only some runs need, such as a journal, is imported where they do.

Standard output holds what the plan hands over, and nothing else; tasks and diagnostics go to standard error.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from lcc.cli.console import BadInput, Console, Usage
from lcc.cli.execution import execute, journal_errors
from lcc.cli.files import check_profile_out, read_costs, read_inputs_file
from lcc.cli.front import CompiledFile, compile_file, near, read_inputs
from lcc.cli.options import check_limits
from lcc.grammar.values import Json
from lcc.runtime.inputs import RunError, check_run, input_values

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
        from lcc.cli.consent.file_approval import approved_file

        found = approved_file(compiled, args, console)
        compiled, waits = found or compiled, found is None
    with ExitStack() as kept:
        path = args.journal
        if path is None and args.report is not None:  # it knows what calls were made with
            from tempfile import TemporaryDirectory

            path = str(Path(kept.enter_context(TemporaryDirectory())) / "run.journal")
        journal = None if path is None else _journal(compiled, inputs, path, args)
        if waits and journal is not None:
            from lcc.cli.consent.file_approval import put_off

            return put_off(journal, compiled, args, console)
        return execute(compiled, inputs, journal, args, console)


def _inputs_file(args: argparse.Namespace) -> dict[str, Json]:
    return {} if args.inputs is None else read_inputs_file(args.inputs)


def _journal(compiled: CompiledFile, inputs: Mapping[str, Json], path: str, args: argparse.Namespace) -> RunJournal:
    """Enter the run in a journal, if the run can begin at all."""
    from lcc.runtime.journal.compilation import compilation_of
    from lcc.runtime.journal.record import begin_run

    try:
        check_run(compiled.plan, compiled.callable, inputs)
    except RunError as error:
        raise BadInput(error.diagnostics, compiled.source) from None
    with journal_errors(compiled.source):
        return begin_run(
            path,
            compiled.plan,
            compiled.source,
            compiled.tools,
            inputs,
            written=compiled.written,
            durable=args.durable,
            compilation=compilation_of(
                compiled.plan, compiled.source, compiled.tools, compiled.changes, compiled.findings
            ),
        )


def _dry_run(compiled: CompiledFile, inputs: Mapping[str, Json], args: argparse.Namespace, console: Console) -> int:

    _, found = input_values(compiled.plan.inputs, inputs)
    if found:
        raise BadInput(found, compiled.source)
    from lcc.cli.views.dry_run import dry_run_lines

    for line in dry_run_lines(compiled.plan, compiled.tools, read_costs(args), console.width):
        console.print(line)
    console.summarize()
    return 0
