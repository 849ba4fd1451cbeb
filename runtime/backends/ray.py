"""Run tools on Ray, on this machine or on a cluster; each call is a Ray task, whose worker is killed if it is cancelled.

Workers must be able to import lcc and the tools. Arguments and results cross as JSON text, tools as pickles by name (see `wire`).
Ray never repeats a call: the scheduler does, where the effect allows.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import Future
from threading import Thread
from typing import Any

from anyio import Event, get_cancelled_exc_class, move_on_after

from lcc.grammar.values import Json
from lcc.runtime.backends.ray_child import serve
from lcc.runtime.backends.ray_cluster import connect
from lcc.runtime.backends.wire import request_of, value_of
from lcc.runtime.clock import thread_messenger
from lcc.runtime.context import Context
from lcc.runtime.result import FailureKind
from lcc.runtime.tool import Arguments, LeftBehind, RemoteError, Tool, WorkerLost


class Ray:
    """A connection to a cluster, for one run. It is made in a thread, and no call may be asked for before `connected`."""

    def __init__(self, grace: float, address: str | None, cpus: int) -> None:
        self._grace = grace
        self._send = thread_messenger()
        self._ray: Any = None
        self._serve: Any = None
        self._error: Exception | None = None
        self._opened = Event()
        self._path = tuple(folder or os.getcwd() for folder in sys.path)

        def open_() -> None:
            try:
                self._ray = connect(address, cpus)
                # Retries of Ray's own would repeat a write whose worker died.
                options = {"max_retries": 0, "retry_exceptions": False, "scheduling_strategy": "SPREAD"}
                self._serve = self._ray.remote(**options)(serve)
            except Exception as error:
                self._error = error
            self._send(self._opened.set)

        Thread(target=open_, name="lcc ray", daemon=True).start()

    async def connected(self) -> None:
        """Wait until calls can be made, or are known to fail."""
        await self._opened.wait()

    async def call(self, tool: Tool, arguments: Arguments, context: Context | None) -> Json:
        """Call a tool in a worker of the cluster, which is killed if the call is cancelled."""
        if self._error is not None:
            raise self._error
        reference = self._serve.remote(json.dumps(request_of(tool, arguments, context)), self._path)
        future: Future[str] = reference.future()
        done = Event()
        future.add_done_callback(lambda _: self._send(done.set))
        try:
            await done.wait()
        except get_cancelled_exc_class():
            await self._kill(reference, done)
            raise
        return value_of(json.loads(self._reply(future)))

    async def _kill(self, reference: Any, done: Event) -> None:
        self._ray.cancel(reference, force=True)
        with move_on_after(self._grace, shield=True):
            await done.wait()
        if not done.is_set():
            raise LeftBehind from None

    def _reply(self, future: Future[str]) -> str:
        """Return the reply of a call that has ended; raise what became of its worker if there is none."""
        raised = self._ray.exceptions
        try:
            return future.result()
        except (raised.RayTaskError, raised.RuntimeEnvSetupError) as error:
            message = f"the Ray worker can't run lcc: {str(error).strip().splitlines()[-1]}"
            raise RemoteError(message, type(error).__name__, FailureKind.TOOL) from None
        except raised.TaskCancelledError:
            raise WorkerLost("the call was cancelled on the Ray cluster") from None
        except Exception as error:
            message = f"the Ray worker of the call was lost: {type(error).__name__}"
            raise WorkerLost(message) from None

    async def close(self) -> None:
        """Let the connection be: the next run uses it, and Ray ends it with the program."""
