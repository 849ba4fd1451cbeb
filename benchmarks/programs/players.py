"""Play the models: each system is answered in the form that it asks for, from the same program or the same calls.

After a call that failed a model of code writes its whole program again, once; a model of tool calls makes those that failed again. What code
gave is said again as the answer, in the words that the system shows it in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.peers.systems.worlds import FAULT
from benchmarks.programs.records import Program
from benchmarks.simulated.asked import Asked, Call, Reply

HIDDEN = "An error occurred while running the tool"
"""What OpenAI Agents shows of an exception."""
LONGEST = 2_000
"""Characters of what a model says again."""
_STEP = re.compile(r"^(\s*)(\d+)\.", re.MULTILINE)
_READ = re.compile(r"(\$\{?\(?\$?)(\d+)")


def _turns(asked: Asked) -> list[Mapping[str, Any]]:
    return [one for one in asked.messages if one.get("role") == "assistant"]


def _failed(asked: Asked) -> bool:
    return FAULT in asked.text(len(asked.messages) - 1)


def lcc_program(program: Program, asked: Asked) -> Reply:
    """Write the program as it stands."""
    return Reply(f"```python\n{program.text.strip()}\n```")


def lcc_joiner(program: Program, asked: Asked) -> Reply:
    """Say again what the program gave."""
    shown = asked.text(len(asked.messages) - 1).partition("esults:\n")[2] or asked.prompt.rpartition("esults")[2]
    shown = shown.partition("\n\nCalls that have changed")[0]
    said = shown.removeprefix("Returned: ").removeprefix("Printed:\n")[:LONGEST]
    if not asked.wants_json:
        return Reply(f"Thought: It is there.\nAction: Finish({said})")
    return Reply(json.dumps({"thought": "It is there.", "action": "finish", "answer": said}))


def lcc_plan(program: Program, asked: Asked) -> Reply:
    """Write the plan that says the same as the program; after a failure once more, behind the numbers of the first."""
    text = program.texts["plan"]
    behind = len(_turns(asked)) * len(_STEP.findall(text))
    text = _STEP.sub(lambda found: f"{found[1]}{int(found[2]) + behind}.", text)
    return Reply(_READ.sub(lambda found: f"{found[1]}{int(found[2]) + behind}", text))


def code_call(tool: str, dialect: str) -> Callable[[Program, Asked], Reply]:
    """Return the player that hands code to a tool."""

    def play(program: Program, asked: Asked) -> Reply:
        turns = len(_turns(asked))
        if turns and not (_failed(asked) and turns < 2):
            return Reply(asked.text(len(asked.messages) - 1)[:LONGEST] or "done")
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
        return Reply(asked.text(len(asked.messages) - 1)[:LONGEST] or "done")
    return Reply(calls=(Call(f"c{ran + 2}", "execute", json.dumps({"code": program.texts["by name"]})),))


def smolagents(program: Program, asked: Asked) -> Reply:
    """Write code in tags; `final_answer` ends it. What code only printed is handed back by a second piece."""
    last = asked.text(len(asked.messages) - 1)
    if "Execution logs:" in last and not _failed(asked):
        printed = last.partition("Execution logs:\n")[2].partition("\nLast output from code snippet")[0][:LONGEST]
        return Reply(f"Thought: I have what was asked for.\n<code>\nfinal_answer({printed.strip()!r})\n</code>")
    return Reply(f"Thought: I call the tools.\n<code>\n{program.texts['plain']}\n</code>")


def _said(program: Program, asked: Asked) -> Reply:
    """Give the program's answer, as a model would that made no mistake, if as many results are shown as there are calls."""
    shown = sum(one.get("role") == "tool" for one in asked.messages)
    if shown < sum(map(len, program.levels)):
        return Reply("Not all results are there.")
    return Reply(_text(program.wanted))


def _to_repeat(program: Program, asked: Asked) -> list[Any]:
    """Return the calls of the last turn that failed by the fault. Where a system hides why a call failed, that is the one that ends well else."""
    failed = set()
    for one in asked.messages[::-1]:
        if one.get("role") != "tool":
            break
        if any(said in str(one.get("content")) for said in (FAULT, HIDDEN)):
            failed.add(one["tool_call_id"])
    last = _turns(asked)[-1].get("tool_calls") or () if failed else ()
    tool, given = program.last_call
    return [
        one
        for one in last
        if one["id"] in failed
        and not one["id"].startswith("again")
        and (one["function"]["name"], json.loads(one["function"]["arguments"])) == (tool, given)
    ]


