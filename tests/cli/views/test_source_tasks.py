"""Tasks of a run are spoken of as the plan file does, at a cost that doesn't grow with a fan-out's list."""

from __future__ import annotations

import lcc
from lcc.cli.views.source_tasks import SourceTasks
from lcc.grammar.drawing.words import own_names
from lcc.grammar.ir import Element, calls_of
from lcc.grammar.syntax.parser import parse_plan


@lcc.tool(effect="read")
def f(x: int) -> int:
    return x


def named(text: str) -> SourceTasks:
    plan = parse_plan(text).plan
    return SourceTasks(plan, plan)


def test_an_element_of_a_written_list_is_called_by_its_own_argument() -> None:
    tasks = named('1. f("a")\n2. g("x", each ["$1", 3, {"k": $1}], limit=2)\n3. g(q=each [7])\n4. join()')
    assert [tasks.call(Element(2, place)) for place in range(3)] == [
        'g("x", "$1", limit=2)',
        'g("x", 3, limit=2)',
        'g("x", {"k": $1}, limit=2)',
    ]
    assert tasks.call(2) == 'g("x", each ["$1", 3, {"k": $1}], limit=2)'


def test_an_element_of_a_list_that_a_pass_filled_in_is_called_by_its_own_argument() -> None:
    written = parse_plan("1. f()\n2. g(each $1)\n3. join()").plan
    tasks = SourceTasks(parse_plan('2. g(each ["a", "b"])\n3. join()').plan, written)
    assert (tasks.call(2), tasks.call(Element(2, 1))) == ("g(each $1)", 'g("b")')


def test_the_call_of_a_fan_out_over_a_result_is_written_once_for_all_of_its_elements() -> None:
    tasks = named("1. f()\n2. g(each $1)\n3. join()")
    first = tasks.call(Element(2, 0))
    assert first == tasks.call(2) == "g(each $1)"
    assert all(tasks.call(Element(2, place)) is first for place in (1, 2))


def test_naming_all_elements_takes_no_more_text_than_the_list_and_a_bounded_rest() -> None:
    items = ", ".join(f'"item {n}"' for n in range(2_000))
    tasks = named(f'1. f("{"long " * 1_000}", each [{items}])\n2. join()')
    calls = [tasks.call(Element(1, place)) for place in range(2_000)]
    assert calls[17].startswith('f("long long ')
    assert calls[17].endswith('…, "item 17")')
    assert max(map(len, calls)) < 350


def test_tasks_of_a_plan_that_is_being_written_are_known_as_they_come() -> None:
    tasks = SourceTasks()
    assert tasks.call(1) == ""
    for text, element in (("1. f(each [1, 2])", "f(2)"), ("1. f(each [3, 4])", "f(4)")):
        tasks.add(parse_plan(f"{text}\n2. join()").plan.tasks[0])
        assert tasks.call(Element(1, 1)) == element


def test_calls_of_a_plan_with_a_body_are_spoken_of_in_the_words_of_its_text() -> None:
    loop = '1. for s in $x:\n    2. f("a ${s!r}",\n        s) when s\n    yield $2\n3. answer($1)'
    parsed = parse_plan(f"input x: list[str]\n{loop}")
    tasks = SourceTasks(parsed.plan, parsed.plan, parsed.source)
    assert tasks.call(2) == tasks.call(Element(2, 1)) == 'f("a ${s!r}", s) when s'


def test_names_that_reading_a_program_has_made_are_not_shown() -> None:
    compiled = lcc.compile("s = [f(1)]\nanswer([f(s + 1) for s in s])", tools=[f], front_end="python")
    tasks = SourceTasks(compiled.plan, compiled.written, compiled.source)
    calls = {task.id: tasks.call(task.id) for task in calls_of(compiled.plan)}
    assert sorted(calls.values()) == ["f(1)", "f(s + 1)"]
    assert [tasks.call(Element(id_, 0)) for id_ in calls if calls[id_] == "f(s + 1)"] == ["f(s + 1)"]
    labels = str(lcc.graph("s = [f(1)]\nanswer([f(s + 1) for s in s])", [f], front_end="python"))
    assert "s_2" not in labels
    assert "for s in t" in labels


def test_a_name_with_a_number_of_its_own_keeps_it() -> None:
    assert own_names("f(s_2.id, t_3, s_4)", "for s_2 in t: s_4") == "f(s_2.id, t, s_4)"
