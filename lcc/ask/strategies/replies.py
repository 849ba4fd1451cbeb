"""Read replies: a text that is itself the answer, as it streams and without what the model thought; a plan, asked for until it is one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from lcc.ask.asked import Asked, NoAnswer, Solved
from lcc.ask.events import AnswerText, AskSink, PlanRefused, PlanStarted, PlanText
from lcc.ask.planning.planner import CORRECTIONS
from lcc.ask.planning.planner_prompt import problems
from lcc.ask.planning.prose import Prose, prose_of
from lcc.codes import NOT_PLANNED
from lcc.compiler import check
from lcc.grammar import front_ends
from lcc.grammar.diagnostics import Diagnostic, Severity, has_errors
from lcc.grammar.reading.thoughts import holds_thought, spoken
from lcc.grammar.syntax.parser import Parsed
from lcc.models.request import Message, Request

_TAG: Final = re.compile(r"[<◁\[][^<◁\[\n]{0,40}\Z")
"""What at the end of a text may become an aside, or the mark of its end."""


def plain_text(reply: str) -> str:
    """Return the text of a reply without what the model thought."""
    return spoken(reply)


class PlainStream:
    """Hands on the text of a reply while it is written. Nothing is handed on twice, and nothing that isn't in the end."""

    def __init__(self, emit: AskSink) -> None:
        self._emit = emit
        self._text = ""
        self._shown = ""

    def feed(self, piece: str) -> None:
        """Take a piece of the reply."""
        self._text += piece
        known = spoken(_TAG.sub("", self._text))
        if not holds_thought(known):
            self._show(known)

    def restart(self) -> None:
        """Begin again: the reply broke off, and another is written."""
        self._text = ""

    def finish(self, answer: str) -> None:
        """Hand on what is missing of the answer."""
        self._show(answer)

    def _show(self, known: str) -> None:
        if known.startswith(self._shown) and known != self._shown:
            new, self._shown = known[len(self._shown) :], known
            self._emit(AnswerText(new))


def unplanned(prose: Prose, emit: AskSink) -> Solved:
    """Return the answer that a planner gave instead of a plan, marked as that."""
    emit(AnswerText(prose.text))
    note = Diagnostic(
        NOT_PLANNED, Severity.WARNING, "no plan was made and no tool called: this is what the planner said", None
    )
    return Solved(text=prose.text, value=prose.text if prose.value is None else prose.value, notes=(note,))


async def written_plan(
    asked: Asked,
    role: str,
    notation: str,
    prompt: Message,
    question: Message,
    again: Callable[[str], Message],
    kind: str,
) -> tuple[Parsed, tuple[Diagnostic, ...]] | Prose:
    """Return a plan in the notation of a front end, without errors, and what else was found in it; or what a planner says instead.

    A text with errors goes back once, by `again`, with what is wrong with it. Raises NoAnswer, which calls it `kind`, after the last.
    """
    tools = asked.signatures
    talk = [prompt, *asked.history, question]
    said = ""
    for attempt in range(1, CORRECTIONS + 2):
        asked.emit(PlanStarted(1, attempt))
        reply = await asked.caller.ask(role, Request(tuple(talk)), lambda text: asked.emit(PlanText(1, text)))
        text = plain_text(reply.text)
        parsed = front_ends.parse(text, notation, tools=tools)
        found = check(parsed, tools) if tools else parsed.diagnostics
        if not has_errors(found) and tools:
            return parsed, found
        prose = prose_of(reply.text, tools, asked.answer_type) if role == "planner" else None
        if prose is not None:
            return prose
        said = problems(found, parsed.source) or "- there are no tools"
        asked.emit(PlanRefused(1, said.splitlines()[0].removeprefix("- "), found, parsed.source))
        talk += [Message("assistant", text), again(said)]
    raise NoAnswer(f"the model wrote no {kind}:\n{said}")
