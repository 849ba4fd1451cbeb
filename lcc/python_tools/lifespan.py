"""Open the sources among tools, and close them: what has to be connected before its tools are known, such as a tool server.

A source is an asynchronous context manager; entering it gives its tools. Each is entered and left in a task of its own, since that is
what clients of servers ask for, whoever opens and closes it and wherever.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Final, Protocol, TypeGuard, runtime_checkable

from anyio import TASK_STATUS_IGNORED, Event, create_task_group, move_on_after
from anyio.abc import TaskGroup, TaskStatus

from lcc.python_tools.collect import FRAMEWORKS, tools_given

CLOSING: Final = 10.0
"""Seconds that sources have to close; then they are cancelled."""


@runtime_checkable
class ToolSource(Protocol):
    """An entry of `tools` that is opened and closed. Entering it gives its tools, as a list of anything that tools are given as."""

    async def __aenter__(self) -> Iterable[object]: ...

    async def __aexit__(
        self, type_: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None: ...


def is_source(one: object) -> TypeGuard[ToolSource]:
    """Whether an entry of `tools` must be opened before its tools are known."""
    return not isinstance(one, type) and hasattr(type(one), "__aenter__") and hasattr(type(one), "__aexit__")


def has_sources(tools: Iterable[object]) -> bool:
    """Whether a list of tools holds a source."""
    return any(map(is_source, tools))


async def _tools_of(opened: object) -> tuple[object, ...]:
    """Return the tools that entering a source gave."""
    if isinstance(opened, list | tuple) or not type(opened).__module__.startswith(FRAMEWORKS):
        return tools_given(opened)  # type: ignore[arg-type]
    from lcc.python_tools.frameworks import is_toolset, tools_of_toolset

    return tuple(await tools_of_toolset(opened)) if is_toolset(opened) else (opened,)


class OpenTools:
    """Tools whose sources are open as long as the block lasts; the block is given the tools.

        async with lcc.OpenTools([lcc.mcp("https://…"), search]) as tools:
            await lcc.execute(plan, tools)
            await lcc.execute(other, tools)

    The sources are opened at once, and closed in the reverse order. What opening raises, entering raises, when all that was open is
    closed again. What closing raises is left: what the tools did is done. Raises ToolError for what can't be a tool.
    """

    def __init__(self, tools: Iterable[object]) -> None:
        """Take tools of any kind, sources among them."""
        self._given = tools_given(tools)
        self._group: TaskGroup | None = None
        self._done: list[tuple[Event, Event]] = []

    async def __aenter__(self) -> tuple[object, ...]:
        if not has_sources(self._given):
            return self._given
        self._group = create_task_group()
        await self._group.__aenter__()
        tools: list[object] = []
        try:
            for one in self._given:
                tools += await self._opened(one) if is_source(one) else [one]
        except BaseException as error:
            await self._leave(error)
            raise
        return tuple(tools)

    async def _opened(self, source: ToolSource) -> list[object]:
        assert self._group is not None
        found = await self._group.start(self._hold, source)
        if isinstance(found, BaseException):
            raise found
        return list(found)

    async def _hold(self, source: Any, *, task_status: TaskStatus[Any] = TASK_STATUS_IGNORED) -> None:
        """Enter and leave one source."""
        stop, stopped = Event(), Event()
        started = False
        try:
            async with AsyncExitStack() as stack:
                tools = await _tools_of(await stack.enter_async_context(source))
                self._done.append((stop, stopped))
                started = True
                task_status.started(tools)
                await stop.wait()
        except Exception as error:
            if not started:
                task_status.started(error)
        finally:
            stopped.set()

    async def __aexit__(
        self, type_: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._leave(error)

    async def _leave(self, error: BaseException | None) -> None:
        """Close what is open, the last first; then leave the group as if nothing had happened, or it would wrap the exception."""
        if self._group is None:
            return
        with move_on_after(CLOSING, shield=True):
            for stop, stopped in reversed(self._done):
                stop.set()
                await stopped.wait()
        group, self._group = self._group, None
        self._done.clear()
        group.cancel_scope.cancel()
        await group.__aexit__(None, None, None)
