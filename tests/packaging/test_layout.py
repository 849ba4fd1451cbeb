"""Check how the product is laid out: sizes of functions and folders, names of files, and what each folder says of itself."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("grammar", "passes", "runtime", "lcc")

LONGEST = 39
"""Lines of a function, its docstring included."""
LONG_FUNCTIONS = {
    "grammar/syntax/lalr.py run": "a hot loop: every token of every plan passes through it",
    "grammar/syntax/scanner.py _scan": "a hot loop: every character of every plan passes through it",
    "grammar/syntax/scanner.py _step_inside": "a hot loop: every character of every plan passes through it",
    "grammar/ir/operations/regular/matcher.py _run": "a hot loop: every step of a regular expression passes through it",
}

MOST_FILES = 15
"""Python files of a folder beside its `__init__`."""
LARGE_FOLDERS = {
    "passes/lint/lints": "slots: one lint, one file",
    "lcc/cli/commands": "slots: one command, one file",
}


def modules(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in sorted((ROOT / folder).rglob("*.py")) if "__pycache__" not in path.parts)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def long_functions(source: str, name: str) -> list[tuple[str, int]]:
    """Return `FILE FUNCTION` and the lines of each function that is too long."""
    return [
        (f"{name} {node.name}", lines)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > LONGEST
    ]


def test_functions_are_short() -> None:
    found = dict(
        function for path in modules(*FOLDERS) for function in long_functions(path.read_text("utf-8"), named(path))
    )
    assert {name: lines for name, lines in found.items() if name not in LONG_FUNCTIONS} == {}
    assert LONG_FUNCTIONS.keys() - found.keys() == set(), "these are short now"


@pytest.mark.parametrize("head", ["def f():", "async def f(x: int) -> None:", "class C:\n  def f(self):"])
def test_a_long_function_is_found(head: str) -> None:
    body = "\n    pass"
    assert long_functions(head + body * LONGEST, "x.py") == [("x.py f", LONGEST + 1)]
    assert long_functions(head + body * (LONGEST - 1), "x.py") == []


def test_a_folder_holds_few_files() -> None:
    files = Counter(named(path.parent) for path in modules(*FOLDERS) if path.stem != "__init__")
    found = {folder: number for folder, number in files.items() if number > MOST_FILES}
    assert {folder: number for folder, number in found.items() if folder not in LARGE_FOLDERS} == {}
    assert [folder for folder in LARGE_FOLDERS if not files[folder]] == []


def test_no_two_files_of_a_top_folder_have_one_name() -> None:
    names = Counter(f"{folder} {path.stem}" for folder in FOLDERS for path in modules(folder))
    found = {name for name, number in names.items() if number > 1 and not name.endswith(" __init__")}
    assert found == set()


PARTS = ("In: ", "Out: ", "Must not know: ", "Read ")
FACES = [path for path in modules(*FOLDERS, "benchmarks") if path.stem == "__init__"]


def faults_of_face(text: str, folder: Path) -> list[str]:
    """Return what a folder's docstring lacks: a part, the name of a room; or a name of nothing in the order of reading."""
    found = [f"there is no {part.strip()!r}" for part in PARTS if not re.search(rf"(^|[.] ){part}", text, re.MULTILINE)]
    order = text.partition("Must not know: ")[2].partition("Read ")[2]
    names = re.findall(r"`([a-z_]+(?:/[a-z_]+)*)`", order)
    found += [
        f"`{name}` is not here" for name in names if not ((folder / name).is_dir() or (folder / f"{name}.py").is_file())
    ]
    rooms = [path.parent.name for path in sorted(folder.glob("*/__init__.py"))]
    return [*found, *(f"the room `{room}` is not named" for room in rooms if f"`{room}`" not in text)]


@pytest.mark.parametrize("path", FACES, ids=named)
def test_a_folder_says_what_it_is(path: Path) -> None:
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    assert faults_of_face(text, path.parent) == []


def test_what_a_face_lacks_is_found() -> None:
    folder = ROOT / "lcc" / "models"
    whole = "Talk.\n\nIn: a. Out: b.\nMust not know: c.\n\nRead `settings`. Room: `local`."
    assert faults_of_face(whole, folder) == []
    assert faults_of_face(whole.replace("In: a. ", ""), folder) == ["there is no 'In:'"]
    assert faults_of_face(whole.replace("`local`", "none"), folder) == ["the room `local` is not named"]
    assert faults_of_face(whole.replace("`settings`", "`gone`"), folder) == ["`gone` is not here"]


def test_the_page_on_architecture_shows_every_folder() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    tree = page.partition("```text\n")[2].partition("```")[0]
    folders = {named(path.parent).rpartition("/")[2] for path in modules(*FOLDERS)}
    shown = set(re.findall(r"([a-z_]+)/", tree)) - {"tests", "examples", "benchmarks", "docs", "site"}
    assert shown == folders
