"""Set what a run may use: calls at once, time, retries, money, and what to do when a task fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import random
from typing import TypeVar

from lcc.grammar.signature import CallLimits
from lcc.runtime.approval import Approver
from lcc.runtime.arguments import MOST_BYTES
from lcc.runtime.context import ToolModel
from lcc.runtime.events import EventSink
from lcc.runtime.journal_hook import Journal

T = TypeVar("T")


class Policy(StrEnum):
    """What a failed task means for the others.

    `SKIP`: only those that read it are skipped. `STOP`: nothing else starts, running reads are cancelled, running writes end
    by themselves. `REPLAN`: nothing else starts, everything that runs ends by itself, so that a new plan can use it.
    """

    SKIP = "skip"
    STOP = "stop"
    REPLAN = "replan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """How long to wait before attempt n + 1: up to `base` · 2ⁿ⁻¹ seconds, at most `cap`, at a random point of it.

    That is "full jitter" of Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. What a server asks for by
    `Retry-After` is waited for in full.
    """

    base: float = 0.5
    cap: float = 30.0

    def delay(self, attempt: int, random: Callable[[], float], retry_after: float | None = None) -> float:
        """Return the seconds to wait after attempt number `attempt` failed."""
        longest = min(self.cap, self.base * 2.0 ** min(attempt - 1, 64))
        return max(random() * longest, retry_after or 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a whole run may spend; None is no limit. A task that would start beyond it fails, what runs goes on."""

    calls: int | None = None
    tokens: int | None = None
    usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to run a plan.

    `concurrency`, `threads`, `processes`: calls at once over all tools; calls of sync tools in threads; calls in processes.
    `ray_address`: the Ray cluster to join for tools with `isolation="ray"`; None: RAY_ADDRESS, else one of `processes` CPUs on this machine.
    `tools`: limits by tool name; what they set goes before the tool's own declaration.
    `timeout`: seconds for one call of a tool that declares none. `deadline`: seconds for the whole run.
    `grace`: seconds that a cancelled call has to wind up, after which its task is abandoned.
    `retries`: further calls of a failed task, of a tool that declares none; only where the effect allows repeating.
    `hedge`: tool name → seconds after which a pure or read call gets a second one beside it, the first to answer wins.
    `max_result_bytes`: of a result's JSON text; 64 MiB. `max_argument_bytes`: of a call's arguments, and of a value that the join
    reads, once results are filled in; 64 MiB. `max_tasks`: of a run, the elements of its fan-outs included.
    `approve`: asked before a destructive call; None means no. `approval_timeout`: seconds until silence means no.
    `model`, `settings`: what tools find in their `Context`: a model to ask, and what they are told to do or leave.
    `block_warning`: seconds of code holding the event loop after which its stack is reported; None: don't watch.
    """

    concurrency: int = 1_000
    threads: int = 64
    processes: int = 4
    ray_address: str | None = None
    tools: Mapping[str, CallLimits] = field(default_factory=dict)
    timeout: float | None = None
    deadline: float | None = None
    grace: float = 0.5
    retries: int = 0
    backoff: Backoff = field(default_factory=Backoff)
    on_failure: Policy = Policy.SKIP
    hedge: Mapping[str, float] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)
    max_result_bytes: int | None = 64 * 1024 * 1024
    max_argument_bytes: int | None = MOST_BYTES
    max_tasks: int | None = 1_000_000
    approve: Approver | None = None
    approval_timeout: float | None = None
    on_event: EventSink | None = None
    journal: Journal | None = None
    block_warning: float | None = None
    model: ToolModel | None = None
    settings: Mapping[str, object] = field(default_factory=dict)
    random: Callable[[], float] = random

    def __post_init__(self) -> None:
        for name in ("concurrency", "threads", "processes"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        for name in ("timeout", "deadline", "grace"):
            value = getattr(self, name)
            if value is not None and not value >= 0:
                raise ValueError(f"{name} must not be negative")

    def limits_of(self, name: str, declared: CallLimits) -> CallLimits:
        """Return the limits of one tool: these options', else its own, else the defaults for all tools."""
        given = self.tools.get(name, CallLimits())

        return CallLimits(
            concurrency=_first(given.concurrency, declared.concurrency),
            rate=_first(given.rate, declared.rate),
            timeout=_first(given.timeout, declared.timeout, self.timeout),
            retries=_first(given.retries, declared.retries, self.retries),
            max_result_bytes=_first(given.max_result_bytes, declared.max_result_bytes, self.max_result_bytes),
        )


def _first(*values: T | None) -> T | None:
    return next((v for v in values if v is not None), None)
