"""Tell OpenTelemetry how a question is answered: the whole as `invoke_workflow`, a `plan` for each plan, a `chat` for each model call.

Needs `lcc-toolchain[otel]`. Conventions as in `lcc.runtime.watch.otel`, whose spans of runs and calls hang below.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from time import time_ns
from typing import Final

from anyio import current_time
from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, StatusCode, TracerProvider, set_span_in_context

from lcc.ask.events import Answered, AskEvent, ModelCalled, PlanReady, PlanRefused, PlanStarted, Running
from lcc.grammar.ir import TaskId
from lcc.grammar.values import Json
from lcc.models.request import Called, Entry, Message, Reply, Returned, ToolCall
from lcc.runtime.watch.otel import OPERATION, WORKFLOW, WORKFLOW_NAME, OpenTelemetry, captures_content

_NAME: Final = "lcc ask"


class AskTelemetry:
    """What watches one question: `agent.ask(…, on_event=telemetry)`; with `Options(around=telemetry.around)` spans are active in tools.

    The current span is the parent. `content`: record the answer, arguments, results and, of an agent with `prompts=True`, what models
    are asked and say; by default as the environment says.
    """

    def __init__(self, provider: TracerProvider | None = None, *, content: bool | None = None) -> None:
        self._provider = provider
        self.content = captures_content() if content is None else content
        self._tracer = trace.get_tracer("lcc", tracer_provider=provider)
        self._whole: Span | None = None
        self._plan: Span | None = None
        self._runs: dict[int, OpenTelemetry] = {}
        self._offset = 0

    def __call__(self, event: AskEvent) -> None:
        """Take one event."""
        whole = self._whole or self._begin()
        match event:
            case PlanStarted(number, attempt):
                self._end_plan(None)
                attributes: dict[str, str | int] = {
                    OPERATION: "plan",
                    "lcc.plan.round": number,
                    "lcc.plan.attempt": attempt,
                }
                self._plan = self._child("plan", whole, attributes)
            case PlanReady():
                self._end_plan(None)
            case PlanRefused(why=why):
                self._end_plan(why)
            case ModelCalled():
                self._model_called(event, whole)
            case Running(number, happened):
                run = self._runs.get(number)
                if run is None:
                    run = OpenTelemetry(self._provider, workflow=f"plan {number}", content=self.content, parent=whole)
                    self._runs[number] = run
                run(happened)
            case Answered(answer):
                self._end_plan(None)
                if self.content:
                    whole.set_attribute("lcc.answer", answer.text)
                whole.set_attribute("lcc.answer.status", answer.status.value)
                if not answer.ok:
                    whole.set_status(StatusCode.ERROR, answer.reason or None)
                whole.end()
            case _:
                return

    def around(self, id_: TaskId, arguments: Mapping[str, Json]) -> AbstractContextManager[object]:
        """Return what makes the span of a call the active one."""
        for run in self._runs.values():
            if run.knows(id_):
                return run.around(id_, arguments)
        return nullcontext()

    def close(self) -> None:
        """End what is open: there was no answer."""
        self._end_plan(None)
        if self._whole is not None and self._whole.is_recording():
            self._whole.set_status(StatusCode.ERROR)
            self._whole.end()

    def _begin(self) -> Span:
        self._offset = time_ns() - round(current_time() * 1e9)
        attributes = {OPERATION: WORKFLOW, WORKFLOW_NAME: _NAME}
        self._whole = self._tracer.start_span(f"{WORKFLOW} {_NAME}", kind=SpanKind.INTERNAL, attributes=attributes)
        return self._whole

    def _child(self, name: str, parent: Span, attributes: Mapping[str, str | int]) -> Span:
        context = set_span_in_context(parent)
        return self._tracer.start_span(name, context=context, kind=SpanKind.INTERNAL, attributes=attributes)

    def _end_plan(self, why: str | None) -> None:
        plan, self._plan = self._plan, None
        if plan is not None:
            if why is not None:
                plan.set_status(StatusCode.ERROR, why)
                plan.set_attribute("error.type", "plan refused")
            plan.end()

    def _model_called(self, event: ModelCalled, whole: Span) -> None:
        tokens = event.usage.tokens
        attributes: dict[str, str | int] = {
            OPERATION: "chat",
            "gen_ai.provider.name": event.provider,
            "gen_ai.request.model": event.model,
            "gen_ai.usage.input_tokens": tokens.prompt,
            "gen_ai.usage.output_tokens": tokens.completion,
            "lcc.role": event.role,
        }
        parent = self._plan if self._plan is not None and event.role == "planner" else whole
        span = self._tracer.start_span(
            f"chat {event.model}",
            context=set_span_in_context(parent),
            kind=SpanKind.CLIENT,
            attributes=attributes,
            start_time=round(event.began * 1e9) + self._offset,
        )
        if event.failed:
            span.set_status(StatusCode.ERROR)
            span.set_attribute("error.type", event.failed)
        if self.content and event.messages:
            span.set_attribute("gen_ai.input.messages", _as_text([_message(one) for one in event.messages]))
        if self.content and event.reply is not None:
            span.set_attribute("gen_ai.output.messages", _as_text([_said(event.reply)]))
        span.end(round((event.began + event.seconds) * 1e9) + self._offset)


def _as_text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _message(entry: Entry) -> Json:
    """Return an entry of a conversation as the conventions write messages."""
    match entry:
        case Message(speaker, text):
            return {"role": speaker, "parts": [_text(text)]}
        case Called(calls, text):
            return {"role": "assistant", "parts": [*([_text(text)] if text else []), *map(_call, calls)]}
        case Returned(call, text):
            return {"role": "tool", "parts": [{"type": "tool_call_response", "id": call, "response": text}]}


def _said(reply: Reply) -> Json:
    parts = [*([_text(reply.text)] if reply.text else []), *map(_call, reply.calls)]
    return {"role": "assistant", "parts": parts, "finish_reason": "tool_call" if reply.calls else reply.finish.value}


def _text(text: str) -> Json:
    return {"type": "text", "content": text}


def _call(call: ToolCall) -> Json:
    return {"type": "tool_call", "id": call.id, "name": call.name, "arguments": call.arguments}
