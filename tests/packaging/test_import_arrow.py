"""Check that imports point one way, from folder to folder and from room to room, and that no files import in a circle.

Every import statement of every module counts, also inside functions and under TYPE_CHECKING, and so does
`import_module("…")` with a literal name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Set
from functools import cache
from importlib.util import resolve_name
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]

ARROWS = {
    "grammar": (
        "dataclass, late_pattern",
        "source, limits, given, plug_ins, lark_tables, shown",
        "values",
        "reading",
        "diagnostics",
        "signatures + signatures/schemas",
        "ir/operations/basis",
        "ir/operations/regular",
        "ir/operations/symbols",
        "ir/operations/named",
        "ir/operations, argument_checks",
        "ir",
        "ir/evaluation, ir/building, flow",
        "writing/values",
        "writing/blocks",
        "writing, python",
        "python/lowering/names",
        "python/lowering",
        "syntax + syntax/notation",
        "drawing, constrain",
        "tolerant",
        "formatting, lenient/marks",
        "lenient/calls",
        "lenient/forms, lenient/assembling",
        "lenient",
        "python/arriving",
        "front_ends",
        "codes",
    ),
    "passes": (
        "analysis/dependence",
        "analysis",
        "analysis/values",
        "context",
        "bind, verify",
        "*",  # the passes: all files that have no line of their own
        "lint + lint/lints",
        "remarks",
        "pipeline",
        "online, declaring",
    ),
    "runtime": (
        "result, clock, context, text_files, codes",
        "tool, events, recording, blocking",
        "limits",
        "binding, options",
        "failures",
        "graph",
        "consent",
        "inputs",
        "backends",
        "calls, program/order",
        "program/facts",
        "program",
        "scheduler, watch",
        "run",
        "journal",
    ),
    "lcc": (
        "pages",
        "compiler, codes, async_listener, plan_request",
        "models + models/local",
        "config, python_tools",
        "mcp_client",
        "toolset, tools",
        "ask + ask/planning + ask/programs + ask/joining + ask/strategies",
        "live_run",
        "live_program, prepared, as_dict",
        "api",
        "reading_plans, reducing",
        "serving",
        "adapters",
        "public",
        "__init__",
        "editing",
        "cli + cli/commands + cli/views + cli/consent + cli/explorer",
        "pytest_plugin",
        "__main__",
    ),
}
"""Every room of the product: each folder, and each file that stands beside them. A room imports what stands on the lines
before its own, and all folders of the left; those that `+` joins import one another, those between commas don't."""

LAYERS = tuple(ARROWS)
"""Folders from left to right; a folder imports itself and those before it."""
MANY = "*"


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


def name_of(path: Path) -> str:
    """Return the installed name of a module file."""
    return ".".join(package_of(path) if path.stem == "__init__" else [*package_of(path), path.stem])


@cache
def product() -> Mapping[str, Path]:
    """Return all modules by their installed names."""
    return {name_of(path): path for folder in LAYERS for path in modules(folder)}


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


@cache
def imports_of(path: Path) -> tuple[Import, ...]:
    return tuple(imports(ast.parse(path.read_text(encoding="utf-8")), package_of(path)))


def module_of(name: str) -> str | None:
    """Return the module that a name is or is defined in; None outside of lcc."""
    while name and name not in product():
        name = name.rpartition(".")[0]
    return name or None


def layer_of(name: str) -> str | None:
    """Return the folder that an absolute name belongs to; None outside of lcc."""
    match name.split("."):
        case ["lcc", "grammar" | "passes" | "runtime" as folder, *_]:
            return folder
        case ["lcc", *_]:
            return "lcc"
        case _:
            return None


def room_of(path: Path) -> str:
    """Return the room of a module file: its folder below the top one, or its own name if it stands beside them."""
    below = path.relative_to(ROOT).parent.parts[1:]
    return "/".join(below) or path.stem


class Line(NamedTuple):
    """Where a room stands in the arrows: the number of its line, and the rooms that it is one with."""

    number: int
    together: frozenset[str]


