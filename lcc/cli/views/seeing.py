"""Set up what `-v`, `--otel` and `--traceback` show: log lines, spans, tracebacks of tools."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import TYPE_CHECKING

from lcc.cli.console import Console, Usage, lines_to
from lcc.grammar.diagnostics.terminal import escape

if TYPE_CHECKING:
    from lcc.ask.ask_telemetry import AskTelemetry
    from lcc.grammar.ir import TaskId
    from lcc.runtime.result import TaskRecord
    from lcc.runtime.watch.otel import OpenTelemetry

_HOW = "--otel needs OpenTelemetry: pip install 'lcc-toolchain[otel]' opentelemetry-sdk opentelemetry-exporter-otlp"


def add_seeing(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "-v", "--verbose", action="count", default=0, help="show what lcc logs; twice: prompts and replies, too"
    )
    parser.add_argument("--traceback", action="store_true", help="print the tracebacks of tools that failed")
    parser.add_argument("--otel", action="store_true", help="send spans to OpenTelemetry, where its variables say")


def show_log(args: argparse.Namespace, console: Console) -> None:
    """Have lcc's loggers write to standard error, as far as `-v` asks for it."""
    if args.verbose:
        import logging

        handler = logging.StreamHandler(lines_to(console.tell))
        handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
        logger = logging.getLogger("lcc")
        logger.addHandler(handler)
        logger.setLevel(logging.INFO if args.verbose == 1 else logging.DEBUG)
        logger.propagate = False


def run_telemetry(args: argparse.Namespace, name: str) -> OpenTelemetry | None:
    """Return what makes spans of a run, if that is asked for."""
    if not args.otel:
        return None
    _provide()
    from lcc.runtime.watch.otel import OpenTelemetry

    return OpenTelemetry(workflow=name)


def ask_telemetry(args: argparse.Namespace) -> AskTelemetry | None:
    """Return what makes spans of a question, if that is asked for."""
    if not args.otel:
        return None
    _provide()
    from lcc.ask.ask_telemetry import AskTelemetry

    return AskTelemetry()


def _provide() -> None:
    """Have spans sent by OTLP, unless the process has a provider already, such as under `opentelemetry-instrument`."""
    try:
        from opentelemetry import trace

        if not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
            return
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise Usage(_HOW) from None
    provider = TracerProvider(resource=Resource.create({"service.name": "lcc"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)


def show_tracebacks(records: Iterable[tuple[TaskId, TaskRecord]], args: argparse.Namespace, console: Console) -> None:
    """Print the tracebacks of what tools raised in this process, if that is asked for."""
    if not args.traceback:
        return
    import traceback

    for id_, record in records:
        error = None if record.error is None else record.error.exception
        if error is not None:
            console.say(f"traceback of {escape(str(id_))}:")
            for line in "".join(traceback.format_exception(error)).rstrip("\n").split("\n"):
                console.say(f"  {escape(line)}")
