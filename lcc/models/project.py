"""Check the `[tool.lcc.models]` table of a project's file.

[tool.lcc.models]
model = "gpt-5-mini"
base-url = "http://localhost:8000/v1"     # used with --trust-project only
joiner = { model = "gpt-5-nano" }         # also planner and tools
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from lcc.models.local.files import PREFIX, is_local, local_path

_ROLES: Final = ("planner", "joiner", "tools")
KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "model": (str,),
    "base-url": (str,),
    "api": (str,),
    "temperature": (int, float),
    "max-tokens": (int,),
    "timeout": (int, float),
    "retries": (int,),
    "context": (int,),
    "threads": (int,),
    "stream": (bool,),
    "structured": (bool,),
    "constrain": (str,),
}


def read_models(value: object) -> dict[str, Any]:
    """Return the settings with underscores for hyphens, those of a role under its name; ValueError says what is wrong."""
    if not isinstance(value, dict):
        raise ValueError("a table")
    found: dict[str, Any] = {}
    for name, one in value.items():
        if name in _ROLES:
            if not isinstance(one, dict) or any(inner in _ROLES for inner in one):
                raise ValueError(f"a table with a table or nothing for `{name}`")
            found[name] = read_models(one)
        elif name not in KINDS:
            raise ValueError(f"a table of {', '.join(KINDS)} and {', '.join(_ROLES)}; it holds `{name}`")
        elif not isinstance(one, KINDS[name]) or (isinstance(one, bool) and bool not in KINDS[name]):
            raise ValueError(f"a table whose `{name}` is {KINDS[name][-1].__name__}")
        else:
            found[name.replace("-", "_")] = one
    return found


def with_files_in(models: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the settings with the files of local models looked for in a folder, as the project's file means them."""
    found = {name: with_files_in(one, folder) if name in _ROLES else one for name, one in models.items()}
    if is_local(named := str(found.get("model", ""))):
        found["model"] = f"{PREFIX}{folder / local_path(named)}"
    return found
