"""Call back with an ask's events; what the callback raises ends the ask, and is raised from it as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lcc.ask.answer import Answer
from lcc.ask.events import AskEvent, AskSink
from lcc.runtime.run import hand_over


class Listener:
    """A callback that is called no more once it has raised: from then on every event raises the same again, so that nothing goes on.

    `so_far`: returns an answer with what is known by then.
    """

    def __init__(self, callback: AskSink | None) -> None:
        self._callback = callback
        self._error: BaseException | None = None
        self.so_far: Callable[[], Answer] | None = None

    def __call__(self, event: AskEvent) -> None:
        """Pass an event on."""
        if self._callback is None:
            return
        if self._error is not None:
            raise self._error
        try:
            self._callback(event)
        except BaseException as error:
            self._error = error
            raise

    @contextmanager
    def own_error(self) -> Iterator[None]:
        """Raise the callback's exception, whatever the ask has made of it."""
        try:
            yield
        except Exception:
            if self._error is None:
                raise
        if self._error is not None:
            if self.so_far is not None:
                hand_over(self._error, "lcc_answer", self.so_far())
            raise self._error
