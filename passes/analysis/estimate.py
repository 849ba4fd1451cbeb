"""Estimate a run before anything runs: makespan, calls, tokens and money, and the path that decides the makespan.

The plan is scheduled as the runtime would: highest priority first, under a limit of calls at once and the limits that tools
declare. Costs come from declarations, else a profile, else a default. With a profile that has measured more than one duration
of a tool, the schedule is repeated with durations drawn from it, and the range of makespans is given as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from heapq import heappop, heappush
from math import inf
from random import Random
from types import MappingProxyType
from typing import Final

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics.wording import listed, plural, seconds
from lcc.grammar.ir import Batched, BodyNotSupported, Element, ListOf, Plan, Ref, Task, TaskId, Value, flat, references
from lcc.grammar.ir.origins import Origins
from lcc.grammar.signatures import Tools
from lcc.passes.analysis.costs import Costs, Expected
from lcc.passes.analysis.profile import Sketch

FAN_OUT: Final = 4
"""How many elements a fan-out is taken to have whose list is known only at run time."""
DRAWS: Final = 200
"""How often durations are drawn for plans of up to a thousand calls; less often for larger ones."""
_LARGE: Final = 1_000
_SEED: Final = 0


@dataclass(frozen=True, slots=True)
class ToolEstimate:
    """What the calls of one tool are expected to take together."""

    tool: str
    calls: int
    seconds: float
    tokens: int
    usd: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run is expected to take.

    `makespan`: seconds from start to end. `spread`: 10 and 90 of 100 runs are over by then, None without measured durations.
    `work`: the seconds of all calls. `critical_path`: the calls that decide the makespan if nothing has to wait for a worker,
    and `critical_seconds` how long they take. `assumptions`: what the plan doesn't say and had to be assumed.
    """

    makespan: float
    spread: tuple[float, float] | None
    work: float
    critical_path: tuple[TaskId, ...]
    critical_seconds: float
    tools: tuple[ToolEstimate, ...]
    assumptions: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{plural(self.calls, 'call')} in {seconds(self.makespan)}; one after another {seconds(self.work)}"

    @property
    def calls(self) -> int:
        """How many calls are made."""
        return sum(tool.calls for tool in self.tools)

    @property
    def tokens(self) -> int:
        """How many tokens the calls use."""
        return sum(tool.tokens for tool in self.tools)

    @property
    def usd(self) -> float:
        """What the calls cost, in USD."""
        return sum(tool.usd for tool in self.tools)


def estimate(
    plan: Plan, tools: Tools, costs: Costs | None = None, *, workers: float = inf, fan_out: int = FAN_OUT
) -> Estimate:
    """Estimate the run of an optimized plan. `workers`: calls at once; `fan_out`: elements of a list that isn't known yet."""
    costs = costs or Costs()
    if plan.body is not None:
        raise BodyNotSupported("an estimate of one number; `estimate_body` gives from and to")
    model = _Model(plan, tools, costs, fan_out)
    unlimited = list_schedule(model.jobs)
    path = _critical_path(model.jobs, unlimited)
    schedule = model.schedule(model.jobs, workers)
    return Estimate(
        makespan=schedule.makespan,
        spread=_spread(model, costs, workers),
        work=sum(job.seconds for job in model.jobs),
        critical_path=path,
        critical_seconds=unlimited.makespan,
        tools=model.by_tool(),
        assumptions=(*model.assumptions, *model.guessed(costs)),
    )


