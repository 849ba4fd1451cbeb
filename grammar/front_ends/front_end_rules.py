"""Document what the front ends for other forms of plan report."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule

EVIDENCE: Final = Rule(
    "P030",
    "unknown-evidence",
    "a ReWOO step refers to evidence that no step before it gives",
    "`#E2` is the evidence of step 2. A step can only use what was found before it.",
    "Plan: Look it up.\n#E1 = search[more about #E2]\n",
    "Plan: Look it up.\n#E1 = search[tides]\nPlan: Go on.\n#E2 = search[more about #E1]\n",
    front_end="rewoo",
)
STEP: Final = Rule(
    "P031",
    "rewoo-step",
    "a ReWOO step can't be read",
    "A step is `#E1 = tool[input]` on lines of its own; the brackets in its input come in pairs.",
    "Plan: Look it up.\n#E1 = search[tides\n",
    "Plan: Look it up.\n#E1 = search[tides]\n",
    front_end="rewoo",
)
JSON: Final = Rule(
    "P032",
    "json",
    "the text is not JSON",
    "Tool calls are given as JSON: a message, an array of `tool_calls`, or the items of a response. The arguments of a call are "
    "JSON in a string.",
    '[{"name": "search", "arguments": {"query": "tides"}]\n',
    '[{"name": "search", "arguments": {"query": "tides"}}]\n',
    front_end="openai",
)
TOOL_CALLS: Final = Rule(
    "P033",
    "tool-calls",
    "JSON holds something else than tool calls",
    "A call has a name, and an object of arguments (or its JSON text). Chat Completions, Responses and "
    "`multi_tool_use.parallel` are read.",
    '[{"name": "search", "arguments": 3}]\n',
    '[{"name": "search", "arguments": {"query": "tides"}}]\n',
    front_end="openai",
)
POINTS: Final = Rule(
    "P034",
    "skeleton",
    "the text is no skeleton of numbered points",
    "A skeleton numbers its points from 1; each of them is expanded on its own, so a gap or a repeated number means that the text "
    "was cut or mixed up.",
    "1. What tides are.\n3. The sun.\n",
    "1. What tides are.\n2. The moon.\n3. The sun.\n",
    front_end="skeleton",
)
RULES: Final = (EVIDENCE, STEP, JSON, TOOL_CALLS, POINTS)
