"""Pictures of plans with bodies: loops as frames, conditions as diamonds, edges through names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
import random_bodies
from body_plans import TOOLS, program
from hypothesis import given

from lcc.grammar.drawing import dot, mermaid
from lcc.grammar.ir import Plan, calls_of

GOLDEN: Final = Path(__file__).parents[1] / "golden" / "drawn_bodies.txt"
RESTOCK: Final = """\
books = find_books(TOPIC)
low = []
for book in books:
    left = count_copies(book.title)
    if left < 2:
        try:
            ordered = order_copies(book.title, 3 - left)
        except TimeoutError as error:
            send("ann", f"failed: {error}")
        low.append(book.title)
    else:
        post(book.title)
text = summarize(str(low))
send("bob", text)
answer(text)
"""
GATHERED: Final = """\
first, second = gather(find_books("tides"), find_books("moon"))
counts = gather(count_copies(book.title) for book in first)
page = 1
while not second and page < 5:
    second = find_books(f"moon {page}")
    page += 1
answer([counts, second])
"""
PROGRAMS: Final = (RESTOCK, GATHERED)


def drawn() -> str:
    """Return the programs, each with its two pictures."""
    parts = []
    for text in PROGRAMS:
        plan = program(text)[0]
        parts.append(f"{text}--- mermaid\n{mermaid(plan, TOOLS)}--- dot\n{dot(plan, TOOLS)}")
    return "=======\n".join(parts)


def edges(text: str, tools: bool = True) -> set[tuple[str, str, str]]:
    """Return the edges of a program's picture: from, to, and their label or `order`."""
    picture = mermaid(program(text)[0], TOOLS if tools else {})
    found = re.findall(r"^ +(\w+) (-->|-\.->|-->\|([^|]+)\|) (\w+)$", picture, re.MULTILINE)
    return {(a, b, label or ("order" if arrow == "-.->" else "")) for a, arrow, label, b in found}


def test_golden(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--bless"):
        GOLDEN.write_text(drawn(), encoding="utf-8")
    assert GOLDEN.read_text(encoding="utf-8") == drawn()


def test_a_name_leads_to_what_assigned_it_last_on_each_way() -> None:
    found = edges(
        """
        x = find_books("a")
        x = find_books("b")
        if CITY == "c":
            x = count_copies("d")
        summarize(x)
        """
    )
    assert {(a, b) for a, b, kind in found if b == "t4"} == {("t2", "t4"), ("t3", "t4")}


def test_a_loop_that_hands_something_on_shows_it() -> None:
    found = edges(
        """
        x = 0
        for i in [1, 2]:
            x = summarize(str(x))
        """
    )
    assert ("t2", "t2", "next turn") in found


def test_a_change_of_an_object_counts_as_an_assignment() -> None:
    found = edges("rows = []\nrows.append(find_books('a'))\nsummarize(str(rows))")
    assert ("t1", "t2", "") in found


def test_a_write_waits_for_the_write_before_it_and_a_read_for_the_last_write_of_what_it_reads() -> None:
    text = "order_copies('a')\nsend('ann', 'x')\ncount_copies('a')\nfind_books('b')"
    assert edges(text) == {("t1", "t2", "order"), ("t1", "t3", "order")}
    assert edges(text, tools=False) == set()


def test_what_is_done_under_a_condition_hangs_on_it_unless_it_reads_something_done_under_it() -> None:
    found = edges("if CITY:\n    x = find_books('a')\n    summarize(x)\nelse:\n    find_books('b')")
    decided = {(b, kind) for a, b, kind in found if kind in ("yes", "no")}
    assert decided == {("t1", "yes"), ("t3", "no")}


def test_a_value_that_many_calls_went_into_has_a_node_of_its_own() -> None:
    text = "rows = []\n" + "".join(f"rows.append(find_books('{n}'))\n" for n in range(60)) + "summarize(str(rows))"
    into = [a for a, b, _ in edges(text) if b == "t61"]
    assert 1 <= len(into) <= 9
    assert len(edges(text)) < 130


@given(random_bodies.bodies())
def test_every_plan_with_a_body_is_drawn_with_all_of_its_calls(plan: Plan) -> None:
    for tools in ({}, random_bodies.TOOLS):
        for text in (mermaid(plan, tools), dot(plan, tools)):
            assert all(re.search(rf"\bt{task.id}\b", text) for task in calls_of(plan))
