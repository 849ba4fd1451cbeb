"""Ask a model in a GGUF file, through an engine on this machine that is started when it is first asked."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from time import monotonic
from types import TracebackType
from typing import Final, Self

from anyio import Lock, to_thread

from lcc.models.faults import FaultKind, ModelFault
from lcc.models.holding import Server
from lcc.models.local.bearable import schema_grammar, without_marks
from lcc.models.local.gguf import NotGguf, check_local, local_path, read_head
from lcc.models.local.server import REPLY_TOKENS, Launch, LocalServer, ready_server, running_server
from lcc.models.openai_model import OpenAIModel, open_client
from lcc.models.request import Finish, OnText, Reply, Request
from lcc.models.settings import ModelSettings

CONTEXT: Final = 8_192
"""Tokens of prompt and reply where nothing else is said, if the model was trained for as many."""
PLAIN_TEMPLATE: Final = (
    "{%- for message in messages -%}{%- if message.role == 'user' -%}"
    "{%- if not message.content.startswith('Request: ') -%}{{- 'Request: ' -}}{%- endif -%}"
    "{{- message.content + '\\n' -}}{%- else -%}{{- message.content + '\\n\\n' -}}{%- endif -%}{%- endfor -%}"
)
"""How a conversation is written down for a model without a template of its own, which continues text: as the planner's examples are."""


@dataclass(frozen=True, slots=True)
class Loading:
    """A model is loaded. `size`: bytes of its file. `seconds`: how long it took; None at the beginning."""

    model: str
    size: int
    seconds: float | None = None


OnLoad = Callable[[Loading], None]
"""Called on the event loop, at the beginning and at the end."""


class LocalModel:
    """A model in a file. Leaving its block closes the connections; the engine stays for the next one."""

    def __init__(self, settings: ModelSettings, on_load: OnLoad) -> None:
        check_local(settings.model)
        self.settings = settings
        self._on_load = on_load
        self._path = local_path(settings.model)
        self._stack = AsyncExitStack()
        self._server: LocalServer | None = None
        self._model: OpenAIModel | None = None
        self._opening = Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def name(self) -> str:
        """The model, as it was named."""
        return self.settings.model

    async def ask(self, request: Request, on_text: OnText | None = None) -> Reply:
        """Return the reply; raise ModelFault if no whole one could be had."""
        server, model = await self._opened()
        try:
            reply = await model.ask(self._bounded(without_marks(request)), on_text)
        except ModelFault as fault:
            raise await self._explained(fault, server) from None
        used = reply.usage.tokens
        if reply.finish is Finish.LENGTH and used >= server.launch.context - 1:
            said = f"prompt and reply fill the model's context of {server.launch.context:,} tokens; {_MORE}"
            raise ModelFault(FaultKind.TOO_LONG, said)
        structured = request.schema is not None and self.settings.structured
        return replace(reply, structured=reply.structured or structured)

    async def _opened(self) -> tuple[LocalServer, OpenAIModel]:
        async with self._opening:
            if self._server is None or not self._server.alive:
                self._server, self._model = await self._open()
        assert self._model is not None
        return self._server, self._model

    async def _open(self) -> tuple[LocalServer, OpenAIModel]:
        launch, size = await to_thread.run_sync(self._read, abandon_on_cancel=True)
        server = ready_server(launch)
        if server is None:
            began = monotonic()
            self._on_load(Loading(self.name, size))
            server = await to_thread.run_sync(running_server, launch, abandon_on_cancel=True)
            self._on_load(Loading(self.name, size, monotonic() - began))
        settings = replace(self.settings, model=self._path.name, base_url=f"{server.address}/v1", key=server.key)
        client = await self._stack.enter_async_context(open_client(settings))
        return server, OpenAIModel(settings, client, server=Server.LLAMA)

    def _read(self) -> tuple[Launch, int]:
        """Return how to start the engine, and the file's size."""
        try:
            head = read_head(self._path)
            size = self._path.stat().st_size
        except (NotGguf, OSError) as error:
            raise ModelFault(FaultKind.MODEL, f"the model in {self._path} can't be loaded: {error}") from None
        settings = self.settings
        launch = Launch(
            str(self._path.absolute()),
            settings.context or min(CONTEXT, head.context or CONTEXT),
            settings.threads or max(1, _processors() // 2),
            None if head.chat else PLAIN_TEMPLATE,
        )
        return launch, size

    def _bounded(self, request: Request) -> Request:
        """Turn the schema into a grammar with bounds: the engine's own reading of a schema has none."""
        if request.schema is None or not self.settings.structured:
            return request
        if request.functions:  # the engine takes no grammar beside tools
            return replace(request, schema=None)
        grammar = schema_grammar(request.schema.schema, self.settings.max_tokens or REPLY_TOKENS)
        return replace(request, schema=None, extra={**request.extra, "grammar": grammar})

    async def _explained(self, fault: ModelFault, server: LocalServer) -> ModelFault:
        if fault.kind is FaultKind.TOO_LONG:
            return ModelFault(fault.kind, f"{fault}; {_MORE}")
        if fault.kind in (FaultKind.CONNECTION, FaultKind.BROKEN):
            ending = await to_thread.run_sync(server.ending, _TO_END, abandon_on_cancel=True)
            if ending is not None:
                return ModelFault(FaultKind.BROKEN, f"{self.name} stopped in the middle of a reply: {ending}")
        return fault


_TO_END: Final = 2.0
"""Seconds in which an engine that broke its connection ends, if it does."""
_MORE: Final = "--model-context, or ModelSettings.context, gives it more"


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
