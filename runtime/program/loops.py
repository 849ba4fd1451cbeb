"""Issue loops turn by turn. Turns overlap unless something that one reads comes from the one before it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from operator import itemgetter
from typing import Any, Final

from lcc.grammar.ir.evaluation import NOT_TAKEN
from lcc.grammar.ir.operations import OperationError, iterate
from lcc.grammar.source import Span
from lcc.runtime.program.evaluations import ITEM, evaluate
from lcc.runtime.program.exceptions import at
from lcc.runtime.program.facts.sites import EACH, LITERAL, Formula, Site
from lcc.runtime.program.order.cells import (
    DONE_TOKEN,
    LOST,
    OK,
    PENDING,
    Cell,
    Env,
    Listing,
    Todo,
    known,
    lost,
    settled,
)
from lcc.runtime.program.order.scopes import OPEN, Scope
from lcc.runtime.program.order.state import State
from lcc.runtime.program.strands import RAISED, Blocks, Issuing, Leave, Settling

WINDOW: Final = 4_096
"""A loop with so many turns that aren't over waits for one: what has been issued takes memory."""
_END: Final = object()


class Collected:
    """The list of what turns give, once all have. What wasn't taken is left out (`gaps`: some may be so); one that is lost loses it."""

    def __init__(self, world: State, cells: list[Cell], *, gaps: bool = True) -> None:
        self.cell = Listing()
        self.cell.open(world.todo, cells, gaps=gaps)
        self._todo: Todo = world.todo
        self._world = world
        self._cells = cells
        self._at = 0
        self._go_on()

    def _go_on(self) -> None:
        cells = self._cells
        while self._at < len(cells):
            if cells[self._at].state == PENDING:
                cells[self._at].wait(self._go_on)
                return
            self._at += 1
        if any(cell.state == LOST for cell in cells):
            self.cell.resolve(self._todo, LOST, None)
        else:
            self.cell.resolve(self._todo, OK, [cell.value for cell in cells if cell.value is not NOT_TAKEN])


class Window:
    """Bounds the turns of one loop that aren't over, by the entries that its scope has taken in and given off."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._ends: deque[int] = deque()

    def full(self) -> Cell | None:
        """Count a turn; return what to wait for if there are too many."""
        scope, ends = self._scope, self._ends
        ends.append(scope.count)
        if len(ends) < WINDOW:
            return None
        gone = scope.count - len(scope.entries)
        while ends and ends[0] <= gone:
            ends.popleft()
        if len(ends) < WINDOW:
            return None
        ends.pop()
        if scope.turned is None:
            scope.turned = Cell()
        return scope.turned


class Own:
    """The tokens of what each turn of a loop has for itself: none waits for another's, and what stands behind the loop for all."""

    def __init__(self, world: State, tokens: tuple[str, ...], env: Env) -> None:
        self._world = world
        self._cells = {token: [env[token]] if token in env else [] for token in tokens}

    def turn(self, env: Env) -> None:
        """Begin a turn."""
        self._keep(env)
        env.update(dict.fromkeys(self._cells, DONE_TOKEN))

    def _keep(self, env: Env) -> None:
        for token, cells in self._cells.items():
            cell = env.get(token, DONE_TOKEN)
            if cell is not DONE_TOKEN:
                cells.append(cell)

    def end(self, env: Env) -> None:
        """Leave the loop."""
        self._keep(env)
        env.update({token: Collected(self._world, cells).cell for token, cells in self._cells.items()})


