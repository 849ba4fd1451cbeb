"""What the pipeline does with plans that have a body: ranks and remarks, and nothing else; never a crash."""

from __future__ import annotations

from dataclasses import replace

import pytest
import random_bodies
from body_plans import TOOLS, program
from hypothesis import given, settings, strategies as st

from lcc.grammar.drawing import mermaid
from lcc.grammar.ir import BodyNotSupported, Const, Join, Plan, Ref, calls_of
from lcc.grammar.syntax.parser import parse_plan
from lcc.grammar.syntax.print_plan import print_plan
from lcc.passes.context import Action, Context
from lcc.passes.online import Online, complete
from lcc.passes.pipeline import LEVELS, ON_BODIES, PASSES, Optimized, optimize


def optimized(text: str, *, level: int = 2, parallel: bool = False) -> Optimized:
    return optimize(program(text, parallel=parallel)[0], TOOLS, level=level)


def said(text: str) -> list[tuple[int, str]]:
    """Return the line and text of each remark on what waits."""
    plan, source = program(text)
    changes = optimize(plan, TOOLS, level=1).changes
    kinds = (Action.SERIAL, Action.HELD)
    return [(source.position(one.spans[0].start)[0], str(one)) for one in changes if one.action in kinds]


def ranks(text: str) -> dict[object, float]:
    """Return the rank of each call by its tool."""
    return {task.tool: task.priority for task in calls_of(optimized(text).plan)}


def test_a_loop_that_hands_a_name_on_to_calls_waits() -> None:
    text = """
        total = 0
        for book in [1, 2]:
            if total < 5:
                total = total + order_copies(book)
        """
    serial = "turns of this loop wait for one another: `total` goes from turn to turn, and `order_copies` depends on it"
    assert said(text) == [(2, serial)]


@pytest.mark.parametrize(
    "text",
    [
        "n = 0\nfor book in [1, 2]:\n    n += 1\n    find_books(n)",
        "rows = []\nfor book in [1, 2]:\n    rows.append(find_books(book))",
        "for book in [1, 2]:\n    copies = count_copies(book)\n    summarize(str(copies))",
        "n = 0\nfor book in [1, 2]:\n    n = n + 1\n    summarize(str(n))",
    ],
)
def test_a_counter_or_a_list_that_no_call_reads_makes_nothing_wait(text: str) -> None:
    assert said(text) == []


def test_a_condition_that_leaves_the_loop_makes_turns_wait() -> None:
    text = "for book in [1, 2]:\n    n = count_copies(book)\n    if n > 3:\n        break"
    assert said(text) == [
        (
            1,
            "turns of this loop wait for one another: a turn decides whether there is a next one, and `count_copies` depends on that",
        )
    ]


def test_writes_and_undeclared_calls_in_loops_keep_the_order_of_the_turns() -> None:
    assert said("for book in [1, 2]:\n    send('ann', book)") == [
        (1, "turns of this loop wait for one another: `send` writes, and writes keep the order of the turns")
    ]
    assert said("for book in [1, 2]:\n    post(book)")[0] == (
        1,
        "turns of this loop wait for one another: `post` is undeclared, so it may write; declared as a read or pure, its calls "
        "would overlap",
    )


def test_it_is_counted_what_an_undeclared_tool_holds_up() -> None:
    found = said("x = post('a')\nfind_books('b')\nfind_books('c')\nsummarize(x)\nsummarize('y')")
    assert found == [
        (
            1,
            "`post` is undeclared, so 2 other calls wait for it: declared as what it does, it would hold up only what conflicts",
        )
    ]


def test_a_call_is_ranked_by_the_longest_way_below_it_through_one_turn_and_the_longer_branch() -> None:
    found = ranks(
        """
        books = find_books("a")
        for book in books:
            n = count_copies(book)
            if n > 3:
                summarize(str(n))
            else:
                order_copies(book)
        """
    )
    assert found == {"order_copies": 2.0, "summarize": 0.25, "count_copies": 2.5, "find_books": 3.5}


