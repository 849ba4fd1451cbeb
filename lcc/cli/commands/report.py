"""`lcc report`: write a page about a recorded run or question."""

from __future__ import annotations

import argparse

from lcc.cli.console import Console
from lcc.cli.execution import journal_errors
from lcc.cli.files import replace_file
from lcc.grammar.source import Source


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("journal", metavar="JOURNAL", help="the file that `lcc run --journal` wrote")
    parser.add_argument(
        "run_id",
        metavar="RUN",
        nargs="?",
        help="the beginning of the id of a run or a question (default: the last one)",
    )
    parser.add_argument("-o", "--output", metavar="OUT", help="where to write the page (default: standard output)")


def run(args: argparse.Namespace, console: Console) -> int:
    """Write the page."""
    from lcc.cli.views.run_report import journal_report

    with journal_errors(Source(args.journal, "")):
        page = journal_report(args.journal, args.run_id)
    if args.output is None:
        console.print_data(page)
    else:
        replace_file(args.output, page)
    return 0
