"""Print a plan in one of its forms."""

from __future__ import annotations

from typing import Literal

from lcc.cli.views.calls import seconds
from lcc.grammar.ir import Plan, TaskId
from lcc.grammar.signatures import Signature, Tools, show


def emit(plan: Plan, tools: Tools, form: Literal["ir", "json", "plan"]) -> str:
    """Return a plan as IR text with notes on its tools, as JSON, or as a plan file."""
    if form == "json":
        from lcc.grammar.diagnostics.terminal import dump_json
        from lcc.grammar.ir.json_form import to_json

        return dump_json(to_json(plan)) + "\n"
    if form == "plan":
        from lcc.grammar.syntax.print_plan import print_plan

        return print_plan(plan)
    from lcc.grammar.ir.text_form import print_ir

    return print_ir(plan, _notes(plan, tools))


def _notes(plan: Plan, tools: Tools) -> dict[TaskId, str]:
    """Return what is known of each call's tool: effect, result, expected time."""
    return {task.id: _note(tools[task.tool]) for task in plan.tasks if task.tool in tools}


def _note(signature: Signature) -> str:
    cost = signature.cost.seconds
    return f"{signature.effect.value} -> {show(signature.result)}{'' if cost is None else f', {seconds(cost)}'}"
