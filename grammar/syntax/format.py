"""Print a plan file in its one canonical layout; comments and blank lines survive.

A call stands on one line if it fits; else each argument has a line of its own, and so on inwards. Strings get double
quotes unless that would need more escapes; a text of several lines keeps its triple quotes. The printed file reads as the
same plan, and printing it again changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, has_errors
from lcc.grammar.ir.literals import string_literal
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.source import Source
from lcc.grammar.syntax.concrete import (
    Argument,
    CallNode,
    InputNode,
    Item,
    Items,
    Line,
    Node,
    Pairs,
    Token,
    read_document,
)
from lcc.grammar.syntax.format_steps import format_steps
from lcc.grammar.syntax.parser import parse_plan, segments
from lcc.grammar.syntax.print_value import print_keyword
from lcc.grammar.syntax.scanner import END_OF_PLAN, Kind
from lcc.grammar.syntax.strings import body_of, decode

WIDTH: Final = 100
INDENT: Final = "    "


@dataclass(frozen=True, slots=True)
class Formatted:
    """The canonical text; the given one where it has errors, which `diagnostics` then hold."""

    text: str
    diagnostics: tuple[Diagnostic, ...]
    source: Source


def format_plan(text: str, *, path: str = "<string>", limits: TextLimits = DEFAULT_LIMITS) -> Formatted:
    """Return a plan file in canonical layout. A text with syntax errors is returned as it is."""
    parsed = parse_plan(text, path=path, limits=limits)
    if has_errors(parsed.diagnostics):
        return Formatted(text, parsed.diagnostics, parsed.source)
    if parsed.plan.body is not None:
        shown = format_steps(parsed.plan, text, segments(text, limits), lambda one: _lines(one, limits).rstrip("\n"))
        same = parse_plan(shown, path=path, limits=limits).plan == parsed.plan
        return Formatted(shown if same else text, parsed.diagnostics, parsed.source)
    return Formatted(_lines(text, limits), parsed.diagnostics, parsed.source)


def _lines(text: str, limits: TextLimits) -> str:
    """Return statements of a plan of calls in canonical layout."""
    lines: list[str] = []
    for item in read_document(text, limits):
        if item.blank:
            lines.append("")
        lines.append(_item(item))
    return "".join(f"{line}\n" for line in lines)


def _item(item: Item) -> str:
    match item.node:
        case Line(Kind.THOUGHT, text):
            return f"Thought: {text[8:].strip()}".rstrip()
        case Line(Kind.END):
            body = END_OF_PLAN
        case Line(_, text):
            return text
        case InputNode(head, default):
            body = _head(head) if default is None else f"{_head(head)} = {_layout(default, '', len(head) + 3)}"
        case CallNode() as call:
            body = _call(call)
    return f"{body}  {item.comment}" if item.comment else body


def _head(head: str) -> str:
    """Return `input name: type` with single spaces around the parts."""
    name, colon, annotation = head.partition(":")
    return " ".join(name.split()) + (f": {annotation.strip()}" if colon else "")


def _call(call: CallNode) -> str:
    start = f"{call.id}. {call.tool}(" if call.id is not None else f"{call.tool}("
    commented = bool(call.below) or any(arg.above or arg.behind for arg in call.args)
    flat = f"{start}{', '.join(_argument(arg, None, 0) for arg in call.args)})"
    only_scalar = len(call.args) == 1 and isinstance(call.args[0].value, Token)
    if not commented and (only_scalar or not call.args or _first_width(flat) <= WIDTH):
        return flat
    lines = [start]
    for arg in call.args:
        lines += [INDENT + comment for comment in arg.above]
        behind = f"  {' '.join(arg.behind)}" if arg.behind else ""
        lines.append(f"{INDENT}{_argument(arg, INDENT, 1)},{behind}")
    lines += [INDENT + comment for comment in call.below]
    return "\n".join([*lines, ")"])


def _first_width(text: str) -> int:
    """Return the width of the longest line outside of strings of several lines: the first and the last."""
    lines = text.split("\n")
    return max(len(lines[0]), len(lines[-1]))


def _argument(arg: Argument, indent: str | None, room: int) -> str:
    """Return one argument; flat where `indent` is None, else broken where it doesn't fit in the line."""
    match arg.key:
        case None:
            key = ""
        case str(name):
            key = f"{name}="
        case token:
            key = f"{print_keyword(_decoded(token))}="
    if arg.each:
        key += "each "
    return key + (_flat(arg.value) if indent is None else _layout(arg.value, indent, len(indent) + len(key) + room))


def _layout(node: Node, indent: str, used: int) -> str:
    flat = _flat(node)
    if isinstance(node, Token) or not node.items or used + _first_width(flat) <= WIDTH:
        return flat
    inner = indent + INDENT
    if isinstance(node, Items):
        body = [f"{inner}{_layout(item, inner, len(inner) + 1)},\n" for item in node.items]
        return f"[\n{''.join(body)}{indent}]"
    keyed = [(_key(key), item) for key, item in node.items]
    body = [f"{inner}{key}: {_layout(item, inner, len(inner) + len(key) + 3)},\n" for key, item in keyed]
    return f"{{\n{''.join(body)}{indent}}}"


def _flat(node: Node) -> str:
    match node:
        case Token():
            return _token(node)
        case Items(items):
            return f"[{', '.join(_flat(item) for item in items)}]"
        case Pairs(pairs):
            return f"{{{', '.join(f'{_key(key)}: {_flat(item)}' for key, item in pairs)}}}"


def _token(token: Token) -> str:
    match token.kind:
        case "STRING":
            return _string(token.text)
        case "TRUE" | "FALSE" | "NULL":
            return {"t": "True", "f": "False", "n": "None"}[token.text[0].lower()]
        case "NUMBER":
            return token.text.removeprefix("+")
        case _:
            return token.text


def _key(token: Token) -> str:
    return _quote(_decoded(token))


def _decoded(token: Token) -> str:
    return decode(token.text, 0).text


def _string(text: str) -> str:
    """Quote a text anew. Its dollars stay as they are; one that an escape wrote is written by its escape again."""
    decoded = decode(text, 0)
    if body_of(text)[1] == 3 and "\n" in decoded.text and not decoded.literal_dollars:
        return _long(decoded.text)
    if not decoded.literal_dollars:
        return _quote(decoded.text)
    mark = "\ue000" if "\ue000" not in decoded.text else "\ue001"
    chars = [mark if place in decoded.literal_dollars else char for place, char in enumerate(decoded.text)]
    return _quote("".join(chars)).replace(string_literal(mark)[1:-1], "\\x24")


def _quote(text: str) -> str:
    return string_literal(text, "'" if '"' in text and "'" not in text else '"')


def _long(text: str) -> str:
    """Return a text of several lines in triple quotes, its line breaks as they are."""
    body = "\n".join(string_literal(line, "") for line in text.split("\n")).replace('"""', '\\"\\"\\"')
    if body.endswith('"'):
        body = f'{body[:-1]}\\"'
    return f'"""{body}"""'
