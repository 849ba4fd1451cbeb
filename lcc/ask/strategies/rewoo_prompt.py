"""Write what ReWOO's planner and solver are told. The prompts are fixed: docs/strategies.md says where they come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from lcc.ask.joining.observations import show_failure, show_value
from lcc.ask.memory import Round
from lcc.ask.planning.few_shots import FewShot
from lcc.ask.planning.planner_prompt import tool_line
from lcc.grammar.signatures import Signature
from lcc.models.request import Message
from lcc.runtime.result import TaskRecord, TaskStatus

PLANNER: Final = """\
Make a plan that solves the task step by step with the tools, and nothing else. Each step is two lines:
Plan: what to find out, and how
#E1 = tool[input]
The result of a step is kept as its evidence, #E1, #E2 and so on; the input of a later step may hold it, as in #E2 = tool[more about #E1].
The input is plain text. More than one argument, or one that is no text, is given by name: tool[query="tides", limit=3]."""

SOLVER: Final = """\
Solve the task with the help of the plan and of the evidence that was found for each of its steps. Evidence may be wrong or beside the point, so use it with care.
Reply with the answer alone."""


def planner_message(tools: Iterable[Signature], examples: Sequence[FewShot]) -> Message:
    """Return what every request to the planner begins with."""
    parts = [PLANNER, "Tools:\n" + "\n".join(tool_line(tool) for tool in tools)]
    if examples:
        parts.append("Examples:\n\n" + "\n\n".join(f"Task: {one.question}\n{one.plan}" for one in examples))
    return Message("system", "\n\n".join(parts))


def task_message(question: str) -> Message:
    """Return the question for the planner."""
    return Message("user", f"Task: {question}")


def evidence_message(question: str, round_: Round, cap: int) -> Message:
    """Return the question for the solver, with every step and what it found. `cap`: tokens of one piece of evidence."""
    steps = [
        f"Plan: {task.thought or task.tool}\nEvidence: {_evidence(round_.records.get(task.id), cap)}"
        for task in round_.written.tasks
    ]
    return Message("user", f"Task: {question}\n\n" + "\n".join(steps))


def _evidence(record: TaskRecord | None, cap: int) -> str:
    if record is None:
        return "none"
    return show_value(record.value, cap) if record.status is TaskStatus.OK else f"none ({show_failure(record)})"
