"""Say how fast the simulated models and tools are.

A model call takes `first` seconds and `prompt_token` for each prompt token that isn't cached until its first token, and `token`
for each further one. Each of the two parts is multiplied by a log-normal factor of mean 1, drawn from a hash of the seed, the
question and the place of the call in it: so every strategy meets the same luck, whatever the order of its calls. A tool's time is drawn in
the same way from its name and its arguments, so that every strategy waits as long for the same call.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast everything is, in seconds. `at_once`: model calls that are served at the same time; 0 is no limit.

    `tools`: the mean of a tool by its name, as a multiple of `tool`; 1 for one that isn't named.
    """

    first: float = 0.3
    token: float = 0.02
    prompt_token: float = 0.00005
    jitter: float = 0.1
    tool: float = 0.5
    tool_jitter: float = 0.3
    tools: Mapping[str, float] = field(default_factory=lambda: {"math": 0.4})
    at_once: int = 0
    seed: int = 0

    def offsets(self, count: int, uncached: int, *key: object) -> list[float]:
        """Return when each of `count` tokens comes, in seconds from the arrival of the request."""
        drawn = self._draw("model", *key)
        first = self.first * _factor(drawn, self.jitter) + self.prompt_token * uncached
        each = self.token * _factor(drawn, self.jitter)
        return [first + each * place for place in range(max(1, count))]

    def tool_seconds(self, tool: str, *arguments: object) -> float:
        """Return how long a call of a tool takes."""
        mean = self.tool * self.tools.get(tool, 1.0)
        return mean * _factor(self._draw("tool", tool, *arguments), self.tool_jitter)

    def _draw(self, *key: object) -> random.Random:
        return random.Random(hashlib.sha256("\0".join(map(repr, (self.seed, *key))).encode()).digest())


def _factor(drawn: random.Random, sigma: float) -> float:
    """Return a log-normal factor of mean 1; always take a number, so that what follows doesn't depend on sigma."""
    return math.exp(sigma * drawn.gauss(0.0, 1.0) - sigma * sigma / 2)
