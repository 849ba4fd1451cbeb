"""Turn what lcc gives back into plain JSON values: results, answers, events, findings, plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from lcc.grammar.given import kind_of
from lcc.grammar.ir import Element, Plan
from lcc.grammar.source import Span
from lcc.grammar.values import Json, standard_json


def to_dict(value: object) -> dict[str, Json]:
    """Return a `value`, which is a result, an answer, an event, a finding, a failure or a plan, as a dict that `json.dumps` takes.

    An event has its class as `event`; ids are texts, and a plan is its JSON form. Raises TypeError for anything else.
    """
    try:
        found = _plain(value)
    except _NoForm:
        raise TypeError(f"{kind_of(value)} has no JSON form: give its plan, or what a run of it gave") from None
    if not isinstance(found, dict) or isinstance(value, Mapping):
        raise TypeError(
            f"{kind_of(value)} is nothing of lcc's: give a result, an answer, an event, a finding or a plan"
        )
    return found


class _NoForm(Exception):
    """A value holds code."""


def _field(name: str, value: Any) -> Json:
    """Return a field of an event; ids are texts."""
    if name in ("reads", "after"):
        return [str(id_) for id_ in value]
    return str(value) if name == "id" and value is not None else _plain(value)


def _plain(value: Any) -> Json:
    match value:
        case Enum():
            return _plain(value.value)
        case None | bool() | int() | float() | str():
            return standard_json(value)
        case Plan():
            from lcc.grammar.ir.json_form import to_json  # few ask for it

            return to_json(value)
        case Element():
            return str(value)
        case Span():
            return {"start": value.start, "end": value.end}
        case _ if callable(getattr(type(value), "to_json", None)):
            return _plain(value.to_json())
        case tuple() if hasattr(value, "_fields"):
            return {
                "event": type(value).__name__,
                **{name: _field(name, getattr(value, name)) for name in value._fields},
            }
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(item) for item in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            own = {one.name: _plain(getattr(value, one.name)) for one in fields(value) if one.repr}
            return {"event": type(value).__name__, **own} if type(value).__module__ == "lcc.ask.events" else own
        case _ if callable(value):
            raise _NoForm
        case _:
            return str(value)
