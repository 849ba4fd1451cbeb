"""Check what all strategies have in common: options, history, events, the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from asking import BACKENDS, END, World, agent, finish, run
from fake_model_server import FakeModelServer, Reply, ToolCalls

import lcc
from lcc.__main__ import main
from lcc.ask.events import Answered, ModelCalled, PlanReady, PlanStarted, TaskPlanned
from lcc.ask.planning.plan_files import PlanCache
from lcc.ask.strategies import STRATEGIES

SCRIPTS: dict[str, dict[str, list[Reply]]] = {
    "lcc": {"planner": [f'1. search("tides")\n2. length($1)\n3. join()\n{END}'], "joiner": [finish("eleven")]},
    "react": {"agent": ['Action: search("tides")', 'Action: length("about tides")', "Action: Finish(eleven)"]},
    "openai-parallel": {
        "agent": [
            ToolCalls([("search", {"query": "tides"})]),
            ToolCalls([("length", {"text": "about tides"})]),
            "eleven",
        ]
    },
    "rewoo": {"planner": ["Plan: a\n#E1 = search[tides]\nPlan: b\n#E2 = length[#E1]"], "solver": ["eleven"]},
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("strategy", SCRIPTS)
def test_every_strategy_answers_with_the_same_kind_of_answer(strategy: str, backend: str) -> None:
    world = World()
    seen: list[Any] = []
    with FakeModelServer(SCRIPTS[strategy]) as server:
        answer = run(lambda: agent(world, server, strategy=strategy).ask("How long?", on_event=seen.append), backend)
    assert (answer.status, answer.text, answer.value) == ("answered", "eleven", "eleven")
    assert answer.results == {"1": "about tides", "2": 11}
    assert [e.task.tool for e in seen if isinstance(e, TaskPlanned)] == ["search", "length"]
    assert [e.round for e in seen if isinstance(e, PlanReady)] == [round_.number for round_ in answer.rounds]
    assert isinstance(seen[0], PlanStarted)
    assert seen[-1] == Answered(answer)
    called = [e for e in seen if isinstance(e, ModelCalled)]
    assert sum(e.usage.tokens.prompt for e in called) == answer.total.tokens.prompt > 0
    assert json.loads(json.dumps(answer.to_json()))["total"]["calls"] == len(server.requests)


@pytest.mark.parametrize("strategy", SCRIPTS)
def test_a_conversation_goes_before_the_question(strategy: str) -> None:
    world = World()
    history = [("user", "I like tides."), ("assistant", "Noted.")]
    with FakeModelServer(SCRIPTS[strategy]) as server:
        run(lambda: agent(world, server, strategy=strategy).ask("How long?", history=history))
    for request in server.requests:
        assert [m["content"] for m in request.messages[1:3]] == ["I like tides.", "Noted."]


@pytest.mark.parametrize("strategy", SCRIPTS)
def test_a_result_is_cut_where_a_model_sees_it(strategy: str) -> None:
    world = World()
    with FakeModelServer(SCRIPTS[strategy]) as server:
        answer = run(lambda: agent(world, server, strategy=strategy, result_tokens=2).ask("?"))
    assert answer.results["1"] == "about tides"
    seen = server.requests[-1 if strategy in ("lcc", "rewoo") else 1].prompt
    assert "about tides" not in seen
    assert "more: $1[8:])" in seen


USELESS: list[tuple[str, dict[str, Any]]] = [
    ("react", {"max_replans": 1}),
    ("react", {"level": 2}),
    ("react", {"joiner": "other"}),
    ("openai-parallel", {"examples": ["x.plan"]}),
    ("openai-parallel", {"plan_cache": PlanCache(Path("x"))}),
    ("rewoo", {"max_steps": 3}),
    ("lcc", {"max_steps": 3}),
    ("lcc", {"parallel_workers": True}),
    ("skeleton", {"result_tokens": 3}),
]


@pytest.mark.parametrize(("strategy", "options"), USELESS)
def test_an_option_without_use_is_refused(strategy: str, options: dict[str, Any]) -> None:
    [name] = options
    with pytest.raises(ValueError, match=f"the strategy {strategy} has no use for `{name}`; it belongs to "):
        lcc.Agent([], "m", base_url="http://localhost:1/v1", strategy=strategy, **options)


def test_what_is_asked_without_use_is_refused() -> None:
    model = lcc.ModelSettings(model="m", base_url="http://localhost:1/v1")
    with pytest.raises(ValueError, match="no use for `plan`"):
        run(lambda: lcc.Agent([], model, strategy="rewoo").ask("?", plan="1. f()"))
    with pytest.raises(ValueError, match="no use for `answer_type`"):
        run(lambda: lcc.Agent([], model, strategy="skeleton").ask("?", answer_type=int))
    with pytest.raises(ValueError, match="there is no strategy 'cot': it is one of lcc, react"):
        lcc.Agent([], model, strategy="cot")


def test_tools_without_use_are_refused() -> None:
    @lcc.tool(effect="pure")
    def finish_() -> str:
        """End."""
        return ""

    @lcc.tool(name="Finish", effect="pure")
    def finishing() -> str:
        """End."""
        return ""

    model = lcc.ModelSettings(model="m", base_url="http://localhost:1/v1")
    with pytest.raises(ValueError, match="calls no tools"):
        lcc.Agent([finish_], model, strategy="skeleton")
    with pytest.raises(ValueError, match="can't have a tool of that name"):
        lcc.Agent([finishing], model, strategy="react")


TOOLS = '''\
import lcc

@lcc.tool(effect="read")
def search(query: str) -> str:
    """Find a paragraph."""
    return f"about {query}"

@lcc.tool(effect="pure")
def length(text: str) -> int:
    """Count characters."""
    return len(text)
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tools.py").write_text(TOOLS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("LCC_MODEL", "LCC_BASE_URL", "LCC_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def ask(*argv: str) -> int:
    try:
        return main(["ask", "How long?", "--model", "fake", *argv])
    finally:
        sys.modules.pop("tools", None)


@pytest.mark.parametrize("strategy", SCRIPTS)
def test_the_command_takes_a_strategy(strategy: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with FakeModelServer(SCRIPTS[strategy]) as server:
        status = ask(
            "--tools", "tools.py", "--base-url", server.base_url, "--strategy", strategy, "--save-plan", "p.plan"
        )
    out, err = capsys.readouterr()
    assert (status, out) == (0, "eleven\n")
    lines = err.splitlines()
    steps = 2 if strategy in ("react", "openai-parallel") else 1
    assert lines[0] == ("thinking" if steps == 2 else "planning")
    assert f"answered: {steps} {'steps' if steps == 2 else 'plan'}, 2 calls in " in lines[-1]
    capsys.readouterr()
    assert main(["run", "p.plan", "--tools", "tools.py", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["tasks"]["2"]["value"] == 11


def test_the_command_writes_points_without_tools(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pyproject.toml").write_text('[tool.lcc]\ntools = ["tools.py"]\n', encoding="utf-8")
    with FakeModelServer({"skeleton": ["1. One"], "point": ["Text."]}) as server:
        status = ask("--base-url", server.base_url, "--strategy", "skeleton")
    assert (status, capsys.readouterr().out) == (0, "1. One: Text.\n")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (
            ["--strategy", "react", "--max-replans", "1"],
            "the strategy react has no use for `--max-replans`; it belongs to lcc",
        ),
        (["--strategy", "react", "-O3"], "no use for `-O`"),
        (["--strategy", "react", "-O0"], "no use for `-O`"),
        (["--strategy", "react", "--max-replans", "0"], "no use for `--max-replans`"),
        (["--strategy", "rewoo", "--plan-cache"], "no use for `--plan-cache`"),
        (["--strategy", "skeleton", "--save-plan", "x"], "no use for `--save-plan`"),
        (["--strategy", "openai-parallel", "--joiner-model", "x"], "no use for `--joiner-model`"),
        (["--max-steps", "3"], "the strategy lcc has no use for `--max-steps`"),
        (["--strategy", "skeleton", "--tools", "tools.py"], "calls no tools"),
        (["--strategy", "react", "--max-steps", "0", "--tools", "tools.py"], "max_steps must be positive"),
    ],
)
def test_the_command_refuses_options_without_use(
    argv: list[str], said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask("--base-url", "http://localhost:1/v1", *argv) == 2
    assert said in capsys.readouterr().err


def test_every_strategy_is_described() -> None:
    page = (Path(__file__).parents[3] / "docs" / "strategies.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in page for name in STRATEGIES)
