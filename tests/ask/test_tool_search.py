"""Check that models are told of the tools that fit a question, and can find others."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from fake_model_server import FakeModelServer, ToolCalls

import lcc
from lcc.grammar.signatures.tool_text import tools_text
from lcc.runtime.tool import Tool

NAMES = ("moon_phase", "tide_table", "bread_recipe", "tram_times", "paint_fence", "opera_tickets")


def _tools() -> list[Tool]:
    declared = [
        {
            "name": name,
            "description": f"Tell about {name.replace('_', ' ')}.",
            "parameters": {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]},
            "x-lcc": {"effect": "read"},
        }
        for name in NAMES
    ]
    return lcc.tools_from_json(declared, lambda name, arguments: f"{name} of {arguments['place']}")


def _ask(server: FakeModelServer, question: str, **options: Any) -> lcc.Answer:
    agent = lcc.Agent(_tools(), "fake", base_url=server.base_url, api_key="key", journal=False, **options)
    return anyio.run(agent.ask, question)


def _told(server: FakeModelServer) -> str:
    return str(server.requests[0].body["messages"][0]["content"])


@pytest.mark.parametrize("language", ["plan", "python"])
def test_the_planner_is_told_of_the_tools_that_fit_and_of_the_one_that_finds_more(language: str) -> None:
    reply = '1. answer("ok")\n<END_OF_PLAN>' if language == "plan" else 'answer("ok")'
    with FakeModelServer({"planner": [reply]}) as server:
        _ask(server, "When is the tide at Porto?", tool_search=2, language=language)
        told = _told(server)
    assert "tide_table(" in told
    assert "find_tools(query: str)" in told
    assert sum(f"{name}(" in told for name in NAMES) == 2


def test_what_is_the_same_for_every_question_comes_first() -> None:
    prompts = []
    for question in ("When is the tide?", "Where are opera tickets?"):
        with FakeModelServer({"planner": ['1. answer("ok")\n<END_OF_PLAN>']}) as server:
            _ask(server, question, tool_search=1)
            prompts.append(_told(server))
    before = [prompt.partition("Tools:\n")[0] for prompt in prompts]
    assert before[0] == before[1]
    assert prompts[0] != prompts[1]


def test_a_plan_calls_what_the_plan_before_found() -> None:
    plans = [
        '1. find_tools("opera")\n2. join()\n<END_OF_PLAN>',
        '2. opera_tickets("Porto")\n3. answer($2)\n<END_OF_PLAN>',
    ]
    with FakeModelServer({"planner": plans, "joiner": ["Action: Replan(call it)"]}) as server:
        answer = _ask(server, "When is the tide?", tool_search=1)
        again = str(server.requests[-1].body["messages"][-1]["content"])
    assert answer.text == "opera_tickets of Porto"
    assert "opera_tickets(place: str) -> Any" in again


def test_an_endpoint_that_calls_tools_is_given_what_was_found() -> None:
    replies = [
        ToolCalls([("find_tools", {"query": "opera"})]),
        ToolCalls([("opera_tickets", {"place": "Porto"})]),
        "done",
    ]
    with FakeModelServer({"agent": replies}) as server:
        answer = _ask(server, "When is the tide?", tool_search=1, strategy="openai-parallel")
        given = [{one["function"]["name"] for one in request.body["tools"]} for request in server.requests]
    assert answer.text == "done"
    assert "opera_tickets" not in given[0]
    assert "opera_tickets" in given[1]


def test_few_tools_are_all_told() -> None:
    with FakeModelServer({"planner": ['1. answer("ok")\n<END_OF_PLAN>']}) as server:
        _ask(server, "When is the tide?", tool_search=6)
        told = _told(server)
    assert tools_text(tool.signature for tool in _tools()) in told
    assert "find_tools" not in told


def test_a_strategy_without_tools_has_no_use_for_it() -> None:
    with pytest.raises(ValueError, match="no use for `tool_search`"):
        lcc.Agent([], "fake", strategy="skeleton", tool_search=3)
    with pytest.raises(ValueError, match="must be positive"):
        lcc.Agent(_tools(), "fake", tool_search=0)
