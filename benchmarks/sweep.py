"""Name the points of a sweep over the speeds of models and tools.

Tokens and money don't depend on the point; latency does. The points are a full grid: a fast, a usual and a slow value of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from benchmarks.simulated.pace import Pace

FIRST = (0.1, 0.3, 1.0)
TOKEN = (0.005, 0.02, 0.05)
TOOL = (0.1, 0.5, 2.0)
STRATEGIES = ("lcc", "react", "openai-parallel", "tree-of-thoughts", "lats")
"""Those that are compared over the sweep, where an evaluation has them."""
QUESTIONS = {"game24": 1}
"""Questions at each point; `FEW` of an evaluation that isn't named. A game takes some eighty model calls. A tree search in WebShop takes between
five and two hundred, so that one wish would say nothing."""
FEW = 4


def points(pace: Pace) -> Iterator[tuple[str, Pace]]:
    """Yield the points by their names, `first/token/tool` in seconds; all else is as in the given pace."""
    for first, token, tool in product(FIRST, TOKEN, TOOL):
        yield f"{first:g}/{token:g}/{tool:g}", replace(pace, first=first, token=token, tool=tool)
