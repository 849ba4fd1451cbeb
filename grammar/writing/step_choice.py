"""Choose which statements of a strict body become steps of a plan file, and which stand in blocks of Python.

What binds a name that is bound twice, or that is read where it may have no value, stays with all that reads and binds it in one block.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from lcc.grammar.ir import (
    Apply,
    Block,
    Exit,
    ForEach,
    If,
    Let,
    Local,
    Ref,
    Region,
    Spread,
    Statement,
    Task,
    TaskId,
    Try,
    Value,
    block_statements,
    names_of,
    statement_values,
    targets_of,
)
from lcc.grammar.ir.evaluation import changes_values
from lcc.grammar.ir.walk import walk
from lcc.grammar.writing.values.aliases import bound_for_sure
from lcc.grammar.writing.values.written_names import TEMPORARY, counted
from lcc.grammar.writing.yielding import begun

_MOST_CONDITIONAL: Final = 4
"""So many statements below an `if` become steps with `when`; more are easier to read in a block."""
Key = str | TaskId


class _Reads:
    """Where the names and results of a block are read: the places of the first and the last statement that reads each."""

    def __init__(self, block: Sequence[Statement]) -> None:
        self.each = [frozenset(counted((one,))) for one in block]
        self._first: dict[Key, int] = {}
        self._last: dict[Key, int] = {}
        for at, keys in enumerate(self.each):
            self._last.update(dict.fromkeys(keys, at))
            for key in keys:
                self._first.setdefault(key, at)

    def before(self, at: int, keys: Iterable[Key]) -> bool:
        """Whether something before a place reads one of some names and results."""
        return any(self._first.get(key, at) < at for key in keys)

    def behind(self, at: int, keys: Iterable[Key]) -> bool:
        """Whether something behind a place reads one of some names and results."""
        return any(self._last.get(key, at) > at for key in keys)


class StepChoice:
    """Chooses in one body. `bound`: in how many places each of its names is bound; `keys`: its loops that yield keys."""

    def __init__(self, bound: Mapping[str, int], keys: frozenset[TaskId]) -> None:
        self._bound = bound
        self._keys = keys

    def blocked(self, block: Block) -> list[bool]:
        """Return for each statement of a body whether it stands in a block of Python."""
        reads = _Reads(block)
        blocked = [not self._may_step(one, reads, at, len(block)) for at, one in enumerate(block)]
        places = _Places(block, reads, blocked)
        places.spread()
        uses = counted(block)
        for at in range(len(block) - 2, -1, -1):
            if not blocked[at] and blocked[at + 1]:
                blocked[at] = _belongs(block[at], places.run(at + 1), uses)
        places.spread()
        return blocked

    def _may_step(self, one: Statement, reads: _Reads, at: int, size: int) -> bool:
        """Whether a statement can be said by steps, as far as it can be seen from itself."""
        if reads.before(at, _own(one)):
            return False
        if isinstance(one, Exit):
            return one.kind == "answer" and at == size - 1 and _pure(one)
        return self._sayable(one, reads, at)

    def _sayable(self, one: Statement, reads: _Reads, at: int, guard: Value | None = None) -> bool:
        match one:
            case Task(args=args):
                return not any(isinstance(arg.value, Spread) for arg in args) and _pure(one)
            case Let(value, (str(name),), None, None):
                return self._bound.get(name) == 1 and not isinstance(value, Spread) and _pure(one)
            case Let(_, (), int()):
                return _pure(one)
            case ForEach():
                return self._loop_sayable(one, reads, at)
            case If(_, body, ()):
                return self._condition_sayable(one, body, reads, at, guard)
            case Region():
                return True
            case _:
                return False

    def _condition_sayable(self, one: If, body: Block, reads: _Reads, at: int, guard: Value | None) -> bool:
        few = 0 < len([s for s in body if not is_alias(s)]) <= _MOST_CONDITIONAL
        if not few or not _pure(one, own=True):
            return False
        inner = _Reads(body)
        if not all(isinstance(s, Task | Let) and self._sayable(s, inner, place) for place, s in enumerate(body)):
            return False
        made = {s.id for s in block_statements(body) if isinstance(s, Task | ForEach)}
        return guard == one.test or not reads.behind(at, (*_names((one,)), *made))

    def _loop_sayable(self, one: ForEach, reads: _Reads, at: int) -> bool:
        names = _names((one,))
        once = all(self._bound.get(name) == 1 for name in names)
        if one.orelse or one.id in self._keys or not once or reads.behind(at, names):
            return False
        if any(isinstance(inner, Exit) for inner in block_statements(one.body)) or not _pure(one, own=True):
            return False
        inner = _Reads((*one.body, *(() if one.yields is None else (Let(one.yields),))))
        return all(
            self._sayable(s, inner, place, one.yield_when) and not inner.before(place, _names((s,)))
            for place, s in enumerate(one.body)
        )


class _Places:
    """The statements of a body, and which of them stand in blocks of Python so far."""

    def __init__(self, block: Block, reads: _Reads, blocked: list[bool]) -> None:
        self._block = block
        self._reads = reads
        self._blocked = blocked
        self._names = [_names((one,)) for one in block]
        self._sure = [bound_for_sure((one,)) for one in block]
        self._ids: list[set[TaskId]] = [
            {s.id for s in block_statements((one,)) if not isinstance(s, If | Try | Exit) and s.id is not None}
            for one in block
        ]

    def run(self, at: int) -> Block:
        """Return the statements from a place on that stand in one block."""
        end = at
        while end < len(self._block) and self._blocked[end]:
            end += 1
        return self._block[at:end]

    def spread(self) -> None:
        """Put what belongs to a block of Python into it."""
        changed = True
        while changed:
            changed = False
            at = 0
            while at < len(self._block):
                end = at + max(len(self.run(at)), 1)
                last = self._reach(at, end) if self._blocked[at] else end
                changed = changed or last > end
                self._blocked[end:last] = [True] * (last - end)
                at = last

    def _reach(self, start: int, end: int) -> int:
        """Return behind which statement a block from `start` to `end` must end."""
        names = set[str]().union(*self._names[start:end])
        open_ = names - set[str]().union(*self._sure[start:end])
        hidden = {name for name in names if TEMPORARY.match(name) is not None}
        read = set[Key]().union(open_, hidden, *self._ids[start:end])
        for at in range(len(self._block) - 1, end - 1, -1):
            if not names.isdisjoint(self._names[at]) or not read.isdisjoint(self._reads.each[at]):
                return at + 1
        return end


def _own(one: Statement) -> Iterator[str]:
    """Yield the names that a statement binds itself."""
    for target in targets_of(one):
        yield from names_of(target)


def _names(block: Block) -> set[str]:
    """Return the names that a block binds."""
    return {name for one in block_statements(block) for name in _own(one)}


def _belongs(one: Statement, run: Block, uses: Mapping[str | TaskId, int]) -> bool:
    """Whether a statement that could be a step is easier to read in the block behind it, as a part of what reads it there."""
    following, read = run[0], counted(run[:1])
    match one:
        case Let(value, (str(name),), None, None):
            made = TEMPORARY.match(name) is not None and uses.get(name) == 1 and name in counted(run)
            empty = isinstance(value, Apply) and not (value.op == "display list" and value.args)
            return made or (empty and begun(one) is not None and name in counted(run))
        case ForEach(id=id, yields=yields) if yields is not None:
            return uses.get(id) == 1 and id in read and not any(isinstance(s, Task) for s in block_statements(one.body))
        case Task(id=id):
            return uses.get(id) == 1 and id in read and isinstance(following, Let) and not following.targets
        case _:
            return False


def _pure(one: Statement, *, own: bool = False) -> bool:
    """Whether no value of a statement changes another; `own`: those that aren't in its blocks."""
    values: Iterable[Value] = statement_values(one)
    if not own:
        values = [value for inner in block_statements((one,)) for value in statement_values(inner)]
    return not any(changes_values(value) or any(isinstance(v, Apply) and v.op in ("check method", "builtin print")
                                                for v in walk(value)) for value in values)  # fmt: skip


def is_alias(one: Statement) -> bool:
    """Whether a statement only gives a result or a name another name."""
    return isinstance(one, Let) and isinstance(one.value, Ref | Local) and bool(one.targets)
