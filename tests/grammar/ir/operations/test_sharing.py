"""What the table says that operations do with objects, held to what they do: identities before and after tell."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import islice, product
from typing import Any

import pytest

from lcc.grammar.ir.operations import CLASS_FUNCTIONS, DICTS, OPERATIONS, Lazy, Meter, OperationError, Record, SetValue
from lcc.grammar.ir.operations.basis.kinds import ITEMS, KEYS, VALUES
from lcc.grammar.ir.operations.sharing import SHARING, Sharing, changes_its_first, sharing_of

CONTAINERS = (list, tuple, SetValue, KEYS, VALUES, ITEMS, Lazy, BaseException, *DICTS)
SECOND = (0, 2, 4, 6, 8, 12, 13, 16)
"""The places of samples that stand as second argument."""
OBJECTS = (list, SetValue, *DICTS)
"""What can be changed."""


def samples() -> list[Any]:
    """Return arguments of many kinds, with objects in them."""
    return [
        0, 1, "a", None, [[1], [2]], [], ([3], [4]), [("a", [5])], {"a": [6], "b": {"c": [7]}}, Record({"a": [8]}),
        defaultdict(list, {"a": [9]}), Counter("ab"), SetValue([1, ("x",)]), Lazy("list_iterator", iter([[10], [11]])),
        {"a": [12]}.items(), {"a": [13]}.values(), [[("a", [14])]], "a,b", ValueError([15]),
    ]  # fmt: skip


def parts(value: Any) -> list[Any]:
    """Return what a container holds. Of an iterator, only what its result has: reading it would use it up."""
    if isinstance(value, DICTS_TUPLE):
        return [*value.keys(), *value.values()]
    if isinstance(value, BaseException):
        return list(value.args)
    return list(value) if isinstance(value, list | tuple | SetValue | KEYS | VALUES | ITEMS) else []


DICTS_TUPLE = tuple(DICTS)


def deep(value: Any, depth: int = 4) -> Iterator[Any]:
    yield value
    if depth:
        for part in parts(value):
            yield from deep(part, depth - 1)


def drawn(iterator: Lazy) -> list[Any]:
    try:
        return list(islice(iterator.iterator, 5))
    except (Exception, OperationError):
        return []


def known(values: list[Any]) -> set[int]:
    return {id(one) for value in values for one in deep(value) if isinstance(one, OBJECTS)}


def allowed(rows: tuple[Sharing, ...], how: str, objects: list[Any]) -> set[int]:
    """Return the objects among the arguments that something may hold which holds them in one of the ways."""
    found: list[Any] = []
    for row in rows:
        holds = row.new if how == "new" else row.keeps
        level = objects if holds is not None else []
        if holds == "arguments":
            found += objects
        elif holds == "all":
            found += [one for value in objects for one in deep(value)]
        elif holds is not None:
            inner = [part for value in level for part in parts(value)]
            found += inner
            found += [part for one in inner for part in parts(one)] if holds == "pairs" else []
    return {id(one) for one in found}


def check(op: str, rows: tuple[Sharing, ...], args: tuple[Any, ...]) -> bool:
    """Apply an operation; return whether it didn't fail, and hold what it hands back and changes to the rows."""
    lazies = [one for value in args for one in deep(value) if isinstance(one, Lazy)]
    if len(lazies) > 1 or any(isinstance(one, Lazy) for one in args[1:2]):
        return False
    before = {
        id(one): [id(part) for part in parts(one)] for value in args for one in deep(value) if isinstance(one, OBJECTS)
    }
    own, others, all_ids = list(args[:1]), list(args[1:]), known(list(args))
    new = allowed(rows, "new", list(args))
    kept = allowed(rows, "keeps", others) | {id(part) for part in (parts(args[0]) if args else [])}
    there = {id(one) for value in args for one in deep(value)}
    of_first = {id(part) for part in (parts(args[0]) if args else [])}
    operation = CLASS_FUNCTIONS[op[6:]] if op.startswith("class ") else OPERATIONS[op]
    try:
        result = operation(Meter(), *args)
    except (Exception, OperationError):
        return False
    whole = {row.whole for row in rows}
    if isinstance(result, OBJECTS) and id(result) in all_ids:
        fits = (
            (bool(whole & {"first", "any"}) and result is args[0])
            or (bool(whole & {"others", "any"}) and any(result is one for one in others))
            or (any(row.part for row in rows) and id(result) in of_first)
            or (any(row.whole in ("others", "any") or row.new == "all" for row in rows) and id(result) in new)
        )  # fmt: skip
        assert fits, f"{op} hands back what it was given"
    elif isinstance(result, CONTAINERS) and id(result) not in there:
        if isinstance(own[0], Lazy | ITEMS) and any(row.part for row in rows):
            return True  # its parts are made when it is read
        if isinstance(own[0], defaultdict) and op == "subscript load":
            return True  # what its factory makes, which is known by itself
        assert any(row.new is not None for row in rows) or not isinstance(result, OBJECTS), f"{op} makes an object"
        held = drawn(result) if isinstance(result, Lazy) else parts(result)
        if any(row.tuples for row in rows):
            held += [part for one in held for part in parts(one)]
        for one in held:
            assert not isinstance(one, OBJECTS) or id(one) not in all_ids or id(one) in new or own[0] is one, (
                f"{op} holds an object that it was given"
            )
    changed = [
        one
        for value in args
        for one in deep(value)
        if id(one) in before and before[id(one)] != [id(p) for p in parts(one)]
    ]
    for one in changed:
        assert one is args[0] or isinstance(one, defaultdict), f"{op} changes another"
        assert changes_its_first(op) or isinstance(one, defaultdict), f"{op} changes its first argument"
        assert {id(p) for p in parts(one) if isinstance(p, OBJECTS) and id(p) in all_ids} <= kept, (
            f"{op} keeps more than its row says"
        )
    return True


@pytest.mark.parametrize("op", [op for op in OPERATIONS if "Error" not in op and "Warning" not in op])
def test_an_operation_shares_what_its_row_says(op: str) -> None:
    rows = sharing_of(op)
    assert rows is not None
    count = len(samples())
    most = OPERATIONS[op].most if OPERATIONS[op].params else 2
    for number in range(1, 4):
        for chosen in (
            product(range(count), (0, 2, 4, 8, 12), (0, 4, 8)) if number == 3 else product(range(count), repeat=number)
        ):
            if number <= max(most, 1):
                values = samples()
                check(op, rows, tuple([values[place] for place in chosen]))


def test_every_operation_has_a_row() -> None:
    assert not [op for op in OPERATIONS if op not in SHARING]
    assert not [name for name in CLASS_FUNCTIONS if sharing_of(f"class {name}") is None]


def test_an_operation_that_the_table_lacks_has_none() -> None:
    assert sharing_of("method frobnicate") is None
    assert sharing_of("builtin frobnicate") is None
