"""Find tools by words: BM25 over their names, descriptions, parameters and records, by SQLite's full-text index.

BM25 is that of Robertson and others, "Okapi at TREC-3", 1994, with SQLite's constants and weights of its own for the three texts of a tool.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from typing import Final
from weakref import finalize

from lcc.grammar.signatures import Signature
from lcc.grammar.signatures.tool_text import ToolTexts

_WORD: Final = re.compile(r"[A-Za-z]+|\d+|[^\W\d_]+")
MOST_WORDS: Final = 60
"""Words of a query that count."""


class ToolIndex:
    """Tools in the order in which they fit a query."""

    def __init__(self, tools: Iterable[Signature]) -> None:
        self._names: list[str] = []
        self._index = sqlite3.connect(":memory:", check_same_thread=False)
        finalize(self, self._index.close)
        self._index.execute("CREATE VIRTUAL TABLE tools USING fts5(name, about, fields, tokenize = 'porter unicode61')")
        for tool in tools:
            self._names.append(tool.name)
            fields = " ".join([*(f"{p.name} {p.description}" for p in tool.parameters), *ToolTexts([tool]).records()])
            row = (_words(tool.name), f"{_words(tool.description)} {tool.description}", _words(fields))
            self._index.execute("INSERT INTO tools VALUES (?, ?, ?)", row)

    def search(self, query: str, limit: int) -> list[str]:
        """Return the names of up to `limit` tools, the best first; of an empty query the first ones."""
        words = list(dict.fromkeys(_words(query).split()))[:MOST_WORDS]
        if not words:
            return self._names[:limit]
        asked = " OR ".join(f'"{word}"' for word in words)
        found = self._index.execute(
            "SELECT rowid FROM tools WHERE tools MATCH ? ORDER BY bm25(tools, 4.0, 2.0, 1.0) LIMIT ?", (asked, limit)
        )
        return [self._names[row - 1] for (row,) in found]


def _words(text: str) -> str:
    """Return the words of a text, those in a camelCase or snake_case name apart."""
    apart = re.sub(r"([a-z\d])([A-Z])", r"\1 \2", text)
    return " ".join(word.lower() for word in _WORD.findall(apart))
