"""Read small text files that may be anything: missing, a folder, a pipe, huge, not text."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.runtime.journal.regular_files import read_regular

MAX_BYTES: Final = 4 * 1024 * 1024


class Unreadable(Exception):
    """A file that can't be read as text. The message says why, in lower case."""


class NotText(Unreadable):
    """A file that is not UTF-8."""


def read_text_file(path: Path, limit: int = MAX_BYTES) -> str:
    """Return the text of a regular file of UTF-8, a byte order mark left out; raise Unreadable. `limit` is in bytes."""
    try:
        data = read_regular(path, limit)
    except ValueError:
        raise Unreadable("its name holds a null character") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise Unreadable(reason[:1].lower() + reason[1:]) from None
    if len(data) > limit:
        raise Unreadable(f"it is larger than {limit:,} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotText(f"it is not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start:,}") from None


UNREADABLE: Final = "P090"


RULES: Final = (
    Rule(
        UNREADABLE,
        "unreadable-file",
        "a file can't be read or written",
        "The operating system refused: the file doesn't exist, is a folder, or belongs to somebody else.",
        bad="",
        good="",
    ),
)


def cache_folder() -> Path:
    """Return where cached plans are kept by default."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lcc" / "plans"
