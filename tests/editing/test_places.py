"""What is known of a place in a text that is being written, without an editor."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from harbour import PLAN

from lcc.editing.columns import Columns
from lcc.editing.completing import completions
from lcc.editing.hovering import fenced
from lcc.editing.open_text import Workspace
from lcc.grammar.source import Source


@pytest.mark.parametrize(
    ("typed", "kind", "offered"),
    [
        ("5. be", "tool", {"berths", "berth", "book", "join", "answer"}),
        ("5. book($", "id", {"1", "2", "3"}),
        ('5. book("to $2.', "field", {"name", "metres"}),
        ("5. book($1[0].me", "field", {"name", "metres"}),
        ("5. book(", "parameter", {"berth", "nights"}),
        ('5. book("(, a", ni', "parameter", {"nights"}),
        ("5. book(nights=2, ", "parameter", {"berth"}),
        ("5. book(berth=[", "parameter", set()),
        ('5. book("b', "parameter", set()),
        ("5. nothing(", "parameter", set()),
        ("5. berth($port", "input", {"port"}),
        ("5. berth($" + "9" * 5_000 + ".", "field", set()),
        ("5. berth($2[" + "9" * 5_000 + "].", "field", set()),
    ],
)
def test_what_may_be_written_is_offered(project: Path, typed: str, kind: str, offered: set[str]) -> None:
    text = PLAN.replace("4. join($3)\n", typed)
    found = completions(Workspace().read(str(project / "a.plan"), text), len(text))
    assert {one.label for one in found if one.kind == kind} == offered


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_places_lead_back_to_where_they_came_from(encoding: str) -> None:
    chars = random.Random(7)
    for _ in range(200):
        text = "".join(chars.choices("ab😀é\r\n\u2028\x0c", k=30))
        columns = Columns(Source("a", text), encoding)
        for offset in range(len(text) + 1):
            if text[offset : offset + 1] != "\n" or text[max(0, offset - 1) : offset] != "\r":
                assert columns.offset(*columns.place(offset)) == offset


def test_a_place_inside_of_a_character_or_past_an_end_is_brought_back() -> None:
    columns = Columns(Source("a", "1😀2\nb"))
    assert [columns.offset(0, at) for at in range(6)] == [0, 1, 1, 2, 3, 3]
    assert columns.offset(1, 99) == 5
    assert columns.offset(99, 0) == 5
    assert columns.offset(-1, -1) == 0


def test_nothing_in_a_text_ends_the_block_that_it_is_shown_in() -> None:
    assert fenced("a\n````\nb") == "`````python\na\n````\nb\n`````"
    assert len(fenced("x" * 100_000)) < 5_000
