"""Write what a ReAct agent is told. The prompt is fixed: docs/strategies.md says where it comes from and what was changed.

The system message is the same, byte for byte, for every question to the same tools, so that prompt caches serve it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from lcc.ask.planning.few_shots import FewShot
from lcc.ask.planning.planner_prompt import tool_line
from lcc.grammar.signatures import Signature
from lcc.models.request import Message

RULES: Final = """\
Answer a question in steps of Thought, Action and Observation.
Thought: reason about what is known and what to do next.
Action: one call of a tool with literal arguments; or Finish(the answer) once the answer is known.
Observation: the result of the call. You will be given it.
Write one Thought and one Action at a time."""

STOP: Final = ("\nObservation",)
"""Where a reply ends, so that the model doesn't make up the result of its call."""


def system_message(
    tools: Iterable[Signature], examples: Sequence[FewShot], answer_schema: Mapping[str, Any] | None
) -> Message:
    """Return what every request begins with."""
    parts = [RULES, "Tools:\n" + "\n".join(tool_line(tool) for tool in tools)]
    if examples:
        parts.append("Examples:\n\n" + "\n\n".join(f"Question: {one.question}\n{one.plan}" for one in examples))
    if answer_schema is not None:
        schema = json.dumps(answer_schema, ensure_ascii=False, separators=(",", ":"))
        parts.append(f"The answer is JSON that follows this schema: {schema}")
    return Message("system", "\n\n".join(parts))


def question_message(question: str) -> Message:
    """Return the question."""
    return Message("user", f"Question: {question}")


def observation_message(text: str) -> Message:
    """Return what a step came to."""
    return Message("user", f"Observation: {text}")