class _Model:
    """A plan as jobs: one for each call, the elements of fan-outs too."""

    def __init__(self, plan: Plan, tools: Tools, costs: Costs, fan_out: int) -> None:
        self.tools = tools
        self._fan_out = fan_out
        self._origins = Origins(plan.origins)
        self._calls: dict[TaskId, tuple[TaskId, ...]] = {}
        self._expected: dict[str, list[Expected]] = {}
        self.jobs: list[Job] = []
        self.assumptions: list[str] = []
        batched = {o.id: o.into for o in plan.origins if isinstance(o, Batched)}
        firsts = set(batched.values())
        for task in flat(plan, "this estimate"):
            first = batched.get(task.id)
            if first in self._calls:  # it ends with the call that it is made in
                self._calls[task.id] = (task.id,)
                self.jobs.append(Job(task.id, 0.0, (first,), task.priority, ""))
                continue
            made = self._as_batch(task) if task.id in firsts else task
            expected = costs.of(made, tools.get(made.tool))
            for job in self._jobs(made, expected.seconds):
                self.jobs.append(job)
                self._expected.setdefault(made.tool, []).append(expected)

    def _as_batch(self, task: Task) -> Task:
        """Return the call of the batch form that is made for a task and those with it."""
        signature = self.tools.get(task.tool)
        batch = None if signature is None else signature.batch
        return task if batch is None else replace(task, tool=batch.tool)

    def schedule(self, jobs: list[Job], workers: float) -> Schedule:
        """Schedule jobs under the limits that the tools declare."""
        limits = {name: s.limits for name, s in self.tools.items() if name in self._expected}
        concurrency = {name: float(one.concurrency) for name, one in limits.items() if one.concurrency is not None}
        rates = {name: one.rate for name, one in limits.items() if one.rate is not None}
        return list_schedule(jobs, workers=workers, concurrency=concurrency, rates=rates)

    def by_tool(self) -> tuple[ToolEstimate, ...]:
        """Return what the calls of each tool take together, by name."""
        return tuple(
            ToolEstimate(
                tool, len(calls), sum(c.seconds for c in calls), sum(c.tokens for c in calls), sum(c.usd for c in calls)
            )
            for tool, calls in sorted(self._expected.items())
        )

    def guessed(self, costs: Costs) -> Iterator[str]:
        """Say which durations are neither declared nor measured."""
        unknown = [tool for tool in sorted(self._expected) if not costs.knows(tool, self.tools.get(tool))]
        if unknown:
            names = listed([f"`{tool}`" for tool in unknown])
            yield f"{costs.default_seconds:g} s for each call of {names}, whose cost is neither declared nor measured"

    def _jobs(self, task: Task, seconds: float) -> list[Job]:
        after = tuple(id for one in task.after for id in self._ids(one))
        others = [ref for arg in task.args if not arg.each for ref in references(arg.value)]
        reads = tuple(id for ref in others for id in self._ids_read(ref))
        spread = task.each
        if spread is None:
            self._calls[task.id] = (task.id,)
            return [Job(task.id, seconds, (*reads, *after), task.priority, task.tool)]
        assert isinstance(task.id, int)
        lists = self._elements(task, spread.value)
        ids = tuple(Element(task.id, place) for place in range(len(lists)))
        self._calls[task.id] = ids
        signature = self.tools.get(task.tool)
        serial = signature is not None and signature.effect.writes
        jobs = []
        for place, own in enumerate(lists):
            previous = (ids[place - 1],) if serial and place else ()
            jobs.append(Job(ids[place], seconds, (*reads, *own, *after, *previous), task.priority, task.tool))
        return jobs

    def _elements(self, task: Task, value: Value) -> list[tuple[TaskId, ...]]:
        """Return what each element of a fan-out waits for by itself."""
        if isinstance(value, ListOf):
            return [tuple(id for ref in references(item) for id in self._ids_read(ref)) for item in value.items]
        if isinstance(value, Ref):
            source = self._calls.get(value.task)
            if source is not None and not value.path and value.task not in source:
                return [(id,) for id in source]
            self._assume(task)
            return [self._ids_read(value)] * self._fan_out
        self._assume(task)
        return [()] * self._fan_out

    def _assume(self, task: Task) -> None:
        count = f"{self._fan_out} element{'' if self._fan_out == 1 else 's'}"
        self.assumptions.append(f"the list of {task.id} is known only at run time; taken to have {count}")

    def _ids_read(self, ref: Ref) -> tuple[TaskId, ...]:
        ids = self._ids(ref.task)
        if ref.path and isinstance(ref.path[0], int) and ref.task not in ids and -len(ids) <= ref.path[0] < len(ids):
            return (ids[ref.path[0]],)
        return ids

    def _ids(self, id: TaskId) -> tuple[TaskId, ...]:
        known = self._calls.get(id)
        if known is not None or id not in self._origins:
            return known or ()
        value = self._origins.value_of(id)
        return () if value is None else tuple(one for ref in references(value) for one in self._calls.get(ref.task, ()))


def _critical_path(jobs: list[Job], schedule: Schedule) -> tuple[TaskId, ...]:
    """Return the jobs that a schedule without limits had to wait for, last to first from its end."""
    by_id = {job.id: job for job in jobs}
    last = max(jobs, key=lambda job: schedule.ends[job.id], default=None)
    path: list[TaskId] = []
    while last is not None:
        path.append(last.id)
        before = [id for id in last.after if id in schedule.ends]
        last = by_id[max(before, key=schedule.ends.__getitem__)] if before else None
    return tuple(reversed(path))


def _spread(model: _Model, costs: Costs, workers: float) -> tuple[float, float] | None:
    draws = {tool: draw for tool in {job.tool for job in model.jobs} if (draw := _draw(tool, model, costs)) is not None}
    if not draws:
        return None
    random = Random(_SEED)  # noqa: S311  (a simulation, not a secret)
    spans = []
    for _ in range(max(20, DRAWS * _LARGE // max(len(model.jobs), _LARGE))):
        jobs = [replace(job, seconds=draws[job.tool](random)) if job.tool in draws else job for job in model.jobs]
        spans.append(model.schedule(jobs, workers).makespan)
    spans.sort()
    return spans[len(spans) // 10], spans[-1 - len(spans) // 10]


def _draw(tool: str, model: _Model, costs: Costs) -> Callable[[Random], float] | None:
    """Return how a duration of a tool is drawn, None where it is declared or was hardly measured."""
    signature = model.tools.get(tool)
    known = costs.profile.tools.get(tool)
    if known is None or known.seconds.count < 2 or (signature is not None and signature.cost.seconds is not None):
        return None
    return _drawn_from(known.seconds)


def _drawn_from(sketch: Sketch) -> Callable[[Random], float]:
    table = [sketch.quantile((step + 0.5) / 100) for step in range(100)]
    return lambda random: table[random.randrange(100)]


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
