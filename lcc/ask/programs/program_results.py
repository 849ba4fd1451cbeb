"""Show a model what came of a program: what it printed and handed back, how it ended, and calls that failed for good.

What tools and programs say is data: each result stands on one line.
"""

from __future__ import annotations

from collections.abc import Iterator

from lcc.ask.joining.looks import Looks
from lcc.ask.joining.observations import CALL_TOKENS, ERROR_TOKENS, show_failure
from lcc.ask.memory import Round
from lcc.grammar.ir import Element, Task, calls_of
from lcc.grammar.syntax.print_value import call_text
from lcc.models.tokens import cut_tokens
from lcc.runtime.result import Failure

LINE_TOKENS = 80


def show_program(round_: Round, looks: Looks) -> str:
    """Return what a model sees of a program's run."""
    return "\n".join(_lines(round_, looks)) or "(the program printed nothing)"


def _lines(round_: Round, looks: Looks) -> Iterator[str]:
    result = round_.result
    if result.printed:
        yield f"Printed:\n{looks.lines('printed', result.printed.rstrip())}"
    handed = result.join[0] if isinstance(result.join, list) and result.join else None
    if result.answered:
        yield f"Answered: {looks.show('returned', result.answer)}"
    elif handed is not None and handed != result.printed:
        yield f"Returned: {looks.show('returned', handed)}"
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
            yield f"{cut_tokens(call_text(task), CALL_TOKENS)} {show_failure(record)}"
