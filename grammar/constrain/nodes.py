"""Hold a context-free grammar as data, whatever notation it is then written in.

A terminal is what a lexer reads as one token; it refers only to terminals. Rules refer to both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias


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
