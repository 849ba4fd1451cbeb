"""docs/reach.md names all that a program can reach, and each name there is reached."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from both_ways import read

from lcc.grammar.ir.operations import BINARY, BUILTIN_CLASSES, CONSTANTS, EXCEPTION_CLASSES, METHODS, MODULES
from lcc.grammar.ir.operations.basis.kinds import KINDS, Record
from lcc.grammar.ir.operations.table import ATTRIBUTES, LOOPS
from lcc.grammar.python.lowering.imports import ANNOTATIONS
from lcc.grammar.python.lowering.state import BUILTIN_NAMES

PAGE = Path(__file__).parents[4] / "docs" / "reach.md"
STEPS = {"asyncio": ("create_task", "ensure_future", "gather", "run", "sleep"), "time": ("sleep",)}


def code(names: Iterable[str]) -> str:
    return " ".join(f"`{name}`" for name in sorted(names))


def module_names(module: str) -> set[str]:
    dotted = [*(name for name in CONSTANTS), *(name for name in LOOPS if " " not in name)]
    constants = {name.partition(".")[2] for name in dotted if name.startswith(f"{module}.")}
    return {*MODULES.get(module, ()), *STEPS.get(module, ()), *constants}


def own_attributes(kind: type) -> Iterable[str]:
    """Return the attributes of a kind; of an exception those that its base lacks."""
    inherited = [
        name for base in kind.__mro__[1:] if issubclass(base, BaseException) for name in ATTRIBUTES.get(base, ())
    ]
    return [name for name in ATTRIBUTES.get(kind, ()) if name not in inherited]


def rows() -> str:
    classes = {KINDS[kind]: METHODS.get(kind, {}) for kind in KINDS if kind is not Record}
    attributes = {
        KINDS[kind]: own_attributes(kind)
        for kind in sorted(KINDS, key=lambda one: (issubclass(one, BaseException), one.__name__))
        if kind is not Record
    }
    plain = BUILTIN_NAMES - EXCEPTION_CLASSES.keys() - {"answer"}
    table = [
        ("names", ""),
        ("functions and classes", code(plain)),
        ("exceptions", code(EXCEPTION_CLASSES.keys() & BUILTIN_CLASSES.keys())),
        ("also", code(("answer", "__name__"))),
        ("methods and attributes", ""),
        *((f"of `{kind}`", code({*classes[kind], *names})) for kind, names in attributes.items() if classes[kind] or names),
        ("modules", ""),
        *((f"`{module}`", code(module_names(module))) for module in sorted({*MODULES, *STEPS})),
        ("in annotations alone", code(ANNOTATIONS)),
    ]  # fmt: skip
    sections = re.sub(
        r"\| ([a-z ]+) \|  \|\n", r"\n## \1\n\n| | |\n|---|---|\n", "".join(f"| {a} | {b} |\n" for a, b in table)
    )
    return sections.replace("## n", "## N").replace("## m", "## M")


def test_the_page_is_the_table(request: pytest.FixtureRequest) -> None:
    text = PAGE.read_text(encoding="utf-8")
    head = text[: text.index("\n## Names")]
    if request.config.getoption("--bless"):
        PAGE.write_text(head + rows(), encoding="utf-8")
    else:
        assert text == head + rows()


def test_what_the_page_names_is_reached() -> None:
    for module in sorted({*MODULES, *STEPS}):
        firsts = {name.partition(".")[0] for name in module_names(module)}
        assert [name for name in firsts if not read(f"from {module} import {name}\nanswer(1)\n").ok] == []
    methods = {name for kind, names in METHODS.items() if kind is not Record for name in names}
    refused = [name for name in methods if "P051" in str(read(f"x = berth('gull')\nx.{name}\n").diagnostics)]
    assert refused == []


def test_the_operators_on_the_page_are_those_of_the_table() -> None:
    head = PAGE.read_text(encoding="utf-8").partition("\n## Names")[0]
    operators = set(re.findall(r"`([^`a-z_]+)`", head))
    assert operators >= set(BINARY)
