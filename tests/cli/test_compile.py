"""Check `lcc compile`, `lcc opt` and `lcc graph`: forms, levels, passes, and what shows the passes at work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import PLAN, Command

from lcc.grammar.ir.json_form import from_json
from lcc.grammar.ir.text_form import parse_ir
from lcc.grammar.syntax.parser import parse_plan


def test_the_forms_say_the_same(folder: Path, lcc: Command) -> None:
    text = lcc("compile", "a.plan", "--tools", "tools.py")
    data = lcc("compile", "a.plan", "--tools", "tools.py", "--emit", "json")
    assert (text.status, data.status) == (0, 0)
    assert parse_ir(text.out) == from_json(json.loads(data.out))


def test_the_plan_form_is_a_plan_file(folder: Path, lcc: Command) -> None:
    done = lcc("compile", "a.plan", "--emit", "plan", "-O0")
    assert parse_plan(done.out).plan == parse_plan(PLAN).plan


def test_the_ir_notes_what_is_known_of_tools(folder: Path, lcc: Command) -> None:
    done = lcc("compile", "a.plan", "--tools", "tools.py")
    assert '%1 = search(f"tides in {$city}") prio 0.5    ; read -> str, 500 ms\n' in done.out


@pytest.mark.parametrize(("level", "merged"), [("-O0", 0), ("-O1", 1), ("-O 2", 1), ("-O3", 1)])
def test_levels_choose_passes(level: str, merged: int, folder: Path, lcc: Command) -> None:
    done = lcc("compile", "a.plan", "--tools", "tools.py", *level.split())
    assert done.out.count("merged %2 = %1") == merged


def test_passes_can_be_named(folder: Path, lcc: Command) -> None:
    done = lcc("compile", "a.plan", "--tools", "tools.py", "--passes", "deduplicate, order-effects")
    assert "merged %2 = %1" in done.out
    assert "prio" not in done.out


@pytest.mark.parametrize("option", ["--passes", "--print-after"])
def test_an_unknown_pass_is_a_usage_error_that_suggests_one(option: str, folder: Path, lcc: Command) -> None:
    done = lcc("compile", "a.plan", option, "dedupliate")
    assert done.status == 2
    assert done.out == ""
    assert "there is no pass `dedupliate`; did you mean `deduplicate`?" in done.err


def test_a_level_that_does_not_exist_is_a_usage_error(folder: Path, lcc: Command) -> None:
    assert lcc("compile", "a.plan", "-O7").status == 2


def test_print_after_shows_the_change_of_one_pass(folder: Path, lcc: Command) -> None:
    done = lcc("compile", "a.plan", "--tools", "tools.py", "--print-after", "deduplicate")
    lines = done.err.splitlines()
    assert lines[:2] == ["--- before deduplicate", "+++ after deduplicate"]
    assert '-%2 = search(query=f"tides in {$city}")' in lines
    assert "+merged %2 = %1" in lines
    assert "order" not in done.err


def test_print_after_all_shows_every_pass(folder: Path, lcc: Command) -> None:
    done = lcc("compile", "a.plan", "--tools", "tools.py", "--print-after-all", "-O1")
    heads = [line for line in done.err.splitlines() if line.startswith("--- ")]
    assert heads == [
        "--- before bind",
        "--- before deduplicate",
        "--- eliminate-dead-tasks: nothing changed",
        "--- order-effects: nothing changed",
        "--- before order-critical-path",
    ]


def test_stats_say_what_was_changed_where_and_why(folder: Path, lcc: Command) -> None:
    done = lcc("compile", "a.plan", "--tools", "tools.py", "--stats")
    assert "deduplicate: 3 to 2 tasks (1 merged)\n  line 3: 1 and 2 are one: `search` is read\n" in done.err


def test_times_are_shown_for_every_pass(folder: Path, lcc: Command) -> None:
    done = lcc("compile", "a.plan", "--tools", "tools.py", "--time-passes", "-O0")
    assert [line.split()[-1] for line in done.err.splitlines()] == ["bind", "order-effects", "passes"]


def test_each_pass_can_be_verified(folder: Path, lcc: Command) -> None:
    assert lcc("compile", "a.plan", "--tools", "tools.py", "--verify-each").status == 0


def test_a_broken_pass_is_reported_as_one(folder: Path, lcc: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    from lcc.grammar.ir import Plan
    from lcc.passes import pipeline

    def lose_tasks(plan: Plan, context: object) -> Plan:
        return Plan(plan.inputs, (), plan.join)

    monkeypatch.setattr(pipeline, "PASSES", {**pipeline.PASSES, "deduplicate": lose_tasks})
    done = lcc("compile", "a.plan", "--tools", "tools.py", "--verify-each")
    assert done.status == 1
    assert done.out == ""
    assert "error: pass deduplicate made an invalid plan" in done.err


def test_opt_gives_a_plan_that_is_optimized(folder: Path, lcc: Command) -> None:
    done = lcc("opt", "a.plan", "--tools", "tools.py")
    assert done.out == (
        'input city: str = "Paris"\n1. search("tides in $city")\n3. add(1.0, 2.0)\n4. join($1, $1, $3)\n'
    )
    assert lcc("check", "-", stdin=done.out).status == 0


def test_opt_writes_a_file(folder: Path, lcc: Command) -> None:
    assert lcc("opt", "a.plan", "-o", "b.plan") == (0, "", "")
    assert Path("b.plan").read_text(encoding="utf-8") == lcc("opt", "a.plan").out


def test_opt_reports_a_file_that_can_not_be_written(folder: Path, lcc: Command) -> None:
    done = lcc("opt", "a.plan", "-o", "no/such/folder.plan")
    assert done.status == 1
    assert "error[P090]: can't write the file: no such file or directory" in done.err


def test_graphs_come_in_two_forms(folder: Path, lcc: Command) -> None:
    assert lcc("graph", "a.plan").out.startswith("flowchart")
    assert lcc("graph", "a.plan", "--format", "dot").out.startswith("digraph")


def test_warnings_do_not_stop_compilation(folder: Path, lcc: Command) -> None:
    done = lcc("compile", "-", stdin='input city: str = "a"\n1. search("in $ciy")\n2. join()\n')
    assert done.status == 0
    assert "warning[P022]" in done.err
    assert "1 warning\n" in done.err
    assert "%1 = search" in done.out
