"""Write what the planner is told where its plans may have steps: values, conditions and loops beside calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from lcc.ask.planning.few_shots import FewShot
from lcc.ask.planning.planner_prompt import RULES, system_message
from lcc.grammar.signatures import Signature
from lcc.models.request import Message

_END: Final = "- The last line is"
STEP_RULES: Final = RULES.replace(
    _END,
    """\
- N. = EXPRESSION computes a value, as Python does: 3. = sum(x.price for x in $1 if x.open). No calls stand inside.
- Behind a call, when CONDITION makes it only then, and if failed $2 only in the place of call 2: 4. send($3) when $3 > 10.
- N. for x in $1: does the steps below it for each x, indented, with numbers of their own; the last is yield VALUE. In it x.name is a value, "${x.name}" stands in text.
"""
    + _END,
)


def step_system_message(tools: Iterable[Signature], examples: Sequence[FewShot], *, chosen: bool = False) -> Message:
    """Return what every request begins with. `chosen`: the tools were, for the question, so that they stand last."""
    return system_message(tools, examples, chosen=chosen, rules=STEP_RULES)


def further_message(results: str, wanted: str, next_id: int, *, failed: bool) -> Message:
    """Return what follows a plan whose results are not enough, or that failed."""
    lines = [f"Results:\n{results}", ""]
    if failed:
        lines.append("The plan ended there. Calls that ended well are not made again if you repeat them.")
    else:
        lines.append(f"They don't suffice: {wanted or 'something is missing'}")
    lines.append(
        f"Write another plan, with only what is still needed; number its steps from {next_id}. "
        "The results above can be used by their numbers."
    )
    return Message("user", "\n".join(lines))
