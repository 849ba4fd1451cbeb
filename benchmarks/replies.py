"""Play each kind of model from one record of calls and results.

What a model is told decides how far it is: a ReAct model sees how many observations there are, a model with native tool calls sees
which calls have results. So nothing is replied that the request doesn't warrant. Every model gives the same reasons before the answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from benchmarks.recorded import Recorded, RecordedCall
from benchmarks.shorter import Form
from benchmarks.simulated.asked import Asked, Call, Reply
from lcc.grammar.syntax.print_value import print_value

ANSWER = "Answer: "
"""What the answer stands behind, in replies that have no form of their own."""

_REFERENCE: Final = re.compile(r"\$(\d+)")

Playing = Callable[[Recorded, Asked], Reply]


def planner(form: Form) -> Playing:
    """Return who writes the recorded plan in a form."""
    return lambda record, asked: Reply(record.forms[form])


def joiner(record: Recorded, asked: Asked) -> Reply:
    """Reply as the record's joiner did: in text, or in the JSON that the request asks for."""
    if not asked.wants_json:
        return Reply(record.join)
    said = {"thought": record.thought, "action": "finish", "answer": record.answer, "missing": ""}
    return Reply(json.dumps({name: said[name] for name in asked.wants_json}, ensure_ascii=False))


def openai_parallel(record: Recorded, asked: Asked) -> Reply:
    """Make every call whose arguments are known; answer once all have results."""
    ended = {str(m.get("tool_call_id")) for m in asked.messages if m.get("role") == "tool"}
    due = [
        call
        for call in record.calls
        if f"call_{call.id}" not in ended and all(f"call_{one}" in ended for one in call.reads)
    ]
    if not due:
        return Reply(f"{record.thought}\n{ANSWER}{record.answer}")
    return Reply(calls=tuple(Call(f"call_{c.id}", c.tool, json.dumps(c.arguments, ensure_ascii=False)) for c in due))


def react(record: Recorded, asked: Asked) -> Reply:
    """Make the next call of the plan, or finish once all are made: one thought and one action, as in ReAct's prompts."""
    said = [asked.text(place) for place, message in enumerate(asked.messages) if message.get("role") == "user"]
    done = sum(text.startswith("Observation:") for text in said)
    if done >= len(record.calls):
        return Reply(f"Thought: {record.thought}\nAction: Finish({record.answer})")
    call = record.calls[done]
    what = next(iter(call.arguments.values()), "")
    verb = "find" if call.tool == "search" else "calculate"
    return Reply(f"Thought: I need to {verb} {what}.\nAction: {call.tool}({arguments_text(call.arguments)})")


def rewoo_planner(record: Recorded, asked: Asked) -> Reply:
    """Write the recorded calls as ReWOO's steps."""
    return Reply("\n".join(_step(record.calls, call) for call in record.calls))


def _step(calls: Sequence[RecordedCall], call: RecordedCall) -> str:
    places = {one.id: place for place, one in enumerate(calls, 1)}

    def evidence(text: str) -> str:
        return _REFERENCE.sub(lambda found: f"#E{places[int(found[1])]}", text)

    first, *others = call.written.values()
    plain = evidence(print_value(first).strip('"'))
    named = ", ".join(f"{name}={evidence(print_value(value))}" for name, value in call.written.items())
    verb = "Find" if call.tool == "search" else "Calculate"
    given = named if others or not plain.isprintable() or set(plain) & set("[]\\") else plain
    return f"Plan: {verb} {plain}.\n#E{places[call.id]} = {call.tool}[{given}]"


def rewoo_solver(record: Recorded, asked: Asked) -> Reply:
    """Answer from the evidence."""
    return Reply(f"{record.thought}\n{ANSWER}{record.answer}")


PLAYERS: Mapping[str, Playing] = {
    "planner": planner(Form.PLAIN),
    **{f"planner-{form.value}": planner(form) for form in Form},
    "joiner": joiner,
    "openai-parallel": openai_parallel,
    "react": react,
    "rewoo-planner": rewoo_planner,
    "rewoo-solver": rewoo_solver,
}
"""By role, as models are named."""


def play(record: Recorded, asked: Asked, players: Mapping[str, Playing] = PLAYERS) -> Reply:
    """Reply as the model whose role is asked; raise LookupError for an unknown one."""
    if asked.role not in players:
        raise LookupError(f"there is no simulated model {asked.role!r}: there are {', '.join(sorted(players))}")
    return players[asked.role](record, asked)


def arguments_text(arguments: Mapping[str, Any]) -> str:
    """Return the arguments of a call as a plan writes them."""
    return ", ".join(json.dumps(value, ensure_ascii=False) for value in arguments.values())
