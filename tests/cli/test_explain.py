"""Check `lcc explain`: every code has an explanation whose example really fires."""

from __future__ import annotations

import shlex
from pathlib import Path

import anyio
import pytest
from command_line import Command

import lcc as lcc_package
from lcc import api, compiler
from lcc.cli.rule_examples import FILES, check_example
from lcc.codes import all_rules
from lcc.grammar.diagnostics import Diagnostic, Rule

RULES = {rule.code: rule for rule in all_rules()}
RUN = {"X013", "X014", "X015"}
"""Codes that only a run shows."""
NOT_IN_A_PLAN = {"X002", "X003", "X004", "O004", "O010", *RUN}
"""Codes that depend on a run, what is given to it, or on an installed package, not on the plan alone."""
FRONT_ENDS = {*compiler.FRONT_ENDS, *FILES, "ir"}


def test_no_code_has_two_meanings() -> None:
    assert len(RULES) == len(all_rules())
    assert len({rule.name for rule in RULES.values() if rule.code[0] != "X"}) == len([c for c in RULES if c[0] != "X"])


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_explanation_shows_what_lcc_says(rule: Rule, lcc: Command) -> None:
    done = lcc("explain", rule.code)
    assert done.status == 0
    assert done.out.startswith(f"{rule.code} {rule.name}: {rule.summary}\n")
    if rule.bad and rule.front_end in FRONT_ENDS and rule.code not in NOT_IN_A_PLAN:
        assert f"[{rule.code}]" in done.out
        found = [d for d in check_example(rule, rule.bad)[0] if d.code == rule.code]
        assert len(found) == len(set(found)), "a finding is shown twice"


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_good_example_is_silent(rule: Rule) -> None:
    if rule.good and rule.front_end in FRONT_ENDS and rule.code not in NOT_IN_A_PLAN:
        assert [d for d in check_example(rule, rule.good)[0] if d.code == rule.code] == []


@pytest.mark.parametrize("code", sorted(RUN))
def test_a_run_of_an_example_ends_as_the_rule_says(code: str) -> None:
    rule = RULES[code]
    for text, wanted in ((rule.bad, code), (rule.good, None)):
        result = anyio.run(api.execute, compiler.read(text, {}, front_end=rule.front_end).plan)
        assert (None if result.failure is None else result.failure.code) == wanted


TERMINAL = {code: rule for code, rule in RULES.items() if rule.front_end == "terminal"}
API = {code: rule for code, rule in RULES.items() if rule.front_end == "api"}


def at_the_terminal(session: str, folder: Path, lcc: Command, monkeypatch: pytest.MonkeyPatch) -> str:
    """Do what stands behind each `$`, `cat` by writing the file, and return what was said."""
    said = ""
    monkeypatch.setenv("LCC_BASE_URL", "http://127.0.0.1:9")
    for part in session.removeprefix("$ ").split("\n$ "):
        line, _, shown = part.partition("\n")
        command, *arguments = shlex.split(line)
        if command == "cat":
            (folder / arguments[0]).write_text(shown if shown.endswith("\n") else f"{shown}\n", encoding="utf-8")
        else:
            more = ("--model", "m", "--model-retries", "0") if arguments[0] == "ask" else ()
            said += lcc(*arguments, *more).err
    return said


@pytest.mark.parametrize("rule", TERMINAL.values(), ids=TERMINAL)
def test_commands_of_an_example_say_what_the_rule_says(
    rule: Rule, folder: Path, lcc: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = rule.tools.replace(" ...", ' return "spring tide"')
    (folder / "tools.py").write_text(f"from lcc import tool\n\n{tools}", encoding="utf-8")
    assert f"[{rule.code}]" in at_the_terminal(rule.bad, folder, lcc, monkeypatch)
    assert f"[{rule.code}]" not in at_the_terminal(rule.good, folder, lcc, monkeypatch)


@pytest.mark.parametrize("rule", API.values(), ids=API)
def test_python_of_an_example_says_what_the_rule_says(rule: Rule, capsys: pytest.CaptureFixture[str]) -> None:
    for text, wanted in ((rule.bad, True), (rule.good, False)):
        found: tuple[Diagnostic, ...] = ()
        try:
            exec(text, {"__name__": "example"})
        except lcc_package.CompileError as error:
            found = error.diagnostics
        codes = capsys.readouterr().out + str([d.code for d in found])
        assert (rule.code in codes) is wanted


def test_a_code_is_found_by_its_name_and_in_any_case(lcc: Command) -> None:
    assert lcc("explain", "p003").out == lcc("explain", "unclosed-call").out == lcc("explain", "P003").out


def test_the_explanation_of_a_code_looks_like_this(lcc: Command) -> None:
    assert lcc("explain", "P003").out == (
        "P003 unclosed-call: a call is not closed before the next statement begins\n\n"
        "Without its closing parenthesis nobody knows where the call ends, and a guess could run\n"
        "the wrong call.\n\n"
        'Bad:\n\n    1. search("tides"\n    2. join()\n\n'
        "    example.plan:1:10: error[P003]: this `(` is not closed\n"
        '      1 | 1. search("tides"\n'
        "        |          ^\n"
        "      help: close it with `)`\n\n"
        'Good:\n\n    1. search("tides")\n    2. join()\n'
    )


def test_an_unknown_code_is_a_usage_error(lcc: Command) -> None:
    done = lcc("explain", "P999")
    assert done.status == 2
    assert "no diagnostic has the code `P999`" in done.err


def test_without_a_code_all_are_listed(lcc: Command) -> None:
    lines = lcc("explain").out.splitlines()
    assert [line.split()[0] for line in lines] == sorted(RULES)
