"""Hold the planner to the grammar of its tools' plans: what each kind of server is sent, and what comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from asking import BACKENDS, END, World, agent, finish, replan, run
from fake_model_server import FakeModelServer, Gate, Recorded, Status, Text
from llguidance import LLMatcher, LLTokenizer

import lcc
from lcc.__main__ import main
from lcc.ask.events import AskEvent, PlannerHeld
from lcc.config import read_config
from lcc.grammar.constrain.bounds import Bounds
from lcc.models.faults import ModelFault
from lcc.models.holding import Server, choose, server_of_address, server_of_models
from lcc.models.request import Held

PLAN = f'1. search("tides")\n2. answer("$1")\n{END}'
NAME = "plan"


@pytest.fixture
def world() -> World:
    return World()


def ask(world: World, server: FakeModelServer, backend: str = "asyncio", **settings: Any) -> tuple[Any, list[Held]]:
    """Ask with an agent that talks to the server; return the answer, and what was said of grammars."""
    events: list[AskEvent] = []
    asked = agent(world, server, **settings)
    answer = run(lambda: asked.ask("How high are tides?", on_event=events.append), backend)
    return answer, [event.held for event in events if isinstance(event, PlannerHeld)]


def admits(lark: str, text: str) -> bool:
    """Whether llguidance takes the whole text."""
    matcher = LLMatcher(LLTokenizer("byte"), LLMatcher.grammar_from_lark(lark))
    data = list(text.encode())
    return bool(matcher.try_consume_tokens(data) == len(data) and matcher.is_accepting())


def planned(server: FakeModelServer) -> Recorded:
    """Return the one request to the planner."""
    (request,) = server.by_role("planner")
    return request


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("stream", [True, False])
def test_responses_are_sent_a_custom_tool_whose_input_is_the_plan(world: World, backend: str, stream: bool) -> None:
    with FakeModelServer({"planner": [PLAN]}) as server:
        answer, held = ask(world, server, backend, api="responses", constrain="lark", stream=stream)
    body = planned(server).body
    (tool,) = body["tools"]
    assert (tool["type"], tool["name"]) == ("custom", NAME)
    assert tool["description"]
    assert (tool["format"]["type"], tool["format"]["syntax"]) == ("grammar", "lark")
    assert set(tool) == {"type", "name", "description", "format"}
    assert set(tool["format"]) == {"type", "syntax", "definition"}
    assert body["tool_choice"] == {"type": "custom", "name": NAME}
    assert body["parallel_tool_calls"] is False
    assert admits(tool["format"]["definition"], PLAN)
    assert not admits(tool["format"]["definition"], PLAN.replace("search", "serch"))
    assert answer.text == "about tides"
    assert held == [Held("lark", "as you say")]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("stream", [True, False])
def test_chat_is_sent_a_custom_tool_whose_input_is_the_plan(world: World, backend: str, stream: bool) -> None:
    with FakeModelServer({"planner": [PLAN]}) as server:
        answer, held = ask(world, server, backend, constrain="lark", stream=stream)
    body = planned(server).body
    (tool,) = body["tools"]
    assert tool["type"] == "custom"
    assert set(tool["custom"]) == {"name", "description", "format"}
    assert tool["custom"]["format"]["type"] == "grammar"
    assert tool["custom"]["format"]["grammar"]["syntax"] == "lark"
    assert body["tool_choice"] == {"type": "custom", "custom": {"name": NAME}}
    assert body["parallel_tool_calls"] is False
    assert admits(tool["custom"]["format"]["grammar"]["definition"], PLAN)
    assert answer.text == "about tides"
    assert held[0].syntax == "lark"


@pytest.mark.parametrize(
    ("owner", "field"), [("llamacpp", "grammar"), ("vllm", "structured_outputs"), ("sglang", "ebnf")]
)
def test_a_server_that_is_known_to_take_a_grammar_is_sent_one(world: World, owner: str, field: str) -> None:
    with FakeModelServer({"planner": [PLAN], "joiner": []}, owner=owner) as server:
        answer, held = ask(world, server)
    body = planned(server).body
    sent = body[field]["grammar"] if field == "structured_outputs" else body[field]
    assert sent.startswith('root ::= "1. "')
    assert "tools" not in body
    assert answer.text == "about tides"
    assert held[0].syntax == "gbnf"
    assert server.asked_for_models == 1


def test_the_joiner_is_not_held_to_the_planners_grammar(world: World) -> None:
    plan = f'1. search("tides")\n2. join()\n{END}'
    with FakeModelServer({"planner": [plan], "joiner": [finish("high")]}, owner="llamacpp") as server:
        ask(world, server)
    assert "grammar" in planned(server).body
    assert "grammar" not in server.by_role("joiner")[0].body


@pytest.mark.parametrize("owner", [None, "library"])
def test_a_server_that_nothing_is_known_of_is_sent_no_grammar(world: World, owner: str | None) -> None:
    with FakeModelServer({"planner": [PLAN]}, owner=owner) as server:
        answer, held = ask(world, server)
    assert not {"grammar", "tools", "ebnf", "structured_outputs"} & set(planned(server).body)
    assert answer.text == "about tides"
    assert held[0].syntax is None
    assert "--constrain" in held[0].why
    assert not answer.diagnostics


def test_switched_off_the_server_is_not_even_asked_what_it_is(world: World) -> None:
    with FakeModelServer({"planner": [PLAN]}, owner="llamacpp") as server:
        ask(world, server, constrain="off")
    assert "grammar" not in planned(server).body
    assert server.asked_for_models == 0


def test_gbnf_is_sent_to_an_unknown_server_where_one_insists(world: World) -> None:
    with FakeModelServer({"planner": [PLAN]}) as server:
        ask(world, server, constrain="gbnf")
    assert planned(server).body["grammar"].startswith("root ::= ")


def test_lark_is_not_sent_to_llama_cpp_which_may_drop_it_in_silence(world: World) -> None:
    with (
        FakeModelServer({"planner": [PLAN]}, owner="llamacpp") as server,
        pytest.raises(lcc.AskFailed, match="--constrain gbnf"),
    ):
        ask(world, server, constrain="lark")
    assert not server.requests


@pytest.mark.parametrize("status", [400, 500])
def test_a_server_that_refuses_the_grammar_is_asked_without_and_that_is_reported(world: World, status: int) -> None:
    def answer(request: Recorded) -> str | Status:
        return Status(status, "failed to parse grammar") if "grammar" in request.body else PLAN

    with FakeModelServer(answer, owner="llamacpp") as server:
        answered, held = ask(world, server, retries=0)
    assert answered.text == "about tides"
    assert held[0].syntax is None
    assert held[0].failed
    assert "failed to parse grammar" in held[0].why
    assert [d.code for d in answered.diagnostics] == ["P093"]
    assert len(server.requests) == 2


@pytest.mark.parametrize(("syntax", "api"), [("gbnf", "chat"), ("lark", "chat"), ("lark", "responses")])
def test_a_server_that_refuses_a_grammar_that_is_insisted_on_ends_the_ask(world: World, syntax: str, api: str) -> None:
    with (
        FakeModelServer(lambda request: Status(400, "Unknown parameter: 'tools[0].custom', 'grammar'")) as server,
        pytest.raises(lcc.AskFailed, match=r"takes no such grammar: .*Unknown parameter.*--constrain off"),
    ):
        ask(world, server, constrain=syntax, api=api)
    assert len(server.requests) == 1


def test_another_error_is_not_taken_for_a_refused_grammar(world: World) -> None:
    with (
        FakeModelServer(lambda request: Status(404, "no model"), owner="llamacpp") as server,
        pytest.raises(lcc.AskFailed, match="has no model"),
    ):
        ask(world, server)


@pytest.mark.parametrize("api", ["chat", "responses"])
def test_calls_start_while_the_custom_tools_input_streams_in(world: World, api: str) -> None:
    """The rest of the plan comes only after the first call has run: its tool opens the gate."""
    world.gate = Gate()
    reply = Text(["1. open_gate()", "\n", world.gate, f"2. answer($1)\n{END}"])
    with FakeModelServer({"planner": [reply]}) as server:
        answer, _ = ask(world, server, api=api, constrain="lark")
    assert answer.text == "open"


@pytest.mark.parametrize("api", ["chat", "responses"])
def test_a_plan_that_is_cut_off_at_the_token_limit_is_a_failure(world: World, api: str) -> None:
    cut = Text('1. note("a")\n2. answer("$1")', finish="length")
    with (
        FakeModelServer({"planner": [cut, cut, cut]}) as server,
        pytest.raises(lcc.AskFailed, match="token limit"),
    ):
        ask(world, server, api=api, constrain="lark")
    assert world.notes == []


def test_a_further_plan_has_a_grammar_that_goes_on_with_the_ids(world: World) -> None:
    first = f'1. search("tides")\n2. search("broken page")\n3. join()\n{END}'
    second = f'3. length("$1")\n4. join($1, $3)\n{END}'
    with FakeModelServer({"planner": [first, second], "joiner": [replan("its length"), finish("11")]}) as server:
        answer, held = ask(world, server, constrain="lark")
    grammars = [r.body["tools"][0]["custom"]["format"]["grammar"]["definition"] for r in server.by_role("planner")]
    assert admits(grammars[0], first)
    assert not admits(grammars[0], second)
    assert admits(grammars[1], second)
    assert not admits(grammars[1], second.replace("$1", "$2"))  # it failed
    assert not admits(grammars[1], first)
    assert answer.text == "11"
    assert len(held) == 1


def test_bounds_of_plans_can_be_set(world: World) -> None:
    with FakeModelServer({"planner": [PLAN]}) as server:
        ask(world, server, constrain="lark", plan_bounds=Bounds(tasks=1))
    grammar = planned(server).body["tools"][0]["custom"]["format"]["grammar"]["definition"]
    assert admits(grammar, PLAN)
    assert not admits(grammar, '1. search("a")\n2. search("b")\n3. join()')


def test_an_agent_without_tools_plans_without_a_grammar(world: World) -> None:
    with FakeModelServer({"planner": [f'1. answer("hello")\n{END}']}, owner="llamacpp") as server:
        model = lcc.ModelSettings(model="fake", base_url=server.base_url, key="k", constrain="gbnf")
        answer = run(lambda: lcc.Agent([], model).ask("Say hello."))
    assert answer.text == "hello"
    assert "grammar" not in planned(server).body


def test_too_large_a_grammar_is_an_error_where_one_insists_and_else_reported(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lcc.grammar.constrain.productions.MOST_NODES", 1_000)
    bounds = Bounds(tasks=100)
    with FakeModelServer({"planner": [PLAN]}, owner="llamacpp") as server:
        answer, held = ask(world, server, plan_bounds=bounds)
        assert [d.code for d in answer.diagnostics] == ["P093"]
        assert "too large" in held[0].why
        with pytest.raises(lcc.AskFailed, match="too large"):
            ask(world, server, plan_bounds=bounds, constrain="gbnf")


def test_what_is_decided_for_which_server() -> None:
    def decided(server: Server, **settings: Any) -> str | None:
        return choose(lcc.ModelSettings(model="m", **settings), server)[0]

    assert server_of_address(lcc.ModelSettings(model="m")) is Server.OPENAI
    assert server_of_address(lcc.ModelSettings(model="m", base_url="https://x.openai.azure.com/v1")) is Server.OPENAI
    assert server_of_address(lcc.ModelSettings(model="m", base_url="http://localhost:1/v1")) is None
    assert decided(Server.OPENAI) is None  # it is paid for by the token
    assert decided(Server.OPENAI, constrain="lark") == "lark"
    assert decided(Server.VLLM) == "gbnf"
    assert decided(Server.VLLM, api="responses") is None
    assert decided(Server.VLLM, constrain="off") is None
    for odd in (None, [], {}, {"data": []}, {"data": [3]}, {"data": [{"owned_by": ["vllm"]}]}):
        assert server_of_models(odd) is Server.UNKNOWN


def test_gbnf_for_openai_is_an_error_that_names_lark() -> None:
    with pytest.raises(ModelFault, match="--constrain lark"):
        choose(lcc.ModelSettings(model="m", constrain="gbnf"), Server.OPENAI)


def test_the_command_and_the_project_choose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tools = tmp_path / "tools.py"
    tools.write_text('import lcc\n\n@lcc.tool(effect="read")\ndef search(query: str) -> str:\n    return "high"\n')
    project = tmp_path / "pyproject.toml"
    project.write_text('[tool.lcc.models]\nmodel = "fake"\nplanner = { constrain = "gbnf" }\n')
    monkeypatch.chdir(tmp_path)
    command = ["ask", "How high are tides?", "--tools", "tools.py"]
    with FakeModelServer({"planner": [PLAN, PLAN]}) as server:
        monkeypatch.setenv("LCC_BASE_URL", server.base_url)
        assert main(command) == 0
        assert "planned by a grammar in gbnf: as you say" in capsys.readouterr().err
        assert main([*command, "--constrain", "auto"]) == 0
        assert "planned without a grammar: it isn't known" in capsys.readouterr().err
    assert ["grammar" in request.body for request in server.requests] == [True, False]
    project.write_text('[tool.lcc.models]\nconstrain = "yes"\nmodel = "fake"\n')
    assert main(command) == 2
    assert "constrain 'yes'" in capsys.readouterr().err
    assert not read_config(project).diagnostics


def test_a_strategy_without_plans_refuses_the_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "x", "--strategy", "react", "--constrain", "gbnf"]) == 2
    assert "has no use for `--constrain`" in capsys.readouterr().err


def test_the_grammar_command_prints_a_grammar(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stub = tmp_path / "tools.pyi"
    stub.write_text("def search(query: str, limit: int = 3) -> str: ...\n")
    assert main(["grammar", "--tools", str(stub), "--tasks", "2"]) == 0
    lark = capsys.readouterr().out
    assert admits(lark, '1. search("a", limit=3)\n2. join()')
    assert main(["grammar", "--tools", str(stub), "--first-id", "4", "--earlier", "1,2"]) == 0
    assert admits(capsys.readouterr().out, '4. search("$2")\n5. join()')
    assert main(["grammar", "--tools", str(stub), "--syntax", "gbnf"]) == 0
    assert capsys.readouterr().out.startswith("root ::= ")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--tasks", "0"], "tasks must be 1 to 1,000"),
        (["--earlier", "a"], "--earlier takes ids"),
        (["--earlier", "1"], "ids are"),
    ],
)
def test_a_grammar_that_there_is_not_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    stub = tmp_path / "tools.pyi"
    stub.write_text("def search(query: str) -> str: ...\n")
    assert main(["grammar", "--tools", str(stub), *options]) == 2
    assert said in capsys.readouterr().err
    assert main(["grammar", "--tools", str(stub), "--syntax", "lark"]) == 0


def test_the_grammar_of_no_tools_is_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["grammar"]) == 2
    assert "no tools" in capsys.readouterr().err
