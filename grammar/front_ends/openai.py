"""Read the tool calls of an OpenAI-style model, as one parallel layer.

What is read: a Chat Completions answer, its message or its `tool_calls`; a Responses answer or its items; calls with a name
and arguments; `multi_tool_use.parallel`; as JSON, or as literals of Python and JavaScript. Arguments are constants: a model that calls tools knows no results yet, so a `$1` in
them is text. Objects name every argument; what a tool takes by position only stands in its place. The plan ends in `join()`.

What a type or a role says is no call is none: results and the calls that they answer, messages of others, declarations of tools, calls that the
endpoint made itself. A type that isn't known is an error, and so are several choices with calls, of which one was to be taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from lcc.grammar.diagnostics import Diagnostic, Rule, Severity
from lcc.grammar.ir import Arg, Const, Join, Plan, Ref, Task
from lcc.grammar.ir.constants import value_of_json
from lcc.grammar.lenient.marks.placeholders import left_out
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.reading.loose_values import NotUnderstood, Values
from lcc.grammar.reading.thoughts import blanked
from lcc.grammar.signatures import NO_TOOLS, STR, TOOL_NAME, Signature, Tools, fits
from lcc.grammar.source import Source, Span
from lcc.grammar.syntax.parser import Parsed, check_text
from lcc.grammar.tolerant.parameters import written
from lcc.grammar.tolerant.tool_names import ToolNames

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
RULES: Final = (
    JSON,
    TOOL_CALLS,
)

_PARALLEL: Final = "multi_tool_use.parallel"
_NAMESPACE: Final = "functions."
_WRAPPERS: Final = ("choices", "output", "tool_calls", "tool_uses", "message", "messages")
_CALLS: Final = frozenset({"function", "function_call", "custom", "custom_tool_call", "tool_use", "tool_call"})
_ASIDE: Final = frozenset(
    {"message", "reasoning", "text", "output_text", "refusal", "thinking", "redacted_thinking", "compaction", "image"}
)
_MADE: Final = re.compile(r"(?:server_tool_use|mcp_\w+|\w+_(?:call|result|output|call_output|tool_result))\Z")
"""Types of what the endpoint called itself, and of results."""
_EMPTY: Final = frozenset({"", "null", "None", "[]"})
_CUT: Final = frozenset({"incomplete", "failed", "cancelled", "in_progress"})
_FENCED: Final = re.compile(r"\s*```\w*(?P<json>[^`]*)```\s*")
_NO_JSON: Final = ("R043", "R045")
"""What is said of values that are none."""
_ESCAPE: Final = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.")


def parse(text: str, *, path: str = "<openai>", tools: Tools = NO_TOOLS, limits: TextLimits = DEFAULT_LIMITS) -> Parsed:
    """Read tool calls. Never raises for what the text holds."""
    source = Source(path, text)
    refused = check_text(text, limits)
    if refused:
        return Parsed(Plan(), (refused,), source)
    values = Values(_json_in(text), limits)
    try:
        document = values.whole()
    except NotUnderstood as odd:
        code = JSON.code if odd.code in _NO_JSON else odd.code
        return Parsed(Plan(), (Diagnostic(code, Severity.ERROR, odd.message, odd.span),), source)
    reader = _Reader(values, tools, _answered(document))
    whole = values.places.get(id(document), Span(0, len(text)))
    reader.read(document, whole)
    if not reader.tasks and not reader.found:
        reader.report("there are no tool calls in this JSON", whole)
    tasks, names = tuple(reader.tasks), ToolNames(tools)
    reader.found += filter(None, (left_out(task.tool, task.args, names) for task in tasks))
    ids = tuple(range(1, len(tasks) + 1))
    join = Join(tuple(Ref(id_) for id_ in ids), ids) if tasks else None
    return Parsed(Plan((), tasks, join), tuple(reader.found), source)


@dataclass(slots=True)
class _Reader:
    values: Values
    tools: Tools
    answered: set[str]
    tasks: list[Task] = field(default_factory=list)
    found: list[Diagnostic] = field(default_factory=list)

    def read(self, value: Any, span: Span) -> None:
        """Read all calls in a value that stands at a place."""
        if isinstance(value, list):
            for place, item in enumerate(value):
                self.read(item, self._at(value, place, span))
            return
        if not isinstance(value, dict):
            self.report("a tool call is an object", span)
            return
        if value.get("role") is not None:
            self._message(value, span)
            return
        kind, status = value.get("type"), value.get("status")
        if isinstance(kind, str) and kind not in _CALLS:
            self._of_type(kind, value, span)
            return
        if not self.answered.isdisjoint(one for one in (value.get("id"), value.get("call_id")) if isinstance(one, str)):
            return
        key = next((key for key in ("function", "custom", "function_call") if isinstance(value.get(key), dict)), None)
        if isinstance(status, str) and status in _CUT:
            self.report(f"this call is {status}", span)
        elif key is not None:
            self._call(value[key], self._at(value, key, span))
        elif "name" in value or "recipient_name" in value:
            self._call(value, span)
        else:
            self._within(value, span)

    def _at(self, holder: Any, key: str | int, default: Span) -> Span:
        """Return where a member of an object or a list stands; inside of a string of arguments, the string's place serves all."""
        return self.values.members.get((id(holder), key), default)

    def _message(self, value: dict[str, Any], span: Span) -> None:
        """Read a message: only the model's own hold calls; those of tools hold their results."""
        if value["role"] != "assistant":
            return
        for key in ("tool_calls", "function_call", "content"):
            inner = value.get(key)
            if isinstance(inner, list) or (key == "function_call" and isinstance(inner, dict)):
                self.read(inner, self._at(value, key, span))

    def _of_type(self, kind: str, value: dict[str, Any], span: Span) -> None:
        """Read an object of a type that is no call."""
        if "tool_calls" in value:
            self.read(value["tool_calls"], self._at(value, "tool_calls", span))
        elif kind not in _ASIDE and not _MADE.match(kind):
            self.report(f"an object of type {kind[:40]!r} is no tool call", span)

    def _within(self, value: dict[str, Any], span: Span) -> None:
        wrapper = next((key for key in _WRAPPERS if isinstance(value.get(key), list | dict)), None)
        if wrapper is None:
            if not ("index" in value or "tools" in value):
                self.report("this object is no tool call", span)
            return
        inner, place = value[wrapper], self._at(value, wrapper, span)
        if wrapper != "choices":
            self.read(inner, place)
            return
        before = len(self.tasks)
        for index, choice in enumerate(inner):
            if len(self.tasks) > before:
                self.report("there are several choices; give one of them", self._at(inner, index, place))
                return
            self.read(choice, self._at(inner, index, place))

    def _call(self, value: dict[str, Any], span: Span) -> None:
        key = "name" if "name" in value else "recipient_name"
        name = value.get(key)
        if not isinstance(name, str):
            self.report("the name of a tool is text", self._at(value, key, span))
            return
        given = next((k for k in ("arguments", "parameters", "input", "args") if k in value), "")
        if _declares(value, given):
            return
        place = self._at(value, given, span)
        arguments = self._decoded(value[given], place, given, name) if given else {}
        if name == _PARALLEL and isinstance(arguments, dict) and isinstance(arguments.get("tool_uses"), list):
            self.read(arguments["tool_uses"], span)
            return
        name = name.removeprefix(_NAMESPACE)
        if not TOOL_NAME.match(name):
            self.report(f"{name!r} can't name a tool", self._at(value, key, span))
        elif isinstance(arguments, str) and given == "input":
            self._add(name, (Arg(None, Const(arguments), False, place),), span)
        elif isinstance(arguments, dict):
            self._add(name, tuple(Arg(key, value_of_json(item), False, place) for key, item in arguments.items()), span)
        elif arguments is not None:
            self.report("the arguments of a call are an object", place)

    def _add(self, name: str, args: tuple[Arg, ...], span: Span) -> None:
        limits = self.values.limits
        if len(args) > limits.arguments or len(self.tasks) >= limits.tasks:
            self.found.append(Diagnostic("P015", Severity.ERROR, "more calls or arguments than the limit", span))
            return
        self.tasks.append(Task(len(self.tasks) + 1, name, written(self.tools.get(name), args), span=span))

    def _decoded(self, value: Any, span: Span, key: str, name: str) -> Any:
        """Return arguments, decoded where they are JSON in a string; `null`, `[]` and nothing are no arguments; None if that is broken."""
        if value is None or value == [] or (isinstance(value, str) and value.strip() in _EMPTY):
            return {}
        if not isinstance(value, str) or key == "input":
            return value
        tool = self.tools.get(name.removeprefix(_NAMESPACE))
        if tool is not None and not value.lstrip().startswith(("{", "[", '"')) and _takes_one_text(tool):
            return {tool.parameters[0].name: value}
        try:
            found = Values(value, self.values.limits).whole()
            nested = isinstance(found, str) and found.lstrip().startswith("{")
            return Values(found, self.values.limits).whole() if nested else found
        except NotUnderstood as odd:
            message = f"the arguments are not JSON: {odd.message} at character {odd.at + 1}"
            at = _place_in_string(self.values.text, span, odd.at)
            cut = odd.code in _NO_JSON
            place = Span(at, span.end if cut else at + 1)
            self.found.append(Diagnostic(JSON.code if cut else odd.code, Severity.ERROR, message, place))
        return None

    def report(self, message: str, span: Span) -> None:
        """Report what is no tool call."""
        self.found.append(Diagnostic(TOOL_CALLS.code, Severity.ERROR, message, span))


