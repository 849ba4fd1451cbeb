"""Count the lines of Python that a call runs: a measure of its work that no machine and no load changes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def lines_run(function: Callable[[], object]) -> int:
    """Call a function; return how many lines were run for it. What is done but once should have been done before."""
    count = 0

    def line(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal count
        count += event == "line"
        return line

    before = sys.gettrace()
    sys.settrace(lambda *_: line)
    try:
        function()
    finally:
        sys.settrace(before)
    return count
