"""Spans and log lines of a question: a plan for each attempt, a chat for each model call, content only where it is asked for."""

from __future__ import annotations

import contextlib
import json
import logging
from typing import Any

import pytest
from asking import END, World, agent, finish, run
from fake_model_server import FakeModelServer, Reply, Status, ToolCalls
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import lcc
from lcc.ask.ask_telemetry import AskTelemetry
from lcc.ask.events import ModelCalled

PLAN = f'1. search("tides")\n2. join()\n{END}'
LINES: list[Reply] = ["1. nothing(3)\n2. join()\n" + END, PLAN]


def spans_of(script: dict[str, list[Reply]], *, content: bool, **settings: Any) -> list[ReadableSpan]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    telemetry = AskTelemetry(provider, content=content)
    with FakeModelServer(script) as server, contextlib.suppress(lcc.AskFailed):
        run(lambda: agent(World(), server, prompts=content, **settings).ask("How?", on_event=telemetry))
    return list(exporter.get_finished_spans())


def named(spans: list[ReadableSpan], name: str) -> list[ReadableSpan]:
    return [span for span in spans if span.name.split()[0] == name]


def test_each_attempt_at_a_plan_is_a_span_with_the_chat_below_it() -> None:
    spans = spans_of({"planner": [*LINES], "joiner": [finish("x")]}, content=False)
    first, second = named(spans, "plan")
    assert [dict(span.attributes or {})["lcc.plan.attempt"] for span in (first, second)] == [1, 2]
    assert (first.status.is_ok, second.status.is_ok) == (False, True)
    chats = named(spans, "chat")
    parents = [chat.parent.span_id if chat.parent else None for chat in chats]
    [whole] = [span for span in spans if span.name == "invoke_workflow lcc ask"]
    assert parents == [span.context.span_id if span.context else 0 for span in (first, second, whole)]
    assert {(span.attributes or {})["gen_ai.provider.name"] for span in chats} == {"127.0.0.1"}
    assert not [key for span in chats for key in span.attributes or {} if "messages" in key]


def test_content_is_on_a_chat_where_it_is_asked_for() -> None:
    spans = spans_of({"planner": [PLAN], "joiner": [finish("x")]}, content=True)
    planner, _ = named(spans, "chat")
    attributes = dict(planner.attributes or {})
    asked, said = (json.loads(str(attributes[f"gen_ai.{way}.messages"])) for way in ("input", "output"))
    assert [one["role"] for one in asked] == ["system", "user"]
    assert "How?" in asked[1]["parts"][0]["content"]
    assert said[0]["parts"][0]["content"].startswith('1. search("tides")')


def test_tool_calls_are_content_too() -> None:
    script: dict[str, list[Reply]] = {"agent": [ToolCalls([("search", {"query": "tides"})]), "eleven"]}
    first, second = named(spans_of(script, content=True, strategy="openai-parallel"), "chat")
    [said] = json.loads(str(dict(first.attributes or {})["gen_ai.output.messages"]))
    assert (said["parts"][0]["type"], said["parts"][0]["name"]) == ("tool_call", "search")
    asked = json.loads(str(dict(second.attributes or {})["gen_ai.input.messages"]))
    assert [one["role"] for one in asked] == ["system", "user", "assistant", "tool"]
    assert asked[-1]["parts"][0]["response"] == "about tides"


def test_a_model_call_that_fails_is_a_failed_span() -> None:
    [chat] = named(spans_of({"planner": [Status(401)]}, content=False), "chat")
    assert not chat.status.is_ok
    assert (chat.attributes or {})["error.type"] == "ModelFault"


@pytest.mark.parametrize("prompts", [True, False])
def test_events_hold_prompts_and_replies_on_request(prompts: bool) -> None:
    called: list[ModelCalled] = []

    def listen(event: object) -> None:
        if isinstance(event, ModelCalled):
            called.append(event)

    with FakeModelServer({"planner": [PLAN], "joiner": [finish("x")]}) as server:
        run(lambda: agent(World(), server, prompts=prompts).ask("How?", on_event=listen))
    assert [bool(event.messages) for event in called] == [prompts, prompts]
    assert [event.reply is not None for event in called] == [prompts, prompts]


@pytest.mark.parametrize(
    ("given", "provider"),
    [
        ({}, "openai"),
        ({"base_url": "https://mine.openai.azure.com/v1"}, "azure.ai.openai"),
        ({"base_url": "https://api.mistral.ai/v1"}, "mistral_ai"),
        ({"base_url": "https://notx.ai/v1"}, "notx.ai"),
        ({"base_url": "http://localhost:8000/v1"}, "localhost"),
        ({"model": "local:a.gguf"}, "local"),
    ],
)
def test_the_provider_is_named_by_the_address(given: dict[str, str], provider: str) -> None:
    assert lcc.ModelSettings(**{"model": "m", **given}).provider == provider


def test_a_question_is_logged_without_what_it_holds(caplog: pytest.LogCaptureFixture) -> None:
    script: dict[str, list[Reply]] = {"planner": [*LINES], "joiner": [finish("x")]}
    with caplog.at_level(logging.INFO, logger="lcc"), FakeModelServer(script) as server:
        run(lambda: agent(World(), server).ask("How?"))
    said = [record.getMessage() for record in caplog.records if record.name == "lcc.ask"]
    assert said[0].startswith("plan 1 is refused: ")
    assert said[1] == "plan 1 is ready, 1 calls"
    assert said[2].startswith("the question is answered after ")
    assert "How?" not in caplog.text


def test_a_recorded_run_is_logged(tmp_path: Any, caplog: pytest.LogCaptureFixture) -> None:
    @lcc.tool(effect="read")
    def look() -> int:
        return 1

    with caplog.at_level(logging.INFO, logger="lcc.journal"):
        lcc.compile("1. look()\n2. join($1)", [look]).run(journal=tmp_path / "a.journal")
    [record] = [record for record in caplog.records if record.name == "lcc.journal"]
    assert record.getMessage().endswith(f"is recorded in {tmp_path / 'a.journal'}")
