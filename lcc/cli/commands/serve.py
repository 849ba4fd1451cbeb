"""`lcc serve`: be a server (MCP) with which other agents find tools, and run programs that call them.

Without --http it speaks over standard input and output, which then hold nothing else.
"""

from __future__ import annotations

import argparse

from lcc.cli.console import Console
from lcc.cli.model_options import add_tool_model
from lcc.cli.options import add_level, add_limits, add_tools, add_yes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_tools(parser)
    parser.add_argument(
        "--plan",
        action="append",
        default=[],
        metavar="FILE",
        help="a plan or program to offer as a tool of its own, its inputs as parameters (may be repeated)",
    )
    parser.add_argument(
        "--http", type=int, metavar="PORT", help="serve over streamable HTTP instead; 0 takes a free port"
    )
    parser.add_argument("--host", default="127.0.0.1", metavar="HOST", help="with --http: where (default: 127.0.0.1)")
    parser.add_argument(
        "--token", metavar="T", help="with --http: what clients must send (default: LCC_SERVE_TOKEN, else a new one)"
    )
    parser.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="with --http: let pages of this origin in, as http://localhost:6274 (may be repeated; default: none)",
    )
    parser.add_argument("--journal", metavar="JOURNAL", help="record runs, so that paused ones outlive the process")
    add_yes(parser)
    add_limits(parser)
    add_tool_model(parser)
    add_level(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Serve until the client or the user ends it."""
    from lcc.cli.serving_desk import serve

    return serve(args, console)
