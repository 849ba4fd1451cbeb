"""`lcc run`: compile a plan and execute it.

Standard output holds what the plan hands over, and nothing else; tasks and diagnostics go to standard error.
"""

from __future__ import annotations

import argparse
import contextlib
from typing import TYPE_CHECKING, Final

from lcc.cli.bad_input import BadInput
from lcc.cli.console import Console
from lcc.cli.options import add_file, add_front_end, add_level, add_tools

INTERRUPTED: Final = 130

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lcc.cli.front import CompiledFile
    from lcc.grammar.values import Json
    from lcc.runtime.result import RunResult


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_file(parser)
    add_tools(parser)
    add_front_end(parser)
    parser.add_argument(
        "--input",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="the value of an input of the plan (may be repeated): text for an input of type str, else JSON",
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would run, and call nothing")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    parser.add_argument("--yes", action="store_true", help="allow destructive calls without asking")
    add_level(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Execute the plan; the status is 1 if any task is not ok."""
    from lcc.cli.front import compile_file
    from lcc.cli.inputs import read_inputs

    compiled = compile_file(args, console, bound=not args.dry_run, fold=True)
    inputs = read_inputs(args.input, compiled.written)
    if args.dry_run:
        return _dry_run(compiled, inputs, console)
    console.summarize()
    result, interrupted = _execute(compiled, inputs, args, console)
    console.leave = any(record.status == "abandoned" for record in result.tasks.values())
    _show(compiled, result, args, console)
    if interrupted:
        console.say("interrupted")
        return INTERRUPTED
    return 0 if result.ok else 1


def _dry_run(compiled: CompiledFile, inputs: Mapping[str, Json], console: Console) -> int:
    from lcc.cli.dry_run import dry_run_lines
    from lcc.runtime.inputs import input_values

    _, found = input_values(compiled.plan.inputs, inputs)
    if found:
        raise BadInput(found, compiled.source)
    for line in dry_run_lines(compiled.plan, compiled.tools, console.width):
        console.print(line)
    console.summarize()
    return 0


def _execute(
    compiled: CompiledFile, inputs: Mapping[str, Json], args: argparse.Namespace, console: Console
) -> tuple[RunResult, bool]:
    """Return the results, of a run that was interrupted those that it had by then, and whether it was."""
    import anyio

    from lcc.cli.approve import approver
    from lcc.cli.progress import Progress
    from lcc.runtime.inputs import RunError
    from lcc.runtime.options import Options
    from lcc.runtime.run import Run

    options = Options(on_event=Progress(compiled.plan, console), approve=approver(console, always=args.yes))
    begun: list[Run] = []

    async def main() -> RunResult:
        async with Run(compiled.plan, compiled.callable, inputs, options=options, keep_events=False) as execution:
            begun.append(execution)
            return await execution.wait()

    try:
        with contextlib.redirect_stdout(console.stderr):  # what tools print is no result
            return anyio.run(main), False
    except RunError as error:
        raise BadInput(error.diagnostics, compiled.source) from None
    except KeyboardInterrupt:
        if not begun:
            raise
        return begun[0].result, True


def _show(compiled: CompiledFile, result: RunResult, args: argparse.Namespace, console: Console) -> None:
    from lcc.cli.run_text import outcome_line, result_lines

    pretty = console.stderr.isatty()
    if pretty:
        from lcc.cli.run_table import task_table, terminal

        terminal(console.stderr, color=console.color, width=console.width).print(
            task_table(compiled.written, result, console.width)
        )
    else:
        console.say(outcome_line(result))
    if args.format == "json":
        from lcc.grammar.escape import dump_json

        console.print(dump_json(result.to_json()))
    elif console.stdout.isatty():
        from lcc.cli.run_table import outcome_panel, terminal

        shown = outcome_panel(compiled.written, result)
        terminal(console.stdout, color=console.color_results, width=console.width).print(shown)
    else:
        for line in result_lines(compiled.written, result):
            console.print(line)
