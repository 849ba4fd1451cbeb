"""Say what a call is expected to take: the declaration's hint, else a measured profile, else a default."""

from __future__ import annotations

from dataclasses import field
from typing import Final

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import Task
from lcc.grammar.ir.constants import is_constant, json_of
from lcc.grammar.signatures import Cost, Signature
from lcc.passes.analysis.profile import Profile, argument_bytes

DEFAULT_SECONDS: Final = 1.0
"""What a call takes of which nothing is known; only its ratio to the declared and measured ones matters."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What one call is expected to take."""

    seconds: float
    usd: float = 0.0
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Costs:
    """Expected costs of calls."""

    profile: Profile = field(default_factory=Profile)
    default_seconds: float = DEFAULT_SECONDS

    def of(self, task: Task, signature: Signature | None) -> Expected:
        """Return what a call is expected to take; of a fan-out, what one element takes."""
        declared = Cost() if signature is None else signature.cost
        measured = self._measured(task) if self.profile else Cost()
        seconds = measured.seconds if declared.seconds is None else declared.seconds
        usd = measured.usd if declared.usd is None else declared.usd
        tokens = measured.tokens if declared.tokens is None else declared.tokens
        return Expected(self.default_seconds if seconds is None else seconds, usd or 0.0, tokens or 0)

    def knows(self, tool: str, signature: Signature | None) -> bool:
        """Whether the duration of a tool's calls is declared or was measured."""
        declared = signature is not None and signature.cost.seconds is not None
        return declared or self.profile.expected(tool).seconds is not None

    def seconds(self, task: Task, signature: Signature | None) -> float:
        """Return how long a call is expected to take; of a fan-out, how long one element takes."""
        if signature is not None and signature.cost.seconds is not None:
            return signature.cost.seconds
        seconds = self._measured(task).seconds if self.profile else None
        return self.default_seconds if seconds is None else seconds

    def _measured(self, task: Task) -> Cost:
        sized = self.profile.is_sized(task.tool)
        return self.profile.expected(task.tool, constant_bytes(task) if sized else None)


def constant_bytes(task: Task) -> int | None:
    """Return the size of a call's arguments if all are known before the run."""
    if any(arg.each or not is_constant(arg.value) for arg in task.args):
        return None
    return argument_bytes([json_of(arg.value) for arg in task.args])
