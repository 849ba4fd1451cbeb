"""Read what models write: the streaming front end, its repairs, and what it reports.

    parser = StreamParser(tools)
    for chunk in stream:
        for event in parser.feed(chunk): ...
    parser.close(finish_reason)

`parse_model` is the same for a whole text.
"""

from __future__ import annotations

from lcc.grammar.lenient.events import (
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

__all__ = [
    "DiagnosticFound",
    "Ended",
    "Event",
    "InputParsed",
    "JoinParsed",
    "Retracted",
    "StreamParser",
    "TaskParsed",
    "Withdrawn",
    "parse_model",
]
