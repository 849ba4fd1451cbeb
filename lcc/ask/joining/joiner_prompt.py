"""Write what the joiner is told: the form of its reply, the question, and the results of each plan in turn."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from lcc.ask.joining.looks import PLACES
from lcc.models.request import Message, Schema

_TASK: Final = "Answer the request, briefly, from the results of tool calls."
_REPLAN: Final = "If something needed is missing or failed, and other calls could get it, ask for them instead."
_JSON: Final = 'Reply with JSON: {"thought": one sentence, "action": "finish", "answer": the answer}'
_JSON_REPLAN: Final = ', or "action": "replan", "answer": what is needed'
_TYPED: Final = 'Reply with JSON: {"thought": one sentence, "action": "finish", "missing": "", "answer": an object that follows this schema}'
_TYPED_REPLAN: Final = ' or {"thought": one sentence, "action": "replan", "missing": what is needed, "answer": null}'
_TEXT: Final = "Reply in this form:\nThought: one sentence\nAction: Finish(the answer)"
_TEXT_REPLAN: Final = "\nor\nThought: one sentence\nAction: Replan(what is needed)"


_LOOK: Final = (
    "Of a long result only a part is shown, and it is said where the rest is. If the answer needs it, look there, "
    f"by place or for words: {PLACES}."
)
_LOOK_JSON: Final = ', or "action": "peek", "answer": the place'
_LOOK_TYPED: Final = ' or {"thought": one sentence, "action": "peek", "missing": the place, "answer": null}'
_LOOK_TEXT: Final = "\nor\nThought: one sentence\nAction: Peek(the place)"


def system_text(
    *, may_replan: bool, structured: bool, answer_schema: Mapping[str, Any] | None, looks: bool = False
) -> str:
    """Return what the joiner is told before anything else. `looks`: it may look into results."""
    lines = [_TASK]
    if may_replan:
        lines.append(_REPLAN)
    if looks:
        lines.append(_LOOK)
    if answer_schema is not None:
        lines.append(_TYPED + (_TYPED_REPLAN if may_replan else "") + (_LOOK_TYPED if looks else "") + ".")
        lines.append("Schema: " + json.dumps(answer_schema, ensure_ascii=False, separators=(",", ":")))
    elif structured:
        lines.append(_JSON + (_JSON_REPLAN if may_replan else "") + (_LOOK_JSON if looks else "") + ".")
    else:
        lines.append(_TEXT + (_TEXT_REPLAN if may_replan else "") + (_LOOK_TEXT if looks else ""))
    return "\n".join(lines)


def reply_schema(*, may_replan: bool, answer_schema: Mapping[str, Any] | None, looks: bool = False) -> Schema:
    """Return the schema of the joiner's reply: a decision, and the answer or what is missing."""
    actions = ["finish", *(["replan"] if may_replan else []), *(["peek"] if looks else [])]
    properties: dict[str, Any] = {"thought": {"type": "string"}, "action": {"type": "string", "enum": actions}}
    schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if answer_schema is None:
        properties["answer"] = {"type": "string"}
    else:
        inner = dict(answer_schema)
        if "$defs" in inner:
            schema["$defs"] = inner.pop("$defs")
        properties["missing"] = {"type": "string"}
        properties["answer"] = {"anyOf": [inner, {"type": "null"}]} if may_replan or looks else inner
    schema["required"] = list(properties)
    return Schema("decision", schema)


def first_message(question: str, results: str) -> Message:
    """Return the question with the results of the first plan."""
    return Message("user", f"Request: {question}\n\nResults:\n{results}")


def further_message(results: str) -> Message:
    """Return the results of a further plan."""
    return Message("user", f"Results of further calls:\n{results}")


def last_chance_message() -> Message:
    """Return what is added when no further plan is possible."""
    return Message(
        "user", "No further calls are possible. Answer with what is known, and say what could not be found out."
    )


def unread_message(*, may_replan: bool) -> Message:
    """Return what follows a reply in which no decision can be read."""
    other = " or `Action: Replan(what is needed)`" if may_replan else ""
    return Message("user", f"There is no decision in this reply. Reply again with `Action: Finish(the answer)`{other}.")
