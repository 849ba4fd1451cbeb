"""Write a run as a trace that Perfetto and chrome://tracing open.

Running calls lie on lanes, as many as ran at once; an arrow goes from the end of a result to the start of its reader. What a
ready task waited for (a limit, approval, the delay before another try) is a process of its own, so that waiting never looks
like work. Format: Trace Event Format, Google, 2016 (JSON object form). Times are microseconds from the run's start.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Final, TypeAlias, assert_never

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import Element, TaskId
from lcc.grammar.values import Json
from lcc.runtime.events import (
    AttemptFailed,
    Event,
    LoopBlocked,
    RunEnded,
    RunStarted,
    TaskAdded,
    TaskEnded,
    TaskHedged,
    TaskReady,
    TaskReported,
    TaskRetracted,
    TaskRetried,
    TaskSpent,
    TaskStarted,
    TaskWaiting,
    another_try,
)

RUNNING: Final = 1
WAITING: Final = 2
Record: TypeAlias = dict[str, Json]


@dataclass(slots=True)
class _Task:
    tool: str = ""
    reads: tuple[TaskId, ...] = ()
    ready: float | None = None
    waits_for: str = ""
    started: float | None = None
    attempt: int = 0
    lane: int = 0
    ended: tuple[float, int] | None = None


class _Lanes:
    """Give every slice the lowest lane that is free when it begins."""

    def __init__(self) -> None:
        self._free: list[int] = []
        self.count = 0

    def take(self) -> int:
        if self._free:
            return heapq.heappop(self._free)
        self.count += 1
        return self.count

    def give_back(self, lane: int) -> None:
        heapq.heappush(self._free, lane)


@dataclass(slots=True)
class Trace:
    """An event sink that collects a trace. `labels`: what tasks are called in it; by default their id and tool.

    Memory grows with the number of calls. `write` after the run has ended.
    """

    labels: Mapping[TaskId, str] = field(default_factory=dict)
    _records: list[Record] = field(default_factory=list)
    _tasks: dict[TaskId, _Task] = field(default_factory=dict)
    _running: _Lanes = field(default_factory=_Lanes)
    _waiting: _Lanes = field(default_factory=_Lanes)
    _began: float = 0.0
    _arrows: int = 0

    def __call__(self, event: Event) -> None:
        """Take one event of the run."""
        match event:
            case RunStarted(time):
                self._began = time
            case TaskAdded(_, id_, tool, reads):
                self._tasks[id_] = _Task(tool, reads)
            case TaskReady(time, id_):
                self._of(id_).ready = time
            case TaskWaiting(time, id_, on):
                task = self._of(id_)
                task.waits_for, task.ready = on, task.ready if task.ready is not None else time
            case TaskStarted(time, id_, tool, attempt):
                self._start(id_, tool, time, attempt)
            case AttemptFailed(time, id_, _, failure):
                self._end(id_, time, "failed", failure.shown)
            case TaskRetried(time, id_, _, delay):
                task = self._of(id_)
                task.ready, task.waits_for = time, another_try(delay)
            case TaskEnded(time, id_, status, failure):
                self._end(id_, time, status.value, "" if failure is None else failure.shown)
            case TaskHedged(time, id_):
                self._instant(time, id_, "a second call is made beside this one")
            case TaskReported(time, id_, message):
                self._instant(time, id_, message)
            case TaskSpent(time, id_, tokens, usd):
                self._instant(time, id_, f"spent {tokens} tokens, {usd:.6g} USD")
            case TaskRetracted(time, id_):
                self._end(id_, time, "retracted", "")
            case LoopBlocked(time, id_, seconds, stack):
                self._instant(time, id_, f"held the event loop for {seconds:.3g} s", stack)
            case RunEnded(time):
                for id_ in [i for i, task in self._tasks.items() if task.started is not None]:
                    self._end(id_, time, "abandoned", "")
            case _:
                assert_never(event)

    def reads(self, id_: TaskId) -> tuple[TaskId, ...]:
        """Return the calls whose results a call read."""
        task = self._tasks.get(id_)
        return () if task is None else task.reads

    def to_json(self) -> Record:
        """Return the trace as a JSON object."""
        named: list[Record] = [
            _name("process_name", RUNNING, 0, "running"),
            _name("process_name", WAITING, 0, "waiting"),
        ]
        for process, lanes, word in ((RUNNING, self._running, "lane"), (WAITING, self._waiting, "waiting")):
            named += [_name("thread_name", process, lane, f"{word} {lane}") for lane in range(1, lanes.count + 1)]
        return {"traceEvents": [*named, *self._records], "displayTimeUnit": "ms"}

    def write(self, path: str | Path) -> None:
        """Write the trace to a file; raises OSError."""
        Path(path).write_text(json.dumps(self.to_json(), ensure_ascii=True), encoding="utf-8")

    def _of(self, id_: TaskId) -> _Task:
        return self._tasks.setdefault(id_, _Task())

    def _start(self, id_: TaskId, tool: str, time: float, attempt: int) -> None:
        task = self._of(id_)
        task.tool = task.tool or tool
        if task.started is not None:  # a hedge: the first call goes on
            return
        if task.ready is not None and time > task.ready:
            self._wait(id_, task, time)
        task.ready = None
        task.started, task.attempt, task.lane = time, attempt, self._running.take()
        for read in task.reads:
            source = self._tasks.get(read)
            if source is not None and source.ended is not None:
                self._arrow(*source.ended, time, task.lane)

    def _wait(self, id_: TaskId, task: _Task, until: float) -> None:
        """Show the time from ready to start, if anything but the machine itself took it."""
        assert task.ready is not None
        if not task.waits_for:
            return
        lane = self._waiting.take()
        self._slice(WAITING, lane, task.ready, until, f"{self._label(id_)}: {task.waits_for}", {"task": str(id_)})
        self._waiting.give_back(lane)
        task.waits_for = ""

    def _end(self, id_: TaskId, time: float, status: str, message: str) -> None:
        task = self._of(id_)
        if task.started is None:
            return
        details: Record = {"task": str(id_), "tool": task.tool, "attempt": task.attempt, "status": status}
        if message:
            details["message"] = message
        again = f", attempt {task.attempt}" if task.attempt > 1 else ""
        self._slice(RUNNING, task.lane, task.started, time, f"{self._label(id_)}{again}", details)
        self._running.give_back(task.lane)
        task.ended = (max(task.started, time - 1e-9), task.lane)
        task.started = None

    def _label(self, id_: TaskId) -> str:
        found = self.labels.get(id_)
        if found is None and isinstance(id_, Element) and id_.task in self.labels:  # a turn is called as its task is
            found = f"{id_}{self.labels[id_.task].removeprefix(str(id_.task))}"
        return found or f"{id_}. {self._of(id_).tool}"

    def _slice(self, process: int, lane: int, start: float, end: float, name: str, details: Record) -> None:
        at = self._microseconds(start)
        took = max(0.0, self._microseconds(end) - at)
        record: Record = {"ph": "X", "cat": "task", "name": name, "pid": process, "tid": lane, "ts": at, "dur": took}
        self._records.append(record | {"args": details})

    def _arrow(self, time: float, lane: int, until: float, to: int) -> None:
        self._arrows += 1
        arrow: Record = {"cat": "data", "name": "result", "id": self._arrows, "pid": RUNNING}
        self._records.append(arrow | {"ph": "s", "tid": lane, "ts": self._microseconds(time)})
        self._records.append(arrow | {"ph": "f", "bp": "e", "tid": to, "ts": self._microseconds(until)})

    def _instant(self, time: float, id_: TaskId | None, name: str, details: str = "") -> None:
        lane = self._of(id_).lane if id_ is not None else 0
        at = self._microseconds(time)
        self._records.append(
            {
                "ph": "i",
                "s": "t",
                "cat": "note",
                "name": name,
                "pid": RUNNING,
                "tid": lane,
                "ts": at,
                "args": {"at": details},
            }
        )

    def _microseconds(self, time: float) -> float:
        return round((time - self._began) * 1e6, 3)


def _name(kind: str, process: int, lane: int, name: str) -> Record:
    return {"ph": "M", "name": kind, "pid": process, "tid": lane, "args": {"name": name}}
