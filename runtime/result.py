"""Hold what a run gives back: a record for every task, the join, and where removed tasks went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from reprlib import repr as brief
from typing import TypeAlias

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import Plan, TaskId
from lcc.grammar.shown import Shown
from lcc.grammar.source import Span
from lcc.grammar.values import Json, standard_json

MESSAGE_LIMIT = 2_000
"""Characters of a tool's error message that are kept; an exception may carry a whole response."""
UNHIDDEN_LIMIT = 16 * MESSAGE_LIMIT
"""The same before secrets are taken out: a cut through the middle of one would hide it from the search."""


class TaskStatus(StrEnum):
    """How a task ended.

    `SKIPPED`: a task whose result it reads did not end well. `NOT_TAKEN`: what it is made for turned out not to be so; no failure. `CANCELLED`: the run ended, or the task turned out dead, before
    it did. `ABANDONED`: it was told to stop and didn't; its code may still be running.
    """

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"
    NOT_TAKEN = "not taken"


class RunStatus(StrEnum):
    """`FAILED` if any failure counts, or a value that join reads can't be had."""

    OK = "ok"
    FAILED = "failed"


class FailureKind(StrEnum):
    """What went wrong with a task; the reason a joiner, a journal and a retry rule go by."""

    RAISED = "raised"
    EXIT = "exit"
    TIMEOUT = "timeout"
    ARGUMENTS = "arguments"
    PATH = "path"
    RESULT = "result"
    TOO_LARGE = "too large"
    LOST = "lost"
    TOOL = "tool"
    JOURNAL = "journal"
    BUDGET = "budget"
    DENIED = "denied"
    DOUBT = "in doubt"
    DIFFERS = "differs"
    REPEATED = "repeated"
    WAITING = "waiting"
    FUEL = "fuel"
    REFUSED = "refused"
    ELEMENT = "element"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


_CODES = {FailureKind.DIFFERS: "X012", FailureKind.FUEL: "X013", FailureKind.REFUSED: "X014"}


@dataclass(frozen=True, slots=True)
class Failure:
    """A structured error.

    `attempts`: calls made, 0 when the task never started. `cause`: the exception's type, or the id of the task to blame.
    `exception`: what was raised, where it happened in this process; it is not part of the JSON form. `bases`: of what a tool raised,
    the names of the builtin classes that it is of, without those that follow from another one.
    `handled`: the plan has gone on by what it says for this case. `reached`: false where the plan, done step by step, wouldn't have come
    so far. A failure that is handled or isn't reached doesn't make the run fail.
    """

    kind: FailureKind
    message: str
    attempts: int = 0
    cause: str | None = None
    exception: BaseException | None = field(default=None, compare=False, repr=False)
    bases: tuple[str, ...] = ()
    handled: bool = False
    reached: bool = True

    @property
    def counts(self) -> bool:
        """Whether the run has failed by it."""
        return self.reached and not self.handled

    @property
    def code(self) -> str:
        """The code of a failure that ends a plan with a body, for `lcc explain`."""
        return _CODES.get(self.kind, "X015")

    @property
    def shown(self) -> str:
        """The message as it is shown: `KeyError: 'x'` for what a tool raised."""
        raised = self.kind is FailureKind.RAISED and self.cause is not None
        return f"{self.cause}: {self.message}" if raised and self.message != self.cause else self.message

    def to_json(self) -> dict[str, Json]:
        """Return the object that `run --format json` prints."""
        shown: dict[str, Json] = {
            "kind": self.kind.value,
            "message": self.message,
            "attempts": self.attempts,
            "cause": self.cause,
        }
        if self.handled:
            shown["handled"] = True
        if not self.reached:
            shown["reached"] = False
        return shown


@dataclass(slots=True)
class TaskRecord:
    """What became of one task. `start`, `end`: seconds from the run's start; `start` is None for a task that never started.

    `value`: its result as JSON, None where it has none.

    `merged`: the call whose result stands for its own.
    """

    status: TaskStatus
    value: Json = None
    error: Failure | None = None
    start: float | None = None
    end: float = 0.0
    merged: TaskId | None = None

    @property
    def bad(self) -> bool:
        """Whether the run has failed by this task."""
        fine = self.status is TaskStatus.OK or self.status is TaskStatus.NOT_TAKEN
        return not fine and (self.error is None or self.error.counts)

    def to_json(self) -> dict[str, Json]:
        """Return `status`, `value` or `error`, `start` and `end`, and where it was merged into."""
        outcome: dict[str, Json] = (
            {"value": standard_json(self.value)} if self.error is None else {"error": self.error.to_json()}
        )
        shown: dict[str, Json] = {"status": self.status.value, **outcome, "start": self.start, "end": self.end}
        return shown if self.merged is None else {**shown, "merged": str(self.merged)}


