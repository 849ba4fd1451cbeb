"""Show a run as plain lines, where there is no terminal to draw on: one for each task as it ends, then what the plan hands over."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from lcc.cli.console import Console
from lcc.cli.views.source_tasks import SourceTasks, value_text
from lcc.cli.views.turns import MOST_TURNS, site_of, status_words
from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.diagnostics.terminal import cut, escape, escape_lines
from lcc.grammar.diagnostics.wording import plural, seconds
from lcc.grammar.ir import (
    Block,
    Element,
    Join,
    Let,
    Plan,
    TaskId,
    Value,
    block_calls,
    block_statements,
    blocks_of,
    calls_of,
    references,
)
from lcc.grammar.values import Json, to_text
from lcc.runtime.events import Event, LoopBlocked, TaskEnded, TaskStarted
from lcc.runtime.result import Failure, RunResult, TaskRecord, TaskStatus

ERROR_LIMIT: Final = 300


def ended_line(
    name: str,
    call: str,
    status: TaskStatus,
    took: float | None,
    failure: Failure | None,
    width: int,
    line: int | None = None,
) -> str:
    """Return the line that says how a task ended, and a second one that says why, and where it stands, where that isn't plain."""
    time = "" if took is None else seconds(took)
    ended = cut(f"{status.value:<9} {time:>8}  {name}. {call}", width)
    if failure is None or status is TaskStatus.SKIPPED:
        return ended
    return f"{ended}\n{'':<20}{located(error_text(failure), line)}"


def blocked_text(event: LoopBlocked) -> str:
    """Return what is said of a tool that keeps all others from going on."""
    return escape_lines(f"a tool has held the event loop for {seconds(event.seconds)}:\n{event.stack}")


def located(text: str, line: int | None) -> str:
    """Return a message with the line of the plan file that it is about."""
    return text if line is None else f"line {line}: {text}"


def error_text(failure: Failure | None) -> str:
    """Return why a task didn't end well, on one line: `RuntimeError: boom`."""
    if failure is None:
        return ""
    return cut(escape(" ".join(failure.shown.split())), ERROR_LIMIT)


def result_command(path: str, run: str) -> str:
    """Return the command, but for the call's id, that prints a result of a recorded run whole."""
    return f"lcc runs {escape(shlex.quote(path))} {run[:8]} --result"


def whole_command(kept: tuple[str, str] | None, *, of_calls: bool) -> str:
    """Return what prints whole what a run hands over. `kept`: its journal and id; `of_calls`: results of calls, by id."""
    if kept is None:
        return "--format json"
    if of_calls:
        return f"{result_command(*kept)} ID"
    return f"lcc replay {escape(shlex.quote(kept[0]))} {kept[1][:8]} --format json"


def outcome_line(result: RunResult) -> str:
    """Return the last line of a run: how it ended, how long it took, and what running one by one would have taken."""
    counts: dict[str, int] = {}
    busy = 0.0
    for record in top_level(result.tasks).values():
        words = status_words(record).replace(", ", " and ")
        counts[words] = counts.get(words, 0) + 1
    for id_, record in result.tasks.items():
        if record.start is not None and not _is_fan_out(id_, result):
            busy += record.end - record.start
    said = ", ".join(f"{number} {status}" for status, number in counts.items() if status != "ok")
    total = plural(sum(counts.values()), "task")
    line = f"{result.status.value}: {total}{f' ({said})' if said else ''} in {seconds(result.makespan)}"
    if busy > 1.2 * result.makespan and result.makespan > 0:
        line += f"; one after another they take {seconds(busy)}"
    if result.usage.tokens or result.usage.usd:
        line += f"; {result.usage.tokens:,} tokens, ${result.usage.usd:.4f}"
    if result.failure is not None and result.printed is None:
        line += f"; {escape(result.failure.message)}"
    return line


def top_level(tasks: Mapping[TaskId, TaskRecord]) -> dict[TaskId, TaskRecord]:
    """Return the records of tasks, without those of a fan-out's elements where the fan-out has one itself."""
    return {id_: r for id_, r in tasks.items() if not (isinstance(id_, Element) and id_.task in tasks)}


def _is_fan_out(id_: TaskId, result: RunResult) -> bool:
    first = Element(id_, 0) if isinstance(id_, int) else None
    return first is not None and (first in result.tasks or first in result.merged)


def joined(plan: Plan, result: RunResult) -> Iterator[tuple[str, Json, str]]:
    """Yield what join reads: its name in the source plan, its value, and why there is none, empty where there is one.

    A strict plan that a failure ended has no answer: then there is nothing to yield.
    """
    join = plan.join
    if join is None or not result.join:
        return
    values = list(result.join.values()) if isinstance(result.join, dict) else result.join
    for place, (name, source, value) in enumerate(zip(_names(join), join.values, values, strict=True)):
        lacking = "" if value is not None else _problem(source, result, plan)
        yield name, value, lacking or ("no value" if place in result.missing else "")


def handed_back(result: RunResult) -> list[Json]:
    """Return what a program hands back: one value, or none where it failed or has none to give."""
    values = list(result.join.values()) if isinstance(result.join, dict) else result.join
    return [] if values == [None] else list(values)


