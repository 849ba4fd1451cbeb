"""Make one call for several tasks, of their tool's batch form; each of them succeeds or fails alone.

Tasks that may go together wait in a `Batch` when they are ready, and a `BatchCall` waits for them in the queue. Which go is
settled when the call starts: those that are ready then, as many as the form takes. So no task ever waits for another one.

A batch form takes a list of argument objects and returns a list with one result for each, in order. Where one failed it puts the
exception, instead of raising it, which would fail all. In JSON an exception is an object with the one key `$error`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Final, TypeAlias, TypeGuard

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import TaskId
from lcc.grammar.values import Json
from lcc.runtime.binding import Binding, too_large
from lcc.runtime.failures import TooLarge, failure_of
from lcc.runtime.graph.node import Call
from lcc.runtime.result import UNHIDDEN_LIMIT, Failure, FailureKind, TaskStatus
from lcc.runtime.tool import ResultError

_ERROR: Final = "$error"
_KINDS: Final = frozenset(kind.value for kind in FailureKind)

End: TypeAlias = tuple[Call, TaskStatus, Json, Failure | None]
"""How a task ends: it, its status, and its value or its failure."""


class Batch:
    """Tasks that may be made in one call. `binding`: the batch form's; `most`: how many it takes; `ready`: those that wait."""

    __slots__ = ("binding", "most", "ready")

    def __init__(self, binding: Binding, most: int) -> None:
        self.binding = binding
        self.most = most
        self.ready: list[Call] = []

    def offer(self, node: Call) -> BatchCall | None:
        """Take a task that is ready; return the call to queue for it, None if one waits there already."""
        self.ready.append(node)
        return BatchCall(self, node) if len(self.ready) == 1 else None


class Batches:
    """The batches of a run. `form_of` tells how the batch form of a tool is called to make calls of the tool; None if that can't be."""

    def __init__(self, form_of: Callable[[str], Binding | None]) -> None:
        self._form_of = form_of
        self._batches: dict[tuple[TaskId, str], Batch | None] = {}

    def offer(self, node: Call, first: TaskId) -> Call | None:
        """Take a task that is ready, and may be made with `first`; return the call to queue for it, None if one waits already."""
        binding = node.binding
        key = first, binding.name
        if key not in self._batches:
            declared, form = binding.tool.signature.batch, self._form_of(binding.name)
            self._batches[key] = None if form is None or declared is None else Batch(form, declared.max_batch)
        batch = self._batches[key]
        return node if batch is None else batch.offer(node)


class BatchCall(Call):
    """One call for several tasks. `members` are those, once it has started; `unfit`: those whose arguments can't be had."""

    __slots__ = ("_batch", "members", "unfit")

    def __init__(self, batch: Batch, first: Call) -> None:
        super().__init__(first.id, first.place, batch.binding, first.task)
        self.priority = first.priority
        self.members: list[Call] = []
        self.unfit: dict[Call, Failure] = {}
        self._batch = batch

    def gather(self) -> BatchCall | None:
        """Settle which tasks the call is for, maybe none; return the call to queue for those that are left."""
        batch = self._batch
        waiting = sorted((node for node in batch.ready if node.status is None), key=lambda node: node.place)
        self.members, batch.ready = waiting[: batch.most], waiting[batch.most :]
        return BatchCall(batch, batch.ready[0]) if batch.ready else None

    def arguments(self, arguments_of: Callable[[Call], dict[str, Json]]) -> list[tuple[Call, dict[str, Json]]]:
        """Return each member with its arguments, checked as those of a call of its own, but for the unfit."""
        found = []
        for node in self.members:
            try:
                given = arguments_of(node)
                node.binding.tool.convert(given)
            except Exception as error:
                self.unfit[node] = failure_of(error, node.attempts, limit=UNHIDDEN_LIMIT)
            else:
                found.append((node, given))
        return found

    def ends(self, status: TaskStatus, value: Json, failure: Failure | None) -> Iterator[End]:
        """Yield how the call ended for each member."""
        fit = [node for node in self.members if node not in self.unfit]
        for node in self.members:
            if node in self.unfit:
                yield node, TaskStatus.FAILED, None, self.unfit[node]
            elif failure is not None:
                yield node, status, None, replace(failure, attempts=node.attempts)
            else:
                yield node, *_part(value, fit.index(node), len(fit), node)


@dataclass(frozen=True, slots=True)
class BatchResults:
    """Convert what a batch form returns: exceptions apart, everything else as its tool does.

    A result that can't be converted is an exception, too.
    """

    to_json: Callable[[object], Json]

    def __call__(self, returned: object) -> Json:
        """Return the JSON value; raise ResultError as the tool's own conversion does."""
        if not issubclass(type(returned), list | tuple):
            return self.to_json(returned)
        items = _stored(returned)
        if not any(_failed(one) for one in items):
            with suppress(ResultError):
                return self.to_json(items)
        return [self._alone(one) for one in items]

    def _alone(self, one: object) -> Json:
        if _failed(one):
            failed = one
        else:
            try:
                converted = self.to_json([one])
            except ResultError as error:
                failed = error
            else:
                assert isinstance(converted, list)
                return converted[0]
        failure = failure_of(failed, 0, limit=UNHIDDEN_LIMIT)
        return {_ERROR: {"kind": failure.kind.value, "cause": failure.cause, "message": failure.message}}


def _part(value: Json, index: int, count: int, node: Call) -> tuple[TaskStatus, Json, Failure | None]:
    limit = node.binding.limits.max_result_bytes
    status, part, failure = part_of(value, index, count, node.attempts)
    if failure is not None:
        return status, part, failure
    try:
        part = node.binding.tool.to_json(part)  # what the tool itself declares to return
        if limit is not None and too_large(part, limit):
            raise TooLarge(limit)
    except (ResultError, TooLarge) as error:
        return TaskStatus.FAILED, None, failure_of(error, node.attempts, limit=UNHIDDEN_LIMIT)
    return status, part, None


def _stored(returned: object) -> list[object]:
    """Return what a list or a tuple holds, also one of a class of its own, which may iterate otherwise, and without end."""
    if issubclass(type(returned), list):
        return list(list.__iter__(returned))  # type: ignore[arg-type]
    return list(tuple.__iter__(returned))  # type: ignore[arg-type]


def _failed(one: object) -> TypeGuard[Exception]:
    return issubclass(type(one), Exception)  # an object may say that it is of another class


def part_of(value: Json, index: int, count: int, attempts: int) -> tuple[TaskStatus, Json, Failure | None]:
    """Return how one element of a batch call ended that returned `value` for `count` elements."""
    if not isinstance(value, list) or len(value) != count:
        got = f"{len(value)} results" if isinstance(value, list) else "no list"
        failure = Failure(FailureKind.RESULT, f"the batch form returned {got} for {count} calls", attempts)
        return TaskStatus.FAILED, None, failure
    match value[index]:
        case {"$error": {"cause": str() as cause, "message": str() as message, **more}, **rest} if not rest:
            kind = more.get("kind")
            known = FailureKind(kind) if kind in _KINDS else FailureKind.RAISED
            return TaskStatus.FAILED, None, Failure(known, message, attempts, cause)
        case result:
            return TaskStatus.OK, result, None
