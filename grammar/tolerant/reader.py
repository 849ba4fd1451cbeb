"""Read a call, or what else a statement is, as a tree of what is written, also where the language refuses it.

The reader walks the text as the grammar would and looks for what is meant where the grammar has no way on. It goes forward only: where a
text ends without its quote, and which commas are text, `quoted` and `bare` decide from what stands around, and where that leaves two
meanings, the call is not read. What the language has is read as the language reads it, token by token.
"""

from __future__ import annotations

import re
import sys
from typing import Final

from lcc.grammar.ir import Input
from lcc.grammar.signatures import NO_TOOLS, Parameter, Signature, only_text
from lcc.grammar.signatures.calling import positional
from lcc.grammar.syntax.statement import StatementParser, repeated_key
from lcc.grammar.syntax.strings import Dollar, DollarKind
from lcc.grammar.tolerant import bare, oddities, quoted
from lcc.grammar.tolerant.argument_walk import (
    CLOSERS,
    NEXT_KEYWORD,
    OPENS,
    SCALARS,
    SEPARATORS,
    Budget,
    Refused,
    Unreadable,
    Walk,
    text_of_parts,
)
from lcc.grammar.tolerant.call_tree import (
    Argument,
    CallNode,
    Group,
    Head,
    InputNode,
    Leaf,
    Pair,
    Unread,
    ValueNode,
)
from lcc.grammar.tolerant.parameters import parameter_at, takes_commas
from lcc.grammar.tolerant.references import read_bare
from lcc.grammar.tolerant.tool_names import SPACE, ToolNames, plain

_SIGN: Final = re.compile(r":|=(?![=>])")
_EACH: Final = re.compile(r"each(?=[\s\[$({\"'#]|(?:[-+]\.?|\.)[0-9])")
_INNER_CALL: Final = re.compile(rf"(?P<name>[A-Za-z_][A-Za-z0-9_./-]*+){SPACE}*+\(")
_OPERATOR: Final = re.compile(rf"{SPACE}*+(?:\*\*|//|[-+*/%]){SPACE}*+")
OPENED: Final = {"(": "(", "[": "[", "（": "("}
"""The bracket that closes what a call opens, as `CLOSERS` names it."""
_LOOKS: Final = 4
"""How often the rest of a line is searched for one value."""
_NAMES: Final = 5
"""How many parameters are gone through in the time of a step."""


def read_statement(text: str, offset: int, parser: StatementParser) -> CallNode | InputNode | None:
    """Return the tree of a plan file's statement that stands at `offset`; None where it is neither a call nor a declared input."""
    reader = Reader(text, offset, parser, ToolNames(NO_TOOLS), (), True, Budget(sys.maxsize), dialect=False)
    kind, end = reader.token(start := reader.skip_space(0))
    if not text[:start].isascii():
        return None  # invisible characters stand nowhere in the language
    if kind == "INPUT":
        return reader.declaration(start, end)
    return reader.call(reader.head(start, end)) if kind in ("HEAD", "JOIN", "ANSWER") else None


