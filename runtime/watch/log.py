"""Write what a run does to loggers, where somebody listens.

`lcc.run` has its tasks: ends at INFO, failed attempts at WARNING, waits at DEBUG. `lcc.tools` has the calls, by their tools: failures at
INFO, begin and end at DEBUG, where the beginning of a result is told, too.
"""

from __future__ import annotations

import logging
from typing import Final

from lcc.grammar.diagnostics.terminal import cut, dump_json, escape
from lcc.grammar.ir import TaskId
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
from lcc.runtime.result import Failure
from lcc.runtime.watch.event_stream import share

_LOG: Final = logging.getLogger("lcc.run")
_LOG.addHandler(logging.NullHandler())  # else what nobody listens to goes to standard error
_TOOLS: Final = logging.getLogger("lcc.tools")
_TOOLS.addHandler(logging.NullHandler())
_SHOWN: Final = 200
"""Characters of a result that are logged."""


def listener(run: str) -> EventSink | None:
    """Return a sink that logs the events of a run; None where nobody has asked for INFO, as events have a cost.

    Arguments aren't logged.
    """
    name = run[:8]
    made = ((_LOG, _run_log), (_TOOLS, _tools_log))
    sinks = [make(name) for logger, make in made if logger.isEnabledFor(logging.INFO)]
    if len(sinks) < 2:
        return sinks[0] if sinks else None
    return share(*sinks)


def _run_log(name: str) -> EventSink:
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
            case TaskWaiting(_, id_, on):
                _LOG.debug("run %s: %s waits for %s", name, id_, escape(on))
            case TaskRetried(_, id_, attempt, delay):
                _LOG.debug("run %s: %s is tried again, attempt %d in %.1f s", name, id_, attempt, delay)
            case _:
                return

    return log


def _tools_log(name: str) -> EventSink:
    begun: dict[TaskId, tuple[str, float]] = {}

    def log(event: Event) -> None:
        match event:
            case TaskStarted(time, id_, tool, attempt):
                begun[id_] = escape(tool), time
                _TOOLS.debug("run %s: %s calls %s, attempt %d", name, id_, escape(tool), attempt)
            case AttemptFailed(time, id_, _, failure) | TaskEnded(time, id_, _, Failure() as failure) if id_ in begun:
                tool, began = begun.pop(id_)
                _TOOLS.info(
                    "run %s: %s of %s failed after %.3g s: %s", name, tool, id_, time - began, escape(failure.shown)
                )
            case TaskEnded(time, id_, value=value) if id_ in begun:
                tool, began = begun.pop(id_)
                if _TOOLS.isEnabledFor(logging.DEBUG):
                    shown = escape(cut(dump_json(value, indent=None), _SHOWN))
                    _TOOLS.debug(
                        "run %s: %s of %s came to its end after %.3g s: %s", name, tool, id_, time - began, shown
                    )
            case _:
                return

    return log
