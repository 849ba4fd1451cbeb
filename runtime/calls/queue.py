"""Hold calls back where a limit says so, and let the best of them go first when it lifts."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import TypeAlias

from lcc.runtime.calls.timers import Timers
from lcc.runtime.graph.node import Call
from lcc.runtime.limits.gate import Gate
from lcc.runtime.limits.pool import Lane

_Entry: TypeAlias = tuple[float, int, Call]
"""A call in a heap: highest priority first, then the order of the plan."""


class Queue:
    """The calls that are ready, best first, those that a gate holds back apart, so that they cost nothing while they wait."""

    __slots__ = ("_clock", "_held", "_lifted", "_timers", "_waiting", "ready")

    def __init__(
        self,
        clock: Callable[[], float],
        timers: Timers,
        held: Callable[[float, Call, str], None] | None,
        lifted: Callable[[], None],
    ) -> None:
        """`held` is told of a call that a gate stops, `lifted` that calls are ready again without any having ended."""
        self.ready: list[_Entry] = []
        self._waiting: dict[Gate, list[_Entry]] = {}
        self._clock = clock
        self._timers = timers
        self._held = held
        self._lifted = lifted

    def push(self, node: Call) -> None:
        """Add a call that is ready."""
        heappush(self.ready, (-node.priority, node.place, node))

    def pop(self) -> Call | None:
        """Return the best call that may start now, its gates entered, or None."""
        ready = self.ready
        while ready:
            node = heappop(ready)[2]
            binding = node.binding
            if node.status is not None:  # it ended on its way here, and leaves the room that it was offered to others
                for gate in binding.gates:
                    self._offer(gate)
            elif not binding.gates or self._enter(node, binding.gates):
                return node
        return None

    def _enter(self, node: Call, gates: tuple[Gate, ...]) -> bool:
        now = self._clock()
        for gate in gates:
            wait = gate.wait(now)
            if wait != 0:
                self._refuse(node, gate, gates, now, wait)
                return False
        for place, gate in enumerate(gates):
            if not gate.enter(now):
                for entered in gates[:place]:
                    entered.leave()
                self._refuse(node, gate, gates, now, None)
                return False
        for gate in gates:
            self._offer(gate)
        return True

    def _refuse(self, node: Call, gate: Gate, gates: tuple[Gate, ...], now: float, wait: float | None) -> None:
        self._hold(node, gate, now, wait)
        for other in gates:
            if other is not gate:
                self._offer(other)

    def _hold(self, node: Call, gate: Gate, now: float, wait: float | None) -> None:
        heappush(self._waiting.setdefault(gate, []), (-node.priority, node.place, node))
        if wait is not None and not gate.timed:
            gate.timed = True
            self._timers.at(now + wait, self._lift, gate)
        elif wait is None:
            gate.listen()
        if self._held is not None and node.held_by is not gate:
            node.held_by = gate
            self._held(now, node, gate.name)

    def _offer(self, gate: Gate) -> None:
        """Have the best call that waits at a gate looked at again, if there is room for it.

        Each call that is looked at offers the room it leaves to the next one, so one is enough to begin with.
        """
        waiting = self._waiting.get(gate)
        if waiting and gate.open:
            while waiting:
                entry = heappop(waiting)
                if entry[2].status is None:
                    heappush(self.ready, entry)
                    return
        if waiting:
            gate.listen()
        else:
            gate.pass_on()

    def release(self, gates: tuple[Gate, ...]) -> None:
        """Count a call out of its gates."""
        for gate in gates:
            gate.leave()
            self._offer(gate)

    def widen(self, gate: Gate, more: float) -> None:
        """Let more calls through a gate from now on."""
        gate.free += more
        self._offer(gate)
        self._lifted()

    def woken(self, lane: Lane) -> None:
        """It is this run's turn at a limit that others share."""
        lane.woken()
        self._offer(lane)
        self._lifted()

    def _lift(self, gate: Gate, _: object) -> None:
        gate.timed = False
        self._offer(gate)
        self._lifted()