def _answered(document: Any) -> set[str]:
    """Return the ids of the calls that a document holds results of."""
    found, todo = set[str](), [document]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            ids = (
                value.get("tool_call_id"),
                value.get("tool_use_id"),
                value.get("call_id") if "output" in value else None,
            )
            found.update(one for one in ids if isinstance(one, str))
        todo += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return found


def _takes_one_text(tool: Signature) -> bool:
    """Whether a tool takes one text, and everything else of it has a default."""
    return (
        bool(tool.parameters)
        and fits(STR, tool.parameters[0].type)
        and not any(p.required for p in tool.parameters[1:])
    )


def _declares(value: dict[str, Any], given: str) -> bool:
    """Whether an object with a name declares a tool: its parameters are a schema."""
    schema = value.get("parameters", value.get("input_schema", value.get("inputSchema")))
    described = (
        isinstance(schema, dict) and isinstance(schema.get("properties"), dict) and schema.get("type") == "object"
    )
    return described or (not given and isinstance(value.get("description"), str))


def _json_in(text: str) -> str:
    """Return a text of the same length without what stands around its JSON: thoughts, and a fence."""
    if text.lstrip()[:1] in ("[", "{"):
        return text
    text = blanked(text)
    fenced = _FENCED.fullmatch(text)
    return (
        text if fenced is None else " " * fenced.start("json") + fenced["json"] + " " * (len(text) - fenced.end("json"))
    )


def _place_in_string(text: str, span: Span, offset: int) -> int:
    """Return where in a JSON text a character of a string's value stands."""
    at = span.start + 1
    for _ in range(offset):
        found = _ESCAPE.match(text, at)
        at = found.end() if found else at + 1
    return min(at, span.end - 1)
