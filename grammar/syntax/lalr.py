"""Run the tables that Lark computes over one statement.

Lark reads the grammar, checks it and builds the LALR(1) tables and the terminals, which are kept in a file; this module is only the
loop over them.
Lark's own loop makes a `Token` object with line and column for every token and a tree or callback frame for every rule.
The plan language needs offsets and one flat stack: measured on 55-byte lines, 20 µs a statement against 42 µs for Lark's
loop with an inlined transformer. A test compares the two on every statement it can generate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from lcc.grammar.lark_tables import Grammar, terminals_pattern

Reduce = Callable[[list[Any], int, int], Any]
Terminal = Callable[[str, int], Any]
END: Final = "$END"


class Unexpected(Exception):
    """A statement that the grammar doesn't accept.

    `offset`: where in the statement; `end`: past the token there; `kind`: the token's terminal, `$END` at the end of the
    statement, or None where the text is no token at all; `expected`: the terminals that could stand there.
    """

    def __init__(self, offset: int, end: int, kind: str | None, expected: frozenset[str]) -> None:
        super().__init__(f"unexpected {kind or 'text'} at {offset}")
        self.offset = offset
        self.end = end
        self.kind = kind
        self.expected = expected


# A state is its row: terminals and rules lead to the next row, or to a rule to reduce by: its size, name and action.
Rule = tuple[int, str, Reduce | None]
Row = dict[str, Any]


class Tables:
    """The LALR(1) tables of one grammar, ready to run with one set of actions.

    `reducers` maps the alias of a rule's expansion (or the rule's name where it has none) to a function of the values on
    its right-hand side, punctuation included, and of the offsets where they begin and end; a rule without one passes its
    first value on. `terminals` maps a terminal
    to a function of the token's text and offset; the value of any other token is None.
    """

    def __init__(self, grammar: Grammar, reducers: Mapping[str, Reduce], terminals: Mapping[str, Terminal]) -> None:
        rows: list[Row] = [{} for _ in grammar["states"]]
        rules: list[Rule] = [(size, origin, reducers.get(name)) for origin, name, size in grammar["rules"]]
        for row, actions in zip(rows, grammar["states"], strict=True):
            row.update({name: rows[to] if to >= 0 else rules[-1 - to] for name, to in actions.items()})
        self._start = rows[0]
        self._end = rows[grammar["end"]]
        self._terminals = dict(terminals)
        self._ignored = frozenset(grammar["ignored"])
        self._match = terminals_pattern(grammar).match
        # Punctuation by its one character: a third of all tokens, and the last to be tried in the joined pattern
        # (1.5 µs each there, 0.1 µs here).
        self._single = {
            text: name for name, (kind, text) in grammar["terminals"].items() if kind == "str" and len(text) == 1
        }

    def run(self, text: str, skipped: list[tuple[str, int, int]] | None = None) -> Any:
        """Parse one statement and return what its last reduction returned; raise Unexpected where it doesn't fit.

        `skipped` collects the ignored tokens: terminal, start, end.
        """
        # Longer than 40 lines because it is the hot loop over tokens and reductions: its state is in local names.
        match, single, ignored, terminals = self._match, self._single, self._ignored, self._terminals
        row = self._start
        rows: list[Row] = [row]
        values: list[Any] = []
        starts: list[int] = []
        last = at = 0
        length = len(text)
        while True:
            if at >= length:
                kind, end = END, at
            elif (one := single.get(text[at])) is not None:
                kind, end = one, at + 1
            else:
                found = match(text, at)
                if found is None:
                    raise Unexpected(at, at + 1, None, _expected(row))
                kind = found.lastgroup or ""
                end = found.end()
                if kind in ignored:
                    if skipped is not None:
                        skipped.append((kind, at, end))
                    at = end
                    continue
            action = row.get(kind)
            while type(action) is tuple:
                size, origin, reduce = action
                start = starts[-size]
                if size == 1:
                    if reduce is not None:
                        values[-1] = reduce(values[-1:], start, last)
                    rows.pop()
                else:
                    values[-size:] = (values[-size] if reduce is None else reduce(values[-size:], start, last),)
                    del rows[-size:], starts[1 - size :]
                row = rows[-1][origin]
                if kind is END and row is self._end:
                    return values[-1]
                rows.append(row)
                action = row.get(kind)
            if action is None:
                raise Unexpected(at, end, kind, _expected(row))
            convert = terminals.get(kind)
            values.append(None if convert is None else convert(text[at:end], at))
            starts.append(at)
            row = action
            rows.append(row)
            at = last = end


def _expected(row: Row) -> frozenset[str]:
    return frozenset(name for name in row if name.isupper() or name == END)
