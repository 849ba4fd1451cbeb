"""Issue what handles failures. The body is a scope of its own, in a strand of its own; how it ends decides what comes next."""

from __future__ import annotations

from typing import Any

from lcc.grammar.ir.evaluation import NOT_TAKEN
from lcc.grammar.ir.operations import ClassValue, OperationError, caught, is_subclass
from lcc.runtime.program.exceptions import at
from lcc.runtime.program.facts.sites import HANDLED, Site, is_token
from lcc.runtime.program.order.cells import DONE_TOKEN, NOT_BOUND, Cell, Env, known
from lcc.runtime.program.order.scopes import Scope, closing
from lcc.runtime.program.strands import RAISED, Blocks, Issuing, Leave


class Tries:
    """Issues tries: those with handlers, and those with a `finally`."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._world = blocks.world

    def run(self, site: Site, env: Env, scope: Scope, turns: tuple[int, ...]) -> Issuing:
        """Issue a try."""
        inner = site.inner
        assert inner is not None
        own = {key: env[key] for key in inner.free if key in env}
        body = Scope(self._world, scope, guards=True)
        body.keeps = scope.keeps | inner.assigns
        body.done = Cell()
        strand = self._blocks.start(self._blocks.block(site.body, own, body, turns), body, own, {}, inner)
        yield body.done
        if body.error is None:
            env.update({key: own[key] for key in inner.assigns if key in own})
            leave = strand.leave
        else:
            names = body.names or {}
            for key in inner.assigns:
                env[key] = names.get(key, DONE_TOKEN if is_token(key) else NOT_BOUND)
            body.let_off()
            leave = RAISED
        if site.node.final:
            return (yield from self._finally(site, body.error, leave, env, scope, turns))
        if body.error is not None:
            return (yield from self._handle(site, body.error, env, scope, turns))
        if leave is not None:
            return leave
        return (yield from self._blocks.block(site.orelse, env, scope, turns))

    def _handle(self, site: Site, error: BaseException, env: Env, scope: Scope, turns: tuple[int, ...]) -> Issuing:
        """Issue the handler for a failure; without one it goes on from here."""
        if isinstance(error, OperationError):
            scope.fail(error, env)
            return RAISED
        for handler in site.handlers:
            if handler.head is not None:
                classes = yield from self._blocks.settled(handler.head, env, scope)
                try:
                    if not catches(classes, error):
                        continue
                except TypeError as wrong:
                    scope.fail(at(wrong, handler.head.span), env)
                    return RAISED
            return (yield from self._handler(handler, error, env, scope, turns))
        scope.fail(error, env)
        return RAISED

    def _handler(self, site: Site, error: BaseException, env: Env, scope: Scope, turns: tuple[int, ...]) -> Issuing:
        before = env.get(HANDLED)
        env[HANDLED] = known(error)
        if site.name is None:
            leave = yield from self._blocks.block(site.body, env, scope, turns)
        else:
            env[site.name] = known(caught(error))
            sub = Scope(self._world, scope)
            sub.drops = (site.name,)
            with closing(sub):
                leave = yield from self._blocks.block(site.body, env, sub, turns)
            env[site.name] = NOT_BOUND
        if before is None:
            del env[HANDLED]
        else:
            env[HANDLED] = before
        return leave

    def _finally(
        self,
        site: Site,
        error: BaseException | None,
        leave: Leave | None,
        env: Env,
        scope: Scope,
        turns: tuple[int, ...],
    ) -> Issuing:
        """Issue a `finally`; then go on as the body left. Where the program has ended it stops at the first call."""
        over = isinstance(error, OperationError) or (leave is not None and leave.kind in ("answer", "over"))
        if over:
            yield from self._last(site, env, scope, turns)
        else:
            last = yield from self._blocks.block(site.orelse, env, scope, turns)
            if last is not None:
                return last
        if error is not None:
            scope.fail(error, env)
        return leave

    def _last(self, site: Site, env: Env, scope: Scope, turns: tuple[int, ...]) -> Issuing:
        """Issue a `finally` where the program has ended: however it is left, and whatever fails in it, that stands."""
        quiet = Scope(self._world, scope, guards=True)
        quiet.mute = True
        quiet.done = Cell()
        with closing(quiet):
            yield from self._blocks.block(site.orelse, env, quiet, turns)
        yield quiet.done
        if isinstance(quiet.error, OperationError):
            scope.fail(quiet.error, env)
        if quiet.error is not None:
            quiet.let_off()
        return None


def catches(classes: Any, error: BaseException) -> bool:
    """Whether `except classes` takes an exception; raise TypeError for what are no classes."""
    if isinstance(classes, tuple):
        return any(catches(one, error) for one in classes)
    if classes is NOT_TAKEN:
        return False
    if not isinstance(classes, ClassValue):
        raise TypeError("catching classes that do not inherit from BaseException is not allowed")
    return is_subclass(type(error), classes.name)
