"""Check that every operation of the table does what CPython does: results, changes of arguments, exceptions and their texts."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from cpython_words import older
from operation_oracle import arguments, counterpart
from operation_values import Twins, Values, same

from lcc.grammar.ir.operations import OPERATIONS, Meter, OperationError, caught


def outcome(function: Any, args: list[Any], names: dict[str, Any]) -> tuple[str, Any]:
    try:
        return "value", function(*args, **names)
    except OperationError as error:
        return error.kind, error
    except Exception as error:
        return "raised", error


def agree(name: str, values: Values) -> bool:
    """Make one call in both; return whether it gave a value."""
    args, names = arguments(values, name)
    twins = Twins()
    theirs = [twins.of(a) for a in args]
    their_names = {key: twins.of(value) for key, value in names.items()}
    shown = f"{name} {text(args)} {text(names)}"
    how, ours = outcome(lambda *a, **n: OPERATIONS[name](Meter(), *a, **n), args, names)
    how_theirs, wanted = outcome(counterpart(name), theirs, their_names)
    if how == "refused":
        return False
    assert how == how_theirs, f"{shown}: {how} {text(ours)}, not {how_theirs} {text(wanted)}"
    if how == "raised":
        seen = caught(ours)
        assert type(seen).__name__ == type(wanted).__name__, shown
        assert "iterator" in text(seen) or str(seen) == older(str(wanted)), shown
        return False
    assert same(ours, wanted), f"{shown}: {text(ours)}, not {text(wanted)}"
    assert all(map(same, args, theirs)), f"{shown}: changed to {text(args)}, not {text(theirs)}"
    return True


def text(value: Any) -> str:
    try:
        return repr(value)[:200]
    except OperationError:
        return "with an iterator"


@pytest.mark.parametrize("calls", [80, pytest.param(1200, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_does_what_cpython_does(name: str, calls: int) -> None:
    drawn = Values(Random(name))
    gave = [agree(name, drawn) for _ in range(calls)]
    assert any(gave), "no call that was made up gave a value"
