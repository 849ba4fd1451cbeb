"""What colours plans in editors and on pages, all of one list of words."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from lcc.editing.coloring import SCOPES, textmate_text
from lcc.pages.highlight import TOKENS, tokens

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "editors" / "vscode"
PLANS = sorted((ROOT / "examples").rglob("*.plan"))


def test_the_grammar_of_the_editors_is_what_the_words_make() -> None:
    file = EXTENSION / "syntaxes" / "plan.tmLanguage.json"
    assert file.read_text("utf-8") == textmate_text(), f"python -m lcc.editing.coloring > {file.relative_to(ROOT)}"
    assert SCOPES.keys() == {name for name, _ in TOKENS}


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.name)
def test_pygments_marks_what_pages_mark(path: Path) -> None:
    pytest.importorskip("pygments")
    from pygments.token import Text

    from lcc.editing.plan_lexer import _KINDS, PlanLexer

    text = path.read_text("utf-8")
    wanted = [(_KINDS[name], part) for name, part in tokens(text) if name]
    got = [(kind, part) for _, kind, part in PlanLexer().get_tokens_unprocessed(text) if kind not in Text]
    assert got == wanted
    assert len(wanted) > 5


CLIENT = """
const Module = require("module");
const load = Module._load;
const made = [];
const watchers = [];
const settings = { command: ["python", "-m", "lcc"], programs: ["programs/*.py"] };
const vscode = {
  workspace: {
    getConfiguration: () => ({ get: (name) => settings[name] }),
    createFileSystemWatcher: (glob) => watchers.push(glob),
  },
};
class LanguageClient {
  constructor(...given) { made.push(given); }
  start() { return "started"; }
  stop() { return "stopped"; }
}
Module._load = (name, ...rest) =>
  name === "vscode" ? vscode
  : name === "vscode-languageclient/node" ? { LanguageClient, TransportKind: { stdio: 0 } }
  : load(name, ...rest);
const client = require(process.argv[2]);
const before = client.deactivate();
console.log(JSON.stringify([before === undefined, client.activate(), client.deactivate(), made, watchers]));
"""


def test_the_client_starts_the_server_for_plans_and_for_named_programs(tmp_path: Path) -> None:
    if shutil.which("node") is None:
        pytest.skip("node isn't installed")
    (tmp_path / "run.js").write_text(CLIENT)
    command = ["node", str(tmp_path / "run.js"), str(EXTENSION / "client.js")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    idle, started, stopped, [[_, _, server, client]], watched = json.loads(done.stdout)
    assert (idle, started, stopped) == (True, "started", "stopped")
    assert server["command"] == "python"
    assert server["args"] == ["-m", "lcc", "lsp", "--programs", "programs/*.py"]
    assert client["documentSelector"][0] == {"language": "lcc-plan"}
    assert client["documentSelector"][1]["pattern"] == "**/programs/*.py"
    assert "**/pyproject.toml" in watched


NOT_REACHED = re.compile(
    r"\b(?:ENOTFOUND|EAI_AGAIN|ECONN[A-Z]+|E?[A-Z_]*TIMED?_?OUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET\w*|FETCH_ERROR|E429|E5\d\d)\b"
)
"""What npm calls faults of the network and of the registry, as opposed to those of a package."""


def fetched(command: list[str], folder: Path) -> None:
    """Have npm fetch packages into a folder; skip the test where they can't be had."""
    if shutil.which("npm") is None:
        pytest.skip("npm isn't installed")
    try:
        done = subprocess.run(
            [*command, "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True, timeout=600
        )
    except subprocess.TimeoutExpired:
        pytest.skip("the registry of npm packages is too slow")
    if done.returncode and NOT_REACHED.search(done.stderr):
        pytest.skip("the registry of npm packages can't be reached")
    assert done.returncode == 0, done.stdout + done.stderr


def run_tool(package: str, command: list[str], tools: Path, folder: Path) -> None:
    """Run a command that a package brings, which is fetched into the folder `tools`."""
    tools.mkdir()
    fetched(["npm", "install", "--prefix", str(tools), package], tools)
    command[0] = str(tools / "node_modules" / ".bin" / command[0])
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.timeout(3_000)
def test_an_editor_colours_what_the_grammar_says(tmp_path: Path) -> None:
    grammar = EXTENSION / "syntaxes" / "plan.tmLanguage.json"
    shutil.copy(ROOT / "tests" / "data" / "colours.plan", tmp_path)
    command = ["vscode-tmgrammar-test", "--grammar", str(grammar), str(tmp_path / "colours.plan")]
    run_tool("vscode-tmgrammar-test@0.1.3", command, tmp_path / "tools", tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(3_000)
def test_the_extension_is_packed_with_its_client_and_grammar(tmp_path: Path) -> None:
    folder = tmp_path / "vscode"
    shutil.copytree(EXTENSION, folder, ignore=shutil.ignore_patterns("node_modules", "*.vsix"))
    fetched(["npm", "install"], folder)
    command = ["vsce", "package", "--allow-missing-repository", "--out", "lcc.vsix"]
    run_tool("@vscode/vsce@3.9.2", command, tmp_path / "tools", folder)
    names = set(zipfile.ZipFile(folder / "lcc.vsix").namelist())
    assert {f"extension/{name}" for name in ("client.js", "package.json", "syntaxes/plan.tmLanguage.json")} <= names
    assert any(name.startswith("extension/node_modules/vscode-languageclient/") for name in names)
