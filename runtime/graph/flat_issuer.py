"""Issue the tasks of a plan that is a line of them: the graph, as the scheduler sees it."""

from __future__ import annotations

from collections.abc import Mapping

from lcc.grammar.ir import Plan, TaskId, Value, flat
from lcc.grammar.values import Json
from lcc.runtime.graph.graph import Graph
from lcc.runtime.graph.node import Call, Planned
from lcc.runtime.graph.outcome import outcome
from lcc.runtime.graph.revision import retract, revise
from lcc.runtime.result import Failure, RunResult, Usage


class FlatIssuer(Graph):
    """The graph of a run, with what may become of it as a whole."""

    recalls = False

    def begin(self, plan: Plan) -> None:
        """Add all tasks. The plan is whole, so that none of them waits for that."""
        self.open_commit()
        self.learn(plan.origins)
        for task in flat(plan, "this run"):
            self.add(task)

    def declare(self, inputs: Mapping[str, Json]) -> None:
        """A plan has all its inputs before it begins."""

    def foreseen(self, node: Call) -> tuple[Call, ...]:
        """Return none: steps that don't read one another are asked about alone."""
        return ()

    def tells(self, node: Planned) -> bool:
        """Nothing handles a failure."""
        return True

    def gather(self, lists: Mapping[TaskId, Value]) -> None:
        """Say what the results of fan-outs are made of that were expanded before their calls were added."""
        self.lists.update(lists)

    def retract(self, id_: TaskId) -> list[Call]:
        """Take a task back, with all that reads it."""
        return retract(self, id_)

    def revise(self, plan: Plan) -> list[Call]:
        """Make the tasks of the whole plan those of the run."""
        self.learn(plan.origins)
        return revise(self, flat(plan, "a run of single tasks"))

    def outcome(self, plan: Plan, began: float, ended: float, usage: Usage, failure: Failure | None) -> RunResult:
        """Return what the run gives back."""
        return outcome(plan, self, began, ended, usage, failure)
