"""`lcc report`: write a page about a recorded run."""

from __future__ import annotations

import argparse

from lcc.cli.console import Console
from lcc.cli.execution import load_run
from lcc.cli.files import replace_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("journal", metavar="JOURNAL", help="the file that `lcc run --journal` wrote")
    parser.add_argument("run_id", metavar="RUN", nargs="?", help="the beginning of a run's id (default: the last run)")
    parser.add_argument("-o", "--output", metavar="OUT", help="where to write the page (default: standard output)")


def run(args: argparse.Namespace, console: Console) -> int:
    """Write the page."""
    from lcc.cli.views.run_report import stored_report

    page = stored_report(args.journal, load_run(args))
    if args.output is None:
        console.print_data(page)
    else:
        replace_file(args.output, page)
    return 0
