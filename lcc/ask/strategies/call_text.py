"""Read one call that a model wrote in text, in any of the forms that models write, as a task with constants.

search("Mount Everest")                          a call, as the tools are declared
search[Mount Everest]                            ReAct's own form (arXiv 2210.03629)
search                                           and under the next heading
Action Input: {"query": "Mount Everest"}         the form of other implementations: JSON, a Python dict, quoted or plain text, lines
{"action": "search", "action_input": "…"}        the same as one object

Everything in the text is part of the call, a mark or a fence around it, or a paragraph of its own behind it; a text with anything else in
it is refused, since it may say that the call is not to be made.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Final

from lcc.compiler import check
from lcc.grammar import front_ends
from lcc.grammar.diagnostics import Diagnostic, has_errors
from lcc.grammar.diagnostics.wording import did_you_mean
from lcc.grammar.ir import Task, dependencies
from lcc.grammar.ir.constants import json_of
from lcc.grammar.lenient.calls.call_keys import TOOL_KEYS, CallKeys
from lcc.grammar.reading.headings import paragraphs, unfenced
from lcc.grammar.reading.loose_values import QUOTES, NotUnderstood, Values, closing, keywords, read_value, whole_value
from lcc.grammar.signatures import STR, Signature, Tools, fits
from lcc.grammar.source import Source, Span
from lcc.grammar.syntax.parser import Parsed
from lcc.grammar.tolerant.tool_names import ToolNames
from lcc.grammar.values import Json

_NAME: Final = r"[A-Za-z_][A-Za-z0-9_./-]*"
_HEAD: Final = re.compile(rf"[`*\s]*(?P<name>{_NAME})[`*]*(?P<rest>[ \t]*(?P<open>[(\[{{（［｛])|[\s`*.:;,。：]*\Z)?")
_ENDS: Final = re.compile(r"[\s`*.;。]*\Z")
_NOTHING: Final = frozenset(
    {"", "none", "null", "n/a", "na", "nothing", "no input", "empty", "undefined", "-", "{}", "[]", "()", '""', "''"}
)
_LINE: Final = re.compile(
    r"[ \t]*(?:[-*•][ \t]+)?[*_`\"']{0,3}(?P<name>[^\W\d]\w*)[*_`\"']{0,3}[ \t]*[:：=][ \t]*(?P<value>\S.*?)[ \t]*[,;]?"
)


class BadCall(ValueError):
    """A text that is no call that can be made. The message says why, for the model."""


class OneCall:
    """A call that was read. `diagnostics` are warnings about its text, which is `source`."""

    __slots__ = ("diagnostics", "source", "task")

    def __init__(self, task: Task, source: Source, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.task = task
        self.source = source
        self.diagnostics = diagnostics


def read_call(text: str, tools: Tools, given: str | None = None) -> OneCall:
    """Return the call that a text is, verified; raise BadCall. `given`: what stands under a heading of its input."""
    if not tools:
        raise BadCall("there are no tools")
    first = _first_paragraph(text, tools)
    call = _read_call(unfenced(first), tools, given)
    if ToolNames(tools).may_write(call.task.tool) and text.strip() != first.strip():
        raise BadCall("words stand behind a call that is not declared to read")
    return call


def _read_call(text: str, tools: Tools, given: str | None) -> OneCall:
    if text.startswith(("{", "[", "｛")):
        if given is not None and given.strip():
            raise BadCall("it is given as an object and has an input as well")
        return _of_object(text, tools)
    spaced = ToolNames(tools).find("_".join(text.strip(" *_`.\"'").split())) if "\n" not in text else None
    head = _HEAD.match(text if spaced not in tools else str(spaced))
    if head is None:
        raise BadCall("it doesn't begin with the name of a tool")
    name = ToolNames(tools).find(head["name"]) or head["name"]
    if name not in tools:
        raise _no_tool(name, tools)
    if head["open"] is None:
        if head["rest"] is None:
            raise BadCall("something else than a call stands here")
        return _with_input(name, given if given is not None else "", tools)
    if given is not None and given.strip().casefold() not in _NOTHING:
        raise BadCall("it has arguments and an input as well")
    return _in_brackets(text, head, name, tools)


def read_json_call(name: str, arguments: str, tools: Tools) -> OneCall:
    """Return a call whose arguments are given as JSON, verified; raise BadCall."""
    if not tools:
        raise BadCall("there are no tools")
    return _checked(_from_json(name, arguments, tools), tools)


def read_native(text: str, tools: Tools) -> OneCall:
    """Return the one call in a text that holds tags of a model's own format; raise BadCall."""
    if not tools:
        raise BadCall("there are no tools")
    parsed = front_ends.parse(text, "model", tools=tools)
    if len(parsed.plan.tasks) > 1:
        raise BadCall("it is more than one call; one is made at a time")
    return _checked(parsed, tools)


