"""Set what a run may use: calls at once, time, retries, money, and what to do when a task fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import field
from datetime import datetime
from enum import Enum, StrEnum
from random import random
from typing import Final, TypeAlias, TypeVar

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics.wording import did_you_mean
from lcc.grammar.given import (
    in_brief,
    kind_of,
    require,
    require_callable,
    require_number,
    require_seconds,
)
from lcc.grammar.ir import TaskId
from lcc.grammar.signatures import LIMITS, CallLimits
from lcc.grammar.signatures.declaration import OPTIONS
from lcc.grammar.values import Json
from lcc.runtime.context import ToolModel
from lcc.runtime.events import AsyncEventSink, EventSink
from lcc.runtime.limits.budget import Budget as Budget, at_least
from lcc.runtime.limits.pool import Pool
from lcc.runtime.recording import Journal
from lcc.runtime.result import Usage

MOST_BYTES: Final = 64 * 1024 * 1024
"""What the arguments of a call may take, unless options say otherwise."""


_OWN: Final = ("steps", "memory", "depth", "digits", "turns")
"""What limits the operations of a plan itself."""


class NotAllowed(Exception):
    """A destructive call has no approval, or one for other arguments. The message says which."""


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """Calls that wait for one answer: a single destructive task, or every element of a fan-out with its own arguments. In a plan with
    a body, all calls of one tool that are due or will be, as far as their arguments are known.

    The arguments are those that the calls will be made with: a call with others is refused. They are text of models and tools:
    escape them for a terminal. Elements that can't be called, or were by the run that is resumed, are not among the calls.

    `repeats`: for each call that an earlier plan of the question made, what is known of that.
    `message`: what the tool asks in the middle of its call; empty where the call itself is asked about.
    """

    id: TaskId
    tool: str
    calls: tuple[tuple[TaskId, Mapping[str, Json]], ...]
    repeats: Mapping[TaskId, str] = field(default_factory=dict)
    message: str = ""


@dataclass(frozen=True, slots=True)
class BudgetRequest:
    """A run whose budget is spent, and that isn't done. `spent` is what it used; `message` says which part of the budget it was."""

    budget: Budget
    spent: Usage
    message: str


class Later(Enum):
    """An answer that isn't one yet."""

    LATER = "later"


LATER: Final = Later.LATER
"""What an approver returns where nobody can answer now: the run ends, with a failure of kind `waiting`, and goes on when it is resumed."""

Approver: TypeAlias = Callable[[ApprovalRequest], Awaitable[bool | Later]]
"""Returns True to allow all calls of the request, LATER to end the run until there is an answer; anything else is a no, also what Python counts as true. Never called for two requests at once. What it raises counts as no."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a tool asks in the middle of its call. `schema`: the JSON schema of the answer, an object. Message and schema are text of others."""

    id: TaskId
    tool: str
    message: str
    schema: Mapping[str, Json]


Answerer: TypeAlias = Callable[[Question], Awaitable[Mapping[str, Json] | None]]
"""Returns the answer's fields, or None for no answer. Called for one question at a time. What it raises counts as none."""


Around: TypeAlias = Callable[[TaskId, Mapping[str, Json]], AbstractContextManager[object]]
"""What is entered before a call and left after it, where the call is made, so that context variables it sets are seen by the tool."""

BudgetAsker: TypeAlias = Callable[["BudgetRequest"], Awaitable[Budget | None]]
"""Returns a larger budget to go on with, or None to end there. No call starts while it thinks; what runs goes on."""

T = TypeVar("T")


