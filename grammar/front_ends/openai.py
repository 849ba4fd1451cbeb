"""Read the tool calls of an OpenAI-style model, as one parallel layer.

What is read: a Chat Completions answer, its message or its `tool_calls`; a Responses answer or its items; calls with a name
and arguments; `multi_tool_use.parallel`. Arguments are constants: a model that calls tools knows no results yet, so a `$1` in
them is text. Objects name every argument; what a tool takes by position only stands in its place. The plan ends in `join()`.

What a type or a role says is no call is none: results and the calls that they answer, messages of others, declarations of tools, calls that the
endpoint made itself. A type that isn't known is an error, and so are several choices with calls, of which one was to be taken.
"""

from __future__ import annotations

import json
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
from lcc.grammar.values import JsonPlaces

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

Pointer = tuple[str | int, ...]
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
_ESCAPE: Final = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.")


def parse(text: str, *, path: str = "<openai>", tools: Tools = NO_TOOLS, limits: TextLimits = DEFAULT_LIMITS) -> Parsed:
    """Read tool calls. Never raises for what the text holds."""
    source = Source(path, text)
    refused = check_text(text, limits) or _too_deep(text, limits.nesting)
    if refused:
        return Parsed(Plan(), (refused,), source)
    try:
        text = _json_in(text)
        document = _loads(text)
    except _NotJson as error:
        found = Diagnostic(JSON.code, Severity.ERROR, error.message, Span(error.at, error.at + 1))
        return Parsed(Plan(), (found,), source)
    reader = _Reader(text, JsonPlaces(text), tools, limits, _answered(document))
    reader.read(document, ())
    if not reader.tasks and not reader.found:
        reader.report("there are no tool calls in this JSON", ())
    tasks, names = tuple(reader.tasks), ToolNames(tools)
    reader.found += filter(None, (left_out(task.tool, task.args, names) for task in tasks))
    ids = tuple(range(1, len(tasks) + 1))
    join = Join(tuple(Ref(id_) for id_ in ids), ids) if tasks else None
    return Parsed(Plan((), tasks, join), tuple(reader.found), source)


class _NotJson(Exception):
    """A text that is not JSON: what is wrong, and where."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


@dataclass(slots=True)
class _Reader:
    text: str
    places: JsonPlaces
    tools: Tools
    limits: TextLimits
    answered: set[str]
    tasks: list[Task] = field(default_factory=list)
    found: list[Diagnostic] = field(default_factory=list)

    def read(self, value: Any, pointer: Pointer) -> None:
        """Read all calls in a value."""
        if isinstance(value, list):
            for place, item in enumerate(value):
                self.read(item, (*pointer, place))
            return
        if not isinstance(value, dict):
            self.report("a tool call is an object", pointer)
            return
        if value.get("role") is not None:
            self._message(value, pointer)
            return
        kind, status = value.get("type"), value.get("status")
        if isinstance(kind, str) and kind not in _CALLS:
            self._of_type(kind, value, pointer)
            return
        if not self.answered.isdisjoint(one for one in (value.get("id"), value.get("call_id")) if isinstance(one, str)):
            return
        key = next((key for key in ("function", "custom", "function_call") if isinstance(value.get(key), dict)), None)
        if isinstance(status, str) and status in _CUT:
            self.report(f"this call is {status}", pointer)
        elif key is not None:
            self._call(value[key], (*pointer, key))
        elif "name" in value or "recipient_name" in value:
            self._call(value, pointer)
        else:
            self._within(value, pointer)

    def _message(self, value: dict[str, Any], pointer: Pointer) -> None:
        """Read a message: only the model's own hold calls; those of tools hold their results."""
        if value["role"] != "assistant":
            return
        for key in ("tool_calls", "function_call", "content"):
            inner = value.get(key)
            if isinstance(inner, list) or (key == "function_call" and isinstance(inner, dict)):
                self.read(inner, (*pointer, key))

    def _of_type(self, kind: str, value: dict[str, Any], pointer: Pointer) -> None:
        """Read an object of a type that is no call."""
        if "tool_calls" in value:
            self.read(value["tool_calls"], (*pointer, "tool_calls"))
        elif kind not in _ASIDE and not _MADE.match(kind):
            self.report(f"an object of type {kind[:40]!r} is no tool call", pointer)

    def _within(self, value: dict[str, Any], pointer: Pointer) -> None:
        wrapper = next((key for key in _WRAPPERS if isinstance(value.get(key), list | dict)), None)
        if wrapper is None:
            if not ("index" in value or "tools" in value):
                self.report("this object is no tool call", pointer)
            return
        before = len(self.tasks)
        for place, choice in enumerate(value[wrapper]) if wrapper == "choices" else ():
            if len(self.tasks) > before:
                self.report("there are several choices; give one of them", (*pointer, wrapper, place))
                return
            self.read(choice, (*pointer, wrapper, place))
        if wrapper != "choices":
            self.read(value[wrapper], (*pointer, wrapper))

    def _call(self, value: dict[str, Any], pointer: Pointer) -> None:
        key = "name" if "name" in value else "recipient_name"
        name = value.get(key)
        if not isinstance(name, str):
            self.report("the name of a tool is text", (*pointer, key))
            return
        given = next((k for k in ("arguments", "parameters", "input", "args") if k in value), None)
        if _declares(value, given):
            return
        arguments = self._decoded(value[given], (*pointer, given), name) if given is not None else {}
        if name == _PARALLEL and isinstance(arguments, dict) and isinstance(arguments.get("tool_uses"), list):
            # Inside of a string of arguments there are no places of their own: the string's place serves all.
            nested = isinstance(value.get(given or ""), str)
            for place, use in enumerate(arguments["tool_uses"]):
                self.read(use, pointer if nested or given is None else (*pointer, given, "tool_uses", place))
            return
        name = name.removeprefix(_NAMESPACE)
        if not TOOL_NAME.match(name):
            self.report(f"{name!r} can't name a tool", (*pointer, key))
        elif arguments is not None:
            self._add(name, arguments, pointer, given)

    def _add(self, name: str, arguments: Any, pointer: Pointer, given: str | None) -> None:
        span = self.places.span((*pointer, given) if given else pointer)
        if not _is_text(arguments):
            self.found.append(Diagnostic("P009", Severity.ERROR, "a text holds half of a surrogate pair", span))
            return
        if isinstance(arguments, dict):
            args = tuple(Arg(key, value_of_json(item), False, span) for key, item in arguments.items())
        elif isinstance(arguments, str) and given == "input":
            args = (Arg(None, Const(arguments), False, span),)
        else:
            self.report("the arguments of a call are an object", (*pointer, given) if given else pointer)
            return
        if len(args) > self.limits.arguments or len(self.tasks) >= self.limits.tasks:
            self.found.append(Diagnostic("P015", Severity.ERROR, "more calls or arguments than the limit", span))
            return
        args = written(self.tools.get(name), args)
        self.tasks.append(Task(len(self.tasks) + 1, name, args, span=self.places.span(pointer)))

    def _decoded(self, value: Any, pointer: Pointer, name: str) -> Any:
        """Return arguments, decoded where they are JSON in a string; `null`, `[]` and nothing are no arguments; None if that is broken."""
        if value is None or value == [] or (isinstance(value, str) and value.strip() in _EMPTY):
            return {}
        if not isinstance(value, str) or pointer[-1] == "input":
            return value
        tool = self.tools.get(name.removeprefix(_NAMESPACE))
        if tool is not None and not value.lstrip().startswith(("{", "[", '"')) and _takes_one_text(tool):
            return {tool.parameters[0].name: value}
        span = self.places.span(pointer)
        try:
            found = Values(value, self.limits).whole()
            nested = isinstance(found, str) and found.lstrip().startswith("{")
            return Values(found, self.limits).whole() if nested else found
        except NotUnderstood as odd:
            message = f"the arguments are not JSON: {odd.message} at character {odd.at + 1}"
            code = JSON.code if odd.code in ("R043", "R045") else odd.code
            at = _place_in_string(self.text, span, odd.at)
            end = span.end if code == JSON.code else at + 1
            self.found.append(Diagnostic(code, Severity.ERROR, message, Span(at, end)))
        return None

    def report(self, message: str, pointer: Pointer) -> None:
        """Report what is no tool call."""
        self.found.append(Diagnostic(TOOL_CALLS.code, Severity.ERROR, message, self.places.span(pointer)))


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


