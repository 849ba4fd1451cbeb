"""Load what installed packages offer: passes, front ends, each a function that an entry point names.

    [project.entry-points."lcc.passes"]
    shorten-queries = "my_package.shorten_queries:shorten_queries"

Code is loaded only when it is asked for by name. A package that imports a module of lcc by an old path is told the new one:
`moved_modules.txt` has a line for each, the old path and the new.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

_MOVED: Final = Path(__file__).parent / "moved_modules.txt"


class PlugInError(LookupError):
    """A function of an installed package can't be loaded. The message says whose it is, why, and where that shows."""


def installed(group: str) -> tuple[str, ...]:
    """Return the names that installed packages offer in an entry-point group, sorted."""
    from importlib.metadata import entry_points  # 10 ms that nothing of lcc's own needs

    return tuple(sorted({entry.name for entry in entry_points(group=group)}))


def load(group: str, name: str, kind: str) -> Callable[..., Any] | None:
    """Load what a package offers under a name, None if none does; `kind` is what messages call it. Raise PlugInError."""
    from importlib.metadata import entry_points

    entry = next(iter(entry_points(group=group, name=name)), None)
    if entry is None:
        return None
    try:
        loaded: object = entry.load()
    except Exception as error:
        raise PlugInError(f"{_called(entry, kind)} can't be loaded from {entry.value}: {_why(error)}") from error
    if not callable(loaded):
        raise PlugInError(f"{_called(entry, kind)} is not a function: {entry.value}")
    return loaded


def _called(entry: EntryPoint, kind: str) -> str:
    return f"{kind} `{entry.name}` of {'an installed package' if entry.dist is None else entry.dist.name}"


def _why(error: Exception) -> str:
    from traceback import extract_tb

    moved = _moved(error) if isinstance(error, ImportError) else None
    why = str(error) if moved is None else f"`{moved[0]}` is `{moved[1]}` now"
    frames = [f for f in extract_tb(error.__traceback__) if f.filename != __file__ and "importlib" not in f.filename]
    return f"{why} ({frames[-1].filename}:{frames[-1].lineno})" if frames else why


def _moved(error: ImportError) -> tuple[str, str] | None:
    """Return the old path and the new of the module that an import didn't find, if it is one of lcc's that moved."""
    name = error.name or ""
    imported = re.match(r"cannot import name '(\w+)'", error.msg or "")
    if not name.startswith("lcc."):
        return None
    old = f"{name}.{imported[1]}" if imported else name
    moves = dict(line.split() for line in _MOVED.read_text(encoding="utf-8").splitlines())
    return (old, moves[old]) if old in moves else None
