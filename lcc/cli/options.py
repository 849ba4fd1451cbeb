"""Declare the options that several commands share, and read what they say."""

from __future__ import annotations

import argparse
from typing import Final

LEVELS: Final = (0, 1, 2, 3)
DEFAULT_LEVEL: Final = 2


def add_file(parser: argparse.ArgumentParser) -> None:
    """Declare the one plan file of a command."""
    parser.add_argument("file", metavar="FILE", help="a plan file; - is standard input")


def add_tools(parser: argparse.ArgumentParser) -> None:
    """Declare `--tools`."""
    parser.add_argument(
        "--tools",
        action="append",
        default=[],
        metavar="SPEC",
        help="tools to check and call: FILE.py, package.module[:name], FILE.pyi or FILE.json (may be repeated; "
        "default: [tool.lcc] in the pyproject.toml nearest to the plan)",
    )


def add_level(parser: argparse.ArgumentParser, *, default: int = DEFAULT_LEVEL) -> None:
    """Declare `-O` alone, for a command that doesn't show what passes do."""
    _add_level(parser, default)
    parser.set_defaults(
        passes=None, print_after=None, print_after_all=False, verify_each=False, stats=False, time_passes=False
    )


def _add_level(parser: argparse._ActionsContainer, default: int) -> None:
    parser.add_argument(
        "-O",
        dest="level",
        type=int,
        choices=LEVELS,
        default=default,
        metavar="N",
        help=f"how much to optimize, 0 to 3 (default: {default})",
    )


def add_pipeline(parser: argparse.ArgumentParser) -> None:
    """Declare the options that choose passes and show what they do."""
    group = parser.add_argument_group("optimization")
    _add_level(group, DEFAULT_LEVEL)
    group.add_argument("--passes", metavar="A,B,…", help="run these passes, in this order, instead of a level's")
    group.add_argument("--stats", action="store_true", help="say what each pass changed, and why it was legal")
    group.add_argument("--time-passes", action="store_true", help="say how long each pass took")
    group.add_argument("--verify-each", action="store_true", help="verify the plan after every pass")
    shown = group.add_mutually_exclusive_group()
    shown.add_argument("--print-after", metavar="PASS", help="show what a pass changed, as a diff of the IR")
    shown.add_argument("--print-after-all", action="store_true", help="show what every pass changed")


def add_front_end(parser: argparse.ArgumentParser) -> None:
    """Declare `--front-end`."""
    parser.add_argument("--front-end", default="plan", metavar="NAME", help="the language of the text (default: plan)")