class Reader(Walk):
    """The walk over one call and the calls inside of it."""

    _sound: int = 0  # as many of the nodes stand, whatever comes

    def call(self, head: Head) -> CallNode:
        """Read the call of a head. What can't be read ends it."""
        try:
            if head.bracket == "{":
                end = self._object(head.end - 1)
            else:
                end = self._arguments(head.end, head.bracket, self.names.signature(head.tool))
        except (Refused, Unreadable) as odd:
            del self.nodes[self._sound :]
            start, end = max([head.end, *(node.end for node in self.nodes)]), len(self.region)
            ambiguous = (odd.ambiguous, odd.at) if isinstance(odd, Unreadable) else ("", 0)
            self.nodes.append(Unread(start, end, *ambiguous))
        return CallNode(head.start, end, self.taken(0), head, self.base)

    def head(self, start: int, end: int) -> Head:
        """Return the head that the language has at a place."""
        number, tool, at, found = self.parser.head(self.region[start:end], self.base + start)
        self.report(found, start, end)
        return Head(start, end, number, tool=tool, written=tool, tool_at=at - self.base, bracket="(")

    def declaration(self, start: int, end: int) -> InputNode:
        """Read the declaration of an input whose head stands at a place."""
        begun, at, head = len(self.nodes), self.space(end), self.region[start:end]
        if self.region[at : at + 1] != "=":
            return InputNode(start, end, self.taken(begun), head, None)
        try:
            default = self.value(self.space(at + 1), None, False)
        except (Refused, Unreadable):
            unread = Unread(at, len(self.region))
            return InputNode(start, unread.end, (unread,), head, None)
        self.nodes.append(default)
        return InputNode(start, default.end, self.taken(begun), head, default)

    def _arguments(self, at: int, bracket: str, signature: Signature | None, inner: bool = False) -> int:
        """Read arguments from behind the opening bracket, if there is one; return the offset past the closing one."""
        around = self.signature, self.close
        self.signature, self.close = signature, OPENS.get(bracket, ")")
        self.deeper()
        place, last = 0, at
        at, char = self._next(at)
        while char and char not in CLOSERS:
            argument = self._argument(at, place)
            self.nodes.append(argument)
            self._sound = self._sound if inner else len(self.nodes)
            place, last = place + 1, argument.end
            at, char = self._next(self._separator(last))
        if not char and inner:
            raise Refused
        end = self._closed(at, char, bracket, inner) if char else self._unclosed(last, at, bool(bracket))
        self.depth -= 1
        self.signature, self.close = around
        return end

    def _object(self, at: int) -> int:
        """Read the object that stands in the place of arguments."""
        given = self._group(at)
        self.nodes.append(Argument(at, given.end, (given,), None, False, given))
        return given.end

    def _next(self, at: int) -> tuple[int, str]:
        """Go past space and commas that separate nothing; return where something stands, and its first character."""
        at = self.space(at)
        while self.region[at : at + 1] in SEPARATORS:
            self.note(oddities.PUNCTUATION, at, at + 1)
            at = self.space(at + 1)
        return at, self.region[at : at + 1]

    def _closed(self, at: int, char: str, bracket: str, inner: bool) -> int:
        if not bracket:
            if self.region[at + 1 :].strip():
                raise Refused
        elif CLOSERS[char] != OPENED[bracket]:
            raise Unreadable
        elif char != ")":
            self.note(oddities.PUNCTUATION if char == "）" else oddities.CALL_BRACKET, at, at + 1)
        if not inner and not self.may_end_at(at):
            raise Refused
        return at + 1

    def _unclosed(self, behind: int, at: int, opened: bool = True) -> int:
        """Close a bracket in the space from `behind` to `at`; at the end of the region only if the text goes on behind that."""
        if not self.region[at : at + 1] and not self.settled:
            raise Refused
        end = self.without_space(at)
        if "#" in self.region[behind:end]:
            raise Unreadable  # what closes it may stand in the comment
        while self.nodes and self.nodes[-1].start >= end:
            self.nodes.pop()
        if opened:
            self.note(oddities.UNCLOSED_CALL, end, end)
        return end

    def _separator(self, at: int) -> int:
        """Go past what separates an argument from the next, if another one follows.

        Only a tool's declaration says how many arguments there are. Without it, two strings may just as well be one.
        """
        behind = at
        at, comma = self._comma(at)
        char = self.region[at : at + 1]
        if not comma and char and char not in CLOSERS:
            if not NEXT_KEYWORD.match(self.region, at) and not (
                self.signature and self.begins_well(at) and not char.isalpha()
            ):
                raise Refused
            self.note(oddities.MISSING_COMMA, behind, behind)
        return at

    def _comma(self, at: int) -> tuple[int, bool]:
        """Go past space and one comma; return whether there is one."""
        at = self.space(at)
        char = self.region[at : at + 1]
        if char not in SEPARATORS:
            return at, False
        if char != ",":
            self.note(oddities.PUNCTUATION, at, at + 1)
        return at + 1, True

    def _argument(self, start: int, place: int) -> Argument:
        begun, signature = len(self.nodes), self.signature
        self.budget.spend(0 if signature is None else len(signature.parameters) // _NAMES)
        name, parameter, at = self._name(start) or (None, parameter_at(signature, place), start)
        spread = _EACH.match(self.region, at)
        if spread:
            at = self.space(spread.end())
        room = 0 if takes_commas(signature, parameter) else 1 if name is not None else self._room(place, at)
        held = self.value(at, parameter, True, room)
        self.nodes.append(held)
        return Argument(start, held.end, self.taken(begun), name, spread is not None, held)

    def _room(self, place: int, at: int) -> int:
        """Return how many arguments may stand by position from one on: those that no name behind it gives."""
        left = positional(self.signature.parameters)[place:] if self.signature else ()
        rest = self.region[at : self.line_end(at)]
        self.look(at, len(left))
        return max(1, sum(re.search(rf"[,，]\s*{p.name}\s*[=:：＝]", rest) is None for p in left))

    def _name(self, at: int) -> tuple[str, Parameter | None, int] | None:
        """Return the name before an argument's value, its parameter, and where the value begins."""
        found = self.keyword(at)
        if found:
            name, sign = plain(found["name"]), found.span("sign")
            if name != found["name"]:
                self.note(oddities.MARKDOWN_ESCAPE, at, found.end("name"))
            self.space(found.end("name"))
        else:
            kind, end = self.token(at) if self.region[at : at + 1] in ('"', "'") else ("", at)
            quoted_sign = _SIGN.match(self.region, self.skip_space(end)) if kind == "STRING" else None
            if quoted_sign is None:
                return None
            name, sign = self.key(at, end), quoted_sign.span()
            if self.signature and self.signature.parameter(name) is None:
                raise Refused
            self.space(end)
        if self.region[slice(*sign)] != "=":
            self.note(oddities.PUNCTUATION, *sign)
        return name, self.signature.parameter(name) if self.signature else None, self.space(sign[1])

    def value(self, at: int, parameter: Parameter | None, argument: bool, room: int = 1) -> ValueNode:
        """Read one value; `argument`: it stands directly in the call. `room`: how many may follow by position; 0 where text takes commas."""
        region, begun = self.region, len(self.nodes)
        self.look(at, _LOOKS)
        opening = quoted.opening(region, at)
        if opening:
            return quoted.read(self, opening, argument, alone=not room)
        kind, end = self.token(at)
        if kind in SCALARS and self.ends_value(end, argument):
            return self.leaf(kind, at, end)
        style = read_bare(region, at, self.variables)
        if style and self.ends_value(style[1], argument):
            self.note(oddities.REFERENCE_STYLE, at, style[1])
            value = self.scalar(style[0], at, style[1])
            return Leaf(at, style[1], self.taken(begun), "", value)
        if region[at : at + 1] in OPENS:
            held = self.attempt(lambda: self._ended(self._group(at), argument))
            if held is not None:
                return held
        call = self._known_call(at)
        if call is not None:
            return self._ended(self._expression(call, parameter), argument)
        return bare.read(self, at, parameter, argument, room)

    def _ended(self, held: ValueNode, argument: bool) -> ValueNode:
        """Return a value; the walk fails if none can end there."""
        if not self.ends_value(held.end, argument):
            raise Refused
        return held

    def _group(self, start: int) -> Group:
        """Read the list, tuple or dict that begins at a place."""
        self.deeper()
        begun, opening, around = len(self.nodes), self.region[start], self.close
        self.close = close = OPENS[opening]
        at = behind = start + 1
        items: list[ValueNode | Pair] = []
        keys: set[str] = set()
        comma = False
        while True:
            at, char = self._next(at)
            if char == close:
                at += 1
                break
            if comma and close != "}" and NEXT_KEYWORD.match(self.region, at):
                at, comma = self._unclosed(behind, behind), False
                break
            if not char or char in ")}" or (char == "]" and close == "}"):
                at = self._unclosed(behind, at)
                break
            items.append(self._pair(at, keys) if close == "}" else self.value(at, None, False))
            self.nodes.append(items[-1])
            behind = items[-1].end
            at, comma = self._comma(behind)
            if not comma and self.region[at : at + 1] and self.region[at] not in CLOSERS:
                raise Refused
        self.depth -= 1
        self.close = around
        alone = opening == "(" and len(items) == 1 and not comma
        return Group(start, at, self.taken(begun), opening, tuple(items), alone)

    def _pair(self, start: int, keys: set[str]) -> Pair:
        begun, opening = len(self.nodes), quoted.opening(self.region, start)
        key, end = quoted.read_key(self, opening) if opening else bare.read_key(self, start)
        if key in keys:
            self.report([repeated_key(key, self.span(start, end))], start, end)
        keys.add(key)
        at = self.space(end)
        sign = self.region[at : at + 1]
        if not sign or sign not in ":=：＝":
            raise Refused
        if sign != ":":
            self.note(oddities.PUNCTUATION, at, at + 1)
        held = self.value(self.space(at + 1), None, False)
        self.nodes.append(held)
        return Pair(start, held.end, self.taken(begun), key, held)

    def _expression(self, call: re.Match[str], parameter: Parameter | None) -> ValueNode:
        """Read a call inside of the call, or an expression of such calls, results and numbers, which is a text."""
        begun, start, held = len(self.nodes), call.start(), self._inner(call)
        parts, end = [_dollar(held.value)], held.end
        self.nodes.append(held)
        while (sign := _OPERATOR.match(self.region, end)) is not None:
            parts.append(sign[0])
            inner, (kind, end) = self._known_call(sign.end()), self.token(sign.end())
            if inner is not None:
                self.nodes.append(one := self._inner(inner))
                parts, end = [*parts, _dollar(one.value)], one.end
            elif kind in SCALARS and '"' not in self.region[sign.end() : end]:
                parts += self.parts(sign.end(), end)
            else:
                raise Refused
        if len(parts) == 1:
            self.nodes.pop()
            return held
        if parameter is None or not only_text(parameter.type):
            raise Refused
        self.note(oddities.BARE_TEXT, start, end)
        return Leaf(start, end, self.taken(begun), "", text_of_parts(parts))

    def _known_call(self, at: int) -> re.Match[str] | None:
        """Return the head of a call of a known tool that begins at `at`, or None."""
        call = _INNER_CALL.match(self.region, at)
        if call and self.names.known and self.names.find(call["name"]) not in (None, "join", "answer"):
            return call
        return None

    def _inner(self, found: re.Match[str]) -> CallNode:
        """Read a call inside of the call: it becomes a task of its own, and a variable stands for it here."""
        begun = len(self.nodes)
        signature = self.names.signature(self.names.find(found["name"]) or "")
        end = self._arguments(found.end(), "(", signature, inner=True)
        start, name = found.start(), found["name"]  # its head is nothing but the name
        head = Head(start, found.end(), 1, tool=name, written=name, tool_at=start, bracket="(")
        return CallNode(start, end, self.taken(begun), head, self.base)


def _dollar(inner: Input) -> str | Dollar:
    return Dollar(DollarKind.NAME, inner.name, (), f"${inner.name}", inner.span)
