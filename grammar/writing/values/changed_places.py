"""Find `a[i] += v` in a body, which the IR says in three statements: the place is read, the value made, and stored again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from typing import Final

from lcc.grammar.ir import Apply, Block, Let, Local, Ref, Statement, Task, TaskId, Value, blocks_of, with_blocks
from lcc.grammar.ir.operations import AUGMENTED
from lcc.grammar.writing.values.folding import Pending, claimed
from lcc.grammar.writing.values.written_names import all_names, constant, counted
from lcc.grammar.writing.values.written_values import Written

CHANGED_PLACE: Final = "changed place "
"""`changed place +=`, of a container, an index or three bounds, and a value. It stands in no plan."""


def with_kept_places(block: Block) -> Block:
    """Return a block in which the place where something is stored has a name of its own if Python would look for it behind the value."""
    names = set(all_names(block))

    def kept(inner: Block) -> Block:
        made: list[Statement] = []
        for one in inner:
            blocks = tuple(map(kept, blocks_of(one)))
            one = with_blocks(one, blocks) if blocks != blocks_of(one) else one
            match one:
                case Let(Apply("subscript store" | "subscript store slice", (*place, value)) as store, (), None, None):
                    if not _is_plain(value) and not all(map(_is_plain, place)):
                        new = [part if _is_plain(part) else Local(fresh()) for part in place]
                        pairs = zip(place, new, strict=True)
                        made += [
                            Let(old, (name.name,)) for old, name in pairs if isinstance(name, Local) and old != name
                        ]
                        one = replace(one, value=replace(store, args=(*new, value)))
                case _:
                    pass
            made.append(one)
        return tuple(made)

    def fresh() -> str:
        name = next(made for number in count(1) if (made := f"place_{number}") not in names)
        names.add(name)
        return name

    return kept(block)


def _is_plain(value: Value) -> bool:
    return constant(value) or isinstance(value, Local) or (isinstance(value, Ref) and not value.path)


def with_changes(block: Block) -> Block:
    """Return a block in which each such group of statements is one."""
    return _block(block, counted(block))


def _block(block: Block, uses: Mapping[str | TaskId, int]) -> Block:
    made: list[Statement] = []
    skip = False
    for place, one in enumerate(block):
        if skip:
            skip = False
            continue
        following = block[place + 1] if place + 1 < len(block) else None
        changed = _changed(made, one, following, uses)
        if changed is None:
            inner = tuple([_block(b, uses) for b in blocks_of(one)])
            made.append(with_blocks(one, inner) if inner != blocks_of(one) else one)
        else:
            at, new = changed
            del made[at]
            made.append(new)
            skip = True
    return tuple(made)


def _changed(
    before: list[Statement], one: Statement, following: Statement | None, uses: Mapping[str | TaskId, int]
) -> tuple[int, Let] | None:
    """Return the place of the statement that reads, and what stands for all three; None if this is something else."""
    match one, following:
        case (
            Let(Apply(op, (Local(old), value)), (str(new),)),
            Let(Apply("subscript store" | "subscript store slice" as store, (*place, Local(stored))), ()),
        ) if _is_augmented(op) and new == stored and uses.get(new) == 1 and uses.get(old) == 1:
            at = _read_at(before, old, store.replace("store", "load"), tuple(place), value)
            if at is not None:
                sign = op.partition(" ")[2]
                return at, Let(Apply(CHANGED_PLACE + sign, (*place, value)), span=one.span)
        case _:
            pass
    return None


def _is_augmented(op: str) -> bool:
    return op.startswith("operator ") and op.partition(" ")[2] in AUGMENTED


def _read_at(
    before: list[Statement],
    name: str,
    op: str,
    place: tuple[Value, ...],
    value: Value,
) -> int | None:
    """Return where the old value is read, if nothing but the call that gives the new one stands behind it."""
    at = len(before) - 1
    if before and isinstance(before[-1], Task):
        if not (
            all(constant(one) or isinstance(one, Local) for one in place)
            and claimed((value,), (Pending(before[-1].id, Written("")),))
        ):
            return None
        at -= 1
    match before[at] if at >= 0 else None:
        case Let(Apply(found, args), (str(target),)) if found == op and args == place and target == name:
            return at
        case _:
            return None
