"""Programs are said in the dialects of other systems by a script, and gathered by a fixed rule; a stand-in plays the system."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.peers.systems.worlds import FAULT
from benchmarks.programs import systems
from benchmarks.programs.answers import is_answer
from benchmarks.programs.compared import AT_ONCE
from benchmarks.programs.gathering import gathered
from benchmarks.programs.main_table import table
from benchmarks.programs.records import WORLD, Program
from benchmarks.programs.sandbox_dialects import Unsayable, awaiting, by_name, plain
from benchmarks.programs.systems import SCRIPTS, Figures, measure

TOOLS = {"tide": ["hour"], "reserve": ["berth", "ship"]}


def test_calls_are_awaited_with_names_and_the_answer_stands_last() -> None:
    text = "t = [tide(h).level for h in (1, 2)]\nanswer(t)"
    assert awaiting(text, TOOLS, ["level"]) == "t = [(await tide(hour=h))['level'] for h in (1, 2)]\nt"


def test_an_answer_in_the_middle_makes_a_function() -> None:
    said = awaiting("if tide(1) > 2:\n    answer(1)\nanswer(2)", TOOLS, [])
    assert said.startswith("async def main_program():\n    if await tide(hour=1) > 2:\n        return 1\n    return 2")
    assert said.endswith("await main_program()")


@pytest.mark.parametrize("text", ["answer(sorted([1], key=lambda h: tide(h)))", "answer(any(tide(h) for h in [1]))"])
def test_what_a_dialect_cannot_say_is_refused(text: str) -> None:
    with pytest.raises(Unsayable):
        awaiting(text, TOOLS, [])


def test_tools_are_called_by_name_and_plainly() -> None:
    assert by_name("await tide(hour=1)", TOOLS) == "return await call_tool('tide', {'hour': 1})"
    assert plain("answer(tide(1).level)", ["level"], "final_answer") == "final_answer(tide(1)['level'])"


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("t = [await tide(hour=h) for h in x]", "asyncio.gather(*[_each1(h) for h in x])"),
        ("a = await tide(hour=1)\nb = await tide(hour=2)", "a, b = await asyncio.gather("),
        ("for h in x:\n    t = await tide(hour=h)\n    out.append(t)", "gather(*[tide(hour=h) for h in _over1])"),
    ],
)
def test_reads_are_gathered_by_the_rule(text: str, holds: str) -> None:
    assert holds in gathered(text, ["tide"], ["reserve"])


@pytest.mark.parametrize(
    "text",
    [
        "for h in x:\n    t = await tide(hour=h)\n    if t > 3:\n        break",
        "for h in x:\n    t = await tide(hour=h)\n    await reserve(berth=t, ship=h)",
        "t = [await reserve(berth=b, ship=s) for b in x]",
        "a = await tide(hour=1)\nb = await tide(hour=a)",
    ],
)
def test_what_might_change_a_program_is_not_gathered(text: str) -> None:
    assert gathered(text, ["tide"], ["reserve"]) == text


def test_a_sandbox_that_packs_results_and_shows_no_prints_is_told_so() -> None:
    said = by_name("t = await tide(hour=1)\nprint('high', t, sep=': ')", TOOLS, ["tide"])
    assert said.startswith("async def _result(name, given):\n    return (await call_tool(name, given))['result']\n")
    assert "t = await _result('tide', {'hour': 1})" in said
    assert said.endswith("return '\\n'.join(_lines) if _value is None else _value")


@pytest.mark.parametrize("told", [[1, "a"], '[1.0, "a"]', "(1, 'a')", '{"output": "", "result": [1, "a"]}'])
def test_an_answer_counts_in_whatever_form_it_is_shown(told: object) -> None:
    assert is_answer(told, [1, "a"])
    assert not is_answer(told, [True, "a"])
    assert not is_answer(told, [1, "b"])


STAND_IN = f"""
import asyncio, sys
sys.path.insert(0, {str(SCRIPTS)!r})
from worlds import serve

async def answer(asked, tools):
    for _ in range(2):
        try:
            await tools["notify"]("a", "b")
            return await tools["tide"](5)
        except RuntimeError:
            pass

serve(answer)
"""


def test_a_system_that_runs_its_calls_again_makes_a_write_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stand_in.py").write_text(STAND_IN, encoding="utf-8")
    monkeypatch.setenv("PROGRAM_LATENCY", "0")
    monkeypatch.setattr(systems, "SYSTEMS", {"stand-in": ("stand_in", "")})
    monkeypatch.setattr(systems, "SCRIPTS", tmp_path)
    monkeypatch.setattr(systems, "locked_environment", lambda cache, lock: Path(sys.executable))
    program = Program("p", "", 2, WORLD, [[("notify", {"to": "a", "text": "b"})], [("tide", {"hour": 5})]], wanted=3.25)
    rows: list[Figures] = []
    for fault in (False, True):
        rows += asyncio.run(measure(["stand-in"], [program], AT_ONCE, tmp_path, fault))
    assert [[ended for *_, ended in row.calls] for row in rows] == [[True, True], [True, False, True, True]]
    assert [row.right for row in rows] == [True, True]
    assert FAULT not in rows[1].error
    monkeypatch.setenv("PROGRAM_LATENCY", "1")
    assert table([Figures(**{**_plain(row), "bound": 1.0}) for row in rows], {"notify"}).endswith("| 1 | 1 | 0 | 0 |")
    wrong = replace(rows[0], right=False)
    assert table([wrong], {"notify"}).splitlines()[-1].startswith("| stand-in | 0/1 | 1 |")


def _plain(row: Figures) -> dict[str, object]:
    return {name: getattr(row, name) for name in Figures.__slots__}
