"""Be watched from outside while running in another process. Top-level functions, so that it can be told to call them."""

from __future__ import annotations

import os
import signal
import socket
from typing import NoReturn


def call_home_and_block(port: int) -> NoReturn:
    """Connect to a port of this machine, then compute for ever; the connection ends with the process."""
    line = socket.create_connection(("127.0.0.1", port))
    line.sendall(b"started")
    for ignored in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    while True:
        pass


def die_the_first_time(path: str) -> int:
    """Add a line to a file and kill the process; the next time return how many lines there are."""
    with open(path, "a+") as file:
        file.write("called\n")
        file.seek(0)
        calls = len(file.readlines())
    if calls == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return calls


async def double(value: int) -> int:
    """Return twice a number, from a coroutine."""
    return 2 * value


def same(value: object) -> object:
    """Return what it is given."""
    return value
