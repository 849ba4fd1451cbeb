"""Play the models: each system is answered in the form that it asks for, from the same program or the same calls.

After a call that failed a model of code writes its whole program again, once; a model of tool calls makes those that failed again. What code
gave is said again as the answer, in the words that the system shows it in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.peers.systems.worlds import FAULT
from benchmarks.programs.records import Program
from benchmarks.simulated.asked import Asked, Call, Reply


def _turns(asked: Asked) -> list[Mapping[str, Any]]:
    return [one for one in asked.messages if one.get("role") == "assistant"]


def _failed(asked: Asked) -> bool:
    return FAULT in asked.text(len(asked.messages) - 1)


def lcc_program(program: Program, asked: Asked) -> Reply:
    """Write the program as it stands."""
    if asked.role == "lcc-joiner":
        return Reply(
            json.dumps(dict.fromkeys(asked.wants_json, "done")) if asked.wants_json else "Action: Finish(done)"
        )
    return Reply(f"```python\n{program.text.strip()}\n```")


def lcc_plan(program: Program, asked: Asked) -> Reply:
    """Write the plan that says the same as the program."""
    return Reply(program.texts["plan"])


def code_call(tool: str, dialect: str) -> Callable[[Program, Asked], Reply]:
    """Return the player that hands code to a tool."""

    def play(program: Program, asked: Asked) -> Reply:
        turns = len(_turns(asked))
        if turns and not (_failed(asked) and turns < 2):
            return Reply(asked.text(len(asked.messages) - 1)[:2_000] or "done")
        return Reply(calls=(Call(f"c{turns}", tool, json.dumps({"code": program.texts[dialect]})),))

    return play


def fastmcp(program: Program, asked: Asked) -> Reply:
    """Search the tools, read their schemas, then hand over code that calls them by name."""
    turns = _turns(asked)
    names = sorted({name for level in program.levels for name, _ in level})
    if not turns:
        return Reply(calls=(Call("c0", "search", json.dumps({"query": " ".join(names).replace("_", " ")})),))
    if len(turns) == 1:
        return Reply(calls=(Call("c1", "get_schema", json.dumps({"tools": names})),))
    ran = len(turns) - 2
    if ran and not (_failed(asked) and ran < 2):
        return Reply(asked.text(len(asked.messages) - 1)[:2_000] or "done")
    return Reply(calls=(Call(f"c{ran + 2}", "execute", json.dumps({"code": program.texts["by name"]})),))


def smolagents(program: Program, asked: Asked) -> Reply:
    """Write code in tags; `final_answer` ends it."""
    return Reply(f"Thought: I call the tools.\n<code>\n{program.texts['plain']}\n</code>")


def tool_calls(program: Program, asked: Asked) -> Reply:
    """Make the calls of a round at once, those that failed again, then answer."""
    last = [one for one in asked.messages[::-1] if one.get("role") in ("tool", "assistant")]
    failed = []
    for one in last:
        if one.get("role") != "tool":
            break
        if FAULT in str(one.get("content")):
            failed.append(one["tool_call_id"])
    turns = _turns(asked)
    if failed and turns:
        again = [c for c in turns[-1].get("tool_calls") or () if c["id"] in failed]
        return Reply(
            calls=tuple(Call(f"again{c['id']}", c["function"]["name"], c["function"]["arguments"]) for c in again)
        )
    done = sum(not all(c["id"].startswith("again") for c in one.get("tool_calls") or ()) for one in turns)
    if done >= len(program.levels):
        return Reply("It is done; the results are above.")
    made = program.levels[done]
    return Reply(calls=tuple(Call(f"c{done}_{n}", tool, json.dumps(given)) for n, (tool, given) in enumerate(made)))


PLAYERS: Mapping[str, Callable[[Program, Asked], Reply]] = {
    "lcc": lcc_program,
    "lcc-joiner": lcc_program,
    "lcc-plans": lcc_plan,
    "pydantic-plain": code_call("run_code", "gathered"),
    "pydantic-in-turn": code_call("run_code", "awaiting"),
    "pydantic-eager": code_call("run_code", "gathered"),
    "pydantic-speculative": code_call("run_code", "gathered"),
    "fastmcp": fastmcp,
    "smolagents": smolagents,
    "langgraph": tool_calls,
    "openai-agents": tool_calls,
}
"""By role, which is the model's name."""
DIALECTS = {
    "lcc-plans": "plan",
    "python-in-turn": "awaiting",
    "python-gathered": "gathered",
    "fastmcp": "by name",
    "smolagents": "plain",
    "pydantic-in-turn": "awaiting",
} | dict.fromkeys(("pydantic-plain", "pydantic-eager", "pydantic-speculative"), "gathered")
