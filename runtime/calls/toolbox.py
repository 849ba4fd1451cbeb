"""Bind each tool once a run, when a task first needs it, and share the backends between tools."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from math import inf
from typing import Any, Final, Protocol

from lcc.grammar.signatures import CallLimits
from lcc.runtime.backends.threads import Threads
from lcc.runtime.binding import Backend, Binding, is_async
from lcc.runtime.graph.batches import BatchResults
from lcc.runtime.limits.gate import Gate
from lcc.runtime.limits.pool import Lane
from lcc.runtime.options import Options
from lcc.runtime.tool import Tool


class Host(Protocol):
    """What a backend may need of the run that uses it."""

    def start(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a coroutine function until it ends or the run does."""

    def widen(self, gate: Gate, more: float) -> None:
        """Let so many more calls through a gate."""

    def connect(self, lane: Lane) -> None:
        """Have calls looked at that wait at a limit of a pool, when it is their turn."""


def _threads(options: Options, lane: Gate, host: Host) -> Backend:
    return Threads(options.grace)


def _processes(options: Options, lane: Gate, host: Host) -> Backend:
    from lcc.runtime.backends.processes import Processes

    return Processes(options.grace)


def _ray(options: Options, lane: Gate, host: Host) -> Backend:
    from lcc.runtime.backends.ray import Ray
    from lcc.runtime.backends.ray_cluster import named_address

    local = named_address(options.ray_address) is None
    width = options.processes if local else inf  # a cluster knows best how many calls it takes
    lane.free = 0  # until there is a connection: no time-out shall count the start of a cluster
    ray = Ray(options.grace, options.ray_address, options.processes)

    async def open_lane() -> None:
        await ray.connected()
        host.widen(lane, width)

    host.start(open_lane)
    return ray


BACKENDS: dict[str, Callable[[Options, Gate, Host], Backend]] = {
    "thread": _threads,
    "process": _processes,
    "ray": _ray,
}
"""How each backend is made, by the name that `isolation` gives it."""


_POOLED: Final = {"thread": "threads", "process": "processes"}


class Toolbox(dict[str, Binding]):
    """Bindings by tool name; a missing one is made. Raises KeyError for a name that is no tool.

    `host` must be set before the first is made.
    """

    def __init__(self, tools: Mapping[str, Tool], options: Options, shared: dict[str, Binding] | None = None) -> None:
        """`shared`: bindings of other runs of the same tools with the same options; those that hold nothing of this run are added."""
        super().__init__(shared or {})
        self._shared = shared
        self._tools = tools
        self._forms: dict[str, Binding] = {}
        self._options = options
        self._backends: dict[str, Backend] = {}
        self._lanes: dict[str, Gate] = {}
        self._pool_lanes: dict[str, Lane] = {}
        self.host: Host

    def __missing__(self, name: str) -> Binding:
        tool = self._tools[name]
        limits = self._options.limits_of(name, tool.signature.limits)
        where = tool.isolation
        if where == "auto":
            where = "loop" if is_async(tool.function) else "thread"
        gates = self._pooled(name, tool.signature.limits, where)
        own = limits if self._options.pool is None else self._options.tools.get(name, CallLimits())
        if own.concurrency is not None or own.rate is not None:
            gates.append(Gate(f"tool {name}", own.concurrency, own.rate))
        backend = None
        if where != "loop":
            gates.append(self._lane(where))
            backend = self._backend(where)
            # What holds in this run must be known where the result is made, before it crosses.
            tool = replace(tool, signature=replace(tool.signature, limits=limits))
        options = self._options
        binding = Binding(
            tool,
            limits,
            backend,
            tuple(gates),
            options.hedge.get(name),
            watched=options.journal is not None or options.around is not None,
        )
        self[name] = binding
        if self._shared is not None and not gates:
            self._shared[name] = binding
        return binding

    def _pooled(self, name: str, declared: CallLimits, where: str) -> list[Gate]:
        """Return the ways through what the run shares with others: all calls, those of the tool, those in threads or processes."""
        pool = self._options.pool
        if pool is None:
            return []
        wanted = {"calls": None, f"tool {name}": pool.tools.get(name, declared), _POOLED.get(where, ""): None}
        for limit, limits in wanted.items():
            if limit not in self._pool_lanes and (lane := pool.lane(limit, limits)) is not None:
                self.host.connect(lane)
                self._pool_lanes[limit] = lane
        return [self._pool_lanes[limit] for limit in wanted if limit in self._pool_lanes]

    def leave_pool(self) -> None:
        """Let others have what calls of this run held."""
        for lane in self._pool_lanes.values():
            lane.close()

    def form_of(self, name: str) -> Binding | None:
        """Return how the batch form of a tool is called to make calls of the tool; None if that can't be."""
        own = self._tools[name].signature
        form = None if own.batch is None else self._tools.get(own.batch.tool)
        if form is None or not (own.effect.may_start_early and form.signature.effect.may_start_early):
            return None
        if form.name not in self._forms:
            plain = self[form.name]
            tool = replace(plain.tool, to_json=BatchResults(plain.tool.to_json))
            self._forms[form.name] = Binding(tool, plain.limits, plain.backend, plain.gates, plain.hedge)
        form_binding = self._forms[form.name]
        return form_binding if form_binding.calling.by_place else None

    def _lane(self, where: str) -> Gate:
        if where not in self._lanes:
            width = {"thread": self._options.threads, "process": self._options.processes}.get(where)
            self._lanes[where] = Gate("Ray" if where == "ray" else f"{where}s", width)
        return self._lanes[where]

    def _backend(self, where: str) -> Backend:
        if where not in self._backends:
            self._backends[where] = BACKENDS[where](self._options, self._lane(where), self.host)
        return self._backends[where]

    @property
    def in_use(self) -> bool:
        """Whether there is a backend to be closed."""
        return bool(self._backends)

    async def close(self) -> None:
        """Close the backends that were used."""
        for backend in self._backends.values():
            await backend.close()
