"""Join a Ray cluster, or start one on this machine.

What the program has joined by itself is used. Else it is the cluster at the address given, or that RAY_ADDRESS names. Without any, one
is started here; it ends with the program, and runs share it, since starting takes seconds. It listens on 127.0.0.1 only, has no
dashboard, and reports nothing to Ray's makers.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import Any, Final

from lcc.runtime.result import FailureKind
from lcc.runtime.tool import RemoteError, WorkerLost

START_SECONDS: Final = 300.0
"""How long joining or starting may take; a loaded machine needs half a minute."""
_TRIES: Final = 3
_STORE_BYTES: Final = 256 * 1024 * 1024

_connecting = Lock()


def named_address(address: str | None) -> str | None:
    """Return the address of the cluster to join; None: one is started here."""
    return address or os.environ.get("RAY_ADDRESS") or None


def connect(address: str | None, cpus: int) -> Any:
    """Return the module `ray`, connected; `cpus` is what a cluster that is started here may use. Blocks for seconds.

    Raises RemoteError if Ray isn't installed, WorkerLost if there is no cluster in the end.
    """
    outcome: SimpleQueue[object] = SimpleQueue()

    def keep() -> None:
        ray = _attempt(address, cpus)
        outcome.put(ray)
        if not isinstance(ray, Exception):
            Event().wait()  # for ever: Linux ends a cluster with the *thread* that started it

    Thread(target=keep, name="lcc ray cluster", daemon=True).start()
    try:
        ray = outcome.get(timeout=START_SECONDS)
    except Empty:
        raise WorkerLost(f"no Ray cluster: it didn't start within {START_SECONDS:g} s") from None
    if isinstance(ray, Exception):
        raise ray
    return ray


def _attempt(address: str | None, cpus: int) -> object:
    """Return the module, or the exception that says why there is none."""
    with _connecting:
        if named_address(address) is None:
            stay_local()
        try:
            import ray
        except ImportError as error:
            message = "Ray is not installed; run `pip install 'lcc-toolchain[ray]'`"
            return RemoteError(message, type(error).__name__, FailureKind.TOOL)
        for left in reversed(range(_TRIES)):
            try:
                if not ray.is_initialized():
                    with _only_errors():
                        _join(ray, named_address(address), cpus)
            except Exception as error:
                ray.shutdown()
                if not left:
                    return WorkerLost(f"no Ray cluster: {type(error).__name__}: {_first_line(error)}")
            else:
                return ray
    raise AssertionError("unreachable")


def stay_local() -> None:
    """Set what Ray reads on import or on start: loopback addresses, no reports, no warning about graphics cards."""
    os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # the one switch that binds it to 127.0.0.1
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")


@contextmanager
def _only_errors() -> Iterator[None]:
    """Keep Ray's advice off the terminal."""
    logger = logging.getLogger("ray")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _join(ray: Any, address: str | None, cpus: int) -> None:
    quiet = {"configure_logging": False, "log_to_driver": False}  # what tools print goes to Ray's own files
    if address is not None:
        ray.init(address=address, **quiet)
        return
    ray.init(
        address="local",
        num_cpus=cpus,
        object_store_memory=_STORE_BYTES,
        include_dashboard=False,
        _node_ip_address="127.0.0.1",
        **quiet,
    )


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]