def begins_call(text: str, tools: Tools) -> bool:
    """Whether a text begins with the name of a tool and a bracket, or is an object that names a tool."""
    if text.startswith("{"):
        try:
            found = read_value(text).value
        except NotUnderstood:
            return False
        return isinstance(found, dict) and any(
            found.get(key) in tools for key in TOOL_KEYS if isinstance(found.get(key), str)
        )
    head = _HEAD.match(text)
    return head is not None and head["open"] is not None and ToolNames(tools).find(head["name"]) in tools


def names_call(text: str, tools: Tools) -> bool:
    """Whether the name of a tool stands before a bracket anywhere in a text."""
    found = re.finditer(rf"(?<![\w./-])(?P<name>{_NAME})[`*]*[ \t]?[(\[（]", text)
    return any(one["name"] in tools for one in found)


def _no_tool(name: str, tools: Tools) -> BadCall:
    hint = did_you_mean(name, tools) or f"the tools are {', '.join(tools)}"
    return BadCall(f"there is no tool `{name}`; {hint}")


def _first_paragraph(text: str, tools: Tools) -> str:
    """Return the paragraph that a call is; raise BadCall where one behind it may say something about calls."""
    first, *others = paragraphs(text.strip()) or ("",) if text.strip() else ("",)
    if others and first.rstrip().endswith((":", "：")):
        raise BadCall("other words stand before the call")
    if any(names_call(other, tools) for other in others):
        raise BadCall("it is more than one call; one is made at a time")
    return first


def _in_brackets(text: str, head: re.Match[str], name: str, tools: Tools) -> OneCall:
    opening = head["open"]
    if opening in "{｛":
        return _with_input(name, text[head.end() - 1 :], tools)
    close = closing(text, head.end(), opening)
    inner = text[head.end() : close].strip()
    if close < len(text) and not _ENDS.match(text, close + 1):
        raise BadCall("something stands behind the call. Write the call alone")
    if inner.startswith(("{", "｛")):
        return _with_input(name, inner, tools)
    if opening in "[［":
        if close == len(text):
            raise BadCall("its bracket is never closed")
        parsed = front_ends.parse(f"#E1 = {name}[{inner}]", "rewoo", tools=tools)
    else:
        closed = ")" if close < len(text) else ""
        parsed = front_ends.parse(
            f"1. {name}({inner.replace('$', '$$')}{closed}\n2. join()\n<END_OF_PLAN>", "model", tools=tools
        )
    return _checked(parsed, tools)


# Objects and inputs


def _of_object(text: str, tools: Tools) -> OneCall:
    keys = CallKeys(Values(text), ToolNames(tools))
    try:
        keys.take(_value(text), Span(0, len(text)))
    except NotUnderstood as odd:
        raise BadCall(f'{odd}. An object is {{"action": the tool, "action_input": its arguments}}') from None
    if len(keys.calls) != 1:
        raise BadCall("it is more than one call; one is made at a time" if keys.calls else "it names no tool")
    call, after = keys.calls[0].call, keys.calls[0].after
    if call.tool not in tools:
        raise _no_tool(call.tool, tools)
    if after:
        raise BadCall("it depends on another call; one is made at a time")
    args = [(arg.name, json_of(arg.value)) for arg in call.args]
    match args:
        case [(None, str() as given)]:
            return _with_input(call.tool, given, tools)
        case [(None, value)]:
            return _from_value(call.tool, value, tools)
    values = [value for _, value in args]
    named = {name: value for name, value in args if name is not None}
    return _from_value(call.tool, named if len(named) == len(values) else values, tools)


def _value(text: str) -> Json:
    try:
        return whole_value(text.rstrip(" \t\r\n.;。`"))
    except NotUnderstood as error:
        raise BadCall(f"it is not JSON: {error} at character {error.at + 1}") from None


