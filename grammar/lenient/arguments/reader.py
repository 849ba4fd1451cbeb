"""Read the arguments of a call that the strict parser refuses, as values with notes of what the language writes otherwise.

The reader walks the text as the grammar would and looks for what is meant where the grammar has no way on. Some places have
several ways on: a quote may end a string or stand in it. Such a place is a *choice*; the first way is the one that changes
least. A walk that fails is tried again with one choice taken otherwise, then with two, up to a budget, so the reading that
needs the fewest changes is found first, and whether another one needs as few is known.
"""

from __future__ import annotations

import re
from typing import Any, Final

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.ir import Arg, DictOf, Input, ListOf
from lcc.grammar.lenient.arguments import bare, quoted
from lcc.grammar.lenient.arguments.argument_walk import (
    CLOSERS,
    LITERAL,
    NEXT_KEYWORD,
    OPENS,
    SEPARATORS,
    Inner,
    Parts,
    Refused,
    Walk,
    text_of_parts,
)
from lcc.grammar.lenient.arguments.references import read_bare
from lcc.grammar.lenient.marks import repairs
from lcc.grammar.lenient.marks.heads import SPACE
from lcc.grammar.lenient.marks.parameters import parameter_at, takes_commas
from lcc.grammar.lenient.marks.repairs import Change
from lcc.grammar.lenient.marks.tool_names import plain
from lcc.grammar.signatures import Parameter, Signature, only_text
from lcc.grammar.syntax.statement import Call
from lcc.grammar.syntax.strings import Dollar, DollarKind, Template

_KEYWORD: Final = re.compile(
    rf"(?P<name>[A-Za-z_](?:[A-Za-z0-9_]|\\_|)*+){SPACE}*+(?P<sign>=>|:=|=(?!=)|＝|:(?!//|=)|：){SPACE}*+"
)
_QUOTED_COLON: Final = re.compile(r"([\"'])(?P<name>(?:(?!\1)[^\\\r\n]|)*+)\1[ \t]*+(?P<sign>:)[ \t]*+")
_EACH: Final = re.compile(r"each(?=[\s\[$(])")
_INNER_CALL: Final = re.compile(rf"(?P<name>[A-Za-z_][A-Za-z0-9_./-]*+){SPACE}*+\(")
_OPERATOR: Final = re.compile(rf"{SPACE}*+(?:\*\*|//|[-+*/%]){SPACE}*+")
_BEGINS_VALUE: Final = "\"'“‘$[{"
_LOOKS: Final = 4
"""How often the rest of a line is searched for one value."""
_NAMES: Final = 5
"""How many parameters are gone through in the time of a step."""
_JUDGED: Final = 8
"""How often the rest of a line is searched to judge it as a tail."""


