"""Keep what is known of a fan-out before and after its list arrives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from lcc.grammar.ir import ListOf, Ref, TaskId
from lcc.grammar.values import Json, PathError, kind
from lcc.runtime.graph.node import FanOut, Given, Source
from lcc.runtime.result import Failure, FailureKind, TaskStatus

_WORST = (TaskStatus.FAILED, TaskStatus.ABANDONED, TaskStatus.CANCELLED, TaskStatus.SKIPPED)


class Ended(Protocol):
    """What is known of an element that has ended."""

    status: TaskStatus | None
    value: Json
    failure: Failure | None
    attempts: int


class NotAList(TypeError):
    """`each` stands before something that is no list. The message says what."""


def items_of(
    fan_out: FanOut, piped: Callable[[Ref], FanOut | None], resolve: Callable[[Source], Json]
) -> Sequence[Source]:
    """Return what stands for `each` in every element; raise NotAList or PathError.

    A literal list gives its items, and a fan-out its elements, unresolved: each element then waits only for what it reads,
    as it would if the list had been expanded at compile time.
    """
    value = fan_out.each
    if isinstance(value, ListOf):
        return value.items
    if isinstance(value, Ref):
        source = piped(value)
        if source is not None and source.elements is not None:
            return [Ref(element.id) for element in source.elements]
    items = resolve(value)
    if not isinstance(items, list):
        raise NotAList(f"`each` needs a list and got {'text' if isinstance(items, str) else kind(items)}")
    return [Given(item) for item in items]


def list_failure(error: Exception) -> Failure:
    """Return the failure of a fan-out whose list can't be had."""
    kind = FailureKind.PATH if isinstance(error, PathError) else FailureKind.ARGUMENTS
    return Failure(kind, str(error))


def summed_up(elements: Sequence[Ended], task: TaskId) -> tuple[TaskStatus, Json, Failure | None]:
    """Return the outcome of a fan-out, `task`: the list of results, or the worst of what happened to its elements."""
    bad = [k for k, e in enumerate(elements) if e.status is not TaskStatus.OK]
    if not bad:
        return TaskStatus.OK, [e.value for e in elements], None
    place = min(bad, key=lambda k: _WORST.index(elements[k].status))
    worst = elements[place]
    reason = worst.failure.shown if worst.failure is not None else worst.status
    more = f" ({len(bad)} of {len(elements)} elements)" if len(bad) > 1 else ""
    name = f"{task}[{place}]"
    failure = Failure(FailureKind.ELEMENT, f"{name}: {reason}{more}", worst.attempts, name)
    assert worst.status is not None
    return worst.status, None, failure
