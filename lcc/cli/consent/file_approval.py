"""Have the plan of a file approved of before it runs: at the terminal, or later, from its journal."""

from __future__ import annotations

import argparse
from contextlib import closing
from dataclasses import replace
from functools import partial

from lcc.cli.consent.approve_plan import plan_approver
from lcc.cli.console import BadInput, Console, bad_input
from lcc.cli.execution import JOURNAL, say_waiting
from lcc.cli.files import read_costs
from lcc.cli.front import CompiledFile, compile_file, language
from lcc.grammar.source import Source
from lcc.plan_request import PlanAnswer, PlanRequest, answer_of, plan_digest, without
from lcc.runtime.blocking import run_blocking
from lcc.runtime.journal.file import JournalFile, StoredRun
from lcc.runtime.journal.pending import Waiting, wanted
from lcc.runtime.journal.record import RunJournal


def approved_file(compiled: CompiledFile, args: argparse.Namespace, console: Console) -> CompiledFile | None:
    """Return what may be run: the plan, or what somebody made of it, once it was shown and had a yes; None if it waits.

    Raises BadInput for a no.
    """
    approver = plan_approver(console, costs=read_costs(args), later=args.journal is not None)
    problems = ""
    while True:
        request = replace(request_of(compiled, args), problems=problems)
        answer = answer_of(run_blocking(partial(_asked, approver, request)))
        if not isinstance(answer, PlanAnswer):
            return None
        if not answer.approved:
            why = f": {answer.reason}" if answer.reason else ""
            raise bad_input("X017", f"the plan was not approved{why}", compiled.source, "nothing of it was called")
        if answer.text is None and not answer.drop:
            return compiled
        try:
            text = answer.text if answer.text is not None else without(compiled.written, answer.drop)
            compiled, problems = _compiled(text, compiled, args, console), ""
        except BadInput as bad:
            problems = "; ".join(found.message for found in bad.diagnostics if found.is_error)
        except ValueError as error:
            problems = str(error)


async def _asked(approver: object, request: PlanRequest) -> object:
    return await approver(request)  # type: ignore[operator]


def request_of(compiled: CompiledFile, args: argparse.Namespace) -> PlanRequest:
    """Return a plan file as it is shown: a program as it stands, any other plan in the language of plans."""
    from lcc.grammar.syntax.print_plan import print_plan

    python = compiled.written.body is not None and language(compiled.source.path, args) == "python"
    text = compiled.source.text if python else print_plan(compiled.written)
    return PlanRequest(text, compiled.plan, compiled.tools, "python" if python else "plan")


def _compiled(text: str, compiled: CompiledFile, args: argparse.Namespace, console: Console) -> CompiledFile:
    """Compile a text in the place of a file's."""
    name = "python" if language(compiled.source.path, args) == "python" else "plan"
    own = argparse.Namespace(**{**vars(args), "front_end": name})
    source = Source(f"{compiled.source.path} (as approved of)", text)
    return compile_file(own, console, bound=True, fold=True, source=source)


def put_off(journal: RunJournal, compiled: CompiledFile, args: argparse.Namespace, console: Console) -> int:
    """Let a plan wait in its journal, of which nothing was called; return the command's status."""
    request = request_of(compiled, args)
    path, run = str(journal.file.path), journal.run
    journal.close(None)
    Waiting(path, run).put(plan_digest(compiled.plan), request.to_dict())
    return say_waiting(path, run, console)


def may_go_on(path: str, stored: StoredRun, console: Console) -> bool:
    """Whether nothing keeps a run from going on; says so if its plan waits. Raises BadInput if the answer was no, or for another plan."""
    with closing(JournalFile(path)) as file:
        plans = [one for one in wanted(file, stored.entry.id) if "text" in one.shown]
    if not plans:
        return True
    last = plans[-1]
    if last.what != plan_digest(stored.plan):
        raise bad_input(JOURNAL, "what was approved of is another plan", Source(path, ""), "begin a new run")
    if last.allowed is None:
        say_waiting(path, stored.entry.id, console)
        return False
    if not last.allowed:
        why = f": {last.reason}" if last.reason else ""
        raise bad_input("X017", f"the plan was not approved{why}", Source(path, ""), "nothing of it was called")
    return True
