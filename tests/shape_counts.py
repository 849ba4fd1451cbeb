"""Count the shapes that random programs and their runs reach, over all workers, and print them with the seeds behind the tests."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from random import SystemRandom
from typing import Final

import pytest

SEED: Final = int(os.environ.get("LCC_SEED") or SystemRandom().randrange(1 << 32))
"""What the long tests draw their programs by; set LCC_SEED to that of a run to draw them again."""

REACHED: Final[Counter[str]] = Counter()
_seeds: Final[set[int]] = set()


def count(shapes: Iterable[str]) -> None:
    """Count some shapes, once each."""
    REACHED.update(set(shapes))


def used_seed() -> int:
    """Return the seed for a long test, and have it printed."""
    _seeds.add(SEED)
    return SEED


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over what a worker of xdist counted."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["shapes"], output["seeds"] = dict(REACHED), sorted(_seeds)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Take what a worker counted."""
    output = getattr(node, "workeroutput", {})
    REACHED.update(output.get("shapes", {}))
    _seeds.update(output.get("seeds", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the counts, and the seeds."""
    if not REACHED:
        return
    terminalreporter.section("shapes of random programs")
    for name, number in sorted(REACHED.items()):
        terminalreporter.line(f"{number:7,}  {name}")
    if _seeds:
        terminalreporter.line(f"LCC_SEED={','.join(map(str, sorted(_seeds)))}")