class Loops:
    """Issues the turns of loops."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._world = blocks.world

    def is_live(self, site: Site) -> bool:
        """Whether what a loop goes over may change while it does."""
        return any(token in one.assigns for token in site.tokens for one in site.body)

    def each(self, site: Site, env: Env, scope: Scope, turns: tuple[int, ...], items: Any) -> Issuing:
        """Issue a for loop."""
        if items is LITERAL:
            items = yield from self._written(site, env, scope)
            if items is NOT_TAKEN:
                env[site.node.id] = known(NOT_TAKEN)
                return None
        own = Own(self._world, site.restarts, env) if site.restarts else None
        got: list[Cell] = []
        with self._world.holding(items, got):
            leave = yield from self._each(site, env, scope, turns, items, own, got)
        if own is not None:
            own.end(env)
        return leave

    def _written(self, site: Site, env: Env, scope: Scope) -> Settling:
        """Return the cells of items that are written out: one that fails is lost alone, one that isn't taken takes the loop with it."""
        cells = [Cell() for _ in site.items]
        for cell, formula in zip(cells, site.items, strict=True):
            evaluate(scope, env, formula, {None: cell}, None, ITEM)
        for cell in cells if site.unsure else ():
            yield settled(self._world.todo, cell)
        return NOT_TAKEN if any(cell.value is NOT_TAKEN for cell in cells) else cells

    def _next(
        self, site: Site, iterator: Iterator[Any], env: Env, scope: Scope, live: tuple[str, ...], *, gaps: bool
    ) -> Settling:
        """Bind the next item; return whether there is one, or what was raised. `gaps`: those that turn out not taken are passed over."""
        for token in live:
            if token in env and env[token].state != OK:
                yield env[token]
        try:
            item: Any = next(iterator, _END)
            while gaps and item is not _END:
                yield settled(self._world.todo, item)
                if item.value is not NOT_TAKEN:
                    break
                item = next(iterator, _END)
            if item is not _END:
                self._bind(site, item, env, scope)
        except OperationError:
            raise
        except Exception as error:
            return error
        return item is not _END

    def _each(
        self, site: Site, env: Env, scope: Scope, turns: tuple[int, ...], items: Any, own: Own | None, got: list[Cell]
    ) -> Issuing:
        live = site.tokens if self.is_live(site) else ()
        gaps = isinstance(items, Listing) and items.gaps
        try:
            iterator: Iterator[Any] = iter(iterate(items.parts if isinstance(items, Listing) else items))
        except TypeError as error:
            return self._failed(site, error, env, scope)
        window = Window(scope)
        turn = 0
        while (bound := (yield from self._next(site, iterator, env, scope, live, gaps=gaps))) is True:
            yield from self._pace(site, window)
            if own is not None:
                own.turn(env)
            leave = yield from self._turn(site, env, scope, (*turns, turn))
            if leave is not None and leave.kind == "break":
                self._end(site, env, got)
                return None
            if leave is not None and leave.kind != "continue":
                return leave
            if site.value is not None:
                got.append(self._blocks.value(site.value, env, scope))
            if scope.state != OPEN:
                return RAISED
            turn += 1
        if bound is not False:
            return self._failed(site, bound, env, scope)
        leave = yield from self._blocks.block(site.orelse, env, scope, turns)
        self._end(site, env, got)
        return leave

    def _end(self, site: Site, env: Env, got: list[Cell]) -> None:
        if site.value is not None:
            env[site.node.id] = Collected(self._world, got, gaps=site.gaps).cell

    def _failed(self, site: Site, error: Exception, env: Env, scope: Scope) -> Leave | None:
        """End a loop that can't go on; among independent steps it is lost, and the others aren't."""
        at(error, _head(site))
        if not scope.tolerant:
            scope.fail(error, env)
            return RAISED
        scope.problem(error)
        env[site.node.id] = lost()
        return None

    def _bind(self, site: Site, item: Any, env: Env, scope: Scope) -> None:
        if site.bind is None:
            env[site.targets[0]] = item if isinstance(item, Cell) else known(item)
            return
        if isinstance(item, Cell):  # to be taken apart once it is there
            outs = {key: Cell() for key in site.targets}
            evaluate(scope, {EACH: item}, Formula(itemgetter(EACH), (EACH,), span=_head(site)), outs, site.bind)
            env.update(outs)
            return
        frame: dict[Any, Any] = {}
        try:
            site.bind(item, frame)
        finally:
            env.update({key: known(value) for key, value in frame.items()})

    def _pace(self, site: Site, window: Window) -> Issuing:
        """Count a turn, and wait where the loop is ahead of what has ended, or others should have a turn."""
        try:
            pause = self._world.turn()
        except OperationError as error:
            raise at(error, _head(site)) from None
        if pause:
            yield None
        while (full := window.full()) is not None:
            yield full
        return None

    def _turn(self, site: Site, env: Env, scope: Scope, turns: tuple[int, ...]) -> Issuing:
        if site.inner is None:
            return (yield from self._blocks.block(site.body, env, scope, turns))
        self._blocks.fork(site.inner, self._whole, env, scope, turns)
        return None

    def _whole(self, site: Site, env: Env, scope: Scope, turns: tuple[int, ...]) -> Issuing:
        yield from self._blocks.block(site.body, env, scope, turns)
        return None

    def repeat(self, site: Site, env: Env, scope: Scope, turns: tuple[int, ...]) -> Issuing:
        """Issue a while loop."""
        assert site.head is not None
        window = Window(scope)
        turn = 0
        while test := (yield from self._blocks.settled(site.head, env, scope)):
            if test is NOT_TAKEN:
                return None
            yield from self._pace(site, window)
            leave = yield from self._blocks.block(site.body, env, scope, (*turns, turn))
            if leave is not None and leave.kind == "break":
                return None
            if leave is not None and leave.kind != "continue":
                return leave
            turn += 1
        return (yield from self._blocks.block(site.orelse, env, scope, turns))


def _head(site: Site) -> Span:
    return site.span if site.head is None else site.head.span
