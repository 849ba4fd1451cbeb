"""Describe a repair: its code, what it says, and whether it counts against a call that writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lcc.grammar.diagnostics import Rule

EXAMPLE_TOOLS: Final = (
    "def search(query: str) -> str: ...\n"
    "def math(expression: str) -> float: ...\n"
    "def translate(text: str, target_lang: str) -> str: ...\n"
    "def summarize(text: str | list, max_words: int = 50) -> str: ...\n"
)
"""The tools that the examples call."""


@dataclass(frozen=True, slots=True)
class Repair:
    """One idea of how a model's text differs from the language, and what it means.

    `message`: the fact, for a diagnostic. `fix`: what the change does. `counts`: whether a task that it touched was read
    otherwise than it is written; numbering, fences and prose don't count. `safe`: the change may be made without being asked
    for, since every reader would read the text so and the rest of it means the same afterwards.
    """

    rule: Rule
    message: str
    fix: str
    counts: bool = True
    safe: bool = False

    @property
    def code(self) -> str:
        """The code of its diagnostics."""
        return self.rule.code
