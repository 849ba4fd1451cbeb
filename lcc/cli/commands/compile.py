"""`lcc compile`: show the compiled plan. Nothing is called."""

from __future__ import annotations

import argparse

from lcc.cli.console import Console
from lcc.cli.front import compile_file
from lcc.cli.options import add_pipeline, add_plan
from lcc.cli.views.plan_text import emit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_plan(parser)
    parser.add_argument(
        "--emit",
        choices=("ir", "json", "plan", "python"),
        default="ir",
        help="ir: the text form of the IR; json: its JSON form; plan: a plan file; python: a program (default: ir)",
    )
    add_pipeline(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Print the compiled plan."""
    compiled = compile_file(args, console)
    console.print_data(emit(compiled.plan, compiled.tools, args.emit))
    console.summarize()
    return 0