class Reader(Walk):
    """One walk over the arguments that begin at an offset of `region`."""

    def arguments(
        self, at: int, bracket: str, signature: Signature | None, inner: bool = False
    ) -> tuple[list[Arg], int]:
        """Read arguments from behind the opening bracket; return them and the offset past the closing one."""
        self.deeper()
        args: list[Arg] = []
        last = at
        while True:
            at, char = self._next(at)
            if not char and self.depth != 1:
                raise Refused
            over = not char or char in CLOSERS
            if over:
                at = self._close(at, char, bracket, inner) if char else self._unclosed(last, at, ")")
            else:
                arg, last = self._argument(at, signature, len(args))
                args.append(arg)
                if len(args) > self.parser.limits.arguments:
                    self.wrong("a call has more arguments than the limit", at, last)
                at, over = self._separator(last, signature is not None)
            if over:
                self.depth -= 1
                return args, at

    def _next(self, at: int) -> tuple[int, str]:
        """Go past space and commas that separate nothing; return where something stands, and its first character."""
        at = self.space(at)
        while self.region[at : at + 1] in SEPARATORS:
            self.change(at, at + 1, "", repairs.EXTRA_COMMA)
            at = self.space(at + 1)
        return at, self.region[at : at + 1]

    def _close(self, at: int, char: str, bracket: str, inner: bool) -> int:
        if char != OPENS.get(bracket, ")"):
            if CLOSERS[char] == bracket or (bracket == "（" and CLOSERS[char] == "("):
                self.change(at, at + 1, ")", repairs.FULL_WIDTH)
            elif inner:
                self.wrong("another bracket closes than was opened", at, at + 1)
            elif not self.settled:
                raise Refused
            else:
                self.change(at, at + 1, "", repairs.EXTRA_BRACKET)
                self.change(at + 1, at + 1, ")", repairs.EXTRA_BRACKET)
        if not inner:
            self.look(at, _JUDGED)
            if not self.may_end_at(at):
                raise Refused
        return at + 1

    def _unclosed(self, behind: int, at: int, close: str) -> int:
        """Close a bracket in the space from `behind` to `at`; at the end of the region only if the text goes on behind that."""
        if not self.region[at : at + 1] and not self.settled:
            raise Refused
        end = self.without_space(at)
        if "#" in self.region[behind:end]:
            self.wrong("what closes it may stand in the comment", behind, end)
        self.change(end, end, close, repairs.UNCLOSED_CALL)
        return end

    def _separator(self, at: int, known: bool) -> tuple[int, bool]:
        """Go past what separates an argument from the next; True if the call ends instead.

        `known`: the tool's declaration says how many arguments there are. Without it, two strings may just as well be one.
        """
        behind = at
        at, comma = self._comma(at)
        char = self.region[at : at + 1]
        if comma or not char or char in CLOSERS:
            return at, False
        may_close = not {"\n", "\r"}.isdisjoint(self.region[behind:at]) and self.settled and self.depth == 1
        begins = NEXT_KEYWORD.match(self.region, at) or (known and self.begins_well(at) and not char.isalpha())
        if begins and self.choose([0, 1] if may_close and char not in _BEGINS_VALUE else [0]) == 0:
            self.change(behind, behind, ",", repairs.MISSING_COMMA)
            return at, False
        if may_close:
            self.change(behind, behind, ")", repairs.UNCLOSED_CALL)
            return behind, True
        raise Refused

    def _comma(self, at: int) -> tuple[int, bool]:
        """Go past space and one comma; return whether there is one."""
        at = self.space(at)
        char = self.region[at : at + 1]
        if char not in SEPARATORS:
            return at, False
        if char != ",":
            self.change(at, at + 1, ",", repairs.FULL_WIDTH)
        return at + 1, True

    def _argument(self, start: int, signature: Signature | None, place: int) -> tuple[Arg, int]:
        self.budget.spend(0 if signature is None else len(signature.parameters) // _NAMES)
        name, parameter, at = self._keyword(start, signature) or (None, parameter_at(signature, place), start)
        spread = _EACH.match(self.region, at)
        if spread:
            at = self.space(spread.end())
        value, end = self.value(at, parameter, True, takes_commas(signature, parameter))
        return Arg(name, value, spread is not None, self.span(start, end)), end

    def _keyword(self, at: int, signature: Signature | None) -> tuple[str, Parameter | None, int] | None:
        """Return the name before an argument's value, its parameter, and where the value begins."""
        found = _KEYWORD.match(self.region, at)
        if found and self._is_keyword(found, signature):
            name = plain(found["name"])
            if name != found["name"]:
                self.change(at, found.end("name"), name, repairs.MARKDOWN_ESCAPE)
            self.space(found.end("name"))
        else:
            found = _QUOTED_COLON.match(self.region, at)
            if found is None:
                return None
            name = found["name"]
            if signature and signature.parameter(name) is None:
                raise Refused
        if found["sign"] != "=":
            code = repairs.FULL_WIDTH if found["sign"] == "＝" else repairs.KEYWORD_COLON
            self.change(found.start("sign"), found.end("sign"), "=", code)
        return name, signature.parameter(name) if signature else None, self.space(found.end("sign"))

    def _is_keyword(self, found: re.Match[str], signature: Signature | None) -> bool:
        if signature is not None:
            if signature.parameter(plain(found["name"])):
                return True
            return found["sign"] in "=＝" and not takes_commas(signature, parameter_at(signature, 0))
        return found["sign"] in "=＝" or self.begins_well(found.end())

    def value(self, at: int, parameter: Parameter | None, argument: bool, greedy: bool = False) -> tuple[Any, int]:
        """Read one value; `argument`: it stands directly in the call. `greedy`: text takes commas, too."""
        region = self.region
        self.look(at, _LOOKS)
        opening = quoted.opening(region, at)
        if opening:
            return quoted.read(self, opening, argument, alone=greedy)
        style = read_bare(region, at, self.variables)
        if style and self.ends_value(style[1], argument):
            self.change(at, style[1], style[0], repairs.REFERENCE_STYLE)
            return self.scalar(style[0], at, style[1]), style[1]
        found = LITERAL.match(region, at)
        if found and self.ends_value(found.end(), argument):
            return self.scalar(found[0], at, found.end()), found.end()
        if region[at : at + 1] in OPENS:
            held = self.attempt(lambda: self._ended(self._container(at), argument))
            if held is not None:
                return held
        call = self._known_call(at)
        if call is not None:
            return self._ended(self._expression(call, parameter), argument)
        return bare.read(self, at, parameter, argument, greedy)

    def _ended(self, held: tuple[Any, int], argument: bool) -> tuple[Any, int]:
        """Return a value and its end; the walk fails if no value can end there."""
        if not self.ends_value(held[1], argument):
            raise Refused
        return held

    def _container(self, start: int) -> tuple[Any, int]:
        """Read the list, tuple or dict that begins at a place."""
        self.deeper()
        opening = self.region[start]
        close, at, behind = OPENS[opening], start + 1, start + 1
        items: list[Any] = []
        comma = False
        while True:
            at, char = self._next(at)
            if char == close:
                at += 1
                break
            if comma and close != "}" and NEXT_KEYWORD.match(self.region, at):
                self.change(behind, behind, close, repairs.UNCLOSED_CALL)
                at, comma = behind, False
                break
            if not char or char in ")}" or (char == "]" and close == "}"):
                self._unclosed(behind, at, close)
                break
            item, behind = self._pair(at) if close == "}" else self.value(at, None, False)
            items.append(item)
            at, comma = self._comma(behind)
            if not comma and self.region[at : at + 1] and self.region[at] not in CLOSERS:
                raise Refused
        self.depth -= 1
        if close == "}":
            return self._dict(items, start, at), at
        return items[0] if opening == "(" and len(items) == 1 and not comma else ListOf(tuple(items)), at

    def _pair(self, at: int) -> tuple[tuple[str, Any], int]:
        opening = quoted.opening(self.region, at)
        key, at = quoted.read_key(self, opening) if opening else bare.read_key(self, at)
        at = self.space(at)
        sign = self.region[at : at + 1]
        if not sign or sign not in ":=：＝":
            raise Refused
        if sign != ":":
            self.change(at, at + 1, ":", repairs.FULL_WIDTH if sign == "：" else repairs.KEYWORD_COLON)
        value, end = self.value(self.space(at + 1), None, False)
        return (key, value), end

    def _dict(self, pairs: list[tuple[str, Any]], start: int, end: int) -> DictOf:
        if len({key for key, _ in pairs}) < len(pairs):
            self.wrong("a key occurs twice", start, end)
        return DictOf(tuple(pairs))

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
            elif literal is not None:
                parts += self.parts(*literal.span())
                end = literal.end()
                if '"' in literal[0]:
                    self.wrong("a quote stands in an expression", *literal.span())
            else:
                raise Refused
        if len(parts) == 1:
            return value, end
        if parameter is None or not only_text(parameter.type):
            raise Refused
        value = text_of_parts(parts)
        self.change(start, start, value, repairs.BARE_TEXT, 2, (start, end))
        return value, end

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
        notes = self.notes[before:]
        cost = sum(note.cost for note in notes if isinstance(note, Change))
        call = Call("task", 1, found["name"], tuple(args), any(holds_text(arg.value) for arg in args), span, named)
        variable = f"call_{found.start()}_"
        inside = Change(found.start(), end, "", repairs.NESTED_CALL.code, cost)
        self.notes[before:] = [*(n for n in notes if _stays(n)), inside, Inner(call, variable)]
        return Input(variable, (), span), end


def _stays(note: Change | Inner | Diagnostic) -> bool:
    """Whether a note of a call inside of the call says something of the whole: its calls, and that nothing is to be read."""
    return isinstance(note, Inner) or (isinstance(note, Diagnostic) and note.is_error)


def holds_text(value: Any) -> bool:
    """Whether a text with dollars is in a value."""
    match value:
        case Template():
            return True
        case ListOf(items):
            return any(map(holds_text, items))
        case DictOf(pairs):
            return any(holds_text(item) for _, item in pairs)
        case _:
            return False


def _dollar(inner: Input) -> Dollar:
    return Dollar(DollarKind.NAME, inner.name, (), f"${inner.name}", inner.span)
