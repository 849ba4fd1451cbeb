"""Show a model what came of a program: what it printed and handed back, how it ended, and calls that failed for good.

What tools and programs say is data: each result stands on one line.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from lcc.ask.joining.looks import Looks
from lcc.ask.joining.observations import CALL_TOKENS, ERROR_TOKENS, joined_at, show_failure
from lcc.ask.memory import Round
from lcc.grammar.drawing.words import call_words, own_names, written_words
from lcc.grammar.ir import Element, Ref, Task, calls_of
from lcc.grammar.syntax.print_value import print_value
from lcc.models.tokens import cut_tokens
from lcc.runtime.result import Failure, TaskStatus

LINE_TOKENS = 80


def show_program(round_: Round, looks: Looks) -> str:
    """Return what a model sees of a program's run."""
    return "\n".join(_lines(round_, looks)) or "(the program printed nothing)"


def show_steps(round_: Round, looks: Looks, *, everything: bool = False) -> str:
    """Return what a model sees of the run of a plan with steps: what its join reads, and failures; with `everything`, all outer calls."""
    return "\n".join(_step_lines(round_, looks, everything)) or "(there are no results)"


def _step_lines(round_: Round, looks: Looks, everything: bool) -> Iterator[str]:
    result, join = round_.result, round_.written.join
    given = result.join
    values = [] if join is None or not given else join.values
    read = {one.task for one in values if isinstance(one, Ref) and not one.path}
    shown = set()
    for step in round_.written.body or ():
        record = round_.records.get(step.id) if isinstance(step, Task) else None
        ended_well = record is not None and record.status is TaskStatus.OK
        if isinstance(step, Task) and record is not None and ended_well and (everything or step.id in read):
            shown.add(step.id)
            call = cut_tokens(own_names(call_words(step), round_.source.text), CALL_TOKENS)
            yield f"{step.id}. {call} = {looks.result(step.id, record)}"
    for place, source in enumerate(values):
        whole = isinstance(source, Ref) and not source.path
        if not (isinstance(source, Ref) and whole and source.task in shown):
            name = str(source.task) if isinstance(source, Ref) and whole else f"join{place}"
            text = print_value(source) if isinstance(source, Ref) else "answer"
            yield f"{text} = {looks.show(name, partial(joined_at, round_, place))}"
    if result.failure is not None:
        yield f"Error: {_message(result.failure)}{_place(round_)}"
    yield from _failures(round_)


def _lines(round_: Round, looks: Looks) -> Iterator[str]:
    result = round_.result
    if result.printed:
        yield f"Printed:\n{looks.lines('printed', result.printed.rstrip())}"
    join = result.join
    handed = join[0] if isinstance(join, list) and join else None
    if result.answered or (handed is not None and handed != result.printed):
        how = "Answered" if result.answered else "Returned"
        yield f"{how}: {looks.show('returned', partial(joined_at, round_, 0))}"
    if result.failure is not None:
        yield f"Error: {_message(result.failure)}{_place(round_)}"
    yield from _failures(round_)


def _message(failure: Failure) -> str:
    return cut_tokens(" ".join(failure.shown.split()), ERROR_TOKENS)


def _place(round_: Round) -> str:
    place = round_.result.place
    if place is None:
        return ""
    number, _ = round_.source.position(place.start)
    return f"\n  in: {cut_tokens(round_.source.line(number).strip(), LINE_TOKENS)}"


def _failures(round_: Round) -> Iterator[str]:
    """Yield the calls by which the program has failed, but for the one that is told as its error."""
    tasks: dict[object, Task] = {task.id: task for task in calls_of(round_.plan)}
    told = round_.result.failure
    for id_, record in round_.records.items():
        task = tasks.get(id_.task if isinstance(id_, Element) else id_)
        if record.bad and task is not None and record.error is not told:
            call = cut_tokens(written_words(task, round_.source.text), CALL_TOKENS)
            yield f"{call} {show_failure(record)}"
