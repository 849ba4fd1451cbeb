"""Tell OpenTelemetry what a run does: a span for the run, one for each call, by the GenAI conventions; a call's is active in its tool.

Needs `lcc-toolchain[otel]`. Conventions: OpenTelemetry Semantic Conventions for Generative AI, "Invoke workflow span", "Execute tool
span", as of v1.41. Arguments and results are recorded where that is asked for: they may be large, and private.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from time import time_ns
from typing import Final

from opentelemetry import trace
from opentelemetry.trace import Link, Span, SpanKind, StatusCode, Tracer, TracerProvider, set_span_in_context

from lcc.grammar.ir import TaskId
from lcc.grammar.values import Json
from lcc.runtime.events import (
    AttemptFailed,
    Event,
    RunEnded,
    RunStarted,
    TaskAdded,
    TaskEnded,
    TaskReported,
    TaskRetracted,
    TaskRetried,
    TaskSpent,
    TaskStarted,
)
from lcc.runtime.result import Failure, RunStatus, TaskStatus

OPERATION: Final = "gen_ai.operation.name"
TOOL_NAME: Final = "gen_ai.tool.name"
TOOL_CALL: Final = "gen_ai.tool.call.id"
TOOL_ARGUMENTS: Final = "gen_ai.tool.call.arguments"
TOOL_RESULT: Final = "gen_ai.tool.call.result"
WORKFLOW: Final = "invoke_workflow"
WORKFLOW_NAME: Final = "gen_ai.workflow.name"
_CAPTURE: Final = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"


def captures_content() -> bool:
    """Whether the environment asks for content on spans."""
    return os.environ.get(_CAPTURE, "").lower() in ("true", "1", "span_only", "span_and_event")


def _as_text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


class OpenTelemetry:
    """What watches one run: `Options(on_event=telemetry, around=telemetry.around)`. Data predecessors are links of a call's span.

    The current span is the parent of the run's, or `parent`. `attributes` are added to the run's span; `workflow` is its name. Without a
    provider the global one is used. `content`: record arguments and results; by default as OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT says.
    """

    def __init__(
        self,
        provider: TracerProvider | None = None,
        attributes: Mapping[str, str | int | float | bool] | None = None,
        *,
        workflow: str | None = None,
        content: bool | None = None,
        parent: Span | None = None,
    ) -> None:
        self._workflow = workflow
        self._content = captures_content() if content is None else content
        self._parent = parent
        self._tracer: Tracer = trace.get_tracer("lcc", tracer_provider=provider)
        self._attributes = dict(attributes or {})
        self._run: Span | None = None
        self._offset = 0
        self._reads: dict[TaskId, tuple[TaskId, ...]] = {}
        self._spans: dict[TaskId, Span] = {}

    def __call__(self, event: Event) -> None:
        """Take one event of the run."""
        match event:
            case RunStarted(time, tasks):
                self._offset = time_ns() - round(time * 1e9)
                self._begin(time, tasks)
            case TaskAdded(_, id_, _, reads):
                self._reads[id_] = reads
            case TaskStarted(time, id_, tool, attempt):
                self._start(time, id_, tool, attempt)
            case AttemptFailed(time, id_, attempt, failure):
                self._note(time, id_, "attempt failed", {"attempt": attempt, "error.type": _type_of(failure)})
            case TaskRetried(time, id_, attempt, delay):
                self._note(time, id_, "retry", {"attempt": attempt, "delay_s": delay})
            case TaskReported(time, id_, message):
                self._note(time, id_, "report", {"message": message})
            case TaskSpent(time, id_, tokens, usd):
                self._note(time, id_, "spent", {"tokens": tokens, "usd": usd})
            case TaskEnded(time, id_, status, failure, value):
                if self._content and failure is None and (span := self._spans.get(id_)) is not None:
                    span.set_attribute(TOOL_RESULT, _as_text(value))
                self._end(time, id_, status.value, failure, status is TaskStatus.OK)
            case TaskRetracted(time, id_):
                self._end(time, id_, "retracted", None, True)
            case RunEnded(time, status):
                self._finish(time, status)
            case _:
                return

    def around(self, id_: TaskId, arguments: Mapping[str, Json]) -> AbstractContextManager[object]:
        """Return what makes the span of a call the active one."""
        span = self._spans.get(id_)
        if span is None:
            return nullcontext()
        if self._content:
            span.set_attribute(TOOL_ARGUMENTS, _as_text(dict(arguments)))
        return trace.use_span(span, end_on_exit=False, record_exception=False, set_status_on_exception=False)

    def knows(self, id_: TaskId) -> bool:
        """Whether a call has begun here."""
        return id_ in self._spans

    def _begin(self, time: float, tasks: int) -> None:
        attributes = {OPERATION: WORKFLOW, "lcc.plan.tasks": tasks, **self._attributes}
        if self._workflow is not None:
            attributes[WORKFLOW_NAME] = self._workflow
        self._run = self._tracer.start_span(
            WORKFLOW if self._workflow is None else f"{WORKFLOW} {self._workflow}",
            context=None if self._parent is None else set_span_in_context(self._parent),
            kind=SpanKind.INTERNAL,
            attributes=attributes,
            start_time=self._at(time),
        )

    def _start(self, time: float, id_: TaskId, tool: str, attempt: int) -> None:
        known = self._spans.get(id_)
        if known is not None:
            known.add_event("attempt", {"attempt": attempt}, self._at(time))
            return
        links = [Link(self._spans[read].get_span_context()) for read in self._reads.get(id_, ()) if read in self._spans]
        attributes = {OPERATION: "execute_tool", TOOL_NAME: tool, TOOL_CALL: str(id_), "gen_ai.tool.type": "function"}
        self._spans[id_] = self._tracer.start_span(
            f"execute_tool {tool}",
            context=None if self._run is None else set_span_in_context(self._run),
            kind=SpanKind.INTERNAL,
            attributes=attributes,
            links=links,
            start_time=self._at(time),
        )

    def _note(self, time: float, id_: TaskId, name: str, attributes: Mapping[str, str | int | float]) -> None:
        span = self._spans.get(id_)
        if span is not None:
            span.add_event(name, attributes, self._at(time))

    def _end(self, time: float, id_: TaskId, status: str, failure: Failure | None, ok: bool) -> None:
        span = self._spans.get(id_)
        if span is None or not span.is_recording():
            return
        span.set_attribute("lcc.task.status", status)
        if failure is not None:
            span.set_attribute("error.type", _type_of(failure))
            span.set_attribute("lcc.task.attempts", failure.attempts)
        if not ok:
            span.set_status(StatusCode.ERROR, None if failure is None else failure.shown)
        span.end(self._at(time))

    def _finish(self, time: float, status: RunStatus) -> None:
        for id_ in self._spans:
            self._end(time, id_, "abandoned", None, False)
        if self._run is not None:
            self._run.set_attribute("lcc.run.status", status.value)
            if status is not RunStatus.OK:
                self._run.set_status(StatusCode.ERROR)
            self._run.end(self._at(time))

    def _at(self, time: float) -> int:
        return round(time * 1e9) + self._offset


def _type_of(failure: Failure) -> str:
    return failure.cause if failure.cause is not None and failure.kind.value == "raised" else failure.kind.value
