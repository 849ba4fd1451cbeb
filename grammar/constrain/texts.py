"""Define the tokens of plans: strings, references, numbers, keys.

Which references may stand in a string depends on its line, so a line has strings of its own. Interpolation must read as it is
meant: after `$1` no character may prolong it (`$12`, `$1.name`, `$1,000`), which braces allow (`${1}2`); a dollar that isn't
one half of `$$` must not begin a reference, an input or money. There is no look-ahead in the notations, so a reference is a part
together with what follows it, or the last part of its string.
"""

from __future__ import annotations

from collections.abc import Sequence as Many
from dataclasses import dataclass
from typing import Final

from lcc.grammar.constrain.bounds import ADJACENT, DIGITS, NAME_LENGTH, PATH_STEPS, Bounds
from lcc.grammar.constrain.productions import Choice, Name, Node, Repeat, Rules, Text, chars, optional, other_than, seq

_CONTROLS: Final = ("\x00\x1f", "\x7f")
_WORD: Final = ("AZ", "az", "09", "_")
_HEX: Final = chars("09", "af")
_SOON: Final = chars(".", ",")


class Tokens:
    """The tokens that are the same in every line."""

    def __init__(self, rules: Rules, bounds: Bounds) -> None:
        self.rules = rules
        self.bounds = bounds
        self.escape = rules.terminal("ESC", _escape())
        name = seq(chars("AZ", "az", "_"), Repeat(chars(*_WORD), 0, NAME_LENGTH - 1))
        index = seq("[", Choice((seq(optional(Text("-")), chars("19"), Repeat(chars("09"), 0, 3)), Text("0"))), "]")
        key = Repeat(other_than('"', "'", "\\", "{", "}", *_CONTROLS), 1, NAME_LENGTH)
        plain = Choice((seq(".", name), index))
        self.step = rules.terminal("STEP", Choice((plain, seq('["', key, '"]'))))
        self.escaped_step = rules.terminal("INSTEP", Choice((plain, seq('[\\"', key, '\\"]'))))
        self.integer = self._number("INT", _integer())
        self.number = self._number("NUM", _number())
        self.key = rules.terminal("KEY", Choice(tuple(self._key(mark) for mark in "\"'")))

    def _number(self, hint: str, body: Node) -> Name:
        return self.rules.terminal(hint, seq(optional(Text("-")), body))

    def _key(self, mark: str) -> Node:
        inner = Choice((other_than(mark, "\\", *_CONTROLS), self.escape))
        return seq(mark, Repeat(inner, 0, self.bounds.string_length), mark)


@dataclass(frozen=True, slots=True)
class Line:
    """The tokens of one line: `string` and, if there are results to read, `reference` and a `quoted` one."""

    string: Name
    reference: Name | None
    quoted: Name | None


def line_tokens(tokens: Tokens, readable: Many[int], local: Node | None = None, braced: Node | None = None) -> Line:
    """Return the tokens of a line that may read the results of the tasks `readable`.

    `local`: what else it may read, in a loop; `braced`: that in a text.
    """
    rules = tokens.rules
    if not readable:
        return Line(_string(tokens, None), None, None)
    ids = rules.terminal("ID", seq("$", number_in(readable)))
    plain = rules.terminal("REF", seq(ids, Repeat(tokens.step, 0, PATH_STEPS)))
    reference = plain if local is None else rules.terminal("REF", Choice((plain, local)))
    escaped = seq(ids, Repeat(tokens.escaped_step, 0, PATH_STEPS))
    quoted = rules.terminal("TEXTREF", Choice((seq('"', escaped, '"'), seq("'", plain, "'"))))
    return Line(_string(tokens, number_in(readable), braced), reference, quoted)


def number_in(numbers: Many[int]) -> Node:
    """Return the decimal forms of some positive numbers, longer ones first."""
    groups: dict[str, list[str]] = {}
    for number in sorted(numbers, key=lambda one: (-len(str(one)), one)):
        digits = str(number)
        groups.setdefault(digits[:-1], []).append(digits[-1])
    found = [seq(head, last) if head else last for head, lasts in groups.items() for last in (chars(*_runs(lasts)),)]
    return found[0] if len(found) == 1 else Choice(tuple(found))


