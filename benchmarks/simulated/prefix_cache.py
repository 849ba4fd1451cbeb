"""Account for prompts that begin like an earlier one, as OpenAI does: in blocks of 128 tokens, from 1,024 tokens on.

The rule is that of OpenAI's guide to prompt caching. Servers of one's own differ: vLLM caches every full block of 16.
"""

from __future__ import annotations

from collections.abc import Sequence


class PrefixCache:
    """The beginnings of all prompts so far. Nothing is evicted: a benchmark's prompts would all fit."""

    def __init__(self, block: int = 128, minimum: int = 1_024) -> None:
        self._block = block
        self._minimum = minimum
        self._seen: set[int] = set()

    def cached(self, prompt: Sequence[int]) -> int:
        """Return how many tokens of a prompt are cached, and remember the prompt."""
        found = 0
        running = 0
        hit = True
        for end in range(self._block, len(prompt) + 1, self._block):
            running = hash((running, *prompt[end - self._block : end]))
            hit = hit and running in self._seen
            if hit:
                found = end
            else:
                self._seen.add(running)
        return found if found >= self._minimum else 0
