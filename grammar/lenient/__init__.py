"""Read what models write: the streaming front end, its repairs, and what it reports.

    parser = StreamParser(tools)
    for chunk in stream:
        for event in parser.feed(chunk): ...
    parser.close(finish_reason)

In: text as it comes, or at once by `parse_model`; signatures. Out: events: calls that the strict parser accepts, and every repair.
Must not know: what is done with a call, and when.

Read `stream`, which says how a text is read, then `statements` and `loose_lines` for what streams, and the room of forms for the rest.
Rooms, each of which knows those before it: `marks`, `calls`, `forms` and `assembling`.
What parses is imported when it is used, since the parser loads Lark.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lcc.grammar.lenient.marks.events import (
    DiagnosticFound as DiagnosticFound,
    Ended as Ended,
    Event as Event,
    InputParsed as InputParsed,
    JoinParsed as JoinParsed,
    Retracted as Retracted,
    TaskParsed as TaskParsed,
    Withdrawn as Withdrawn,
)

if TYPE_CHECKING:
    from lcc.grammar.lenient.stream import StreamParser as StreamParser, parse_model as parse_model


def __getattr__(name: str) -> Any:
    if name not in ("StreamParser", "parse_model"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.stream"), name)
