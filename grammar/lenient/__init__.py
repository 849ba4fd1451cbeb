"""Read what models write: the streaming front end, its repairs, and what it reports.

    parser = StreamParser(tools)
    for chunk in stream:
        for event in parser.feed(chunk): ...
    parser.close(finish_reason)

In: text as it comes, or at once by `parse_model`; signatures. Out: events: calls that the strict parser accepts, and every repair.
Must not know: what is done with a call, and when.

Read `stream`, then the way of a text: `routing`, which says how it is read, then `statements` and `loose_lines` for what streams, and the room of
forms for the rest; `remarks` are what is said about lines that are dropped. Rooms, each of which knows those before it: `marks`, `arguments`,
`calls`, `forms` and `assembling`.
Names are imported when they are used, since the parser loads Lark.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lcc.grammar.lenient.clean import Cleaned, clean
    from lcc.grammar.lenient.marks.events import (
        DiagnosticFound,
        Ended,
        Event,
        InputParsed,
        JoinParsed,
        Retracted,
        TaskParsed,
        Withdrawn,
    )
    from lcc.grammar.lenient.stream import StreamParser, parse_model

_WHERE = {
    "Cleaned": "clean",
    "clean": "clean",
    "DiagnosticFound": "marks.events",
    "Ended": "marks.events",
    "Event": "marks.events",
    "InputParsed": "marks.events",
    "JoinParsed": "marks.events",
    "Retracted": "marks.events",
    "StreamParser": "stream",
    "TaskParsed": "marks.events",
    "Withdrawn": "marks.events",
    "parse_model": "stream",
}

__all__ = [
    "Cleaned",
    "DiagnosticFound",
    "Ended",
    "Event",
    "InputParsed",
    "JoinParsed",
    "Retracted",
    "StreamParser",
    "TaskParsed",
    "Withdrawn",
    "clean",
    "parse_model",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
