"""Issue gathers: parts that are independent of each other, each in a strand of its own."""

from __future__ import annotations

from typing import Any

from lcc.grammar.ir.evaluation import NOT_TAKEN
from lcc.grammar.ir.operations import OperationError, caught, iterate
from lcc.runtime.program.exceptions import at
from lcc.runtime.program.facts.sites import Site, is_token
from lcc.runtime.program.loops import Collected, Window
from lcc.runtime.program.order.cells import DONE_TOKEN, OK, Cell, Env, known, link
from lcc.runtime.program.order.scopes import FAILED, Scope, closing
from lcc.runtime.program.strands import OVER, RAISED, Blocks, Issuing, Settling, Strand

_VALUE = "@value"


class Gathers:
    """Issues gathers."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._world = blocks.world

    def run(self, site: Site, env: Env, scope: Scope, turns: tuple[int, ...]) -> Issuing:
        """Issue a gather: its value is there once all parts' are, and it is over when they are."""
        parts = yield from self._parts(site, env, scope, turns)
        if parts is None:
            return RAISED
        group = Scope(self._world, scope, parallel=True)
        group.base, group.keeps = scope.snapshot(env), frozenset()
        group.done = Cell() if site.escapes else None
        window, got = Window(group), list[Cell]()
        strands: list[Strand] = []
        with closing(group), self._world.holding([item for _, item, _ in parts], got):
            for part, item, path in parts:
                if self._world.turn():
                    yield None
                while (full := window.full()) is not None:
                    yield full
                cell, strand = self._part(part, item, env, group, path, gives_failures=site.node.exceptions)
                got.append(cell)
                if site.escapes or scope.mute:
                    strands.append(strand)
        env[site.node.id] = Collected(self._world, got).cell
        if group.done is None:
            return OVER if any(one.leave is OVER for one in strands) else None
        yield group.done
        if group.error is not None:
            group.let_off()
            scope.fail(group.error, env)
            return RAISED
        # What was raised in a part is a value by now, or else the error of the group.
        return next((one.leave for one in strands if one.leave is not None and one.leave is not RAISED), None)

    def _parts(self, site: Site, env: Env, scope: Scope, turns: tuple[int, ...]) -> Settling:
        """Return the parts, one for each item where a part has items; None if they can't be gone over."""
        parts: list[tuple[Site, Any, tuple[int, ...]]] = []
        for part in site.parts:
            if part.head is None:
                parts.append((part, None, turns))
                continue
            items = yield from self._blocks.settled(part.head, env, scope)
            items = () if items is NOT_TAKEN else items
            try:
                parts += [(part, item, (*turns, place)) for place, item in enumerate(iterate(items))]
            except TypeError as error:
                scope.fail(at(error, part.head.span), env)
                return None
        return parts

    def _part(
        self, part: Site, item: Any, env: Env, group: Scope, turns: tuple[int, ...], *, gives_failures: bool
    ) -> tuple[Cell, Strand]:
        inner = {key: env[key] for key in part.free if key in env}
        scope = Scope(self._world, group, guards=gives_failures)
        cell = Cell()
        before = {key: env.get(key, DONE_TOKEN) for key in part.assigns if is_token(key)}
        tokens = {key: Cell() for key in before}
        env.update(tokens)
        value, owed = cell, tokens
        if gives_failures:
            value, owed = Cell(), {}
            scope.done = Cell()
            after = [(token, before[key]) for key, token in tokens.items()]
            scope.done.wait(lambda: self._settle(scope, value, cell, after))
        issuing = self._issue(part, item, inner, scope, turns)
        return cell, self._blocks.start(issuing, scope, inner, {**owed, _VALUE: value}, part)

    def _settle(self, scope: Scope, value: Cell, cell: Cell, tokens: list[tuple[Cell, Cell]]) -> None:
        """Give a part's failure as its value; one that nothing handles stays one. `tokens`: its own, and those before it."""
        error, todo = scope.error, self._world.todo
        for token, before in tokens:
            link(todo, token, before)
        if error is None:
            cell.resolve(todo, OK, value.value)
        elif isinstance(error, OperationError):
            scope.state = FAILED
            assert scope.parent is not None
            scope.parent.advance()
        else:
            cell.resolve(todo, OK, caught(error))
            scope.let_off()

    def _issue(self, part: Site, item: Any, env: Env, scope: Scope, turns: tuple[int, ...]) -> Issuing:
        if part.targets:
            try:
                made: dict[Any, Any] = {part.targets[0]: item}
                if part.bind is not None:
                    made = {}
                    part.bind(item, made)
            except OperationError:
                raise
            except Exception as error:
                scope.fail(at(error, part.span), env)
                return RAISED
            env.update({key: known(value) for key, value in made.items()})
        leave = yield from self._blocks.block(part.body, env, scope, turns)
        if leave is None:
            env[_VALUE] = self._blocks.value(part.value, env, scope)
        return leave
