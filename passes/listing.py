"""Name a few of many in a message."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice

SHOWN = 5


def listed(names: Collection[object], shown: int = SHOWN) -> str:
    """Return the first few names, and whether there are more: `1, 2, 3[0], …`."""
    return ", ".join(map(str, islice(names, shown))) + (", …" if len(names) > shown else "")
