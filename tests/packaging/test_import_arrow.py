"""Check that imports point one way: grammar ← passes ← runtime ← lcc.

Every import statement of every module counts, also inside functions and under TYPE_CHECKING, and so does
`import_module("…")` with a literal name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ("grammar", "passes", "runtime", "lcc")
"""Folders from left to right; a folder imports itself and those before it."""


class Import(NamedTuple):
    """One import: its line and the absolute name of what it may load."""

    line: int
    name: str


def modules(folder: str) -> Iterator[Path]:
    return (path for path in sorted((ROOT / folder).rglob("*.py")) if "__pycache__" not in path.parts)


def package_of(path: Path) -> list[str]:
    """Return the parts of the installed package that holds a module file."""
    parts = list(path.relative_to(ROOT).parent.parts)
    return parts if parts[0] == "lcc" else ["lcc", *parts]


def imports(tree: ast.AST, package: list[str]) -> Iterator[Import]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names):
                for alias in names:
                    yield Import(node.lineno, alias.name)
            case ast.ImportFrom(module, names, level):
                base = package[: len(package) - level + 1] if level else []
                for alias in names:
                    yield Import(node.lineno, ".".join([*base, *filter(None, [module]), alias.name]))
            case ast.Call(func=ast.Name("import_module" | "__import__") | ast.Attribute(attr="import_module")):
                match node.args:
                    case [ast.Constant(str(name)), *_]:
                        yield Import(node.lineno, resolve_name(name, ".".join(package)))
            case _:
                pass


def layer_of(name: str) -> str | None:
    """Return the folder that an absolute name belongs to; None outside of lcc."""
    match name.split("."):
        case ["lcc", "grammar" | "passes" | "runtime" as folder, *_]:
            return folder
        case ["lcc", *_]:
            return "lcc"
        case _:
            return None


def wrong_arrows(source: str, folder: str, package: list[str]) -> list[str]:
    allowed = LAYERS[: LAYERS.index(folder) + 1]
    wrong = []
    for line, name in imports(ast.parse(source), package):
        layer = layer_of(name)
        if name.split(".")[0] in LAYERS[:3]:
            wrong.append(f"{line}: {name}: say lcc.{name}, the installed name")
        elif layer is not None and layer not in allowed:
            wrong.append(f"{line}: {name}: {folder} may import {', '.join(allowed)}")
    return wrong


@pytest.mark.parametrize("folder", LAYERS)
def test_a_folder_imports_only_itself_and_the_folders_to_its_left(folder: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{wrong}"
        for path in modules(folder)
        for wrong in wrong_arrows(path.read_text(encoding="utf-8"), folder, package_of(path))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("folder", LAYERS)
def test_every_folder_has_modules_to_check(folder: str) -> None:
    assert list(modules(folder))


@pytest.mark.parametrize(
    ("folder", "source"),
    [
        ("grammar", "from lcc.passes.verify import verify"),
        ("grammar", "import lcc.runtime.tool as tool"),
        ("grammar", "def f():\n    if True:\n        from lcc.runtime import tool"),
        ("grammar", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from lcc import api"),
        ("grammar", "async def f():\n    from lcc import passes"),
        ("grammar", "from ..passes import verify"),
        ("grammar", "from .. import runtime"),
        ("passes", "from lcc.runtime.execute import execute"),
        ("passes", "import lcc"),
        ("passes", "import importlib\nimportlib.import_module('lcc.runtime.tool')"),
        ("passes", "from importlib import import_module\nimport_module('..runtime.tool', __package__)"),
        ("runtime", "from lcc import tool"),
        ("runtime", "from lcc.cli import main"),
        ("lcc", "from grammar.ir import Plan"),
        ("grammar", "import passes.verify"),
    ],
)
def test_a_wrong_arrow_is_caught(folder: str, source: str) -> None:
    assert wrong_arrows(source, folder, ["lcc", folder] if folder != "lcc" else ["lcc"])


@pytest.mark.parametrize(
    ("folder", "source"),
    [
        ("grammar", "from lcc.grammar.ir import Plan\nfrom . import source\nfrom .source import Span\nimport lark"),
        ("passes", "from lcc.grammar import ir\nfrom ..grammar.ir import Plan\nfrom lcc.passes.verify import verify"),
        ("runtime", "from lcc.passes.analysis.effects import order\nfrom lcc.runtime.tool import Tool"),
        ("lcc", "from lcc.runtime.tool import Tool\nfrom lcc import api\nimport lcc.cli"),
    ],
)
def test_a_right_arrow_is_allowed(folder: str, source: str) -> None:
    assert not wrong_arrows(source, folder, ["lcc", folder] if folder != "lcc" else ["lcc"])
