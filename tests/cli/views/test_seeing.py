"""Check what `-v`, `--traceback` and `--otel` show of a run and of a question."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import lcc
from lcc.__main__ import main
from lcc.ask.ask_telemetry import AskTelemetry
from lcc.runtime.events import AttemptFailed, TaskEnded, TaskRetried, TaskStarted
from lcc.runtime.result import Failure, FailureKind, TaskStatus
from lcc.runtime.watch.log import listener

TOOLS = '''
import lcc


@lcc.tool(effect="read")
def weigh(fruit: str) -> float:
    """Weigh a fruit."""
    return {"apple": 0.2}[fruit]
'''


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    (tmp_path / "tools.py").write_text(TOOLS)
    (tmp_path / "a.plan").write_text('1. weigh("apple")\n2. weigh("\\u001b[31mfig")\n3. join()\n')
    monkeypatch.chdir(tmp_path)
    logger = logging.getLogger("lcc")
    before = logger.handlers[:], logger.level, logger.propagate
    yield ["run", "a.plan", "--tools", "tools.py"]
    logger.handlers[:], logger.propagate = before[0], before[2]
    logger.setLevel(before[1])


def test_the_traceback_of_a_failing_tool_is_printed_where_it_is_asked_for(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main(files)
    quiet = capsys.readouterr().err
    assert "Traceback" not in quiet
    assert "run " not in quiet
    assert main([*files, "--traceback"]) == 1
    shown = capsys.readouterr().err
    assert "traceback of 2:" in shown
    assert 'return {"apple": 0.2}[fruit]' in shown
    assert "\x1b" not in shown


def test_verbose_shows_the_log_on_standard_error_only(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    main([*files, "-v"])
    shown = capsys.readouterr()
    assert "lcc.run: run " in shown.err
    assert "2 is failed: KeyError" in shown.err
    assert "calls weigh" not in shown.err
    assert "lcc.run" not in shown.out
    assert "\x1b" not in shown.err


def test_runs_are_logged_only_where_somebody_listens(caplog: pytest.LogCaptureFixture) -> None:
    @lcc.tool(effect="read")
    async def fail() -> str:
        raise ValueError("no luck")

    with caplog.at_level(logging.DEBUG, logger="lcc.run"):
        lcc.run("1. fail()\n2. join()", [fail])
    messages = [record.getMessage() for record in caplog.records if record.name == "lcc.run"]
    assert messages[1].split(": ", 1)[-1] == "1 is failed: ValueError: no luck"
    caplog.clear()
    with caplog.at_level(logging.WARNING, logger="lcc.run"):
        lcc.run("1. fail()\n2. join()", [fail])
    assert caplog.records == []


@pytest.mark.parametrize(("level", "messages"), [(logging.DEBUG, 4), (logging.INFO, 1), (logging.WARNING, 0)])
def test_calls_are_logged_by_their_tools_and_results_at_debug_alone(
    caplog: pytest.LogCaptureFixture, level: int, messages: int
) -> None:
    @lcc.tool(effect="read")
    async def fail() -> str:
        raise ValueError("no luck")

    @lcc.tool(effect="read")
    async def find(what: str) -> str:
        return f"\x1b[31m{what}" * 500

    with caplog.at_level(level, logger="lcc.tools"):
        lcc.run('1. find("tides")\n2. fail()\n3. join()', [find, fail])
    told = [record.getMessage() for record in caplog.records if record.name == "lcc.tools"]
    assert len(told) == messages
    assert sum("2 calls fail, attempt 1" in line for line in told) == (level == logging.DEBUG)
    assert sum("fail of 2 failed after" in line and "ValueError: no luck" in line for line in told) == (messages > 0)
    values = [line for line in told if "tides" in line]
    assert len(values) == (level == logging.DEBUG)
    assert all("find of 1 came to its end after" in line and len(line) < 400 for line in values)
    assert "\x1b" not in "".join(told)


def test_a_call_that_is_tried_again_is_told_of_each_time(caplog: pytest.LogCaptureFixture) -> None:
    gone = Failure(FailureKind.RAISED, "gone", 1, "ConnectionError")
    with caplog.at_level(logging.DEBUG, logger="lcc.tools"):
        sink = listener("0123456789")
        assert sink is not None
        for event in (
            TaskStarted(1.0, 1, "fetch", 1),
            AttemptFailed(2.0, 1, 1, gone),
            TaskRetried(2.0, 1, 2, 0.5),
            TaskStarted(2.5, 1, "fetch", 2),
            TaskEnded(2.75, 1, TaskStatus.OK, None, "here"),
            TaskEnded(2.75, 2, TaskStatus.SKIPPED, gone),
        ):
            sink(event)
    assert [record.getMessage() for record in caplog.records if record.name == "lcc.tools"] == [
        "run 01234567: 1 calls fetch, attempt 1",
        "run 01234567: fetch of 1 failed after 1 s: ConnectionError: gone",
        "run 01234567: 1 calls fetch, attempt 2",
        'run 01234567: fetch of 1 came to its end after 0.25 s: "here"',
    ]


def test_a_question_is_a_workflow_with_plans_and_calls_below_it() -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("tools")

    @lcc.tool(effect="read")
    async def weigh(fruit: str) -> float:
        """Weigh a fruit."""
        with tracer.start_as_current_span("scale"):
            return 0.2

    telemetry = AskTelemetry(provider)
    agent = lcc.Agent([weigh], "m", base_url="http://127.0.0.1:9/v1", options=lcc.Options(around=telemetry.around))
    plan = '1. weigh("apple")\n2. answer("$1 kg")'
    assert agent.ask_sync("How heavy?", plan=plan, on_event=telemetry).text == "0.2 kg"
    spans = {span.name: span for span in exporter.get_finished_spans()}
    below = {"scale": "execute_tool weigh", "execute_tool weigh": "invoke_workflow plan 1"}
    below["invoke_workflow plan 1"] = "invoke_workflow lcc ask"
    for child, parent in below.items():
        context, above = spans[parent].context, spans[child].parent
        assert context is not None
        assert above is not None
        assert above.span_id == context.span_id
    assert "0.2" not in str([dict(span.attributes or {}) for span in spans.values()])

    async def inside() -> None:
        agent.ask_sync("How heavy?", plan=plan)

    with pytest.raises(RuntimeError, match=r"await agent\.ask"):
        asyncio.run(inside())


class Collector(BaseHTTPRequestHandler):
    """Takes spans."""

    bodies: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_otel_sends_spans_where_the_environment_says(files: list[str], tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    import os
    import subprocess
    import sys

    server = HTTPServer(("127.0.0.1", 0), Collector)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        environment = os.environ | {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{server.server_port}"}
        done = subprocess.run(
            [sys.executable, "-m", "lcc", *files, "--otel"], env=environment, capture_output=True, timeout=100
        )
    finally:
        server.shutdown()
        server.server_close()
    assert done.returncode == 1
    assert b"execute_tool weigh" in b"".join(Collector.bodies)
    assert b"invoke_workflow a.plan" in b"".join(Collector.bodies)
