"""`lcc lsp`: be a language server for an editor, over standard input and output. Nothing of a project is imported, started or run."""

from __future__ import annotations

import argparse
import os
import sys

from lcc.cli.console import Console, Usage
from lcc.cli.options import add_tools

HOW: str = "a language server needs pygls: pip install 'lcc-toolchain[lsp]'"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_tools(parser)
    parser.add_argument(
        "--programs",
        action="append",
        default=[],
        metavar="GLOB",
        help="Python files that are programs, as `programs/*.py` (may be repeated; default: none, since most Python files aren't)",
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """Serve until the client ends it; the status is 1 if it didn't ask to shut down before, as the protocol has it."""
    try:
        from lcc.editing.language_server import PlanServer
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise Usage(HOW) from None
    from lcc import __version__
    from lcc.editing.open_text import Workspace

    workspace = Workspace(tuple(args.tools), args.trust_annotations)
    server = PlanServer(workspace, tuple(args.programs), __version__)
    with os.fdopen(os.dup(console.stdout.fileno()), "wb") as stdout:  # the server closes it at the end
        return 0 if server.serve(sys.stdin.buffer, stdout) else 1
