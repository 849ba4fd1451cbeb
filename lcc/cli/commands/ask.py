"""`lcc ask`: answer a question with tools.

Standard output holds the answer, and nothing else; what happens on the way goes to standard error.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lcc.ask.strategies import STRATEGIES
from lcc.cli.bad_input import BadInput, Usage, bad_input
from lcc.cli.console import Console
from lcc.cli.model_options import add_models, roles_of
from lcc.cli.options import add_level, add_tools
from lcc.cli.run_options import add_limits, options_of
from lcc.grammar.source import Source

if TYPE_CHECKING:
    from lcc.ask.agent import Agent
    from lcc.ask.answer import Answer
    from lcc.cli.views.ask_progress import AskProgress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("question", metavar="QUESTION", help="what to answer; - is standard input")
    add_tools(parser)
    add_models(parser)
    group = parser.add_argument_group("planning")
    group.add_argument(
        "--strategy",
        choices=STRATEGIES,
        default="lcc",
        help="how the question is answered: by a plan (default), or otherwise, to compare",
    )
    group.add_argument(
        "--examples",
        action="append",
        default=[],
        metavar="PATH",
        help="plan files, or folders of them, that begin with `# Request: …` and show the planner how (may be repeated); other "
        "strategies take texts of their own",
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
    group.add_argument(
        "--constrain",
        choices=("auto", "off", "lark", "gbnf"),
        help="hold the planner to the grammar of the tools' plans: where the server is known to take one (auto, the default), "
        "never, or as Lark or GBNF",
    )
    group.add_argument("--save-plan", metavar="FILE", help="write the plan to a file, for `lcc run`")
    group.add_argument(
        "--plan-cache", action="store_true", help="use the plan that was made for the same question before"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    parser.add_argument("--yes", action="store_true", help="allow destructive calls without asking")
    add_limits(parser)
    add_level(parser)
    parser.set_defaults(level=None)  # so that it is known whether a level was asked for


def run(args: argparse.Namespace, console: Console) -> int:
    """Answer the question; the status is 1 if there is no answer."""
    from lcc.ask.answer import AskFailed
    from lcc.cli.views.ask_progress import AskProgress
    from lcc.models.faults import NoModel
    from lcc.models.local.server import close_local_models
    from lcc.runtime.blocking import run_blocking

    try:
        agent = _agent(args, console)
    except NoModel as error:
        _complain(str(error), console)
        return 2
    question = sys.stdin.read().strip() if args.question == "-" else args.question
    progress = AskProgress(
        console, show_answer=args.format == "text", strategy=args.strategy, grammar=args.constrain is not None
    )
    problem = ""
    try:
        answer = run_blocking(lambda: agent.ask(question, on_event=progress))
    except AskFailed as failed:
        answer, problem = failed.answer, str(failed)
    finally:
        close_local_models()
    console.leave = any(r.status == "abandoned" for round_ in answer.rounds for r in round_.records.values())
    _show(answer, progress, args, console)
    if args.save_plan is not None and answer.rounds and answer.rounds[-1].written.join is not None:
        _save(question, answer, args.save_plan)
    if problem:
        _complain(problem, console)
    return 0 if answer.ok else 1


def _agent(args: argparse.Namespace, console: Console) -> Agent:
    from lcc.ask.accounts import Limits
    from lcc.ask.agent import Agent
    from lcc.ask.planning.plan_files import PlanCache
    from lcc.cli.approve import approver
    from lcc.cli.front import report_tools
    from lcc.compiler import CompileError
    from lcc.config import cache_folder, find_config, read_config
    from lcc.runtime.calls.secrets import NO_SECRETS
    from lcc.runtime.inputs import HOW_TO_GIVE_TOOLS
    from lcc.toolset import load_bound

    _check_options(args)
    config = read_config(find_config(Path.cwd()))
    if config.diagnostics:
        raise BadInput(config.diagnostics, config.source)
    roles = roles_of(args, config)
    near = None if args.strategy == "skeleton" else Path.cwd()  # it has no use for a project's tools
    toolset = load_bound(args.tools, near=near)
    report_tools(toolset, console)
    if near is not None and not toolset.tools:
        raise bad_input(
            "X004", "there are no tools to answer with", Source("--tools", ""), HOW_TO_GIVE_TOOLS.format("search")
        )
    approve = approver(console, always=args.yes, secrets=NO_SECRETS)  # what a plan of a model holds is none
    options = options_of(args, config, toolset.tools, sink=_nothing, approve=approve, journal=None)
    limits = Limits(
        model_calls=args.max_model_calls,
        tokens=options.budget.tokens,
        usd=options.budget.usd,
        seconds=options.deadline,
    )
    try:
        return Agent(
            toolset.tools.values(),
            roles,
            strategy=args.strategy,
            max_replans=args.max_replans,
            max_steps=args.max_steps,
            examples=args.examples,
            result_tokens=args.result_tokens,
            level=args.level,
            limits=limits,
            options=replace(options, deadline=None, on_event=None),
            plan_cache=PlanCache(cache_folder()) if args.plan_cache else None,
            constrain=args.constrain,
        )
    except CompileError as error:
        raise BadInput(error.diagnostics, error.source) from None
    except ValueError as error:
        raise Usage(str(error)) from None


def _check_options(args: argparse.Namespace) -> None:
    """Refuse options that would do nothing with the chosen strategy."""
    from lcc.ask.strategies import check_options

    names = {"examples": "--examples", "max_replans": "--max-replans", "max_steps": "--max-steps", "level": "-O"}
    names |= {"plan_cache": "--plan-cache", "joiner": "--joiner-model"}
    names |= {"result_tokens": "--result-tokens", "save_plan": "--save-plan", "constrain": "--constrain"}
    given = vars(args) | {"joiner": args.joiner_model}
    try:
        check_options(
            args.strategy,
            [n for n in names if given[n] is not None and given[n] is not False and given[n] != []],
            names,
        )
    except ValueError as error:
        raise Usage(str(error)) from None


def _complain(text: str, console: Console) -> None:
    from lcc.grammar.diagnostics.terminal import escape_lines

    first, _, rest = text.partition("\n")
    console.fail(first)
    if rest:
        console.say(escape_lines(rest))


def _nothing(event: object) -> None:
    return None


def _show(answer: Answer, progress: AskProgress, args: argparse.Namespace, console: Console) -> None:
    from lcc.cli.views.ask_progress import last_line
    from lcc.grammar.diagnostics.terminal import dump_json, escape_lines

    progress.close(answer)
    if args.format == "json":
        console.print(dump_json(answer.to_json()))
    elif answer.ok and not progress.shown:
        console.print(escape_lines(answer.text))
    console.say(last_line(answer, args.strategy))


def _save(question: str, answer: Answer, path: str) -> None:
    from lcc.ask.planning.plan_files import saved_plan
    from lcc.cli.files import replace_file

    replace_file(path, saved_plan(question, answer.rounds))
