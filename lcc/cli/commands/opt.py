"""`lcc opt`: plan file in, optimized plan file out."""

from __future__ import annotations

import argparse

from lcc.cli.console import Console
from lcc.cli.files import STDIN, replace_file
from lcc.cli.front import compile_file
from lcc.cli.options import add_pipeline, add_plan
from lcc.cli.views.plan_text import emit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_plan(parser)
    parser.add_argument(
        "-o", "--output", default=STDIN, metavar="OUT", help="where to write (default: standard output)"
    )
    add_pipeline(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Write the optimized plan."""
    compiled = compile_file(args, console, fold=True)
    text = emit(compiled.plan, compiled.tools, "plan")
    if args.output == STDIN:
        console.print_data(text)
    else:
        replace_file(args.output, text)
    console.summarize()
    return 0
