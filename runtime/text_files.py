"""Read files that somebody else names, and that may be anything: missing, a folder, a pipe without an end, huge, not text."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

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


def read_regular(path: str | Path, limit: int) -> bytes:
    """Return the bytes of a regular file, a little more than `limit` at most; raise OSError, or ValueError for a NUL in the path.

    Opening doesn't wait for the other end of a pipe.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("it is not a regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(limit + 1)
    finally:
        os.close(descriptor)
