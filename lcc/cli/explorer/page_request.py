"""Read what a page asks for, within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lcc.grammar.values import Json

MOST_TEXT: Final = 200_000
"""Characters of a text that is explored."""
PANES: Final = {
    "ir": "IR", "passes": "Passes", "graph": "Graph", "estimate": "Estimate", "prompt": "Prompt", "plan": "Plan file", "python": "Python", "run": "Run",
}  # fmt: skip
"""The tabs, each with its title."""


class WrongRequest(ValueError):
    """A request that the page doesn't make. The message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A text, how it is read and optimized, and what is to be shown. `passes`: instead of the level's; `runs`: it is to be run, with `inputs`, JSON text."""

    text: str
    front_end: str = "plan"
    level: int = 2
    passes: tuple[str, ...] | None = None
    pane: str = "ir"
    inputs: str = ""
    runs: bool = False


def read_asked(given: Json) -> Asked:
    """Return what a request asks for; raise WrongRequest."""
    if not isinstance(given, Mapping):
        raise WrongRequest("a request is a JSON object")
    text, front_end, inputs = (_text(given, name) for name in ("text", "front_end", "inputs"))
    level, pane, passes = given.get("level"), given.get("pane"), given.get("passes")
    if type(level) is not int or not 0 <= level <= 3:
        raise WrongRequest("`level` is 0 to 3")
    if pane not in PANES:
        raise WrongRequest(f"`pane` is one of {', '.join(PANES)}")
    if passes is not None and not (isinstance(passes, list) and len(passes) <= 100):
        raise WrongRequest("`passes` is null or a list of names")
    return Asked(
        text,
        front_end,
        level,
        None if passes is None else tuple(map(str, passes)),
        str(pane),
        inputs,
        given.get("runs") is True,
    )


def _text(given: Mapping[str, Json], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str):
        raise WrongRequest(f"`{name}` is a text")
    if len(value) > MOST_TEXT:
        raise WrongRequest(f"the {name} is longer than {MOST_TEXT:,} characters: use the command line for it")
    return value
