"""Read the arguments of a call that the strict parser refuses, as values with notes of what the language writes otherwise.

The reader walks the text as the grammar would and looks for what is meant where the grammar has no way on. It goes forward only: where a
text ends without its quote, and which commas are text, `quoted` and `bare` decide from what stands around, and where that leaves two
meanings, the call is not read.
"""

from __future__ import annotations

import re
from typing import Any, Final

from lcc.grammar.ir import Arg, DictOf, Input, ListOf
from lcc.grammar.signatures import Parameter, Signature, only_text
from lcc.grammar.signatures.calling import positional
from lcc.grammar.syntax.resolve import dollars
from lcc.grammar.syntax.statement import Call
from lcc.grammar.syntax.strings import Dollar, DollarKind
from lcc.grammar.tolerant import bare, oddities, quoted
from lcc.grammar.tolerant.argument_walk import (
    CLOSERS,
    LITERAL,
    NEXT_KEYWORD,
    OPENS,
    SEPARATORS,
    Inner,
    Parts,
    Refused,
    Unreadable,
    Walk,
    text_of_parts,
)
from lcc.grammar.tolerant.parameters import parameter_at, takes_commas
from lcc.grammar.tolerant.references import read_bare
from lcc.grammar.tolerant.tool_names import SPACE, plain

_QUOTED_COLON: Final = re.compile(r"([\"'])(?P<name>(?:(?!\1)[^\\\r\n]|)*+)\1[ \t]*+(?P<sign>:)[ \t]*+")
_EACH: Final = re.compile(r"each(?=[\s\[$(])")
_INNER_CALL: Final = re.compile(rf"(?P<name>[A-Za-z_][A-Za-z0-9_./-]*+){SPACE}*+\(")
_OPERATOR: Final = re.compile(rf"{SPACE}*+(?:\*\*|//|[-+*/%]){SPACE}*+")
OPENED: Final = {"(": "(", "[": "[", "（": "("}
"""The bracket that closes what a call opens, as `CLOSERS` names it."""
_LOOKS: Final = 4
"""How often the rest of a line is searched for one value."""
_NAMES: Final = 5
"""How many parameters are gone through in the time of a step."""


