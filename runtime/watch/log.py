"""Write what a run does to the logger `lcc.run`, where somebody listens: ends at INFO, failed attempts at WARNING, starts and waits at DEBUG."""

from __future__ import annotations

import logging
from typing import Final

from lcc.grammar.diagnostics.terminal import escape
from lcc.runtime.events import (
    AttemptFailed,
    Event,
    EventSink,
    RunEnded,
    RunStarted,
    TaskEnded,
    TaskRetried,
    TaskStarted,
    TaskWaiting,
)

_LOG: Final = logging.getLogger("lcc.run")
_LOG.addHandler(logging.NullHandler())  # else what nobody listens to goes to standard error


def listener(run: str) -> EventSink | None:
    """Return a sink that logs the events of a run; None where nobody has asked for INFO, as events have a cost.

    Arguments and results aren't logged.
    """
    if not _LOG.isEnabledFor(logging.INFO):
        return None
    name = run[:8]

    def log(event: Event) -> None:
        match event:
            case AttemptFailed(_, id_, attempt, failure):
                _LOG.warning("run %s: %s failed, attempt %d: %s", name, id_, attempt, escape(failure.shown))
            case TaskEnded(_, id_, status, failure) if failure is not None and failure.attempts:
                _LOG.warning("run %s: %s is %s: %s", name, id_, status, escape(failure.shown))
            case TaskEnded(_, id_, status):
                _LOG.info("run %s: %s is %s", name, id_, status)
            case RunStarted(_, tasks):
                _LOG.info("run %s begins: %d tasks", name, tasks)
            case RunEnded(_, status):
                _LOG.info("run %s is %s", name, status)
            case TaskStarted(_, id_, tool, attempt):
                _LOG.debug("run %s: %s calls %s, attempt %d", name, id_, escape(tool), attempt)
            case TaskWaiting(_, id_, on):
                _LOG.debug("run %s: %s waits for %s", name, id_, escape(on))
            case TaskRetried(_, id_, attempt, delay):
                _LOG.debug("run %s: %s is tried again, attempt %d in %.1f s", name, id_, attempt, delay)
            case _:
                return

    return log
