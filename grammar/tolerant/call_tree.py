"""Hold a call as it is written: a tree of nodes, each with where it stands in its region, what is odd about it, and the value that it means.

Nothing that was read is lost: `inside` are the nodes in a node, in the order of the text, with comments, with what the language writes
otherwise (`Change`; of no width where something is missing) and with what the language says of a token (`Fault`). What can't be read is
`Unread`, and such a call is not lowered.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple, TypeAlias

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.ir import NOWHERE, Arg, DictOf, Input, ListOf, Ref
from lcc.grammar.signatures import RESERVED_TOOLS
from lcc.grammar.source import Span
from lcc.grammar.syntax.statement import Call, StatementParser
from lcc.grammar.tolerant.oddities import Change


class Comment(NamedTuple):
    """A comment."""

    start: int
    end: int


class Fault(NamedTuple):
    """What the language's own rules say of a token: that a number has leading zeros, that there is no such escape."""

    start: int
    end: int
    found: Diagnostic


class Unread(NamedTuple):
    """What can't be read, from the last argument that could. `ambiguous`: what may be meant in two ways, and `at`: where."""

    start: int
    end: int
    ambiguous: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value without values in it: a text, a number, a reference. `kind`: the token that it is in the language, "" where it is none."""

    start: int
    end: int
    inside: tuple[Node, ...]
    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class Pair:
    """A key of a dict and what it holds."""

    start: int
    end: int
    inside: tuple[Node, ...]
    key: str
    held: ValueNode


@dataclass(frozen=True, slots=True)
class Group:
    """A list, a tuple, a dict or a value in parentheses. `items`: values or pairs; `alone`: the parentheses mean nothing."""

    start: int
    end: int
    inside: tuple[Node, ...]
    bracket: str
    items: tuple[Any, ...]
    alone: bool = False

    @property
    def value(self) -> Any:
        """What it means."""
        if self.bracket == "{":
            return DictOf(tuple((pair.key, pair.held.value) for pair in self.items))
        return self.items[0].value if self.alone else ListOf(tuple(item.value for item in self.items))


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a call: its name, whether the call runs for `each` element, and what is given."""

    start: int
    end: int
    inside: tuple[Node, ...]
    name: str | None
    each: bool
    held: ValueNode


class Head(NamedTuple):
    """The beginning of a line, and of the call on it, if one is found; offsets are in the text that was searched.

    `end` is past the opening `bracket`, or where the arguments begin that have none. `number`: the id, if one is written. `numbered`:
    whether something is that stands for one, and `marked`: with a mark of numbering. `variable`: the name that the result is assigned
    to. `tool` is the name as it is meant, `written` as it stands at `tool_at`.
    """

    start: int
    end: int
    number: int | None = None
    numbered: bool = False
    marked: bool = False
    variable: str | None = None
    tool: str = ""
    written: str = ""
    tool_at: int = 0
    bracket: str = ""


@dataclass(frozen=True, slots=True)
class InputNode:
    """A declared input. `head`: all before its `=`."""

    start: int
    end: int
    inside: tuple[Node, ...]
    head: str
    default: ValueNode | None


@dataclass(frozen=True, slots=True)
class CallNode:
    """A call. `base`: where its region stands in the source. Inside of another call, `variable` stands for it there."""

    start: int
    end: int
    inside: tuple[Node, ...]
    head: Head
    base: int

    @property
    def args(self) -> tuple[Argument, ...]:
        """Its arguments."""
        return tuple(node for node in self.inside if isinstance(node, Argument))

    @property
    def span(self) -> Span:
        """Where it stands in the source."""
        return Span(self.base + self.start, self.base + self.end)

    def lowered(self, parser: StatementParser, number: int | None) -> tuple[Call | None, list[Diagnostic]]:
        """Return the call of this number that it means, None if something of it can't be read, and what the language says of it."""
        if self.unread is not None:
            return None, []
        found, head = [node.found for node in within(self) if isinstance(node, Fault)], self.head
        named = Span(self.base + head.tool_at, self.base + head.tool_at + len(head.written))
        args = tuple(self._argument(node) for node in self.args)
        call, more = parser.call(number, head.tool, args, self.span, NOWHERE if head.tool in RESERVED_TOOLS else named)
        return call, [*found, *more]

    def _argument(self, node: Argument) -> Arg:
        """Return an argument; one that is nothing but a reference stands where that does."""
        value, span = node.held.value, Span(self.base + node.start, self.base + node.end)
        return Arg(
            node.name, value, node.each, value.span if node.start == node.held.start and type(value) is Ref else span
        )

    @property
    def unread(self) -> Unread | None:
        """What of it can't be read."""
        last = self.inside[-1] if self.inside else None
        return last if isinstance(last, Unread) else None

    @property
    def variable(self) -> str:
        """The name that stands for it in the call around it."""
        return f"call_{self.start}_"

    @property
    def value(self) -> Input:
        """What it means in the call around it."""
        return Input(self.variable, (), self.span)


ValueNode: TypeAlias = Leaf | Group | CallNode
Node: TypeAlias = Change | Comment | Fault | Unread | Pair | Argument | ValueNode | InputNode
_BARE: Final = (Change, Comment, Fault, Unread)


def within(node: Node, calls: bool = False) -> Iterator[Node]:
    """Yield what stands in a node, in the order of the text. `calls`: also what stands in the calls inside of it."""
    left = [*reversed(inside(node))]
    while left:
        one = left.pop()
        yield one
        if calls or not isinstance(one, CallNode):
            left += reversed(inside(one))


def changes_in(node: Node, calls: bool = False) -> list[Change]:
    """Return what is written otherwise than the language has it in a node. `calls`: also in the calls inside of it."""
    return [one for one in within(node, calls) if isinstance(one, Change)]


def calls_in(node: Node) -> Iterator[CallNode]:
    """Yield the calls inside of a call, each behind those inside of it."""
    for one in inside(node):
        yield from calls_in(one)
        if isinstance(one, CallNode):
            yield one


def inside(node: Node) -> tuple[Node, ...]:
    """Return the nodes in a node."""
    return () if isinstance(node, _BARE) else node.inside
