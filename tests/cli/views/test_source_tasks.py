"""Tasks of a run are spoken of as the plan file does, at a cost that doesn't grow with a fan-out's list."""

from __future__ import annotations

from lcc.cli.views.source_tasks import SourceTasks
from lcc.grammar.ir import Element
from lcc.grammar.syntax.parser import parse_plan


def test_the_call_of_a_fan_out_is_written_once_for_all_of_its_elements() -> None:
    tasks = SourceTasks(parse_plan("1. f(each [1, 2, 3])\n2. join()").plan)
    first = tasks.call(Element(1, 0))
    assert first == tasks.call(1) == "f(each [1, 2, 3])"
    assert all(tasks.call(Element(1, place)) is first for place in (1, 2))
