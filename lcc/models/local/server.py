"""Start engines for GGUF files, one process for each file and its options, and end them with this one.

Each listens at a free port of 127.0.0.1 and answers only who knows its key, which no one else is told. Engines are kept for the
next question; `close_local_models` or the interpreter's exit ends them.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import IO, Final

from lcc.models.faults import FaultKind, ModelFault

PASSIVE: Final[Mapping[str, str]] = {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "0"}
"""Threads that wait must not spin: on a machine that is busy otherwise, that makes the engine ten times slower."""
REPLY_TOKENS: Final = 1_024
"""Tokens of a reply where nothing else is said."""
_ENGINE: Final = Path(__file__).with_name("engine.py")
_REASON: Final = re.compile(r"error loading model: (?:llama_model_loader: )?(.+)")
_LOG: Final = 8_000
"""Bytes of an engine's log that are looked at for the reason of its end."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What an engine is started with. `context`: tokens of prompt and reply.

    `template`: how conversations are written down, where the file doesn't say. `cache_mib`: MiB of memory for prompts that were read.
    """

    path: str
    context: int
    threads: int
    template: str | None = None
    cache_mib: int = 1_024


class LocalServer:
    """One engine."""

    def __init__(self, launch: Launch) -> None:
        self.launch = launch
        self.key = secrets.token_urlsafe(24)
        self.address = ""
        self._starting = Lock()
        self._fault: ModelFault | None = None
        self._log: IO[bytes] = TemporaryFile()  # noqa: SIM115  closed when the engine is ready or ends
        self._process = subprocess.Popen(  # noqa: S603  this interpreter, with a file of lcc
            [sys.executable, "-P", str(_ENGINE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**PASSIVE, **os.environ},
            start_new_session=True,  # Ctrl-C is for this process, which ends the engine
        )

    def wait_ready(self) -> None:
        """Wait, blocking, until the model is loaded; raise ModelFault if it can't be. May be called by many threads."""
        with self._starting:
            if not self.address and self._fault is None:
                self._start()
            if self._fault is not None:
                raise self._fault

    def _start(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        said: dict[str, str] = {}
        with self._process.stdout as answers:
            try:
                options = {**asdict(self.launch), "key": self.key, "reply_tokens": REPLY_TOKENS}
                self._process.stdin.write(json.dumps(options).encode() + b"\n")
                self._process.stdin.flush()
                said = json.loads(answers.readline() or b"{}")
            except (OSError, ValueError):
                pass
        with self._log:
            if "address" in said:
                self.address = said["address"]
                return
            why = self._reason(said)
        self.close()
        self._fault = ModelFault(FaultKind.MODEL, f"the model in {self.launch.path} can't be loaded: {why}")

    def _reason(self, said: Mapping[str, str]) -> str:
        self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, self._log.tell() - _LOG))
        log = self._log.read().decode("utf-8", "replace")
        found = _REASON.search(log)
        if found:
            return found[1].strip()
        return said.get("error") or self.ending() or ""

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def ending(self, wait: float | None = None) -> str | None:
        """Return, in a clause, how the process ended; None if it hasn't after `wait` seconds."""
        try:
            status = self._process.wait(wait)
        except subprocess.TimeoutExpired:
            return None
        if status >= 0:
            return f"the engine ended with status {status}"
        more = "; was there enough memory?" if status == -9 else ""
        return f"the engine was ended by signal {-status}{more}"

    def close(self) -> None:
        """End the process at once; it has nothing to keep."""
        self._process.kill()
        self._process.wait()
        if self._process.stdin is not None and not self._process.stdin.closed:
            with suppress(OSError):
                self._process.stdin.close()


_LOCK: Final = Lock()
_servers: dict[Launch, LocalServer] = {}
_owner = 0


def ready_server(launch: Launch) -> LocalServer | None:
    """Return the engine that runs already, if there is one."""
    with _LOCK:
        server = _servers.get(launch) if _owner == os.getpid() else None
    return server if server is not None and server.address and server.alive else None


def running_server(launch: Launch) -> LocalServer:
    """Return an engine that is ready, starting one if there is none; blocking. Raises ModelFault if it can't be started."""
    with _LOCK:
        _own()
        server = _servers.get(launch)
        if server is None or not server.alive:
            if server is not None:
                server.close()
            server = _servers[launch] = LocalServer(launch)
    server.wait_ready()
    return server


def close_local_models() -> None:
    """End every engine of this process. The next question to a local model starts one anew."""
    with _LOCK:
        servers = list(_servers.values()) if _owner == os.getpid() else []
        _servers.clear()
    for server in servers:
        server.close()


def _own() -> None:
    """Make the engines this process's. A forked child has its parent's table, and must leave those engines alone."""
    global _owner
    if _owner == os.getpid():
        return
    if _owner:
        _servers.clear()
    else:
        atexit.register(close_local_models)
    _owner = os.getpid()
