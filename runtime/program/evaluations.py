"""Evaluate values where they stand: at once if what they read is there, else as an entry that waits for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from lcc.grammar.ir.evaluation import NOT_TAKEN, NotTaken
from lcc.grammar.ir.operations import CLASSES, EXCEPTION_KINDS, ClassValue, OperationError, exception, is_exception
from lcc.runtime.program.exceptions import at
from lcc.runtime.program.facts.sites import Formula
from lcc.runtime.program.order.cells import LOST, OK, PENDING, UNBOUND, Cell, Env, find
from lcc.runtime.program.order.scopes import CLEAR, DONE, FAILED, GONE, LACKING, OPEN, Ended, Scope

BIND: Final = 0
PRINT: Final = 1
ITEM: Final = 2
"""What a value is evaluated for. An item that is lost is so alone: whether that matters, who reads it decides."""

Outs = dict[Any, Cell]


def values_of(frame: Env) -> dict[Any, Any]:
    """Return the frame in which a value is evaluated; names that aren't bound are missing in it."""
    return {key: cell.value for key, cell in frame.items() if cell.value is not UNBOUND}


def raised(value: Any) -> BaseException:
    """Return the exception that `raise value` raises."""
    if isinstance(value, ClassValue):
        kind = EXCEPTION_KINDS.get(value.name)
        if kind is not None:
            try:
                return kind()
            except TypeError as error:  # it takes arguments
                return error
        if value.name not in CLASSES:  # that of a tool
            return exception(value.name)
    return value if is_exception(value) else TypeError("exceptions must derive from BaseException")


class Waiting:
    """A value that can't be evaluated yet. `held`: it changes an object, and what stands before it might still fail in a try."""

    __slots__ = (
        "_bind", "_formula", "_frame", "_held", "_outs", "_pending", "_purpose", "_scope", "_token", "error", "level", "names",
        "state", "text",
    )  # fmt: skip

    def __init__(
        self, scope: Scope, env: Env, formula: Formula, frame: Env, outs: Outs, bind: Any, purpose: int, pending: int
    ) -> None:
        self.state = OPEN
        self.error: BaseException | None = None
        self.text: str | None = None
        self.level = 0
        self.names = scope.snapshot(env)
        self._scope = scope
        self._formula = formula
        self._frame: Env | None = frame
        self._outs = outs
        self._bind = bind
        self._purpose = purpose
        self._pending = pending
        self._held = formula.mutates and scope.guarded
        self._token: Cell | None = None
        if formula.tokens:
            self._token = Cell()
            env.update(dict.fromkeys(formula.tokens, self._token))
        for cell in frame.values():
            if cell.state == PENDING:
                cell.wait(self._arrive)
            elif cell.state == LOST:
                scope.world.todo.append(self._arrive)

    def promote(self, level: int) -> None:
        """Everything before it has ended well."""
        self.level = level
        if not self._pending and self._held and self.state == OPEN:
            self._scope.world.todo.append(self._go)

    def abandon(self) -> None:
        """It won't be reached."""
        self.state = GONE
        self._frame = None

    def reaches(self) -> Iterable[Env | None]:
        """Return what it reads, and what it owes."""
        return (self._frame, self._outs, self.names)

    def _arrive(self) -> None:
        self._pending -= 1
        if not self._pending and (not self._held or self.level >= CLEAR):
            self._go()

    def _go(self) -> None:
        """Evaluate it, or give it up if something that it reads is lost."""
        if self.state != OPEN or self._frame is None:
            return
        scope, frame = self._scope, self._frame
        self._frame = None
        if any(cell.state == LOST for cell in frame.values()):
            self._lose()
            if scope.tolerant:
                if self._purpose != ITEM:
                    scope.suffer(LACKING)
                self.state = DONE
                scope.advance()
            return
        error = settle(scope, self._formula, frame, self._outs, self._bind, self._purpose, self)
        if error is None or scope.tolerant:
            self.state = DONE
        else:
            self.state, self.error = FAILED, error
        if self._token is not None:
            ok = error is None or scope.tolerant
            self._token.resolve(scope.world.todo, OK if ok else LOST, None)
        scope.advance()

    def _lose(self) -> None:
        todo = self._scope.world.todo
        for cell in self._outs.values():
            cell.resolve(todo, LOST, None)
        if self._token is not None:
            self._token.resolve(todo, OK if self._scope.tolerant else LOST, None)


def settle(
    scope: Scope, formula: Formula, frame: Env, outs: Outs, bind: Any, purpose: int, entry: Waiting | None
) -> BaseException | None:
    """Evaluate a value whose keys are there, and hand it on; return the exception if it failed."""
    todo = scope.world.todo
    try:
        value = formula.code(values_of(frame))
        if bind is not None:
            made: dict[Any, Any] = {}
            bind(value, made)
            for key, cell in outs.items():
                cell.resolve(todo, OK, made.get(key, value))
        else:
            for cell in outs.values():
                cell.resolve(todo, OK, value)
    except NotTaken:
        for cell in outs.values():
            cell.resolve(todo, OK, NOT_TAKEN)
    except Exception as error:
        for cell in outs.values():
            cell.resolve(todo, LOST, None)
        if isinstance(error, OperationError):
            scope.world.problems.append(error)
            scope.suffer(LACKING)
        elif scope.tolerant:
            scope.problem(error)
        return at(error, formula.span)
    else:
        if purpose == PRINT:
            _print(scope, value, entry)
    return None


def _print(scope: Scope, text: Any, entry: Waiting | None) -> None:
    """Keep a printed text in program order."""
    if entry is not None:
        entry.text = text
    elif scope.entries:
        scope.add(Ended(None, None, text))
    else:
        scope.printed.append(text)


def is_ready(scope: Scope, env: Env, formula: Formula) -> bool:
    """Whether a value can be evaluated at once."""
    if formula.mutates and scope.guarded and (scope.level < CLEAR or scope.entries):
        return False
    cells = [find(scope.world.todo, env, key) for key in formula.keys]
    return all(cell is None or cell.state == OK for cell in cells)


def evaluate(scope: Scope, env: Env, formula: Formula, outs: Outs, bind: Any = None, purpose: int = BIND) -> bool:
    """Evaluate a value into cells, now or later; return whether it hasn't failed."""
    frame: Env = {}
    pending = 0
    for key in formula.keys:
        cell = find(scope.world.todo, env, key)
        if cell is not None:
            frame[key] = cell
            if cell.state != OK:
                pending += 1
    held = formula.mutates and scope.guarded and (scope.level < CLEAR or bool(scope.entries))
    if pending or held:
        scope.add(Waiting(scope, env, formula, frame, outs, bind, purpose, pending))
        return True
    error = settle(scope, formula, frame, outs, bind, purpose, None)
    if error is None or scope.tolerant:
        return True
    scope.fail(error, env)
    return False