def test_passes_that_treat_lines_of_calls_say_so_once() -> None:
    changes = optimized("find_books('a')", level=3).changes
    kept = [one.what for one in changes if one.action is Action.KEPT]
    assert len(kept) == len(set(kept)) > 0
    assert not optimized("find_books('a')", level=0).changes
    twice = optimize(program("find_books('a')")[0], TOOLS, passes=["deduplicate", "deduplicate"]).changes
    assert [one.by for one in twice] == ["deduplicate"]


def test_undeclared_tools_of_an_independent_plan_are_told_once_each() -> None:
    text = "for book in ['a', 'b']:\n    post(book)\npost('c')"
    kinds = [one.action for one in optimized(text, parallel=True, level=0).changes]
    assert kinds == [Action.UNORDERED]


def test_a_plan_that_is_read_as_it_is_written_has_no_body() -> None:
    plan, _ = program("find_books('a')")
    with pytest.raises(BodyNotSupported, match="as it is written"):
        complete(plan, TOOLS)
    call = next(iter(calls_of(plan)))
    with pytest.raises(BodyNotSupported, match="as it is written"):
        Online(TOOLS).add(replace(call, when=Const(True)))


@pytest.mark.parametrize("name", ["expand-each", "deduplicate", "batch-calls", "narrow-join"])
def test_a_pass_for_lines_refuses_a_body_where_it_is_called_by_itself(name: str) -> None:
    plan, _ = program("find_books('a')")
    joined = replace(plan, join=Join((Ref(1),), (1,)))
    assert name not in ON_BODIES
    with pytest.raises(BodyNotSupported, match=name):
        PASSES[name](joined, Context(TOOLS))


def test_a_plan_file_of_a_body_reads_back() -> None:
    found = parse_plan(print_plan(program("find_books('a')")[0]))
    assert found.ok
    assert [task.tool for task in calls_of(found.plan)] == ["find_books"]


def test_calls_are_counted_where_they_stand() -> None:
    found = optimized("if CITY:\n    find_books('a')\n    find_books('b')")
    assert {(one.before, one.after) for one in found.stats} == {(2, 2)}


@settings(deadline=None)
@given(random_bodies.bodies(), st.integers(0, len(LEVELS) - 1), st.booleans())
def test_every_level_and_pass_takes_any_body(plan: Plan, level: int, narrow: bool) -> None:
    seen = []
    found = optimize(
        plan, random_bodies.TOOLS, level=level, narrow=narrow, after_pass=lambda name, before, after: seen.append(name)
    )
    assert seen
    left = {task.id for task in calls_of(found.plan)}
    kept = [task.id for task in calls_of(plan) if task.id in left]
    assert [task.id for task in calls_of(found.plan)] == kept
    assert level > 0 or len(kept) == sum(1 for _ in calls_of(plan))
    assert all(str(diagnostic.message) for diagnostic in found.diagnostics)
    again = optimize(found.plan, random_bodies.TOOLS, level=level, narrow=narrow)
    assert again.plan == found.plan
    for name in PASSES:
        optimize(plan, random_bodies.TOOLS, passes=[name])


FOLLOWED = """\
1. for x in ["a", "b"]:
    2. find_books(x)
    3. find_books("c") after $2
4. find_books("d") after $1
5. find_books("e") after ok $1
6. find_books("f") if failed $1
7. = 1 + 1
8. find_books("g") if failed $7
9. join($4, $5, $6, $8)
"""


def test_calls_of_a_loop_whose_end_others_mind_are_kept_and_count() -> None:
    plan = parse_plan(FOLLOWED).plan
    found = optimize(plan, TOOLS, level=2).plan
    assert [task.id for task in calls_of(found)] == [2, 3, 4, 5, 6, 8]
    first, second, *rest = [task.priority for task in calls_of(found)]
    assert first > second > max(rest)


def test_the_order_of_steps_is_printed_and_drawn() -> None:
    plan = parse_plan(FOLLOWED).plan
    assert parse_plan(print_plan(plan)).plan == plan
    picture = mermaid(plan, {})
    for edge in ("t2 -.-> t3", "t3 -.-> t4", "t2 -.-> t5", "t3 -->|if failed| t6"):
        assert f"    {edge}\n" in picture
