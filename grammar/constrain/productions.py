"""Hold a context-free grammar as data, whatever notation it is then written in, and collect its definitions.

A terminal is what a lexer reads as one token; it refers only to terminals. Rules refer to both. Equal bodies share a name, so
that tools that take the same share their rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Text:
    """Exactly these characters, at least one."""

    text: str


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of a class: ranges of characters with both ends, or any other character if `negated`."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """What a definition of that name says. Names are letters and digits: terminals in capitals, rules in small letters."""

    name: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """One part after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several. A lexer that takes the first that matches is given the longer ones first."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part `least` to `most` times."""

    body: Node
    least: int
    most: int


Node: TypeAlias = Text | Chars | Name | Sequence | Choice | Repeat


@dataclass(frozen=True, slots=True)
class Definition:
    """A name and what it stands for."""

    name: str
    body: Node


@dataclass(frozen=True, slots=True)
class Grammar:
    """A grammar: what `start` derives. Every name that is used is defined once."""

    start: str
    definitions: tuple[Definition, ...]


def chars(*ranges: str) -> Chars:
    """Return a class: each range is one character, or the first and last of several."""
    return Chars(_ends(ranges))


def other_than(*ranges: str) -> Chars:
    """Return the class of all other characters."""
    return Chars(_ends(ranges), negated=True)


def _ends(ranges: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return both ends of each range, those last that are written by number: xgrammar takes all hex digits after `\\x`."""
    return tuple(sorted(((one[0], one[-1]) for one in ranges), key=lambda ends: not ends[0].isprintable()))


def seq(*parts: Node | str) -> Node:
    """Return parts one after the other. Texts stay apart: a lexer that has begun a longer token doesn't go back to a shorter one."""
    flat: list[Node] = []
    for part in parts:
        flat += part.parts if isinstance(part, Sequence) else (Text(part) if isinstance(part, str) else part,)
    return flat[0] if len(flat) == 1 else Sequence(tuple(flat))


def choice(options: Iterable[Node]) -> Node | None:
    """Return one of several, each once; None where there is none."""
    flat: dict[Node, None] = {}
    for option in options:
        flat.update(dict.fromkeys(option.options if isinstance(option, Choice) else (option,)))
    if not flat:
        return None
    return next(iter(flat)) if len(flat) == 1 else Choice(tuple(flat))


def optional(body: Node) -> Node:
    """Return a part or nothing."""
    return Repeat(body, 0, 1)


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