class Policy(StrEnum):
    """What a failed task means for the others.

    `SKIP`: only those that read it are skipped. `STOP`: nothing else starts, running reads are cancelled, running writes end
    by themselves.
    """

    SKIP = "skip"
    STOP = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """How long to wait before attempt n + 1: up to `base` · 2ⁿ⁻¹ seconds, at most `cap`, at a random point of it.

    That is "full jitter" of Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. What a server asks for by
    `Retry-After` is waited for in full.
    """

    base: float = 0.5
    cap: float = 30.0

    def __post_init__(self) -> None:
        for name in ("base", "cap"):
            require(getattr(self, name), (int, float), name, "a number of seconds")
            require_seconds(getattr(self, name), name)
        at_least(0, "base", self.base)
        at_least(0, "cap", self.cap)

    def delay(self, attempt: int, random: Callable[[], float], retry_after: float | None = None) -> float:
        """Return the seconds to wait after attempt number `attempt` failed.

        `retry_after`: the seconds that a server asks for. `random`: gives a number from 0 to 1.
        """
        longest = min(self.cap, self.base * 2.0 ** min(attempt - 1, 64))
        return max(random() * longest, retry_after or 0.0)


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
    reads, once results are filled in; 64 MiB. `max_run_bytes`: of all results and of the arguments of running calls together; 1 GiB. `max_tasks`: of a run, the elements of its fan-outs included.
    `pool`: limits that this run shares with others. `on_budget`: asked when the budget is spent, whether to go on with a larger one.
    `approve`: asked before a destructive call; None means no. `approval_timeout`: seconds until silence means no.
    `answer`: asked what tools ask in the middle of a call; None means no answer.
    `on_event`: called with each event, on the event loop; a coroutine function is awaited beside the run, in order. If it raises, the run is stopped and
    that exception is raised as it is; what had ended is in `Run.result`, and in the exception's `lcc_result`.
    `around`: called before each call with its task's id and its arguments, without secrets; what it returns is entered around the call.
    `model`, `settings`: what tools find in their `Context`: a model to ask, and, by name, what they are told to do or leave.
    `steps`, `memory`, `depth`, `digits`, `turns`: what a plan with a body may use for its own operations: small steps, bytes of values,
    containers within containers and helpers within helpers, decimal digits of an integer, turns of its loops together.
    `random`: gives the numbers from 0 to 1 by which waiting varies. `clock`: the instant that `now` and `today` show all through the run, with a zone; None: when it began.
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
    pool: Pool | None = None
    on_budget: BudgetAsker | None = None
    max_result_bytes: int | None = 64 * 1024 * 1024
    max_argument_bytes: int | None = MOST_BYTES
    max_run_bytes: int | None = 1024 * 1024 * 1024
    max_tasks: int | None = 1_000_000
    steps: int = 5_000_000
    memory: int = 64 * 1024 * 1024
    depth: int = 64
    digits: int = 20_000
    turns: int = 100_000
    clock: datetime | None = None
    approve: Approver | None = None
    approval_timeout: float | None = None
    answer: Answerer | None = None
    on_event: EventSink | AsyncEventSink | None = None
    around: Around | None = None
    journal: Journal | None = None
    block_warning: float | None = None
    model: ToolModel | None = None
    settings: Mapping[str, object] = field(default_factory=dict)
    random: Callable[[], float] = random

    def __post_init__(self) -> None:
        self._check_kinds()
        for name in ("concurrency", "threads", "processes", *_OWN):
            at_least(1, name, getattr(self, name), whole=True)
        for name in ("retries", "max_result_bytes", "max_argument_bytes", "max_run_bytes", "max_tasks"):
            at_least(0, name, getattr(self, name), whole=True)
        for name in ("timeout", "deadline", "grace", "approval_timeout", "block_warning"):
            at_least(0, name, getattr(self, name))
        for tool, seconds in self.hedge.items():
            at_least(0, f"hedge of {tool}", seconds)
        for tool, limits in self.tools.items():
            for name in LIMITS:
                wanted = None if getattr(limits, name) is None else OPTIONS[name](getattr(limits, name))
                if wanted:
                    raise ValueError(f"{name} of {tool} must be {wanted}, not {in_brief(getattr(limits, name))}")

    def _check_kinds(self) -> None:
        for name in ("concurrency", "threads", "processes", "retries", *_OWN):
            require(getattr(self, name), int, name, "an int")
        for name in ("max_result_bytes", "max_argument_bytes", "max_tasks"):
            require_number(getattr(self, name), name)
        require(self.grace, (int, float), "grace", "a number of seconds")
        for name in ("timeout", "deadline", "grace", "approval_timeout", "block_warning"):
            require_seconds(getattr(self, name), name)
        require(self.tools, Mapping, "tools", "a dict of limits: {tool: lcc.CallLimits(…)}")
        for name, limits in self.tools.items():
            require(name, str, "a name in tools", "text")
            require(limits, CallLimits, f"tools[{in_brief(name)}]", "lcc.CallLimits(…)")
        require(self.hedge, Mapping, "hedge", "a dict of seconds: {tool: 2.0}")
        for name, seconds in self.hedge.items():
            require(name, str, "a name in hedge", "text")
            require(seconds, (int, float), f"hedge[{in_brief(name)}]", "a number of seconds")
            require_seconds(seconds, f"hedge[{in_brief(name)}]")
        require(self.settings, Mapping, "settings", "a dict by name")
        require(self.budget, Budget, "budget", "lcc.Budget(…)")
        require(self.pool, (Pool, type(None)), "pool", "lcc.Pool(…)")
        require(self.backoff, Backoff, "backoff", "lcc.Backoff(…)")
        require(self.ray_address, (str, type(None)), "ray_address", "text")
        if self.on_failure not in tuple(Policy):
            raise ValueError(f"on_failure is {in_brief(self.on_failure)}: it is one of {', '.join(Policy)}")
        require(self.clock, (datetime, type(None)), "clock", "a datetime with a zone")
        if self.clock is not None and self.clock.utcoffset() is None:
            raise ValueError("clock has no zone: write datetime(…, tzinfo=UTC)")
        self._check_callbacks()

    def _check_callbacks(self) -> None:
        require_callable(
            self.on_budget, "on_budget", "an async function of a request that returns a larger lcc.Budget, or None"
        )
        require_callable(self.approve, "approve", "an async function of a request that returns True or False")
        require_callable(
            self.answer, "answer", "an async function of a question that returns the answer's fields, or None"
        )
        require_callable(self.random, "random", "a function that returns a number between 0 and 1")
        require_callable(self.on_event, "on_event", "a function of one event")
        require_callable(
            self.around, "around", "a function of a task's id and arguments that returns a context manager"
        )
        if self.journal is not None and not hasattr(self.journal, "recall"):
            raise TypeError(
                f"journal is {kind_of(self.journal)}, not a journal: lcc.runtime.journal.record.begin_run opens one"
            )

    def instant(self) -> datetime:
        """Return the instant that the run shows to its plan: one that was given or recorded, else that of the machine's clock now."""
        now = self.clock or datetime.now().astimezone()
        return now if self.journal is None else self.journal.instant(now)

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


def unknown_tools(options: Options, tools: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield each tool that limits or hedges name and that isn't there, with what helps."""
    for name in dict.fromkeys((*options.tools, *options.hedge)):
        if name not in tools:
            yield name, did_you_mean(name, tools) or f"the tools are {', '.join(sorted(tools)) or 'none'}"


def _first(*values: T | None) -> T | None:
    return next((v for v in values if v is not None), None)
