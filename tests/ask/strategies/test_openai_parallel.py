"""Check native tool calling: both dialects, calls of a turn at once, and every fault told to the model as the call's result."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import anyio
import pytest
from asking import BACKENDS, World, agent, run
from fake_model_server import Cut, FakeModelServer, Garbage, Recorded, Reply, Status, ToolCalls
from hypothesis import given, strategies as st
from moving_clock import LONG, MovingClock
from pydantic import BaseModel

import lcc
from lcc.ask.events import AnswerText, AskEvent, Running
from lcc.ask.strategies.call_text import BadCall, read_json_call
from lcc.ask.strategies.openai_parallel import function_names
from lcc.models.tool_calls import CallPart, CallReader
from lcc.python_tools.collect import as_tools
from lcc.runtime.options import ApprovalRequest

BOTH = ToolCalls([("search", {"query": "a"}), ("search", {"query": "b"})])
LENGTH = ToolCalls([("length", {"text": "about a"})])
SIGNATURES = {name: tool.signature for name, tool in as_tools(World().tools).items()}


def native(world: World, server: FakeModelServer, **settings: Any) -> lcc.Agent:
    return agent(world, server, strategy="openai-parallel", **settings)


def told(request: Recorded) -> list[str]:
    """Return what a request says of the last turn's calls."""
    found: list[str] = []
    for message in reversed(request.messages):
        if message.get("role") != "tool" and message.get("type") != "function_call_output":
            break
        found.insert(0, message.get("content") or message["output"])
    return found


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("api", ["chat", "responses"])
@pytest.mark.parametrize("stream", [True, False])
def test_a_question_of_two_steps_is_answered(backend: str, api: str, stream: bool) -> None:
    world = World()
    seen: list[Any] = []
    with FakeModelServer({"agent": [BOTH, LENGTH, "seven"]}) as server:
        ask = native(world, server, api=api, stream=stream).ask
        answer = run(lambda: ask("How long?", on_event=seen.append), backend)
    assert (answer.status, answer.text) == ("answered", "seven")
    assert answer.results == {"1": "about a", "2": "about b", "3": 7}
    assert [len(round_.written.tasks) for round_ in answer.rounds] == [2, 1]
    assert told(server.requests[1]) == ["about a", "about b"]
    assert told(server.requests[2]) == ["7"]
    assert all(request.body["parallel_tool_calls"] is True for request in server.requests)
    assert answer.usage["agent"].tokens.calls == 3
    assert answer.usage["agent"].tokens.prompt == sum(len(r.prompt) // 4 for r in server.requests)
    assert answer.usage["agent"].tokens.completion > 0
    assert "".join(e.text for e in seen if isinstance(e, AnswerText)) == "seven"


def test_tools_and_turns_have_the_form_of_chat_completions() -> None:
    world = World()
    with FakeModelServer({"agent": [BOTH, "done"]}) as server:
        run(lambda: native(world, server).ask("?"))
    first, second = server.requests
    tool = first.body["tools"][0]
    assert (tool["type"], tool["function"]["name"]) == ("function", "search")
    assert tool["function"]["parameters"]["required"] == ["query"]
    turn = second.messages[-3]
    assert turn["role"] == "assistant"
    assert [call["function"]["name"] for call in turn["tool_calls"]] == ["search", "search"]
    assert [m["tool_call_id"] for m in second.messages[-2:]] == [call["id"] for call in turn["tool_calls"]]


def test_tools_and_turns_have_the_form_of_responses() -> None:
    world = World()
    with FakeModelServer({"agent": [BOTH, "done"]}) as server:
        run(lambda: native(world, server, api="responses").ask("?"))
    first, second = server.requests
    assert {"type": "function", "name": "search"}.items() <= first.body["tools"][0].items()
    assert first.body["include"] == ["reasoning.encrypted_content"]
    kinds = [item.get("type") for item in second.messages]
    assert kinds[2:] == ["reasoning", "function_call", "function_call", "function_call_output", "function_call_output"]
    assert second.messages[2]["encrypted_content"] == "opaque"


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_calls_of_a_turn_run_at_once(backend: str) -> None:
    async def main() -> lcc.Answer:
        met = anyio.Event()

        @lcc.tool(effect="read")
        async def wait() -> str:
            """Wait for the other call."""
            await met.wait()
            return "met"

        @lcc.tool(effect="read")
        async def meet() -> str:
            """Let the other call end."""
            met.set()
            return "here"

        model = lcc.ModelSettings(model="fake", base_url=server.base_url)
        both = lcc.Agent([wait, meet], model, strategy="openai-parallel", limits=lcc.Limits(seconds=100))
        return await both.ask("?")

    with FakeModelServer({"agent": [ToolCalls([("wait", {}), ("meet", {})]), "done"]}) as server:
        answer = run(main, backend)
    assert answer.results == {"1": "met", "2": "here"}


def test_equal_calls_of_a_turn_are_all_made() -> None:
    world = World()
    twice = ToolCalls([("search", {"query": "a"}), ("search", {"query": "a"})])
    with FakeModelServer({"agent": [twice, "done"]}) as server:
        run(lambda: native(world, server).ask("?"))
    assert world.calls == {"a": 2}
    assert told(server.requests[1]) == ["about a", "about a"]


TOLD = {
    "unknown tool": (("serch", {"query": "x"}), "there is no tool `serch`; did you mean `search`?"),
    "broken arguments": (("search", '{"query": '), "the arguments are not JSON"),
    "no object": (("search", "[1]"), "the arguments of a call are an object"),
    "wrong type": (("search", {"query": ["x"], "n": 1}), "this call can't be made"),
    "missing": (("search", {}), "this call can't be made"),
    "raises": (("search", {"query": "broken"}), "error: failed: RuntimeError: no page about broken"),
}


@pytest.mark.parametrize("case", TOLD)
@pytest.mark.parametrize("api", ["chat", "responses"])
def test_what_goes_wrong_is_told_and_the_other_calls_run(case: str, api: str) -> None:
    call, said = TOLD[case]
    world = World()
    with FakeModelServer({"agent": [ToolCalls([call, ("search", {"query": "b"})]), "done"]}) as server:
        answer = run(lambda: native(world, server, api=api).ask("?"))
    assert answer.text == "done"
    bad, good = told(server.requests[1])
    assert said in bad
    assert good == "about b"


def test_broken_arguments_are_not_sent_back() -> None:
    world = World()
    with FakeModelServer({"agent": [ToolCalls([("search", '{"query": ')]), "done"]}) as server:
        run(lambda: native(world, server).ask("?"))
    assert server.requests[1].messages[-2]["tool_calls"][0]["function"]["arguments"] == "{}"


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_endless_loop_ends_at_the_limit_with_its_results(backend: str) -> None:
    world = World()
    with FakeModelServer(lambda _: BOTH) as server:
        answer = run(lambda: native(world, server, max_steps=2).ask("?"), backend)
    assert (answer.status, answer.reason) == ("stopped", "the limit of 2 steps is reached")
    assert len(answer.results) == 4


FAULTS: dict[str, Reply] = {
    "429": Status(429),
    "500": Status(500),
    "cut": Cut("I"),
    "garbage": Garbage(),
    "broken off": ToolCalls([("search", {"query": "never"})], finish=None),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_passes_is_recovered_from(fault: str, backend: str) -> None:
    world = World()
    with FakeModelServer({"agent": [FAULTS[fault], BOTH, "done"]}, chunk=None) as server:
        answer = run(lambda: native(world, server).ask("?"), backend)
    assert answer.text == "done"
    assert world.calls == {"a": 1, "b": 1}


def test_a_fault_that_lasts_keeps_what_was_found() -> None:
    world = World()
    script = {"agent": [BOTH, Status(400, "no tools here")]}
    with FakeModelServer(script) as server, pytest.raises(lcc.AskFailed, match="no tools here") as failed:
        run(lambda: native(world, server).ask("?"))
    assert failed.value.answer.results == {"1": "about a", "2": "about b"}


def test_an_endpoint_that_refuses_the_parameter_is_asked_without_it() -> None:
    world = World()
    refusal = Status(400, "Unknown parameter: parallel_tool_calls", headers={})
    with FakeModelServer({"agent": [refusal, BOTH, "done"]}) as server:
        assert run(lambda: native(world, server).ask("?")).ok
    assert ["parallel_tool_calls" in r.body for r in server.requests] == [True, False, False]


class Length(BaseModel):
    characters: int


def test_a_typed_answer_is_asked_for_by_a_schema() -> None:
    world = World()
    replies = [BOTH, '{"answer": {"characters": "many"}}', '{"answer": {"characters": 7}}']
    with FakeModelServer({"agent": replies}) as server:
        answer = run(lambda: native(world, server).ask("?", answer_type=Length))
    assert answer.value == Length(characters=7)
    assert server.requests[0].body["response_format"]["json_schema"]["schema"]["required"] == ["answer"]
    assert "doesn't follow the schema" in server.requests[2].last


def test_an_answer_that_stays_of_another_type_ends_the_question() -> None:
    world = World()
    with (
        FakeModelServer({"agent": ["many", "many"]}) as server,
        pytest.raises(lcc.AskFailed, match=r"not of the type that was asked for: .*valid integer"),
    ):
        run(lambda: native(world, server).ask("?", answer_type=int))


def test_a_destructive_call_is_asked_about() -> None:
    removed: list[str] = []
    asked: list[ApprovalRequest] = []

    @lcc.tool(effect="destructive")
    def remove(path: str) -> str:
        """Remove a file."""
        removed.append(path)
        return "gone"

    async def approve(approval: ApprovalRequest) -> bool:
        asked.append(approval)
        return False

    options = lcc.runtime.options.Options(approve=approve)
    with FakeModelServer({"agent": [ToolCalls([("remove", {"path": "/x"})]), "done"]}) as server:
        model = lcc.ModelSettings(model="fake", base_url=server.base_url)
        one = lcc.Agent([remove], model, strategy="openai-parallel", options=options)
        run(lambda: one.ask("?"))
    assert removed == []
    assert len(asked) == 1
    assert told(server.requests[1])[0].startswith("error: failed")


def test_names_that_endpoints_refuse_are_replaced() -> None:
    names = function_names(["a.b", "a_b", "a/b", "x" * 70, "x" * 71])
    assert list(names.values()) == ["a.b", "a_b", "a/b", "x" * 70, "x" * 71]
    assert len(names) == 5
    assert all(len(name) <= 64 and name.replace("_", "").replace("-", "").isalnum() for name in names)


def test_a_tool_with_such_a_name_is_called_by_its_own() -> None:
    @lcc.tool(name="math.add", effect="pure")
    def add(a: int, b: int) -> int:
        """Add."""
        return a + b

    with FakeModelServer({"agent": [ToolCalls([("math_add", {"a": 1, "b": 2})]), "three"]}) as server:
        model = lcc.ModelSettings(model="fake", base_url=server.base_url)
        answer = run(lambda: lcc.Agent([add], model, strategy="openai-parallel").ask("?"))
    assert answer.results == {"1": 3}


@given(st.text(), st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_whatever_is_called_is_a_call_or_a_reason(name: str, arguments: str) -> None:
    with suppress(BadCall):
        assert read_json_call(name, arguments, SIGNATURES).task.tool in SIGNATURES


HOSTILE: list[Any] = [
    {"tool_calls": None},
    {"tool_calls": {}},
    {"tool_calls": [None, 3, {}]},
    {"tool_calls": [{"index": "x", "id": 7, "function": None}]},
    {"tool_calls": [{"index": -1, "function": {"name": "search", "arguments": {"query": "a"}}}]},
]


@pytest.mark.parametrize("delta", HOSTILE)
def test_calls_of_a_wrong_form_end_nothing(delta: dict[str, Any]) -> None:
    event = {"choices": [{"index": 0, "delta": {"content": "well", **delta}, "finish_reason": "tool_calls"}]}
    body = f"data: {json.dumps(event)}\n\ndata: [DONE]\n\n".encode()
    world = World()
    with FakeModelServer({"agent": [Garbage(body), "done"]}) as server:
        assert run(lambda: native(world, server).ask("?")).text in ("well", "done")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_deadline_keeps_what_had_ended_and_stops_the_rest(backend: str) -> None:
    stopped: list[bool] = []
    ended = anyio.Event()
    clock = MovingClock()

    @lcc.tool(effect="read")
    async def quick() -> str:
        """Answer at once."""
        return "here"

    @lcc.tool(effect="read")
    async def never() -> str:
        """Answer never."""
        try:
            await ended.wait()
            for _ in range(5):
                clock.put_forward()
            await anyio.sleep_forever()
        finally:
            stopped.append(True)
        return ""

    def note(event: AskEvent) -> None:
        if isinstance(event, Running) and isinstance(event.event, lcc.TaskEnded):
            ended.set()

    with FakeModelServer({"agent": [ToolCalls([("quick", {}), ("never", {})])]}) as server:
        model = lcc.ModelSettings(model="fake", base_url=server.base_url, timeout=10 * LONG)
        one = lcc.Agent([quick, never], model, strategy="openai-parallel", limits=lcc.Limits(seconds=LONG))
        answer = clock.run(lambda: one.ask("?", on_event=note), backend)
    assert answer.status == "stopped"
    assert answer.results == {"1": "here"}
    assert stopped == [True]


PARTS = {
    "by index": [(0, "a", "f", ""), (1, "b", "g", ""), (0, "", "", "{"), (1, "", "", "[]"), (0, "", "", "}")],
    "no index": [(None, "a", "f", "{"), (None, "", "", "}"), (None, "b", "g", "[]")],
    "one index for all": [(0, "a", "f", "{}"), (0, "b", "g", "[]")],
    "id and name repeated": [(0, "a", "f", "{"), (0, "a", "f", "}"), (1, "b", "g", "[]")],
    "a new id with each piece": [(0, "a", "f", "{"), (0, "z", "", "}"), (1, "b", "g", "[]")],
}


@pytest.mark.parametrize("case", PARTS)
def test_calls_are_put_together_however_endpoints_cut_them(case: str) -> None:
    reader = CallReader()
    for part in PARTS[case]:
        reader.feed([CallPart(*part)], (), False)
    assert [(call.id, call.name, call.arguments) for call in reader.calls()] == [("a", "f", "{}"), ("b", "g", "[]")]


def test_a_response_without_output_at_its_end_is_read_from_its_items() -> None:
    def event(data: dict[str, Any]) -> bytes:
        return f"data: {json.dumps(data)}\n\n".encode()

    item = {"type": "function_call", "call_id": "c", "name": "search", "arguments": '{"query": "a"}'}
    body = event({"type": "response.output_item.done", "item": item})
    body += event({"type": "response.completed", "response": {"status": "completed", "output": []}})
    world = World()
    with FakeModelServer({"agent": [Garbage(body), "done"]}) as server:
        answer = run(lambda: native(world, server, api="responses").ask("?"))
    assert answer.results == {"1": "about a"}
