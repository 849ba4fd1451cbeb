"""Say what a strategy is given, what it gives back, and how questions are answered: what every ask of an agent has in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from lcc.ask.accounts import Limits
from lcc.ask.caller import Caller
from lcc.ask.events import AskSink
from lcc.ask.memory import Round
from lcc.ask.planning.few_shots import FewShot
from lcc.ask.planning.plan_grammars import PLAN_BOUNDS
from lcc.ask.tool_choice import ToolChoice
from lcc.ask.typed import AnswerType
from lcc.grammar.constrain.bounds import Bounds
from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.given import in_brief, require
from lcc.grammar.signatures import Signature, Tools
from lcc.models.request import Message
from lcc.passes.pipeline import DEFAULT_LEVEL, LEVELS
from lcc.plan_request import PlanApprover
from lcc.runtime.consent.write_log import REPEATS, WriteLog
from lcc.runtime.options import Options
from lcc.runtime.tool import Tool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question, and everything there is to answer it with. `history`: the conversation before it. `writes`: what its plans wrote. `approve_plan`: asked before a plan is run.

    `choice`: which of the tools models are told of, where not of all.
    """

    question: str
    history: Sequence[Message]
    answer_type: AnswerType | None
    tools: Mapping[str, Tool]
    signatures: Tools
    settings: AskSettings
    caller: Caller
    emit: AskSink
    writes: WriteLog
    approve_plan: PlanApprover | None = None
    choice: ToolChoice | None = None

    def told(self) -> list[Signature]:
        """Return the tools that models are told of by now: all, unless those that fit the question were chosen."""
        return list(self.signatures.values()) if self.choice is None else self.choice.told()


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """An answer, as in `Answer`."""

    text: str
    value: Any
    thought: str = ""
    reason: str = ""
    notes: tuple[Diagnostic, ...] = ()


class NoAnswer(Exception):
    """The models gave nothing that an answer could be made of. The message says what came instead."""


class Solver(Protocol):
    """A strategy at work on one question."""

    @property
    def rounds(self) -> Sequence[Round]:
        """The plans with their results, in order; at any time, also after `solve` was cancelled."""

    async def solve(self) -> Solved:
        """Return the answer; raise ModelFault, NoAnswer or NotOfType if there is none, Stopped at a limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSettings:
    """How to answer.

    `max_replans`: further plans after the first; 0 means one plan. `examples`: for the planner. `result_tokens`: of one result that
    a model is shown. `level`: of optimization. `max_steps`: of a loop of model and tools. `parallel_workers`: run the steps of ReWOO at once. `limits`: of one question. `options`: of the runs.
    `plan_bounds`: what a plan may hold where a model is held to a grammar. `language`: what plans are written in: `plan`, `steps`, `python`.
    `repeat`: what becomes of a write that an earlier plan of the question made: `refuse`, `ask` whoever approves, or `allow`.
    `tool_search`: how many tools models are told of, those that fit the question; by default all. `prompts`: events of model calls hold the messages and the reply.
    """

    max_replans: int = 2
    examples: tuple[FewShot, ...] = ()
    result_tokens: int = 1_000
    level: int = DEFAULT_LEVEL
    limits: Limits = field(default_factory=Limits)
    options: Options = field(default_factory=Options)
    max_steps: int = 15
    parallel_workers: bool = False
    plan_bounds: Bounds = PLAN_BOUNDS
    language: str = "plan"
    repeat: str = "refuse"
    tool_search: int | None = None
    prompts: bool = False

    def __post_init__(self) -> None:
        if self.tool_search is not None:
            require(self.tool_search, int, "tool_search", "a number of tools")
            if self.tool_search < 1:
                raise ValueError("tool_search must be positive")
        for name in ("max_replans", "result_tokens", "max_steps", "level"):
            require(getattr(self, name), int, name, "an int")
        require(self.limits, Limits, "limits", "lcc.Limits(…)")
        require(self.options, Options, "options", "lcc.Options(…)")
        require(self.plan_bounds, Bounds, "plan_bounds", "Bounds(…)")
        if self.repeat not in REPEATS:
            raise ValueError(f"repeat is {in_brief(self.repeat)}: it is one of {', '.join(REPEATS)}")
        if self.level not in range(len(LEVELS)):
            raise ValueError(f"level {in_brief(self.level)}: levels are 0 to {len(LEVELS) - 1}")
        if self.max_replans < 0:
            raise ValueError("max_replans must not be negative")
        if self.max_steps < 1:
            raise ValueError("max_steps must be positive")
        if self.result_tokens < 1:
            raise ValueError("result_tokens must be positive")
