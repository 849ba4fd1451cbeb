"""Check files of servers on the command line: what is read, what is started and what never is, what is kept, what has changed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from fake_model_server import FakeModelServer
from mcp_servers import RAW, lines, over_http

from lcc.__main__ import main
from lcc.mcp_client.host import close_servers

PLAN = "1. add(1, 2)\n2. answer($1)\n"


class Done(NamedTuple):
    status: int
    out: str
    err: str


Command = Callable[..., Done]


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MY_LOG", str(tmp_path / "log"))
    Path("a.plan").write_text(PLAN, encoding="utf-8")
    Path("log").touch()
    return tmp_path / "log"


@pytest.fixture
def lcc(capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    def command(*argv: str) -> Done:
        status = main(argv)
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Done(status, out, err)

    yield command
    close_servers()


def entry(*modes: str, **more: object) -> dict[str, object]:
    return {"command": sys.executable, "args": ["-I", str(RAW), *modes], "env": {"LOG": "${env:MY_LOG}"}, **more}


def describe(name: str = "mcp.json", word: str = "mcpServers", **servers: object) -> None:
    path = Path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({word: servers or {"raw": entry()}}, indent=1), encoding="utf-8")


@pytest.mark.parametrize(("name", "word"), [("mcp.json", "mcpServers"), (".vscode/mcp.json", "servers")])
def test_a_plan_runs_with_the_servers_of_a_file(name: str, word: str, lcc: Command, log: Path) -> None:
    describe(name, word)
    done = lcc("run", "a.plan", "--tools", name)
    assert (done.status, done.out) == (0, "3.0\n")
    assert lines(log) == ["started", "call add", "ended"]


def test_a_server_and_a_tool_of_it_are_chosen_by_name(lcc: Command, log: Path) -> None:
    describe(raw=entry(), other=entry("fails"), **{"dotted.name": entry("renamed")})
    assert lcc("tools", "--tools", "mcp.json:dotted.name").out.startswith("other()")
    assert lcc("tools", "--tools", "mcp.json:raw.add", "--tools", "mcp.json:raw.book").out.count("mcp.json:") == 2
    done = lcc("tools", "--tools", "mcp.json:row")
    assert (done.status, "did you mean `raw`?" in done.err) == (1, True)
    done = lcc("tools", "--tools", "mcp.json:raw.ad")
    assert (done.status, "has no tool `ad`" in done.err, "its tools are add, book" in done.err) == (1, True, True)


@pytest.mark.parametrize("command", ["check", "compile", "graph", "opt", "fmt"])
@pytest.mark.parametrize("named", ["--tools", "project"])
def test_what_checks_a_text_starts_nothing(command: str, named: str, lcc: Command, log: Path) -> None:
    describe()
    Path("pyproject.toml").write_text('[tool.lcc]\ntools = ["mcp.json"]\n', encoding="utf-8")
    lcc(command, "a.plan", *(["--tools", "mcp.json"] if named == "--tools" and command != "fmt" else []))
    assert lines(log) == []


def test_a_projects_servers_are_started_only_if_it_is_trusted(lcc: Command, log: Path) -> None:
    describe()
    Path("pyproject.toml").write_text('[tool.lcc]\ntools = ["mcp.json"]\n', encoding="utf-8")
    for argv in (["run", "a.plan"], ["ask", "What?", "--model", "m", "--base-url", "http://127.0.0.1:9"], ["tools"]):
        done = lcc(*argv)
        assert "T092" in done.err
        assert "--trust-project" in done.err
        assert (done.status, lines(log)) == (int(argv != ["tools"]), [])
    assert lcc("run", "a.plan", "--trust-project").out == "3.0\n"


def test_a_project_may_describe_servers_and_say_more_of_those_of_a_file(lcc: Command, log: Path) -> None:
    describe()
    text = '[tool.lcc]\ntools = ["mcp.json"]\n[tool.lcc.mcp.raw]\nprefix = "raw_"\neffects = {{add = "pure"}}\n[tool.lcc.mcp.own]\n{}\n'
    reached = f'command = "{sys.executable}"\nargs = ["-I", "{RAW}"]\nonly = ["b*"]\nenv = {{ LOG = "${{MY_LOG}}" }}'
    Path("pyproject.toml").write_text(text.format(reached), encoding="utf-8")
    done = lcc("tools", "--trust-project")
    assert "raw_add(a: float, b: float) -> float\n    pure" in done.out
    assert "\nbook(title: str)" in done.out
    Path("pyproject.toml").write_text('[tool.lcc.mcp.x]\nprefix = "x_"\n', encoding="utf-8")
    assert "T094" in lcc("tools").err


def test_kept_declarations_stand_for_the_server_and_what_changed_is_an_error(lcc: Command, log: Path) -> None:
    describe(raw=entry(**{"x-lcc": {"effects": {"add": "read"}}}))
    assert "17 tools kept in kept.json" in lcc("tools", "--tools", "mcp.json", "--save", "kept.json").err
    started = lines(log).count("started")
    assert lcc("check", "a.plan", "--tools", "kept.json", "--tools", "mcp.json") == (0, "", "")
    Path("wrong.plan").write_text("1. add(1, [])\n2. join($1)\n", encoding="utf-8")
    assert "`b` of `add` takes float" in lcc("check", "wrong.plan", "--tools", "kept.json").err
    assert lines(log).count("started") == started
    assert lcc("run", "a.plan", "--tools", "kept.json", "--tools", "mcp.json").out == "3.0\n"
    kept = json.loads(Path("kept.json").read_text(encoding="utf-8"))
    kept["tools"][0]["inputSchema"]["properties"]["b"] = {"type": "boolean"}
    Path("kept.json").write_text(json.dumps(kept), encoding="utf-8")
    Path("b.plan").write_text("1. add(1, True)\n2. join($1)\n", encoding="utf-8")
    done = lcc("run", "b.plan", "--tools", "kept.json", "--tools", "mcp.json")
    assert (done.status, "T023" in done.err, "`b` is declared `bool`" in done.err) == (1, True, True)
    assert lines(log).count("call add") == 1


def test_a_server_is_not_started_for_a_plan_that_does_not_call_it(lcc: Command, log: Path) -> None:
    describe()
    lcc("tools", "--tools", "mcp.json", "--save", "kept.json")
    started = lines(log).count("started")
    Path("own.py").write_text("import lcc\n@lcc.tool\ndef own() -> int:\n    return 1\n", encoding="utf-8")
    Path("own.plan").write_text("1. own()\n2. answer($1)\n", encoding="utf-8")
    tools = ("--tools", "own.py", "--tools", "kept.json", "--tools", "mcp.json")
    assert lcc("run", "own.plan", *tools).out == "1\n"
    assert lines(log).count("started") == started


def test_tools_of_the_same_name_get_their_servers_names(lcc: Command, log: Path) -> None:
    describe(**{"raw": entry(), "more-raw": entry(**{"x-lcc": {"only": ["add"]}})})
    Path("a.plan").write_text("1. raw_add(1, 2)\n2. more_raw_add($1, 4)\n3. answer($2)\n", encoding="utf-8")
    done = lcc("run", "a.plan", "--tools", "mcp.json")
    assert (done.out, done.err.count("T095")) == ("7.0\n", 2)


def test_servers_over_http_are_reached_with_headers_of_the_environment(
    lcc: Command, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "s3")
    with over_http(log) as url:
        describe(raw={"type": "http", "url": url, "headers": {"Authorization": "Bearer ${SECRET}"}})
        assert lcc("run", "a.plan", "--tools", "mcp.json").out == "3.0\n"
        close_servers()
    assert "authorization Bearer s3" in lines(log)


@pytest.mark.parametrize(
    ("server", "says"),
    [
        (3, "a server is an object, not a number"),
        ({}, "either a `command` or a `url`"),
        ({"command": "x", "url": "http://x"}, "either a `command` or a `url`"),
        ({"command": "x", "args": "y"}, "`args` is a list of texts"),
        ({"command": {"a": 1}}, "this must be text, not an object"),
        ({"url": "ftp://x"}, "must begin with http"),
        ({"command": "${NOT_SET_ANYWHERE}"}, "`NOT_SET_ANYWHERE` is not set"),
        ({"command": "${input:key}"}, "asked by an editor"),
        ({"type": "carrier pigeon", "url": "http://x"}, "`type` is 'carrier pigeon'"),
        ({"command": "x", "x-lcc": {"effect": 3}}, "did you mean `effects`?"),
        ({"command": "x", "x-lcc": {"effects": {"a": "reads"}}}, "`effect` must be"),
        ({"command": "x", "x-lcc": {"timeout": -1}}, "a number of seconds above 0"),
    ],
)
def test_a_wrong_entry_says_what_and_where(server: object, says: str, lcc: Command, log: Path) -> None:
    describe(odd=server)
    done = lcc("run", "a.plan", "--tools", "mcp.json")
    assert done.status == 1
    assert "T094" in done.err
    assert says in done.err
    assert (
        "mcp.json:3:" in done.err or "mcp.json:4:" in done.err or "mcp.json:5:" in done.err or "mcp.json:6:" in done.err
    )


def test_a_server_that_does_not_start_is_an_error_at_its_entry(lcc: Command, log: Path) -> None:
    describe(raw=entry("fails"))
    done = lcc("run", "a.plan", "--tools", "mcp.json")
    assert done.status == 1
    assert "mcp.json:3:10: error[T091]: the server `raw` can't be used" in done.err
    assert "no licence found" in done.err


def test_a_server_that_is_switched_off_is_passed_over_unless_it_is_named(lcc: Command, log: Path) -> None:
    describe(raw=entry(disabled=True), other=entry("renamed"))
    assert lcc("tools", "--tools", "mcp.json").out.startswith("other()")
    assert "add(a: float" in lcc("tools", "--tools", "mcp.json:raw").out


def test_what_a_hostile_server_says_is_escaped(lcc: Command, log: Path) -> None:
    describe()
    Path("a.plan").write_text('1. fail("\\u001b[31mred\\u202e")\n2. join($1)\n', encoding="utf-8")
    done = lcc("run", "a.plan", "--tools", "mcp.json")
    assert done.status == 1
    assert "\x1b" not in done.out + done.err
    assert "\u202e" not in done.out + done.err


def test_a_question_is_answered_with_the_tools_of_a_server(lcc: Command, log: Path) -> None:
    describe(raw=entry(**{"x-lcc": {"trust_annotations": True}}))
    plan = '1. add(20, 22)\n2. answer("It is $1.")\n<END_OF_PLAN>'
    with FakeModelServer({"planner": [plan]}) as model:
        done = lcc("ask", "What?", "--tools", "mcp.json", "--model", "fake", "--base-url", model.base_url)
    assert (done.status, done.out) == (0, "It is 42.0.\n")
    assert "add(a: float, b: float)" in json.dumps(model.requests[0].body)
    assert lines(log)[-1] == "ended"


def test_annotations_of_all_servers_count_if_the_user_says_so_and_a_file_may_be_given_a_name(
    lcc: Command, log: Path
) -> None:
    describe()
    assert "add(a: float, b: float) -> float\n    undeclared" in lcc("tools", "--tools", "mcp.json").out
    done = lcc("tools", "--tools", "north=mcp.json:raw.add", "--trust-annotations")
    assert done.out.startswith("north.add(a: float, b: float) -> float\n    read")


def test_a_server_is_started_once_for_all_steps_of_a_question(lcc: Command, log: Path) -> None:
    describe(raw=entry(**{"x-lcc": {"trust_annotations": True}}))
    steps = ["Action: add(1, 2)", "Action: add(3.0, 4)", "Action: Finish(7)"]
    with FakeModelServer({"agent": steps}) as model:
        argv = ("--tools", "mcp.json", "--model", "fake", "--base-url", model.base_url, "--strategy", "react")
        done = lcc("ask", "What?", *argv)
    assert done.status == 0, done
    assert (lines(log).count("call add"), lines(log).count("started")) == (2, 1)


def test_comments_and_last_commas_of_an_editors_file_are_read(lcc: Command, log: Path) -> None:
    text = json.dumps({"servers": {"raw": entry(), "odd": {"url": "ftp://x//y,]"}}}, indent=1)
    text = text.replace('{\n "servers"', '{ // mine\n /* all,\n of them */ "servers"').replace(
        '"ftp', '/* why? */ "ftp'
    )
    Path("mcp.json").write_text(text[:-1].rstrip() + ",\n}", encoding="utf-8")
    assert lcc("run", "a.plan", "--tools", "mcp.json:raw").out == "3.0\n"
    done = lcc("tools", "--tools", "mcp.json:odd")
    assert "must begin with http" in done.err
    assert f"{text[: text.index('ftp')].count(chr(10)) + 1}:" in done.err
