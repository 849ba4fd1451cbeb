"""Say what became of a run, as JSON that is short enough for a model to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lcc.grammar.diagnostics.wording import brief, plural
from lcc.grammar.ir import Element, TaskId, calls_of
from lcc.grammar.signatures import Tools
from lcc.grammar.values import Json
from lcc.runtime.result import RunResult, TaskRecord
from lcc.serving.going import Going
from lcc.serving.handles import Handles

MOST: Final = 20
"""Calls of one kind that are told one by one."""
_MESSAGE: Final = 1_000
_PRINTED: Final = 4_000


def report_of(going: Going, tools: Tools, handles: Handles) -> dict[str, Json]:
    """Return `status` (ok, failed, paused), `run`, the results, what was written, what failed or what is asked."""
    shown: dict[str, Json] = {"status": "paused", "run": going.id}
    if going.result is None:
        shown["pending"] = {id_: pending.to_json() for id_, pending in going.pending.items()}
        shown["report"] = "The run waits for an answer. Ask the user, then call resume with an answer for each id."
        return shown
    result = going.result
    shown["status"] = "ok" if result.ok else "failed"
    shown |= _results(result, handles)
    named = {task.id: task.tool for task in calls_of(going.plan)} | {t.id: t.tool for t in calls_of(going.written)}
    shown["written"] = _listed(_written(result, named, tools))
    failed = [(id_, record) for id_, record in result.tasks.items() if record.bad and record.error is not None]
    if failed:
        shown["failures"] = _listed([_failure(id_, record, named) for id_, record in failed])
    if result.failure is not None:
        shown["error"] = brief(result.failure.shown, _MESSAGE) + _where(going, result)
    made = sum(record.start is not None for record in result.tasks.values())
    shown["report"] = f"{plural(made, 'call')} in {result.makespan:.2f} s"
    return shown


def _results(result: RunResult, handles: Handles) -> dict[str, Json]:
    found: dict[str, Json] = {}
    if result.answered:
        found["answer"] = handles.shown(result.answer)
    elif isinstance(result.join, list):
        found["results"] = [handles.shown(value) for value in result.join]
    elif result.join:
        found["results"] = {str(id_): handles.shown(value) for id_, value in result.join.items()}
    if result.printed:
        found["printed"] = brief(result.printed, _PRINTED)
    return found


def _written(result: RunResult, named: Mapping[TaskId, str], tools: Tools) -> list[str]:
    """Return the calls that ended well and may have changed something; of a fan-out its elements."""
    fans = {id_.task for id_ in result.tasks if isinstance(id_, Element)}
    found: list[str] = []
    for id_, record in result.tasks.items():
        tool = _tool_of(id_, named)
        made = record.start is not None and record.error is None and record.merged is None
        if made and id_ not in fans and tool in tools and not tools[tool].effect.may_start_early:
            found.append(f"{id_}. {tool}")
    return found


def _tool_of(id_: TaskId, named: Mapping[TaskId, str]) -> str:
    while id_ not in named and isinstance(id_, Element):
        id_ = id_.task
    return named.get(id_, "")


def _failure(id_: TaskId, record: TaskRecord, named: Mapping[TaskId, str]) -> str:
    assert record.error is not None
    return f"{id_}. {_tool_of(id_, named)}: {brief(record.error.shown, _MESSAGE)}"


def _where(going: Going, result: RunResult) -> str:
    if result.place is None or not going.source.text:
        return ""
    return f" (line {going.source.position(result.place.start)[0]})"


def _listed(lines: list[str]) -> list[Json]:
    more = len(lines) - MOST
    return [*lines[:MOST], *([f"… and {more:,} more"] if more > 0 else [])]
