"""Issue statements in program order: evaluate what can be, start calls, and fork what isn't known yet, so that the rest can go on.

A statement whose condition isn't known is *forked*: a strand of its own waits for it, the names that it may bind are promised, and
what stands behind it is issued. Where control may leave it for elsewhere (break, return …) nothing behind it is known to be
reached, so the strand waits.
"""

from __future__ import annotations

from typing import Any, Final

from lcc.grammar.ir.evaluation import NOT_TAKEN, NotTaken
from lcc.grammar.ir.operations import OperationError, Record
from lcc.runtime.program.calls import Calls
from lcc.runtime.program.evaluations import BIND, PRINT, RAISE, Outs, evaluate, is_ready, values_of
from lcc.runtime.program.exceptions import at
from lcc.runtime.program.facts.sites import HANDLED, Formula, Site, is_token
from lcc.runtime.program.gathers import Gathers
from lcc.runtime.program.loops import Loops
from lcc.runtime.program.order.cells import NOT_BOUND, OK, Cell, Env, known, lost
from lcc.runtime.program.order.scopes import OPEN, Scope
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
        for site in sites:
            try:
                step()
            except OperationError as error:
                raise at(error, site.span) from None
            match site.kind:
                case "task":
                    if scope.mute:
                        return OVER
                    self._calls.issue(site, env, scope, turns)
                case "let":
                    if not self._let(site, env, scope):
                        return RAISED
                case "exit":
                    leave = self._exit(site, env, scope)
                    if leave is not None:
                        return leave
                case _:
                    leave = yield from self._compound(site, env, scope, turns)
                    if leave is not None:
                        return leave
            if scope.state != OPEN:
                return RAISED
        return None

    def _let(self, site: Site, env: Env, scope: Scope) -> bool:
        """Evaluate and bind; False if that failed."""
        if site.source is not None and site.source in env:
            source = env[site.source]
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
            if site.head is None:
                handled = env.get(HANDLED)
                error = RuntimeError("No active exception to reraise") if handled is None else handled.value
                scope.fail(at(error, site.span), env)
            else:
                evaluate(scope, env, site.head, {}, None, RAISE)
            return RAISED
        cell = self.value(site.head, env, scope)
        if kind == "offer":
            self.world.offer = cell
            return None
        return Leave(kind, cell, site.span if site.head is None else site.head.span)

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
            found = site.head.code(values_of({key: env[key] for key in site.head.keys if key in env}))
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
        self.world.problems.append(error)
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
            if site.when is not None and not (yield from self.settled(site.when, env, scope)):
                env[site.node.id] = known(NOT_TAKEN)
                return None
            leave = yield from self.block(site.body, env, scope, turns)
            env[site.node.id] = self._record(names, env, scope)
            return leave
        for key in site.reads:
            if key in env and env[key].state != OK:
                yield env[key]
        if site.when is not None and not (yield from self.settled(site.when, env, scope)):
            env[site.node.id] = known(NOT_TAKEN)
            return None
        sub = Scope(self.world, scope, guards=True)
        sub.done = Cell()
        self.start(self.block(site.body, env, sub, turns), sub, env, {}, None)
        yield sub.done
        failure = sub.error
        if failure is not None:
            self.world.problems.append(failure)
        sub.let_off()
        env[site.node.id] = lost() if failure is not None else self._record(names, env, scope)
        return None

    def _record(self, names: tuple[str, ...], env: Env, scope: Scope) -> Cell:
        """Return the cell of a record of names, as far as they are bound."""
        cells: Env = {name: env[name] for name in names if name in env}
        formula = Formula(Record, tuple(cells))
        return self.value(formula, cells, scope)
