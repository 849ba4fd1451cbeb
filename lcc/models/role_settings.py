"""Read settings of one role's model from a command line: `planner.temperature=0`, `joiner.base-url=http://localhost:8000/v1`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from lcc.models.project import KINDS
from lcc.models.settings import ROLES

_BOOLEANS: Final = {"true": True, "yes": True, "false": False, "no": False}


def read_role_settings(texts: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return settings by role, with underscores for hyphens; ValueError says what is wrong. A later text goes before an earlier one."""
    found: dict[str, dict[str, Any]] = {}
    for text in texts:
        place, equals, value = text.partition("=")
        role, dot, name = place.partition(".")
        if not (equals and dot):
            raise ValueError(f"{text!r} is not like planner.temperature=0")
        if role not in ROLES:
            raise ValueError(f"there is no role {role!r}: it is one of {', '.join(ROLES)}")
        if name not in KINDS:
            raise ValueError(f"a model has no setting {name!r}: it is one of {', '.join(KINDS)}")
        found.setdefault(role, {})[name.replace("-", "_")] = _value(place, value, KINDS[name])
    return found


def _value(place: str, text: str, kinds: tuple[type, ...]) -> Any:
    if bool in kinds:
        if text.lower() not in _BOOLEANS:
            raise ValueError(f"{place} is true or false, not {text!r}")
        return _BOOLEANS[text.lower()]
    try:
        return kinds[-1](text)
    except ValueError:
        raise ValueError(f"{place} is a number, not {text!r}") from None
