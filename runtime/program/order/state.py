"""Hold what all parts of one run's machine share."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

from lcc.grammar.ir.evaluation import Evaluation
from lcc.grammar.ir.operations import Meter, OperationError
from lcc.runtime.program.order.cells import Cell, Env, Todo
from lcc.runtime.program.order.hazards import Hazards

PAUSE: Final = 10_000
"""Steps after which the loop of events gets a turn."""


class Leaving(Protocol):
    """Who stands for calls that may still come, until it is told that none will. `env`: the names where they would."""

    env: Env

    def leave_region(self) -> None:
        """None will come any more."""


class State:
    """`todo`: what the machine does next. `independent`: failures end only what reads them. `pausing_at`: how many steps the present
    turn may use up to. `finish` is called when the program has come to its end. `problems`: failures that belong to no call.
    `arrive`, `start` and `give_up` are told of calls. `in_hand`: lists of values and cells that loops at work go over and gather.
    """

    def __init__(self, evaluation: Evaluation, *, max_turns: int, finish: Callable[[], None]) -> None:
        self.todo: Todo = deque()
        self.evaluation = evaluation
        self.meter: Meter = evaluation.meter
        self.hazards = Hazards()
        self.independent = False
        self.problems: list[BaseException] = []
        self.pausing_at = PAUSE
        self.finish = finish
        self.offer: Cell | None = None
        self.in_hand: dict[int, Collection[Any]] = {}
        self.arrive: Callable[[Any], None]
        self.start: Callable[[Any], None]
        self.give_up: Callable[[Any], None]
        self._turns_left = max_turns
        self._max_turns = max_turns

    @contextmanager
    def holding(self, *values: Any) -> Iterator[None]:
        """Count values as in use meanwhile."""
        key = id(values)
        self.in_hand[key] = values
        try:
            yield
        finally:
            del self.in_hand[key]

    def turn(self) -> bool:
        """Count a turn of a loop; return whether it is time to pause. Raise OperationError for one too many."""
        self._turns_left -= 1
        if self._turns_left < 0:
            raise OperationError(
                "turns",
                f"the program takes more than {self._max_turns:,} turns of loops",
                "do less in one program, or raise the limit of turns",
            )
        return self.meter.steps_used > self.pausing_at
