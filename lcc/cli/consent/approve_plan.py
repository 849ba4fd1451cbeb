"""Show a whole plan on the terminal, with what it changes and takes, and ask whether it may run."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import anyio.to_thread

from lcc.cli.consent.approve import may_ask, typed
from lcc.cli.console import Console, Usage
from lcc.grammar.diagnostics.terminal import cut, escape, escape_lines
from lcc.grammar.diagnostics.wording import plural, seconds
from lcc.passes.analysis.costs import Costs
from lcc.passes.analysis.estimate import Estimate
from lcc.passes.analysis.estimate_body import BodyEstimate
from lcc.plan_request import Change, PlanAnswer, PlanApprover, PlanRequest
from lcc.runtime.options import LATER, Later

_PROMPT: Final = "run it? [y]es, [n]o, [d]rop lines, [e]dit, [g]raph, [l]ater: "


def plan_approver(console: Console, *, costs: Costs | None = None, later: bool) -> PlanApprover:
    """Return who decides about plans: the person at the terminal. `later`: there, or where nobody sits at one, a plan can wait.

    Raises Usage where nobody could ever answer.
    """
    if not may_ask(console):
        if not later:
            raise Usage(
                "--approve-plan: there is no terminal to ask on; with a journal (--journal) the plan waits for `lcc resume --approve`"
            )
        return _wait

    async def ask(request: PlanRequest) -> PlanAnswer | Later:
        with console.aside():
            for line in plan_lines(request, costs, console.width):
                console.say(line)
            return await _answer(request, console, later=later)

    return ask


async def _wait(request: PlanRequest) -> Later:
    return LATER


def plan_lines(request: PlanRequest, costs: Costs | None, width: int) -> Iterator[str]:
    """Yield the lines that show a plan."""
    if request.problems:
        yield f"that can't be run: {escape(' '.join(request.problems.split()))}"
    yield "the plan:" if request.language == "plan" else "the program:"
    for line in request.text.rstrip("\n").split("\n"):
        yield f"  {escape_lines(line)}"
    changes = request.changes
    yield from _changes("it changes", [c for c in changes if c.certain], width)
    yield from _changes("it may change", [c for c in changes if not c.certain], width)
    if not changes:
        yield "it changes nothing"
    yield f"it takes {_expected(request.estimate(costs))}"


def _changes(head: str, changes: list[Change], width: int) -> Iterator[str]:
    if changes:
        yield f"{head}, by {plural(len(changes), 'call')}:"
    for change in changes:
        yield f"  {cut(escape(f'{change.id}. {change.call}'), width - 20)}  {change.effect.value}"


def _expected(found: Estimate | BodyEstimate) -> str:
    """Return what a plan is expected to take, in one line."""
    if isinstance(found, Estimate):
        amounts = [plural(found.calls, "call"), f"about {seconds(found.makespan)}"]
        tokens, usd = found.tokens, found.usd
    else:
        whole = found.tally.whole
        least, most = int(whole.calls.least), int(whole.calls.most)
        calls = plural(most, "call") if least == most else f"{least:,} to {most:,} calls"
        amounts = [calls, f"up to {seconds(found.makespan.most)}"]
        tokens, usd = int(whole.tokens.most), whole.usd.most
    amounts += [f"{tokens:,} tokens"] if tokens else []
    amounts += [f"{usd:.4f} USD"] if usd else []
    return ", ".join(amounts)


async def _answer(request: PlanRequest, console: Console, *, later: bool) -> PlanAnswer | Later:
    """Ask until there is an answer. The end of the input is a no."""
    while True:
        said = await typed(_PROMPT, console)
        if not said:
            return PlanAnswer(approved=False)
        match said.strip().lower():
            case "y" | "yes":
                return PlanAnswer(approved=True)
            case "n" | "no":
                return PlanAnswer(
                    approved=False, reason=(await typed("why not? (Return: no reason) ", console)).strip()
                )
            case "d" | "drop" if request.plan.body is None:
                ids = _ids(await typed("which lines? ", console))
                if ids:
                    return PlanAnswer(approved=True, drop=ids)
            case "e" | "edit":
                text = await anyio.to_thread.run_sync(_edited, request.text, request.language, console)
                if text == request.text:
                    console.say("nothing was changed")
                elif text is not None:
                    return PlanAnswer(approved=True, text=text)
            case "g" | "graph":
                console.say(escape_lines(request.graph))
            case "l" | "later" if later:
                return LATER
            case _:
                console.say(
                    "write y, n, d, e, g or l" if later else "write y, n, d, e or g; later needs a journal (--journal)"
                )


def _ids(text: str) -> tuple[int, ...]:
    words = text.replace(",", " ").split()
    return tuple(int(word) for word in words) if all(word.isdecimal() and len(word) < 10 for word in words) else ()


def _edited(text: str, language: str, console: Console) -> str | None:
    """Return a text as somebody leaves it in an editor; None where there is no editor, or it failed."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        console.say("set EDITOR to the program that edits plans")
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("plan.py" if language == "python" else "edited.plan")
        path.write_text(text, encoding="utf-8")
        try:
            done = subprocess.run([*shlex.split(editor), str(path)], check=False, stdin=sys.stdin)  # noqa: S603 - the user's own
        except (OSError, ValueError) as error:
            console.fail(f"the editor can't be run: {error}")
            return None
        return None if done.returncode else path.read_text("utf-8", "replace")