class Reader(Walk):
    """The walk over the arguments of one call and of the calls inside of it."""

    def arguments(
        self, at: int, bracket: str, signature: Signature | None, inner: bool = False
    ) -> tuple[tuple[Arg, ...], int]:
        """Read arguments from behind the opening bracket, if there is one; return them and the offset past the closing one."""
        around = self.signature, self.close
        self.signature, self.close = signature, OPENS.get(bracket, ")")
        self.deeper()
        args: list[Arg] = []
        last = at
        at, char = self._next(at)
        while char and char not in CLOSERS:
            arg, last = self._argument(at, len(args))
            args.append(arg)
            if len(args) > self.parser.limits.arguments:
                raise Unreadable
            at, char = self._next(self._separator(last))
        if not char and inner:
            raise Refused
        end = self._closed(at, char, bracket, inner) if char else self._unclosed(last, at, bool(bracket))
        self.depth -= 1
        self.signature, self.close = around
        return tuple(args), end

    def object(self, at: int, bracket: str, signature: Signature | None) -> tuple[tuple[Arg, ...], int]:
        """Read the object that stands in the place of arguments, from behind its opening bracket."""
        given, end = self.container(at - len(bracket))
        return (Arg(None, given, False, self.span(at - len(bracket), end)),), end

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

    def _argument(self, start: int, place: int) -> tuple[Arg, int]:
        signature = self.signature
        self.budget.spend(0 if signature is None else len(signature.parameters) // _NAMES)
        name, parameter, at = self._name(start) or (None, parameter_at(signature, place), start)
        spread = _EACH.match(self.region, at)
        if spread:
            at = self.space(spread.end())
        room = 0 if takes_commas(signature, parameter) else 1 if name else self._room(place, at)
        value, end = self.value(at, parameter, True, room)
        return Arg(name, value, spread is not None, self.span(start, end)), end

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
            name = plain(found["name"])
            if name != found["name"]:
                self.note(oddities.MARKDOWN_ESCAPE, at, found.end("name"))
            self.space(found.end("name"))
        else:
            found = _QUOTED_COLON.match(self.region, at)
            if found is None:
                return None
            name = found["name"]
            if self.signature and self.signature.parameter(name) is None:
                raise Refused
        if found["sign"] != "=":
            self.note(oddities.PUNCTUATION, *found.span("sign"))
        return name, self.signature.parameter(name) if self.signature else None, self.space(found.end("sign"))

    def value(self, at: int, parameter: Parameter | None, argument: bool, room: int = 1) -> tuple[Any, int]:
        """Read one value; `argument`: it stands directly in the call. `room`: how many may follow by position; 0 where text takes commas."""
        region = self.region
        self.look(at, _LOOKS)
        opening = quoted.opening(region, at)
        if opening:
            return quoted.read(self, opening, argument, alone=not room)
        style = read_bare(region, at, self.variables)
        if style and self.ends_value(style[1], argument):
            self.note(oddities.REFERENCE_STYLE, at, style[1])
            return self.scalar(style[0], at, style[1]), style[1]
        found = LITERAL.match(region, at)
        if found and self.ends_value(found.end(), argument):
            return self.scalar(found[0], at, found.end()), found.end()
        if region[at : at + 1] in OPENS:
            held = self.attempt(lambda: self._ended(self.container(at), argument))
            if held is not None:
                return held
        call = self._known_call(at)
        if call is not None:
            return self._ended(self._expression(call, parameter), argument)
        return bare.read(self, at, parameter, argument, room)

    def _ended(self, held: tuple[Any, int], argument: bool) -> tuple[Any, int]:
        """Return a value and its end; the walk fails if no value can end there."""
        if not self.ends_value(held[1], argument):
            raise Refused
        return held

    def container(self, start: int) -> tuple[Any, int]:
        """Read the list, tuple or dict that begins at a place."""
        self.deeper()
        opening, around = self.region[start], self.close
        self.close = close = OPENS[opening]
        at = behind = start + 1
        items: list[Any] = []
        comma = False
        while True:
            at, char = self._next(at)
            if char == close:
                at += 1
                break
            if comma and close != "}" and NEXT_KEYWORD.match(self.region, at):
                self.note(oddities.UNCLOSED_CALL, behind, behind)
                at, comma = behind, False
                break
            if not char or char in ")}" or (char == "]" and close == "}"):
                self._unclosed(behind, at)
                break
            item, behind = self._pair(at) if close == "}" else self.value(at, None, False)
            items.append(item)
            at, comma = self._comma(behind)
            if not comma and self.region[at : at + 1] and self.region[at] not in CLOSERS:
                raise Refused
        self.depth -= 1
        self.close = around
        if close == "}":
            if len({key for key, _ in items}) < len(items):
                raise Unreadable
            return DictOf(tuple(items)), at
        return items[0] if opening == "(" and len(items) == 1 and not comma else ListOf(tuple(items)), at

    def _pair(self, at: int) -> tuple[tuple[str, Any], int]:
        opening = quoted.opening(self.region, at)
        key, at = quoted.read_key(self, opening) if opening else bare.read_key(self, at)
        at = self.space(at)
        sign = self.region[at : at + 1]
        if not sign or sign not in ":=：＝":
            raise Refused
        if sign != ":":
            self.note(oddities.PUNCTUATION, at, at + 1)
        value, end = self.value(self.space(at + 1), None, False)
        return (key, value), end

    def _expression(self, call: re.Match[str], parameter: Parameter | None) -> tuple[Any, int]:
        """Read a call inside of the call, or an expression of such calls, results and numbers, which is a text."""
        start = call.start()
        value, end = self._inner(call)
        parts: Parts = [_dollar(value)]
        while (sign := _OPERATOR.match(self.region, end)) is not None:
            parts.append(sign[0])
            inner = self._known_call(sign.end())
            literal = LITERAL.match(self.region, sign.end())
            if inner is not None:
                value, end = self._inner(inner)
                parts.append(_dollar(value))
            elif literal is not None and '"' not in literal[0]:
                parts += self.parts(*literal.span())
                end = literal.end()
            else:
                raise Refused
        if len(parts) == 1:
            return value, end
        if parameter is None or not only_text(parameter.type):
            raise Refused
        self.note(oddities.BARE_TEXT, start, end)
        return text_of_parts(parts), end

    def _known_call(self, at: int) -> re.Match[str] | None:
        """Return the head of a call of a known tool that begins at `at`, or None."""
        call = _INNER_CALL.match(self.region, at)
        if call and self.names.known and self.names.find(call["name"]) not in (None, "join", "answer"):
            return call
        return None

    def _inner(self, found: re.Match[str]) -> tuple[Input, int]:
        """Read a call inside of the call: it becomes a task of its own, and a variable stands for it here."""
        before = len(self.notes)
        signature = self.names.signature(self.names.find(found["name"]) or "")
        args, end = self.arguments(found.end(), "(", signature, inner=True)
        span, named = self.span(found.start(), end), self.span(found.start("name"), found.end("name"))
        call = Call("task", 1, found["name"], args, any(dollars(arg.value) for arg in args), span, named)
        variable = f"call_{found.start()}_"
        self.notes[before:] = [
            *(n for n in self.notes[before:] if isinstance(n, Inner)),
            Inner(call, variable, found.start()),
        ]
        return Input(variable, (), span), end


def _dollar(inner: Input) -> Dollar:
    return Dollar(DollarKind.NAME, inner.name, (), f"${inner.name}", inner.span)
