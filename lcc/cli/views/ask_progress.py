"""Say what an ask does while it does it, and what it came to: calls, plans, tokens, money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lcc.ask.answer import Answer, AnswerStatus
from lcc.ask.events import (
    AnswerText,
    AskEvent,
    ModelLoading,
    PlannerHeld,
    PlanRefused,
    PlanStarted,
    Replanned,
    Running,
    TaskPlanned,
)
from lcc.ask.strategies import LOOPS
from lcc.cli.console import Console
from lcc.cli.views.run_text import Progress
from lcc.cli.views.source_tasks import SourceTasks
from lcc.grammar.diagnostics.terminal import cut, escape, escape_lines
from lcc.grammar.diagnostics.wording import plural, seconds
from lcc.models.request import Held
from lcc.models.tokens import RoleUsage
from lcc.runtime.events import RunEnded, TaskEnded, TaskStarted

if TYPE_CHECKING:
    from lcc.cli.views.live import AskView
    from lcc.models.local.model import Loading

_LIMIT = 300
"""Characters of what a model says, on one line."""


class AskProgress:
    """An event sink that writes to standard error, and the answer, as it comes, to a terminal that waits for it.

    Where standard error is a terminal a view is drawn below the lines; it is gone before the answer begins.
    """

    def __init__(
        self,
        console: Console,
        *,
        show_answer: bool,
        strategy: str = "lcc",
        grammar: bool = False,
        turns: bool = False,
    ) -> None:
        """`grammar`: say also that a model isn't held to one. `turns`: plans have loops."""
        self._console = console
        self._grammar = grammar
        self._out = console.stdout
        self._live = show_answer and console.stdout.isatty()
        self._tasks = SourceTasks()
        self._text = ""
        self._held: list[str] = []
        self._doing = "thinking" if strategy in LOOPS else "planning"
        self._calls = Progress(self._tasks, console, fold=console.stderr.isatty())
        self._view: AskView | None = None
        if console.stderr.isatty():
            from lcc.cli.views.live import AskView

            self._view = AskView(console, self._tasks, self._doing, turns=turns)
        self.shown = False

    def __call__(self, event: AskEvent) -> None:
        """Take one event."""
        match event:
            case PlanStarted(number, attempt):
                self._calls.close()
                self._say(
                    self._doing if number == 1 else f"{self._doing}, {number}", "" if attempt == 1 else "once more"
                )
            case TaskPlanned(task=task, words=words):
                self._tasks.add(task, words)
            case Running(event=TaskStarted() | TaskEnded() as own):
                self._calls(own)
            case Running(event=RunEnded()):
                self._calls.close()
            case PlannerHeld(held=held):
                self._said_held(held)
            case ModelLoading(loading):
                self._loading(loading)
            case PlanRefused(why=why):
                self._say("plan refused", why)
            case Replanned(wanted=wanted):
                self._say("replanning", wanted)
            case AnswerText(text) if self._live:
                self._answer(text)
                return
            case _:
                pass
        if self._view is not None:
            self._view(event)

    def _answer(self, text: str) -> None:
        """Write a piece of the answer. Lines that come from now on wait until it is whole."""
        if not self._text:
            self._erase()
            self._console.above = self._held.append
        self._text += text
        self._out.write(escape_lines(text))
        self._out.flush()

    def stop(self) -> None:
        """Erase the view, and end what was written of the answer, however the question ended."""
        self._erase()
        if self._text and self._console.above is not None:
            self._out.write("\n")
            self._out.flush()
        self._console.above = None
        self._calls.close()
        for line in self._held:
            self._console.say(line)
        self._held.clear()

    def _erase(self) -> None:
        if self._view is not None:
            self._view.stop()
            self._view = None

    def close(self, answer: Answer) -> None:
        """Stop; `shown` says whether what was written was all of the answer."""
        self.stop()
        self.shown = bool(self._text) and self._text == answer.text

    def _said_held(self, held: Held) -> None:
        if held.syntax is not None:
            self._say(f"planned by a grammar in {held.syntax}", held.why)
        elif self._grammar or held.failed:
            self._say("planned without a grammar", held.why)

    def _loading(self, loading: Loading) -> None:
        if loading.seconds is None:
            self._say("loading", f"{loading.model} ({loading.size / 1e6:,.0f} MB)")
        else:
            self._say("loaded", f"in {seconds(loading.seconds)}")

    def _say(self, what: str, more: str) -> None:
        line = " ".join(escape(more).split())
        self._console.tell(cut(f"{what}: {line}" if line else what, _LIMIT))


def last_line(answer: Answer, strategy: str = "lcc") -> str:
    """Return what an ask came to, on one line; on a line before it, why it stopped or made no further plan."""
    rounds = plural(len(answer.rounds), "step" if strategy in LOOPS else "plan")
    spent = answer.total
    tokens = spent.tokens
    parts = [
        f"{answer.status.value}: {rounds}, {plural(answer.calls, 'call')} in {seconds(answer.seconds)}",
        plural(tokens.calls, "model call"),
        f"{tokens.prompt:,} prompt tokens" + (f" ({tokens.cached:,} cached)" if tokens.cached else ""),
        f"{tokens.completion:,} completion tokens",
        _money(spent),
    ]
    if tokens.silent:
        parts.append(f"no token counts for {plural(tokens.silent, 'call')}")
    line = f"{parts[0]}; {', '.join(parts[1:])}"
    if len(answer.usage) > 1:
        line += f" ({'; '.join(_of_role(role, usage) for role, usage in answer.usage.items())})"
    why = answer.reason if answer.status is not AnswerStatus.FAILED else ""  # a failure is told as an error
    notes = [f"warning[{note.code}]: {escape(note.message)}" for note in answer.notes]
    return "\n".join((*notes, *([escape(why)] if why else []), line))


def _of_role(role: str, usage: RoleUsage) -> str:
    tokens = usage.tokens
    return f"{role}: {plural(tokens.calls, 'call')}, {tokens.prompt:,} + {tokens.completion:,} tokens, {_money(usage)}"


def _money(usage: RoleUsage) -> str:
    return "price unknown" if usage.usd is None else f"${usage.usd:.4f}"
