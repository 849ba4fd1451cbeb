"""A run has one and the same report, from `lcc run --report`, `lcc resume --report` and `lcc report`: with what passes changed, and why."""

from __future__ import annotations

import html
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from command_line import Command

pytestmark = pytest.mark.usefixtures("folder")
RUN = ("run", "a.plan", "--tools", "tools.py", "-O", "2", "--journal", "j", "--report", "page.html")
FLAKY = """\
import lcc

made = []

@lcc.tool(effect="read", retries=2)
def fetch(query: str) -> str:
    made.append(query)
    if len(made) == 1:
        raise OSError("not yet")
    return f"about {query}"

@lcc.tool(effect="write")
def send(text: str) -> str:
    return f"sent {text}"
"""


def words(page: str) -> str:
    """Return what a page says, on one line."""
    body = re.sub(r"<svg.*?</svg>|<script.*?</script>|<style.*?</style>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def page_of(path: str = "page.html") -> str:
    return Path(path).read_text(encoding="utf-8")


def test_it_is_the_same_from_the_run_and_from_the_journal(lcc: Command) -> None:
    assert lcc(*RUN).status == 0
    said = words(page_of())
    assert "What passes changed: 1 deduplicate 1 and 2 are one: `search` is read" in said
    assert lcc("report", "j").out == page_of()
    assert "500 ms" in page_of()  # what tools declare stands in the graph


def test_it_is_the_same_when_the_plan_has_been_changed_or_is_gone(lcc: Command) -> None:
    lcc(*RUN)
    Path("a.plan").write_text("1. note(1)\n", encoding="utf-8")
    assert lcc("report", "j").out == page_of()
    Path("a.plan").unlink()
    assert lcc("report", "j").out == page_of()


def test_a_run_of_which_nothing_was_changed_says_so(lcc: Command) -> None:
    Path("a.plan").write_text('1. search("x")\n2. join($1)\n', encoding="utf-8")
    lcc(*RUN)
    assert "What passes changed: nothing" in words(page_of())
    assert lcc("report", "j").out == page_of()


def test_a_program_is_shown_with_what_was_found_and_what_waits_for_what(lcc: Command) -> None:
    text = 'said = ""\nfor city in ["Rome", "Oslo"]:\n    said = search(said + city)\nnote(said)\nanswer(said)\n'
    Path("a.py").write_text(text, encoding="utf-8")
    assert lcc("run", "a.py", "--tools", "tools.py", "--journal", "j", "--report", "page.html").status == 0
    said = words(page_of())
    assert "What passes changed: " in said
    assert "for city in" in said
    assert lcc("report", "j").out == page_of()


def test_attempts_and_what_was_waited_for_stand_in_the_timeline(lcc: Command) -> None:
    Path("tools.py").write_text(FLAKY, encoding="utf-8")
    Path("a.plan").write_text('1. fetch("x")\n2. send($1)\n3. join($2)\n', encoding="utf-8")
    assert lcc(*RUN).status == 0
    page = page_of()
    assert page.count('class="b-failed') == 1
    assert "failed, failed; OSError: not yet" in page
    assert "waiting, another try in" in page
    assert "running, ok; attempt 2" in page
    assert "4 calls" not in words(page)
    assert "3 calls" in words(page)
    assert lcc("report", "j").out == page


def test_a_run_that_failed_says_why_in_both(lcc: Command) -> None:
    Path("a.py").write_text('search("x")\nfail("boom")\n', encoding="utf-8")
    assert lcc("run", "a.py", "--tools", "tools.py", "--journal", "j", "--report", "page.html").status == 1
    assert "RuntimeError: boom" in words(page_of())
    assert lcc("report", "j").out == page_of()


def test_a_resumed_run_is_reported_with_what_passes_changed_at_first(lcc: Command) -> None:
    Path("a.plan").write_text('1. search("x")\n2. search("x")\n3. erase($1)\n4. join($2, $3)\n', encoding="utf-8")
    waits = lcc(*RUN, "--wait")
    assert waits.status == 3, waits.err
    assert "waiting" in words(lcc("report", "j").out)
    done = lcc("resume", "j", "--tools", "tools.py", "--approve", "--report", "page.html")
    assert done.status == 0, done.err
    said = words(page_of())
    assert "deduplicate 1 and 2 are one: `search` is read" in said
    assert "2 calls" in said  # one before, one after
    assert lcc("report", "j").out == page_of()


def test_a_default_of_a_secret_input_is_not_kept(lcc: Command) -> None:
    text = 'secret input key: str = "hunter2x"\n1. search($key)\n2. join($1)\n'
    Path("a.plan").write_text(text, encoding="utf-8")
    assert lcc(*RUN).status == 0
    Path("a.plan").unlink()
    page = lcc("report", "j").out
    assert "search($key)" in words(page).replace(" ", "")
    assert "hunter2x" not in page
    assert b"hunter2x" not in Path("j").read_bytes()


@pytest.mark.parametrize(
    ("part", "told"),
    [("compiled", "{}"), ("compiled", '{"text": 1'), ("compiled", "[]"), ("spent", '{"calls": -1}'), ("spent", "7")],
)
def test_what_was_damaged_in_it_is_said(lcc: Command, part: str, told: str) -> None:
    lcc(*RUN)
    with closing(sqlite3.connect("j")) as file, file:
        assert file.execute("UPDATE details SET told = ? WHERE part = ?", (told, part)).rowcount == 1
    done = lcc("report", "j")
    assert (done.status, done.out) == (1, "")
    assert "error[X010]: j is damaged" in done.err


def test_a_journal_that_holds_less_is_reported_as_far_as_it_goes(lcc: Command) -> None:
    lcc(*RUN)
    with closing(sqlite3.connect("j")) as file, file:
        file.execute("DELETE FROM details")
        file.execute("UPDATE starts SET at = NULL")
    page = lcc("report", "j").out
    assert "What passes changed" not in words(page)
    assert "about tides in Paris" in page
    assert "b-running" in page
