"""Check `lcc ask` as people use it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from asking import END, finish, replan
from fake_model_server import Cut, FakeModelServer, Reply, Status

from lcc.__main__ import main

TOOLS = '''\
import lcc

@lcc.tool(effect="read")
def search(query: str) -> str:
    """Find a paragraph."""
    if query == "broken":
        raise RuntimeError("no page")
    return f"about {query}"
'''
PLAN = f'1. search("tides")\n2. answer("It is $1.")\n{END}'
Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run `lcc ask` in a folder with `tools.py`, without any setting from the environment."""
    (tmp_path / "tools.py").write_text(TOOLS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("LCC_MODEL", "LCC_BASE_URL", "LCC_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run(*argv: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main(["ask", *argv])
        sys.modules.pop("tools", None)
        return (status, *capsys.readouterr())

    return run


def test_without_tools_it_is_said_how_to_give_some(ask: Ask) -> None:
    status, out, err = ask("What?", "--model", "fake", "--base-url", "http://127.0.0.1:1/v1")
    assert (status, out) == (1, "")
    assert "error[X004]: there are no tools to answer with" in err
    assert "--tools FILE.py" in err
    assert '        @lcc.tool(effect="read")\n' in err


def test_the_answer_alone_is_on_standard_output(ask: Ask) -> None:
    with FakeModelServer({"planner": [PLAN]}) as server:
        status, out, err = ask("What?", "--tools", "tools.py", "--model", "fake", "--base-url", server.base_url)
    assert (status, out) == (0, "It is about tides.\n")
    lines = err.splitlines()
    assert lines[0] == "planning"
    assert lines[1].startswith("ok ")
    assert lines[1].endswith('1. search("tides")')
    assert lines[-1].startswith("answered: 1 plan, 1 call in ")
    assert "1 model call, " in lines[-1]
    assert lines[-1].endswith("$0.0000")


def test_the_last_line_tells_what_each_role_spent(ask: Ask) -> None:
    script: dict[str, list[Reply]] = {
        "planner": [Cut('1. search("tides")\n2. sea'), f'1. search("tides")\n2. search("moon")\n3. join()\n{END}'],
        "joiner": [finish("high")],
    }
    with FakeModelServer(script) as server:
        _, _, err = ask("What?", "--tools", "tools.py", "--model", "fake", "--base-url", server.base_url)
    last = err.splitlines()[-1]
    assert "1 plan, 2 calls in " in last
    assert "; 3 model calls, " in last
    assert " (planner: 2 calls, " in last
    assert "; joiner: 1 call, " in last
    assert last.endswith(" tokens, $0.0000)")


def test_a_limit_that_is_reached_is_named_before_the_last_line(ask: Ask) -> None:
    plan = f'1. search("tides")\n2. join()\n{END}'
    with FakeModelServer({"planner": [plan]}) as server:
        argv = ("--tools", "tools.py", "--model", "fake", "--base-url", server.base_url, "--max-model-calls", "1")
        status, _, err = ask("What?", *argv)
    assert status == 1
    *_, why, last = err.splitlines()
    assert why == "the limit of 1 model calls is reached"
    assert last.startswith("stopped: 1 plan, 1 call in ")


def test_roles_may_talk_to_different_endpoints(ask: Ask) -> None:
    plan = f'1. search("tides")\n2. join()\n{END}'
    with FakeModelServer({"planner": [plan]}) as one, FakeModelServer({"joiner": [finish("high")]}) as other:
        addresses = ("--base-url", one.base_url, "--role", f"joiner.base-url={other.base_url}")
        status, out, _ = ask(
            "What?", "--tools", "tools.py", "--model", "fake", *addresses, "--role", "joiner.model=small"
        )
    assert (status, out) == (0, "high\n")
    assert other.requests[0].body["model"] == "small"
    assert ask("What?", "--model", "fake", "--role", "judge.model=x")[0] == 2


def test_json_holds_plans_results_and_usage(ask: Ask) -> None:
    with FakeModelServer({"planner": [PLAN]}) as server:
        _, out, _ = ask(
            "What?", "--tools", "tools.py", "--model", "m", "--base-url", server.base_url, "--format", "json"
        )
    shown = json.loads(out)
    assert (shown["status"], shown["text"]) == ("answered", "It is about tides.")
    assert shown["rounds"][0]["tasks"]["1"]["value"] == "about tides"
    assert shown["usage"]["planner"]["calls"] == shown["total"]["calls"] == 1


def test_settings_come_from_the_environment(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeModelServer({"planner": [PLAN]}) as server:
        monkeypatch.setenv("LCC_MODEL", "from-environment")
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "the-key")
        assert ask("What?", "--tools", "tools.py")[0] == 0
        [request] = server.requests
    assert request.body["model"] == "from-environment"
    assert request.headers["authorization"] == "Bearer the-key"


def test_a_projects_address_needs_trust_and_gets_no_well_known_key(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "the-key")
    with FakeModelServer({"planner": [PLAN]}) as server:
        (tmp_path / "pyproject.toml").write_text(
            f'[tool.lcc]\ntools = ["tools.py"]\n[tool.lcc.models]\nmodel = "m"\nbase-url = "{server.base_url}"\n',
            encoding="utf-8",
        )
        status, _, err = ask("What?")
        assert (status, "--trust-project" in err, server.requests) == (2, True, [])
        assert ask("What?", "--trust-project")[0] == 0
        [request] = server.requests
    assert "the-key" not in request.headers["authorization"]


def test_without_a_model_it_is_said_how_to_get_one(ask: Ask) -> None:
    status, out, err = ask("What?", "--tools", "tools.py")
    assert (status, out) == (2, "")
    assert err.startswith("error: no model is configured. Any OpenAI-compatible endpoint will do:\n  hosted ")


def test_a_saved_plan_runs_again_without_a_model(ask: Ask, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = f'1. search("tides")\n2. search("broken")\n3. join()\n{END}'
    second = f'3. search("moon and $1")\n4. answer("$3!")\n{END}'
    with FakeModelServer({"planner": [first, second], "joiner": [replan("the moon")]}) as server:
        asked = ("--tools", "tools.py", "--model", "m", "--base-url", server.base_url, "--save-plan", "a.plan")
        assert ask("Two\nlines?", *asked)[0] == 0
    assert (tmp_path / "a.plan").read_text(encoding="utf-8") == (
        '# Request: Two\n# lines?\n1. search("tides")\n3. search("moon and $1")\n4. answer("$3!")\n'
    )
    assert main(["run", "a.plan", "--tools", "tools.py"]) == 0
    assert capsys.readouterr().out == "about moon and about tides!\n"


def test_a_cached_plan_is_used_only_if_asked_for(ask: Ask) -> None:
    with FakeModelServer({"planner": [PLAN] * 4}) as server:
        asked = ("--tools", "tools.py", "--model", "m", "--base-url", server.base_url)
        counts = []
        for more in ((), ("--plan-cache",), ("--plan-cache",), (), ("--plan-cache", "--planner-model", "other")):
            assert ask("What?", *asked, *more)[1] == "It is about tides.\n"
            counts.append(len(server.requests))
    assert counts == [1, 2, 2, 3, 4]


def test_a_model_that_fails_is_an_error_with_what_is_known(ask: Ask) -> None:
    plan = f'1. search("tides")\n2. join()\n{END}'
    script: dict[str, list[Reply]] = {"planner": [plan], "joiner": [Status(401, "bad \x1b[31mkey")]}
    with FakeModelServer(script) as server:
        status, out, err = ask("What?", "--tools", "tools.py", "--model", "m", "--base-url", server.base_url)
    assert (status, out) == (1, "")
    assert "error: 127.0.0.1 refused the key (401): bad \\x1b[31mkey" in err
    assert "failed: 1 plan, 1 call in " in err


def test_a_wrong_example_is_reported_with_its_place(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "e.plan").write_text("# Request: q\n1. serch('x')\n2. join()\n", encoding="utf-8")
    status, _, err = ask("What?", "--tools", "tools.py", "--model", "m", "--examples", "e.plan")
    assert status == 1
    assert "e.plan:2:4: error[V004]: there is no tool `serch`" in err


def test_what_models_say_is_escaped(ask: Ask) -> None:
    plan = f'1. search("tides")\n2. join()\n{END}'
    script = {"planner": [plan, plan], "joiner": [replan("\x1b[2J more"), finish("red \x1b[31m text")]}
    with FakeModelServer(script) as server:
        status, out, err = ask("What?", "--tools", "tools.py", "--model", "m", "--base-url", server.base_url)
    assert status == 0
    assert out == "red \\x1b[31m text\n"
    assert "\x1b" not in err
