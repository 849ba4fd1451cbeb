"""Issue the statements of one block after the other, with names of its own, until something has to be waited for."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

from lcc.grammar.ir import NOWHERE
from lcc.grammar.ir.operations import OperationError
from lcc.grammar.source import Span
from lcc.runtime.program.exceptions import at
from lcc.runtime.program.facts.sites import Formula, Site, is_token
from lcc.runtime.program.order.cells import DONE_TOKEN, LOST, NOT_BOUND, OK, PENDING, Cell, Env, link
from lcc.runtime.program.order.hazards import LAST, Touch, Use
from lcc.runtime.program.order.scopes import LACKING, OPEN, Scope
from lcc.runtime.program.order.state import State


@dataclass(frozen=True, slots=True)
class Leave:
    """How control left a block: by which statement, the value that it gives, and where that stands."""

    kind: str
    cell: Cell | None = None
    span: Span = NOWHERE


RAISED: Final = Leave("raise")
"""Something failed where it was issued."""
OVER: Final = Leave("over")
"""A call was reached where no calls are made any more."""

Issuing: TypeAlias = Generator[Cell | None, None, Leave | None]
"""Issues statements; yields a cell that it must wait for, or None where others should have a turn. Returns how it was left."""


Settling: TypeAlias = Generator[Cell | None, None, Any]
"""Waits for a value, and returns it."""


class Blocks(Protocol):
    """Who issues blocks and values."""

    world: State

    def block(self, sites: tuple[Site, ...], env: Env, scope: Scope, turns: tuple[int, ...]) -> Issuing:
        """Issue the statements of a block."""

    def value(self, formula: Formula | None, env: Env, scope: Scope) -> Cell:
        """Return the cell of a value, which may still have to be evaluated."""

    def settled(self, formula: Formula, env: Env, scope: Scope) -> Settling:
        """Wait for a value, and return it."""

    def fork(self, site: Site, run: Callable[..., Issuing], env: Env, scope: Scope, turns: tuple[int, ...]) -> None:
        """Issue a statement in a strand of its own, and promise what it may bind."""

    def start(self, issuing: Issuing, scope: Scope, env: Env, outs: dict[Any, Cell], site: Site | None) -> Strand:
        """Start a strand."""


class Strand:
    """One such block. `outs`: the cells that it owes to what stands behind it. `leave`: how it was left, once it has ended."""

    __slots__ = ("_issuing", "_outs", "_scope", "_span", "_uses", "_waits_for", "env", "leave")

    def __init__(self, scope: Scope, issuing: Issuing, env: Env, outs: dict[Any, Cell], site: Site | None) -> None:
        self.env = env
        self.leave: Leave | None = None
        self._scope = scope
        self._span = NOWHERE if site is None else site.span
        self._issuing = issuing
        self._outs = outs
        self._waits_for: Cell | None = None
        self._uses: list[Use] = []
        scope.strand = self
        if site is not None:
            self._enter(site.writes, writes=True)
            if scope.among:
                self._enter(site.looks, writes=False)

    def _enter(self, touches: Iterable[Touch], *, writes: bool) -> None:
        if touches:
            use = Use((*self._scope.path, LAST), tuple(touches), writes=writes)
            self._scope.world.hazards.enter(use)
            self._uses.append(use)

    def leave_region(self) -> None:
        """No call will come any more."""
        uses, self._uses = self._uses, []
        world = self._scope.world
        for use in uses:
            world.todo += world.hazards.leave(use)

    def step(self) -> None:
        """Go on."""
        scope = self._scope
        if scope.state != OPEN:
            return
        if self._waits_for is not None and self._waits_for.state == LOST:
            self._lose()
            return
        try:
            while True:
                cell = next(self._issuing)
                self._waits_for = cell
                if cell is None:
                    scope.world.todo.append(self.step)
                    return
                if cell.state == PENDING:
                    cell.wait(self.step)
                    return
                if cell.state == LOST:
                    self._lose()
                    return
        except StopIteration as end:
            self.leave = end.value
        except OperationError as error:
            self.leave = RAISED
            scope.world.problems.append(error)
            scope.fail(at(error, self._span), self.env)
        self._finish()

    def _finish(self) -> None:
        self.leave_region()
        todo = self._scope.world.todo
        for key, out in self._outs.items():
            nothing = DONE_TOKEN if is_token(key) else NOT_BOUND
            link(todo, out, self.env.get(key, nothing))
        self._scope.close()

    def _lose(self) -> None:
        """What it waits for won't come. In a strict block the cause stands before it, and ends what is around both."""
        if not self._scope.tolerant:
            return
        self.leave_region()
        self._scope.suffer(LACKING)
        for key, out in self._outs.items():
            out.resolve(self._scope.world.todo, OK if is_token(key) else LOST, None)
        self._scope.close()
