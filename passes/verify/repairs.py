"""Keep what a parser guessed away from writes.

A write or destructive call is refused if a repair touched its own text, or decided what a reference names that it depends on,
its own or that of a task whose result it reads, directly or not. A call of an undeclared tool gets a warning.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.ir import NOWHERE, Task, TaskId, dependencies
from lcc.grammar.signatures import Effect
from lcc.passes.analysis.calls import Calls

RESOLVING: Final = frozenset({"R003", "R030", "R031", "R033"})
"""The repairs that decide what a reference names: renumbered, reference-style, result-path, forward-reference."""


class RepairChecker:
    """Check task by task, in plan order."""

    def __init__(self, calls: Calls, repaired: Mapping[int, Sequence[str]], resolved: Collection[TaskId]) -> None:
        self._calls = calls
        self._repaired = repaired
        self._resolved = resolved
        self._guessed: dict[TaskId, TaskId] = {}

    def check(self, task: Task) -> Iterator[Diagnostic]:
        """Yield why a call that may change the outside must not be made from this text."""
        if not self._repaired and not self._resolved:
            return
        if task.id in self._resolved or not RESOLVING.isdisjoint(self._codes(task)):
            self._guessed[task.id] = task.id
        for id in dependencies(task):
            if id in self._guessed:
                self._guessed.setdefault(task.id, self._guessed[id])
        reason = self._reason(task)
        effect = self._calls.effect(task.tool)
        if reason is None or effect.may_start_early:
            return
        span = None if task.span == NOWHERE else task.span
        if effect is Effect.UNDECLARED:
            message = f"`{task.tool}` may change the outside, and {reason}"
            yield Diagnostic("V022", Severity.WARNING, message, span, "declare its effect, or check the call")
        else:
            message = f"`{task.tool}` is {effect}, and {reason}"
            yield Diagnostic("V021", Severity.ERROR, message, span, "write the call as it is meant")

    def _codes(self, task: Task) -> Sequence[str]:
        return self._repaired.get(task.id, ()) if isinstance(task.id, int) else ()

    def _reason(self, task: Task) -> str | None:
        codes = self._codes(task)
        if codes:
            return f"its text was repaired ({', '.join(codes)})"
        guess = self._guessed.get(task.id)
        if guess is None:
            return None
        whose = "a reference in it" if guess == task.id else f"a reference in task {guess}, on which it depends,"
        return f"{whose} was repaired"
