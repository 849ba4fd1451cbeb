"""Build the command line's parser, whole or for the one command that is asked for.

Importing every command costs several times what one does, and most calls name one: only help, completion and mistakes need
them all.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib import import_module
from typing import cast

from lcc.cli.commands import COMMANDS, Command, CommandModule

_EPILOG = "exit status: 0 fine, 1 findings or a failed run, 2 usage, 130 interrupted, 141 closed pipe"


def build_parser(argv: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """Return the parser of `lcc`; with `argv`, one that is only fit for that command line."""
    named = [command for command in COMMANDS if argv and argv[0] == command.name]
    parser = argparse.ArgumentParser(
        prog="lcc",
        description="A compiler for the plans that language models write.",
        epilog=_EPILOG,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for command in named or COMMANDS:
        _add(commands, command)
    return parser


def _add(commands: argparse._SubParsersAction[argparse.ArgumentParser], command: Command) -> None:
    module = cast(CommandModule, import_module(f"lcc.cli.{command.module}"))
    parser = commands.add_parser(
        command.name, help=command.help, description=command.help, epilog=_EPILOG, allow_abbrev=False
    )
    module.add_arguments(parser)
    parser.set_defaults(run=module.run)
