"""`lcc resume`: go on with a recorded run, or a question, where it broke off. What ended well is not done again."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Final

from lcc.cli.console import Console
from lcc.cli.model_options import add_models
from lcc.cli.options import add_format, add_journal, add_run_options, add_settling, add_tools, add_wait, add_yes

NOT_ASKED: Final[Mapping[str, object]] = {
    "strategy": "lcc",
    "language": "plan",
    "examples": (),
    "plan_cache": False,
    **dict.fromkeys(("save_plan", "constrain", "level", "max_replans", "max_steps", "max_model_calls")),
    **dict.fromkeys(("result_tokens", "repeat", "no_journal", "approve_plan", "tool_search")),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_journal(parser, required=True)
    parser.add_argument(
        "run_id",
        metavar="RUN",
        nargs="?",
        help="the beginning of the id of a run or a question (default: the last one)",
    )
    add_settling(parser)
    answer = parser.add_mutually_exclusive_group()
    answer.add_argument("--approve", action="store_true", help="allow what the run waits for: exactly that")
    answer.add_argument(
        "--deny",
        nargs="?",
        const="",
        metavar="REASON",
        help="refuse what the run waits for; a planner is told the reason",
    )
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
    add_wait(parser)
    add_run_options(parser)
    add_models(parser)
    parser.set_defaults(**NOT_ASKED)  # they are those that a question was asked with


def run(args: argparse.Namespace, console: Console) -> int:
    """Resume the run; the status is 1 if any task is not ok."""
    from lcc.cli.resuming import resume_recorded

    return resume_recorded(args, console)
