"""Find code that holds the event loop, and the stack where it does."""

from __future__ import annotations

import logging
import threading

from running_plans import ECHO, on_both, run_plan, tool, tools

from lcc.runtime.events import LoopBlocked


@on_both
def test_code_that_holds_the_loop_is_reported_with_its_stack(backend, caplog):
    seen = threading.Event()

    class Handler(logging.Handler):
        def emit(self, record):
            if "task 2" in record.getMessage():  # a busy machine may hold the loop elsewhere, too
                seen.set()

    async def hold_the_loop(value):
        assert seen.wait(100)  # nothing but the watchdog ends this
        return value

    logger, handler, events = logging.getLogger("lcc.run"), Handler(), []
    logger.addHandler(handler)
    try:
        text = "1. echo(1)\n2. hold_the_loop($1)\n3. pause(1, $2)\njoin()\n"
        released = threading.Event()

        def pause(value, after):
            released.wait(100)

        def watch(event):
            events.append(event)
            if isinstance(event, LoopBlocked) and event.id == 2:
                released.set()

        given = tools(ECHO, tool(hold_the_loop, "value"), tool(pause, "value", "after"))
        assert run_plan(text, given, backend=backend, block_warning=0.02, on_event=watch).ok
    finally:
        logger.removeHandler(handler)
    (blocked,) = [event for event in events if isinstance(event, LoopBlocked) and event.id == 2]
    assert blocked.seconds > 0.01
    assert "in hold_the_loop" in blocked.stack
    assert "the call of task 2 has held the event loop for" in caplog.text
