"""Check that the examples of every T code do what they say, and that every code that is reported is documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tool_files import Write

from lcc.grammar.diagnostics import Rule
from lcc.grammar.signatures.tool_rules import RULES
from lcc.toolset import load_bound, load_static

ROOT = Path(__file__).parents[2]


def codes(rule: Rule, text: str, write: Write, folder: Path) -> set[str]:
    """Load an example as the file that it stands for, with the stub of the rule beside it."""
    write("tools.pyi", rule.tools or "def unused(): ...\n")
    match rule.front_end:
        case "pyi":
            write("tools.pyi", text)
            toolset = load_static(["tools.pyi"])
        case "json":
            write("tools.json", text)
            toolset = load_static(["tools.json"])
        case "py":
            write("tools.py", text)
            toolset = load_bound(["tools.py", *(["tools.pyi"] if rule.tools else [])])
        case "toml":
            write("pyproject.toml", text)
            load = load_bound if rule.code == "T024" else load_static
            toolset = load(near=folder)
        case other:
            raise AssertionError(other)
    return {d.code for d in toolset.diagnostics}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_bad_example_fires(rule: Rule, write: Write, tmp_path: Path) -> None:
    assert codes(rule, rule.bad, write, tmp_path) == {rule.code}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_good_example_is_silent(rule: Rule, write: Write, tmp_path: Path) -> None:
    assert codes(rule, rule.good, write, tmp_path) == set()


def test_codes_are_unique_and_in_order() -> None:
    assert [rule.code for rule in RULES] == [f"T{number:03}" for number in range(1, len(RULES) + 1)]
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_every_rule_is_used() -> None:
    text = (ROOT / "grammar" / "signatures" / "tool_rules.py").read_text(encoding="utf-8")
    names = re.findall(r"^([A-Z_]+): Final = Rule\(", text, re.MULTILINE)
    modules = [
        p
        for folder in ("grammar", "lcc")
        for p in (ROOT / folder).rglob("*.py")
        if p.parts[-2:] != ("signatures", "tool_rules.py")
    ]
    used = "\n".join(path.read_text(encoding="utf-8") for path in modules)
    assert [name for name in names if f"{name}.code" not in used] == []
