"""Serve calls in a process of their own: requests come as JSON lines on standard input, replies go out on standard output.

What a tool prints goes to standard error, so that it can't be taken for a reply. When the parent is gone, however it went, the
input ends and the process leaves at once, also from the middle of a call.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import BinaryIO

from lcc.runtime.backends.answering import answer
from lcc.runtime.tool import Tool


def main() -> None:
    """Serve until the input ends."""
    requests, replies = _private_streams()
    queue: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_read, args=(requests, queue), daemon=True).start()
    tools: dict[str, Tool] = {}
    while True:
        reply = answer(json.loads(queue.get()), tools)
        with suppress(Exception):  # of a stream that a tool put there
            sys.stdout.flush()
        replies.write(json.dumps(reply).encode() + b"\n")
        replies.flush()


def _private_streams() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes for this module, and give the tools an empty input and the error stream."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    os.dup2(2, 1)
    sys.stdout = (
        sys.stderr
    )  # written line by line, and after each call: this process leaves without writing out what waits
    return requests, replies


def _read(requests: BinaryIO, queue: SimpleQueue[bytes]) -> None:
    for line in requests:
        queue.put(line)
    os._exit(0)
