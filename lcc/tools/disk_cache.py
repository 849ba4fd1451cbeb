"""Keep texts for a while in an SQLite file that many processes may use at once.

A cache that can't be read or written is an empty one: nothing fails because of it.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from anyio import to_thread

_ENTRIES: Final = 10_000
"""How many texts are kept at most; those that expire first go first."""
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS texts (key TEXT PRIMARY KEY, expires REAL NOT NULL, text TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_expiry ON texts (expires);
"""


@dataclass(frozen=True, slots=True)
class DiskCache:
    """Texts by key. `seconds`: how long each is kept. `clock` tells the time, as `time.time` does."""

    path: Path
    seconds: float
    clock: Callable[[], float] = time.time

    async def get(self, key: str) -> str | None:
        """Return the text of a key, if it is there and hasn't expired."""
        return await to_thread.run_sync(self._get, key)

    async def put(self, key: str, text: str) -> None:
        """Keep a text."""
        await to_thread.run_sync(self._put, key, text)

    def _get(self, key: str) -> str | None:
        try:
            with self._open() as file:
                row = file.execute(
                    "SELECT text FROM texts WHERE key = ? AND expires > ?", (key, self.clock())
                ).fetchone()
        except (sqlite3.Error, OSError):
            return None
        return row[0] if row is not None and isinstance(row[0], str) else None

    def _put(self, key: str, text: str) -> None:
        now = self.clock()
        try:
            with self._open() as file:
                file.execute("INSERT OR REPLACE INTO texts VALUES (?, ?, ?)", (key, now + self.seconds, text))
                file.execute("DELETE FROM texts WHERE expires <= ?", (now,))
                file.execute(
                    "DELETE FROM texts WHERE key IN (SELECT key FROM texts ORDER BY expires DESC LIMIT -1 OFFSET ?)",
                    (_ENTRIES,),
                )
        except (sqlite3.Error, OSError, UnicodeEncodeError):
            return

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one transaction; others wait for theirs."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with closing(sqlite3.connect(self.path, timeout=5)) as file, file:
            file.execute("PRAGMA journal_mode = WAL")
            file.executescript(_SCHEMA)
            yield file
