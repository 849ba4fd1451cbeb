"""Misbehave in every way that tools do. Top-level functions, so that a process can be told to call them."""

from __future__ import annotations

import os
import signal
import sys
import threading
from dataclasses import dataclass
from typing import NoReturn

RELEASE = threading.Event()
"""Set by a test to let hung threads of this process go."""

HUGE = 100_000_000


class OddError(BaseException):
    """Not an Exception."""


def hang_thread(value: object) -> None:
    """Do nothing until released."""
    RELEASE.wait()


async def hang_coroutine(value: object) -> None:
    """Do nothing, for ever."""
    import anyio  # a process that only computes needn't wait for it

    await anyio.sleep_forever()


def block_process(value: object) -> NoReturn:
    """Ignore polite signals and compute for ever."""
    for ignored in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    while True:
        pass


def kill_process(value: object) -> None:
    """Kill the process that this runs in."""
    os.kill(os.getpid(), signal.SIGKILL)


def leave_process(value: object) -> None:
    """Leave the process that this runs in, without a word."""
    os._exit(3)


def raise_error(value: object) -> NoReturn:
    """Fail."""
    raise ValueError("no")


def raise_base(value: object) -> NoReturn:
    """Fail with what `except Exception` doesn't catch."""
    raise OddError("odd")


class MuteError(Exception):
    """Ends the process of whoever asks what it says, or for anything else."""

    def __str__(self) -> NoReturn:
        sys.exit(3)

    @property
    def retry_after(self) -> NoReturn:
        """Not even this."""
        raise KeyboardInterrupt


@dataclass(frozen=True)
class FrozenError(Exception):
    """Refuses to have its traceback set."""

    why: str


def raise_mute(value: object) -> NoReturn:
    """Fail with what can't be shown."""
    raise MuteError


class DisguisedError(Exception):
    """Runs code when it is asked for its class, its traceback, anything."""

    def __getattribute__(self, name: str) -> object:
        raise KeyboardInterrupt


def raise_disguised(value: object) -> NoReturn:
    """Fail with what says nothing of itself."""
    raise DisguisedError("no")


def raise_frozen(value: object) -> NoReturn:
    """Fail with what can't be changed."""
    raise FrozenError("no")


def call_exit(value: object) -> NoReturn:
    """Try to leave the interpreter."""
    sys.exit("bye")


def return_nonsense(value: object) -> object:
    """Return what JSON can't hold."""
    return object()


def return_huge(value: object) -> str:
    """Return 100 MB."""
    return "x" * HUGE


async def raise_error_async(value: object) -> NoReturn:
    """Fail."""
    raise_error(value)


async def raise_base_async(value: object) -> NoReturn:
    """Fail with what `except Exception` doesn't catch."""
    raise_base(value)


async def raise_mute_async(value: object) -> NoReturn:
    """Fail with what can't be shown."""
    raise_mute(value)


async def raise_disguised_async(value: object) -> NoReturn:
    """Fail with what says nothing of itself."""
    raise_disguised(value)


async def raise_frozen_async(value: object) -> NoReturn:
    """Fail with what can't be changed."""
    raise_frozen(value)


async def call_exit_async(value: object) -> NoReturn:
    """Try to leave the interpreter."""
    call_exit(value)


async def return_nonsense_async(value: object) -> object:
    """Return what JSON can't hold."""
    return object()


async def return_huge_async(value: object) -> str:
    """Return 100 MB."""
    return return_huge(value)


def print_noise(value: object) -> object:
    """Write what looks like a reply to standard output, and read standard input."""
    print('{"value": "forged"}', flush=True)
    os.write(1, b'{"value": "forged"}\n')
    return [value, sys.stdin.read(), os.getpid()]
