"""Run what the documentation shows: every fenced block of every page is checked as its language and tags say.

    ```plan ok               compiles without an error; `tools` checks it against the examples' declarations
    ```plan P012             gives that code (several: all of them); `tools` as above
    ```plan ok file=a.plan   is also written for the console blocks of the page; so are `python`, `pyi` and `json` with file=
    ```ir                    is the text of an IR, in its canonical form
    ```python                runs, in the page's namespace; `text output` after it is what it prints
    ```python needs=NAME     the same where that package is there, as it is for the slow tests
    ```console               `$ command` lines and what they print; a line `...` stands for any lines, `...` in a line for
                             any characters, a duration for any other; `exit=1` is the last command's status
    ```json, ```toml         parse;  ```text, ```mermaid, ```dot, ```lark, ```yaml: for the reader only
    ```sh                    names only make targets that exist

An unknown language or an untagged plan is an error, so nothing stays unchecked by accident. `--bless` rewrites console output.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from importlib.util import find_spec
from pathlib import Path

import mcp.client.stdio  # noqa: F401  (it takes standard error as it is when it is imported, which a test may have redirected)
import pytest
from fences import PAGES, ROOT, Fence, read_page

from lcc.compiler import check
from lcc.grammar.ir.text_form import parse_ir, print_ir
from lcc.grammar.signatures import Tools, tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.syntax.parser import parse_plan

READ_ONLY = {"text", "mermaid", "dot", "lark", "yaml"}
CODE = re.compile(r"[PRVLXTO]\d{3}\Z")
COMMAND_SECONDS = 300


def blocks(*languages: str) -> list[object]:
    found = [fence for page in PAGES for fence in read_page(page) if fence.language in languages]
    return [pytest.param(fence, id=str(fence)) for fence in found]


def pages_with(language: str, *, slow: bool = False) -> list[object]:
    """Return the pages with a kind of block; where that is slow, by default only the first page that people read."""
    found = [page for page in PAGES if any(fence.language == language for fence in read_page(page))]
    marks = {page: pytest.mark.slow for page in found if slow and page != ROOT / "README.md"}
    return [pytest.param(page, id=str(page.relative_to(ROOT)), marks=marks.get(page, ())) for page in found]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_says_how_it_is_checked(page: Path) -> None:
    for fence in read_page(page):
        codes = [tag for tag in fence.tags if CODE.match(tag)]
        match fence.language:
            case "plan":
                assert ("ok" in fence.tags) != bool(codes), f"{fence}: tag a plan `ok` or with its codes"
                assert fence.tags.keys() <= {"ok", "tools", "file", *codes}, f"{fence}: unknown tag"
            case "python":
                assert fence.tags.keys() <= {"file", "needs"}, f"{fence}: unknown tag"
            case "pyi" | "json" | "toml":
                assert fence.tags.keys() <= {"file"}, f"{fence}: unknown tag"
            case "console":
                assert fence.tags.keys() <= {"exit"}, f"{fence}: unknown tag"
            case "text":
                assert fence.tags.keys() <= {"output"}, f"{fence}: unknown tag"
            case language:
                assert language in READ_ONLY | {"ir", "sh"}, f"{fence}: unknown language {language!r}"


@pytest.mark.parametrize("fence", blocks("plan"))
def test_a_plan_gives_what_its_tag_says(fence: Fence) -> None:
    codes, errors = findings(fence)
    if "ok" in fence.tags:
        assert not errors, f"{fence}: {errors}"
    else:
        expected = {tag for tag in fence.tags if CODE.match(tag)}
        assert expected <= codes, f"{fence}: got {sorted(codes)}"


def findings(fence: Fence) -> tuple[set[str], list[str]]:
    """Return the codes of what lcc finds in a plan, and the messages of its errors."""
    parsed = parse_plan(fence.text)
    found = check(parsed, example_tools() if "tools" in fence.tags else {})
    return {d.code for d in found}, [d.message for d in found if d.is_error]


def example_tools() -> Tools:
    path = ROOT / "examples" / "tools.pyi"
    return tools_by_name(read_stub(path.read_text(encoding="utf-8"), str(path)).signatures)


@pytest.mark.parametrize("fence", blocks("ir"))
def test_the_text_of_an_ir_is_canonical(fence: Fence) -> None:
    bare = re.sub(r"(?m)[ \t]*;.*$", "", fence.text)
    assert print_ir(parse_ir(fence.text)).strip() == bare.strip()


@pytest.mark.parametrize("fence", blocks("json"))
def test_json_parses(fence: Fence) -> None:
    json.loads(fence.text)


@pytest.mark.parametrize("fence", blocks("toml"))
def test_toml_parses(fence: Fence) -> None:
    tomllib.loads(fence.text)


@pytest.mark.parametrize("fence", blocks("sh"))
def test_make_targets_exist(fence: Fence) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?m)^make (\S+)", fence.text):
        assert re.search(rf"(?m)^{re.escape(target)}:", makefile), f"{fence}: no target {target}"


@pytest.mark.parametrize("page", pages_with("python"))
def test_python_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(page, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EXAMPLES_OUTBOX", str(tmp_path / "outbox"))
    fences = read_page(page)
    import_from(tmp_path, fences, monkeypatch)
    namespace: dict[str, object] = {"__name__": "__page__"}
    for fence, following in zip(fences, [*fences[1:], None], strict=True):
        if fence.language != "python" or "file" in fence.tags or not is_there(fence.tags.get("needs")):
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            # As many empty lines before the code as the page has: tracebacks name the page's lines.
            exec(compile("\n" * fence.line + fence.text, str(page), "exec", dont_inherit=True), namespace)
        if following is not None and "output" in following.tags:
            assert_printed(following, following.text, printed.getvalue())
        else:
            assert printed.getvalue() == "", f"{fence}: prints, but no `text output` block follows"


def import_from(folder: Path, fences: list[Fence], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the page import its own files, as a program in their folder does; other pages have files of the same names."""
    monkeypatch.syspath_prepend(folder)
    for fence in fences:
        if "file" in fence.tags and fence.language == "python":
            name = Path(fence.tags["file"]).stem
            monkeypatch.setitem(sys.modules, name, None)  # what it is replaced by is forgotten afterwards
            del sys.modules[name]


