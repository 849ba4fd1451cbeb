"""Bind each tool once a run, when a task first needs it, and share the backends between tools."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from lcc.runtime.backends.interface import Backend
from lcc.runtime.backends.threads import Threads
from lcc.runtime.batches import BatchResults
from lcc.runtime.binding import Binding, is_async
from lcc.runtime.gates import Gate
from lcc.runtime.options import Options
from lcc.runtime.tool import Tool


def _threads(options: Options) -> Backend:
    return Threads(options.grace)


def _processes(options: Options) -> Backend:
    from lcc.runtime.backends.processes import Processes

    return Processes(options.grace)


_MAKERS: dict[str, Callable[[Options], Backend]] = {"thread": _threads, "process": _processes}
"""How each backend is made: one line for a new one."""


class Toolbox(dict[str, Binding]):
    """Bindings by tool name; a missing one is made. Raises KeyError for a name that is no tool."""

    def __init__(self, tools: Mapping[str, Tool], options: Options) -> None:
        super().__init__()
        self._tools = tools
        self._batch_forms = {t.signature.batch.tool for t in tools.values() if t.signature.batch is not None}
        self._options = options
        self._backends: dict[str, Backend] = {}
        self._lanes: dict[str, Gate] = {}

    def __missing__(self, name: str) -> Binding:
        tool = self._tools[name]
        if name in self._batch_forms:
            tool = replace(tool, to_json=BatchResults(tool.to_json))
        limits = self._options.limits_of(name, tool.signature.limits)
        where = tool.isolation
        if where == "auto":
            where = "loop" if is_async(tool.function) else "thread"
        gates = []
        if limits.concurrency is not None or limits.rate is not None:
            gates.append(Gate(f"tool {name}", limits.concurrency, limits.rate))
        if where != "loop":
            gates.append(self._lane(where))
        backend = None if where == "loop" else self._backend(where)
        options = self._options
        binding = Binding(
            tool, limits, backend, tuple(gates), options.hedge.get(name), journalled=options.journal is not None
        )
        self[name] = binding
        return binding

    def _lane(self, where: str) -> Gate:
        width = {"thread": self._options.threads, "process": self._options.processes}
        return self._lanes.setdefault(where, Gate(f"{where}s", width[where]))

    def _backend(self, where: str) -> Backend:
        if where not in self._backends:
            self._backends[where] = _MAKERS[where](self._options)
        return self._backends[where]

    async def close(self) -> None:
        """Close the backends that were used."""
        for backend in self._backends.values():
            await backend.close()
