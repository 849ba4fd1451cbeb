"""Read small text files that may be anything: missing, a folder, a pipe, huge, not text."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

MAX_BYTES: Final = 4 * 1024 * 1024


class Unreadable(Exception):
    """A file that can't be read as text. The message says why, in lower case."""


def read_text_file(path: Path) -> str:
    """Return the text of a regular file of UTF-8, a byte order mark left out; raise Unreadable."""
    try:
        data = _read(path)
    except ValueError:
        raise Unreadable("its name holds a null character") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise Unreadable(reason[:1].lower() + reason[1:]) from None
    if len(data) > MAX_BYTES:
        raise Unreadable(f"it is larger than {MAX_BYTES:,} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"it is not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start:,}") from None


def _read(path: Path) -> bytes:
    """Read a little more than the limit; opening must not wait for the other end of a pipe."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Unreadable("it is not a regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(MAX_BYTES + 1)
    finally:
        os.close(descriptor)
