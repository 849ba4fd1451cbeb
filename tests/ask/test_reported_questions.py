"""A question has one and the same report, from `lcc ask --report` and from its journal: with all its plans, and what passes made of them."""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from asking import END, finish, replan
from fake_model_server import FakeModelServer

from lcc.__main__ import main

TOOLS = """\
import lcc


@lcc.tool(effect="read", cost=0.25)
def search(query: str) -> str:
    return f"about {query}"


@lcc.tool(effect="write")
def note(text: str) -> str:
    return f"noted {text}"
"""
EQUAL = f'1. search("tides")\n2. search("tides")\n3. join($1, $2)\n{END}'
FURTHER = f'4. note("of $1")\n5. search("moon")\n6. search("moon")\n7. join($4, $5, $6)\n{END}'
WRONG = f'1. serch("tides")\n2. join($1)\n{END}'
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    (tmp_path / "tools.py").write_text(TOOLS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("LCC_MODEL", "LCC_BASE_URL", "LCC_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)

    def lcc_(*argv: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main(argv)
        sys.modules.pop("tools", None)
        return (status, *capsys.readouterr())

    return lcc_


def asked(command: Command, script: dict[str, list[str]], *options: str) -> tuple[int, str]:
    """Ask, and return the status and the page that was written."""
    with FakeModelServer(script) as server:
        use = ("--tools", "tools.py", "--model", "fake", "--base-url", server.base_url)
        status, _, err = command("ask", "What of <tides>?", *use, "--report", "page.html", *options)
    assert "Traceback" not in err
    return status, Path("page.html").read_text(encoding="utf-8")


def words(page: str) -> str:
    """Return what a page says, on one line."""
    body = re.sub(r"<svg.*?</svg>|<script.*?</script>|<style.*?</style>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def test_it_is_the_same_from_the_command_and_from_the_journal(command: Command) -> None:
    script = {"planner": [EQUAL, FURTHER], "joiner": [replan("more"), finish("done")]}
    status, page = asked(command, script, "--journal", "j")
    assert status == 0
    assert command("report", "j")[1] == page


def test_it_tells_of_every_plan_what_passes_changed_and_why(command: Command) -> None:
    script = {"planner": [EQUAL, FURTHER], "joiner": [replan("more"), finish("done")]}
    _, page = asked(command, script)
    said = words(page)
    first, second = said.index("Plan 1"), said.index("Plan 2")
    assert "deduplicate 1 and 2 are one: `search` is read" in said[first:second]
    assert "deduplicate 5 and 6 are one: `search` is read" in said[second:]
    assert "250 ms" in page  # the graph knows what the tools declare
    for part in (
        "Question What of <tides>?",
        "Answer done",
        "2 plans",
        "planner",
        "joiner",
        '"text": "of about tides"',
    ):
        assert part in said, part


def test_a_plan_that_was_refused_is_shown_with_what_was_wrong(command: Command) -> None:
    status, page = asked(command, {"planner": [WRONG, EQUAL], "joiner": [finish("done")]}, "--journal", "j")
    assert status == 0
    assert "error[V004] there is no tool `serch`" in words(page)
    assert command("report", "j")[1] == page


@pytest.mark.parametrize("language", ["python", "steps"])
def test_programs_and_steps_are_shown_as_they_were_written(command: Command, language: str) -> None:
    first, second = {
        "python": ('x = search("tides")\nprint(x)\n', "answer(x + '!')\n"),
        "steps": (f'1. search("tides")\n2. join($1)\n{END}', f'3. = str($1) + "!"\n4. answer($3)\n{END}'),
    }[language]
    script = {"planner": [first, second], "joiner": [replan("more")]}
    status, page = asked(command, script, "--journal", "j", "--language", language)
    assert status == 0
    said = words(page)
    assert re.search(r'search ?\( ?"tides" ?\)', said)
    assert "Answer about tides!" in said
    assert "Results 2" not in said  # it reads what the first one gave, so it can't be done again alone
    assert page.count('id="lcc-t') >= 1
    assert command("report", "j")[1] == page


def test_without_a_journal_nothing_is_left_but_the_page(command: Command) -> None:
    script = {"planner": [EQUAL], "joiner": [finish("done")]}
    status, page = asked(command, script, "--no-journal")
    assert status == 0
    assert "What passes changed: 1" in words(page)
    assert {path.name for path in Path().iterdir()} <= {"tools.py", "page.html", "__pycache__"}


def test_a_question_that_failed_says_why(command: Command) -> None:
    status, page = asked(command, {"planner": [WRONG, WRONG], "joiner": []}, "--journal", "j")
    assert status == 1
    assert "the model wrote no plan that can be run" in words(page)
    assert command("report", "j")[1] == page
