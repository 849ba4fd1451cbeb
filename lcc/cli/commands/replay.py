"""`lcc replay`: show the results of a recorded run again, without its tools."""

from __future__ import annotations

import argparse

from lcc.cli.console import Console
from lcc.cli.execution import journal_errors, load_run, show
from lcc.cli.front import CompiledFile
from lcc.cli.options import add_format
from lcc.grammar.source import Source
from lcc.runtime.journal.replay import replay


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("journal", metavar="JOURNAL", help="the file that `lcc run --journal` wrote")
    parser.add_argument("run_id", metavar="RUN", nargs="?", help="the beginning of a run's id (default: the last run)")
    add_format(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Print what the run gave, as far as it got; the status is 1 if any task is not ok."""
    import anyio

    stored = load_run(args)
    with journal_errors(Source(args.journal, "")):
        result = anyio.run(replay, stored)
    show(CompiledFile(stored.plan, stored.written, stored.source, {}, {}), result, args, console, stored.entry.id)
    return 0 if result.ok else 1
