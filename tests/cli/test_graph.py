"""`lcc graph` draws pictures and pages, and what differs between two plans."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import Command

pytestmark = pytest.mark.usefixtures("folder")
OTHER = 'input city: str = "Paris"\n1. search("tides in $city")\n3. add(1, 5)\n4. shout()\n5. join($1, $3, $4)\n'


def test_a_picture_shows_costs_and_the_path_that_decides(lcc: Command) -> None:
    done = lcc("graph", "a.plan", "--tools", "tools.py", "--format", "svg")
    assert (done.status, done.err) == (0, "")
    assert "500 ms" in done.out
    assert "critical path" in done.out


def test_passes_are_shown_by_what_they_took_away(lcc: Command) -> None:
    done = lcc("graph", "a.plan", "--tools", "tools.py", "-O", "2", "--diff", "--format", "svg")
    assert done.status == 0
    assert re.search(r'class="node call removed"[^>]*><title>2\. search', done.out)


def test_two_plans_are_compared(lcc: Command) -> None:
    Path("b.plan").write_text(OTHER, encoding="utf-8")
    done = lcc("graph", "b.plan", "--diff", "a.plan", "--tools", "tools.py", "--format", "html")
    assert done.status == 0
    marks = {title[0]: mark for mark, title in re.findall(r'class="node \S+ (\w*)"[^>]*><title>(\S+)', done.out)}
    assert marks["2"] == "removed"
    assert marks["4"] == "added"
    assert "was 3. add(1.0, 2.0)" in done.out
    shown = lcc("graph", "b.plan", "--diff", "a.plan", "--tools", "tools.py")
    assert '"− 2#46; search' in shown.out.replace("#8722;", "−")


@pytest.mark.parametrize("form", ["svg", "html"])
def test_a_hostile_plan_is_text(lcc: Command, form: str) -> None:
    Path("c.plan").write_text('1. search("</text><script>alert(1)</script>]]>")\n2. join($1)\n', encoding="utf-8")
    done = lcc("graph", "c.plan", "--tools", "tools.py", "--format", form)
    assert done.status == 0
    assert "<script>alert" not in done.out
    assert "&lt;script&gt;" in done.out


def test_a_file_to_compare_with_that_is_not_there_is_said(lcc: Command) -> None:
    done = lcc("graph", "a.plan", "--tools", "tools.py", "--diff", "nothing.plan")
    assert done.status == 1
    assert "nothing.plan: error[P090]" in done.err


def test_a_run_is_reported_from_its_journal(lcc: Command) -> None:
    done = lcc("run", "a.plan", "--tools", "tools.py", "--journal", "runs.db", "--report", "run.html")
    assert (done.status, lcc("report", "runs.db", "-o", "stored.html").status) == (0, 0)
    for name in ("run.html", "stored.html"):
        page = Path(name).read_text(encoding="utf-8")
        assert "about tides in Paris" in page
        assert "&quot;query&quot;: &quot;tides in Paris&quot;" in page
        assert "b-running" in page
    assert lcc("report", "runs.db").out == Path("stored.html").read_text(encoding="utf-8")


def test_a_run_without_a_journal_leaves_none(lcc: Command) -> None:
    assert lcc("run", "a.plan", "--tools", "tools.py", "--report", "run.html").status == 0
    assert "&quot;query&quot;: &quot;tides in Paris&quot;" in Path("run.html").read_text(encoding="utf-8")
    assert {path.name for path in Path().iterdir() if path.is_file()} == {"a.plan", "tools.py", "run.html"}


def test_a_page_that_cannot_be_written_is_said_and_loses_nothing(lcc: Command) -> None:
    done = lcc("run", "a.plan", "--tools", "tools.py", "--report", "no/run.html")
    assert done.status == 1
    assert "$3 = 3" in done.out
    assert "no/run.html: error[P090]: can't write the file" in done.err
