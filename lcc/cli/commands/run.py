"""`lcc run`: compile a plan and execute it.

Standard output holds what the plan hands over, and nothing else; tasks and diagnostics go to standard error.
"""

from __future__ import annotations

import argparse

from lcc.cli.console import Console
from lcc.cli.model_options import add_tool_model
from lcc.cli.options import (
    add_approve_plan,
    add_format,
    add_journal,
    add_level,
    add_plan,
    add_run_options,
    add_wait,
    add_yes,
)


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
    parser.add_argument("--inputs", metavar="FILE", help="a JSON file with inputs by name; --input goes before it")
    parser.add_argument("--dry-run", action="store_true", help="show what would run, and call nothing")
    add_format(parser)
    add_yes(parser)
    add_wait(parser)
    add_approve_plan(parser)
    add_journal(parser, required=False)
    add_run_options(parser)
    add_tool_model(parser)
    add_level(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Execute the plan; the status is 1 if any task is not ok."""
    from lcc.cli.running import run_file

    return run_file(args, console)