def lines(folder: str) -> dict[str, Line]:
    found = {}
    for number, line in enumerate(ARROWS[folder]):
        for joined in line.split(","):
            together = frozenset(room.strip() for room in joined.split("+"))
            found |= dict.fromkeys(together, Line(number, together))
    return found


def line_of(folder: str, room: str) -> Line | None:
    known = lines(folder)
    return known.get(room) or (known.get(MANY) if (ROOT / folder / f"{room}.py").is_file() else None)


def wrong_arrows(found: Iterator[Import] | tuple[Import, ...], folder: str, room: str) -> list[str]:
    allowed = LAYERS[: LAYERS.index(folder) + 1]
    here = line_of(folder, room)
    assert here is not None, f"{folder}/{room} has no line in ARROWS"
    wrong = []
    for line, name in found:
        layer = layer_of(name)
        if name.split(".")[0] in LAYERS[:3]:
            wrong.append(f"{line}: {name}: say lcc.{name}, the installed name")
        elif layer is not None and layer not in allowed:
            wrong.append(f"{line}: {name}: {folder} may import {', '.join(allowed)}")
        elif layer == folder and (module := module_of(name)) is not None:
            other = room_of(product()[module])
            there = line_of(folder, other)
            if other not in {room, *here.together} and (there is None or there.number >= here.number):
                wrong.append(f"{line}: {name}: {folder}/{room} may import {'; '.join(ARROWS[folder][: here.number])}")
    return wrong


