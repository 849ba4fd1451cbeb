"""`lcc check` speaks to other programs: annotations of a workflow, SARIF, hooks, pytest."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
from command_line import Command

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "tests" / "data" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
pytestmark = pytest.mark.usefixtures("folder")
pytest_plugins = ["pytester"]


def test_annotations_name_file_place_and_help_on_one_line(lcc: Command) -> None:
    Path("a b,c.plan").write_text('1. serch("100%")\n2. join($1)\n', encoding="utf-8")
    done = lcc("check", "a b,c.plan", "--tools", "tools.py", "--format", "github")
    assert done.status == 1
    [line] = done.out.splitlines()
    assert line.startswith("::error file=a b%2Cc.plan,line=1,")
    assert "%0A" in line
    assert "did you mean `search`?" in line


def test_a_sarif_log_is_valid_and_has_rules_places_and_fixes(lcc: Command) -> None:
    Path("ü.plan").write_text('1. search("a")\n2. search("ä𝄞", lim=1)\n3. join($1)\n', encoding="utf-8")
    done = lcc("check", "ü.plan", "a.plan", "--tools", "tools.py", "--format", "sarif")
    log = json.loads(done.out)
    jsonschema.Draft7Validator(SCHEMA).validate(log)
    [run] = log["runs"]
    assert {result["ruleId"] for result in run["results"]} == {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    [wrong] = [one for one in run["results"] if one["level"] == "error"]
    place = wrong["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "%C3%BC.plan"
    assert place["region"]["startLine"] == 2
    assert any("fixes" in one for one in run["results"]) or "limit" in wrong["message"]["text"]


def test_no_findings_are_an_empty_log(lcc: Command) -> None:
    Path("b.plan").write_text("1. add(1, 2)\n2. join($1)\n", encoding="utf-8")
    done = lcc("check", "b.plan", "--tools", "tools.py", "--format", "sarif")
    assert done.status == 0
    log = json.loads(done.out)
    jsonschema.Draft7Validator(SCHEMA).validate(log)
    assert log["runs"][0]["results"] == []


def test_the_hooks_are_commands_that_say_what_is_wrong(lcc: Command) -> None:
    text = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    entries = [entry.split() for entry in re.findall(r"entry: (.+)", text)]
    assert [entry[:2] for entry in entries] == [["lcc", "check"], ["lcc", "fmt"]]
    Path("bad.plan").write_text("1. search(\n", encoding="utf-8")
    for entry in entries:
        assert lcc(*entry[1:], "bad.plan").status == 1
    assert set(re.findall(r"files: (.+)", text)) == {r"\.plan$"}


PLAN = '# tools: fakes.py\n# input: city = "Paris"\n# {expected}\ninput city: str\n1. forecast($city)\n2. {end}\n'
FAKES = "import lcc\n\n\n@lcc.tool(effect='read')\ndef forecast(city: str) -> str:\n    return f'sunny in {city}'\n"


def test_plans_are_tests(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(fakes=FAKES)
    cases = {
        "test_join": ('join: ["sunny in Paris"]', "join($1)"),
        "test_answer": ('answer: "It is sunny in Paris"', 'answer("It is $1")'),
        "test_fails": ("fails: V002", "join($7)"),
        "test_wrong": ('join: ["rainy"]', "join($1)"),
        "test_unsaid": ("a note", "join($1)"),
        "test_no_json": ("join: sunny", "join($1)"),
        "test_does_not_fail": ("fails: rain", "join($1)"),
    }
    for name, (expected, end) in cases.items():
        (pytester.path / f"{name}.plan").write_text(PLAN.format(expected=expected, end=end), encoding="utf-8")
    (pytester.path / "other.plan").write_text("1. nothing(", encoding="utf-8")
    result = pytester.runpytest("-p", "lcc.pytest_plugin", "-p", "no:cacheprovider", "-n0")
    result.assert_outcomes(passed=3, failed=4)
    result.stdout.fnmatch_lines(["*expected: *rainy*"])
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")
