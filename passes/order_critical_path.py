"""Order ready tasks by the work that still follows them: each task's upward rank becomes its priority.

    1. search("tides")       # 0.5 s
    2. search("moon")        # 0.5 s
    3. summarize($2)         # 2 s
=>
    1. search("tides") prio 0.5
    2. search("moon") prio 2.5
    3. summarize($2) prio 2

Priorities decide only when a limit makes tasks wait (the ranks are those of Topcuoglu, Hariri and Wu, 2002). Costs come from declarations, else a profile, else a default.

Requires: a verified plan with its order edges. Keeps: everything but priorities.
"""

from __future__ import annotations

from dataclasses import replace
from operator import is_
from typing import Final

from lcc.grammar.flow import flow_of
from lcc.grammar.ir import Plan, Task, flat, map_calls, with_priority
from lcc.passes.analysis.critical_path import durations, flow_ranks, upward_ranks
from lcc.passes.analysis.effects import orders_of
from lcc.passes.context import Context

_DIGITS: Final = 6
"""Microseconds: ranks are printed, and sums of durations have noise below that."""


def order_critical_path(plan: Plan, context: Context) -> Plan:
    """Set every task's priority to its upward rank in seconds."""
    seconds = durations(plan, context.tools, context.costs)
    if plan.body is not None:
        below = flow_ranks(flow_of(plan, orders_of(context.accesses, context.calls)), seconds)
        body = map_calls(plan.body, lambda task: _ranked(task, below[task.id]))
        return plan if body is plan.body else replace(plan, body=body)
    ranks = upward_ranks(plan, seconds)
    before = flat(plan, "this way of ranking")
    tasks = tuple([_ranked(task, ranks[task.id]) for task in before])
    return plan if all(map(is_, tasks, before)) else Plan(plan.inputs, tasks, plan.join, plan.origins)


def _ranked(task: Task, rank: float) -> Task:
    priority = round(rank, _DIGITS)
    return task if priority == task.priority else with_priority(task, priority)
