"""What the benchmark of a cluster calls on its nodes: tools that leave a line for each call, and say which node made it."""

from __future__ import annotations

import os
import time

import lcc

NODE = os.getppid()
"""The raylet whose child this worker is. One whose raylet was killed gets another parent while it ends."""
SECONDS = 0.001
"""How long a call takes."""


def left(folder: str, kind: str, key: int, seconds: float) -> int:
    """Add a line to the file of a kind of call; return the process number of the node's raylet."""
    line = os.open(os.path.join(folder, kind), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(line, f"{key}\n".encode())
    finally:
        os.close(line)
    time.sleep(seconds)
    return NODE


@lcc.tool(effect="read", isolation="ray", retries=5)
def look(folder: str, key: int, seconds: float = SECONDS) -> int:
    """Read something."""
    return left(folder, "reads", key, seconds)


@lcc.tool(effect="write", isolation="ray", resource="row:{key}")
def note(folder: str, key: int, seconds: float = SECONDS) -> int:
    """Change something, once."""
    return left(folder, "writes", key, seconds)
