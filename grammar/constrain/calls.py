"""Turn declarations into the calls that they admit: arguments by position, then keywords in the order of declaration.

A call has one argument with `each` at most, so the rest of a call comes in two forms: `each` still allowed, or used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lcc.grammar.constrain.bounds import ARGUMENTS
from lcc.grammar.constrain.productions import Node, Rules, Text, choice, optional, seq
from lcc.grammar.constrain.typed_values import Values
from lcc.grammar.signatures import Parameter, Signature
from lcc.grammar.signatures.calling import positional
from lcc.grammar.syntax.print_value import print_keyword


def calls(rules: Rules, signatures: Iterable[Signature], values: Values) -> Node | None:
    """Return the calls that one line may hold; None if there is none."""
    found = (_call(rules, signature, values) for signature in signatures)
    return choice(call for call in found if call is not None)


def _call(rules: Rules, signature: Signature, values: Values) -> Node | None:
    arguments = _Arguments(rules, signature.parameters, values)
    inner = arguments.all()
    if inner is None and not arguments.may_be_empty:
        return None
    body: list[Node | str] = [f"{signature.name}("]
    if inner is not None:
        body.append(optional(inner) if arguments.may_be_empty else inner)
    return seq(*body, ")")


class _Arguments:
    """The arguments of one tool in one line."""

    def __init__(self, rules: Rules, parameters: tuple[Parameter, ...], values: Values) -> None:
        given = parameters[:ARGUMENTS]
        self._rules = rules
        self._parameters = given
        self._values = values
        self._possible = not any(p.required for p in parameters[ARGUMENTS:])
        self.may_be_empty = not any(p.required for p in parameters)
        self._tails: dict[tuple[int, bool], tuple[bool, Node | None]] = {}

    def all(self) -> Node | None:
        """Return one argument or more; None if there can be none."""
        if not self._possible:
            return None
        return choice(one for one in (self._by_place(0, True), *self._by_name_first()) if one is not None)

    def _by_name_first(self) -> Iterator[Node]:
        """Yield what a call without positional arguments holds."""
        for place, parameter in enumerate(self._parameters):
            yield from self._keyword(place, True)
            if parameter.required:
                return

    def _by_place(self, place: int, spread: bool) -> Node | None:
        """Return the positional argument at a place with all that follows it."""
        by_place = positional(self._parameters)
        if place >= len(by_place) or by_place[place] is not self._parameters[place]:
            return None
        parameter = by_place[place]
        found = []
        for value, each in self._given(parameter, spread):
            complete, rest = self._after(place + 1, spread and not each)
            if complete or rest is not None:
                found.append(value if rest is None else seq(value, optional(rest) if complete else rest))
        whole = choice(found)
        return None if whole is None else self._rules.rule("p", whole)

    def _after(self, place: int, spread: bool) -> tuple[bool, Node | None]:
        """Return whether nothing may follow, and what may."""
        complete, tail = self._tail(place, spread)
        next_one = self._by_place(place, spread) if place < len(self._parameters) else None
        options = [] if next_one is None else [seq(", ", next_one)]
        return complete, choice(options if tail is None else [*options, tail])

    def _tail(self, place: int, spread: bool) -> tuple[bool, Node | None]:
        """Return whether the call may end before the parameter at a place, and which keywords may follow there."""
        if place == len(self._parameters):
            return True, None
        key = (place, spread)
        if key not in self._tails:
            options = list(self._keyword(place, spread, comma=True))
            complete = False
            if not self._parameters[place].required:
                complete, later = self._tail(place + 1, spread)
                options += [] if later is None else [later]
            tail = choice(options)
            self._tails[key] = (complete, None if tail is None else self._rules.rule("k", tail))
        return self._tails[key]

    def _keyword(self, place: int, spread: bool, *, comma: bool = False) -> Iterator[Node]:
        """Yield the parameter at a place by its name, with the keywords that follow it."""
        parameter = self._parameters[place]
        found = []
        for value, each in () if parameter.positional_only else self._given(parameter, spread):
            complete, rest = self._tail(place + 1, spread and not each)
            if complete or rest is not None:
                found.append(value if rest is None else seq(value, optional(rest) if complete else rest))
        whole = choice(found)
        if whole is not None:
            keyword: Node = Text(f"{print_keyword(parameter.name)}=")
            named = seq(self._rules.terminal("KW", keyword), whole)
            yield seq(", ", named) if comma else named

    def _given(self, parameter: Parameter, spread: bool) -> Iterator[tuple[Node, bool]]:
        """Yield what a parameter may be given, and whether that makes the call a fan-out."""
        value = self._values.of(parameter.type)
        if value is not None:
            yield value, False
        many = self._values.spread(parameter.type) if spread else None
        if many is not None:
            yield seq("each ", many), True
