"""Compare what was read with what a record of the corpus expects.

Two readings count as equal where the corpus's README says so: a text that is one reference is that reference, a call inside
of a call is one that became a task, arithmetic is the text of it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from lcc.grammar.ir import Const, DictOf, Format, Input, ListOf, Plan, Ref, Value, references
from lcc.grammar.signatures import Tools, tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.syntax.parser import Parsed

DATA = Path(__file__).parents[2] / "data" / "wild"
SET_APART = {"ambiguous-dollar", "escape-ambiguous"}


@cache
def records(name: str) -> list[dict[str, Any]]:
    """Read a file of the corpus."""
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def tools_of(record: dict[str, Any]) -> Tools:
    """Read the signatures of a record. It says nothing of effects: they read, since prose beside other calls refuses a plan."""
    declared = (f'@tool(effect="read")\ndef {signature}: ...\n' for signature in record["tools"])
    stub = read_stub("".join(declared), "tools.pyi")
    assert not [d for d in stub.diagnostics if d.is_error], stub.diagnostics
    return tools_by_name(stub.signatures)


def differences(parsed: Parsed, expected: dict[str, Any]) -> list[str]:
    """Return how a reading differs from what is expected; empty if it is exactly that."""
    found = []
    wanted = {task["id"]: task for task in expected["tasks"]}
    by_id = {task.id: task for task in parsed.plan.tasks}
    nested = set(by_id) - set(wanted)
    for id_, task in wanted.items():
        got = by_id.get(id_)
        if got is None:
            found.append(f"task {id_} is missing")
            continue
        if got.tool != task["tool"]:
            found.append(f"task {id_} calls {got.tool}, not {task['tool']}")
        args = [show(arg.value, parsed.plan) for arg in got.args if arg.name is None]
        kwargs = {arg.name: show(arg.value, parsed.plan) for arg in got.args if arg.name is not None}
        if args != [norm(value) for value in task["args"]]:
            found.append(f"task {id_}: {args} is not {[norm(value) for value in task['args']]}")
        if kwargs != {name: norm(value) for name, value in task["kwargs"].items()}:
            found.append(f"task {id_}: {kwargs} is not {task['kwargs']}")
        nested -= set(calls_within(got.args, parsed.plan, set(wanted)))
    found += [f"task {id_} is not expected" for id_ in nested]
    if (got_join := join_deps(parsed.plan, set(wanted))) != (expected["join"] and expected["join"]["deps"]):
        found.append(f"join reads {got_join}, not {expected['join']}")
    return found


def join_deps(plan: Plan, wanted: set[Any]) -> list[Any] | None:
    """Return the ids that a join names in order; nothing for a bare one, None without one."""
    if plan.join is None:
        return None
    if plan.join.labels is not None:
        return []
    return list(dict.fromkeys(ref.task for value in plan.join.values for ref in references(value)))


def calls_within(args: Any, plan: Plan, wanted: set[Any]) -> list[Any]:
    """Return the tasks that an argument reads and that the model did not write as such."""
    found = []
    tasks = {task.id: task for task in plan.tasks}
    for arg in args:
        for ref in references(arg.value):
            if ref.task not in wanted and ref.task in tasks:
                found += [ref.task, *calls_within(tasks[ref.task].args, plan, wanted)]
    return found


def show(value: Value, plan: Plan) -> Any:
    """Return a value as the corpus writes it."""
    match value:
        case Const(scalar):
            return scalar if not isinstance(scalar, str) else scalar.replace("\r\n", "\n").strip("\n")
        case Ref(task, path):
            return {"$ref": task, "path": list(path)}
        case Input(name, path):
            return {"$input": name, "path": list(path)}
        case Format(parts):
            shown = [part if isinstance(part, str) else show(part, plan) for part in parts]
            return norm({"$fmt": shown})
        case ListOf(items):
            return [show(item, plan) for item in items]
        case DictOf(pairs):
            return {key: show(item, plan) for key, item in pairs}


def norm(value: Any) -> Any:
    """Return an expected value in one spelling."""
    if isinstance(value, list):
        return [norm(item) for item in value]
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip("\n")
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return {"$ref": value["$ref"], "path": value.get("path", [])}
    if "$fmt" in value:
        parts = [part.replace("\r\n", "\n") if isinstance(part, str) else norm(part) for part in value["$fmt"]]
        if len(parts) == 1 and not isinstance(parts[0], str):
            return parts[0]
        return {"$fmt": parts}
    return {key: norm(item) for key, item in value.items()}
