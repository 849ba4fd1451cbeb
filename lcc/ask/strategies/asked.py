"""Say what a strategy is given, what it gives back, and what it has to keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from lcc.ask.caller import Caller
from lcc.ask.events import AskSink
from lcc.ask.memory import Round
from lcc.ask.settings import AskSettings
from lcc.ask.typed import AnswerType
from lcc.grammar.signatures import Tools
from lcc.models.request import Message
from lcc.runtime.tool import Tool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question, and everything there is to answer it with. `history`: the conversation before it."""

    question: str
    history: Sequence[Message]
    answer_type: AnswerType | None
    tools: Mapping[str, Tool]
    signatures: Tools
    settings: AskSettings
    caller: Caller
    emit: AskSink


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """An answer, as in `Answer`."""

    text: str
    value: Any
    thought: str = ""
    reason: str = ""


class NoAnswer(Exception):
    """The models gave nothing that an answer could be made of. The message says what came instead."""


class Solver(Protocol):
    """A strategy at work on one question."""

    @property
    def rounds(self) -> Sequence[Round]:
        """The plans with their results, in order; at any time, also after `solve` was cancelled."""

    async def solve(self) -> Solved:
        """Return the answer; raise ModelFault, NoAnswer or NotOfType if there is none, Stopped at a limit."""