def _runs(digits: Many[str]) -> list[str]:
    """Return ascending digits as ranges: 0, 1, 2, 5 are 02, 5."""
    runs: list[str] = []
    for digit in digits:
        if runs and ord(digit) == ord(runs[-1][-1]) + 1:
            runs[-1] = runs[-1][0] + digit
        else:
            runs.append(digit)
    return runs


def _string(tokens: Tokens, ids: Node | None, braced: Node | None = None) -> Name:
    return tokens.rules.terminal("STR", Choice(tuple(_quoted(tokens, mark, ids, braced) for mark in "\"'")))


def _quoted(tokens: Tokens, mark: str, ids: Node | None, local: Node | None) -> Node:
    """Return a string between two marks: characters, `$$`, and references with what follows them."""
    terminal = tokens.rules.terminal
    hint = "D" if mark == '"' else "S"
    never = (mark, "\\", "$", *_CONTROLS)
    plain = terminal(f"{hint}CHAR", Choice((other_than(*never), tokens.escape)))
    lone = terminal(f"{hint}LONE", seq("$", Choice((other_than(*never, *_WORD, "{"), tokens.escape))))
    inner: list[Node] = [plain, Text("$$"), lone]
    last: Node = Text("$")
    if ids is not None:
        step = tokens.escaped_step if mark == '"' else tokens.step
        place = terminal(f"{hint}PLACE", seq(ids, Repeat(step, 0, PATH_STEPS)))
        braced = seq("${", place, "}")
        apart = other_than(*never, *_WORD, "[", ".", ",")
        refs = terminal(f"{hint}REF", seq("$", place, optional(_SOON)))
        many = Repeat(refs, 0, ADJACENT - 1)
        if local is not None:
            braced = Choice((braced, local))
        after = Choice((apart, tokens.escape, Text("$$"), braced, lone))
        inner += [braced, seq(refs, many, after), seq(many, "$", place, _SOON, _SOON)]
        last = Choice((seq(refs, many, optional(Text("$"))), last))
    part = terminal(f"{hint}PART", Choice(tuple(inner)))
    return seq(mark, Repeat(part, 0, tokens.bounds.string_length), optional(last), mark)


def _escape() -> Node:
    """Return the escapes of canonical text. None of them writes what could belong to a reference, nor half a character."""
    low = Choice((seq(chars("01"), _HEX), Text("7f"), seq(chars("89"), _HEX), Text("ad")))
    high = Choice(
        (
            seq("0", chars("19", "af"), _HEX, _HEX),
            seq(chars("19", "ac", "ef"), _HEX, _HEX, _HEX),
            seq("d", chars("07"), _HEX, _HEX),
        )
    )
    far = seq("00", Choice((seq("0", chars("19", "af")), Text("10"))), _HEX, _HEX, _HEX, _HEX)
    return seq("\\", Choice((chars('"', "'", "\\", "n", "r", "t"), seq("x", low), seq("u", high), seq("U", far))))


def _integer() -> Node:
    return Choice((seq(chars("19"), Repeat(chars("09"), 0, DIGITS - 1)), Text("0")))


def _number() -> Node:
    """Return numbers of both types, with exponents up to 307: what is larger may be infinite."""
    digit = chars("09")
    exponent = Choice(
        (
            seq(chars("+", "-"), Choice((seq(chars("12"), digit, digit), seq("30", chars("07"))))),
            seq("-3", Choice((seq("0", chars("89")), seq("1", digit), seq("2", chars("04"))))),
            seq(chars("+", "-"), digit, digit),
        )
    )
    fraction = optional(seq(".", Repeat(digit, 1, 20)))
    one = seq(chars("19"), fraction, optional(seq("e", exponent)))
    more = seq(chars("19"), Repeat(digit, 1, DIGITS - 1), fraction)
    return Choice((more, one, seq("0", fraction)))