def _declares(value: dict[str, Any], given: str | None) -> bool:
    """Whether an object with a name declares a tool: its parameters are a schema."""
    schema = value.get("parameters", value.get("input_schema", value.get("inputSchema")))
    described = (
        isinstance(schema, dict) and isinstance(schema.get("properties"), dict) and schema.get("type") == "object"
    )
    return described or (given is None and isinstance(value.get("description"), str))


def _json_in(text: str) -> str:
    """Return a text of the same length without what stands around its JSON: thoughts, and a fence."""
    if text.lstrip()[:1] in ("[", "{"):
        return text
    text = blanked(text)
    fenced = _FENCED.fullmatch(text)
    return (
        text if fenced is None else " " * fenced.start("json") + fenced["json"] + " " * (len(text) - fenced.end("json"))
    )


def _is_text(value: Any) -> bool:
    """Whether all texts in a value can be written: JSON's escapes may say half of a character."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _loads(text: str) -> Any:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(items)
        if len(made) < len(items):
            twice = next(key for place, (key, _) in enumerate(items) if any(k == key for k, _ in items[:place]))
            raise _NotJson(f"key {twice!r} occurs twice in one object", 0)
        return made

    def refuse(name: str) -> Any:
        raise _NotJson(f"{name} is not JSON", max(text.find(name), 0))

    def whole(digits: str) -> int:
        if len(digits) > DEFAULT_LIMITS.digits:
            raise _NotJson("a number has too many digits", max(text.find(digits), 0))
        return int(digits)

    def real(digits: str) -> float:
        number = float(digits)
        return number if abs(number) != float("inf") else refuse(digits)

    try:
        return json.loads(text, object_pairs_hook=pairs, parse_constant=refuse, parse_int=whole, parse_float=real)
    except json.JSONDecodeError as error:
        raise _NotJson(_lower(error.msg), min(error.pos, max(len(text) - 1, 0))) from None


def _place_in_string(text: str, span: Span, offset: int) -> int:
    """Return where in a JSON text a character of a string's value stands."""
    at = span.start + 1
    for _ in range(offset):
        found = _ESCAPE.match(text, at)
        at = found.end() if found else at + 1
    return min(at, span.end - 1)


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


_FENCED: Final = re.compile(r"\s*```\w*(?P<json>[^`]*)```\s*")
_BRACKET: Final = re.compile(r'"(?:[^"\\]|\\.|)*+(?:"|\\?\Z)|([\[{])|[\]}]', re.DOTALL)
"""A bracket, or a string, whose brackets don't count."""


def _too_deep(text: str, nesting: int) -> Diagnostic | None:
    depth = 0
    for found in _BRACKET.finditer(text):
        if found[1]:
            depth += 1
        elif found[0] in "]}":
            depth -= 1
        if depth > nesting:
            message, at = "brackets are nested more deeply than the limit", found.start()
            return Diagnostic("P013", Severity.ERROR, message, Span(at, at + 1), "flatten the value")
    return None
