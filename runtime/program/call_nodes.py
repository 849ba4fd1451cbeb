"""Hold the state of a call of a program: an entry of its scope, and a call of the scheduler."""

from __future__ import annotations

from collections.abc import Iterable

from lcc.grammar.ir import TaskId
from lcc.grammar.values import Json
from lcc.runtime.graph.node import Call
from lcc.runtime.program.facts.sites import Site
from lcc.runtime.program.order.cells import Cell, Env, known
from lcc.runtime.program.order.hazards import Position, Touch, Use
from lcc.runtime.program.order.scopes import FRONT, GONE, OPEN, Scope


class CallNode(Call):
    """One call. `waiting` counts the cells that it waits for. `given`: its arguments, once they are known.

    `cell`: its result. `token`: resolved once its arguments are known, for who changes what they are made of. `use`: what it may
    touch, as far as others wait for it; `touches`: what it touches. `handled`: whether it failed, for the step
    that stands in its place then. `ended`: whether it ended well, for those that are ordered after it. `sent`: it was handed to the scheduler, or is answered by a twin.
    """

    __slots__ = (
        "cell", "ended", "error", "frame", "given", "handled", "index", "level", "merged", "names", "scope", "sent", "site", "state", "token",
        "touches", "twins", "use",
    )  # fmt: skip
    text: str | None = None

    def __init__(self, id_: TaskId, place: int, site: Site, scope: Scope) -> None:
        # Written out, as in `Call`.
        self.id = id_
        self.place = place
        self.waiting = self.attempts = self.holds = self.running = 0
        self.readers = self.followers = self.status = self.value = self.failure = self.doom = self.start = None
        self.parent = self.item = self.held_by = None
        self.in_doubt = False
        self.end = 0.0
        self.binding = site.binding
        self.task = site.node
        self.priority = site.node.priority
        self.site = site
        self.scope = scope
        self.cell = Cell()
        self.handled: Cell | None = None
        self.ended: Cell | None = None
        self.state = OPEN
        self.level = 0
        self.sent = False
        self.error: BaseException | None = None
        self.names: Env | None = None
        self.frame: tuple[Cell | None, ...] | None = None
        self.given: dict[str, Json] | None = None
        self.token: Cell | None = None
        self.use: Use | None = None
        self.touches: tuple[Touch, ...] = ()
        self.twins: list[CallNode] | None = None
        self.merged: TaskId | None = None
        self.index = scope.count

    @property
    def position(self) -> Position:
        """Where it stands in program order."""
        return (*self.scope.path, self.index)

    def promote(self, level: int) -> None:
        """Everything before it has ended well."""
        self.level = level
        if level >= FRONT and self.given is not None and not self.sent and self.state == OPEN:
            self.scope.world.todo.append(self.try_to_start)

    def read(self) -> Env:
        """Return the cells of what it reads, by name, until they have all arrived."""
        cells = () if self.frame is None else zip(self.site.keys, self.frame, strict=True)
        return {key: cell for key, cell in cells if cell is not None}

    def one_arrived(self) -> None:
        """One more of what it reads is there, or lost."""
        self.waiting -= 1
        if not self.waiting:
            self.scope.world.arrive(self)

    def try_to_start(self) -> None:
        """Start if nothing holds it."""
        self.scope.world.start(self)

    def reaches(self) -> Iterable[Env | None]:
        """Return what it reads, or is given, and its result."""
        return (self.read(), self.names, {"given": known(self.given), "result": self.cell})

    def abandon(self) -> None:
        """It won't be reached."""
        self.state = GONE
        if not self.sent:
            self.scope.world.give_up(self)
