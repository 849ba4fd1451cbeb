"""Read a call that is written as a JSON object, or several in an array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from lcc.grammar.ir import Arg, Const, DictOf, ListOf, Value
from lcc.grammar.ir.literals import string_literal
from lcc.grammar.lenient.tool_names import ToolNames
from lcc.grammar.signatures import TOOL_NAME, Signature
from lcc.grammar.syntax.print_value import print_value
from lcc.grammar.syntax.strings import Template

_NAMES: Final = (
    "name",
    "tool",
    "tool_name",
    "function_name",
    "recipient_name",
    "function",
    "action",
    "tool_call",
    "api",
)
_ARGUMENTS: Final = (
    "arguments",
    "args",
    "parameters",
    "params",
    "input",
    "action_input",
    "tool_input",
    "kwargs",
    "inputs",
)
_LISTS: Final = ("tool_calls", "calls", "tool_uses", "plan", "steps", "tasks", "actions", "function_calls", "functions")
_NUMBERS: Final = ("id", "step", "task_id", "idx", "index", "number", "task", "step_id")


class JsonCall(NamedTuple):
    """One call that a value describes."""

    tool: str
    args: tuple[Arg, ...]
    number: int | None


def calls_in(value: Value, names: ToolNames, decode: Callable[[str], Value | None]) -> list[JsonCall] | None:
    """Return the calls that a value describes, or None if it describes something else.

    `decode` reads JSON that stands in a string, as OpenAI's `arguments` does.
    """
    if isinstance(value, ListOf):
        found: list[JsonCall] = []
        for item in value.items:
            calls = calls_in(item, names, decode)
            if calls is None:
                return None
            found += calls
        return found or None
    if not isinstance(value, DictOf):
        return None
    fields = dict(value.items)
    for key in _LISTS:
        if isinstance(fields.get(key), ListOf):
            return calls_in(fields[key], names, decode)
    call = _call(fields, names, decode)
    if call is None:
        return None
    if names.find(call.tool) is None and call.tool.endswith("multi_tool_use.parallel"):
        uses = next((arg.value for arg in call.args if arg.name == "tool_uses"), None)
        return calls_in(uses, names, decode) if uses is not None else None
    return [call]


def _call(fields: dict[str, Value], names: ToolNames, decode: Callable[[str], Value | None]) -> JsonCall | None:
    inner = fields.get("function")
    if isinstance(inner, DictOf):
        return _call(dict(inner.items), names, decode)
    number = next((n for key in _NUMBERS if (n := _whole(fields.get(key))) is not None), None)
    for key in _NAMES:
        name = fields.get(key)
        if isinstance(name, Const) and isinstance(name.value, str) and TOOL_NAME.match(name.value):
            given = next((fields[k] for k in _ARGUMENTS if k in fields), None)
            if given is None:
                given = _rest(fields, key, names.signature(names.find(name.value) or ""))
            args = _arguments(given, decode)
            return None if args is None else JsonCall(name.value, args, number)
    if len(fields) == 1:
        (name_, given), *_ = fields.items()
        if names.find(name_) is not None:
            args = _arguments(given, decode)
            return None if args is None else JsonCall(name_, args, number)
    return None


def _rest(fields: dict[str, Value], key: str, signature: Signature | None) -> Value:
    """Return the other fields as arguments where each of them is a parameter."""
    rest = {name: value for name, value in fields.items() if name != key}
    if signature is not None and rest and all(signature.parameter(name) for name in rest):
        return DictOf(tuple(rest.items()))
    return DictOf(())


def _arguments(given: Value, decode: Callable[[str], Value | None]) -> tuple[Arg, ...] | None:
    text = _plain_text(given)
    if text is not None and text.lstrip()[:1] in ("{", "["):
        decoded = decode(text)
        if decoded is not None:
            given = decoded
    match given:
        case DictOf(pairs):
            if any(name == "each" for name, _ in pairs):
                return None
            return tuple(Arg(name, value) for name, value in pairs)
        case ListOf(items):
            return tuple(Arg(None, item) for item in items)
        case Const(None):
            return ()
        case _:
            return (Arg(None, given),)


def _plain_text(value: object) -> str | None:
    if isinstance(value, Const):
        return value.value if isinstance(value.value, str) else None
    if isinstance(value, Template):
        return "".join(part if isinstance(part, str) else part.raw for part in value.parts)
    return None


def _whole(value: Value | None) -> int | None:
    if isinstance(value, Const):
        if isinstance(value.value, int) and not isinstance(value.value, bool):
            return value.value if 0 < value.value < 10**9 else None
        if isinstance(value.value, str) and value.value.isascii() and value.value.isdigit() and len(value.value) < 10:
            return int(value.value) or None
    return None


def literal(value: Any) -> str:
    """Return a value as plan text; dollars of texts stay as they are written."""
    match value:
        case Template(parts):
            return string_literal("".join(part if isinstance(part, str) else part.raw for part in parts))
        case ListOf(items):
            return f"[{', '.join(literal(item) for item in items)}]"
        case DictOf(pairs):
            return f"{{{', '.join(f'{string_literal(key)}: {literal(item)}' for key, item in pairs)}}}"
        case _:
            return print_value(value)
