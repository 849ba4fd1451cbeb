"""Answer a question for a command: an agent of its options, progress, the answer.

Standard output holds the answer, and nothing else; what happens on the way goes to standard error.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from lcc.ask.accounts import Limits
from lcc.ask.agent import Agent
from lcc.ask.answer import Answer, AnswerStatus, AskFailed
from lcc.ask.events import AskEvent, AskSink
from lcc.ask.keeping import own_journal
from lcc.ask.planning.kept_plans import NotSaved, saved_plan
from lcc.ask.planning.plan_files import PlanCache
from lcc.ask.strategies import check_language, check_options
from lcc.cli.consent.approve import answerer, approver, may_ask
from lcc.cli.consent.approve_plan import plan_approver
from lcc.cli.consent.doubts import answer_waiting, settle_doubts
from lcc.cli.consent.go_on import budget_asker, limit_asker
from lcc.cli.console import BadInput, Console, Usage, bad_input
from lcc.cli.execution import journal_errors, say_waiting
from lcc.cli.files import replace_file
from lcc.cli.front import report_tools
from lcc.cli.model_options import roles_of
from lcc.cli.options import options_of
from lcc.cli.views.ask_progress import AskProgress, last_line
from lcc.cli.views.seeing import ask_telemetry, show_log, show_tracebacks
from lcc.compiler import CompileError
from lcc.config import cache_folder, find_config, read_config
from lcc.grammar.diagnostics.terminal import dump_json, escape, escape_lines
from lcc.grammar.source import Source
from lcc.models.faults import NoModel
from lcc.models.local.server import close_local_models
from lcc.plan_request import PlanApprover
from lcc.runtime.blocking import run_blocking
from lcc.runtime.calls.secrets import NO_SECRETS
from lcc.runtime.inputs import HOW_TO_GIVE_TOOLS
from lcc.runtime.journal.file import JournalFile, wait_for_closing
from lcc.runtime.journal.questions import check_question
from lcc.runtime.options import Budget
from lcc.runtime.tool import Tool
from lcc.toolset import load_bound

_SAME: Final = (
    "strategy",
    "max_replans",
    "max_steps",
    "examples",
    "result_tokens",
    "level",
    "constrain",
    "language",
    "repeat",
    "tool_search",
)
"""Options that an agent takes under the same name."""


def answer_question(args: argparse.Namespace, console: Console) -> int:
    """Answer the question; the status is 1 if there is no answer."""
    with ExitStack() as kept:
        args.place = _place(args, kept)
        try:
            agent = _agent(args, console)
        except NoModel as error:
            _complain(str(error), console)
            return 2
        question = sys.stdin.read().strip() if args.question == "-" else args.question
        return _follow(question, agent, args, console, lambda sink: agent.ask(question, on_event=sink))


def _place(args: argparse.Namespace, kept: ExitStack) -> str | bool | None:
    """Return where the question is kept. A report is written from its journal, which is there for that alone if none is wanted."""
    if args.journal is not None or not args.no_journal:
        return args.journal or (True if args.report is not None else None)
    if args.report is None:
        return False
    folder = kept.enter_context(TemporaryDirectory())
    kept.callback(wait_for_closing)
    return str(Path(folder) / "question.journal")


def resume_answering(question: str, args: argparse.Namespace, console: Console) -> int:
    """Go on with a question of a journal; the status is 1 if there is no answer."""
    args.question, args.place = None, args.journal
    try:
        agent = _agent(args, console)
    except NoModel as error:
        _complain(str(error), console)
        return 2
    with journal_errors(Source(args.journal, "")):
        with closing(JournalFile(args.journal)) as file:
            check_question(file, question, agent.signatures)  # a question that can't go on takes no answer
        settle_doubts(args.journal, question, args, agent.signatures, console)
        answer_waiting(args.journal, question, args)
        return _follow(question, agent, args, console, lambda sink: agent.resume(args.journal, question, on_event=sink))


def _follow(
    question: str,
    agent: Agent,
    args: argparse.Namespace,
    console: Console,
    ask: Callable[[AskSink], Coroutine[object, object, Answer]],
) -> int:
    """Show what happens while a question is answered, and the answer."""
    progress = _progress(args, console)
    problem = ""
    telemetry = args.telemetry
    watch = _shared(progress, telemetry)
    show_log(args, console)
    try:
        with _kept(args, console, progress):
            answer = run_blocking(lambda: ask(watch))
    except AskFailed as failed:
        answer, problem = failed.answer, str(failed)
    finally:
        close_local_models()
        if telemetry is not None:
            telemetry.close()
    console.leave = any(r.status == "abandoned" for round_ in answer.rounds for r in round_.records.values())
    with journal_errors(Source(_path(args), "")):  # large results are read there
        _show(answer, progress, args, console)
        show_tracebacks((pair for round_ in answer.rounds for pair in round_.records.items()), args, console)
        saved = args.save_plan is None or _save(question, answer, agent, args, console)
        reported = args.report is None or _report(answer, args, console)
    if problem:
        _complain(problem, console)
    if answer.status is AnswerStatus.WAITING and answer.question:
        return say_waiting(str(args.journal or own_journal()), answer.question, console)
    return 0 if answer.ok and saved and reported else 1


def _report(answer: Answer, args: argparse.Namespace, console: Console) -> bool:
    """Write the page about a question, from its journal; say so and return False if there is none."""
    from lcc.cli.views.run_report import journal_report

    if not answer.question:
        console.fail(f"{args.report} is not written: no journal is kept of this question")
        return False
    path = _path(args)
    replace_file(args.report, journal_report(path, answer.question, shown_path="" if args.no_journal else path))
    return True


def _path(args: argparse.Namespace) -> str:
    """Return the path of the journal that a question is kept in, if it is."""
    return args.place if isinstance(args.place, str) else str(own_journal())


def _save(question: str, answer: Answer, agent: Agent, args: argparse.Namespace, console: Console) -> bool:
    """Keep the plan, if there is one; say so and return False if it can't be kept."""
    if not answer.rounds or not _has_end(answer):
        return True
    try:
        text = saved_plan(question, answer.rounds, agent.signatures)
    except NotSaved as error:
        console.fail(f"{args.save_plan} is not written: {error}")
        return False
    replace_file(args.save_plan, text)
    return True