def tool_calls(program: Program, asked: Asked) -> Reply:
    """Make the calls of a round at once, those that failed again, then answer."""
    turns = _turns(asked)
    if again := _to_repeat(program, asked):
        return Reply(
            calls=tuple(Call(f"again{c['id']}", c["function"]["name"], c["function"]["arguments"]) for c in again)
        )
    done = sum(not all(c["id"].startswith("again") for c in one.get("tool_calls") or ()) for one in turns)
    if done >= len(program.levels):
        return _said(program, asked)
    made = program.levels[done]
    return Reply(calls=tuple(Call(f"c{done}_{n}", tool, json.dumps(given)) for n, (tool, given) in enumerate(made)))


def llama_index(program: Program, asked: Asked) -> Reply:
    """Write the calls as the pack's examples do, or end with the answer."""
    if PLANNING not in asked.prompt:
        if _again(asked):
            return Reply("Thought: A call failed.\nAction: Replan(make the calls again)")
        return Reply(f"Thought: It is there.\nAction: finish({_text(program.wanted)})")
    calls = json.loads(program.texts["calls"])
    lines = [f"{tool}({', '.join(map(repr, given.values()))})" for tool, given in calls]
    return Reply(_numbered([*lines, "join()<END_OF_PLAN>"], len(lines) + 1 if FAULT in asked.prompt else 0))


def llmcompiler(program: Program, asked: Asked) -> Reply:
    """Write the calls with names and `${1}`, as its prompt shows, or decide in JSON."""
    if PLANNING not in asked.prompt:
        again = _again(asked)
        said = {"_replan_": "make the calls again"} if again else {"_finish_": _text(program.wanted)}
        shown = json.dumps({"_thought_": "A call failed." if again else "It is there."} | said, ensure_ascii=False)
        return Reply(f"```json\n{shown}\n```")
    calls = json.loads(program.texts["calls"])
    behind = len(calls) + 1 if FAULT in asked.prompt else 0
    lines = []
    for tool, given in calls:
        told = (f"{name}={json.dumps(_braced(value, behind), ensure_ascii=False)}" for name, value in given.items())
        lines.append(f"{tool}({', '.join(told)})")
    return Reply(_numbered([*lines, "join() <END_OF_PLAN>"], behind))


def _braced(value: Any, behind: int) -> Any:
    whole = isinstance(value, str) and re.fullmatch(r"\$(\d+)", value)
    return f"${{{int(whole[1]) + behind}}}" if whole else value


def _numbered(lines: Sequence[str], behind: int) -> str:
    return "\n".join(f"{behind + number}. {line}" for number, line in enumerate(lines, 1))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _again(asked: Asked) -> bool:
    """Whether a call failed since the last time that this was said."""
    return FAULT in asked.prompt.rpartition("A call failed.")[2]


PLAYERS: Mapping[str, Callable[[Program, Asked], Reply]] = {
    "lcc": lcc_program,
    "lcc-no-journal": lcc_program,
    "lcc-joiner": lcc_joiner,
    "lcc-plans": lcc_plan,
    "pydantic-plain": code_call("run_code", "gathered"),
    "pydantic-in-turn": code_call("run_code", "awaiting"),
    "pydantic-eager": code_call("run_code", "gathered"),
    "pydantic-speculative": code_call("run_code", "gathered"),
    "fastmcp": fastmcp,
    "smolagents": smolagents,
    "langgraph": tool_calls,
    "openai-agents": tool_calls,
    "llmcompiler": llmcompiler,
    "llama-index": llama_index,
}
"""By role, which is the model's name."""
PLANNING = "create a plan to solve it"
"""What the planner's prompt of the older packages says, and their joiner's doesn't."""
DIALECTS = {
    "llmcompiler": "calls",
    "llama-index": "calls",
    "lcc-plans": "plan",
    "python-in-turn": "awaiting",
    "python-gathered": "gathered",
    "fastmcp": "by name",
    "smolagents": "plain",
    "pydantic-in-turn": "awaiting",
} | dict.fromkeys(("pydantic-plain", "pydantic-eager", "pydantic-speculative"), "gathered")
