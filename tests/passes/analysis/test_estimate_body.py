"""Estimates of plans with bodies, from the least to the most."""

from __future__ import annotations

import random_bodies
from body_plans import TOOLS, program
from hypothesis import given, settings

from lcc.cli.views.estimate_text import body_json, body_lines
from lcc.cli.views.source_tasks import SourceTasks
from lcc.grammar.ir import Plan
from lcc.passes.analysis.estimate_body import BodyEstimate, Span, estimate_body

RESTOCK = """
books = find_books("a")
for book in books:
    left = count_copies(book)
    if left < 2:
        order_copies(book)
    else:
        summarize(book)
try:
    send("ann", "done")
except TimeoutError as error:
    post(str(error))
"""


def estimated(text: str, **options: float) -> BodyEstimate:
    return estimate_body(program(text)[0], TOOLS, **options)  # type: ignore[arg-type]


def test_what_people_read() -> None:
    plan = program(RESTOCK)[0]
    found = estimate_body(plan, TOOLS)
    assert (
        "\n".join(body_lines(found, SourceTasks(plan, plan)))
        == """\
makespan  2.75 s to 13.00 s; one after another 5.00 s to 13.00 s
calls     10 to 11
  count_copies: 4 calls, 2.00 s
  find_books: 1 call, 1.00 s
  order_copies: 0 to 4 calls, 0 to 8.00 s
  post: 0 to 1 call, 0 to 1.00 s
  send: 1 call, 1.00 s
  summarize: 0 to 4 calls, 0 to 1.00 s
critical path of the longest run, 13.00 s:
  1. find_books("a")
  3. count_copies(book)  × 4 in turn
  4. order_copies(book)  × 4 in turn
  6. send("ann", "done")
  7. post(str(error))
assumed: the list of loop 2 is known only at run time; taken to have 4 elements
assumed: 1 s for each call of `post`, whose cost is neither declared nor measured"""
    )


def test_what_programs_read() -> None:
    found = body_json(estimated("if CITY:\n    find_books('a')"))
    amounts = {"calls": [0, 1], "work": [0, 1.0], "tokens": [0, 0], "usd": [0, 0]}
    assert found == {
        "makespan": [0.0, 1.0],
        **amounts,
        "critical_path": ["1"],
        "critical_seconds": 1.0,
        "tools": {"find_books": amounts},
        "assumptions": [],
    }


def test_turns_that_overlap_take_the_time_of_one() -> None:
    assert estimated("for book in [1, 2, 3]:\n    find_books(book)").makespan == Span(1.0, 1.0)
    assert estimated("for book in [1, 2, 3]:\n    find_books(book)", workers=2).makespan == Span(1.5, 1.5)


def test_turns_that_wait_take_the_time_of_all_but_what_doesnt_wait_overlaps() -> None:
    text = "for book in [1, 2, 3]:\n    find_books(book)\n    send('ann', book)"
    assert estimated(text).makespan == Span(2.0, 4.0)


def test_the_cheaper_branch_is_the_least_and_the_dearer_one_the_most() -> None:
    found = estimated("if CITY:\n    find_books('a')\n    find_books('b')\nelse:\n    order_copies('a')")
    assert found.tally.whole.calls == Span(1, 2)
    assert found.tally.whole.seconds == Span(2.0, 2.0)


def test_a_while_loop_has_a_turn_at_least_and_what_follows_a_break_perhaps_none() -> None:
    found = estimated("while True:\n    find_books('a')\n    if CITY:\n        break\n    count_copies('b')")
    calls = {tool: amounts.calls for tool, amounts in found.tally.tools.items()}
    assert calls == {"find_books": Span(1, 4), "count_copies": Span(0, 4)}


def test_what_is_behind_an_answer_that_may_come_is_perhaps_not_done() -> None:
    found = estimated("if CITY:\n    answer(1)\nfind_books('a')")
    assert found.tally.whole.calls == Span(0, 1)


def test_amounts_are_bounded_and_so_is_the_time_that_it_takes() -> None:
    text = (
        "".join(f"{'    ' * depth}for x{depth} in range(1000000):\n" for depth in range(15))
        + "    " * 15
        + "send('a', 'b')"
    )
    assert estimated(text).tally.whole.calls.most <= 1e12
    many = "if CITY:\n    answer(1)\nfind_books('a')\n" * 2000
    assert estimated(many).tally.whole.calls == Span(0, 2000)


@settings(deadline=None)
@given(random_bodies.bodies())
def test_every_body_can_be_estimated(plan: Plan) -> None:
    found = estimate_body(plan, random_bodies.TOOLS, workers=2)
    whole = found.tally.whole
    assert 0 <= whole.calls.least <= whole.calls.most
    assert 0 <= found.makespan.least <= found.makespan.most <= max(found.critical_seconds, whole.seconds.most)
    assert list(body_lines(found, SourceTasks(plan, plan)))
    assert body_json(found)
