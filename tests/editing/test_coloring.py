"""What colours plans in editors and on pages, all of one list of words."""

from __future__ import annotations

import json
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


def run_npm(command: list[str], folder: Path) -> None:
    """Run a command that fetches packages; skip the test where none can be had."""
    if shutil.which("npm") is None:
        pytest.skip("npm isn't installed")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=280)
    if done.returncode and any(word in done.stderr for word in ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED")):
        pytest.skip("no registry of npm packages can be reached")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_editor_colours_what_the_grammar_says(tmp_path: Path) -> None:
    grammar = EXTENSION / "syntaxes" / "plan.tmLanguage.json"
    shutil.copy(ROOT / "tests" / "data" / "colours.plan", tmp_path)
    run_npm(
        ["npx", "--yes", "vscode-tmgrammar-test@0.1.3", "--grammar", str(grammar), str(tmp_path / "colours.plan")],
        tmp_path,
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_extension_is_packed_with_its_client_and_grammar(tmp_path: Path) -> None:
    folder = tmp_path / "vscode"
    shutil.copytree(EXTENSION, folder, ignore=shutil.ignore_patterns("node_modules", "*.vsix"))
    commands = (
        ["npm", "install", "--no-audit", "--no-fund"],
        ["npx", "--yes", "@vscode/vsce@3.9.2", "package", "--allow-missing-repository", "--out", "lcc.vsix"],
    )
    for command in commands:
        run_npm(command, folder)
    names = set(zipfile.ZipFile(folder / "lcc.vsix").namelist())
    assert {f"extension/{name}" for name in ("client.js", "package.json", "syntaxes/plan.tmLanguage.json")} <= names
    assert any(name.startswith("extension/node_modules/vscode-languageclient/") for name in names)
