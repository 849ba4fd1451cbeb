"""Speak of a run in the ids and lines of the plan file, whatever passes made of its tasks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Command

from lcc.cli.views.source_tasks import SourceTasks
from lcc.grammar.ir import Element
from lcc.grammar.syntax.parser import parse_plan

TOOLS = """\
import lcc


@lcc.tool(effect="read", batch="embed_all", max_batch=10)
def embed(text: str) -> dict[str, int]:
    if not text:
        raise ValueError("too short")
    return {"size": len(text)}


@lcc.tool(effect="read")
def embed_all(calls: list[dict[str, str]]) -> list[object]:
    return [ValueError("too short") if not call["text"] else {"size": len(call["text"])} for call in calls]


@lcc.tool(effect="read")
def show(it: object) -> str:
    return f"<{it}>"


@lcc.tool(effect="read")
def refuse(why: str) -> str:
    raise RuntimeError(why)
"""
PLAN = """\
# batched, expanded, merged
1. embed("")
2. embed("tides")
3. embed(each ["moon", ""])
4. show($1)
5. show($2["length"])
6. refuse("no")
7. refuse(why="no")
8. show($7)
9. join($1, $2, $3, $4, $5, $7, $8)
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tools.py").write_text(TOOLS)
    (tmp_path / "a.plan").write_text(PLAN)
    return tmp_path


def test_what_went_wrong_is_told_by_source_ids_at_every_level(files: Path, lcc: Command) -> None:
    said = {}
    for level in ("-O2", "-O3"):
        done = lcc("run", "a.plan", "--tools", "tools.py", level)
        assert done.status == 1
        said[level] = done.out
    single, batched = said["-O2"], said["-O3"]
    assert batched == single
    assert batched.splitlines() == [
        "$1 = (failed: ValueError: too short)",
        '$2 = {"size": 5}',
        "$3 = (failed: 3[1]: ValueError: too short)",
        "$4 = (skipped: reads $1, which failed)",
        "$5 = (failed: $2.length: no such key; keys: size)",
        "$7 = (failed: RuntimeError: no)",
        "$8 = (skipped: reads $6, which failed)",
    ]


def test_progress_names_the_calls_of_a_batch_and_the_lines_of_failures(files: Path, lcc: Command) -> None:
    done = lcc("run", "a.plan", "--tools", "tools.py", "-O3")
    assert '  2. embed("tides")' in done.err
    assert "embed_all" not in done.err
    assert "line 7: RuntimeError: no" in done.err
    assert "8. show($7)" in done.err
    assert "10." not in done.err


def test_json_explains_failures_by_source_ids(files: Path, lcc: Command) -> None:
    done = lcc("run", "a.plan", "--tools", "tools.py", "-O3", "--format", "json")
    tasks = json.loads(done.out)["tasks"]
    assert tasks["4"]["error"]["message"] == "reads $1, which failed"
    assert tasks["4"]["error"]["cause"] == "1"
    assert tasks["3"]["error"]["message"] == "3[1]: ValueError: too short"


def test_a_call_that_a_pass_made_is_shown_in_the_terms_of_the_source() -> None:
    parsed = parse_plan('1. a("x")\n\n2. b(each [$1.y])\n3. join()\n', path="a.plan")
    tasks = SourceTasks(parsed.plan, parsed.plan, parsed.source)
    assert [tasks.line(1), tasks.line(2), tasks.line(Element(2, 0)), tasks.line(77)] == [1, 3, 3, None]
    assert [tasks.call(1), tasks.call(Element(2, 0)), tasks.call(77)] == ['a("x")', "b($1.y)", ""]
