"""Read the arguments of a call that the strict parser refuses, as the changes that would make it a call.

The reader walks the text as the grammar would and asks a repair where the grammar has no way on. Some places have several
ways on: a quote may end a string or stand in it. Such a place is a *choice*; the first way is the one that changes least. A
walk that fails is tried again with one choice taken otherwise, then with two, up to a budget, so the reading that needs the
fewest changes is found first, and whether another one needs as few is known.

What the reader returns is only ever a change of the text. The strict parser has the last word on the result.
"""

from __future__ import annotations

import re
from typing import Final

from lcc.grammar.lenient.arguments import bare, containers, inner_calls, quoted
from lcc.grammar.lenient.arguments.argument_walk import (
    CLOSERS,
    LITERAL,
    MAX_DEPTH,
    NEXT_KEYWORD,
    OPENS,
    SEPARATORS,
    Refused,
    Walk,
    begins_well,
    without_space,
)
from lcc.grammar.lenient.arguments.references import read_bare
from lcc.grammar.lenient.marks.heads import SPACE
from lcc.grammar.lenient.marks.parameters import parameter_at, takes_commas
from lcc.grammar.lenient.marks.repairs import (
    EXTRA_BRACKET,
    EXTRA_COMMA,
    FULL_WIDTH,
    KEYWORD_COLON,
    MARKDOWN_ESCAPE,
    MISSING_COMMA,
    REFERENCE_STYLE,
    UNCLOSED_CALL,
)
from lcc.grammar.lenient.marks.tail import Tail, judge_tail
from lcc.grammar.lenient.marks.tool_names import plain
from lcc.grammar.signatures import Parameter, Signature

_SLASHES: Final = re.compile(r"//[^\r\n]*+")
_KEYWORD: Final = re.compile(
    rf"(?P<name>[A-Za-z_](?:[A-Za-z0-9_]|\\_|)*+)(?P<space>{SPACE}*+)(?P<sign>=>|:=|=(?!=)|＝|:(?!//|=)|：){SPACE}*+"
)
_QUOTED_COLON: Final = re.compile(r"(?:\"[^\"\\\r\n]*+\"|'[^'\\\r\n]*+')[ \t]*+:[ \t]*+")
_BEGINS_VALUE: Final = "\"'“‘$[{"
_LOOKS: Final = 4
"""How often the rest of a line is searched for one value."""
_NAMES: Final = 5
"""How many parameters are gone through in the time of a step."""
_JUDGED: Final = 8
"""How often the rest of a line is searched to judge it as a tail."""
_EACH: Final = re.compile(r"each(?=[\s\[$(])")


class Reader(Walk):
    """One walk over the arguments that begin at an offset of `region`."""

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
                self.change(at, at + 1, "", EXTRA_COMMA.code)
                at += 1
                continue
            at = self._argument(at, signature, place)
            place += 1
            at, over = self._separator(at, signature is not None)
            if over:
                self.depth -= 1
                return at

    def _close(self, at: int, char: str, bracket: str, inner: bool) -> int:
        if char != OPENS.get(bracket, ")"):
            if not inner and CLOSERS[char] != bracket and (bracket != "（" or CLOSERS[char] != "("):
                if not self.settled:
                    raise Refused
                self.change(at, at + 1, "", EXTRA_BRACKET.code)
                self.change(at + 1, at + 1, ")", EXTRA_BRACKET.code)
            elif char == "）":
                self.change(at, at + 1, ")", FULL_WIDTH.code)
        if inner:
            return at + 1
        self.look(at, _JUDGED)
        end = self.line_end(at)
        if judge_tail(self.region[at + 1 : end]) is Tail.BAD:
            raise Refused
        return at + 1

    def _unclosed(self, began: int, at: int) -> int:
        """Close the call at the end of the region, if the text goes on behind it."""
        if not self.settled or self.depth != 1:
            raise Refused
        end = without_space(self.region, at)
        self.change(end, end, ")", UNCLOSED_CALL.code)
        return end

    def _separator(self, at: int, known: bool) -> tuple[int, bool]:
        """Go past what separates an argument from the next; True if the call ends instead.

        `known`: the tool's declaration says how many arguments there are. Without it, two strings may just as well be one.
        """
        behind = at
        at = self.space(at)
        char = self.region[at : at + 1]
        if not char or char in CLOSERS:
            return at, False
        if char in SEPARATORS:
            if char != ",":
                self.change(at, at + 1, ",", FULL_WIDTH.code)
            return at + 1, False
        newline = "\n" in self.region[behind:at] or "\r" in self.region[behind:at]
        keyword = NEXT_KEYWORD.match(self.region, at)
        if keyword or (known and begins_well(self.region, at) and not char.isalpha()):
            ways = [0, 1] if newline and self.settled and self.depth == 1 and char not in _BEGINS_VALUE else [0]
            if self.choose(ways) == 0:
                self.change(behind, behind, ",", MISSING_COMMA.code)
                return at, False
        if newline and self.settled and self.depth == 1:
            self.change(behind, behind, ")", UNCLOSED_CALL.code)
            return behind, True
        raise Refused

    def _argument(self, at: int, signature: Signature | None, place: int) -> int:
        self.budget.spend(0 if signature is None else len(signature.parameters) // _NAMES)
        parameter = parameter_at(signature, place)
        found = _KEYWORD.match(self.region, at)
        if found and self._is_keyword(found, signature):
            name = plain(found["name"])
            parameter = signature.parameter(name) if signature else None
            if name != found["name"]:
                self.change(at, found.end("name"), name, MARKDOWN_ESCAPE.code)
            sign = found["sign"]
            if sign != "=":
                code = FULL_WIDTH.code if sign == "＝" else KEYWORD_COLON.code
                self.change(found.start("sign"), found.end("sign"), "=", code)
            at = self.space(found.end())
        else:
            quoted_key = _QUOTED_COLON.match(self.region, at)
            if quoted_key:
                colon = self.region.index(":", self.region.index(self.region[at], at + 1))
                self.change(colon, colon + 1, "=", KEYWORD_COLON.code)
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
        self.look(at, _LOOKS)
        char = region[at : at + 1]
        opening = quoted.opening(region, at)
        if opening:
            return quoted.read(self, at, opening, argument, alone=greedy)
        style = read_bare(region, at, self.variables)
        if style and self.ends_value(style.end, argument):
            self.change(style.start, style.end, style.written, REFERENCE_STYLE.code)
            return style.end
        found = LITERAL.match(region, at)
        if found and self.ends_value(found.end(), argument):
            return found.end()
        if char in OPENS:
            end = self.attempt(lambda: self.ended(containers.read(self, at, char), argument))
            if end is not None:
                return end
        call = inner_calls.known_call(self, at)
        if call is not None:
            return inner_calls.read(self, call, parameter, argument)
        return bare.read(self, at, parameter, argument, greedy)
