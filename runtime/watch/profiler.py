"""Measure what calls take while a run goes on, for the cost model of the next."""

from __future__ import annotations

from lcc.grammar.ir import Element, Plan, TaskId, calls_of
from lcc.passes.analysis.costs import constant_bytes
from lcc.passes.analysis.profile import Profile, ToolProfile
from lcc.runtime.events import AttemptFailed, Event, TaskEnded, TaskSpent, TaskStarted
from lcc.runtime.result import TaskStatus


class Profiler:
    """An event sink that fills a profile: seconds of every call, its tokens and money, and which calls failed.

    The size of arguments is known for calls whose arguments are constants, which are those that it is asked for later.
    """

    def __init__(self, plan: Plan) -> None:
        self.profile = Profile()
        self._bytes: dict[TaskId, int | None] = {task.id: constant_bytes(task) for task in calls_of(plan)}
        self._started: dict[TaskId, tuple[float, str]] = {}
        self._tools: dict[TaskId, str] = {}

    def __call__(self, event: Event) -> None:
        """Take one event of the run."""
        match event:
            case TaskStarted(time, id_, tool, _):
                self._started.setdefault(id_, (time, tool))
                self._tools[id_] = tool
            case AttemptFailed(time, id_):
                self._record(id_, time, ok=False)
            case TaskEnded(time, id_, status, _):
                self._record(id_, time, ok=status is TaskStatus.OK)
            case TaskSpent(_, id_, tokens, usd):
                known = self.profile.tools.setdefault(self._tools.get(id_, ""), ToolProfile())
                known.tokens += tokens
                known.nano_usd += round(usd * 1e9)
            case _:
                return

    def _record(self, id_: TaskId, time: float, *, ok: bool) -> None:
        started, tool = self._started.pop(id_, (None, ""))
        if started is None:
            return
        site = id_.task if isinstance(id_, Element) and id_ not in self._bytes else id_
        size = self._bytes.get(site)
        self.profile.record(tool, max(0.0, time - started), argument_bytes=size, ok=ok)