def _progress(args: argparse.Namespace, console: Console) -> AskProgress:
    return AskProgress(
        console,
        show_answer=args.format == "text",
        strategy=args.strategy,
        grammar=args.constrain is not None,
        turns=args.language != "plan",
    )


def _shared(*watchers: AskSink | None) -> AskSink:
    """Return what tells all of these of an event."""
    there = [watcher for watcher in watchers if watcher is not None]

    def watch(event: AskEvent) -> None:
        for watcher in there:
            watcher(event)

    return watch


@contextmanager
def _kept(args: argparse.Namespace, console: Console, progress: AskProgress) -> Iterator[None]:
    """Stop the progress at the end, and say how a question goes on that somebody interrupts."""
    try:
        yield
    except KeyboardInterrupt:
        progress.stop()
        if not args.no_journal:
            named = "" if args.journal is None else f" {escape(args.journal)}"
            console.say(f"`lcc resume{named}` goes on with a question that is kept")
        raise
    finally:
        progress.stop()


def _agent(args: argparse.Namespace, console: Console) -> Agent:
    args.telemetry = ask_telemetry(args)
    around = None if args.telemetry is None else args.telemetry.around
    _check_options(args)
    config = read_config(find_config(Path.cwd()))
    if config.diagnostics:
        raise BadInput(config.diagnostics, config.source)
    roles = roles_of(args, config)
    tools = _tools(args, console)
    later = not args.no_journal and (args.wait or may_ask(console))
    approve = approver(console, always=args.yes, secrets=NO_SECRETS, later=later)  # what a model's plan holds is none
    signatures = {name: tool.signature for name, tool in tools.items()}
    options = options_of(args, config, signatures, sink=lambda event: None, approve=approve, journal=None)
    budget, calls = options.budget, args.max_model_calls
    limits = Limits(
        model_calls=calls,
        tokens=budget.tokens,
        usd=budget.usd,
        seconds=options.deadline,
        on_reached=limit_asker(console),
    )
    options = replace(options, budget=Budget(calls=budget.calls), on_budget=budget_asker(console))
    try:
        return Agent(
            tools.values(),
            roles,
            limits=limits,
            options=replace(options, deadline=None, on_event=None, around=around, answer=answerer(console)),
            plan_cache=PlanCache(cache_folder()) if args.plan_cache else None,
            journal=args.place,
            approve_plan=_plan_approver(args, console),
            prompts=args.telemetry is not None and args.telemetry.content,
            **{name: getattr(args, name) for name in _SAME},
        )
    except CompileError as error:
        raise BadInput(error.diagnostics, error.source) from None
    except ValueError as error:
        raise Usage(str(error)) from None


def _plan_approver(args: argparse.Namespace, console: Console) -> PlanApprover | None:
    """Return who approves of plans: of a question that goes on whoever sits there, if plans of it were approved of before."""
    if args.approve_plan or (args.approve_plan is None and may_ask(console)):
        return plan_approver(console, later=not args.no_journal)
    return None


def _tools(args: argparse.Namespace, console: Console) -> Mapping[str, Tool]:
    near = None if args.strategy == "skeleton" else Path.cwd()  # it has no use for a project's tools
    toolset = load_bound(
        args.tools, near=near, trust_project=args.trust_project, trust_annotations=args.trust_annotations
    )
    report_tools(toolset, console)
    if near is not None and not toolset.tools:
        help_ = HOW_TO_GIVE_TOOLS.format("search")
        raise bad_input("X004", "there are no tools to answer with", Source("--tools", ""), help_)
    return toolset.tools


def _check_options(args: argparse.Namespace) -> None:
    """Refuse options that would do nothing with the chosen strategy."""
    names = {"examples": "--examples", "max_replans": "--max-replans", "max_steps": "--max-steps", "level": "-O"}
    names |= {"plan_cache": "--plan-cache", "joiner": "--joiner-model"}
    names |= {"result_tokens": "--result-tokens", "save_plan": "--save-plan", "constrain": "--constrain"}
    names |= {"language": "--language", "approve_plan": "--approve-plan", "tool_search": "--tool-search"}
    given = vars(args) | {"joiner": args.joiner_model, "language": None if args.language == "plan" else args.language}
    try:
        used = [n for n in names if given[n] is not None and given[n] is not False and given[n] != []]
        check_options(args.strategy, used, names)
        check_language(args.language, [name for name in used if (name, given[name]) != ("constrain", "off")], names)
    except ValueError as error:
        raise Usage(str(error)) from None


def _has_end(answer: Answer) -> bool:
    last = answer.rounds[-1]
    return last.program is not None or last.written.join is not None


def _complain(text: str, console: Console) -> None:
    first, _, rest = text.partition("\n")
    console.fail(first)
    if rest:
        console.say(escape_lines(rest))


def _show(answer: Answer, progress: AskProgress, args: argparse.Namespace, console: Console) -> None:
    progress.close(answer)
    if args.format == "json":
        console.print(dump_json(answer.to_json()))
    elif answer.ok and not progress.shown:
        console.print(escape_lines(answer.text))
    console.say(last_line(answer, args.strategy))