def _problem(source: Value, result: RunResult, plan: Plan) -> str:
    values = {one.id: one.value for one in plan.body or () if isinstance(one, Let) and one.id is not None}
    asked = list(references(source))
    for reference in asked:
        asked += [] if reference.task not in values else references(values.pop(reference.task))
        id_: TaskId | None = reference.task
        while id_ is not None and id_ not in result.tasks and id_ in result.merged:
            id_ = result.merged[id_]
        record = None if id_ is None else result.tasks.get(id_)
        if record is not None and record.error is not None:
            return f"{record.status.value}: {error_text(record.error)}"
        inner = None if record is not None or plan.body is None else _failed_within(plan.body, reference.task, result)
        if inner is not None:
            return f"{result.tasks[inner].status.value} in {inner}: {error_text(result.tasks[inner].error)}"
    return ""


def _failed_within(body: Block, id_: TaskId, result: RunResult) -> TaskId | None:
    """Return the first call that didn't end well of those in a loop, a gather or a region."""
    holders = [one for one in block_statements(body) if getattr(one, "id", None) == id_]
    sites = {task.id for one in holders for block in blocks_of(one) for task in block_calls(block)}
    return next((one for one, record in result.tasks.items() if record.bad and site_of(one) in sites), None)


def _names(join: Join) -> list[str]:
    if join.labels is not None:
        return [f"${label}" for label in join.labels]
    return [value_text(value) for value in join.values]


def result_lines(plan: Plan, result: RunResult) -> Iterator[str]:
    """Yield the lines for standard output: the answer, or each value that join reads by its name."""
    if result.answered:
        yield from escape_lines(to_text(result.answer)).split("\n")
        return
    if plan.join is None:
        for value in handed_back(result):
            text = to_text(value)
            yield from escape_lines(text.removesuffix("\n") if value == result.printed else text).split("\n")
        return
    for name, value, problem in joined(plan, result):
        first, *rest = [f"({problem})"] if problem else escape_lines(to_text(value)).split("\n")
        yield f"{cut(name, 60)} = {first}"
        yield from (f"    {line}" for line in rest)


def printed_lines(result: RunResult) -> list[str]:
    """Return what a plan printed, where that isn't what it hands over anyway."""
    if not result.printed or result.join == [result.printed]:
        return []
    return escape_lines(result.printed.removesuffix("\n")).split("\n")


def program_error(result: RunResult) -> Diagnostic | None:
    """Return what ended a plan with a body, and where; None if it ended well, or has none."""
    failure = result.failure
    if failure is None or result.printed is None:
        return None
    from lcc.runtime.program.advice import parted

    message, help = parted(failure, _step(result))
    return Diagnostic(failure.code, Severity.ERROR, message, result.place, help)


def _step(result: RunResult) -> TaskId | None:
    """Return the number of the call that ended a plan, if it stands before the call: programs have none."""
    calls = () if result.plan is None else calls_of(result.plan)
    return next((one.id for one in calls if one.span == result.place and one.tool_span.start > one.span.start), None)


MOST_UNMADE: Final = 5
"""How many calls are told of one by one that were stopped, or never made: Ctrl-C stops many at once."""


class Progress:
    """An event sink that writes to standard error. `fold`: of many elements of a fan-out the first ones, as of turns."""

    def __init__(self, tasks: SourceTasks, console: Console, *, fold: bool = False) -> None:
        self._fold = fold or tasks.has_turns
        self._console = console
        self._tasks = tasks
        self._started: dict[TaskId, float] = {}
        self._turns: dict[int, int] = {}
        self._unmade: Counter[TaskStatus] = Counter()

    def __call__(self, event: Event) -> None:
        """Take one event of the run."""
        match event:
            case TaskStarted(time, id_):
                self._started.setdefault(id_, time)
            case TaskEnded():
                self._end(event)
            case LoopBlocked():
                self._console.tell(blocked_text(event))
            case _:
                return

    def close(self) -> None:
        """Say of how many turns, and of how many calls that were stopped or never made, nothing was said."""
        for status, count in self._unmade.items():
            if count > MOST_UNMADE:
                self._console.tell(f"{status.value:<9} {'':>8}  {plural(count - MOST_UNMADE, 'more call')}")
        self._unmade.clear()
        for site, turns in self._turns.items():
            if turns > MOST_TURNS:
                more = f": {plural(turns - MOST_TURNS, 'more turn' if self._tasks.has_turns else 'more call')}"
                call = cut(f"{'ok':<9} {'':>8}  {site}[…]. {self._tasks.call(site)}", self._console.width - len(more))
                self._console.tell(f"{call}{more}")
        self._turns.clear()

    def _is_one_of_many(self, event: TaskEnded) -> bool:
        """Whether enough has been told of turns of a call in a loop, or of calls that were stopped or never made. Failures always are."""
        if event.status is TaskStatus.CANCELLED or event.status is TaskStatus.SKIPPED:
            self._unmade[event.status] += 1
            return self._unmade[event.status] > MOST_UNMADE
        if not self._fold or not isinstance(event.id, Element) or event.status is not TaskStatus.OK:
            return False
        site = site_of(event.id)
        self._turns[site] = self._turns.get(site, 0) + 1
        return self._turns[site] > MOST_TURNS

    def _end(self, event: TaskEnded) -> None:
        started = self._started.pop(event.id, None)
        if self._is_one_of_many(event):
            return
        took = None if started is None else event.time - started
        width, tasks = self._console.width, self._tasks
        call = cut(tasks.call(event.id), width)
        line = tasks.line(event.id) if event.failure is not None else None
        self._console.tell(ended_line(str(event.id), call, event.status, took, event.failure, width, line))
