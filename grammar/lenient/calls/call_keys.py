"""Find the calls in data: one table of the keys that name tools, arguments, ids, dependencies and thoughts. Any other key is not understood."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from lcc.grammar.ir import Arg
from lcc.grammar.ir.constants import value_of_json
from lcc.grammar.lenient.calls.settle import Read
from lcc.grammar.reading.loose_values import NotUnderstood, Values
from lcc.grammar.signatures import RESERVED_TOOLS, TOOL_NAME
from lcc.grammar.source import Span
from lcc.grammar.syntax.statement import Call, CallKind
from lcc.grammar.tolerant.references import number_of, plain_name
from lcc.grammar.tolerant.tool_names import PREFIX, ToolNames

TOOL_KEYS: Final = (
    "tool", "tool_name", "toolname", "function_name", "functionname", "recipient_name", "function", "func", "action", "action_name", "api",
    "api_name", "command", "method", "tool_call", "name", "call", "task", "tool_id", "operation", "skill", "node", "uses",
)  # fmt: skip
ARGUMENT_KEYS: Final = (
    "arguments", "args", "parameters", "params", "input", "inputs", "action_input", "actioninput", "tool_input", "toolinput", "kwargs",
    "tool_args", "toolargs", "tool_arguments", "function_args", "param", "arg", "argument", "tool_parameters", "actual_parameters", "payload", "with",
)  # fmt: skip
LIST_KEYS: Final = (
    "tool_calls", "toolcalls", "calls", "tool_uses", "plan", "steps", "tasks", "actions", "function_calls", "functioncalls", "functions",
    "task_nodes", "nodes", "commands", "tool_call", "toolcall", "function_call", "functioncall", "call", "command", "action", "function",
    "tool_use", "tooluse", "parts", "content", "choices", "message", "output", "candidates", "response", "task_list", "subtasks", "workflow",
    "next_action", "step", "invocations", "requests", "tools", "call_list", "execution_plan",
)  # fmt: skip
ID_KEYS: Final = (
    "id", "task_id", "taskid", "idx", "index", "number", "step", "step_id", "stepid", "call_id", "tool_call_id", "order", "no",
    "step_number", "task", "node_id",
)  # fmt: skip
_NAMES: Final = (
    "output", "save_as", "as", "result", "assign_to", "output_key", "store_as", "variable", "output_variable", "outputs", "result_name",
    "output_name", "returns", "label", "evidence",
)  # fmt: skip
AFTER_KEYS: Final = (
    "dep", "deps", "dependency", "dependencies", "depends_on", "dependson", "depends", "after", "needs", "requires", "prerequisites", "parents",
    "predecessors", "wait_for", "inputs_from",
)  # fmt: skip
ASIDE_KEYS: Final = frozenset([
    "thought", "thoughts", "reason", "reasoning", "rationale", "explanation", "purpose", "goal",
    "criticism", "title", "step_name", "analysis", "task_steps", "observation", "role", "status_message", "summary", "objective",
    "question", "query_text", "user_request", "request", "text", "intent", "speak", "thinking", "task_type", "refusal",
    "annotations", "logprobs", "model", "created", "usage", "object", "version", "language", "justification",
    "jsonrpc",
])  # fmt: skip
_ENDS: Final = frozenset(["finish_reason", "finishreason", "stop_reason", "stopreason"])
_WELL: Final = frozenset(
    ["stop", "tool_calls", "tool_use", "function_call", "end_turn", "stop_sequence", "eos", "completed"]
)
"""What ends a reply that is whole."""
_TYPES: Final = frozenset([
    "function", "tool_call", "tool_use", "function_call", "custom", "tool", "call", "toolcall", "functioncall", "action", "step",
    "task", "plan",
])  # fmt: skip
_NO_CALLS: Final = frozenset(
    ["text", "thinking", "redacted_thinking", "reasoning", "tool_result", "function_call_output", "output_text"]
)
_STEP: Final = re.compile(r"(?:(?:step|task|call|node|action|tool|[setn])_?)?[0-9]{1,9}")
"""The keys of an object that holds one call for each step."""
_WRAPPERS: Final = ("function", "tool_calls", "function_call", "functioncall")
"""Keys of calls inside of an object that may have a name of its own."""
_RESULT_NAME: Final = re.compile(r"[$#@{<]*[A-Za-z_][\w-]{0,60}[}>]*")
_PARALLEL: Final = "multi_tool_use.parallel"


def plain_key(key: str) -> str:
    """Return a key without case and hyphens, which styles differ in."""
    return key.strip().replace("-", "_").replace(" ", "_").casefold()


@dataclass(slots=True)
class CallKeys:
    """Collect the calls of values of one text."""

    values: Values
    names: ToolNames
    calls: list[Read] = field(default_factory=list)

    def reads(self, base: int) -> tuple[Read, ...]:
        """Return the calls with the numbers that references count them by: those in their keys, else their places from `base` on."""
        tasks = [read for read in self.calls if read.call.kind == "task"]
        numbers = [number_of(plain_name(read.key or "")) for read in tasks]
        if all(number is None for number in numbers):
            numbers = [*range(base, base + len(tasks))]
        called: dict[str, Read] = {}
        for read, number in zip(tasks, numbers, strict=True):
            for key in (read.key, read.variable, number):
                if key is not None and called.setdefault(plain_name(str(key)), read) is not read:
                    raise NotUnderstood(f"two calls are called `{key}`", *read.call.span)
        counted = iter(numbers)
        return tuple(r._replace(number=next(counted)) if r.call.kind == "task" else r for r in self.calls)

    def take(self, value: Any, at: Span) -> None:
        """Take the calls in a value."""
        if isinstance(value, list):
            for item in value:
                self.take(item, self._span(item, at))
            return
        if not isinstance(value, dict):
            raise NotUnderstood("a call is an object", *at)
        span = self._span(value, at)
        fields = {plain_key(key): item for key, item in value.items()}
        if len(fields) < len(value):
            raise NotUnderstood("keys of this object say the same", *span)
        kind = fields.pop("type", None)
        if kind in _NO_CALLS or fields.get("role") in ("tool", "user", "system", "function"):
            return
        if isinstance(kind, str) and kind not in _TYPES:
            if self.names.find(kind) is None:
                raise NotUnderstood(f"{kind!r} is no kind of call", *span)
            fields.setdefault("tool", kind)
        self._object(fields, value, span)

    def _object(self, fields: dict[str, Any], value: dict[str, Any], span: Span) -> None:
        """Take the calls of an object: those that it wraps, its own, or none where it is an aside."""
        named = self.tool_key(fields)
        wrapper = next((key for key in LIST_KEYS if _wraps(fields.get(key))), None)
        if wrapper is not None and (named is None or wrapper in _WRAPPERS):
            inner = fields.pop(wrapper)
            if wrapper == "function" and isinstance(inner, dict):
                self._call(fields | {plain_key(key): item for key, item in inner.items()}, inner, span)
                return
            self._asides({key: item for key, item in fields.items() if key not in ID_KEYS}, span)
            self.take(inner if isinstance(inner, list) else [inner], span)
            return
        if named is not None:
            self._call(fields, value, span)
            return
        tool, given = next(iter(value.items()), ("", None))
        takes = isinstance(given, dict) and not self.names.known and TOOL_NAME.match(tool)
        if len(value) == 1 and (takes or self.names.find(tool) is not None):
            self.add(tool, self._given(given, tool, span), span, {})
        elif fields and all(_STEP.fullmatch(key) and isinstance(step, dict) for key, step in fields.items()):
            for key, step in fields.items():
                self.take({"id": key, **step}, self._span(step, span))
        elif not all(_is_aside(key, item) for key, item in fields.items()):
            raise NotUnderstood("this object is no call", *span)

    def tool_key(self, fields: dict[str, Any]) -> str | None:
        """Return the key that names the tool, if one does."""
        told = [k for k in TOOL_KEYS if isinstance(fields.get(k), str) and TOOL_NAME.match(fields[k].strip())]
        known = [k for k in told if self.names.find(self.name(fields[k])) is not None or fields[k] == _PARALLEL]
        return next(iter(known or told), None)

    def _call(self, fields: dict[str, Any], value: dict[str, Any], span: Span) -> None:
        """Take a call: `value` as it is written, `fields` by their plain keys."""
        key = self.tool_key(fields)
        if key is None:
            raise NotUnderstood("this object names no tool", *span)
        tool = fields.pop(key).strip()
        signature = self.names.signature(self.names.find(self.name(tool)) or "")
        parameters = {p.name for p in signature.parameters} if signature else set()
        given = next(
            (k for k in ARGUMENT_KEYS if k in fields and (k not in parameters or isinstance(fields[k], dict))), None
        )
        if given is None:
            named = {k: item for k, item in value.items() if k in parameters and plain_key(k) != key}
            rest = {k: item for k, item in fields.items() if k not in set(map(plain_key, named))}
            self.add(tool, list(named.items()), span, rest)
            return
        held = fields.pop(given)
        if tool == _PARALLEL and isinstance(held, dict) and isinstance(held.get("tool_uses"), list):
            self.take(held["tool_uses"], span)
        else:
            self.add(tool, self._given(held, tool, span), span, fields)

    def add(self, tool: str, args: list[tuple[str | None, Any]], span: Span, rest: dict[str, Any]) -> None:
        """Add a call. `rest`: what else is said about it, by plain keys."""
        tool, id_, result, after = self.name(tool), None, None, tuple[str, ...]()
        odd = {}
        for key, value in rest.items():
            name = value if isinstance(value, str) and _RESULT_NAME.fullmatch(value) else None
            if key in ID_KEYS and id_ is None and _is_id(value):
                id_ = str(value).strip()
            elif key in AFTER_KEYS:
                after = _after(value, span)
            elif key in _NAMES and name:
                result = name
            elif key == "name" and id_ is None and name:
                id_ = name
            else:
                odd[key] = value
        self._asides(odd, span)
        if not TOOL_NAME.match(tool):
            raise NotUnderstood(f"{tool!r} can't name a tool", *span)
        if len(args) > self.values.limits.arguments:
            raise NotUnderstood("a call has more arguments than the limit", span.start, code="P015")
        if len(self.calls) >= self.values.limits.tasks:
            raise NotUnderstood("more calls than the limit", span.start, code="P015")
        kind: CallKind = "task"
        if tool in RESERVED_TOOLS:
            tool = kind = "answer" if tool == "answer" and args else "join"
            args = [(None, value) for _, value in (args[:1] if kind == "answer" else args)]
        given = tuple(Arg(name, value_of_json(value), False, span) for name, value in args)
        call = Call(kind, None, tool, given, False, span)
        self.calls.append(Read(call, None, result, (), (), says="data", key=id_, after=after))

    def name(self, tool: str) -> str:
        """Return the tool that a name means, or the name."""
        return self.names.find(tool.strip()) or PREFIX.sub("", tool.strip(), count=1)

    def _given(self, given: Any, tool: str, span: Span) -> list[tuple[str | None, Any]]:
        """Return the arguments of a call; a text may hold them as data once more."""
        match given:
            case None:
                return []
            case dict():
                return list(given.items())
            case list() if given and all(map(_is_named, given)):
                return [(item.get("name", item.get("key")), item["value"]) for item in given]
            case list():
                return [(None, item) for item in given]
            case str() if not given.strip():
                return []
            case str() if given.strip()[0] in "{[":
                inner = Values(given.strip(), self.values.limits)
                try:
                    decoded, end = inner.value(0)
                except NotUnderstood as odd:
                    what = f"the arguments of `{tool}` can't be read: {odd.message}"
                    raise NotUnderstood(what, *span, odd.code) from None
                if inner.space(end) == len(inner.text) and isinstance(decoded, dict | list):
                    return self._given(decoded, tool, span)
        return [(None, given)]

    def _asides(self, fields: dict[str, Any], span: Span) -> None:
        odd = next((key for key, item in fields.items() if not _is_aside(key, item)), None)
        if odd is not None:
            raise NotUnderstood(f"what `{odd}` says about this call is not understood", *span)

    def _span(self, value: Any, default: Span) -> Span:
        return self.values.places.get(id(value), default)


def _wraps(inner: Any) -> bool:
    """Whether calls may be in a value: an object, or a list of objects."""
    return bool(inner) and (
        isinstance(inner, dict) or (isinstance(inner, list) and all(isinstance(i, dict) for i in inner))
    )


def _is_named(item: Any) -> bool:
    """Whether an object is one argument: `{"name": "port", "value": "Brest"}`."""
    return isinstance(item, dict) and "value" in item and {*map(plain_key, item)} <= {"name", "value", "key", "type"}


def _after(value: Any, span: Span) -> tuple[str, ...]:
    """Return the ids that a call says it depends on."""
    found = []
    for item in value if isinstance(value, list) else [value]:
        if item in (-1, None, "", "none", "None", "-1", "-"):
            continue
        id_ = item["id"] if isinstance(item, dict) and _is_id(item.get("id")) else item
        if not _is_id(id_):
            raise NotUnderstood("a dependency is the id of a call", *span)
        found.append(str(id_).strip())
    return tuple(found)


def _is_aside(key: str, value: Any) -> bool:
    texts = isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))
    return (
        value in (None, "", [], {})
        or key in ASIDE_KEYS
        or (key in _ENDS and isinstance(value, str) and value.casefold() in _WELL)
        or (key == "task_links" and isinstance(value, list))
        or (key == "content" and isinstance(value, str))
        or (key in (*ID_KEYS, "name") and (texts or _is_id(value)))
    )


def _is_id(value: Any) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value) < 10**9
    return isinstance(value, str) and len(value) < 80 and bool(value.strip())
