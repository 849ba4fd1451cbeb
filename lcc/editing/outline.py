"""List the statements of a text, those of blocks inside of what holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lcc.editing.open_text import OpenText
from lcc.grammar.drawing.words import join_words, statement_words
from lcc.grammar.ir import NOWHERE, Block, InputDecl, Join, Statement, Task
from lcc.grammar.ir.blocks import blocks_of
from lcc.grammar.source import Span

LONGEST: Final = 120
DEEPEST: Final = 20


@dataclass(frozen=True)
class Entry:
    """A statement of an outline. `span` covers its blocks, `head` doesn't. `kind`: input, call, step or join."""

    kind: str
    name: str
    span: Span
    head: Span
    inside: tuple[Entry, ...] = ()


def outline(text: OpenText) -> list[Entry]:
    """Return the outline of a text, as far as it can be read."""
    plan = text.parsed.plan
    entries = [_entry("input", _input_words(one), one.span) for one in plan.inputs]
    entries += _block(text.block, DEEPEST)
    if isinstance(plan.join, Join):
        entries.append(_entry("join", join_words(plan.join), plan.join.span))
    return [entry for entry in entries if entry.span != NOWHERE]


def _input_words(declared: InputDecl) -> str:
    return f"input {declared.name}: {declared.type}"


def _block(block: Block, depth: int) -> list[Entry]:
    return [found for one in block for found in _statement(one, depth)] if depth else []


def _statement(statement: Statement, depth: int) -> list[Entry]:
    inside = [entry for block in blocks_of(statement) for entry in _block(block, depth - 1)]
    if statement.span == NOWHERE:
        return inside
    kind = "call" if isinstance(statement, Task) else "step"
    return [_entry(kind, statement_words(statement), statement.span, inside)]


def _entry(kind: str, words: str, head: Span, inside: list[Entry] | None = None) -> Entry:
    span = head
    for entry in inside or ():
        span = span.cover(entry.span)
    name = words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
    return Entry(kind, name or kind, span, head, tuple(inside or ()))