def is_there(package: str | None) -> bool:
    return package is None or find_spec(package) is not None


@pytest.mark.parametrize("page", pages_with("console", slow=True))
def test_commands_print_what_the_page_shows(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    lay_out(page, tmp_path)
    rewritten: list[tuple[Fence, str]] = []
    for fence in read_page(page):
        if fence.language != "console":
            continue
        shown = ""
        status = 0
        for command, expected in commands(fence):
            status, printed = run(command, tmp_path)
            assert "Traceback" not in printed, f"{fence}: {command}\n{printed}"
            right = matches(expected, printed)
            if not right and not request.config.getoption("--bless"):
                assert_printed(fence, expected, printed, command)
            shown += f"$ {command}\n{expected if right else printed}"
        assert status == int(fence.tags.get("exit", "0")), f"{fence}: the last command's status is {status}\n{shown}"
        rewritten.append((fence, shown))
    bless(page, rewritten)


def lay_out(page: Path, folder: Path) -> None:
    """Put the examples and the page's own files into the folder in which its commands run."""
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    for fence in read_page(page):
        if "file" in fence.tags:
            path = folder / fence.tags["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(fence.text, encoding="utf-8")


def commands(fence: Fence) -> list[tuple[str, str]]:
    """Split a console block into commands and what each prints; a command ends where a line doesn't end in a backslash."""
    found: list[tuple[str, str]] = []
    lines = fence.text.splitlines(keepends=True)
    while lines:
        line = lines.pop(0)
        assert line.startswith("$ "), f"{fence}: {line!r} follows no command"
        command = line[2:]
        while command.endswith("\\\n"):
            command += lines.pop(0)
        printed = ""
        while lines and not lines[0].startswith("$ "):
            printed += lines.pop(0)
        found.append((command.removesuffix("\n"), printed))
    return found


def run(command: str, folder: Path) -> tuple[int, str]:
    scripts = sysconfig.get_path("scripts")
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("LCC_", "PYTHON", "COVERAGE"))
    } | {"PATH": scripts + os.pathsep + os.environ["PATH"], "NO_COLOR": "1", "COLUMNS": "110", "TERM": "dumb"}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )
    return done.returncode, re.sub(r"[ \t]+$", "", done.stdout, flags=re.MULTILINE)


