"""Feed a text to the stream parser in given pieces, and keep what stands."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.ir import Join, Task, dependencies
from lcc.grammar.lenient import (
    DiagnosticFound,
    Event,
    JoinParsed,
    Retracted,
    StreamParser,
    TaskParsed,
    Withdrawn,
)
from lcc.grammar.signatures import NO_TOOLS, Tools


def events_of(pieces: Iterable[str | bytes], tools: Tools = NO_TOOLS, finish_reason: str = "stop") -> list[Event]:
    """Return every event of a text that comes in pieces."""
    parser = StreamParser(tools)
    found = [event for piece in pieces for event in parser.feed(piece)]
    return found + parser.close(finish_reason)


def cut(text: str, places: Iterable[int]) -> list[str]:
    """Cut a text at some places."""
    edges = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[a:b] for a, b in pairwise(edges)]


class Standing:
    """What stands after some events."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.tasks: dict[object, Task] = {}
        self.join: Join | None = None
        self.said: list[Diagnostic] = []
        self.repaired: dict[object, tuple[str, ...]] = {}
        by_task: dict[object, tuple[Diagnostic, ...]] = {}
        by_join: tuple[Diagnostic, ...] = ()
        for event in events:
            match event:
                case TaskParsed(task, diagnostics, repaired):
                    assert task.id not in self.tasks, "an id is given out twice"
                    for ref in dependencies(task):
                        assert ref in self.tasks, "a task stands before what it reads"
                    self.tasks[task.id] = task
                    by_task[task.id] = diagnostics
                    if repaired:
                        self.repaired[task.id] = repaired
                case Retracted(id_):
                    del self.tasks[id_]
                    del by_task[id_]
                    self.repaired.pop(id_, None)
                case JoinParsed(join, diagnostics):
                    self.join, by_join = join, diagnostics
                case DiagnosticFound(diagnostic):
                    self.said.append(diagnostic)
                case Withdrawn(diagnostic):
                    self.said.remove(diagnostic)
                case _:
                    pass
        self.said += [d for found in by_task.values() for d in found]
        self.said += by_join
