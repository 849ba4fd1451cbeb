"""Play the models that the peers ask: the recorded plan in the form that each peer's prompt asks for, and its joiner's form."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.recorded import Recorded, read_plan
from benchmarks.shorter import END, Form
from benchmarks.simulated.asked import Asked, Reply
from lcc.grammar.ir import Const, DictOf, Format, ListOf, Ref, Value

_PLANNING = "create a plan to solve it"
"""What the planner's prompt of either peer says, and its joiner's doesn't."""


def llama_index_pack(record: Recorded, asked: Asked) -> Reply:
    """Write the record's plan as it stands: it is in the form of the pack's own examples."""
    if _PLANNING in asked.prompt:
        return Reply(record.forms[Form.RECORDED])
    return Reply(f"Thought: {record.thought}\nAction: finish({record.answer})")


def llmcompiler(record: Recorded, asked: Asked) -> Reply:
    """Write the plan with keywords and `${1}`, as llmcompiler's prompt shows, and decide in JSON."""
    if _PLANNING not in asked.prompt:
        said = {"_thought_": record.thought, "_finish_": record.answer}
        return Reply(f"```json\n{json.dumps(said, ensure_ascii=False)}\n```")
    lines = []
    tasks = read_plan(record.forms[Form.RECORDED]).tasks
    for task, call in zip(tasks, record.calls, strict=True):
        given = zip(call.arguments, task.args, strict=True)
        written = ", ".join(f"{name}={json.dumps(_plain(arg.value), ensure_ascii=False)}" for name, arg in given)
        lines.append(f"{task.id}. {task.tool}({written})")
    return Reply("\n".join([*lines, f"{len(lines) + 1}. join() {END}"]))


def _plain(value: Value) -> Any:
    """Return a value as JSON, with references as text."""
    match value:
        case Const(plain):
            return plain
        case Ref(task):
            return f"${{{task}}}"
        case Format(parts):
            return "".join(part if isinstance(part, str) else str(_plain(part)) for part in parts)
        case ListOf(items):
            return [_plain(item) for item in items]
        case DictOf(items):
            return {key: _plain(item) for key, item in items}
        case _:
            raise ValueError(f"no peer can be given {value!r}")


PLAYERS: Mapping[str, Callable[[Recorded, Asked], Reply]] = {
    "llama-index-pack": llama_index_pack,
    "llmcompiler": llmcompiler,
}
"""By role, which is the model's name."""
