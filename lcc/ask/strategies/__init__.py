"""Name the ways to answer a question, and what each of them takes.

    lcc              plan, run, join, replan                                    arXiv 2312.04511
    react            think, make one call, look at its result, and again        arXiv 2210.03629
    openai-parallel  the endpoint's own tool calls, those of a turn at once
    rewoo            plan all calls, make them, answer                          arXiv 2305.18323
    skeleton         the points of an answer, all written out at once           arXiv 2307.15337

In: a question with its tools, models, limits and history, the same for all. Out: the same `Answer`.
Must not know: one another, and who asked.

Read `plan_and_join`, then `react` with `react_reply`; the others are like it. They share `call_runner` and `call_text` (calls),
`replies` and `examples`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from lcc.grammar.given import in_brief

STRATEGIES: Final = ("lcc", "react", "openai-parallel", "rewoo", "skeleton")

LOOPS: Final = frozenset({"react", "openai-parallel"})
"""Those that ask a model after each step what to do next."""

_TAKERS: Final[Mapping[str, tuple[str, ...]]] = {
    "examples": ("lcc", "react", "rewoo", "skeleton"),
    "max_replans": ("lcc",),
    "max_steps": ("react", "openai-parallel"),
    "level": ("lcc",),
    "plan": ("lcc",),
    "plan_cache": ("lcc",),
    "parallel_workers": ("rewoo",),
    "result_tokens": ("lcc", "react", "openai-parallel", "rewoo"),
    "answer_type": ("lcc", "react", "openai-parallel", "rewoo"),
    "save_plan": ("lcc", "react", "openai-parallel", "rewoo"),
    "joiner": ("lcc", "rewoo", "skeleton"),
    "constrain": ("lcc",),
    "plan_bounds": ("lcc",),
    "language": ("lcc",),
    "approve_plan": ("lcc",),
    "tool_search": ("lcc", "react", "openai-parallel", "rewoo"),
}
"""Which strategies take an option; one that isn't named is taken by all."""


def check_options(strategy: str, given: Iterable[str], spelt: Mapping[str, str] = MappingProxyType({})) -> None:
    """Raise ValueError for a strategy that there isn't, and for an option that would do nothing with it.

    `spelt`: what the user calls an option.
    """
    if strategy not in STRATEGIES:
        raise ValueError(f"there is no strategy {in_brief(strategy)}: it is one of {', '.join(STRATEGIES)}")
    for name in given:
        takers = _TAKERS.get(name, STRATEGIES)
        if strategy not in takers:
            raise ValueError(
                f"the strategy {strategy} has no use for `{spelt.get(name, name)}`; it belongs to {', '.join(takers)}"
            )


LANGUAGES: Final = ("plan", "steps", "python")
"""What plans are written in."""


def check_language(language: str, given: Iterable[str], spelt: Mapping[str, str] = MappingProxyType({})) -> None:
    """Raise ValueError for a language that there isn't, and for an option that belongs to plans alone. `spelt` as above."""
    if language not in LANGUAGES:
        raise ValueError(f"there is no language {in_brief(language)} of plans: it is one of {', '.join(LANGUAGES)}")
    for name in given if language != "plan" else ():
        said = spelt.get(name, name)
        if language == "python" and name in ("constrain", "plan_bounds"):
            raise ValueError(
                f"`{said}` holds a model to the grammar of plans, and there is none of programs: leave it out"
            )
        if name == "level":
            raise ValueError(
                f"`{said}` is about plans of calls: what is written here runs as it stands, and has no use for it"
            )


def check_tools(strategy: str, names: Collection[str]) -> None:
    """Raise ValueError for tools that a strategy can't use."""
    if strategy == "react" and any(name.casefold() == "finish" for name in names):
        raise ValueError("the strategy react ends with Finish(…), so it can't have a tool of that name")
    if strategy == "skeleton" and names and "expand" not in names:
        raise ValueError("the strategy skeleton calls no tools, except one that is called `expand` and writes a point")