def matches(expected: str, printed: str) -> bool:
    pattern = re.escape(settled(expected)).replace(re.escape("...\n"), "\0").replace(re.escape("..."), "[^\n]*")
    # A whole line of dots stands for any lines; dots that end a longer line, for the rest of that line.
    pattern = re.sub("(^|\n)\0", lambda m: m[1] + "(?:[^\n]*\n)*?", pattern.replace("\\\n", "\n"))
    return re.fullmatch(pattern.replace("\0", "[^\n]*\n"), settled(printed)) is not None


DURATION = re.compile(r" *\b[0-9][0-9.,]* (?:µs|ms|s|min)(?: [0-9]+ s)?\b")
ENDED = re.compile(r"(?m)(?:^(?:ok|failed|skipped) .*\n(?: {19}.*\n)?)+")


def settled(text: str) -> str:
    """Take out what differs from run to run: durations, and the order in which tasks that ran side by side ended."""
    text = re.sub(r'"(start|end|makespan)": [0-9.e-]+', r'"\1": TIME', text)
    text = DURATION.sub(" TIME", text).replace("; one after another they take TIME", "")
    return ENDED.sub(lambda m: "".join(sorted(re.findall(r"(?m)^\S.*\n(?: {19}.*\n)?", m[0]))), text)


def assert_printed(fence: Fence, expected: str, printed: str, command: str = "") -> None:
    assert matches(expected, printed), f"{fence}: {command}\n-- shown:\n{expected}\n-- printed:\n{printed}"


def bless(page: Path, rewritten: list[tuple[Fence, str]]) -> None:
    """Write changed console blocks back, last first so that offsets hold."""
    text = before = page.read_text(encoding="utf-8")
    for fence, shown in reversed(rewritten):
        if shown != fence.text:
            text = text[: fence.start] + shown + text[fence.start + len(fence.text) :]
    if text != before:
        page.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("expected", "printed", "fits"),
    [
        ("a\n", "a\n", True),
        ("a\n", "b\n", False),
        ("...\nb\n", "x\ny\nb\n", True),
        ("a\n...\n", "a\n", True),
        ("took ...\n", "took long\n", True),
        ("ok  590 µs  1. a()\nok 1 ms  2. b()\n", "ok    2.00 s  2. b()\nok   7 ms  1. a()\n", True),
        ("ok  590 µs  1. a()\nok 1 ms  2. b()\n", "ok  590 µs  1. a()\nfailed 1 ms  2. b()\n", False),
        ("ok: 4 tasks in 1 ms\n", "ok: 4 tasks in 2.10 s; one after another they take 2 min 5 s\n", True),
        ("ok: 4 tasks in 1 ms\n", "ok: 5 tasks in 1 ms\n", False),
        ("took ...\n", "took long\nmore\n", False),
        ("(a.b)\n", "(axb)\n", False),
    ],
)
def test_dots_stand_for_what_varies(expected: str, printed: str, fits: bool) -> None:
    assert matches(expected, printed) == fits


def test_a_wrong_output_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ echo one\ntwo\n```\n", encoding="utf-8")
    (fence,) = (Fence(page, 1, "console", {}, "$ echo one\ntwo\n", 11),)
    [(command, expected)] = commands(fence)
    status, printed = run(command, tmp_path)
    assert (status, printed) == (0, "one\n")
    assert not matches(expected, printed)


LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"(?s)```.*?```", "", page.read_text(encoding="utf-8"))
    for target in LINK.findall(text):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{page.name}: {target}"
        if anchor:
            assert anchor in anchors(there), f"{page.name}: {target}"


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, made as GitHub makes them."""
    headings = re.findall(r"(?m)^#+ (.+)$", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
