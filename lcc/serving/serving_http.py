"""Serve a desk over streamable HTTP: on this machine alone by default, to who has the token, and to no web page.

A page that a browser shows may send requests to 127.0.0.1 as well; it is known by its Origin, and a page that has made a name of its own point here
by its Host. Both are refused before anything of the request is read.
"""

from __future__ import annotations

import hmac
import socket
from collections.abc import Callable
from typing import Any, Final

from lcc.serving.desk import Desk
from lcc.serving.serving_mcp import server_of

PATH: Final = "/mcp"
_LOCAL: Final = ("127.0.0.1", "localhost", "[::1]")


class OnlyWithToken:
    """An ASGI application that lets through what has the token."""

    def __init__(self, app: Any, token: str) -> None:
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and not self._is_allowed(dict(scope["headers"])):
            from starlette.responses import PlainTextResponse

            refused = PlainTextResponse("a token is needed", 401, headers={"WWW-Authenticate": "Bearer"})
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_allowed(self, headers: dict[bytes, bytes]) -> bool:
        scheme, _, given = headers.get(b"authorization", b"").partition(b" ")
        return scheme.lower() == b"bearer" and hmac.compare_digest(given.strip(), self._token)


class NoStrangers:
    """An ASGI application that lets through what names one of these hosts, and comes from no page but of these origins."""

    def __init__(self, app: Any, hosts: set[str], origins: set[str]) -> None:
        self._app = app
        self._hosts = hosts
        self._origins = origins

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
            origin = headers.get(b"origin")
            wrong_host = headers.get(b"host") not in self._hosts
            if wrong_host or (origin is not None and origin not in self._origins):
                from starlette.responses import PlainTextResponse

                status, said = (421, "unknown host") if wrong_host else (403, "this origin isn't allowed")
                await PlainTextResponse(said, status)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def application(desk: Desk, version: str, token: str, hosts: set[str], origins: set[str]) -> Any:
    """Return the ASGI application that serves a desk."""
    from mcp.server.transport_security import TransportSecuritySettings

    checked_here = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    app = server_of(desk, version).streamable_http_app(streamable_http_path=PATH, transport_security=checked_here)
    return NoStrangers(OnlyWithToken(app, token), hosts, origins)


async def serve_http(
    desk: Desk,
    version: str,
    token: str,
    *,
    host: str,
    port: int,
    origins: set[str],
    ready: Callable[[str], None],
) -> None:
    """Serve until the process is told to stop. `ready` is told the address. Raises OSError where the port can't be had."""
    import uvicorn

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen()  # who is told the address may come before the first is served
        at = listening.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        hosts = {f"{name}:{at}" for name in {shown, *(_LOCAL if shown in _LOCAL else ())}}
        app = application(desk, version, token, hosts, origins)
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2, server_header=False)
        ready(f"http://{shown}:{at}{PATH}")
        await uvicorn.Server(config).serve(sockets=[listening])
