"""The example plans say what they seem to say: clean, formatted, and with results that one can check by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import anyio
import pytest

import lcc
from lcc.compiler import check
from lcc.grammar.formatting.format import format_plan
from lcc.grammar.values import Json
from lcc.passes.lint import lint
from lcc.runtime.result import RunResult
from lcc.toolset import load_bound, load_static

ROOT = Path(__file__).parents[2]
PLANS = sorted((ROOT / "examples" / "plans").glob("*.plan"))
CODE = str(ROOT / "examples" / "tools.py")
DECLARATIONS = str(ROOT / "examples" / "tools.pyi")


def run(name: str, folder: Path, inputs: Mapping[str, Json] | None = None, level: int = 2) -> RunResult:
    toolset = load_bound([CODE])
    assert toolset.diagnostics == ()
    # The module reads where the outbox is when it is loaded; each test has its own.
    toolset.tools["send"].function.__globals__["OUTBOX"] = folder
    tools = list(toolset.tools.values())
    text = (ROOT / "examples" / "plans" / f"{name}.plan").read_text(encoding="utf-8")
    compiled = lcc.compile(text, tools, level=level)

    async def main() -> RunResult:
        return await lcc.execute(compiled.plan, tools, inputs or {})

    return anyio.run(main)


def test_the_declarations_say_what_the_code_says() -> None:
    code, declarations = load_static([CODE]), load_static([DECLARATIONS])
    assert code.diagnostics == declarations.diagnostics == ()
    assert dict(code.signatures) == dict(declarations.signatures)


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_a_plan_is_in_its_canonical_form(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert format_plan(text).text == text


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_only_the_wasteful_plan_gives_findings(path: Path) -> None:
    parsed = lcc.parse(path.read_text(encoding="utf-8"))
    tools = load_static([DECLARATIONS]).signatures
    found = [*check(parsed, tools), *lint(parsed.plan, tools, parsed.source)]
    assert [d.code for d in found] == (["L002", "L002", "L001"] if path.stem == "wasteful" else [])


@pytest.mark.parametrize("level", [0, 2, 3])
def test_the_market_cap_question_is_answered(tmp_path: Path, level: int) -> None:
    result = run("market_cap", tmp_path, level=level)
    assert (result.status, result.answer) == (
        "ok",
        "On 2023-12-29, Microsoft's market value would have had to grow by 0.2 trillion dollars, or 7.2 %, to reach Apple's.",
    )


def test_inputs_change_the_question(tmp_path: Path) -> None:
    result = run("market_cap", tmp_path, {"challenger": "NVIDIA", "leader": "Alphabet"})
    assert isinstance(result.answer, str)
    assert "NVIDIA's market value would have had to grow by 0.54 trillion dollars, or 44.3 %" in result.answer


@pytest.mark.parametrize("level", [0, 2, 3])
def test_the_mountains_are_compared(tmp_path: Path, level: int) -> None:
    answer = "Mount Everest is 237.86 m higher than K2, and 1.5 times as high as Mount Kilimanjaro."
    assert run("mountains", tmp_path, level=level).answer == answer


@pytest.mark.parametrize("level", [0, 3])
def test_the_optimizer_leaves_the_answer_and_fewer_calls(tmp_path: Path, level: int) -> None:
    result = run("wasteful", tmp_path, level=level)
    assert result.answer == "Mount Everest is 2953.86 m higher than Mount Kilimanjaro, 1.5 times as high."
    assert len(result.tasks) == (9 if level == 0 else 6)


def test_messages_to_one_traveller_arrive_in_the_order_of_the_plan(tmp_path: Path) -> None:
    result = run("trip", tmp_path, {"city": "Kyoto", "month": 11})
    assert result.status == "ok"
    first, second = (tmp_path / "ada.txt").read_text(encoding="utf-8").splitlines()
    assert first == "Kyoto in month 11: up to 17.0 °C (62.6 °F), 74.0 mm of rain."
    assert second.startswith("It is 9614.3 km from Paris, 13 hours by air. Kyoto was the imperial capital")
    assert (tmp_path / "family.txt").read_text(encoding="utf-8") == "ada goes to Kyoto.\n"
    assert result.join == [{"high": 17.0, "low": 8.0, "rain": 74.0}, 13, 2, 1]


def test_a_fan_out_makes_sixty_calls_and_a_ranking(tmp_path: Path) -> None:
    result = run("fan_out", tmp_path)
    assert result.status == "ok"
    assert sum(isinstance(id_, lcc.Element) for id_ in result.tasks) == 60
    [ranking] = result.join
    assert isinstance(ranking, list)
    assert [place["name"] for place in ranking if isinstance(place, dict)] == [
        "Mount Everest",
        "K2",
        "Kangchenjunga",
        "Aconcagua",
        "Denali",
    ]


def test_an_unknown_entity_fails_alone(tmp_path: Path) -> None:
    result = run("market_cap", tmp_path, {"challenger": "Atlantis"})
    assert result.status == "failed"
    assert [(id_, record.status) for id_, record in result.tasks.items()] == [
        (1, "failed"),
        (2, "ok"),
        (3, "skipped"),
        (4, "skipped"),
    ]


@pytest.mark.slow
def test_the_demo_shows_source_ir_reasons_runs_and_answers() -> None:
    environment = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "FORCE_COLOR")}
    command = [sys.executable, str(ROOT / "examples" / "demo.py")]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, check=True)
    assert done.stderr == ""
    for shown in (
        '6. search("height of Mount Everest")',
        '%6 = search("height of Mount Everest")',
        "merged %6 = %1",
        "dropped %8",
        "1 and 6 are one: `search` is read",
        "Mount Everest is 2953.86 m higher than Mount Kilimanjaro",
        "61 calls in",
        "Kangchenjunga",
        "error[V004]: there is no tool `serch`",
    ):
        assert shown in done.stdout
    assert "\x1b" not in done.stdout
