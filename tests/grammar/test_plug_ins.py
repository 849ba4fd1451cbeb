"""Functions of installed packages: both groups are loaded alike, and a module that moved is named by its new path."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from lcc.cli.main import dispatch
from lcc.grammar import front_ends, plug_ins
from lcc.grammar.plug_ins import PlugInError, installed, load
from lcc.passes import pipeline

MODULES = {
    "old_plug": "import re\nfrom lcc.grammar.parser import Parsed\n",
    "old_pass": "def late():\n    import lcc.passes.lint_context\nlate()\n",
    "old_name": "from lcc.grammar import signature\n",
    "no_such": "import lcc.grammar.no_such_module\n",
    "foreign": "import my_parser\n",
    "broken": "1 / 0\n",
    "odd": "parse = 3\n",
    "good": "def parse(*args, **named):\n    return args\n",
}
GROUPS = {front_ends.GROUP: ("front end", front_ends.front_end), pipeline.GROUP: ("pass", pipeline.find_pass)}


@pytest.fixture(autouse=True)
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Lay out an installed package that offers each module's `parse` under the module's name, in both groups."""
    entries = ""
    for group in GROUPS:
        entries += f"[{group}]\n" + "".join(f"{name} = {name}:parse\n" for name in MODULES)
    for name, text in MODULES.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    metadata = tmp_path / "my_plugs-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: my-plugs\nVersion: 1.0\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text(entries, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in MODULES:
        sys.modules.pop(name, None)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize(
    ("name", "why", "line"),
    [
        ("old_plug", "`lcc.grammar.parser` is `lcc.grammar.syntax.parser` now", 2),
        ("old_pass", "`lcc.passes.lint_context` is `lcc.passes.lint.facts` now", 2),
        ("old_name", "`lcc.grammar.signature` is `lcc.grammar.signatures.signature` now", 1),
        ("no_such", "No module named 'lcc.grammar.no_such_module'", 1),
        ("foreign", "No module named 'my_parser'", 1),
        ("broken", "division by zero", 1),
    ],
)
def test_what_can_not_be_loaded_says_whose_it_is_why_and_where(
    group: str, name: str, why: str, line: int, package: Path
) -> None:
    kind, find = GROUPS[group]
    with pytest.raises(PlugInError) as caught:
        find(name)
    place = f"{package / name}.py:{line}"
    assert str(caught.value) == f"{kind} `{name}` of my-plugs can't be loaded from {name}:parse: {why} ({place})"


@pytest.mark.parametrize("group", GROUPS)
def test_what_is_no_function_is_refused_and_a_function_is_loaded(group: str) -> None:
    kind, find = GROUPS[group]
    with pytest.raises(PlugInError, match=f"{kind} `odd` of my-plugs is not a function: odd:parse"):
        find(name="odd")
    loaded: Callable[..., object] = find("good")
    assert loaded(1) == (1,)
    assert set(MODULES) <= set(installed(group))
    assert load(group, "nobody offers this", kind) is None


@pytest.mark.parametrize("option", ["--front-end", "--passes"])
def test_the_command_line_shows_the_new_path(option: str, package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (package / "a.plan").write_text("1. f()\n2. join()\n")
    assert dispatch(["compile", str(package / "a.plan"), option, "old_plug"]) == (2, False)
    assert "`lcc.grammar.parser` is `lcc.grammar.syntax.parser` now" in capsys.readouterr().err


def test_every_moved_module_is_where_the_table_says_and_not_where_it_was() -> None:
    rows = [line.split() for line in plug_ins._MOVED.read_text(encoding="utf-8").splitlines()]
    assert rows == sorted(rows)
    for old, new in rows:
        assert not _exists(old), old
        assert _exists(new), new
        assert re.fullmatch(r"lcc\.(grammar|passes|runtime)\.[a-z_.]+", old)


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
