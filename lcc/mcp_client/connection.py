"""One connection to a server, from its start to its end, in one task of the host's loop."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from contextlib import AsyncExitStack
from contextvars import ContextVar
from math import inf
from typing import TYPE_CHECKING, Any, Final

from anyio import CancelScope, Event, create_task_group, current_time, move_on_after

from lcc.grammar.diagnostics.wording import brief
from lcc.mcp_client.elicitation import answer_of
from lcc.mcp_client.server_settings import ServerFault, ServerSettings
from lcc.mcp_client.transports import StandardError, open_client
from lcc.runtime.context import Context
from lcc.runtime.result import FailureKind
from lcc.runtime.tool import RemoteError

if TYPE_CHECKING:
    from mcp import Client
    from mcp.types import CallToolResult

MAX_PAGES: Final = 1_000
MAX_TOOLS: Final = 20_000
_LONGEST: Final = 400
_CALLING: ContextVar[tuple[Context, CancelScope] | None] = ContextVar("lcc_mcp_calling", default=None)


class Lost(Exception):
    """A connection ended, before a call was sent or before it was answered. The message says what is known."""


class Connection:
    """A connection. `live` is its whole life; everything else is asked of it meanwhile.

    `tools`: what the server listed; `odd`: what was there too and is no tool, with the reason. `runs`: which runs called it. `changed`: it has said since that its tools are others. `ended`: nothing can be called any more.
    """

    def __init__(self, settings: ServerSettings) -> None:
        self.settings = settings
        self.ready = Event()
        self.ended = Event()
        self.tools: tuple[dict[str, Any], ...] = ()
        self.odd: dict[str, str] = {}
        self.runs: set[str] = set()
        self.changed = False
        self.fault: str | None = None
        self._leaving = Event()
        self._client: Client | None = None
        self._errors: StandardError | None = None
        self._strange: deque[str] = deque(maxlen=1)
        self._broken = Event()
        self._calling: list[tuple[Context, CancelScope]] = []

    async def live(self) -> None:
        """Open the connection, list the tools, wait until somebody closes it or it breaks, and close it. Never raises."""
        try:
            with CancelScope(deadline=current_time() + self.settings.start_timeout) as scope:
                async with AsyncExitStack() as stack:
                    await self._open(stack)
                    scope.deadline = inf
                    self.ready.set()
                    await self._leaving.wait()
            if scope.cancelled_caught:
                self.fault = f"it didn't answer within {self.settings.start_timeout:g} s"
        except Exception as error:
            self.fault = self.fault or _said(error)
        finally:
            self._broken.set()
            self.ready.set()
            self.ended.set()

    def leave(self) -> None:
        """Have the connection closed by the task that opened it."""
        self._leaving.set()

    @property
    def usable(self) -> bool:
        """Whether a call can be sent."""
        return self.ready.is_set() and not self._broken.is_set() and not self._leaving.is_set()

    async def why(self) -> str:
        """Say what is known of why the server can't be used."""
        if self._errors is not None:
            await self._errors.last_words()
        parts = [self.fault or "the connection ended"]
        if self._strange:
            parts.append(f"what it sent is no message of the protocol: {self._strange[-1]}")
        wrote = "" if self._errors is None else self._errors.said(_LONGEST)
        if wrote:
            parts.append(f"it wrote: {wrote}")
        return "; ".join(parts)

    async def _open(self, stack: AsyncExitStack) -> None:
        self._client = await open_client(
            self.settings,
            stack,
            lambda errors: setattr(self, "_errors", errors),
            lambda name, reason: self.odd.update({name: reason}),
            elicitation_callback=self._asked,
            message_handler=self._told,
        )
        self.tools = await _list(self._client)

    async def list_again(self) -> None:
        """Ask for the tools once more."""
        assert self._client is not None
        self.changed = False
        try:
            self.tools = await _list(self._client)
        except Exception as error:
            raise await self._lost(error) from None

    async def call(self, name: str, arguments: Mapping[str, object], context: Context | None) -> CallToolResult:
        """Make one call; raise Lost if the connection ends before there is an answer, RemoteError if the server is silent."""
        seconds = self.settings.timeout
        found: list[CallToolResult] = []
        failed: list[Exception] = []
        with move_on_after(seconds) as silence:

            async def progress(done: float, total: float | None, message: str | None) -> None:
                silence.deadline = current_time() + seconds
                if context is not None:
                    context.report(brief(message or f"{done:g}{'' if total is None else f' of {total:g}'}", 200))

            calling = None if context is None else (context, silence)
            async with create_task_group() as group:
                group.start_soon(self._until_broken, group.cancel_scope)
                try:
                    found.append(await self._call(name, arguments, progress, calling))
                except Exception as error:  # raised outside of the group, which would wrap it
                    failed.append(error)
                group.cancel_scope.cancel()
        if found:
            return found[0]
        if failed:
            raise failed[0]
        if silence.cancelled_caught:
            message = f"the server `{self.settings.name}` didn't answer within {seconds:g} s"
            raise RemoteError(message, "TimeoutError", FailureKind.TIMEOUT, bases=("TimeoutError",))
        raise Lost(await self.why())

    async def _until_broken(self, scope: CancelScope) -> None:
        await self._broken.wait()
        scope.cancel()

    async def _call(
        self,
        name: str,
        arguments: Mapping[str, object],
        progress: Any,
        calling: tuple[Context, CancelScope] | None,
    ) -> CallToolResult:
        from mcp.shared.exceptions import MCPError

        assert self._client is not None
        _CALLING.set(calling)
        if calling is not None:
            self._calling.append(calling)
        try:
            return await self._client.call_tool(name, dict(arguments), progress_callback=progress)
        except MCPError as error:
            if _is_end(error.code):
                raise await self._lost(error) from None
            raise
        except Exception as error:
            if type(error).__module__.startswith("anyio"):  # the streams of the session are closed
                raise await self._lost(error) from None
            raise
        finally:
            if calling is not None:
                self._calling.remove(calling)

    async def _lost(self, error: Exception) -> Lost:
        """Note that the connection has ended, and return what is raised for it."""
        self.fault = self.fault or "the connection ended"
        why = await self.why()
        self._broken.set()
        self._leaving.set()
        return Lost(why)

    async def _asked(self, _: object, parameters: Any) -> Any:
        """Answer what the server asks in the middle of a call."""
        calling = _CALLING.get() or (self._calling[-1] if self._calling else None)
        if calling is None:
            return await answer_of(parameters, None, self.settings.name)
        context, silence = calling
        silence.deadline = inf  # a person may think for as long as approval may take
        answer = await answer_of(parameters, context, self.settings.name)
        silence.deadline = current_time() + self.settings.timeout
        return answer

    async def _told(self, message: Any) -> None:
        """Take a notification, or what is no message at all."""
        if getattr(message, "method", None) == "notifications/tools/list_changed":
            self.changed = True
        elif isinstance(message, Exception):
            line = _line_of(message)
            self._strange.append(repr(brief(line, 100)))
            if '"jsonrpc"' in line:  # an answer that nobody can read: whose it was isn't known
                self.fault = "it sent an answer that can't be read"
                self._broken.set()
                self._leaving.set()


