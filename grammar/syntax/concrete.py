"""Keep what an IR forgets: comments, blank lines, spelling. The tree that the formatter prints.

The same scanner and the same grammar as for the IR, with other actions. Strings and references stay tokens, so nothing in
them needs the plan to be understood.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final, TypeAlias

from lcc.grammar.lark_tables import tables
from lcc.grammar.limits import TextLimits
from lcc.grammar.syntax.lalr import Tables
from lcc.grammar.syntax.parser import segments
from lcc.grammar.syntax.scanner import Kind, Segment
from lcc.grammar.syntax.statement import PLAN_GRAMMAR


@dataclass(frozen=True, slots=True)
class Token:
    """A scalar, a string or a reference as it is written."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """A dict; keys are string tokens."""

    items: tuple[tuple[Token, Node], ...]


Node: TypeAlias = Token | Items | Pairs


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument; `key` is a name, or a string token where it was quoted. Comments inside a call go with an argument."""

    key: str | Token | None
    value: Node
    each: bool
    start: int
    end: int
    above: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CallNode:
    """A task, a join or an answer. `below` holds the comments after the last argument."""

    id: str | None
    tool: str
    args: tuple[Argument, ...]
    below: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InputNode:
    """An input declaration; `head` is all before `=`."""

    head: str
    default: Node | None


@dataclass(frozen=True, slots=True)
class Line:
    """A comment, a thought or the end of the plan."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """One statement of a file. `blank`: an empty line stands before it; `comment`: what follows it on its line."""

    node: CallNode | InputNode | Line
    blank: bool
    comment: str = ""


def read_document(text: str, limits: TextLimits) -> tuple[Item, ...]:
    """Read a plan file that the strict parser accepts."""
    items: list[Item] = []
    end = 0
    for segment in segments(text, limits):
        between = text[end : segment.start]
        breaks = between.count("\n") or between.count("\r")
        if segment.kind is Kind.COMMENT and items and not breaks:
            items[-1] = replace(items[-1], comment=segment.text.rstrip())
        else:
            items.append(Item(_node(segment), breaks > 1 and bool(items)))
        end = segment.end
    return tuple(items)


def _node(segment: Segment) -> CallNode | InputNode | Line:
    if segment.kind not in (Kind.CALL, Kind.INPUT):
        return Line(segment.kind, segment.text.rstrip())
    skipped: list[tuple[str, int, int]] = []
    node: CallNode | InputNode = _tables().run(segment.text, skipped)
    comments = [(start, segment.text[start:end].rstrip()) for kind, start, end in skipped if kind == "COMMENT"]
    return _with_comments(node, comments, segment.text) if comments and isinstance(node, CallNode) else node


def _with_comments(call: CallNode, comments: list[tuple[int, str]], text: str) -> CallNode:
    """Give every comment inside a call to the argument on whose line it ends, or to the one that follows."""
    args = list(call.args)
    below: list[str] = []
    for at, comment in comments:
        own_line = not text[:at].rsplit("\n", 1)[-1].strip()
        place = next((i for i, arg in enumerate(args) if at < arg.end), None)
        before = [i for i, arg in enumerate(args) if arg.end <= at]
        if not own_line and before and (place is None or args[place].start > at):
            arg = args[before[-1]]
            args[before[-1]] = replace(arg, behind=(*arg.behind, comment))
        elif place is not None:
            args[place] = replace(args[place], above=(*args[place].above, comment))
        else:
            below.append(comment)
    return replace(call, args=tuple(args), below=tuple(below))


def _call(values: list[Any], start: int, end: int) -> CallNode:
    id_, tool = values[0]
    return CallNode(id_, tool, tuple(values[1] or ()))


def _token(kind: str) -> Any:
    return lambda text, at: Token(kind, text)


def _head(text: str, at: int) -> tuple[str | None, str]:
    number, dot, name = text.partition(".")
    # The dot of `1. tool(`, not one inside of a tool's name: only join and answer may stand without a number.
    return (number.strip(), name[:-1].strip()) if dot else (None, text[:-1].strip())


def _argument(key: int | None, each: bool, value: int) -> Any:
    def build(values: list[Any], start: int, end: int) -> Argument:
        return Argument(None if key is None else values[key], values[value], each, start, end)

    return build


_REDUCERS: Final[dict[str, Any]] = {
    "first": lambda v, s, e: v,
    "more": lambda v, s, e: [*v[0], v[2]],
    "positional": _argument(None, False, 0),
    "positional_each": _argument(None, True, 1),
    "keyword": _argument(0, False, 1),
    "keyword_each": _argument(0, True, 2),
    "quoted_keyword": _argument(0, False, 2),
    "quoted_keyword_each": _argument(0, True, 3),
    "empty_list": lambda v, s, e: Items(()),
    "list": lambda v, s, e: Items(tuple(v[1])),
    "tuple": lambda v, s, e: Items(tuple(v[1])),
    "group": lambda v, s, e: v[1][0] if len(v[1]) == 1 else Items(tuple(v[1])),
    "empty_dict": lambda v, s, e: Pairs(()),
    "dict": lambda v, s, e: Pairs(tuple(v[1])),
    "pair": lambda v, s, e: (v[0], v[2]),
    "task": _call,
    "join": _call,
    "answer": _call,
    "input": lambda v, s, e: InputNode(v[0], None),
    "input_default": lambda v, s, e: InputNode(v[0], v[2]),
}
_TERMINALS: Final[dict[str, Any]] = {
    "HEAD": _head,
    "JOIN": _head,
    "ANSWER": _head,
    "INPUT": lambda text, at: text,
    "KEYWORD": lambda text, at: text[:-1].rstrip(),
    **{kind: _token(kind) for kind in ("STRING", "NUMBER", "TRUE", "FALSE", "NULL", "REFERENCE")},
}


@cache
def _tables() -> Tables:
    return Tables(tables(PLAN_GRAMMAR), _REDUCERS, _TERMINALS)
