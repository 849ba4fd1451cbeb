"""`lcc completion`: a script that completes lcc's commands, options and files in a shell.

lcc completion bash > ~/.local/share/bash-completion/completions/lcc
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Final

from lcc.cli.console import Console
from lcc.cli.main import build_parser

SHELLS: Final = ("bash", "zsh", "fish", "tcsh", "powershell")
_FILES: Final = ("FILE", "SPEC", "OUT")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help=f"one of {', '.join(SHELLS)}")


def run(args: argparse.Namespace, console: Console) -> int:
    """Print the completion script."""
    import shtab

    parser = build_parser()
    for action in _actions(parser):
        if action.metavar in _FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]  # where shtab looks for it
    console.print(shtab.complete(parser, args.shell))
    return 0


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
