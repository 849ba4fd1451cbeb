"""Print a plan file in its one canonical layout; comments and blank lines survive.

A call stands on one line if it fits; else each argument has a line of its own, and so on inwards. Strings get double
quotes unless that would need more escapes; a text of several lines keeps its triple quotes. The printed file reads as the
same plan, and printing it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, has_errors
from lcc.grammar.formatting.document import Item, read_document
from lcc.grammar.formatting.format_steps import format_steps
from lcc.grammar.ir.literals import string_literal
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.source import Source
from lcc.grammar.syntax.parser import parse_plan, segments
from lcc.grammar.syntax.print_value import print_keyword
from lcc.grammar.syntax.scanner import END_OF_PLAN, Kind, Segment
from lcc.grammar.syntax.statement import StatementParser
from lcc.grammar.syntax.strings import body_of, decode
from lcc.grammar.tolerant.call_tree import Argument, CallNode, Comment, Group, InputNode, Leaf, Pair, ValueNode, within
from lcc.grammar.tolerant.reader import read_statement

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
    items = read_document(text, segments(text, limits))
    parser = StatementParser(limits)
    if parsed.plan.body is None:
        return Formatted(_lines(items, parser), parsed.diagnostics, parsed.source)
    shown = format_steps(parsed.plan, items, lambda one: _Layout(one).statement(parser))
    same = parse_plan(shown, path=path, limits=limits).plan == parsed.plan
    return Formatted(shown if same else text, parsed.diagnostics, parsed.source)


def _lines(items: Iterable[Item], parser: StatementParser) -> str:
    """Return statements of a plan of calls in canonical layout."""
    lines: list[str] = []
    for item in items:
        if item.blank:
            lines.append("")
        lines.append(_item(item.segment, parser) + item.comment)
    return "".join(f"{line}\n" for line in lines)


def _item(segment: Segment, parser: StatementParser) -> str:
    match segment.kind:
        case Kind.THOUGHT:
            return f"Thought: {segment.text.rstrip()[8:].strip()}".rstrip()
        case Kind.END:
            return END_OF_PLAN
        case Kind.CALL | Kind.INPUT:
            return _Layout(segment.text).statement(parser)
        case _:
            return segment.text.rstrip()


def _head(head: str) -> str:
    """Return `input name: type` with single spaces around the parts."""
    name, colon, annotation = head.partition(":")
    return " ".join(name.split()) + (f": {annotation.strip()}" if colon else "")


@dataclass(slots=True)
class _Comments:
    """The comments inside of a call: above each argument and behind it, and below the last."""

    above: list[list[str]]
    behind: list[list[str]]
    below: list[str]

    @classmethod
    def of(cls, call: CallNode, text: str) -> _Comments:
        """Give every comment to the argument on whose line it ends, or to the one that follows."""
        args = call.args
        made = cls([[] for _ in args], [[] for _ in args], [])
        for node in within(call):
            if not isinstance(node, Comment):
                continue
            own_line = not text[: node.start].rsplit("\n", 1)[-1].strip()
            place = next((i for i, arg in enumerate(args) if node.start < arg.end), None)
            before = len(args) if place is None else place
            if not own_line and before and (place is None or args[place].start > node.start):
                to = made.behind[before - 1]
            else:
                to = made.below if place is None else made.above[place]
            to.append(text[node.start : node.end].rstrip())
        return made

    @property
    def any(self) -> bool:
        """Whether there are some."""
        return bool(self.below) or any(self.above) or any(self.behind)


class _Layout:
    """Lays out one statement, of which `text` is what is written."""

    def __init__(self, text: str) -> None:
        self._text = text

    def statement(self, parser: StatementParser) -> str:
        """Return the statement as it is laid out."""
        match read_statement(self._text, 0, parser):
            case InputNode(head=head, default=None):
                return _head(head)
            case InputNode(head=head, default=Leaf() | Group() as default):
                return f"{_head(head)} = {self._layout(default, '', len(head) + 3)}"
            case CallNode() as call:
                return self._call(call)
            case other:
                raise AssertionError(other)  # the strict parser has read it

    def _call(self, call: CallNode) -> str:
        start = f"{call.head.tool}(" if call.head.number is None else f"{call.head.number}. {call.head.tool}("
        args, comments = call.args, _Comments.of(call, self._text)
        flat = f"{start}{', '.join(self._argument(arg, None, 0) for arg in args)})"
        only_scalar = len(args) == 1 and isinstance(_unwrapped(args[0].held), Leaf)
        if not comments.any and (only_scalar or not args or _first_width(flat) <= WIDTH):
            return flat
        lines = [start]
        for arg, above, behind in zip(args, comments.above, comments.behind, strict=True):
            lines += [INDENT + comment for comment in above]
            lines.append(f"{INDENT}{self._argument(arg, INDENT, 1)},{'  ' if behind else ''}{' '.join(behind)}")
        lines += [INDENT + comment for comment in comments.below]
        return "\n".join([*lines, ")"])

    def _argument(self, arg: Argument, indent: str | None, room: int) -> str:
        """Return one argument; flat where `indent` is None, else broken where it doesn't fit in the line."""
        key = ""
        if arg.name is not None:
            is_text = self._text[arg.start] in ('"', "'")
            key = f"{print_keyword(arg.name) if is_text else arg.name}="
        if arg.each:
            key += "each "
        if indent is None:
            return key + self._flat(arg.held)
        return key + self._layout(arg.held, indent, len(indent) + len(key) + room)

    def _layout(self, given: ValueNode, indent: str, used: int) -> str:
        node, flat = _unwrapped(given), self._flat(given)
        if not isinstance(node, Group) or not node.items or used + _first_width(flat) <= WIDTH:
            return flat
        inner, brackets = indent + INDENT, _brackets(node)
        keyed = [(f"{_quote(one.key)}: ", one.held) if isinstance(one, Pair) else ("", one) for one in node.items]
        body = [f"{inner}{key}{self._layout(one, inner, len(inner) + len(key) + 1)},\n" for key, one in keyed]
        return f"{brackets[0]}\n{''.join(body)}{indent}{brackets[1]}"

    def _flat(self, given: ValueNode | Pair) -> str:
        if isinstance(given, Pair):
            return f"{_quote(given.key)}: {self._flat(given.held)}"
        match _unwrapped(given):
            case Group(items=items) as node:
                return ", ".join(map(self._flat, items)).join(_brackets(node))
            case Leaf(kind=kind, start=start, end=end):
                return _token(kind, self._text[start:end])
            case call:
                raise AssertionError(call)


def _unwrapped(node: ValueNode) -> ValueNode:
    """Return a value without the parentheses around it that mean nothing."""
    while isinstance(node, Group) and node.alone:
        node = node.items[0]
    return node


def _brackets(node: Group) -> str:
    return "{}" if node.bracket == "{" else "[]"


def _first_width(text: str) -> int:
    """Return the width of the longest line outside of strings of several lines: the first and the last."""
    lines = text.split("\n")
    return max(len(lines[0]), len(lines[-1]))


def _token(kind: str, text: str) -> str:
    match kind:
        case "STRING":
            return _string(text)
        case "TRUE" | "FALSE" | "NULL":
            return {"t": "True", "f": "False", "n": "None"}[text[0].lower()]
        case "NUMBER":
            return text.removeprefix("+")
        case _:
            return text


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
