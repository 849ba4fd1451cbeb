"""Give the steps of a plan the numbers that the same steps have in another, so that a diff shows what was changed, and no numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import count
from typing import Final

from lcc.grammar.ir import Plan, TaskId
from lcc.grammar.syntax.print_plan import print_plan
from lcc.grammar.writing.step_numbers import with_ids

_STEP: Final = re.compile(r"[ ]*+([0-9]{1,9})\. ")
_NUMBER: Final = re.compile(r"(^[ ]*+|\$\{?)[0-9]++")


def numbered_as(plan: Plan, other: Plan) -> Plan:
    """Return a plan with the numbers of another where their steps say the same; new steps have numbers that neither has, if theirs is taken."""
    mine, theirs = list(_steps(print_plan(plan))), list(_steps(print_plan(other)))
    matcher = SequenceMatcher(None, [line for _, line in theirs], [line for _, line in mine], autojunk=False)
    ids: dict[TaskId, int] = {}
    for first, second, size in matcher.get_matching_blocks():
        ids.update({mine[second + k][0]: theirs[first + k][0] for k in range(size)})
    for first, last, second, end in _replaced(matcher):  # a step that was changed keeps its number
        for k in range(min(last - first, end - second)):
            ids[mine[second + k][0]] = theirs[first + k][0]
    taken = {id_ for id_, _ in theirs}
    free = count(max([0, *taken, *(id_ for id_, _ in mine)]) + 1)
    for id_, _ in mine:
        if id_ not in ids and id_ in taken:
            ids[id_] = next(free)
    return with_ids(plan, ids)


def _replaced(matcher: SequenceMatcher[str]) -> Iterator[tuple[int, int, int, int]]:
    for tag, first, last, second, end in matcher.get_opcodes():
        if tag == "replace":
            yield first, last, second, end


def _steps(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number of each step, and its line without any number of a step."""
    for line in text.splitlines():
        found = _STEP.match(line)
        if found is not None:
            yield int(found[1]), _NUMBER.sub(r"\1", line)
