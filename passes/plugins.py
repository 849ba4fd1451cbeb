"""Find the passes of installed packages: the entry points of group `lcc.passes`.

    [project.entry-points."lcc.passes"]
    shorten-queries = "my_package.shorten_queries:shorten_queries"

A pass is a function `(plan, context) -> plan`. Code is loaded only when a pass is named.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Final, cast

from lcc.passes.context import Pass

GROUP: Final = "lcc.passes"


class PassLoadError(RuntimeError):
    """An installed pass can't be loaded. The message says whose it is and why."""


def installed_passes() -> tuple[str, ...]:
    """Return the names of the passes of installed packages, sorted."""
    return tuple(sorted({entry.name for entry in entry_points(group=GROUP)}))


def installed_pass(name: str) -> Pass | None:
    """Load the pass of an installed package; None if none has that name. Raise PassLoadError if it can't be loaded."""
    found = entry_points(group=GROUP, name=name)
    if not found:
        return None
    entry = next(iter(found))
    try:
        function: object = entry.load()
    except Exception as error:
        raise PassLoadError(f"pass `{name}` of {_owner(entry)} can't be loaded: {error}") from error
    if not callable(function):
        raise PassLoadError(f"pass `{name}` of {_owner(entry)} is not a function: {entry.value}")
    return cast("Pass", function)


def _owner(entry: EntryPoint) -> str:
    return "an installed package" if entry.dist is None else entry.dist.name
