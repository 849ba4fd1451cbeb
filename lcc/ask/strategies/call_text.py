"""Read one call that a model wrote in text, in any of the forms that models write, as a task with constants.

search("Mount Everest")                          a call, as the tools are declared
search[Mount Everest]                            ReAct's own form
search                                           and on the next line
Action Input: {"query": "Mount Everest"}         the form of other implementations
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Final

from lcc.ask.joining.decision import balanced_end
from lcc.compiler import check
from lcc.grammar import front_ends
from lcc.grammar.diagnostics import Diagnostic, has_errors
from lcc.grammar.diagnostics.wording import did_you_mean
from lcc.grammar.ir import Task, dependencies
from lcc.grammar.signatures import Tools
from lcc.grammar.source import Source
from lcc.grammar.syntax.parser import Parsed

_HEAD: Final = re.compile(r"[`*\s]*(?P<name>[A-Za-z_][A-Za-z0-9_./-]*)[`*]*[ \t]*(?P<open>[(\[])?")
_INPUT: Final = re.compile(r"[*_`\s]*Action[ \t]+Input[*_` \t]*:[*_` \t]*(?P<input>.*)\Z", re.IGNORECASE | re.DOTALL)
_FENCE: Final = re.compile(r"\A\s*```[a-zA-Z]*[ \t]*\n")


class BadCall(ValueError):
    """A text that is no call that can be made. The message says why, for the model."""


class OneCall:
    """A call that was read. `diagnostics` are warnings about its text, which is `source`."""

    __slots__ = ("diagnostics", "source", "task")

    def __init__(self, task: Task, source: Source, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.task = task
        self.source = source
        self.diagnostics = diagnostics


def read_call(text: str, tools: Tools) -> OneCall:
    """Return the call that a text begins with, verified; raise BadCall."""
    text = _FENCE.sub("", text)
    head = _HEAD.match(text)
    if head is None:
        raise BadCall("it doesn't begin with the name of a tool")
    if not tools:
        raise BadCall("there are no tools")
    rest = text[head.end() :]
    given = _INPUT.match(rest) if head["open"] is None else None
    if head["open"] == "[":
        end = balanced_end(rest, "[")
        step = f"#E1 = {head['name']}[{rest if end is None else rest[: end + 1]}"
        parsed = front_ends.parse(step, "rewoo", tools=tools)
    elif given is not None:
        parsed = _with_input(head["name"], given["input"].strip(), tools)
    else:
        call = text.strip().strip("`*") if head["open"] else f"{head['name']}()"
        parsed = front_ends.parse(f"1. {call.replace('$', '$$')}\n2. join()\n<END_OF_PLAN>", "model", tools=tools)
    return _checked(parsed, tools)


def read_json_call(name: str, arguments: str, tools: Tools) -> OneCall:
    """Return a call whose arguments are given as JSON, verified; raise BadCall."""
    if not tools:
        raise BadCall("there are no tools")
    return _checked(_from_json(name, arguments, tools), tools)


def _from_json(name: str, arguments: str, tools: Tools) -> Parsed:
    text = json.dumps([{"name": name, "arguments": arguments}], ensure_ascii=False)
    return front_ends.parse(text, "openai", tools=tools)


def _with_input(name: str, given: str, tools: Tools) -> Parsed:
    """Read arguments as a JSON object, else as the one text that the tool takes."""
    fenced = given.strip("`").strip()
    if fenced.startswith("{"):
        return _from_json(name, fenced, tools)
    text = fenced[1:-1] if len(fenced) > 1 and fenced[0] == fenced[-1] and fenced[0] in "\"'" else fenced
    tool = tools.get(name)
    if tool is None or not tool.parameters:
        return _from_json(name, "{}", tools)
    return _from_json(name, json.dumps({tool.parameters[0].name: text}), tools)


def _checked(parsed: Parsed, tools: Tools) -> OneCall:
    task = next(iter(parsed.plan.tasks), None)
    if task is not None and task.tool not in tools:
        hint = did_you_mean(task.tool, tools) or f"the tools are {', '.join(tools)}"
        raise BadCall(f"there is no tool `{task.tool}`; {hint}")
    found = check(parsed, tools)
    if has_errors(found) or task is None:
        raise BadCall(_problems(found) or "it is no call of a tool")
    if any(arg.each for arg in task.args) or dependencies(task):
        raise BadCall("it takes only values as arguments, no `each` and no results by number")
    return OneCall(task, parsed.source, tuple(d for d in found if d.span is not None))


def with_id(call: OneCall, id_: int, thought: str = "") -> Task:
    """Return the task of a call under another id."""
    return replace(call.task, id=id_, thought=thought)


def _problems(found: tuple[Diagnostic, ...]) -> str:
    said = [d.message + (f" ({d.help})" if d.help else "") for d in found if d.is_error]
    return "; ".join(said[:3]).replace("$$", "$")
