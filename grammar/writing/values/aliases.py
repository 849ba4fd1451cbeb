"""Read through names that stand for another name, a result or a constant where nothing can tell them apart.

    t_2 = shop                 label(shop, %3)
    label(t_2, %3)       =>

Programs that are lowered hold many: what stands before a call, what a function is given. What such a name stands for is bound for sure
where the name is, and is the same wherever the name is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from lcc.grammar.ir import (
    Block,
    Comprehension,
    Const,
    Exit,
    ForEach,
    Gather,
    If,
    Inline,
    Input,
    Lambda,
    Let,
    ListOf,
    Local,
    Plan,
    Ref,
    Region,
    Statement,
    Task,
    TaskId,
    Try,
    Value,
    While,
    block_statements,
    blocks_of,
    map_values,
    names_of,
    references,
    statement_values,
    targets_of,
    with_blocks,
)
from lcc.grammar.ir.blocks import value_locals
from lcc.grammar.ir.walk import walk
from lcc.grammar.writing.values.written_names import counted, substituted


def without_aliases(block: Block, pattern: re.Pattern[str]) -> Block:
    """Return a block without aliases whose names fit a pattern."""
    whole = tailed(block)
    return untailed(_Aliases(whole, pattern).block(whole, frozenset()))


def giving_what_is_read(plan: Plan) -> Plan:
    """Return a plan whose blocks of Python give what is read of them, in the order of the alphabet."""
    return replace(plan, body=None if plan.body is None else _given(plan.body, _read_names(plan)))


def _read_names(plan: Plan) -> Mapping[TaskId, set[str] | None]:
    """Return the names that are read of each result, None where it is read whole."""
    found: dict[TaskId, set[str] | None] = {}
    values = [value for one in block_statements(plan.body or ()) for value in statement_values(one)]
    for ref in (ref for value in (*values, *(plan.join.values if plan.join else ())) for ref in references(value)):
        names = found.setdefault(ref.task, set())
        if not ref.path:
            found[ref.task] = None
        elif names is not None:
            names.add(str(ref.path[0]))
    return found


def _given(block: Block, read: Mapping[TaskId, set[str] | None]) -> Block:
    made: list[Statement] = []
    for one in block:
        one = with_blocks(one, tuple([_given(inner, read) for inner in blocks_of(one)]))
        if isinstance(one, Region):
            names = read.get(one.id, set())
            kept = one.names if names is None else [name for name in one.names if name in names]
            one = replace(one, names=tuple(sorted(kept)))
        made.append(one)
    return tuple(made)


def bound_for_sure(block: Block) -> set[str]:
    """Return the names that are bound wherever a block ends without a failure."""
    found: set[str] = set()
    for one in block:
        match one:
            case Let(_, targets):
                found |= {name for target in targets for name in names_of(target)}
            case If(_, body, orelse):
                found |= bound_for_sure(body) & bound_for_sure(orelse)
            case Task() | ForEach() | Region() | Inline() | While() | Try() | Gather() | Exit():
                pass
    return found


def with_tails(one: Statement) -> Statement:
    """Return a statement whose blocks end with the values that it takes from them: what a turn yields, what a part gives."""
    match one:
        case ForEach(body=body, yields=yields, yield_when=when) if yields is not None:
            tail = Let(ListOf((yields,) if when is None else (yields, when)))
            return replace(one, body=(*body, tail), yields=Const(None), yield_when=None)
        case Gather(parts=parts):
            own = [replace(part, body=(*part.body, Let(part.value)), value=Const(None)) for part in parts]
            return replace(one, parts=tuple(own))
        case _:
            return one


def without_tails(one: Statement) -> Statement:
    """Return a statement that takes the values at the ends of its blocks, as `with_tails` puts them there."""
    match one:
        case ForEach(body=(*body, Let(ListOf((value, *when)))), yields=yields) if yields is not None:
            return replace(one, body=tuple(body), yields=value, yield_when=when[0] if when else None)
        case Gather(parts=parts):
            made = []
            for part in parts:
                last = part.body[-1]
                assert isinstance(last, Let)
                made.append(replace(part, body=part.body[:-1], value=last.value))
            return replace(one, parts=tuple(made))
        case _:
            return one


def tailed(block: Block) -> Block:
    """Return a block whose statements, and those in them, have the values at the ends of their blocks (`with_tails`)."""
    made = [with_blocks(one, tuple(map(tailed, blocks_of(one)))) for one in block]
    return tuple(map(with_tails, made))


def untailed(block: Block) -> Block:
    """Return the block of which `tailed` made one."""
    made = list(map(without_tails, block))
    return tuple([with_blocks(one, tuple(map(untailed, blocks_of(one)))) for one in made])


class _Sites:
    """Where a body reads and binds what: its statements are counted in text order, those in blocks too."""

    def __init__(self, body: Block) -> None:
        self.read: dict[str | TaskId, list[int]] = {}
        self.bound: dict[str, list[int]] = {}
        self.made: dict[TaskId, int] = {}
        self.size: dict[int, int] = {}
        self.late: set[str] = set()
        self.given: set[str] = set()
        for at, one in enumerate(block_statements(body)):
            for key in counted((with_blocks(one, tuple([() for _ in blocks_of(one)])),)):
                self.read.setdefault(key, []).append(at)
            for name in _bound(one):
                self.bound.setdefault(name, []).append(at)
            if isinstance(one, Region):
                self.given.update(one.names)
            if getattr(one, "id", None) is not None:
                self.made[one.id] = at  # type: ignore[union-attr,index]
            for value in statement_values(one):
                self.late.update(name for inner in walk(value) if _is_late(inner) for name in value_locals(inner))
        self._measure(body)

    def _measure(self, block: Block) -> int:
        """Count the statements of a block, and keep how many are in each."""
        total = 0
        for one in block:
            self.size[id(one)] = 1 + sum(map(self._measure, blocks_of(one)))
            total += self.size[id(one)]
        return total


def _bound(one: Statement) -> Iterator[str]:
    """Yield the names that a statement binds, once for each place; those of its values and parts, too."""
    for target in targets_of(one):
        yield from names_of(target)
    for part in one.parts if isinstance(one, Gather) else ():
        yield from () if part.target is None else names_of(part.target)
    for value in statement_values(one):
        for inner in walk(value):
            if isinstance(inner, Comprehension):
                yield from (name for clause in inner.clauses for name in names_of(clause.target))
            elif isinstance(inner, Lambda):
                yield from inner.params


def _is_late(value: Value) -> bool:
    """Whether a value reads names when it is used."""
    return isinstance(value, Lambda) or (isinstance(value, Comprehension) and value.kind == "lazy")


class _Aliases:
    """Walks a body once, in text order. `meant`: what the names stand for that were found to be aliases."""

    def __init__(self, body: Block, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern
        self._sites = _Sites(body)
        self._at = 0
        self._meant: dict[str, Value] = {}

    def block(self, block: Block, sure: frozenset[str]) -> Block:
        """Return a block without aliases. `sure`: the names that are bound where it begins."""
        made: list[Statement] = []
        end = self._at + sum([self._sites.size[id(one)] for one in block])
        bound = set(sure)
        for place, one in enumerate(block):
            at, self._at = self._at, self._at + 1
            new = self._substituted(one)
            if self._is_alias(one, new, range(at + 1, end), block[place + 1 :], bound):
                continue
            made.append(self._inner(one, new, frozenset(bound)))
            bound |= bound_for_sure((one,))
        return tuple(made)

    def _substituted(self, one: Statement) -> Statement:
        """Return a statement, its blocks aside, that reads what aliases stand for."""
        empty = with_blocks(one, tuple([() for _ in blocks_of(one)]))
        (new,) = map_values((empty,), lambda value: substituted(value, self._meant) if self._meant else value)
        return new

    def _inner(self, one: Statement, new: Statement, sure: frozenset[str]) -> Statement:
        own = sure | set(names_of(one.target)) if isinstance(one, ForEach) else sure
        blocks = []
        for place, inner in enumerate(blocks_of(one)):
            target = one.parts[place].target if isinstance(one, Gather) else None
            blocks.append(self.block(inner, own if target is None else own | set(names_of(target))))
        new = with_blocks(new, tuple(blocks))
        if isinstance(new, Inline):
            new = replace(new, names=tuple([name for name in new.names if name not in self._meant]))
        return new

    def _is_alias(self, one: Statement, new: Statement, rest: range, behind: Block, sure: set[str]) -> bool:
        """Whether a statement only gives something another name, which nothing needs; take what it stands for, if so."""
        match one, new:
            case (
                Let(_, (str(name),), None, None),
                Let(Local() | Ref(path=()) | Const() | Input(path=()) as value),
            ) if self._pattern.search(name) is not None:
                pass
            case _:
                return False
        reads = self._sites.read.get(name, [])
        if len(self._sites.bound[name]) > 1 or name in self._sites.given or not all(at in rest for at in reads):
            return False
        if isinstance(value, Local) and not (value.name in sure and self._stays(value.name, name, rest.start, behind)):
            return False
        if isinstance(value, Ref) and self._sites.made.get(value.task, -1) in rest:
            return False
        self._meant[name] = value
        return True

    def _stays(self, name: str, alias: str, start: int, behind: Block) -> bool:
        """Whether a name is the same wherever its alias is read: it is bound once, or nothing binds it until then."""
        bound, reads = self._sites.bound.get(name, []), self._sites.read.get(alias, [])
        if len(bound) < 2 or not reads:
            return True
        end = start
        for one in behind:  # what stands in a loop may be bound before it is read again
            size = self._sites.size[id(one)]
            if end + size > reads[-1]:
                end += 0 if size == 1 else size
                break
            end += size
        return alias not in self._sites.late and not any(start <= at < end for at in bound)
