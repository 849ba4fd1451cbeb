"""A run as others see it: a trace for Perfetto, spans for OpenTelemetry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from trio.testing import MockClock

import lcc
from lcc.grammar.signatures import CallLimits
from lcc.python_tools.collect import as_tools
from lcc.runtime.events import EventSink
from lcc.runtime.options import Options
from lcc.runtime.run import execute
from lcc.runtime.watch.otel import OpenTelemetry
from lcc.runtime.watch.trace import RUNNING, WAITING, Trace

PLAN = '1. work("a", 2)\n2. work("b", 2)\n3. work("$1$2", 1)\n4. fail()\n5. join()'


@lcc.tool(effect="read")
async def work(name: str, seconds: float) -> str:
    """Take some seconds."""
    await anyio.sleep(seconds)
    return name


@lcc.tool(effect="read")
async def fail() -> str:
    """Fail."""
    raise ValueError("no luck")


def run(sink: EventSink, **limits: Any) -> lcc.RunResult:
    async def main() -> lcc.RunResult:
        plan = lcc.compile(PLAN, tools=[work, fail]).plan
        return await execute(plan, as_tools([work, fail]), options=Options(on_event=sink, **limits))

    clock = MockClock(autojump_threshold=0)
    return anyio.run(main, backend="trio", backend_options={"clock": clock})


def slices(trace: Trace, process: int) -> dict[str, tuple[float, float, int]]:
    records: Any = trace.to_json()["traceEvents"]
    return {
        r["name"]: (r["ts"] / 1e6, (r["ts"] + r["dur"]) / 1e6, r["tid"])
        for r in records
        if r["ph"] == "X" and r["pid"] == process
    }


def test_calls_that_ran_at_once_lie_on_lanes_of_their_own() -> None:
    trace = Trace()
    run(trace)
    found = slices(trace, RUNNING)
    assert {name: (round(a, 6), round(b, 6)) for name, (a, b, _) in found.items()} == {
        "1. work": (0, 2),
        "2. work": (0, 2),
        "3. work": (2, 3),
        "4. fail": (0, 0),
    }
    assert found["1. work"][2] != found["2. work"][2]
    assert slices(trace, WAITING) == {}


def test_an_arrow_goes_from_each_result_to_its_reader() -> None:
    trace = Trace()
    run(trace)
    records: Any = trace.to_json()["traceEvents"]
    found = slices(trace, RUNNING)
    ends = {r["id"]: r for r in records if r["ph"] == "f"}
    starts = {r["id"]: r for r in records if r["ph"] == "s"}
    assert len(starts) == len(ends) == 2
    assert {r["tid"] for r in starts.values()} == {found["1. work"][2], found["2. work"][2]}
    assert {r["tid"] for r in ends.values()} == {found["3. work"][2]}
    assert all(starts[i]["ts"] <= ends[i]["ts"] for i in starts)


def test_waiting_for_a_limit_is_shown_apart_from_running() -> None:
    trace = Trace()
    run(trace, tools={"work": CallLimits(concurrency=1)})
    waited = slices(trace, WAITING)
    assert [(round(a, 6), round(b, 6)) for a, b, _ in waited.values()] == [(0, 2)]
    assert "tool work" in next(iter(waited))


def test_every_attempt_is_a_slice() -> None:
    trace = Trace()
    run(trace, retries=1)
    assert {name for name in slices(trace, RUNNING) if "fail" in name} == {"4. fail", "4. fail, attempt 2"}


def test_the_file_is_json_with_nothing_but_known_phases(tmp_path: Path) -> None:
    trace = Trace(labels={1: 'search("\ud83d\u202e")'})
    run(trace)
    trace.write(tmp_path / "t.json")
    document = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))
    assert {record["ph"] for record in document["traceEvents"]} == {"M", "X", "s", "f"}
    assert any(record["name"].startswith("search") for record in document["traceEvents"])


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


def spans(exporter: InMemorySpanExporter, **limits: Any) -> dict[str, ReadableSpan]:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    run(OpenTelemetry(provider), **limits)
    found = exporter.get_finished_spans()
    return {str((span.attributes or {}).get("gen_ai.tool.call.id", "run")): span for span in found}


def test_every_call_is_a_span_under_the_run(exporter: InMemorySpanExporter) -> None:
    found = spans(exporter)
    assert set(found) == {"run", "1", "2", "3", "4"}
    root = found["run"]
    assert root.name == "invoke_workflow"
    for id_, span in found.items():
        if id_ != "run":
            assert span.parent is not None
            assert root.context is not None
            assert span.parent.span_id == root.context.span_id
    first = found["1"]
    assert first.name == "execute_tool work"
    assert dict(first.attributes or {}) | {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "work"} == dict(
        first.attributes or {}
    )
    assert first.end_time is not None
    assert first.start_time is not None
    assert round((first.end_time - first.start_time) / 1e9, 3) == 2


def test_data_edges_are_links_and_failures_are_errors(exporter: InMemorySpanExporter) -> None:
    found = spans(exporter, retries=1)
    contexts = {found[i].context.span_id for i in ("1", "2") if found[i].context is not None}
    assert {link.context.span_id for link in found["3"].links} == contexts
    failed = found["4"]
    assert failed.status.status_code.name == "ERROR"
    assert (failed.attributes or {})["error.type"] == "ValueError"
    assert [event.name for event in failed.events] == ["attempt failed", "retry", "attempt"]
    assert found["run"].status.status_code.name == "ERROR"


def test_the_span_of_a_call_is_active_in_its_tool_also_in_a_thread(exporter: InMemorySpanExporter) -> None:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("tools")

    @lcc.tool(effect="read")
    async def inner(name: str) -> str:
        with tracer.start_as_current_span(f"inside {name}"):
            await anyio.sleep(0)
            return name

    @lcc.tool(effect="read")
    def threaded(name: str) -> str:
        with tracer.start_as_current_span(f"thread {name}"):
            return name

    telemetry = OpenTelemetry(provider, workflow="names", content=True)
    options = lcc.Options(on_event=telemetry, around=telemetry.around)
    text = 'secret input key: str\n1. inner(each ["a", "b"])\n2. threaded("c")\n3. inner($key)\n4. join()'
    assert lcc.run(text, [inner, threaded], {"key": "hunter2-Paris"}, options=options).ok
    found = {
        span.name if "execute" not in span.name else str((span.attributes or {})["gen_ai.tool.call.id"]): span
        for span in exporter.get_finished_spans()
    }
    for inside, call in (("inside a", "1[0]"), ("inside b", "1[1]"), ("thread c", "2")):
        parent, context = found[inside].parent, found[call].context
        assert parent is not None
        assert context is not None
        assert parent.span_id == context.span_id
    assert "invoke_workflow names" in found
    shown = [dict(found[id_].attributes or {}) for id_ in ("2", "3")]
    assert shown[0]["gen_ai.tool.call.arguments"] == '{"name": "c"}'
    assert shown[0]["gen_ai.tool.call.result"] == '"c"'
    assert "hunter2" not in str(shown[1])