def _is_end(code: int) -> bool:
    from mcp.types import CONNECTION_CLOSED

    return code == CONNECTION_CLOSED


def _line_of(error: Exception) -> str:
    """Return what couldn't be read: pydantic's errors hold it."""
    errors = getattr(error, "errors", None)
    found = errors()[:1] if callable(errors) else []
    given = found[0].get("input") if found else None
    return given if isinstance(given, str) else str(error)


async def _list(client: Client) -> tuple[dict[str, Any], ...]:
    """Return all pages of a server's tools."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        page = await client.list_tools(cursor=cursor, cache_mode="refresh")
        found += (tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in page.tools)
        cursor = page.next_cursor
        if cursor is None:
            return tuple(found)
        if len(found) > MAX_TOOLS:
            raise ServerFault(f"it lists more than {MAX_TOOLS:,} tools")
    raise ServerFault(f"its list of tools has more than {MAX_PAGES:,} pages")


def _said(error: BaseException) -> str:
    """Return what an exception says in a line, of a group the first one's."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, ServerFault):
        return str(error)
    if isinstance(error, FileNotFoundError) and error.filename:
        return f"there is no program or folder `{error.filename}`"
    text = str(error).strip().partition("\n")[0]
    return brief(f"{type(error).__name__}: {text}" if text else type(error).__name__, _LONGEST)
