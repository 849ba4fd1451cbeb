"""Read the rows of a journal, which may have been damaged or tampered with: what isn't as lcc writes it is a ValueError."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple, NoReturn

from lcc.grammar.ir import Plan, Statement, TaskId, block_statements, calls_of, references, statement_values, task_id
from lcc.grammar.ir.json_form import from_json
from lcc.grammar.late_pattern import pattern
from lcc.grammar.values import Json, nested_deeper
from lcc.runtime.result import Failure, FailureKind, RunStatus, TaskRecord, TaskStatus, Usage

MAX_DEPTH: Final = 250
"""How deep a value in a journal nests; results nest less."""

_RUN_ID: Final = pattern("[0-9a-f]{32}")
_LATEST: Final = 253_402_300_799.0
"""The end of the year 9999, in seconds since the epoch."""
_FAILURE: Final = {"attempts", "cause", "kind", "message"}
_MOST_BASES: Final = 64


def entry(row: tuple[Any, ...]) -> tuple[str, float, float | None, str | None, str, str | None, str | None]:
    """Return a run's id, begin, end, status, path and owner, and the question that it was made for."""
    id_, begun, ended, status, path, owner, question = row
    if not _RUN_ID.fullmatch(_text(id_)):
        raise ValueError("a run's id isn't one")
    return (
        id_,
        _seconds(begun),
        None if ended is None else _seconds(ended),
        None if status is None else RunStatus(_text(status)).value,
        _text(path),
        None if owner is None else _text(owner),
        None if question is None else _text(question),
    )


def run(row: tuple[Any, ...]) -> tuple[Plan, Plan, Mapping[str, str], Mapping[str, Json], float | None, str]:
    """Return a run's plan, as it ran and as it was written, its tools' declarations, its inputs, makespan, and its text's digest."""
    plan = _plan(_parsed(row[0]))
    written = plan if row[1] is None else _plan(_parsed(row[1]))
    signatures = {name: _text(declared) for name, declared in _object(row[2]).items()}
    return plan, written, signatures, _object(row[3]), None if row[4] is None else _seconds(row[4]), _text(row[5])


def _plan(known: Json, *, alone: bool = True) -> Plan:
    """Return a plan, which is a valid one; one that isn't `alone` may read what plans before it gave."""
    from lcc.grammar.diagnostics import has_errors
    from lcc.passes.verify import verify

    plan = from_json(known)
    found = verify(plan, {}, unread=() if alone else _read_of_others(plan))
    if has_errors(found):
        raise ValueError(next(d.message for d in found if d.is_error))
    return plan


def _read_of_others(plan: Plan) -> frozenset[TaskId]:
    """Return the ids that a plan reads and doesn't have."""
    steps: tuple[Statement, ...] = tuple(calls_of(plan) if plan.body is None else block_statements(plan.body))
    values = [value for step in steps for value in statement_values(step)]
    read = {
        ref.task for value in (*values, *(() if plan.join is None else plan.join.values)) for ref in references(value)
    }
    return frozenset(read - {id_ for step in steps if (id_ := getattr(step, "id", None)) is not None})


def plans_of_question(known: list[Json]) -> tuple[Plan, Plan] | None:
    """Return a plan of a question as it was written and as it ran; None if it can't be shown."""
    try:
        written, plan = (_plan(one, alone=False) for one in known)
    except ValueError:
        return None
    return written, plan


def record(row: tuple[Any, ...]) -> tuple[TaskId, TaskRecord]:
    """Return a task's id and how it ended."""
    task, status, value, failure, start, finish, merged = row
    ended = TaskRecord(
        TaskStatus(_text(status)),
        None if value is None else _json(value),
        None if failure is None else _failure(_object(failure)),
        None if start is None else _seconds(start),
        _seconds(finish),
        None if merged is None else _id(merged),
    )
    fine = ended.status is TaskStatus.OK or ended.status is TaskStatus.NOT_TAKEN
    if not fine and ended.error is None:
        raise ValueError(f"task {task} is {ended.status} for no reason")
    return _id(task), ended


class Attempt(NamedTuple):
    """One attempt of a call: when it began, when and by what it failed, and since when it had waited for what before. Seconds from
    the run's start; None where it isn't known, or wasn't so.
    """

    at: float | None
    failed: float | None
    failure: Failure | None
    since: float | None
    waited: str


def attempt(row: tuple[Any, ...]) -> tuple[TaskId, Attempt]:
    """Return a task's id and an attempt of it."""
    task, at, failed, failure, since, waited = row
    times = [None if one is None else _seconds(one) for one in (at, failed, since)]
    why = None if failure is None else _failure(_object(failure))
    return _id(task), Attempt(times[0], times[1], why, times[2], "" if waited is None else _text(waited))


