"""The example programs and their plan files do the same: equal answers, printed texts and writes."""

from __future__ import annotations

import json
from pathlib import Path

import anyio
import pytest

import lcc
from lcc.compiler import check
from lcc.grammar.diagnostics import has_errors
from lcc.grammar.formatting.format import format_plan
from lcc.grammar.front_ends.python import parse
from lcc.grammar.syntax.print_plan import print_plan
from lcc.grammar.values import Json
from lcc.grammar.writing.program_text import print_python
from lcc.toolset import load_bound, load_static

FOLDER = Path(__file__).parents[2] / "examples" / "programs"
CODE = str(FOLDER / "tools.py")
PROGRAMS = sorted(path for path in FOLDER.glob("*.py") if path.stem != "tools")
ANSWERS: dict[str, Json] = {
    "any_room": 1,
    "batches": {"batches": 1, "short": ["salt"]},
    "dearest": "1.75 times as dear, 9 more.",
    "reading_list": ["mail to ada@town.example", "mail to ben@town.example", "mail to cleo@town.example"],
    "sky_report": {
        "faintest": {"cluster": "M13", "galaxy": "M81", "nebula": "M57"},
        "noted": ["M13 on wed", "M81 on tue", "M57 on thu"],
    },
    "baking": ["200 g of flour", "50 g of oil", "7 g of salt", "20 g of sugar"],
    "cheapest": "F3 at 11:05 for 18",
    "clear_night": {"night": "wed", "cover": 10, "object": "M31"},
    "crossing": "F3-4 for 36.00",
    "first_dark": "tue: M57, M81",
    "ledger": "cleo has kept Bread for 50 days",
    "overdue": [{"name": "ada", "books": 1}, {"name": "cleo", "books": 2}],
    "together": {"books": 5, "objects": 4, "failed": ["there is no bed east"]},
    "warm_beds": {"north": 19.7, "south": 28.2},
    "windows": {"north": 25, "south": 100},
}


def run(text: str, front_end: str, folder: Path) -> tuple[Json, str | None, dict[str, list[Json]]]:
    """Return what a program hands back and prints, and the lines of each file that it wrote."""
    toolset = load_bound([CODE])
    assert toolset.diagnostics == ()
    toolset.tools["order"].function.__globals__["OUTBOX"] = folder
    tools = list(toolset.tools.values())

    async def main() -> lcc.RunResult:
        return await lcc.execute(lcc.compile(text, tools, front_end=front_end).plan, tools, {})

    result = anyio.run(main)
    assert result.ok, result.failure
    assert isinstance(result.join, list)
    written = {
        path.stem: [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for path in folder.glob("*.jsonl")
    }
    return result.join[0], result.printed, written


def test_there_is_an_answer_for_each_program() -> None:
    assert ANSWERS.keys() == {path.stem for path in PROGRAMS}


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_program_and_its_plan_file_do_the_same(path: Path, tmp_path: Path) -> None:
    program, plan = path.read_text("utf-8"), path.with_suffix(".plan").read_text("utf-8")
    as_program = run(program, "python", tmp_path / "program")
    as_plan = run(plan, "plan", tmp_path / "plan")
    assert as_program == as_plan
    assert as_program[0] == ANSWERS[path.stem]


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_plan_file_is_what_its_program_says(path: Path) -> None:
    tools = load_static([CODE]).signatures
    parsed = parse(path.read_text("utf-8"), tools=tools)
    text = path.with_suffix(".plan").read_text("utf-8")
    assert print_plan(parsed.plan) == text
    assert format_plan(text).text == text
    assert not has_errors(check(lcc.parse(text), tools))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_plan_file_becomes_a_program_again(path: Path, tmp_path: Path) -> None:
    plan = lcc.parse(path.with_suffix(".plan").read_text("utf-8")).plan
    assert run(print_python(plan), "python", tmp_path)[0] == ANSWERS[path.stem]
