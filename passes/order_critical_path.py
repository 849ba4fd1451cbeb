"""Order ready tasks by the work that still follows them: each task's upward rank becomes its priority.

    1. search("tides")       # 0.5 s
    2. search("moon")        # 0.5 s
    3. summarize($2)         # 2 s
=>
    1. search("tides") prio 0.5
    2. search("moon") prio 2.5
    3. summarize($2) prio 2

Priorities decide only when a limit makes tasks wait. Costs come from declarations, else a profile, else a default.

Requires: a verified plan with its order edges. Keeps: everything but priorities.
"""

from __future__ import annotations

from typing import Final

from lcc.grammar.ir import Plan, with_priority
from lcc.passes.analysis.critical_path import durations, upward_ranks
from lcc.passes.context import Context

_DIGITS: Final = 6
"""Microseconds: ranks are printed, and sums of durations have noise below that."""


def order_critical_path(plan: Plan, context: Context) -> Plan:
    """Set every task's priority to its upward rank in seconds."""
    ranks = upward_ranks(plan, durations(plan, context.tools, context.costs))
    tasks = []
    changed = False
    for task in plan.tasks:
        priority = round(ranks[task.id], _DIGITS)
        if priority != task.priority:
            changed = True
            task = with_priority(task, priority)
        tasks.append(task)
    return Plan(plan.inputs, tuple(tasks), plan.join, plan.origins) if changed else plan
