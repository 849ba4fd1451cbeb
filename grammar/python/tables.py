"""Run the LALR tables of python.lark over the tokens of one logical line.

The loop of grammar/syntax/lalr.py, for tokens that a lexer with a memory has cut. Python's levels of precedence make a chain of
a dozen reductions of one symbol out of every name; those that build nothing are followed once for each pair of a state and a
token, and remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from lcc.grammar.lark_tables import Grammar, tables

END: Final = "$END"
LINE_GRAMMAR: Final = Path(__file__).parent / "python.lark"
Reduce = Callable[[list[Any], int, int], Any]


class Token(NamedTuple):
    """A token: its terminal in python.lark, where it stands in the whole text, and its own text."""

    kind: str
    start: int
    end: int
    text: str


class Misfit(Exception):
    """A line that the grammar doesn't accept: the place of the first token that doesn't fit, and what could stand there."""

    def __init__(self, place: int, expected: frozenset[str]) -> None:
        super().__init__(f"token {place}")
        self.place = place
        self.expected = expected


class _Row:
    """One state: the actions by terminal and rule; an action is a next row, or a rule as (size, name, function)."""

    __slots__ = ("actions", "after")

    def __init__(self) -> None:
        self.actions: dict[str, Any] = {}
        self.after: dict[tuple[str, str], tuple[_Row, Any]] = {}


class LineTables:
    """The tables, ready to run with one set of actions: functions of the values of a rule and of where it begins and ends.

    They are found by the alias of an expansion, else by the name of its rule; without one the first value is passed on. The
    value of a token is the token.
    """

    def __init__(self, grammar: Grammar, reducers: Mapping[str, Reduce]) -> None:
        rows = [_Row() for _ in grammar["states"]]
        rules = [(size, origin, reducers.get(name)) for origin, name, size in grammar["rules"]]
        for row, actions in zip(rows, grammar["states"], strict=True):
            row.actions = {name: rows[to] if to >= 0 else rules[-1 - to] for name, to in actions.items()}
        self._start = rows[0]
        self._end = rows[grammar["end"]]

    def run(self, tokens: Sequence[Token]) -> Any:
        """Parse one line, whose last token is END, and return what its last reduction returned; raise Misfit."""
        # Longer than others because it is the hot loop over tokens and reductions.
        row = self._start
        rows: list[_Row] = [row]
        values: list[Any] = []
        starts: list[int] = []
        last = 0
        for place, token in enumerate(tokens):
            kind, start, end, _ = token
            action = row.actions.get(kind)
            while type(action) is tuple:
                size, origin, reduce = action
                if size == 1:
                    if reduce is not None:
                        values[-1] = reduce(values[-1:], starts[-1], last)
                    rows.pop()
                else:
                    begin = starts[-size]
                    values[-size:] = (values[-size] if reduce is None else reduce(values[-size:], begin, last),)
                    del rows[-size:], starts[1 - size :]
                below = rows[-1]
                found = below.after.get((origin, kind))
                if found is None:
                    found = _follow(below, origin, kind)
                row, action = found
                if row is self._end:
                    return values[-1]
                rows.append(row)
            if action is None:
                raise Misfit(place, _expected(row))
            values.append(token)
            starts.append(start)
            row = action
            rows.append(row)
            last = end
        raise AssertionError("the last token is END")


def _follow(below: _Row, origin: str, kind: str) -> tuple[_Row, Any]:
    """Return the state after a rule and its action for a token, past all reductions of one symbol that build nothing."""
    key = (origin, kind)
    while True:
        row = below.actions[origin]
        action = row.actions.get(kind)
        if type(action) is not tuple or action[0] != 1 or action[2] is not None:
            below.after[key] = row, action
            return row, action
        origin = action[1]


def _expected(row: _Row) -> frozenset[str]:
    return frozenset(name for name in row.actions if name.isupper() or name == END or name.startswith("__ANON"))


def line_grammar() -> Grammar:
    """Return the tables of a line."""
    return tables(LINE_GRAMMAR)
