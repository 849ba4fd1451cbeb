"""Collect the definitions of a grammar. Equal bodies share a name, so that tools that take the same share their rules."""

from __future__ import annotations

from typing import Final

from lcc.grammar.constrain.nodes import Choice, Definition, Grammar, Name, Node, Repeat, Sequence

MOST_NODES: Final = 200_000
"""Parts of a grammar: a megabyte of text or two, more than an endpoint takes."""


class GrammarTooLarge(ValueError):
    """A toolset and its bounds make too large a grammar. The message says what to do."""


class Rules:
    """The definitions so far."""

    def __init__(self) -> None:
        self._bodies: dict[str, Node] = {}
        self._names: dict[tuple[bool, Node], Name] = {}
        self._counts: dict[str, int] = {}
        self._size = 0

    def rule(self, hint: str, body: Node) -> Name:
        """Return the rule of that body: the one that there is, or a new one whose name begins with `hint`."""
        return self._define(hint, body, False)

    def terminal(self, hint: str, body: Node) -> Name:
        """Return the terminal of that body, likewise."""
        return self._define(hint, body, True)

    def grammar(self, start: Node) -> Grammar:
        """Return the grammar whose plans are `start`."""
        self._bodies["start"] = start
        kept = _reached(self._bodies)
        definitions = [Definition(name, body) for name, body in self._bodies.items() if name in kept]
        definitions.sort(key=lambda one: (one.name != "start", one.name.isupper()))
        return Grammar("start", tuple(definitions))

    def _define(self, hint: str, body: Node, terminal: bool) -> Name:
        known = self._names.get((terminal, body))
        if known is not None:
            return known
        self._size += _size(body)
        if self._size > MOST_NODES:
            raise GrammarTooLarge(
                "the grammar of these tools is too large; allow fewer tasks, items or nesting, or give fewer tools"
            )
        self._counts[hint] = self._counts.get(hint, 0) + 1
        name = Name(f"{hint}{self._counts[hint]}")
        self._bodies[name.name] = body
        self._names[terminal, body] = name
        return name


def _reached(bodies: dict[str, Node]) -> set[str]:
    found: set[str] = set()
    todo = ["start"]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += _names_in(bodies[name])
    return found


def _names_in(node: Node) -> list[str]:
    match node:
        case Name(name):
            return [name]
        case Sequence(parts) | Choice(parts):
            return [name for part in parts for name in _names_in(part)]
        case Repeat(body):
            return _names_in(body)
        case _:
            return []


def _size(node: Node) -> int:
    match node:
        case Sequence(parts) | Choice(parts):
            return 1 + sum(_size(part) for part in parts)
        case Repeat(body):
            return 1 + _size(body)
        case _:
            return 1
