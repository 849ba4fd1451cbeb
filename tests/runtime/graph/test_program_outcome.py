"""What a plan with a body hands back: the answer, else what it returned, printed or offered, and why there is neither."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from lcc.grammar.ir import Element
from lcc.grammar.ir.operations import Meter, SetValue, foreign
from lcc.grammar.source import Span
from lcc.runtime.failures import program_failure
from lcc.runtime.graph.node import Planned
from lcc.runtime.graph.program_outcome import ProgramEnd, program_result
from lcc.runtime.result import Failure, FailureKind, RunResult, TaskStatus, Usage


def result(end: ProgramEnd, nodes: tuple[Planned, ...] = (), failure: Failure | None = None) -> RunResult:
    return program_result(end, nodes, Meter(), began=0.0, ended=1.0, usage=Usage(), failure=failure)


@pytest.mark.parametrize(
    ("end", "shown"),
    [
        (ProgramEnd((5,), (4,), (3,), "x\n"), {"answer": 5, "printed": "x\n"}),
        (ProgramEnd((None,), (4,)), {"answer": None, "printed": ""}),
        (ProgramEnd((), (4,), (3,), "x\n"), {"join": [4], "printed": "x\n"}),
        (ProgramEnd((), (None,), (3,), ""), {"join": [None], "printed": ""}),
        (ProgramEnd((), (), (3,), "x\n"), {"join": ["x\n"], "printed": "x\n"}),
        (ProgramEnd((), (), (3,)), {"join": [3], "printed": ""}),
        (ProgramEnd(), {"join": [None], "printed": ""}),
        (ProgramEnd((), (4,), join={1: 2}), {"join": {"1": 2}, "printed": ""}),
        (ProgramEnd(((1, (2,)),)), {"answer": [1, [2]], "printed": ""}),
    ],
)
def test_it_is_the_first_of_answer_returned_printed_offered(end: ProgramEnd, shown: dict[str, Any]) -> None:
    found = result(end)
    assert found.ok
    given = found.to_json()
    assert {key: given[key] for key in ("answer", "join", "printed") if key in given} == shown
    json.dumps(given)


@pytest.mark.parametrize(
    ("value", "help"),
    [(SetValue([1]), "sorted"), (date(2024, 1, 2), "isoformat"), ({"a": [SetValue()]}, "list")],
)
def test_what_json_has_no_form_for_is_an_error_with_help(value: object, help: str) -> None:
    for end in (ProgramEnd((value,)), ProgramEnd((), (value,)), ProgramEnd((), (), (value,))):
        found = result(end)
        assert not found.ok
        assert found.failure is not None
        assert (found.failure.kind, found.failure.code) == (FailureKind.REFUSED, "X014")
        assert help in found.failure.message
        assert not found.answered


def node(id_: Element, status: TaskStatus, failure: Failure | None = None) -> Planned:
    made = Planned(id_, 0, None, None)  # type: ignore[arg-type]
    made.status, made.failure = status, failure
    return made


def test_an_unhandled_exception_is_the_error_of_the_run_with_its_place() -> None:
    failure = program_failure(foreign("KeyError", "Gone", "'x'"))
    found = result(ProgramEnd((), (), (), "so far\n", failure=failure, place=Span(3, 9)))
    assert not found.ok
    error = found.to_json()["error"]
    assert isinstance(error, dict)
    assert (error["cause"], error["message"], error["code"], error["span"]) == ("Gone", "'x'", "X015", [3, 9])
    assert found.to_json()["printed"] == "so far\n"
    assert "answer" not in found.to_json()


def test_what_ended_the_run_as_a_whole_goes_before_the_programs_own_error() -> None:
    late = Failure(FailureKind.TIMEOUT, "the run was stopped at its deadline of 1 s")
    own = Failure(FailureKind.CANCELLED, "cancelled")
    found = result(ProgramEnd(failure=own, place=Span(0, 1)), failure=late)
    assert found.failure is late
    assert found.place is None


def test_handled_and_unreached_failures_leave_the_run_ok() -> None:
    handled = node(Element(3, 1), TaskStatus.FAILED, Failure(FailureKind.RAISED, "boom", 1, "E", handled=True))
    behind = node(
        Element(3, 1, (0,)), TaskStatus.CANCELLED, Failure(FailureKind.CANCELLED, "not reached", reached=False)
    )
    untaken = node(Element(4, 0), TaskStatus.NOT_TAKEN)
    found = result(ProgramEnd((1,)), (handled, behind, untaken))
    assert found.ok
    tasks = found.to_json()["tasks"]
    assert isinstance(tasks, dict)
    assert list(tasks) == ["3[1]", "3[1][0]", "4[0]"]
    failed = node(Element(3, 1), TaskStatus.FAILED, Failure(FailureKind.RAISED, "boom", 1, "E"))
    assert not result(ProgramEnd((1,)), (failed,)).ok
