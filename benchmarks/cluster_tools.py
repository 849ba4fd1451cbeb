"""What the benchmark of a cluster calls on its nodes: tools that leave a line for each call, and say which node made it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import lcc

NODE = os.getppid()
"""The raylet whose child this worker is. One whose raylet was killed gets another parent while it ends."""
SECONDS = 0.001
"""How long a call takes."""
_PATIENCE = 60.0
"""Seconds that a call waits for the end of its node, before it goes on as if nothing was."""


def left(folder: str, kind: str, key: int) -> int:
    """Add a line to the file of a kind of call; return the process number of the node's raylet.

    In a node that is to be killed (its process number stands in the file `doomed`), say so in the file `met` and wait for that.
    """
    line = os.open(os.path.join(folder, kind), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(line, f"{key}\n".encode())
    finally:
        os.close(line)
    time.sleep(SECONDS)
    if os.path.exists(doomed := os.path.join(folder, "doomed")) and Path(doomed).read_text() == str(NODE):
        Path(folder, "met").touch()
        time.sleep(_PATIENCE)
    return NODE


@lcc.tool(effect="read", isolation="ray", retries=5)
def look(folder: str, key: int) -> int:
    """Read something."""
    return left(folder, "reads", key)


@lcc.tool(effect="write", isolation="ray", resource="row:{key}")
def note(folder: str, key: int) -> int:
    """Change something, once."""
    return left(folder, "writes", key)
