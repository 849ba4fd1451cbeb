"""Hold the paper's figures (arXiv 2312.04511), to stand beside what is measured here.

Latency, cost and tokens are of GPT-3.5 (HotpotQA, Movie Recommendation), GPT-4 turbo (ParallelQA), GPT-4 (Game of 24) and GPT-3.5
(WebShop), at the speeds of the time. `faster`, `cheaper`: of LLMCompiler, beside a strategy.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What the paper says of a strategy beside LLMCompiler; None where it says nothing. `prompt`, `completion`: tokens a question."""

    faster: float | None = None
    cheaper: float | None = None
    prompt: int | None = None
    completion: int | None = None


FIGURES = {
    ("hotpotqa", "react"): Figure(7.12 / 3.95, 3.37, 2900, 120),
    ("hotpotqa", "openai-parallel"): Figure(4.42 / 3.95, None, 2500, 63),
    ("hotpotqa", "lcc"): Figure(None, None, 1300, 80),
    ("movie", "react"): Figure(20.47 / 5.47, 6.73, 20000, 230),
    ("movie", "openai-parallel"): Figure(7.42 / 5.47, None, 5800, 160),
    ("movie", "lcc"): Figure(None, None, 2800, 115),
    ("parallelqa", "react"): Figure(35.90 / 16.69, 4.65, 46000, 470),
    ("parallelqa", "openai-parallel"): Figure(None, None, 25000, 370),
    ("parallelqa", "lcc"): Figure(None, None, 9200, 340),
    ("game24", "tree-of-thoughts"): Figure(241.2 / 83.6),
    ("webshop", "lats"): Figure(1066 / 10.72),
}

STREAMING = {"hotpotqa": 1.01, "movie": 1.03, "parallelqa": 1.30}
"""How much faster the paper's system is if the plan is streamed."""
