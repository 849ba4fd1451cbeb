"""What a page may ask for, and what it is shown: findings at their places, panes in which nothing is more than text."""

from __future__ import annotations

import pytest

from lcc.cli.explorer.page_request import MOST_TEXT, PANES, Asked, WrongRequest, read_asked
from lcc.cli.explorer.panes import MOST_DRAWN, Looked, look
from lcc.grammar.signatures import Tools
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.values import Json

STUB = '@tool(effect="read")\ndef find(text: str) -> str: ...\n'
GIVEN: dict[str, Json] = {
    "text": "1. f()", "front_end": "plan", "level": 2, "passes": None, "pane": "ir", "inputs": "",
}  # fmt: skip
TEXT = '1. find("a")\n2. find("a")\n3. join($1, $2)\n'


@pytest.fixture
def tools() -> Tools:
    return {one.name: one for one in read_stub(STUB, "tools.pyi").signatures}


def test_a_request_is_read() -> None:
    assert read_asked({**GIVEN, "passes": ["bind"], "runs": True}) == Asked("1. f()", passes=("bind",), runs=True)


@pytest.mark.parametrize(
    "wrong",
    [{"text": 1}, {"text": "x" * (MOST_TEXT + 1)}, {"level": 4}, {"level": True}, {"pane": "secrets"}, {"passes": "all"},
     {"passes": ["x"] * 101}, {"inputs": None}, {"front_end": []}],
    ids=str,
)  # fmt: skip
def test_another_request_is_refused(wrong: dict[str, Json]) -> None:
    with pytest.raises(WrongRequest):
        read_asked({**GIVEN, **wrong})


@pytest.mark.parametrize("pane", PANES)
def test_every_pane_shows_something_of_a_right_text(pane: str, tools: Tools) -> None:
    shown = look(Looked(Asked(TEXT, pane=pane), tools))
    assert shown["runs"] is True
    assert (shown["pane"] == "") is (pane == "run")


@pytest.mark.parametrize("pane", [pane for pane in PANES if pane not in ("run", "prompt")])
def test_of_a_wrong_text_nothing_is_compiled(pane: str, tools: Tools) -> None:
    shown = look(Looked(Asked('1. fimd("a")\n2. join()', pane=pane), tools))
    assert shown["runs"] is False
    assert "1 error" in str(shown["pane"])


def test_passes_are_shown_with_reasons_and_differences(tools: Tools) -> None:
    shown = str(look(Looked(Asked(TEXT, pane="passes"), tools))["pane"])
    assert "1 and 2 are one" in shown
    assert '<span class="d-old">-%2 = find(&quot;a&quot;)' in shown


def test_chosen_passes_are_those_that_run(tools: Tools) -> None:
    shown = str(look(Looked(Asked(TEXT, passes=("eliminate-dead-tasks",), pane="passes"), tools))["pane"])
    assert "<b>eliminate-dead-tasks</b>" in shown
    assert "<b>deduplicate</b>" not in shown


def test_a_pass_or_a_language_that_is_not_there_is_said(tools: Tools) -> None:
    assert "there is no pass" in str(look(Looked(Asked(TEXT, passes=("nonsense",)), tools))["pane"])
    assert "there is no front end" in str(look(Looked(Asked(TEXT, front_end="cobol"), tools))["pane"])


def test_the_prompt_is_that_of_the_language(tools: Tools) -> None:
    plan, program = (look(Looked(Asked("", name, pane="prompt"), tools))["pane"] for name in ("plan", "python"))
    assert "END_OF_PLAN" in str(plan)
    assert "END_OF_PLAN" not in str(program)
    assert "find" in str(program)


def test_places_are_counted_as_scripts_count_them(tools: Tools) -> None:
    text = '1. find("𝒳𝒳𝒳")\n2. fimd("𝒳")\n3. join()\n'
    found = look(Looked(Asked(text), tools))["findings"]
    assert isinstance(found, list)
    one = found[0]
    assert isinstance(one, dict)
    units = text.encode("utf-16-le")
    start, end = one["start"], one["end"]
    assert isinstance(start, int)
    assert isinstance(end, int)
    assert units[2 * start : 2 * end].decode("utf-16-le") == "fimd"
    assert one["place"] == "2:4"


def test_a_fix_is_edits(tools: Tools) -> None:
    found = look(Looked(Asked(TEXT), tools))["findings"]
    assert isinstance(found, list)
    assert [one["fix"]["edits"] for one in found if isinstance(one, dict) and one["code"] == "L002"] == [  # type: ignore[index,call-overload]
        [[13, 26, ""], [39, 40, "1"]]
    ]


def test_what_a_text_holds_is_text() -> None:
    text = '1. f("</pre><script>alert(1)</script><img src=x onerror=alert(1)>")\n2. join($1)\n'
    for pane in PANES:
        shown = str(look(Looked(Asked(text, pane=pane), {}))["pane"])
        assert "<script>alert" not in shown
        assert "<img" not in shown


def test_a_plan_of_very_many_calls_is_not_drawn(tools: Tools) -> None:
    text = "".join(f'{n}. find("{n}")\n' for n in range(1, MOST_DRAWN + 2)) + f"{MOST_DRAWN + 2}. join()\n"
    assert "<svg" not in str(look(Looked(Asked(text, pane="graph"), tools))["pane"])