def _with_input(name: str, given: str, tools: Tools) -> OneCall:
    """Read the input of a tool: an object or a list, named arguments, lines of `name: value`, a call of the tool; else its one text."""
    tool = tools[name]
    text = unfenced(given)
    if text.strip(" \t.;").casefold() in _NOTHING and not (text[:1] in QUOTES and tool.parameters):
        return _from_value(name, {}, tools)
    if text.startswith(("{", "[", "｛", "［")):
        return _from_value(name, _value(text), tools)
    if begins_call(text, {name: tool}):
        return read_call(text, {name: tool})
    named = _named(text, tool)
    if named is not None:
        return _from_value(name, named, tools)
    return _from_value(name, _one_text(given.strip(), text), tools)


def _one_text(given: str, text: str) -> Json:
    """Return the text that an input is. One that goes on behind a blank line may have ended there, so that it is refused."""
    try:
        value = whole_value(text)
    except NotUnderstood:
        value = None
    if isinstance(value, str):
        return value
    if text[:1] in ('"', "“", "「", "«") and text[-1:] not in QUOTES[text[:1]] and text.count(text[0]) == 1:
        raise BadCall("the quote of its input is never closed")
    if text is given and re.search(r"\n[ \t]*\r?\n", text):
        raise BadCall('its input goes on behind a blank line. Write it as JSON: {"name": "text"}')
    return text


def _named(text: str, tool: Signature) -> dict[str, Json] | None:
    """Return the arguments of an input that names them, each one of the tool's; None if it doesn't."""
    names = {parameter.name for parameter in tool.parameters}
    try:
        given = keywords(text)
    except NotUnderstood:
        given = {}
    if given and given.keys() <= names:
        return given
    lines = [_LINE.fullmatch(line) for line in text.split("\n") if line.strip()]
    made: dict[str, Json] = {}
    for line in lines:
        if line is None or line["name"] not in names or line["name"] in made:
            return None
        made[line["name"]] = _scalar(line["value"], tool, line["name"])
    return made or None


def _scalar(written: str, tool: Signature, name: str) -> Json:
    """Return what stands behind `name:`: a text as it is for what takes texts, else a literal."""
    parameter = next((p for p in tool.parameters if p.name == name), None)
    try:
        value = whole_value(written)
    except NotUnderstood:
        return written
    takes_text = parameter is None or fits(STR, parameter.type)
    return written if takes_text and not isinstance(value, str) else value


def _from_value(name: str, value: Json, tools: Tools) -> OneCall:
    """Return the call whose arguments are a value: an object of them, a list of one object, or the one that the tool needs."""
    if (
        isinstance(value, list)
        and len(value) == 1
        and isinstance(value[0], dict)
        and (
            not _takes_list(tools[name]) or value[0].keys() <= {parameter.name for parameter in tools[name].parameters}
        )
    ):
        value = value[0]
    if not isinstance(value, dict):
        value = _placed(tools[name], value)
    return _checked(_from_json(name, json.dumps(value), tools), tools)


def _takes_list(tool: Signature) -> bool:
    return len(tool.parameters) == 1 and str(tool.parameters[0].type).startswith(("list", "List"))


def _placed(tool: Signature, value: Json) -> dict[str, Json]:
    """Return arguments by name where only one parameter can be meant, or a list has a value for each."""
    parameters = tool.parameters
    needed = [p for p in parameters if p.required] or list(parameters[:1])
    if not parameters:
        raise BadCall(f"`{tool.name}` takes no input")
    if isinstance(value, list) and not _takes_list(tool):
        if not len(needed) <= len(value) <= len(parameters):
            raise BadCall(f"`{tool.name}` takes {len(parameters)} arguments by name, not a list of {len(value)}")
        return {parameter.name: item for parameter, item in zip(parameters, value, strict=False)}
    if len(needed) > 1:
        names = ", ".join(f"`{parameter.name}`" for parameter in needed)
        raise BadCall(f"`{tool.name}` needs {names}. Write them as JSON with these keys")
    if isinstance(value, str) and not fits(STR, needed[0].type):
        value = _value(value)
    return {needed[0].name: value}


def _from_json(name: str, arguments: str, tools: Tools) -> Parsed:
    text = json.dumps([{"name": name, "arguments": arguments}], ensure_ascii=False)
    return front_ends.parse(text, "openai", tools=tools)


def _checked(parsed: Parsed, tools: Tools) -> OneCall:
    task = next(iter(parsed.plan.tasks), None)
    if task is not None and task.tool not in tools:
        raise _no_tool(task.tool, tools)
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
