"""`lcc resume`: go on with a recorded run where it broke off. What ended well is not done again."""

from __future__ import annotations

import argparse

from lcc.cli.console import Console
from lcc.cli.model_options import add_tool_model
from lcc.cli.options import add_format, add_journal, add_run_options, add_tools, add_yes


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
    from lcc.cli.running import resume_recorded

    return resume_recorded(args, console)
