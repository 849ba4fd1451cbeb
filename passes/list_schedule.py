"""Simulate a run: list scheduling on a number of workers, under the limits of tools, without waiting for anything.

Whenever a worker is free, the ready job with the highest priority starts; of equal ones the one that comes first. A job whose
tool is at its limit lets the next one go first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf
from types import MappingProxyType
from typing import Final

from lcc.grammar.ir import TaskId

NO_LIMITS: Final[Mapping[str, float]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Job:
    """One call: how long it takes, what it waits for, and how much is behind it."""

    id: TaskId
    seconds: float
    after: tuple[TaskId, ...] = ()
    priority: float = 0.0
    tool: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When each job starts and ends, in seconds from the start of the run."""

    starts: Mapping[TaskId, float]
    ends: Mapping[TaskId, float]

    @property
    def makespan(self) -> float:
        """When the last job ends."""
        return max(self.ends.values(), default=0.0)


def list_schedule(
    jobs: Sequence[Job],
    *,
    workers: float = inf,
    concurrency: Mapping[str, float] = NO_LIMITS,
    rates: Mapping[str, float] = NO_LIMITS,
) -> Schedule:
    """Return when each job runs. `concurrency`: calls of a tool at once; `rates`: starts of a tool a second.

    Jobs stand in plan order; each waits for earlier ones only.
    """
    return _Simulation(jobs, workers, concurrency, rates).run()


@dataclass(slots=True)
class _Gate:
    """The limits of one tool. `timed`: an event will come when the rate lets the next call start."""

    free: float = inf
    spacing: float = 0.0
    open_at: float = 0.0
    timed: bool = False
    waiting: list[tuple[float, int]] = field(default_factory=list)


class _Simulation:
    def __init__(
        self, jobs: Sequence[Job], workers: float, concurrency: Mapping[str, float], rates: Mapping[str, float]
    ) -> None:
        self._jobs = jobs
        self._free = workers
        self._gates = {
            tool: _Gate(concurrency.get(tool, inf), 1 / rates[tool] if tool in rates else 0.0)
            for tool in {*concurrency, *rates}
        }
        place = {job.id: at for at, job in enumerate(jobs)}
        self._behind: list[list[int]] = [[] for _ in jobs]
        self._missing = [0] * len(jobs)
        for at, job in enumerate(jobs):
            for id in job.after:
                if id in place:
                    self._behind[place[id]].append(at)
                    self._missing[at] += 1
        self._ready: list[tuple[float, int]] = []
        self._events: list[tuple[float, int]] = []
        self._starts: dict[TaskId, float] = {}
        self._ends: dict[TaskId, float] = {}

    def run(self) -> Schedule:
        for at, missing in enumerate(self._missing):
            if not missing:
                heappush(self._ready, (-self._jobs[at].priority, at))
        self._start(0.0)
        while self._events:
            now = self._events[0][0]
            while self._events and self._events[0][0] == now:
                self._over(heappop(self._events)[1], now)
            self._start(now)
        return Schedule(self._starts, self._ends)

    def _start(self, now: float) -> None:
        while self._ready and self._free > 0:
            entry = heappop(self._ready)
            job = self._jobs[entry[1]]
            gate = self._gates.get(job.tool)
            if gate is not None and not self._pass(gate, now, entry):
                continue
            self._free -= 1
            self._starts[job.id] = now
            heappush(self._events, (now + job.seconds, entry[1]))

    def _pass(self, gate: _Gate, now: float, entry: tuple[float, int]) -> bool:
        """Enter a gate, or wait before it."""
        if gate.free <= 0:
            heappush(gate.waiting, entry)
            return False
        if gate.open_at > now:
            heappush(gate.waiting, entry)
            if not gate.timed:
                gate.timed = True
                heappush(self._events, (gate.open_at, ~entry[1]))
            return False
        gate.free -= 1
        gate.open_at = now + gate.spacing
        self._wake(gate)
        return True

    def _over(self, at: int, now: float) -> None:
        """Take an event: a job ended, or a gate opened (the complement of a job that waits there)."""
        if at < 0:
            gate = self._gates[self._jobs[~at].tool]
            gate.timed = False
            self._wake(gate)
            return
        job = self._jobs[at]
        self._ends[job.id] = now
        self._free += 1
        if job.tool in self._gates:
            self._gates[job.tool].free += 1
            self._wake(self._gates[job.tool])
        for behind in self._behind[at]:
            self._missing[behind] -= 1
            if not self._missing[behind]:
                heappush(self._ready, (-self._jobs[behind].priority, behind))

    def _wake(self, gate: _Gate) -> None:
        """Let the best that waits try again."""
        if gate.waiting and gate.free > 0:
            heappush(self._ready, heappop(gate.waiting))
