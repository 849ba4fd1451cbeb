"""`lcc ask`: answer a question with tools.

Standard output holds the answer, and nothing else; what happens on the way goes to standard error.
"""

from __future__ import annotations

import argparse

from lcc.ask.strategies import LANGUAGES, STRATEGIES
from lcc.cli.console import Console
from lcc.cli.model_options import add_models
from lcc.cli.options import REPEATS, add_approve_plan, add_format, add_level, add_limits, add_tools, add_wait, add_yes
from lcc.cli.views.seeing import add_seeing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("question", metavar="QUESTION", help="what to answer; - is standard input")
    add_tools(parser)
    add_models(parser)
    _add_planning(parser)
    parser.add_argument("--save-plan", metavar="FILE", help="write the plan, or the program, to a file, for `lcc run`")
    parser.add_argument("--report", metavar="OUT", help="write a page about the question, its plans, runs and answer")
    add_format(parser)
    add_yes(parser)
    add_wait(parser)
    add_approve_plan(parser)
    _add_journal(parser)
    add_seeing(parser)
    add_limits(parser)
    add_level(parser)
    parser.set_defaults(level=None)  # so that it is known whether a level was asked for


def _add_planning(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("planning")
    group.add_argument(
        "--strategy",
        choices=STRATEGIES,
        default="lcc",
        help="how the question is answered: by a plan (default), or otherwise, to compare",
    )
    group.add_argument(
        "--language",
        choices=LANGUAGES,
        default="plan",
        help="what the planner writes: plans of numbered calls (default), the same with values, conditions and loops, or programs in Python",
    )
    group.add_argument(
        "--examples",
        action="append",
        default=[],
        metavar="PATH",
        help="plan files, or folders of them, that begin with `# Request: …` and show the planner how (may be repeated); other "
        "strategies take texts of their own",
    )
    _add_limits(group)
    group.add_argument(
        "--constrain",
        choices=("auto", "off", "lark", "gbnf"),
        help="hold the planner to the grammar of the tools' plans: where the server is known to take one (auto, the default), "
        "never, or as Lark or GBNF",
    )
    group.add_argument(
        "--repeat",
        choices=REPEATS,
        help="what becomes of a call that changes something, and that an earlier plan of the question made: it isn't made again "
        "(default; `allow` for strategies that loop), you are asked, or it is made again",
    )
    group.add_argument(
        "--plan-cache", action="store_true", help="use the plan that was made for the same question before"
    )


def _add_journal(parser: argparse.ArgumentParser) -> None:
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--journal",
        metavar="JOURNAL",
        help="record the question in this SQLite file, for `lcc resume` (default: one of your own, where a tool may write or --report is given)",
    )
    group.add_argument("--no-journal", action="store_true", help="record nothing")


def _add_limits(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--tool-search",
        type=int,
        metavar="N",
        help="tell models of the N tools that fit the question, and how to find others",
    )
    group.add_argument("--max-replans", type=int, metavar="N", help="further plans; 0 is one plan (default: 2)")
    group.add_argument(
        "--max-steps", type=int, metavar="N", help="model turns of the strategies that loop (default: 15)"
    )
    group.add_argument(
        "--max-model-calls", type=int, metavar="N", help="model calls that the question may take, all roles together"
    )
    group.add_argument(
        "--result-tokens",
        type=int,
        metavar="N",
        help="tokens of a result that a model sees (default: 1000)",
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """Answer the question; the status is 1 if there is no answer."""
    from lcc.cli.asking import answer_question

    return answer_question(args, console)
