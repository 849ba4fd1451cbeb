"""Read the arguments of a call that the strict parser refuses, as the changes that would make it a call.

The reader walks the text as the grammar would and asks a repair where the grammar has no way on. Some places have several
ways on: a quote may end a string or stand in it. Such a place is a *choice*; the first way is the one that changes least. A
walk that fails is tried again with one choice taken otherwise, then with two, up to a budget, so the reading that needs the
fewest changes is found first, and whether another one needs as few is known.

What the reader returns is only ever a change of the text. The strict parser has the last word on the result.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from lcc.grammar.lenient import bare, quoted
from lcc.grammar.lenient.draft import Change
from lcc.grammar.lenient.heads import SPACE
from lcc.grammar.lenient.lookahead import (
    BACKSLASH,
    CLOSERS,
    NEXT_KEYWORD,
    ODD_SPACE,
    PLAIN_SPACE,
    SEPARATORS,
    Refused,
    begins_well,
    line_end,
    skip_space,
)
from lcc.grammar.lenient.repairs import (
    bare_text,
    extra_bracket,
    extra_comma,
    full_width,
    invisible,
    keyword_colon,
    markdown_escape,
    missing_comma,
    trailing_text,
    unclosed_call,
)
from lcc.grammar.lenient.repairs.reference_style import read_bare
from lcc.grammar.lenient.tail import Tail, judge_tail
from lcc.grammar.lenient.tool_names import ToolNames, plain
from lcc.grammar.signature import Parameter, Signature
from lcc.grammar.types import only_text

MAX_DEPTH: Final = 32
_SLASHES: Final = re.compile(r"//[^\r\n]*+")
_KEYWORD: Final = re.compile(
    rf"(?P<name>[A-Za-z_](?:[A-Za-z0-9_]|\\_|)*+)(?P<space>{SPACE}*+)(?P<sign>=>|:=|=(?!=)|＝|:(?!//|=)|：){SPACE}*+"
)
_QUOTED_COLON: Final = re.compile(r"(?:\"[^\"\\\r\n]*+\"|'[^'\\\r\n]*+')[ \t]*+:[ \t]*+")
_LITERAL: Final = re.compile(
    r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.])|(?:True|true|False|false|None|null)(?!\w)"
    r"|\$(?:\{[^{}\r\n]*+\}|(?:[0-9]+|[A-Za-z_]\w*+)(?:\.[A-Za-z_]\w*+|\[(?:-?[0-9]+|\"[^\"\\\r\n]*+\"|'[^'\\\r\n]*+')\]|)*+)",
    re.ASCII,
)
_INNER_CALL: Final = re.compile(rf"(?P<name>[A-Za-z_][A-Za-z0-9_./-]*+){SPACE}*+\(")
_OPERATOR: Final = re.compile(rf"{SPACE}*+(?:\*\*|//|[-+*/%]){SPACE}*+")
_BEGINS_VALUE: Final = "\"'“‘$[{"
_EACH: Final = re.compile(r"each(?=[\s\[$(])")
_OPENS: Final = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Inner:
    """A call inside of the call: where its name begins and where it ends, in the region."""

    start: int
    end: int
    tool: str
    name_end: int
    variable: str


@dataclass(slots=True)
class Reader:
    """One walk over the arguments that begin at an offset of `region`, with the ways that `decisions` take.

    `settled`: another statement follows, so what is missing at the end may be inserted. `taken` records, for each choice,
    which way was taken and how many there are.
    """

    region: str
    names: ToolNames
    variables: Collection[str]
    settled: bool
    decisions: Sequence[int]
    taken: list[tuple[int, int]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    inner: list[Inner] = field(default_factory=list)
    depth: int = 0

    def choose(self, ways: Sequence[int]) -> int:
        """Take one of several ways; without any, the walk fails."""
        place = len(self.taken)
        wanted = self.decisions[place] if place < len(self.decisions) else 0
        self.taken.append((wanted, len(ways)))
        if wanted >= len(ways):
            raise Refused
        return ways[wanted]

    def change(self, start: int, end: int, text: str, code: str) -> None:
        """Record a change."""
        self.changes.append(Change(start, end, text, code))

    def attempt(self, read: Callable[[], int]) -> int | None:
        """Read something; where that fails, undo its changes and return None. Choices inside it stay taken."""
        before = len(self.changes), len(self.inner), self.depth
        try:
            return read()
        except Refused:
            del self.changes[before[0] :], self.inner[before[1] :]
            self.depth = before[2]
            return None

    def space(self, at: int) -> int:
        """Return the offset past space, comments and invisible characters, which are dropped."""
        while True:
            found = PLAIN_SPACE.match(self.region, at)
            at = found.end() if found else at
            odd = ODD_SPACE.match(self.region, at)
            if odd:
                self.change(at, odd.end(), " ", invisible.REPAIR.code)
                at = odd.end()
                continue
            backslash = BACKSLASH.match(self.region, at)
            if backslash:
                self.change(at, at + 1, "", markdown_escape.REPAIR.code)
                at += 1
                continue
            remark = _SLASHES.match(self.region, at)
            if remark and "\n" in self.region[remark.end() : remark.end() + 2]:
                self.change(at, remark.end(), "", trailing_text.REPAIR.code)
                at = remark.end()
                continue
            return at

    def arguments(self, at: int, bracket: str, signature: Signature | None, inner: bool = False) -> int:
        """Read arguments from behind the opening bracket; return the offset past the closing one."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Refused
        place, began = 0, at
        while True:
            at = self.space(at)
            char = self.region[at : at + 1]
            if char in CLOSERS and char:
                at = self._close(at, char, bracket, inner)
                self.depth -= 1
                return at
            if not char:
                return self._unclosed(began, at)
            if char in SEPARATORS:
                self.change(at, at + 1, "", extra_comma.REPAIR.code)
                at += 1
                continue
            at = self._argument(at, signature, place)
            place += 1
            at, over = self._separator(at, bracket)
            if over:
                self.depth -= 1
                return at

    def _close(self, at: int, char: str, bracket: str, inner: bool) -> int:
        if char != _OPENS.get(bracket, ")"):
            if not inner and CLOSERS[char] != bracket and (bracket != "（" or CLOSERS[char] != "("):
                if not self.settled:
                    raise Refused
                self.change(at, at + 1, "", extra_bracket.REPAIR.code)
                self.change(at + 1, at + 1, ")", extra_bracket.REPAIR.code)
            elif char == "）":
                self.change(at, at + 1, ")", full_width.REPAIR.code)
        if inner:
            return at + 1
        end = line_end(self.region, at)
        if judge_tail(self.region[at + 1 : end]) is Tail.BAD:
            raise Refused
        return at + 1

    def _unclosed(self, began: int, at: int) -> int:
        """Close the call at the end of the region, if the text goes on behind it."""
        if not self.settled or self.depth != 1:
            raise Refused
        end = len(self.region[:at].rstrip())
        self.change(end, end, ")", unclosed_call.REPAIR.code)
        return end

    def _separator(self, at: int, bracket: str) -> tuple[int, bool]:
        """Go past what separates an argument from the next; True if the call ends instead."""
        behind = at
        at = self.space(at)
        char = self.region[at : at + 1]
        if not char or char in CLOSERS:
            return at, False
        if char in SEPARATORS:
            if char != ",":
                self.change(at, at + 1, ",", full_width.REPAIR.code)
            return at + 1, False
        newline = "\n" in self.region[behind:at] or "\r" in self.region[behind:at]
        keyword = NEXT_KEYWORD.match(self.region, at)
        if keyword or (begins_well(self.region, at) and not char.isalpha()):
            ways = [0, 1] if newline and self.settled and self.depth == 1 and char not in _BEGINS_VALUE else [0]
            if self.choose(ways) == 0:
                self.change(behind, behind, ",", missing_comma.REPAIR.code)
                return at, False
        if newline and self.settled and self.depth == 1:
            self.change(behind, behind, ")", unclosed_call.REPAIR.code)
            return behind, True
        raise Refused

    def _argument(self, at: int, signature: Signature | None, place: int) -> int:
        parameter = parameter_at(signature, place)
        found = _KEYWORD.match(self.region, at)
        if found and self._is_keyword(found, signature):
            name = plain(found["name"])
            parameter = signature.parameter(name) if signature else None
            if name != found["name"]:
                self.change(at, found.end("name"), name, markdown_escape.REPAIR.code)
            sign = found["sign"]
            if sign != "=":
                code = full_width.REPAIR.code if sign == "＝" else keyword_colon.REPAIR.code
                self.change(found.start("sign"), found.end("sign"), "=", code)
            at = self.space(found.end())
        else:
            quoted_key = _QUOTED_COLON.match(self.region, at)
            if quoted_key:
                colon = self.region.index(":", self.region.index(self.region[at], at + 1))
                self.change(colon, colon + 1, "=", keyword_colon.REPAIR.code)
                name = self.region[at + 1 : self.region.index(self.region[at], at + 1)]
                parameter = signature.parameter(name) if signature else None
                if signature and parameter is None:
                    raise Refused
                at = quoted_key.end()
        spread = _EACH.match(self.region, at)
        if spread:
            at = self.space(spread.end())
        return self.value(at, parameter, True, takes_commas(signature, parameter))

    def _is_keyword(self, found: re.Match[str], signature: Signature | None) -> bool:
        name = plain(found["name"])
        if signature is not None:
            if signature.parameter(name):
                return True
            return found["sign"] in "=＝" and not takes_commas(signature, parameter_at(signature, 0))
        return found["sign"] in "=＝" or begins_well(self.region, found.end())

    def value(self, at: int, parameter: Parameter | None, argument: bool, greedy: bool = False) -> int:
        """Read one value; `argument`: it stands directly in the call. `greedy`: text takes commas, too."""
        region = self.region
        char = region[at : at + 1]
        opening = quoted.opening(region, at)
        if opening:
            return quoted.read(self, at, opening, argument, alone=greedy)
        style = read_bare(region, at, self.variables)
        if style and self.ends_value(style.end, argument):
            style.apply(self)
            return style.end
        found = _LITERAL.match(region, at)
        if found and self.ends_value(found.end(), argument):
            return found.end()
        if char in _OPENS:
            end = self.attempt(lambda: self._ended(self._container(at, char), argument))
            if end is not None:
                return end
        call = _INNER_CALL.match(region, at)
        if call and self.names.known and self.names.find(call["name"]) not in (None, "join", "answer"):
            return self._calls(call, parameter, argument)
        return bare.read(self, at, parameter, argument, greedy)

    def ends_value(self, at: int, argument: bool) -> bool:
        """Whether a value may end here: a separator, a bracket, the end, or the next keyword follows."""
        next_at = skip_space(self.region, at)
        char = self.region[next_at : next_at + 1]
        if not char or char in CLOSERS or char in SEPARATORS:
            return True
        newline = "\n" in self.region[at:next_at] or "\r" in self.region[at:next_at]
        if newline and self.settled:
            return True
        return argument and next_at > at and NEXT_KEYWORD.match(self.region, next_at) is not None

    def _ended(self, end: int, argument: bool) -> int:
        if not self.ends_value(end, argument):
            raise Refused
        return end

    def _container(self, at: int, char: str) -> int:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Refused
        end = self._pairs(at + 1) if char == "{" else self._items(at + 1, _OPENS[char])
        self.depth -= 1
        return end

    def _items(self, at: int, close: str) -> int:
        comma = -1
        while True:
            at = self.space(at)
            char = self.region[at : at + 1]
            if char == close:
                return at + 1
            if comma >= 0 and NEXT_KEYWORD.match(self.region, at):
                self.change(comma, comma, close, unclosed_call.REPAIR.code)
                return comma
            if char == ")" or not char or char == "}":
                return self._close_container(at, close)
            if char in SEPARATORS:
                self.change(at, at + 1, "", extra_comma.REPAIR.code)
                at += 1
                continue
            behind = self.value(at, None, False)
            at = self._item_end(behind)
            comma = behind

    def _pairs(self, at: int) -> int:
        while True:
            at = self.space(at)
            char = self.region[at : at + 1]
            if char == "}":
                return at + 1
            if char in (")", "]", ""):
                return self._close_container(at, "}")
            if char in SEPARATORS:
                self.change(at, at + 1, "", extra_comma.REPAIR.code)
                at += 1
                continue
            at = self.space(self._key(at))
            sign = self.region[at : at + 1]
            if sign not in (":", "=", "：", "＝") or not sign:
                raise Refused
            if sign != ":":
                code = full_width.REPAIR.code if sign == "：" else keyword_colon.REPAIR.code
                self.change(at, at + 1, ":", code)
            at = self._item_end(self.value(self.space(at + 1), None, False))

    def _key(self, at: int) -> int:
        opening = quoted.opening(self.region, at)
        if opening:
            return quoted.read(self, at, opening, False, key=True)
        return bare.read_key(self, at)

    def _item_end(self, at: int) -> int:
        at = self.space(at)
        char = self.region[at : at + 1]
        if char in SEPARATORS and char:
            if char != ",":
                self.change(at, at + 1, ",", full_width.REPAIR.code)
            return at + 1
        if not char or char in CLOSERS:
            return at
        raise Refused

    def _close_container(self, at: int, close: str) -> int:
        char = self.region[at : at + 1]
        if not char and not self.settled:
            raise Refused
        end = len(self.region[:at].rstrip())
        self.change(end, end, close, unclosed_call.REPAIR.code)
        return at

    def _calls(self, call: re.Match[str], parameter: Parameter | None, argument: bool) -> int:
        """Read a call inside of the call, or an expression of such calls, results and numbers, which is a text."""
        start, operands = call.start(), 1
        end = self._inner_call(call)
        while (sign := _OPERATOR.match(self.region, end)) is not None:
            operands += 1
            inner = self._known_call(sign.end())
            literal = _LITERAL.match(self.region, sign.end())
            if inner is not None:
                end = self._inner_call(inner)
            elif literal is not None:
                end = literal.end()
            else:
                raise Refused
        if operands > 1:
            if parameter is None or not only_text(parameter.type):
                raise Refused
            self.change(start, start, '"', bare_text.REPAIR.code)
            self.change(end, end, '"', bare_text.REPAIR.code)
        return self._ended(end, argument)

    def _known_call(self, at: int) -> re.Match[str] | None:
        call = _INNER_CALL.match(self.region, at)
        if call and self.names.known and self.names.find(call["name"]) not in (None, "join", "answer"):
            return call
        return None

    def _inner_call(self, call: re.Match[str]) -> int:
        tool = self.names.find(call["name"]) or ""
        end = self.arguments(call.end(), "(", self.names.signature(tool), inner=True)
        variable = f"call_{call.start()}_"
        self.inner.append(Inner(call.start(), end, tool, call.end("name"), variable))
        return end


def parameter_at(signature: Signature | None, place: int) -> Parameter | None:
    """Return the parameter of a positional argument."""
    if signature is None:
        return None
    positional = [p for p in signature.parameters if not p.keyword_only]
    return positional[place] if place < len(positional) else None


def takes_commas(signature: Signature | None, parameter: Parameter | None) -> bool:
    """Whether text for this parameter takes the call's commas: it is the only one, and takes only text."""
    return (
        signature is not None and parameter is not None and len(signature.parameters) == 1 and only_text(parameter.type)
    )
