"""Check which writes of earlier plans count as made."""

from __future__ import annotations

import pytest

from lcc.grammar.signatures import FLOAT, Effect, Parameter, Signature
from lcc.grammar.signatures.built_in import SLEEP
from lcc.runtime.consent.write_log import Outcome, WriteLog
from lcc.runtime.result import Failure, FailureKind, TaskRecord, TaskStatus

PAY = Signature(
    "pay", (Parameter("amount", FLOAT), Parameter("to", required=False, default="ann")), effect=Effect.WRITE
)
DONE = TaskRecord(TaskStatus.OK, "paid")


def failed(kind: FailureKind, *bases: str, status: TaskStatus = TaskStatus.FAILED) -> TaskRecord:
    return TaskRecord(status, None, Failure(kind, "no", 1, "X", bases=bases))


def after(record: TaskRecord | None, **arguments: object) -> WriteLog:
    log = WriteLog("refuse")
    log.next_plan(1)
    log.begin(3, PAY, arguments or {"amount": 5})
    if record is not None:
        log.end(3, record)
    log.next_plan(2)
    return log


@pytest.mark.parametrize(
    ("record", "outcome"),
    [
        (DONE, Outcome.DONE),
        (None, Outcome.IN_DOUBT),
        (failed(FailureKind.RAISED, "ValueError"), Outcome.FAILED),
        (failed(FailureKind.RAISED, "ConnectionResetError"), Outcome.IN_DOUBT),
        (failed(FailureKind.RAISED, "TimeoutError"), Outcome.IN_DOUBT),
        (failed(FailureKind.TIMEOUT), Outcome.IN_DOUBT),
        (failed(FailureKind.LOST), Outcome.IN_DOUBT),
        (failed(FailureKind.EXIT), Outcome.IN_DOUBT),
        (failed(FailureKind.DOUBT), Outcome.IN_DOUBT),
        (failed(FailureKind.CANCELLED, status=TaskStatus.CANCELLED), Outcome.IN_DOUBT),
        (failed(FailureKind.CANCELLED, status=TaskStatus.ABANDONED), Outcome.IN_DOUBT),
        (failed(FailureKind.RESULT), Outcome.DONE),
        (failed(FailureKind.TOO_LARGE), Outcome.DONE),
        (failed(FailureKind.ARGUMENTS), Outcome.FAILED),
        (failed(FailureKind.DENIED), Outcome.FAILED),
    ],
)
def test_a_write_counts_as_made_unless_its_tool_said_that_it_failed(
    record: TaskRecord | None, outcome: Outcome
) -> None:
    log = after(record)
    assert log.writes[0].outcome is outcome
    assert (log.earlier(PAY, {"amount": 5}) is None) == (outcome is Outcome.FAILED)


@pytest.mark.parametrize(
    ("arguments", "equal"),
    [
        ({"amount": 5.0}, True),
        ({"to": "ann", "amount": 5}, True),
        ({"amount": 6}, False),
        ({"amount": 5, "to": "bob"}, False),
        ({"amount": True}, False),
    ],
)
def test_equal_writes_are_those_that_the_tool_could_not_tell_apart(arguments: dict[str, object], equal: bool) -> None:
    assert (after(DONE).earlier(PAY, arguments) is not None) == equal  # type: ignore[arg-type]


def test_what_a_plan_writes_twice_is_meant_twice() -> None:
    log = WriteLog("refuse")
    log.next_plan(1)
    log.begin(1, PAY, {"amount": 5})
    assert log.earlier(PAY, {"amount": 5}) is None


def test_a_write_that_answers_for_one_of_the_present_plan_is_that_plans_own() -> None:
    log = after(DONE)
    log.end(4, TaskRecord(TaskStatus.OK, "paid", merged=3))
    assert log.earlier(PAY, {"amount": 5}) is None
    log.next_plan(3)
    assert log.earlier(PAY, {"amount": 5}) is not None


def test_idempotent_writes_may_be_made_again_and_waiting_writes_nothing() -> None:
    from dataclasses import replace

    again = replace(PAY, idempotent=True)
    assert after(DONE).earlier(again, {"amount": 5}) is None
    log = WriteLog("refuse")
    log.begin(1, SLEEP, {"seconds": 1})
    assert log.writes == []


def test_another_attempt_is_the_same_write() -> None:
    log = after(None)
    log.begin(4, PAY, {"amount": 1})
    log.begin(4, PAY, {"amount": 1})
    assert [write.id for write in log.writes] == [3, 4]
