"""Recorded plans as plans with steps and as programs: by fixed rules, and answered as the record says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.command import main
from benchmarks.dialects import program, steps
from benchmarks.recorded import read_plan, resolve
from benchmarks.rows import read
from benchmarks.shorter import END

PARAMETERS = {"search": ("entity",), "math": ("question", "context")}
PAGES = {"Volga": "3531 km", "Mekong": "4909 km"}
LENGTHS = '1. search("Volga")\n2. math("length", ["$1"])\n3. search("Mekong")\n4. math("length", ["$3"])\n'


def written(plan: str, numbers: dict[int, float], answer: str, *, direct: bool) -> tuple[list[str], list[str]]:
    def perform(id_: int, tool: str, arguments: Any) -> Any:
        return PAGES[arguments["entity"]] if tool == "search" else numbers[id_]

    read_ = read_plan(plan)
    calls = resolve(read_, PARAMETERS, perform)
    as_steps = steps(read_, calls, answer, direct=direct).splitlines()
    as_program = program(read_, calls, answer, direct=direct).splitlines()
    assert as_steps[-1] == END
    assert (as_program[0], as_program[-1]) == ("```python", "```")
    return as_steps[:-1], as_program[1:-1]


@pytest.mark.parametrize(
    ("direct", "step", "line"), [(False, "6. join()", "print(math5)"), (True, "6. answer($5)", "answer(math5)")]
)
def test_arithmetic_over_results_is_computed_and_ends_the_plan_if_it_is_the_answer(
    direct: bool, step: str, line: str
) -> None:
    plan = LENGTHS + '5. math("max($2, $4) / min($2, $4)")\n6. join()<END_OF_PLAN>'
    as_steps, as_program = written(plan, {2: 3531, 4: 4909, 5: 1.39}, "1.39", direct=direct)
    assert as_steps[3:] == ['4. math("length", ["$3"])', "5. = max($2, $4) / min($2, $4)", step]
    assert as_program[3:] == [
        'math4 = math("length", [search3])',
        "math5 = max(math2, math4) / min(math2, math4)",
        line,
    ]


def test_the_name_of_the_largest_or_smallest_is_chosen_where_it_is_the_answer() -> None:
    plan, numbers = LENGTHS + "5. join()<END_OF_PLAN>", {2: 3531.0, 4: 4909.0}
    for answer, function in (("The Mekong", "max"), ("Volga", "min")):
        as_steps, as_program = written(plan, numbers, answer, direct=True)
        assert as_steps[4:] == [f'5. = {function}([[$2, "Volga"], [$4, "Mekong"]])[1]', "6. answer($5)"]
        assert as_program[4:] == [f'answer({function}([(math2, "Volga"), (math4, "Mekong")])[1])']
    as_steps, as_program = written(plan, numbers, "the second", direct=True)
    assert as_steps[4:] == ["5. join()"]
    assert as_program[4:] == ['print({"Volga": math2, "Mekong": math4})']


def test_like_calls_that_no_call_reads_become_one() -> None:
    plan = '1. search("Volga")\n2. search("Mekong")\n3. join()<END_OF_PLAN>'
    as_steps, as_program = written(plan, {}, "Mekong", direct=True)
    assert as_steps == ['1. search(each ["Volga", "Mekong"])', "2. join()"]
    assert as_program == ['print([search(x) for x in ["Volga", "Mekong"]])']


@pytest.mark.parametrize("question", ["the ratio of $2 to $4", "sum($2, $4)", "min($2)", "__import__('os')"])
def test_what_is_no_arithmetic_over_results_stays_a_call(question: str) -> None:
    plan = LENGTHS + f'5. math("{question}")\n6. join()<END_OF_PLAN>'
    as_steps, as_program = written(plan, {2: 1.0, 4: 2.0, 5: 3.0}, "3", direct=False)
    assert as_steps[4].startswith("5. math(")
    assert as_program[4].startswith("math5 = math(")


@pytest.mark.parametrize(
    "names", [["parallelqa"], pytest.param(["hotpotqa", "movie", "game24", "webshop"], marks=pytest.mark.slow)]
)
def test_plans_with_steps_and_programs_are_answered_as_plans_are(names: list[str], tmp_path: Path) -> None:
    forms = ["lcc-steps", "lcc-steps-answer", "lcc-python", "lcc-python-answer"]
    chosen = ["--evaluations", *names, "--strategies", "lcc", *forms]
    assert main(["run", "--smoke", "--questions", "2", *chosen, "--out", str(tmp_path)]) == 0
    rows = read(tmp_path / "rows.jsonl").rows
    plain = {(row.evaluation, row.question): row for row in rows if row.strategy == "lcc"}
    assert {row.strategy for row in rows} == {"lcc", *forms}
    for row in rows:
        assert (row.strategy, row.matches) == (row.strategy, plain[row.evaluation, row.question].matches)
        if row.strategy.endswith("answer") and row.evaluation == "parallelqa":
            assert row.model_calls == 1
