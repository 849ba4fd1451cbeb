"""Find the calls in data: one table of the keys that name tools, arguments, ids, dependencies and thoughts. Any other key is not understood."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from lcc.grammar.lenient.calls.said import Said
from lcc.grammar.lenient.marks.tool_names import ToolNames
from lcc.grammar.reading.loose_values import NotUnderstood, Values
from lcc.grammar.signatures import TOOL_NAME
from lcc.grammar.source import Span

TOOL_KEYS: Final = (
    "tool", "tool_name", "toolname", "function_name", "functionname", "recipient_name", "function", "func", "action", "action_name", "api",
    "api_name", "command", "method", "tool_call", "name", "call", "task", "tool_id", "operation", "skill", "node",
)  # fmt: skip
ARGUMENT_KEYS: Final = (
    "arguments", "args", "parameters", "params", "input", "inputs", "action_input", "actioninput", "tool_input", "toolinput", "kwargs",
    "tool_args", "toolargs", "tool_arguments", "function_args", "param", "arg", "argument", "tool_parameters", "actual_parameters", "payload",
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
    "annotations", "logprobs", "finish_reason", "model", "created", "usage", "object", "version", "language", "justification",
    "jsonrpc",
])  # fmt: skip
_TYPES: Final = frozenset([
    "function", "tool_call", "tool_use", "function_call", "custom", "tool", "call", "toolcall", "functioncall", "action", "step",
    "task", "plan",
])  # fmt: skip
_NO_CALLS: Final = frozenset(
    ["text", "thinking", "redacted_thinking", "reasoning", "tool_result", "function_call_output", "output_text"]
)
_STEP: Final = re.compile(r"(?:(?:step|task|call|node|action|tool|[setn])_?)?[0-9]{1,9}")
"""The keys of an object that holds one call for each step."""
_PARALLEL: Final = "multi_tool_use.parallel"
_PREFIX: Final = re.compile(r"(?:functions?|tools?|default_api|api)[.:]")


def plain_key(key: str) -> str:
    """Return a key without case and hyphens, which styles differ in."""
    return key.strip().replace("-", "_").replace(" ", "_").casefold()


@dataclass(slots=True)
class CallKeys:
    """Collect the calls of values of one text."""

    values: Values
    names: ToolNames
    calls: list[Said] = field(default_factory=list)

    def take(self, value: Any, at: Span) -> None:
        """Take the calls in a value."""
        if isinstance(value, list):
            for item in value:
                if isinstance(item, str) and len(value) == 1:
                    break
                self.take(item, self._span(item, at))
            else:
                return
        if not isinstance(value, dict):
            raise NotUnderstood("a call is an object", at.start, at.end)
        span = self._span(value, at)
        fields = {plain_key(key): item for key, item in value.items()}
        if len(fields) < len(value):
            raise NotUnderstood("keys of this object say the same", span.start, span.end)
        kind = fields.pop("type", None)
        if kind in _NO_CALLS or fields.get("role") in ("tool", "user", "system", "function"):
            return
        if isinstance(kind, str) and kind not in _TYPES and self.names.find(kind) is None:
            raise NotUnderstood(f"{kind!r} is no kind of call", span.start, span.end)
        if isinstance(kind, str) and kind not in _TYPES:
            fields.setdefault("tool", kind)
        self._object(fields, value, span)

    def _object(self, fields: dict[str, Any], value: dict[str, Any], span: Span) -> None:
        wrapper = next((k for k in LIST_KEYS if self._wraps(k, fields)), None)
        named = self._tool_key(fields)
        if wrapper is not None and (
            named is None or wrapper in ("function", "tool_calls", "function_call", "functioncall")
        ):
            rest = {k: v for k, v in fields.items() if k != wrapper}
            inner = fields[wrapper]
            if wrapper == "function" and isinstance(inner, dict):
                merged = {
                    **{k: v for k, v in rest.items() if k in (*ID_KEYS, *AFTER_KEYS)},
                    **{plain_key(k): v for k, v in inner.items()},
                }
                self._asides({k: v for k, v in rest.items() if k not in merged}, span)
                self._call(merged, {**inner}, span)
                return
            self._asides({k: v for k, v in rest.items() if k not in ID_KEYS}, span)
            self.take(inner if isinstance(inner, list) else [inner], span)
            return
        if named is None and len(value) == 1:
            (tool, given), *_ = value.items()
            if self.names.find(tool) is not None or (
                isinstance(given, dict) and not self.names.known and TOOL_NAME.match(tool)
            ):
                self._add(tool, self._given(given, tool, span), span, {})
                return
        if named is None:
            if all(_STEP.fullmatch(key) and isinstance(step, dict) for key, step in fields.items()):
                for key, step in fields.items():
                    self.take({"id": key, **step}, self._span(step, span))
                return
            if all(self._is_aside(k, v) for k, v in fields.items()):
                return
            raise NotUnderstood("this object is no call", span.start, span.end)
        self._call(fields, value, span)

    def _wraps(self, key: str, fields: dict[str, Any]) -> bool:
        inner = fields.get(key)
        if isinstance(inner, list):
            return bool(inner) and all(isinstance(item, dict) for item in inner)
        return isinstance(inner, dict) and bool(inner)

    def _tool_key(self, fields: dict[str, Any]) -> str | None:
        told = [k for k in TOOL_KEYS if isinstance(fields.get(k), str) and TOOL_NAME.match(fields[k].strip())]
        known = [k for k in told if self.names.find(self._name(fields[k])) is not None or fields[k] == _PARALLEL]
        return next(iter(known or told), None)

    def _call(self, fields: dict[str, Any], value: dict[str, Any], span: Span) -> None:
        key = self._tool_key(fields)
        if key is None:
            raise NotUnderstood("this object names no tool", span.start, span.end)
        tool = fields[key].strip()
        signature = self.names.signature(self.names.find(self._name(tool)) or "")
        rest = {k: v for k, v in fields.items() if k != key}
        given_key = next(
            (
                k
                for k in ARGUMENT_KEYS
                if k in rest and not (signature and k in self._parameters(signature) and not isinstance(rest[k], dict))
            ),
            None,
        )
        if given_key is None:
            given = {k: v for k, v in value.items() if k in self._parameters(signature) and plain_key(k) != key}
            rest = {k: v for k, v in rest.items() if k not in {plain_key(name) for name in given}}
            args: list[tuple[str | None, Any]] = [*given.items()]
        else:
            given = rest.pop(given_key)
            if tool == _PARALLEL and isinstance(given, dict) and isinstance(given.get("tool_uses"), list):
                self.take(given["tool_uses"], span)
                return
            args = self._given(given, tool, span)
        self._add(tool, args, span, rest)

    def _parameters(self, signature: Any) -> set[str]:
        return set() if signature is None else {p.name for p in signature.parameters}

    def _add(self, tool: str, args: list[tuple[str | None, Any]], span: Span, rest: dict[str, Any]) -> None:
        said = Said(self._name(tool), args, span)
        odd = {}
        for key, value in rest.items():
            if key in ID_KEYS and said.key is None and _is_id(value):
                said.key = str(value).strip()
            elif key in AFTER_KEYS:
                said.after = self._after(value, span)
            elif key in _NAMES and isinstance(value, str) and re.fullmatch(r"[$#@{<]*[A-Za-z_][\w-]{0,60}[}>]*", value):
                said.name = value.strip("$#@{}<>")
            elif (
                key == "name"
                and isinstance(value, str)
                and re.fullmatch(r"[A-Za-z_][\w-]{0,60}", value)
                and said.key is None
            ):
                said.key = value
            else:
                odd[key] = value
        self._asides(odd, span)
        if not TOOL_NAME.match(said.tool):
            raise NotUnderstood(f"{tool!r} can't name a tool", span.start, span.end)
        if len(said.args) > self.values.limits.arguments:
            raise NotUnderstood("a call has more arguments than the limit", span.start, code="P015")
        if len(self.calls) >= self.values.limits.tasks:
            raise NotUnderstood("more calls than the limit", span.start, code="P015")
        self.calls.append(said)

    def _name(self, tool: str) -> str:
        bare = tool.strip()
        return (
            self.names.find(bare) or self.names.find(_PREFIX.sub("", bare, count=1)) or _PREFIX.sub("", bare, count=1)
        )

    def _after(self, value: Any, span: Span) -> tuple[str, ...]:
        items = value if isinstance(value, list) else [value]
        out = []
        for item in items:
            if item in (-1, None, "", "none", "None", "-1", "-"):
                continue
            if isinstance(item, dict) and _is_id(item.get("id")):
                item = item["id"]
            if not _is_id(item):
                raise NotUnderstood("a dependency is the id of a call", span.start, span.end)
            out.append(str(item).strip())
        return tuple(out)

    def _given(self, given: Any, tool: str, span: Span) -> list[tuple[str | None, Any]]:
        if isinstance(given, str):
            text = given.strip()
            if not text:
                return []
            if text[0] in "{[":
                inner = Values(text, self.values.limits)
                decoded, end = self._inner(inner, span)
                if inner.space(end) == len(text) and isinstance(decoded, dict | list):
                    return self._given(decoded, tool, span)
        if given is None:
            return []
        if isinstance(given, dict):
            return list(given.items())
        if isinstance(given, list):
            if given and all(
                isinstance(i, dict) and {plain_key(k) for k in i} <= {"name", "value", "key", "type"} and "value" in i
                for i in given
            ):
                return [(i.get("name", i.get("key")), i["value"]) for i in given]
            return [(None, item) for item in given]
        return [(None, given)]

    def _inner(self, inner: Values, span: Span) -> tuple[Any, int]:
        try:
            return inner.value(0)
        except NotUnderstood as odd:
            raise NotUnderstood(
                f"the arguments of this call can't be read: {odd.message}", span.start, span.end, odd.code
            ) from None

    def _asides(self, fields: dict[str, Any], span: Span) -> None:
        nothing = (None, "", [], {})
        odd = next((k for k, v in fields.items() if v not in nothing and not self._is_aside(k, v)), None)
        if odd is not None:
            raise NotUnderstood(f"what `{odd}` says about this call is not understood", span.start, span.end)

    def _is_aside(self, key: str, value: Any) -> bool:
        if key == "task_links" and isinstance(value, list):
            return True
        if key in ("content", "refusal") and (value is None or isinstance(value, str)):
            return True
        return key in ASIDE_KEYS or (
            key in (*ID_KEYS, "name")
            and (_is_id(value) or (isinstance(value, str | list) and not self._mentions(value)))
        )

    def _mentions(self, value: Any) -> bool:
        return isinstance(value, list) and any(not isinstance(item, str) for item in value)

    def _span(self, value: Any, default: Span) -> Span:
        return self.values.places.get(id(value), default)


def _is_id(value: Any) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value) < 10**9
    return isinstance(value, str) and len(value) < 80 and bool(value.strip())
