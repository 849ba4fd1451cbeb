"""Tell what an ask does while it does it: one typed stream, with the events of its runs inside.

Texts are a model's and a tool's: escape them for a terminal. No event holds a key.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.ir import Plan, Task, calls_of
from lcc.grammar.source import Source
from lcc.models.request import Entry, Held, Reply
from lcc.models.tokens import RoleUsage
from lcc.runtime import events as run_events

if TYPE_CHECKING:
    from lcc.ask.answer import Answer
    from lcc.models.local.model import Loading


@dataclass(frozen=True, slots=True)
class PlanStarted:
    """A model is asked which calls to make: for plan number `round`, counted from 1; a ReAct step or a turn of tool calls counts as a plan.

    `attempt` is 1, and more if what came was no good.
    """

    round: int
    attempt: int


@dataclass(frozen=True, slots=True)
class PlanText:
    """The model that plans wrote this."""

    round: int
    text: str


@dataclass(frozen=True, slots=True)
class PlannerHeld:
    """The planner was, or wasn't, held to the grammar of the tools' plans; `held` says how and why. It comes when that changes."""

    round: int
    held: Held


@dataclass(frozen=True, slots=True)
class TaskPlanned:
    """A call was read from the plan. It may already run, and may still be taken back. `words`: the call as the model wrote it, where reading a program gave it other names."""

    round: int
    task: Task
    words: str = ""


@dataclass(frozen=True, slots=True)
class PlanRefused:
    """The plan can't be run; nothing was changed. `why`: one line for people. Spans of `diagnostics` are in `source`."""

    round: int
    why: str
    diagnostics: tuple[Diagnostic, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class PlanReady:
    """The plan is whole and verified: as it was written, with its findings. `reused`: it came from the plan cache."""

    round: int
    plan: Plan
    diagnostics: tuple[Diagnostic, ...]
    source: Source
    reused: bool = False


@dataclass(frozen=True, slots=True)
class Running:
    """Something happened in the run of plan number `round`."""

    round: int
    event: run_events.Event


@dataclass(frozen=True, slots=True)
class JoinStarted:
    """The joiner is asked."""

    round: int


@dataclass(frozen=True, slots=True)
class AnswerText:
    """The next piece of the answer; the pieces, joined, are the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Replanned:
    """The joiner wants another plan, and says what is needed."""

    round: int
    wanted: str


@dataclass(frozen=True, slots=True)
class ModelLoading:
    """A local model is being loaded, or has been: `loading.seconds` tells."""

    loading: Loading


@dataclass(frozen=True, slots=True)
class ModelCalled:
    """A model call ended. `usage` is that of this call. `began`: on the event loop's clock, as `time` of the runs' events; `seconds`: from there.

    `provider`: who serves the model, by OpenTelemetry's names where it has one. `failed`: what was raised, empty for a reply.
    `messages`, `reply`: what the model was asked and what it said, where the agent was made with `prompts=True`.
    """

    role: str
    model: str
    usage: RoleUsage
    seconds: float
    began: float
    provider: str = ""
    failed: str = ""
    messages: tuple[Entry, ...] = ()
    reply: Reply | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The end."""

    answer: Answer


_LOG: Final = logging.getLogger("lcc.ask")
_LOG.addHandler(logging.NullHandler())  # else what nobody listens to goes to standard error


def log(event: AskEvent) -> None:
    """Write what happens in a question to the logger `lcc.ask`: plans and the end at INFO, refused plans at WARNING."""
    match event:
        case PlanRefused(number, why):
            _LOG.warning("plan %d is refused: %s", number, escape(why))
        case PlanReady(number, plan):
            _LOG.info("plan %d is ready, %d calls", number, len(list(calls_of(plan))))
        case Replanned(number, wanted):
            _LOG.info("the joiner wants another plan after %d", number)
            _LOG.debug("it wants: %s", escape(wanted))
        case Answered(answer):
            said = f": {escape(answer.reason)}" if answer.reason else ""
            _LOG.info("the question is %s after %.1f s%s", answer.status.value, answer.seconds, said)
        case _:
            return


AskEvent: TypeAlias = (
    PlanStarted
    | PlanText
    | PlannerHeld
    | TaskPlanned
    | PlanRefused
    | PlanReady
    | Running
    | JoinStarted
    | AnswerText
    | Replanned
    | ModelLoading
    | ModelCalled
    | Answered
)

AskSink: TypeAlias = Callable[[AskEvent], None]
"""Called on the event loop, in order, and not awaited."""

AskListener: TypeAlias = AskSink | Callable[[AskEvent], Awaitable[object]]
"""An async function is awaited for one event after another, beside the ask, which doesn't wait for it but at its end."""
