"""Check the fine points of CPython that chance seldom meets."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from operation_values import same

from lcc.grammar.ir.operations import (
    AUGMENTED,
    BINARY,
    BUILTINS,
    COMPARISONS,
    FIELDS,
    METHODS,
    MODULES,
    SUBSCRIPTS,
    Meter,
    OperationError,
    Record,
    SetValue,
    caught,
    exception,
    is_subclass,
)

METER = Meter()
SET = METHODS[SetValue]


@pytest.mark.parametrize(
    ("a", "b"), [([0, 1, 2], [False]), ([False], [0, 1, 2]), ([1], [True]), ([True, 0], [1.0, False, 3])]
)
def test_of_two_equal_elements_an_intersection_has_the_one_of_cpython(a: list[Any], b: list[Any]) -> None:
    assert same(BINARY["&"](METER, SetValue(a), SetValue(b)), set(a) & set(b))
    assert same(SET["intersection"](METER, SetValue(a), b), set(a).intersection(b))
    assert same(BINARY["|"](METER, SetValue(a), SetValue(b)), set(a) | set(b))
    ours, theirs = dict.fromkeys(a).keys(), dict.fromkeys(b).keys()
    assert same(BINARY["&"](METER, ours, theirs), ours & theirs)


def test_sets_iterate_in_the_order_of_insertion_and_are_equal_in_any() -> None:
    first, second = SetValue(["b", "c", "a"]), SetValue(["a", "b", "c"])
    assert list(first) == ["b", "c", "a"]
    assert COMPARISONS["=="](METER, first, second)
    assert BUILTINS["str"](METER, first) == "{'b', 'c', 'a'}"
    assert BUILTINS["str"](METER, SetValue()) == "set()"
    assert list(BINARY["|"](METER, first, SetValue(["z", "b"]))) == ["b", "c", "a", "z"]


def test_a_set_that_changes_while_it_is_read_says_so() -> None:
    items = SetValue([1, 2, 3])
    lazy = BUILTINS["iter"](METER, items)
    BUILTINS["next"](METER, lazy)
    SET["add"](METER, items, 4)
    with pytest.raises(RuntimeError, match="Set changed size during iteration"):
        BUILTINS["next"](METER, lazy)


@pytest.mark.parametrize("part", list(itertools.product([0, 1, 3], [None, 0, 2, 4, 7], [1, 2, 3])))
def test_a_slice_of_an_iterator_leaves_what_cpython_leaves(part: tuple[int, int | None, int]) -> None:
    ours, theirs = BUILTINS["iter"](METER, range(6)), iter(range(6))
    sliced = MODULES["itertools"]["islice"](METER, ours, *part)
    assert BUILTINS["list"](METER, sliced) == list(itertools.islice(theirs, *part))
    assert BUILTINS["list"](METER, ours) == list(theirs)


def test_groups_are_used_up_when_the_next_one_is_read() -> None:
    groups = BUILTINS["list"](METER, MODULES["itertools"]["groupby"](METER, [1, 1, 2]))
    assert [(key, BUILTINS["list"](METER, group)) for key, group in groups] == [
        (key, list(group)) for key, group in list(itertools.groupby([1, 1, 2]))
    ]


def test_sorting_is_stable_also_in_reverse_and_by_keys() -> None:
    rows = [("b", 1), ("a", 1), ("c", 0), ("d", 1)]
    keys = [n for _, n in rows]
    for reverse in (False, True):
        assert BUILTINS["sorted"](METER, rows, keys=keys, reverse=reverse) == sorted(
            rows, key=lambda r: r[1], reverse=reverse
        )
    assert BUILTINS["max"](METER, rows, keys=keys) == max(rows, key=lambda r: r[1])
    assert BUILTINS["min"](METER, rows, keys=keys) == min(rows, key=lambda r: r[1])


def test_lists_have_identity() -> None:
    a = [1]
    b = AUGMENTED["+="](METER, a, (2,))
    assert b is a
    assert COMPARISONS["is"](METER, a, b)
    assert not COMPARISONS["is"](METER, [1], [1])
    assert COMPARISONS["is"](METER, None, None)
    c = (1,)
    assert AUGMENTED["+="](METER, c, (2,)) is not c


def test_whether_equal_numbers_are_one_object_is_refused() -> None:
    with pytest.raises(OperationError, match="one object"):
        COMPARISONS["is"](METER, 1000, int("1000"))
    assert not COMPARISONS["is"](METER, 1, 2)
    assert not COMPARISONS["is"](METER, 1, True)


def test_a_defaultdict_adds_what_it_lacks_and_get_does_not() -> None:
    counts = MODULES["collections"]["defaultdict"](METER, BUILTINS["type"](METER, []))
    METHODS[list]["append"](METER, SUBSCRIPTS["load"](METER, counts, "a"), 1)
    assert METHODS[defaultdict]["get"](METER, counts, "b") is None
    assert BUILTINS["repr"](METER, counts) == "defaultdict(<class 'list'>, {'a': [1]})"
    sets = MODULES["collections"]["defaultdict"](METER, BUILTINS["type"](METER, SetValue()))
    SET["add"](METER, SUBSCRIPTS["load"](METER, sets, "a"), 1)
    assert BUILTINS["repr"](METER, sets) == "defaultdict(<class 'set'>, {'a': {1}})"


def test_records_print_and_copy_as_dicts() -> None:
    row = Record(id=1, name="Ann")
    assert BUILTINS["str"](METER, [row]) == "[{'id': 1, 'name': 'Ann'}]"
    assert type(METHODS[Record]["copy"](METER, row)) is dict
    assert type(BUILTINS["dict"](METER, row)) is dict
    assert BUILTINS["type"](METER, row).name == "dict"
    assert type(BINARY["|"](METER, row, {"id": 2})) is dict


def test_classes_are_known_by_name_and_inherit_as_in_cpython() -> None:
    for value, names in (
        (True, ("bool", "int")),
        (datetime(2026, 1, 1), ("datetime", "date")),
        (KeyError("x"), ("KeyError", "LookupError", "Exception")),
        (MODULES["collections"]["Counter"](METER, "ab"), ("Counter", "dict")),
    ):
        for name in names:
            known = BUILTINS["type"](METER, exception(name)) if "E" in name or "Lookup" in name else None
            if known is not None:
                assert BUILTINS["isinstance"](METER, value, known)
    assert is_subclass(FileNotFoundError, "OSError")
    assert not is_subclass(KeyError, "ValueError")
    with pytest.raises(OperationError, match="union"):
        BINARY["|"](METER, BUILTINS["type"](METER, 1), BUILTINS["type"](METER, ""))


def test_a_caught_exception_keeps_class_and_text_and_no_trace() -> None:
    def fail() -> None:
        raise KeyError("k")

    with pytest.raises(KeyError) as raised:
        fail()
    seen = caught(raised.value)
    assert (type(seen), str(seen), seen.__traceback__) == (KeyError, "'k'", None)

    class Own(ConnectionError):
        pass

    seen = caught(Own("gone"))
    assert (type(seen), str(seen)) == (ConnectionError, "gone")
    assert type(caught(SystemExit(3))) is BaseException


@pytest.mark.parametrize(
    ("value", "spec"),
    [(2.675, ".2f"), (1e16, ","), (-0.0, "+"), (0.1 + 0.2, ""), (1234567, ",d"), (255, "#06x"), (True, "d"), (True, ""), ("é", "^5"),
     (1e-7, "g"), (float("nan"), "08.2f"), (10**20, "e"), (3, ".1%"), (date(2026, 11, 29), "%d.%m.%y"), (-5, "=+6")],
)  # fmt: skip
def test_numbers_are_written_as_in_cpython(value: Any, spec: str) -> None:
    assert FIELDS["field"](METER, value, spec) == format(value, spec)


def test_fields_of_a_format_may_hold_fields_and_are_plain() -> None:
    form = METHODS[str]["format"]
    assert form(METER, "{:{}}|{x:>{w}}", "a", 4, x="b", w=3) == "a   |  b"
    for text in ("{0.x}", "{0[x]}", "{a.__class__}"):
        with pytest.raises(OperationError, match="plain"):
            form(METER, text, {"x": 1}, a=1)
    for text in ("%*d", "%(a(b))s"):
        with pytest.raises(OperationError, match="plain"):
            BINARY["%"](METER, text, (1, 2))


def test_what_depends_on_the_machine_is_refused() -> None:
    naive = datetime(2026, 1, 1)
    for call in (
        lambda: METHODS[datetime]["timestamp"](METER, naive),
        lambda: METHODS[datetime]["astimezone"](METER, naive),
        lambda: MODULES["datetime"]["datetime.fromtimestamp"](METER, 0),
        lambda: METHODS[date]["strftime"](METER, date(2026, 1, 1), "%-d"),
        lambda: METHODS[date]["strftime"](METER, date(2026, 1, 1), "%099999999d"),
        lambda: FIELDS["field"](METER, naive, "%s"),
    ):
        with pytest.raises(OperationError) as error:
            call()
        assert error.value.help
    now = datetime(2026, 11, 29, 18, 30, tzinfo=timezone(timedelta(hours=1)))
    assert MODULES["datetime"]["datetime.now"](METER, now, tz=UTC).isoformat() == "2026-11-29T17:30:00+00:00"


def test_the_text_of_an_iterator_and_complex_numbers_are_refused() -> None:
    with pytest.raises(OperationError, match="no text of its own"):
        BUILTINS["print"](METER, BUILTINS["zip"](METER, "ab"))
    with pytest.raises(OperationError, match="complex"):
        BINARY["**"](METER, -8, 0.5)


def test_a_power_with_too_many_digits_is_told_from_one_that_takes_too_long() -> None:
    for base, exponent in ((10, 10**8), (3, 10**6), (2, 70_000)):
        with pytest.raises(OperationError) as error:
            BINARY["**"](Meter(), base, exponent)
        assert error.value.kind == "digits"


def test_a_counter_is_cut_down_to_what_a_match_holds_as_in_cpython() -> None:
    match = MODULES["re"]["search"](Meter(), "(a)", "a")
    with pytest.raises(IndexError, match=r"^no such group$"):
        AUGMENTED["&="](Meter(), Counter(b=1), match)
    with pytest.raises(TypeError, match=r"^'re\.Match' object is not iterable$"):
        iter(match)