def usage(text: object) -> Usage:
    """Return what a run spent."""
    known = _object(text)
    calls, tokens, usd = (known.get(name) for name in ("calls", "tokens", "usd"))
    if (
        type(calls) is not int
        or type(tokens) is not int
        or not isinstance(usd, int | float)
        or min(calls, tokens, usd) < 0
    ):
        raise ValueError("what was spent isn't it")
    return Usage(calls, tokens, float(usd))


def attempts(row: tuple[Any, ...]) -> tuple[TaskId, int]:
    """Return a task's id and how often it was called."""
    task, count, _ = row
    return _id(task), int(count)


def tool(row: tuple[Any, ...]) -> tuple[TaskId, str]:
    """Return a task's id and the tool that it called."""
    task, _, name = row
    return _id(task), _text(name)


def settlement(row: tuple[Any, ...]) -> tuple[TaskId, int, TaskRecord | None]:
    """Return a task's id, the attempts that somebody has looked into, and the record of a call that was done; None: to be made again."""
    task, attempts, value, at = row
    if type(attempts) is not int or attempts < 0:
        raise ValueError("a settlement isn't one")
    _seconds(at)
    return _id(task), attempts, None if value is None else TaskRecord(TaskStatus.OK, _json(value))


def is_final(row: tuple[Any, ...]) -> bool:
    """Whether the plan ended by a failure."""
    return row[3] is not None and _object(row[3]).get("final") is True


def arguments(row: tuple[Any, ...]) -> tuple[TaskId, dict[str, Json]]:
    """Return a task's id and what it was called with."""
    task, given = row
    return _id(task), _object(given)


def question(row: tuple[Any, ...]) -> tuple[str, float, float | None, str | None, str | None, str]:
    """Return a question's id, begin, end, status and owner, and its text."""
    id_, begun, ended, status, owner, text = row
    if not _RUN_ID.fullmatch(_text(id_)):
        raise ValueError("a question's id isn't one")
    times = _seconds(begun), None if ended is None else _seconds(ended)
    return id_, *times, None if status is None else _text(status), None if owner is None else _text(owner), _text(text)


def reply(row: tuple[Any, ...]) -> tuple[str, str, Json, str | None]:
    """Return the role of a model, the digest of what it was asked, what it said, and the run that came of it."""
    role, asked, said, run = row
    return _text(role), _text(asked), _json(said), None if run is None else _text(run)


def approval(row: tuple[Any, ...]) -> tuple[str, float, dict[str, Json], bool | None, str]:
    """Return what a request is recognized by, when it was made, what was shown, and what was said."""
    what, asked, shown, answered, allowed, reason = row
    if (answered is None) != (allowed is None) or allowed not in (None, 0, 1):
        raise ValueError("an approval isn't one")
    said = "" if reason is None else _text(reason)
    return _text(what), _seconds(asked), _object(shown), None if allowed is None else bool(allowed), said


def object_of(text: object) -> dict[str, Json]:
    """Return an object of JSON text."""
    return _object(text)


def text_of(value: object) -> str:
    """Return what is a text."""
    return _text(value)


def instant(text: object) -> datetime | None:
    """Return the instant that a run showed to its plan."""
    found = None if text is None else datetime.fromisoformat(_text(text))
    if found is not None and found.utcoffset() is None:
        raise ValueError("an instant has no zone")
    return found


def _id(text: object) -> TaskId:
    id_ = task_id(_text(text))
    if str(id_) != text:
        raise ValueError("a task's id isn't one")
    return id_


def _failure(known: Mapping[str, Json]) -> Failure:
    kind, message, made, cause = known.get("kind"), known.get("message"), known.get("attempts"), known.get("cause")
    bases = known.get("bases", [])
    right = known.keys() - {"bases", "final"} == _FAILURE and type(made) is int and isinstance(cause, str | None)
    if not right or not isinstance(bases, list) or len(bases) > _MOST_BASES:
        raise ValueError("a failure isn't one")
    assert type(made) is int
    assert isinstance(cause, str | None)
    return Failure(FailureKind(_text(kind)), _text(message), made, cause, bases=tuple(map(_text, bases)))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"text is wanted where {type(value).__name__} is")
    return value


def _seconds(value: object) -> float:
    if type(value) not in (int, float) or not 0 <= value <= _LATEST:  # type: ignore[operator]
        raise ValueError("a time isn't one")
    return float(value)  # type: ignore[arg-type]


def _object(text: object) -> dict[str, Json]:
    found = _json(text)
    if not isinstance(found, dict):
        raise ValueError("an object is wanted where another value is")
    return found


def _json(text: object) -> Json:
    value = _parsed(text)
    if nested_deeper(value, MAX_DEPTH):
        raise ValueError("a value is nested too deeply")
    return value


def _parsed(text: object) -> Json:
    try:
        value: Json = json.loads(_text(text), parse_constant=_refused)
    except RecursionError:
        raise ValueError("a value is nested too deeply") from None
    return value


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")