@dataclass(frozen=True, slots=True)
class Usage:
    """What a run spent: `calls` made, and the `tokens` and money (`usd`, in USD) that its tools reported."""

    calls: int = 0
    tokens: int = 0
    usd: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.calls + other.calls, self.tokens + other.tokens, self.usd + other.usd)


JoinValue: TypeAlias = dict[int, Json] | list[Json]


@dataclass(frozen=True, slots=True)
class RunResult(Shown):
    """The result of a run.

    `tasks`: by id, what became of each.
    `join`: source id → value for `join()`, a list for `join(a, b)` and `answer(v)`; null where a value failed or was skipped.
    `answer`: the value of `answer(v)`, meaningful if `answered`; a strict plan that a failure ended has none, and its join is empty.
    `missing`: the places in the join, counted from 0, whose values there aren't; null elsewhere is a value.
    `merged`: each source id that passes removed → the task or element that holds its value, None if no call made it.
    `makespan`: seconds from the run's start to its end. `failure`: what went wrong with the run as a whole, if anything did.
    `printed`: what a plan with a body printed; None for one without. `place`: where in the plan what ended it was raised.
    `statement`: of a program that was run while it was written, which of its statements ended it, counted from 0; None: it came to its end.
    `plan`: what was run, which names the tasks.
    """

    status: RunStatus
    join: JoinValue
    tasks: Mapping[TaskId, TaskRecord]
    answer: Json = None
    answered: bool = False
    merged: Mapping[TaskId, TaskId | None] = field(default_factory=dict)
    makespan: float = 0.0
    failure: Failure | None = None
    usage: Usage = Usage()
    printed: str | None = None
    place: Span | None = None
    statement: int | None = None
    missing: frozenset[int] = frozenset()
    plan: Plan | None = field(default=None, compare=False, repr=False)

    def __repr__(self) -> str:
        """Return a short text whatever the results take: `asyncio.run` asks for it, of what it returns."""
        shown = f"status={self.status.value!r}, join={brief(self.join)}, {len(self.tasks)} tasks"
        return f"RunResult({shown})"

    @property
    def ok(self) -> bool:
        """Whether every task and the join ended well."""
        return self.status is RunStatus.OK

    @property
    def waits(self) -> bool:
        """Whether the run has ended only until somebody has approved of something."""
        return self.failure is not None and self.failure.kind is FailureKind.WAITING

    def to_json(self) -> dict[str, Json]:
        """Return the object that `run --format json` prints; ids are strings."""
        join: Json = (
            {str(key): standard_json(value) for key, value in self.join.items()}
            if isinstance(self.join, dict)
            else [standard_json(value) for value in self.join]
        )
        shown: dict[str, Json] = {"status": self.status.value}
        if self.printed is None or not self.answered:
            shown["join"] = join
        if self.answered:
            shown["answer"] = standard_json(self.answer)
        if self.printed is not None:
            shown["printed"] = self.printed
        shown["tasks"] = {str(id_): record.to_json() for id_, record in self.tasks.items()}
        shown["merged"] = {str(id_): None if into is None else str(into) for id_, into in self.merged.items()}
        shown["makespan"] = self.makespan
        if self.failure is not None:
            shown["error"] = self.failure.to_json() | self._where()
        return shown

    to_dict = to_json

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> object:
        """Tell pydantic, and what stands on it such as FastAPI, that this is written as `to_dict` says."""
        from pydantic_core import core_schema

        written = core_schema.plain_serializer_function_ser_schema(cls.to_json, return_schema=core_schema.dict_schema())
        return core_schema.is_instance_schema(cls, serialization=written)

    def _where(self) -> dict[str, Json]:
        """Return the code of what ended a plan with a body, and where that stands in its text."""
        if self.printed is None or self.failure is None:
            return {}
        found: dict[str, Json] = {"code": self.failure.code}
        if self.place is not None:
            found["span"] = [self.place.start, self.place.end]
        return found


def shorten(message: str, limit: int = MESSAGE_LIMIT) -> str:
    """Cut a message to `limit` characters; the cut is visible."""
    return message if len(message) <= limit else f"{message[:limit]}… ({len(message)} characters)"
