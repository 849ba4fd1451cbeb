"""The reference pages name everything there is: every code, pass, option of the command line and name of the interface."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

import lcc
from lcc.cli.main import COMMANDS, build_parser
from lcc.codes import all_rules
from lcc.grammar.signatures.declaration import OPTIONS
from lcc.passes.pipeline import LEVELS, PASSES

DOCS = Path(__file__).parents[2] / "docs"
FAMILIES = {
    "P": "Parsing",
    "R": "Repairs",
    "V": "Verification",
    "L": "Lints",
    "O": "What the optimizer did",
    "T": "Declarations of tools",
    "X": "Execution",
}


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def codes_table() -> str:
    parts = []
    for family, title in FAMILIES.items():
        rules = [rule for rule in all_rules() if rule.code.startswith(family)]
        if rules:
            rows = "".join(f"| {rule.code} | {rule.name} | {rule.summary} |\n" for rule in rules)
            parts.append(f"## {title}\n\n| code | name | |\n|---|---|---|\n{rows}")
    return "\n".join(parts)


def test_every_code_is_listed(request: pytest.FixtureRequest) -> None:
    text = page("codes.md")
    head = text[: text.index("## ")]
    if request.config.getoption("--bless"):
        (DOCS / "codes.md").write_text(head + codes_table(), encoding="utf-8")
    else:
        assert text[len(head) :] == codes_table()


def test_every_family_of_codes_has_a_title() -> None:
    assert {rule.code[0] for rule in all_rules()} <= FAMILIES.keys()


def options(command: str) -> set[str]:
    parser = build_parser()
    [commands] = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return {
        max(action.option_strings, key=len)
        for action in commands.choices[command]._actions
        if action.option_strings and "--help" not in action.option_strings
    }


def test_every_command_is_documented() -> None:
    text = page("cli.md")
    assert re.findall(r"(?m)^## lcc (\S+)$", text) == [command.name for command in COMMANDS]
    for command in COMMANDS:
        assert f"| [`lcc {command.name}`](#lcc-{command.name}) | {command.help} |" in text


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
def test_every_option_is_documented_and_exists(command: str) -> None:
    text = page("cli.md")
    common, *sections = re.split(r"(?m)^## ", text)
    [section] = [part for part in sections if part.startswith(f"lcc {command}\n")]
    prose = re.sub(r"(?s)```.*?```", "", section)
    named = set(re.findall(r"(?<![\w-])(--?[a-zA-Z][\w-]*)", prose))
    shared = set(re.findall(r"(?<![\w-])(--[a-z][\w-]*)", common))
    if "with the same options" in prose:
        named |= options("compile")
    everywhere = {option for other in COMMANDS for option in options(other.name)} | {"-o", "-v"}
    assert options(command) - {"--output"} <= named | shared, "not documented"
    assert named - {f"-O{n}" for n in range(4)} <= everywhere, "there is no such option"


def test_every_pass_is_documented() -> None:
    assert re.findall(r"(?m)^### `(\S+)`$", page("passes.md")) == list(PASSES)


def test_the_levels_are_those_of_the_page() -> None:
    text = page("passes.md")
    for level, stages in enumerate(LEVELS[:2]):
        assert f"| `-O{level}` | {', '.join(f'`{stage}`' for stage in stages)} |" in text
    assert LEVELS[2] == (
        ("expand-each", "fold-constants", "deduplicate", "eliminate-dead-tasks"),
        "order-effects",
        "order-critical-path",
    )
    assert [stage for stage in LEVELS[3] if stage not in LEVELS[2]] == ["batch-calls"]
    assert LEVELS[3].index("batch-calls") == LEVELS[3].index("order-effects") - 1


def test_every_option_of_a_tool_is_documented() -> None:
    named = set(re.findall(r"`(\w+)`", page("tools.md")))
    assert set(OPTIONS) <= named


def test_every_public_name_is_documented_or_is_a_node() -> None:
    text = page("api.md") + page("tools.md") + page("runtime.md") + page("ir.md")
    words = set(re.findall(r"\w+", text))
    assert [name for name in lcc.__all__ if name not in words] == []


def test_the_glossary_is_in_order_and_says_each_word_once() -> None:
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")
    words = re.findall(r"(?m)^\| (.+?) \| .+ \|$", text)[1:]
    assert len(words) > 40
    assert words == sorted(set(words), key=str.lower)
    letters = set(re.findall(r"\b([A-Z])(?= [a-z])", next(line for line in text.splitlines() if "| code |" in line)))
    assert letters >= {rule.code[0] for rule in all_rules()}
