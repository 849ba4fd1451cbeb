"""Check what gets installed: one version, every package and data file, links for type checkers, a light `import lcc`."""

from __future__ import annotations

import ast
import fnmatch
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import lcc

ROOT = Path(__file__).parents[2]
FOLDERS = ("grammar", "passes", "runtime", "lcc")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
HEAVY = ("anyio", "lark", "openai", "pydantic", "rich", "shtab", "trio")


def files(*folders: str) -> list[Path]:
    return sorted(
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )


def package_of(path: Path) -> str:
    parts = path.relative_to(ROOT).parent.parts
    return ".".join(parts if parts[0] == "lcc" else ("lcc", *parts))


def test_the_version_is_stated_once() -> None:
    assert lcc.__version__ == PYPROJECT["project"]["version"]


def test_the_changelog_tells_of_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[{re.escape(lcc.__version__)}\]", changelog, re.MULTILINE)


def test_every_package_is_listed_for_installation() -> None:
    packages = {package_of(path) for path in files(*FOLDERS) if path.suffix == ".py"}
    assert set(PYPROJECT["tool"]["setuptools"]["packages"]) == packages


def test_every_data_file_is_listed_for_installation() -> None:
    patterns = PYPROJECT["tool"]["setuptools"]["package-data"]
    missing = [
        str(path.relative_to(ROOT))
        for path in files(*FOLDERS)
        if path.suffix != ".py"
        and not any(fnmatch.fnmatch(path.name, pattern) for pattern in patterns.get(package_of(path), ()))
    ]
    assert not missing


def test_each_folder_says_that_it_is_typed() -> None:
    assert [folder for folder in FOLDERS if not (ROOT / folder / "py.typed").is_file()] == []


@pytest.mark.parametrize("folder", ["grammar", "passes", "runtime"])
def test_type_checkers_see_each_folder_under_its_installed_name(folder: str) -> None:
    link = ROOT / "typings" / "lcc" / folder
    assert link.is_symlink()
    assert link.readlink() == Path("..", "..", folder)
    assert link.resolve() == (ROOT / folder).resolve()


LATER = ("requirements-ray.lock", "requirements-slow.lock", "requirements-docs.lock")
"""What is installed into the environment of `requirements.lock`."""
LOCKS = ("requirements.lock", *LATER, "requirements-local-model.lock")


def pins(lock: str = "requirements.lock") -> dict[str, str]:
    """Return the entries of a lock file by package; a package may have one for each range of Python versions."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z0-9])", "\n".join(line for line in text.splitlines() if not line.startswith("#")))
    found: dict[str, str] = {}
    for entry in entries:
        name = entry.partition("==")[0]
        found[name] = found.get(name, "") + entry
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_files_name_no_registry_and_hash_everything(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index-url" not in text
    assert [name for name, entry in pins(lock).items() if "--hash=sha256:" not in entry] == []


def test_the_lock_file_pins_every_direct_dependency() -> None:
    project = PYPROJECT["project"]
    extras = project["optional-dependencies"]
    wanted = [
        *project["dependencies"],
        *(need for extra, needs in extras.items() if extra not in ("local", "ray") for need in needs),
        *(need for need in PYPROJECT["dependency-groups"]["dev"] if isinstance(need, str)),
    ]
    names = {match[0].lower() for need in wanted if (match := re.match(r"[A-Za-z0-9_.-]+", need))}
    assert sorted(names - pins().keys()) == []


def test_what_is_too_large_for_every_target_has_a_lock_of_its_own() -> None:
    extras = PYPROJECT["project"]["optional-dependencies"]
    group = PYPROJECT["dependency-groups"]["local-model"]
    local = {need.partition(">")[0] for need in group}
    assert set(extras["local"]) < set(group)
    assert pins("requirements-local-model.lock").keys() == local
    assert "ray" in pins("requirements-ray.lock")
    assert {re.split("[>=]", need)[0] for need in PYPROJECT["dependency-groups"]["slow"]} <= pins(
        "requirements-slow.lock"
    ).keys()
    assert not (local | {"ray"}) & pins().keys()


@pytest.mark.parametrize("lock", LATER)
def test_what_is_added_later_changes_nothing_that_is_there(lock: str) -> None:
    first, second = pins(), pins(lock)
    assert [name for name in first.keys() & second.keys() if first[name].split()[0] != second[name].split()[0]] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "core"}
    modules = [path for path in files(*FOLDERS, "tests", "examples") if path.suffix == ".py"]
    assert [path for path in modules if empty & set(path.stem.lstrip("_").split("_"))] == []


def test_every_module_begins_with_its_docstring() -> None:
    modules = [path for path in files(*FOLDERS, "examples") if path.suffix == ".py"]
    silent = [path for path in modules if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert silent == []


@pytest.mark.parametrize(
    "program", ["import lcc", "import lcc.grammar.signatures.signature", "import lcc; lcc.__version__"]
)
def test_importing_lcc_loads_nothing_heavy(program: str) -> None:
    show = f"import sys; {program}; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    # From another folder: here `lcc` would be found as a folder, installed or not.
    done = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True, cwd="/")
    assert done.stdout.split() == []


def test_asking_for_the_version_loads_nothing_heavy() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "lcc", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/")
    assert lcc.__version__ in done.stdout
    loaded = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert "lcc" in loaded
    assert sorted(loaded & set(HEAVY)) == []


@pytest.mark.parametrize("command", ["run", "resume", "ask"])
def test_help_of_a_command_that_runs_plans_loads_nothing_that_runs_them(command: str) -> None:
    program = [sys.executable, "-X", "importtime", "-m", "lcc", command, "--help"]
    done = subprocess.run(program, capture_output=True, text=True, check=True, cwd="/")
    assert "--timeout" in done.stdout
    loaded = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    running = {"anyio", "pydantic", "lcc.runtime.run", "lcc.runtime.options", "lcc.passes", "lcc.grammar.syntax"}
    assert "lcc.cli.options" in loaded
    assert sorted(loaded & running) == []


def test_the_page_for_the_index_has_no_link_into_the_repository(tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, "setup.py", "--quiet", "egg_info", "--egg-base", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Error" not in made.stderr
    [info] = tmp_path.glob("*.egg-info/PKG-INFO")
    head, _, page = info.read_text(encoding="utf-8").partition("\n\n")
    assert "Description-Content-Type: text/markdown" in head
    assert page.startswith("# lcc\n")
    assert not [target for target in re.findall(r"\]\(([^)]*)\)", page) if "://" not in target]
    assert "docs/language.md" in page
