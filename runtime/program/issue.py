"""Issue statements in program order: evaluate what can be, start calls, and fork what isn't known yet, so that the rest can go on.

A statement whose condition isn't known is *forked*: a strand of its own waits for it, the names that it may bind are promised, and
what stands behind it is issued. Where control may leave it for elsewhere (break, return …) nothing behind it is known to be
reached, so the strand waits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lcc.grammar.ir.evaluation import NOT_TAKEN, NotTaken
from lcc.grammar.ir.operations import OperationError, Record
from lcc.runtime.program.calls import Calls
from lcc.runtime.program.evaluations import BIND, PRINT, Outs, evaluate, is_ready, raised, values_of
from lcc.runtime.program.exceptions import at
from lcc.runtime.program.facts.sites import END_OF, FAILURE_OF, HANDLED, Formula, Site, is_token
from lcc.runtime.program.gathers import Gathers
from lcc.runtime.program.loops import Loops
from lcc.runtime.program.order.cells import (
    LOST,
    NOT_BOUND,
    OK,
    Cell,
    Env,
    Listing,
    Todo,
    after,
    find,
    known,
    link,
    lost,
)
from lcc.runtime.program.order.scopes import HARMED, LACKING, OPEN, Scope, closing
from lcc.runtime.program.order.state import State
from lcc.runtime.program.strands import OVER, RAISED, Issuing, Leave, Settling, Strand
from lcc.runtime.program.tries import Tries

_NOT_YET: Final = object()


class Issue:
    """The issuing of one run."""

    def __init__(self, world: State, calls: Calls) -> None:
        self.world = world
        self._calls = calls
        self._loops = Loops(self)
        self._tries = Tries(self)
        self._gathers = Gathers(self)

    def block(self, sites: tuple[Site, ...], env: Env, scope: Scope, turns: tuple[int, ...]) -> Issuing:
        """Issue the statements of a block."""
        step = self.world.meter.step
        leave: Leave | None = None
        for site in sites:
            try:
                step()
            except OperationError as error:
                raise at(error, site.span) from None
            if site.kind == "task":
                if scope.mute:
                    return OVER
                self._calls.issue(site, env, scope, turns)
            elif site.awaited or site.handled:
                leave = yield from self._watched(site, env, scope, turns)
            else:
                leave = yield from self._one(site, env, scope, turns)
            if leave is not None:
                return leave
            if scope.state != OPEN:
                return RAISED
        return None

    def _one(self, site: Site, env: Env, scope: Scope, turns: tuple[int, ...]) -> Issuing:
        if site.kind == "let":
            return None if self._let(site, env, scope) else RAISED
        if site.kind == "exit":
            if site.node.kind == "raise" and site.head is not None:
                return (yield from self._raise(site, site.head, env, scope))
            return self._exit(site, env, scope)
        return (yield from self._compound(site, env, scope, turns))

    def _watched(self, site: Site, env: Env, scope: Scope, turns: tuple[int, ...]) -> Issuing:
        """Issue a statement that others are ordered after, or one stands in for, in a scope of its own."""
        caught = site.handled and not scope.tolerant
        forgives = site.handled and scope.tolerant
        sub = Scope(
            self.world, scope, parallel=scope.tolerant, tolerant=scope.tolerant, guards=caught, forgives=forgives
        )
        ended = sub.ended = Cell()
        if scope.keeps:
            sub.base = scope.snapshot(env)
        if caught:
            leave = yield from self._caught(site, env, sub, turns)
        else:
            with closing(sub):
                leave = yield from self._one(site, env, sub, turns)
        env[END_OF + str(site.node.id)] = ended
        if site.handled:
            failed, env[site.node.id] = stood_in_for(self.world.todo, ended, env.get(site.node.id))
            env[FAILURE_OF + str(site.node.id)] = failed
        return leave

    def _caught(self, site: Site, env: Env, sub: Scope, turns: tuple[int, ...]) -> Issuing:
        """Issue a strict statement that another stands in for: what follows is issued once it is known whether it failed."""
        sub.done = Cell()
        strand = self.start(self._one(site, env, sub, turns), sub, env, {}, None)
        yield sub.done
        if sub.error is None:
            return strand.leave
        sub.let_off()
        if isinstance(sub.error, OperationError):
            assert sub.parent is not None
            sub.parent.fail(sub.error, env)
            return RAISED
        return None

    def _let(self, site: Site, env: Env, scope: Scope) -> bool:
        """Evaluate and bind; False if that failed."""
        source = None if site.source is None else env.get(site.source)
        if source is not None and (source.state == OK or not scope.tolerant):
            env.update(dict.fromkeys(site.targets, source))
            return True
        assert site.head is not None
        if site.bind is None:
            cell = Cell()
            outs: Outs = dict.fromkeys(site.targets, cell) if site.targets else {}
        else:
            outs = {key: Cell() for key in site.targets}
        fine = evaluate(scope, env, site.head, outs, site.bind, PRINT if site.prints else BIND)
        env.update(outs)
        return fine or scope.tolerant

    def _exit(self, site: Site, env: Env, scope: Scope) -> Leave | None:
        kind = site.node.kind
        if kind in ("break", "continue"):
            return Leave(kind)
        if kind == "raise":
            handled = env.get(HANDLED)
            error = RuntimeError("No active exception to reraise") if handled is None else handled.value
            scope.fail(at(error, site.span), env)
            return RAISED
        cell = self.value(site.head, env, scope)
        if kind == "offer":
            self.world.offer = cell
            return None
        return Leave(kind, cell, site.span if site.head is None else site.head.span)

    def _raise(self, site: Site, formula: Formula, env: Env, scope: Scope) -> Issuing:
        """Raise an exception; one that isn't taken isn't raised."""
        value = yield from self.settled(formula, env, scope)
        if value is NOT_TAKEN:
            return None
        scope.fail(at(raised(value), formula.span), env)
        return RAISED

    def value(self, formula: Formula | None, env: Env, scope: Scope) -> Cell:
        """Return the cell of a value, which may still have to be evaluated; None's where there is none."""
        if formula is None:
            return known(None)
        cell = Cell()
        evaluate(scope, env, formula, {None: cell})
        return cell

    def settled(self, formula: Formula, env: Env, scope: Scope) -> Settling:
        """Wait for a value, and return it."""
        cell = self.value(formula, env, scope)
        if cell.state != OK:
            yield cell
        return cell.value

    def _compound(self, site: Site, env: Env, scope: Scope, turns: tuple[int, ...]) -> Issuing:
        """Issue a statement that holds others: here, or in a strand of its own."""
        if site.escapes or scope.mute:
            return (yield from self.run(site, env, scope, turns))
        if not self._goes_on(site, env, scope):
            self.fork(site, self.run, env, scope, turns)
            return None
        if site.head is None:
            return (yield from self.run(site, env, scope, turns))
        try:
            cells = {key: find(self.world.todo, env, key) for key in site.head.keys}
            found = site.head.code(values_of({key: cell for key, cell in cells.items() if cell is not None}))
        except NotTaken:
            self._not_taken(site, env)
            return None
        except OperationError:
            raise
        except Exception as error:
            return self._failed(site, error, env, scope)
        return (yield from self.run(site, env, scope, turns, found))

    def _goes_on(self, site: Site, env: Env, scope: Scope) -> bool:
        """Whether all that decides how a statement goes on is known, and issuing the rest needs no waiting."""
        match site.kind:
            case "if":
                pass
            case "loop":
                if (site.conditional_exits and site.inner is None) or self._loops.is_live(site):
                    return False
            case "inline":
                return not site.conditional_exits
            case "region":
                return not scope.tolerant and site.when is None
            case _:
                return False
        return site.head is not None and is_ready(scope, env, site.head)

    def _not_taken(self, site: Site, env: Env) -> None:
        """Pass over a statement that reads what wasn't taken; a loop gives nothing then."""
        if site.kind == "loop":
            env[site.node.id] = known(NOT_TAKEN)

    def _failed(self, site: Site, error: Exception, env: Env, scope: Scope) -> Leave | None:
        assert site.head is not None
        at(error, site.head.span)
        if not scope.tolerant:
            scope.fail(error, env)
            return RAISED
        scope.problem(error)
        env.update({key: lost() for key in site.assigns if not is_token(key)})
        return None

    def run(self, site: Site, env: Env, scope: Scope, turns: tuple[int, ...], found: Any = _NOT_YET) -> Issuing:
        """Issue a statement here; `found` is the value that decides how it goes on, if it is known."""
        if found is _NOT_YET and site.kind in ("if", "loop"):
            assert site.head is not None
            found = yield from self.settled(site.head, env, scope)
        if found is NOT_TAKEN:
            self._not_taken(site, env)
            return None
        match site.kind:
            case "if":
                return (yield from self.block(site.body if found else site.orelse, env, scope, turns))
            case "loop":
                return (yield from self._loops.each(site, env, scope, turns, found))
            case "while":
                return (yield from self._loops.repeat(site, env, scope, turns))
            case "try":
                return (yield from self._tries.run(site, env, scope, turns))
            case "gather":
                return (yield from self._gathers.run(site, env, scope, turns))
            case "inline":
                return (yield from self._inline(site, env, scope, turns))
            case "region":
                return (yield from self._region(site, env, scope, turns))
        raise AssertionError(site.kind)

    def fork(self, site: Site, run: Any, env: Env, scope: Scope, turns: tuple[int, ...]) -> None:
        """Issue a statement in a strand of its own, and promise what it may bind."""
        inner = {key: env[key] for key in site.free if key in env}
        sub = Scope(self.world, scope, parallel=scope.tolerant, tolerant=scope.tolerant)
        if scope.keeps:
            sub.base = scope.snapshot(env)
        outs: Outs = {key: Cell() for key in site.assigns}
        if site.kind == "loop" and site.value is not None:
            outs[site.node.id] = Listing()
        env.update(outs)
        self.start(run(site, inner, sub, turns), sub, inner, outs, site)

    def start(self, issuing: Issuing, scope: Scope, env: Env, outs: Outs, site: Site | None) -> Strand:
        """Start a strand."""
        strand = Strand(scope, issuing, env, outs, site)
        strand.step()
        return strand

    def _inline(self, site: Site, env: Env, scope: Scope, turns: tuple[int, ...]) -> Issuing:
        env.update(dict.fromkeys(site.node.names, NOT_BOUND))
        leave = yield from self.block(site.body, env, scope, turns)
        if leave is not None and leave.kind != "return":
            return leave
        env[site.node.id] = known(None) if leave is None or leave.cell is None else leave.cell
        return None

    def _region(self, site: Site, env: Env, scope: Scope, turns: tuple[int, ...]) -> Issuing:
        """Issue strict statements. Among independent steps they begin once all results that they read are there, and fail as one."""
        names = site.node.names
        if not scope.tolerant:
            if not (yield from self._is_due(site, env, scope)):
                env[site.node.id] = known(NOT_TAKEN)
                return None
            leave = yield from self.block(site.body, env, scope, turns)
            env[site.node.id] = self._record(names, env, scope)
            return leave
        for key in site.reads:
            cell = find(self.world.todo, env, key)
            if cell is not None and cell.state != OK:
                yield cell
        if not (yield from self._is_due(site, env, scope)):
            env[site.node.id] = known(NOT_TAKEN)
            return None
        sub = Scope(self.world, scope, guards=True)
        sub.done = Cell()
        self.start(self.block(site.body, env, sub, turns), sub, env, {}, None)
        yield sub.done
        failure = sub.error
        if failure is not None:
            scope.problem(failure)
        sub.let_off()
        env[site.node.id] = lost() if failure is not None else self._record(names, env, scope)
        return None

    def _is_due(self, site: Site, env: Env, scope: Scope) -> Settling:
        """Return whether the condition of a region is true; one that reads what isn't taken isn't."""
        value = True if site.when is None else (yield from self.settled(site.when, env, scope))
        return value is not NOT_TAKEN and bool(value)

    def _record(self, names: tuple[str, ...], env: Env, scope: Scope) -> Cell:
        """Return the cell of a record of names, as far as they are bound."""
        cells: Env = {name: env[name] for name in names if name in env}
        formula = Formula(_record, tuple(cells))
        return self.value(formula, cells, scope)


def _record(names: Mapping[Any, Any]) -> Record:
    """Return a record of names; what wasn't taken is null in it, as in a join."""
    return Record({name: None if value is NOT_TAKEN else value for name, value in names.items()})


def stood_in_for(todo: Todo, ended: Cell, result: Cell | None) -> tuple[Cell, Cell]:
    """Return whether a step failed, for who stands in its place, and its result, which isn't taken then: a list as a whole."""
    failed = Cell()
    given = Listing() if isinstance(result, Listing) else Cell()

    def settle() -> None:
        failed.resolve(todo, LOST if ended.value == LACKING else OK, ended.value == HARMED)
        if ended.value == HARMED:
            given.resolve(todo, OK, NOT_TAKEN)
        else:
            link(todo, given, result or known(None))

    after(ended, settle)
    return failed, given
