"""Hold how questions are answered: what every ask of an agent has in common."""

from __future__ import annotations

from dataclasses import dataclass, field

from lcc.ask.accounts import Limits
from lcc.ask.planning.few_shots import FewShot
from lcc.ask.planning.plan_grammars import PLAN_BOUNDS
from lcc.grammar.constrain.bounds import Bounds
from lcc.grammar.given import require
from lcc.passes.pipeline import DEFAULT_LEVEL, LEVELS
from lcc.runtime.options import Options


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSettings:
    """How to answer.

    `max_replans`: further plans after the first; 0 means one plan. `examples`: for the planner. `result_tokens`: of one result that
    a model is shown. `level`: of optimization. `max_steps`: of a loop of model and tools. `parallel_workers`: run the steps of ReWOO at once. `limits`: of one question. `options`: of the runs.
    `plan_bounds`: what a plan may hold where a model is held to a grammar.
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

    def __post_init__(self) -> None:
        for name in ("max_replans", "result_tokens", "max_steps", "level"):
            require(getattr(self, name), int, name, "an int")
        require(self.limits, Limits, "limits", "lcc.Limits(…)")
        require(self.options, Options, "options", "lcc.Options(…)")
        require(self.plan_bounds, Bounds, "plan_bounds", "Bounds(…)")
        if self.level not in range(len(LEVELS)):
            raise ValueError(f"level {self.level}: levels are 0 to {len(LEVELS) - 1}")
        if self.max_replans < 0:
            raise ValueError("max_replans must not be negative")
        if self.max_steps < 1:
            raise ValueError("max_steps must be positive")
        if self.result_tokens < 1:
            raise ValueError("result_tokens must be positive")
