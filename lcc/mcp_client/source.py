"""One server as an entry of `tools`: its tools are listed when they are first asked for, and called over one connection.

    files = lcc.mcp(["my-server", "--root", "."], effects={"read_*": "read"})
    lcc.run(text, tools=[files])

A run opens the connection when it first calls, and closes it; `with files:` or `async with files:` keeps it open over many runs.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

from anyio import CancelScope, CapacityLimiter, Lock as AsyncLock, create_task_group, sleep
from anyio.lowlevel import checkpoint

from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.given import in_brief, kind_of, require
from lcc.grammar.signatures.declaration import read_overlays
from lcc.grammar.values import Json
from lcc.mcp_client.connection import Connection, Lost
from lcc.mcp_client.content import ToolError, value_of
from lcc.mcp_client.declarations import LeftOut, Listed, listed, tool_of_listed
from lcc.mcp_client.host import HOST, await_on_host, block_on_host
from lcc.mcp_client.server_settings import START_TIMEOUT, TIMEOUT, ServerFault, ServerSettings
from lcc.runtime.clock import spawn_detached
from lcc.runtime.context import Context
from lcc.runtime.result import FailureKind
from lcc.runtime.tool import RemoteError, ResultError, Tool, WorkerLost

if TYPE_CHECKING:
    from mcp.types import CallToolResult

_LOG: Final = logging.getLogger("lcc.mcp")
_LOG.addHandler(logging.NullHandler())  # else what nobody listens to goes to standard error

LINGER: Final = 10.0
"""Seconds that a connection stays open which no run holds, since one may come."""


class McpServer:
    """The tools of one server, as an entry of `tools`. Made by `lcc.mcp`.

    `settings`: how it is reached and what is said of its tools. `left_out`: tools that can't be used, with the reason.
    """

    def __init__(self, settings: ServerSettings) -> None:
        self.settings = settings
        self.left_out: tuple[LeftOut, ...] = ()
        self._tools: tuple[Tool, ...] | None = None
        self._listed: dict[str, Listed] = {}
        self._now: dict[str, str] = {}
        self._connection: Connection | None = None
        self._holds = 0
        self._count = Lock()
        self._active = 0
        self._uses = 0
        self._bereft: set[str] = set()
        self._opening: AsyncLock | None = None
        self._gate: CapacityLimiter | None = None

    def __repr__(self) -> str:
        return f"<lcc.mcp {self.settings.name}>"

    def tools(self) -> tuple[Tool, ...]:
        """Return the server's tools; the first time it is started and asked, which may take its start time. Raises ServerFault."""
        if self._tools is None:
            block_on_host(self._learn)
        assert self._tools is not None
        return self._tools

    def __iter__(self) -> Iterator[Tool]:
        return iter(self.tools())

    def __lcc_tools__(self) -> tuple[Tool, ...]:
        return self.tools()

    def names(self) -> list[str]:
        """Return the names of all tools that the server lists, also of those that aren't used."""
        return list(self._now)

    def declaration_of(self, tool: Tool) -> Json:
        """Return what a file of declarations holds of one of the server's tools, which may have got another name since."""
        place = next(place for place, own in enumerate(self.tools()) if own.function == tool.function)
        return {**list(self._listed.values())[place].declaration, "name": tool.name}

    async def __aenter__(self) -> Self:
        self._hold()
        if self._tools is None:
            try:
                await await_on_host(self._learn)
            except BaseException:
                await self.__aexit__(None, None, None)
                raise
        return self

    async def __aexit__(
        self, type_: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._release():
            with CancelScope(shield=True):
                await await_on_host(self._close)

    def __enter__(self) -> Self:
        self._hold()
        return self

    def __exit__(
        self, type_: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._release():
            self.close()

    def close(self) -> None:
        """Close the connection, and end a program that was started for it. A later call opens it again."""
        if self._connection is not None:
            block_on_host(self._close)

    def _hold(self) -> None:
        with self._count:
            self._holds += 1

    def _release(self) -> bool:
        """Count one user less; return whether it was the last, and there is something to close."""
        with self._count:
            self._holds -= 1
            return self._holds == 0 and self._connection is not None

    # What follows runs on the host's loop alone.

    async def _learn(self) -> None:
        """Ask for the tools, and keep what they are from now on."""
        connection = await self._connected("")
        if self._tools is not None:
            return
        tools: dict[str, Tool] = {}
        odd = [LeftOut(name, reason) for name, reason in connection.odd.items() if self.settings.wants(name)]
        for one in connection.tools:
            await checkpoint()
            self._take(one, tools, odd)
        self.left_out = tuple(odd)
        self._tools = tuple(tools.values())
        spawn_detached(self._linger)

    def _take(self, one: Mapping[str, Any], tools: dict[str, Tool], odd: list[LeftOut]) -> None:
        if not self.settings.wants(str(one.get("name"))):
            return
        found = listed(one, self.settings)
        made = found if isinstance(found, LeftOut) else tool_of_listed(found, self._call, self)
        if isinstance(made, Tool) and made.name in tools:
            made = LeftOut(str(one.get("name")), "the server lists two tools of that name")
        if isinstance(made, LeftOut):
            odd.append(made)
        elif isinstance(found, Listed):
            tools[made.name] = made
            self._listed[found.name] = found

    async def _connected(self, run: str) -> Connection:
        """Return an open connection, opened anew if need be. `run`: whose write it is for; empty for none. Raises ServerFault.

        Raises Lost for a write of a run that used a connection which broke: what the server knew of it is gone.
        """
        if self._opening is None:
            self._opening = AsyncLock()
        async with self._opening:
            connection = self._connection
            if connection is not None and not connection.usable:
                _LOG.warning("the connection to %s is lost", escape(self.settings.name))
                self._bereft |= connection.runs
                connection = None
            if run in self._bereft:
                raise Lost("its connection broke earlier in this run, and only reads open another")
            if connection is None:
                return await self._open()
            if connection.changed:
                await connection.list_again()
                self._compare(connection)
            return connection

    async def _open(self) -> Connection:
        connection = self._connection = Connection(self.settings)
        HOST.closers[id(self)] = self._close
        spawn_detached(connection.live)
        await connection.ready.wait()
        if not connection.usable:
            self._connection = None
            raise ServerFault(f"the server `{self.settings.name}` can't be used: {await connection.why()}")
        _LOG.info("connected to %s: %d tools", escape(self.settings.name), len(connection.tools))
        self._compare(connection)
        return connection

    def _compare(self, connection: Connection) -> None:
        """Note what the server's tools are now, for those that are declared."""
        self._now = {}
        for one in connection.tools:
            found = listed(one, self.settings)
            if isinstance(found, Listed):
                self._now[found.name] = found.fingerprint

    async def _call(self, one: Listed, arguments: Mapping[str, object], context: Context | None, reads: bool) -> object:
        """Make a call from any loop."""
        return await await_on_host(self._make, one, arguments, context, reads)

    async def _make(self, one: Listed, arguments: Mapping[str, object], context: Context | None, reads: bool) -> object:
        name = self.settings.name
        self._active += 1
        self._uses += 1
        try:
            result = await self._answered(one, arguments, context, reads)
            return value_of(result, unwrap=one.unwrap, json_text=self.settings.json_text)
        except Lost as lost:
            raise WorkerLost(f"the server `{name}` is gone: {lost}") from None
        except ServerFault as fault:
            raise WorkerLost(str(fault)) from None
        except RuntimeError as error:  # the SDK's word for content that doesn't fit the tool's schema
            raise ResultError(f"the server `{name}`: {str(error).partition(chr(10))[0][:300]}") from None
        except Exception as error:
            if type(error).__name__ == "MCPError":
                raise ToolError(str(error)) from None
            raise
        finally:
            self._active -= 1
            if self._holds == 0:
                spawn_detached(self._linger)

    async def _answered(
        self, one: Listed, arguments: Mapping[str, object], context: Context | None, reads: bool
    ) -> CallToolResult:
        if self._gate is None:
            self._gate = CapacityLimiter(self.settings.concurrency or 1_000)
        async with self._gate:
            try:
                return await self._sent(one, arguments, context, reads)
            except Lost:
                if not reads:
                    raise
            return await self._sent(one, arguments, context, reads)

    async def _sent(
        self, one: Listed, arguments: Mapping[str, object], context: Context | None, reads: bool
    ) -> CallToolResult:
        run = "" if context is None else context.run
        connection = await self._connected("" if reads else run)
        if self._now.get(one.name) != one.fingerprint:
            what = "has changed its parameters or its result" if one.name in self._now else "is not there any more"
            message = f"`{one.name}` of the server `{self.settings.name}` {what} since its tools were read"
            raise RemoteError(message, kind=FailureKind.TOOL)
        if run:
            connection.runs.add(run)
        return await connection.call(one.name, arguments, context)

    async def _close(self) -> None:
        connection, self._connection = self._connection, None
        HOST.closers.pop(id(self), None)
        if connection is not None:
            connection.leave()
            with suppress(Exception):
                await connection.ended.wait()

    async def _linger(self) -> None:
        """Close a connection that nobody holds, if nobody has used it for a while."""
        uses = self._uses
        await sleep(LINGER)
        if self._holds == 0 and self._active == 0 and self._uses == uses:
            await self._close()


def open_all(servers: Iterable[McpServer]) -> list[ServerFault | None]:
    """Start servers at the same time and learn their tools; return what is wrong with each."""
    known = list(servers)
    faults: list[ServerFault | None] = [None] * len(known)

    async def learn(place: int, server: McpServer) -> None:
        try:
            await server._learn()
        except ServerFault as fault:
            faults[place] = fault

    async def all_of_them() -> None:
        async with create_task_group() as group:
            for place, server in enumerate(known):
                group.start_soon(learn, place, server)

    if known:
        block_on_host(all_of_them)
    return faults


def mcp(
    server: object,
    *,
    name: str | None = None,
    prefix: str = "",
    only: Sequence[str] | None = None,
    effects: Mapping[str, str | Mapping[str, object]] | None = None,
    trust_annotations: bool = False,
    json_text: bool = False,
    env: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
    start_timeout: float = START_TIMEOUT,
    concurrency: int | None = None,
) -> McpServer:
    """Return the tools of an MCP server, as an entry of `tools`. Nothing is started before they are needed.

    `server`: an address, a command as a list, or an `mcp.Client` that is not open, or what one takes. `timeout`, `start_timeout`: seconds
    for a call, and until its tools are known. `concurrency`: calls at once. `effects`: tool name → its effect, or what a declaration holds of it.
    `env`, `headers`: by name, what its process finds in its environment, and what its requests carry. The rest is as in `ServerSettings`.
    Raises TypeError or ValueError for what is none of these. Needs the extra `mcp`.
    """
    require(only, (list, tuple, type(None)), "only", "a list of names or patterns")
    shown, reached = _reached(server)
    settings = ServerSettings(
        name=name or shown,
        prefix=prefix,
        only=None if only is None else tuple(only),
        effects=_effects(effects or {}),
        trust_annotations=trust_annotations,
        json_text=json_text,
        env=env or {},
        headers=headers or {},
        timeout=timeout,
        start_timeout=start_timeout,
        concurrency=concurrency,
        **reached,
    )
    return McpServer(settings)


def _effects(given: Mapping[str, str | Mapping[str, object]]) -> dict[str, dict[str, object]]:
    try:
        return read_overlays(given)
    except ValueError as error:
        raise ValueError(f"effects must be {error}") from None


def _reached(server: object) -> tuple[str, dict[str, Any]]:
    """Return what a server may be called, and how it is reached."""
    if isinstance(server, str):
        if urlsplit(server).scheme not in ("http", "https"):
            raise ValueError(f"{in_brief(server)} is no address; a command is a list: {server.split()!r}")
        return urlsplit(server).netloc, {"url": server}
    if isinstance(server, list | tuple):
        if not server or not all(isinstance(part, str) for part in server):
            raise TypeError("a command is a list of texts, the program first")
        return server[0].rpartition("/")[2], {"command": tuple(server)}
    if server is None or isinstance(server, int | float | Mapping | bytes):
        how = '"https://…", ["command", "argument"] or an mcp.Client'
        raise TypeError(f"a server is given as {how}, not as {kind_of(server)}")
    return "client", {"client": server}
