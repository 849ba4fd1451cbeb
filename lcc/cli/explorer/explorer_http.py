"""Serve the explorer's page and its requests: on this machine alone, to who has the address with its token, and to no other page.

A page that a browser shows may send requests to 127.0.0.1 as well: it is known by its Origin, and one that has made a name of its own point here by its Host.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import socketserver
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock
from typing import Final, cast

from lcc.cli.explorer.bench import Bench, TakesTooLong
from lcc.cli.explorer.trial import LONGEST
from lcc.cli.explorer.worker import Setup
from lcc.grammar.values import Json, read_json

HOST: Final = "127.0.0.1"
LOOK_LIMIT: Final = 10.0
"""Seconds that compiling may take."""
_MOST_BYTES: Final = 2_000_000
"""Bytes of a request."""
_MOST_READ: Final = 8 * _MOST_BYTES
_WAIT: Final = 30.0
"""Seconds that a browser may be silent in the middle of a request."""


class Explorer(ThreadingHTTPServer):
    """A server of one page. `address` is where a browser finds it; raises OSError where the port can't be had."""

    daemon_threads = True
    allow_reuse_address = os.name != "nt"

    def __init__(self, page: str, setup: Setup, port: int = 0) -> None:
        self._looks, self._runs = Bench(setup), Bench(setup)
        super().__init__((HOST, port), _Handler)
        self.page = page.encode()
        self.token = secrets.token_urlsafe(18)
        self.hosts = {f"{name}:{self.server_port}" for name in (HOST, "localhost")}
        self.address = f"http://{HOST}:{self.server_port}/{self.token}/"
        self._running = Lock()
        self._stop = Event()

    def server_bind(self) -> None:
        """Bind without looking up a name."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, int(self.server_address[1])

    def look(self, request: Mapping[str, Json]) -> dict[str, Json]:
        """Return what there is to see of a text."""
        try:
            return next(iter(list(self._looks.replies({**request, "runs": False}, LOOK_LIMIT))))
        except TakesTooLong as error:
            return {"problem": str(error)}

    def run(self, request: Mapping[str, Json]) -> Iterator[dict[str, Json]]:
        """Yield what a run shows; one goes on at a time."""
        if not self._running.acquire(blocking=False):
            yield {"problem": "another run goes on: stop it first"}
            return
        self._stop.clear()
        try:
            yield from self._runs.replies({**request, "runs": True}, LONGEST + _WAIT, self._stop)
        except TakesTooLong as error:
            yield {"problem": str(error)}
        finally:
            self._running.release()

    def stop(self) -> None:
        """Stop the run, if one goes on."""
        self._stop.set()

    def server_close(self) -> None:
        """Close the socket and end the processes."""
        super().server_close()
        self._looks.close()
        self._runs.close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of connections that broke off."""


class _Handler(BaseHTTPRequestHandler):
    timeout = _WAIT

    @property
    def _explorer(self) -> Explorer:
        return cast(Explorer, self.server)

    def version_string(self) -> str:
        return "lcc"

    def log_message(self, format: str, *args: object) -> None:
        """Keep the terminal quiet."""

    def do_GET(self) -> None:
        if self._allowed("GET") == "":
            self._send(200, self._explorer.page, "text/html; charset=utf-8")

    def do_POST(self) -> None:
        action = self._allowed("POST")
        if action is None:
            return
        request = self._body()
        if request is None:
            self._refuse(400, "a request is a JSON object of at most 2 MB")
        elif action == "look":
            self._send(200, json.dumps(self._explorer.look(request)).encode(), "application/json")
        elif action == "stop":
            self._explorer.stop()
            self._send(200, b"{}", "application/json")
        else:
            self._stream(self._explorer.run(request))

    def _allowed(self, method: str) -> str | None:
        """Return what is asked for; None if it was refused, which has been said."""
        explorer = self._explorer
        origin = self.headers.get("Origin")
        _, _, rest = self.path.partition("/")
        token, slash, action = rest.partition("/")
        if self.headers.get("Host") not in explorer.hosts:
            self._refuse(421, "unknown host")
        elif origin is not None and origin.removeprefix("http://") not in explorer.hosts:
            self._refuse(403, "this origin isn't allowed")
        elif not hmac.compare_digest(token.encode(), explorer.token.encode()):
            self._refuse(403, "open the address that `lcc explore` has printed: it holds a token")
        elif not slash or action not in ({""} if method == "GET" else {"look", "run", "stop"}):
            self._refuse(404, "there is nothing here")
        else:
            return action
        return None

    def _body(self) -> dict[str, Json] | None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or len(length) > 9:
            return None
        if int(length) > _MOST_BYTES:
            self.rfile.read(min(int(length), _MOST_READ))  # who still sends can't hear the answer
            return None
        if self.headers.get("Content-Type", "").partition(";")[0] != "application/json":
            return None
        with suppress(ValueError, RecursionError):
            found: Json = read_json(self.rfile.read(int(length)))
            return found if isinstance(found, dict) else None
        return None

    def _refuse(self, status: int, said: str) -> None:
        self._send(status, f"{said}\n".encode(), "text/plain; charset=utf-8")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self._begin(status, kind)
        self.wfile.write(body)

    def _begin(self, status: int, kind: str) -> None:
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer"), ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Cross-Origin-Resource-Policy", "same-origin")):  # fmt: skip
            self.send_header(name, value)
        self.end_headers()

    def _stream(self, replies: Iterator[dict[str, Json]]) -> None:
        """Send replies as they come, a line for each; a browser that is gone ends the run."""
        self._begin(200, "application/x-ndjson")
        try:
            for reply in replies:
                self.wfile.write(json.dumps(reply).encode() + b"\n")
        finally:
            replies.close()  # type: ignore[attr-defined]
