"""`lcc replay`: show the results of a recorded run again, without its tools."""

from __future__ import annotations

import argparse

from lcc.cli.console import Console
from lcc.cli.execution import journal_errors, show
from lcc.cli.front import CompiledFile
from lcc.grammar.source import Source
from lcc.runtime.journal.file import JournalFile
from lcc.runtime.journal.replay import replay


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("journal", metavar="JOURNAL", help="the file that `lcc run --journal` wrote")
    parser.add_argument("run_id", metavar="RUN", nargs="?", help="the beginning of a run's id (default: the last run)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")


def run(args: argparse.Namespace, console: Console) -> int:
    """Print what the run gave, as far as it got; the status is 1 if any task is not ok."""
    import anyio

    with journal_errors(Source(args.journal, "")):
        file = JournalFile(args.journal)
        try:
            stored = file.load(args.run_id)
        finally:
            file.close()
        result = anyio.run(replay, stored)
    show(CompiledFile(stored.plan, stored.written, stored.source, {}, {}), result, args, console)
    return 0 if result.ok else 1
