"""Read files that somebody else names, and that may be anything: a folder, a pipe without an end, a device that never ends."""

from __future__ import annotations

import os
import stat
from pathlib import Path


class NotRegular(OSError):
    """What a path names is no regular file."""


def read_regular(path: str | Path, limit: int) -> bytes:
    """Return the bytes of a regular file, a little more than `limit` at most; raise OSError, or ValueError for a NUL in the path.

    Opening doesn't wait for the other end of a pipe.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotRegular("it is not a regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(limit + 1)
    finally:
        os.close(descriptor)
