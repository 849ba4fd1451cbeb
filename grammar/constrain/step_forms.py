"""Write the steps that say more than calls: values with an id, conditions, one level of loops.

    1. orders("Brest")                              as in plans of calls
    2. = sum(x.amount for x in $1 if x.due)         a value
    3. for item in $1:                              the loop's name is `item`, the comprehensions' is `x`
        301. price(item.id)                         its steps are numbered from 301
        302. remind(item.id) when $301 > 100
        yield $301 when $301 > 100                  every loop yields
    4. answer($3)

Steps of loops have numbers of their own, so that what a later line may read doesn't depend on how long loops were. Expressions are the
few that small models get right, and none of them is wrong whatever the results are: a type or a path that a result hasn't is for `verify`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from keyword import iskeyword
from typing import Final

from lcc.grammar.constrain.productions import Choice, Name, Node, Repeat, Text, chars, optional, other_than, seq
from lcc.grammar.constrain.texts import Tokens, number_in
from lcc.grammar.signatures import DictType, ListType, RecordType, Tools, Type, UnionType

LOCAL: Final = "item"
"""The name of each loop."""
BODY: Final = 4
"""Steps of a loop's body."""
PATH: Final = 2
"""Steps of a path in an expression."""
_COMPARES: Final = ("==", "!=", "<=", ">=", "<", ">")
_SUMS: Final = ("len", "sum", "min", "max")


class StepForms:
    """The expressions of one grammar. `tools`: what their results have is what paths in expressions lead to."""

    def __init__(self, tokens: Tokens, tools: Tools) -> None:
        self._tokens = tokens
        names = dict.fromkeys(name for tool in tools.values() for name in _fields(tool.result))
        key = Repeat(other_than('"', "'", "\\", "{", "}", "$", "\x00\x1f", "\x7f\x9f"), 1, 32)
        index = seq("[", Choice((seq(chars("19"), Repeat(chars("09"), 0, 3)), Text("0"))), "]")
        fields = [Text(f".{name}") for name in sorted(names, key=lambda name: (-len(name), name))]
        rules = tokens.rules
        step = rules.terminal("XSTEP", Choice((*fields, index, seq('["', key, '"]'))))
        inner = rules.terminal("XINSTEP", Choice((*fields, index)))
        self.path = Repeat(step, 0, PATH)
        self.local = seq(LOCAL, self.path)
        self.braced = rules.terminal("XTEXT", seq("${", LOCAL, Repeat(inner, 0, PATH), "}"))

    def atoms(self, readable: Iterable[int], *, local: bool) -> Name | None:
        """Return what an expression may read: results, and in a loop its item; None if there is nothing."""
        ids = list(readable)
        found: list[Node] = [seq("$", number_in(ids), self.path)] if ids else []
        found += [self.local] if local else []
        return self._tokens.rules.terminal("XREF", Choice(tuple(found))) if found else None

    def condition(self, atom: Node, text: Node) -> Node:
        """Return the conditions on what is read; `text`: a string without references."""
        number = self._tokens.number
        compared = [
            seq(atom, _signs(), Choice((number, text, atom))),
            seq(self._total(atom, text), _signs(), Choice((number, atom))),
        ]
        return self._tokens.rules.rule("c", Choice((*compared, seq("not ", atom), atom)))

    def value(self, atom: Node, text: Node) -> Node:
        """Return the values of `=`."""
        rules = self._tokens.rules
        total = self._total(atom, text)
        left = Choice((total, atom))
        sums = seq(
            left,
            rules.rule("o", Choice(tuple(Text(f" {sign} ") for sign in "+-*"))),
            Choice((self._tokens.number, left)),
        )
        parts = seq(left, Text(" / "), atom)
        lists = seq("[", self._each(atom, text), "]")
        return rules.rule("x", Choice((sums, parts, total, lists, seq("sorted(", atom, ")"), atom)))

    def _total(self, atom: Node, text: Node) -> Node:
        """Return `len($1)` and its like."""
        name = Choice(tuple(Text(f"{one}(") for one in _SUMS))
        return self._tokens.rules.rule("t", seq(name, Choice((atom, self._each(atom, text))), ")"))

    def _each(self, atom: Node, text: Node) -> Node:
        """Return `x.amount for x in $1 if x.due > 3`."""
        rules = self._tokens.rules
        x = rules.terminal("X", seq("x", self.path))
        test = Choice((seq(x, _signs(), Choice((self._tokens.number, text, x))), seq("not ", x), x))
        return rules.rule("g", seq(x, " for x in ", atom, optional(seq(" if ", test))))


def _signs() -> Node:
    return Choice(tuple(Text(f" {sign} ") for sign in _COMPARES))


def _fields(type_: Type) -> Iterator[str]:
    """Yield the names of the fields of a type that may stand behind a dot, those inside of it, too."""
    match type_:
        case RecordType(fields=fields):
            for field in fields:
                if (
                    field.name.isidentifier()
                    and field.name.isascii()
                    and not iskeyword(field.name)
                    and field.name[0] != "_"
                ):
                    yield field.name
                yield from _fields(field.type)
        case ListType(item):
            yield from _fields(item)
        case DictType(value):
            yield from _fields(value)
        case UnionType(members):
            for member in members:
                yield from _fields(member)
        case _:
            pass