@pytest.mark.parametrize("folder", LAYERS)
def test_a_room_imports_only_itself_and_what_stands_before_it(folder: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{wrong}"
        for path in modules(folder)
        if room_of(path) != "__init__" or folder == "lcc"
        for wrong in wrong_arrows(imports_of(path), folder, room_of(path))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("folder", LAYERS)
def test_every_room_has_a_line_and_every_line_a_room(folder: str) -> None:
    there = {room_of(path) for path in modules(folder)} - {"__init__"}
    named = list(chain.from_iterable(line.replace("+", ",").split(",") for line in ARROWS[folder]))
    assert len(named) == len(set(named))
    assert [room for room in sorted(there) if line_of(folder, room) is None] == []
    assert {name.strip() for name in named} - there <= {MANY, "__init__"}


def test_the_faces_of_the_folders_on_the_left_import_nothing() -> None:
    assert [imports_of(ROOT / folder / "__init__.py") for folder in LAYERS[:3]] == [()] * 3


def circles(arrows: Mapping[str, Set[str]]) -> list[set[str]]:
    """Return the strongly connected components with more than one member."""
    reached: dict[str, set[str]] = {}
    for start in arrows:
        seen: set[str] = set()
        waiting = list(arrows[start])
        while waiting:
            if (name := waiting.pop()) not in seen:
                seen.add(name)
                waiting += arrows.get(name, ())
        reached[start] = seen
    found: list[set[str]] = []
    for name, others in reached.items():
        if name in others and not any(name in circle for circle in found):
            found.append({other for other in others if name in reached.get(other, ())})
    return [circle for circle in found if len(circle) > 1]


def test_no_files_import_in_a_circle() -> None:
    arrows = {
        name: {module for _, target in imports_of(path) if (module := module_of(target)) is not None}
        for name, path in product().items()
    }
    assert len(arrows) > 300
    assert [sorted(circle) for circle in circles(arrows)] == []


def test_a_circle_is_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": {"e"}, "e": {"d"}}) == [{"b", "c"}, {"d", "e"}]


def wrong_in(source: str, folder: str, room: str) -> list[str]:
    """Return the wrong arrows of a file that would stand in a room."""
    stands = [] if (ROOT / folder / f"{room}.py").is_file() else room.split("/")
    package = ["lcc", *stands] if folder == "lcc" else ["lcc", folder, *stands]
    return wrong_arrows(imports(ast.parse(source), package), folder, room)


@pytest.mark.parametrize(
    ("folder", "room", "source"),
    [
        ("grammar", "syntax", "from lcc.passes.verify import verify"),
        ("grammar", "syntax", "import lcc.runtime.tool as tool"),
        ("grammar", "codes", "def f():\n    if True:\n        from lcc.runtime import tool"),
        ("grammar", "codes", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from lcc import api"),
        ("grammar", "codes", "async def f():\n    from lcc import passes"),
        ("grammar", "codes", "from ..passes import verify"),
        ("grammar", "codes", "from .. import runtime"),
        ("passes", "pipeline", "from lcc.runtime.run import Run"),
        ("passes", "pipeline", "import lcc"),
        ("passes", "pipeline", "import importlib\nimportlib.import_module('lcc.runtime.tool')"),
        ("passes", "pipeline", "from importlib import import_module\nimport_module('..runtime.tool', __package__)"),
        ("runtime", "run", "from lcc import tool"),
        ("runtime", "run", "from lcc.cli import main"),
        ("lcc", "cli", "from grammar.ir import Plan"),
        ("grammar", "syntax", "import passes.verify"),
        ("grammar", "ir", "from lcc.grammar.syntax.parser import parse"),
        ("grammar", "ir", "def f():\n    import lcc.grammar.syntax.parser"),
        ("grammar", "ir", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from lcc.grammar import syntax"),
        ("grammar", "ir", "from importlib import import_module\nimport_module('lcc.grammar.syntax.parser')"),
        ("grammar", "ir", "from ..syntax import parser"),
        ("grammar", "ir", "from .. import syntax"),
        ("grammar", "source", "from .diagnostics.records import Rule"),
        ("grammar", "source", "from lcc.grammar.values import text_of"),
        ("grammar", "constrain", "from lcc.grammar.lenient import clean"),
        ("grammar", "lenient/forms", "from lcc.grammar.front_ends import FRONT_ENDS"),
        ("grammar", "lenient/marks", "from lcc.grammar.lenient.calls.settle import Read"),
        ("grammar", "lenient/calls", "from lcc.grammar.lenient.forms.units import MARKS"),
        ("grammar", "lenient/assembling", "from lcc.grammar.lenient.stream import StreamParser"),
        ("passes", "analysis", "from lcc.passes.context import Context"),
        ("passes", "deduplicate", "from lcc.passes.pipeline import PASSES"),
        ("passes", "deduplicate", "from lcc.passes.narrow_join import narrow_join"),
        ("passes", "verify", "from lcc.passes import lint"),
        ("runtime", "calls", "from lcc.runtime.scheduler import Scheduler"),
        ("runtime", "backends", "from lcc.runtime.calls import queue"),
        ("runtime", "tool", "from . import run"),
        ("lcc", "models/local", "from ...config import Config"),
        ("lcc", "toolset", "import lcc"),
        ("lcc", "ask/strategies", "from lcc.cli.views import live"),
        ("lcc", "tools", "from lcc.cli import main"),
    ],
)
def test_a_wrong_arrow_is_caught(folder: str, room: str, source: str) -> None:
    assert wrong_in(source, folder, room)


@pytest.mark.parametrize(
    ("folder", "room", "source"),
    [
        ("grammar", "syntax", "from lcc.grammar.ir import Plan\nfrom . import scanner\nfrom ..source import Span"),
        ("grammar", "syntax", "import lark\nfrom .scanner import Scanner"),
        ("grammar", "lenient", "from lcc.grammar.lenient.marks.repairs import REPAIRS"),
        ("grammar", "lenient/forms", "from lcc.grammar.lenient.marks.lines import Line"),
        (
            "passes",
            "deduplicate",
            "from lcc.grammar import ir\nfrom ..grammar.ir import Plan\nfrom .context import Context",
        ),
        ("passes", "lint/lints", "from lcc.passes.lint.facts import finding\nfrom lcc.passes import deduplicate"),
        ("runtime", "scheduler", "from lcc.passes.analysis.effects import order\nfrom lcc.runtime.tool import Tool"),
        ("lcc", "cli", "from lcc.runtime.tool import Tool\nfrom lcc import api\nimport lcc.cli\nimport lcc"),
    ],
)
def test_a_right_arrow_is_allowed(folder: str, room: str, source: str) -> None:
    assert not wrong_in(source, folder, room)
