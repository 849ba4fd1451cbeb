"""Make one call, from its arguments to its result: approval, journal, context and backend as the tool needs them."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any

from anyio import CancelScope

from lcc.grammar.values import Json
from lcc.runtime.binding import Binding, call_function, size_of
from lcc.runtime.calls.contexts import Contexts, Making
from lcc.runtime.calls.secrets import Secrets
from lcc.runtime.consent.approvals import Approvals
from lcc.runtime.failures import TooLarge, failure_of
from lcc.runtime.graph.batches import BatchCall, End
from lcc.runtime.graph.issuer import Issuer
from lcc.runtime.graph.node import Call
from lcc.runtime.options import Around
from lcc.runtime.recording import Journal, NotWritten
from lcc.runtime.result import Failure, TaskRecord


class Maker:
    """How the calls of one run are made. `issuer`: where their arguments come from. `journal_broke` is told of what can't be written.

    Where they are `journalled`, `write_down` must be called before the ends of a call are told.
    """

    def __init__(
        self,
        issuer: Issuer,
        approvals: Approvals,
        contexts: Contexts,
        secrets: Secrets,
        journal: Journal | None,
        journal_broke: Callable[[Exception], None],
        clock: Callable[[], float],
        began: float,
        active: Around | None = None,
    ) -> None:
        """`active`: what is entered around each call, with its arguments as they may be shown."""
        self._active = active
        self.issuer = issuer
        self._approvals = approvals
        self._contexts = contexts
        self._secrets = secrets
        self._journal = journal
        self._journal_broke = journal_broke
        self._clock = clock
        self._began = began
        self.journalled = journal is not None
        self._lost = False

    async def make(self, node: Call, binding: Binding, making: Making) -> Json:
        """Make a call, or one for several tasks, and return its result."""
        if isinstance(node, BatchCall):
            value = await self._together(node, binding, making)
        else:
            value = await self._alone(node, binding, making)
        if type(value) in SIZED:
            self.hold(value, binding)
        return value

    def hold(self, value: Json, binding: Binding) -> None:
        """Count a result; raise TooLarge for one that takes more than its tool may return, or the run may hold."""
        limit = binding.limits.max_result_bytes
        size = size_of(value, sys.maxsize if limit is None else limit)
        if limit is not None and size > limit:
            raise TooLarge(limit)
        self.issuer.held.take(size)

    async def _alone(self, node: Call, binding: Binding, making: Making) -> Json:
        arguments = self.issuer.arguments(node)
        if binding.destructive or self._approvals.allows(node):
            self._approvals.use(node, arguments)
        if self._journal is not None:
            self._note_start(node, arguments)
            if not binding.early and not await self._written():
                node.attempts -= 1
                raise NotWritten("not called, since its start can't be written down")
        return await self._invoke(node, binding, arguments, making)

    async def _together(self, call: BatchCall, binding: Binding, making: Making) -> Json:
        """Make one call for several tasks; none if the arguments of all are wrong."""
        given = call.arguments(self.issuer.arguments)
        if self._journal is not None:
            for node, arguments in given:
                self._note_start(node, arguments)
        if not given:
            return []
        return await self._invoke(
            call, binding, {binding.calling.by_place[0].name: [arguments for _, arguments in given]}, making
        )

    def _note_start(self, node: Call, arguments: Mapping[str, Json]) -> None:
        assert self._journal is not None
        shown = {name: self._secrets.hide_value(value) for name, value in arguments.items()}
        self._journal.note_start(node.id, node.binding.name, node.attempts, shown, self._clock() - self._began)

    async def _invoke(self, node: Call, binding: Binding, arguments: dict[str, Json], making: Making) -> Json:
        if self._active is None:
            return await self._call(node, binding, arguments, making)
        with self._active(node.id, {name: self._secrets.hide_value(value) for name, value in arguments.items()}):
            return await self._call(node, binding, arguments, making)

    async def _call(self, node: Call, binding: Binding, arguments: dict[str, Json], making: Making) -> Json:
        tool = binding.tool
        context = self._contexts.make(node, binding, making) if tool.context_parameter is not None else None
        if binding.backend is not None:
            return await binding.backend.call(tool, arguments, context)
        raw: Any = call_function(tool, arguments, context)
        return tool.to_json(await raw if inspect.isawaitable(raw) else raw)

    async def write_down(self, ends: tuple[End, ...]) -> None:
        """Make ends durable before anything sees them."""
        self.note_ends(ends)
        await self._written()

    def note_ends(self, ends: tuple[End, ...]) -> None:
        """Have ends written with what comes next."""
        if self._journal is not None:
            for node, status, value, failure in ends:
                start = None if node.start is None else node.start - self._began
                record = TaskRecord(status, value, failure, start, self._clock() - self._began)
                self._journal.note_end(node.id, self._around(node).hide_record(record))

    def failure(self, node: Call, error: BaseException) -> Failure:
        """Return the failure of a call that raised, without secrets."""
        return failure_of(error, node.attempts, self._around(node).hide)

    def _around(self, node: Call) -> Secrets:
        """Return the secrets that a call may tell of."""
        return self._secrets.around(node.id, lambda: dict(self.issuer.arguments(node)))

    async def _written(self) -> bool:
        """Make durable what was noted; if that fails, the run stops, and no later call may begin even if the disk has room again."""
        assert self._journal is not None
        try:
            with CancelScope(shield=True):
                await self._journal.commit()
        except Exception as error:
            self._lost = True
            self._journal_broke(error)
        return not self._lost


SIZED = frozenset({str, list, dict})
"""Types of results whose size is worth a look."""
