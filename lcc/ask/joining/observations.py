"""Show results to a model: each call with its result, or why it has none, every text cut to a cap.

A result is data. It stands on one line, so that it can't pass for a call or for a result of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial

from lcc.ask.joining.looks import Looks
from lcc.ask.memory import Round
from lcc.grammar.ir import Element, Join, Ref, TaskId, references
from lcc.grammar.syntax.print_value import call_text, print_value
from lcc.grammar.values import Json
from lcc.models.tokens import cut_tokens
from lcc.runtime.result import Failure, TaskRecord, TaskStatus

CALL_TOKENS = 150
ERROR_TOKENS = 100


def show_round(round_: Round, looks: Looks, *, everything: bool = False) -> str:
    """Return what a model sees of a plan's results: what its join reads, and every failure; with `everything`, all calls."""
    join = round_.written.join
    if join is None or join.labels is not None or join.direct or everything:
        shown = list(_calls(round_, looks))
    else:
        shown = [*_joined(round_, join, looks), *_failures(round_)]
    return "\n".join(shown) or "(no calls were made)"


def _calls(round_: Round, looks: Looks) -> Iterator[str]:
    for task in round_.written.tasks:
        record = round_.records.get(task.id)
        call = cut_tokens(call_text(task), CALL_TOKENS)
        if record is None:
            continue
        if record.status is TaskStatus.OK:
            yield f"{task.id}. {call} = {looks.result(task.id, record)}"
        else:
            yield f"{task.id}. {call} {show_failure(record)}"
            if task.each is not None:
                yield from _elements(round_, task.id, looks)


def _elements(round_: Round, id_: TaskId, looks: Looks) -> Iterator[str]:
    """Yield what became of each element. They can be looked into as those of a list, with nothing for each that failed."""
    records = {e: one for e, one in round_.records.items() if isinstance(e, Element) and e.task == id_}
    places = range(max((e.place for e in records), default=-1) + 1)
    made = {element.place: record for element, record in records.items() if not element.inner}
    looks.know(str(id_), lambda: [made[place].value if place in made else None for place in places])
    for element, record in records.items():
        shown = looks.part(f"${element}", record.value) if record.status is TaskStatus.OK else None
        yield f"  {element} {show_failure(record) if shown is None else f'= {shown}'}"


def joined_at(round_: Round, place: int) -> Json:
    """Return what stands at a place of what a plan handed over."""
    join = round_.result.join
    return (join if isinstance(join, list) else list(join.values()))[place]


def _joined(round_: Round, join: Join, looks: Looks) -> Iterator[str]:
    given = round_.result.join
    values = given if isinstance(given, list) else list(given.values())
    read = {source.task for source in join.values if isinstance(source, Ref)}
    calls = {t.id: cut_tokens(call_text(t), CALL_TOKENS) for t in round_.written.tasks if t.id in read}
    for place, (source, value) in enumerate(zip(join.values, values, strict=True)):
        name = print_value(source)
        if isinstance(source, Ref) and source.task in calls:
            name += f" ({calls[source.task]})"
        missing = value is None and any(not _is_ok(round_.records.get(ref.task)) for ref in references(source))
        known = round_.records.get(source.task) if isinstance(source, Ref) else None
        if isinstance(source, Ref) and known is not None and known.status is TaskStatus.OK:
            looks.know(str(source.task), partial(getattr, known, "value"))
            shown = looks.part(print_value(source), value)
        else:
            shown = looks.show(f"join{place}", partial(joined_at, round_, place))
        yield f"{name} = {'(no result)' if missing else shown}"


def _is_ok(record: TaskRecord | None) -> bool:
    return record is None or record.status is TaskStatus.OK


def _failures(round_: Round) -> Iterator[str]:
    for task in round_.written.tasks:
        record = round_.records.get(task.id)
        if record is not None and record.status is not TaskStatus.OK:
            yield f"{task.id}. {cut_tokens(call_text(task), CALL_TOKENS)} {show_failure(record)}"


def show_value(value: Json, cap: int) -> str:
    """Return a result on one line."""
    text = " ".join(value.split()) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return cut_tokens(text, cap) or '""'


def show_failure(record: TaskRecord) -> str:
    """Return why a call has no result: `failed: RuntimeError: boom`."""
    return f"{record.status.value}{_why(record.error)}"


def _why(failure: Failure | None) -> str:
    if failure is None:
        return ""
    return f": {cut_tokens(' '.join(failure.shown.split()), ERROR_TOKENS)}"
