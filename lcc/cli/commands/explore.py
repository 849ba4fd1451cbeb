"""`lcc explore`: a page on this machine that shows what lcc makes of a text while it is written."""

from __future__ import annotations

import argparse

from lcc.cli.console import Console
from lcc.cli.options import add_front_end, add_level, add_tools


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", metavar="FILE", nargs="?", help="a plan, program or reply of a model to begin with")
    add_tools(parser)
    add_front_end(parser)
    parser.add_argument("--port", type=int, default=0, metavar="N", help="the port (default: a free one)")
    parser.add_argument("--no-open", action="store_true", help="don't open a browser")
    parser.add_argument(
        "--trust-project",
        action="store_true",
        help="start the servers that the project's file names, to call their tools",
    )
    add_level(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Serve the page until Ctrl-C."""
    from lcc.cli.explorer.opening import explore

    return explore(args, console)
