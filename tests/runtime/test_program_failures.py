"""What a program sees of failures: the class that CPython would raise, the text, and how far both travel."""

from __future__ import annotations

import json
from typing import Any

import anyio
import pytest
from hypothesis import given, strategies as st

import lcc
from lcc.grammar.ir.operations import OPERATIONS, Meter, attribute, is_value
from lcc.python_tools.function import tool_of
from lcc.runtime.failures import exception_of, failure_of, is_fatal, program_failure
from lcc.runtime.journal.file import failure_text
from lcc.runtime.journal.rows import record
from lcc.runtime.options import Options
from lcc.runtime.result import Failure, FailureKind, TaskRecord, TaskStatus
from lcc.runtime.tool import ArgumentError, ResultError, WorkerLost


class RateLimited(Exception):
    """A class of a tool's own."""


class Gone(KeyError, TimeoutError):
    """One of two builtin classes."""


def name_of(error: BaseException) -> str:
    shown: str = attribute(OPERATIONS["builtin type"](Meter(), error), "__name__")
    return shown


ERRORS = [
    ValueError("no such city"),
    KeyError("oslo"),
    KeyError("it's"),
    KeyError(3),
    KeyError(),
    KeyError(("a", 1)),
    RateLimited("slow down"),
    RateLimited(),
    Gone("x"),
    TimeoutError(),
    OSError(2, "there is none", "a.txt"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"),
    json.JSONDecodeError("bad", "x", 0),
    ZeroDivisionError("division by zero"),
    ExceptionGroup("two", [ValueError("a"), TypeError("b")]),
    BaseException("stop"),
    StopIteration(3),
    ImportError("no module", name="x"),
]


@pytest.mark.parametrize("error", ERRORS, ids=repr)
def test_a_handler_sees_class_name_and_text_of_what_a_tool_raised(error: BaseException) -> None:
    seen = exception_of(failure_of(error, 1))
    assert is_value(seen)
    assert str(seen) == str(error)
    assert name_of(seen) == type(error).__name__
    for known in (Exception, LookupError, KeyError, OSError, ValueError, RuntimeError):
        if type(error) is not Gone:
            assert isinstance(seen, known) == isinstance(error, known)


@given(st.text())
def test_the_text_of_a_key_error_is_what_was_reported(key: str) -> None:
    seen = exception_of(failure_of(KeyError(key), 1))
    assert str(seen) == str(KeyError(key))


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (Failure(FailureKind.TIMEOUT, "no result after 1 s"), TimeoutError),
        (failure_of(ArgumentError("`city` takes text"), 0), TypeError),
        (failure_of(ResultError("it is no number"), 1), ValueError),
        (failure_of(WorkerLost("it died"), 1), RuntimeError),
        (failure_of(SystemExit(3), 1), BaseException),
        (Failure(FailureKind.RAISED, "boom", 1, "Boom"), Exception),
        (Failure(FailureKind.RAISED, "boom", 1, "Boom", bases=("NoSuchClass", "ValueError")), ValueError),
        (Failure(FailureKind.RAISED, "boom", 1, "Boom", bases=("print",)), Exception),
    ],
)
def test_what_is_no_exception_of_the_tool_has_the_class_that_is_expected(
    failure: Failure, kind: type[BaseException]
) -> None:
    seen = exception_of(failure)
    assert type(seen) is kind
    assert str(seen) == failure.message


@pytest.mark.parametrize("kind", FailureKind)
def test_only_what_the_run_itself_forbids_is_fatal(kind: FailureKind) -> None:
    fatal = {"budget", "cancelled", "denied", "differs", "in doubt", "fuel", "journal", "refused", "skipped"}
    fatal |= {"repeated", "waiting"}
    assert is_fatal(Failure(kind, "x")) == (kind.value in fatal)


@pytest.mark.parametrize("error", ERRORS, ids=repr)
def test_a_journal_keeps_the_classes(error: BaseException) -> None:
    failure = failure_of(error, 1)
    row = ("3[1][0]", "failed", None, failure_text(failure), 0.0, 1.0, None)
    _, kept = record(row)
    assert kept.error is not None
    assert kept.error.bases == failure.bases
    assert repr(exception_of(kept.error)) == repr(exception_of(failure))


def fetch(city: str) -> str:
    raise RateLimited(city) from OSError(city)


def look_up(city: str) -> str:
    raise Gone(city)


@pytest.mark.parametrize("isolation", ["auto", "thread", "process"])
@pytest.mark.parametrize("function", [fetch, look_up])
def test_classes_cross_threads_and_processes(function: Any, isolation: str) -> None:
    tool = lcc.tool(isolation=isolation)(function) if isolation != "auto" else function
    plan = lcc.compile(f'1. {function.__name__}("oslo")\n2. join($1)').plan
    result = anyio.run(lambda: lcc.execute(plan, [tool_of(tool)], options=Options(processes=1)))
    failure = result.tasks[1].error
    assert failure is not None
    own = {"fetch": ("Exception",), "look_up": ("KeyError", "TimeoutError")}
    assert failure.bases == own[function.__name__]
    assert name_of(exception_of(failure)) == {"fetch": "RateLimited", "look_up": "Gone"}[function.__name__]


def test_handled_and_unreached_failures_do_not_count() -> None:
    failed = Failure(FailureKind.RAISED, "boom", 1, "ValueError")
    assert TaskRecord(TaskStatus.FAILED, error=failed).bad
    for failure in (
        Failure(FailureKind.RAISED, "boom", handled=True),
        Failure(FailureKind.RAISED, "boom", reached=False),
    ):
        assert not TaskRecord(TaskStatus.FAILED, error=failure).bad
    assert not TaskRecord(TaskStatus.NOT_TAKEN).bad
    assert TaskRecord(TaskStatus.CANCELLED).bad
    assert Failure(FailureKind.RAISED, "boom", handled=True).to_json()["handled"] is True
    assert Failure(FailureKind.CANCELLED, "not reached", reached=False).to_json()["reached"] is False


def test_what_ends_a_program_is_reported_with_its_class() -> None:
    seen = exception_of(failure_of(RateLimited("slow down"), 1))
    assert program_failure(seen).shown == "RateLimited: slow down"
    try:
        Meter(None).step(10**9)
    except Exception as error:
        spent = program_failure(error)
    assert (spent.kind, spent.cause) == (FailureKind.FUEL, "steps")
    assert "5,000,000 steps" in spent.message


def test_a_failure_whose_text_is_too_much_to_write_is_named_by_its_class() -> None:
    shared = "x = []\nfor i in range(60):\n    x = [x, x]\nraise ValueError(x)"
    failure = lcc.run(shared, front_end="python").failure
    assert failure is not None
    assert (failure.kind, failure.message) == (FailureKind.RAISED, "ValueError")


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("x = [[]]\ny = {x[0]}", "unhashable type: 'list'"),
        ("x = [{}]\ny = {x[0]: 1}", "unhashable type: 'dict'"),
        ("x = [[]]\ny = {(1, x[0])}", "unhashable type: 'list'"),
        ("raise TypeError('cannot use it as a dict key')", "cannot use it as a dict key"),
        ("raise TypeError(['a'])", "['a']"),
    ],
)
def test_a_type_error_says_the_same_on_every_python(program: str, said: str) -> None:
    failure = lcc.run(program, front_end="python").failure
    assert failure is not None
    assert failure.message == said
    handled = "".join(f"    {line}\n" for line in program.splitlines())
    assert lcc.run(f"try:\n{handled}except TypeError as e:\n    answer(str(e))", front_end="python").answer == said
