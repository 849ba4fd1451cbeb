"""Check that what would take too much is refused before it is done."""

from __future__ import annotations

import json
import sys
import tracemalloc
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest

from lcc.grammar.ir.operations import (
    AUGMENTED,
    BINARY,
    BUILTINS,
    COMPARISONS,
    DISPLAYS,
    FIELDS,
    METHODS,
    MODULES,
    SUBSCRIPTS,
    UNARY,
    Meter,
    OperationError,
    OperationLimits,
    Record,
    SetValue,
    in_use,
)
from lcc.grammar.ir.operations.basis.sizes import size
from lcc.grammar.ir.operations.named.json_texts import _written

STR, LIST, DICT, SET = METHODS[str], METHODS[list], METHODS[dict], METHODS[SetValue]
JSON, MATH, ITERTOOLS = MODULES["json"], MODULES["math"], MODULES["itertools"]
HUGE = 10**12


def doubled(times: int) -> list[Any]:
    x: list[Any] = [1]
    for _ in range(times):
        x = [x, x]
    return x


def nested(depth: int) -> list[Any]:
    x: list[Any] = []
    for _ in range(depth):
        x = [x]
    return x


def within_itself() -> list[Any]:
    x: list[Any] = [1]
    x.append(x)
    return x


def nested_tuple(times: int) -> tuple[Any, ...]:
    x: tuple[Any, ...] = (1,)
    for _ in range(times):
        x = (x, x)
    return x


Do = Callable[[Meter], Any]
TOO_MUCH: dict[str, Do] = {
    "list * int": lambda m: BINARY["*"](m, [0], 10**9),
    "int * tuple": lambda m: BINARY["*"](m, 10**9, (0,)),
    "text * int": lambda m: BINARY["*"](m, "a", 10**10),
    "list *= int": lambda m: AUGMENTED["*="](m, [0], 10**9),
    "power": lambda m: BINARY["**"](m, 10, 10**8),
    "power of a power": lambda m: BINARY["**"](m, 2, 10**8**2),
    "negative power base": lambda m: BINARY["**"](m, -3, 10**9),
    "pow": lambda m: BUILTINS["pow"](m, 10, 10**8),
    "pow with a large modulus": lambda m: [BUILTINS["pow"](m, 3, 2**60_000, 2**60_000 - 1) for _ in range(100)],
    "shift": lambda m: BINARY["<<"](m, 1, 10**10),
    "shift in place": lambda m: AUGMENTED["<<="](m, 1, 10**10),
    "product of digits": lambda m: BINARY["*"](m, 10**15_000, 10**15_000),
    "format width": lambda m: FIELDS["field"](m, 1, ">9999999999"),
    "format width in Arabic digits": lambda m: FIELDS["field"](m, 1, ">٩٩٩٩٩٩٩٩٩٩"),
    "format precision": lambda m: FIELDS["field"](m, 1.5, ".999999999f"),
    "builtin format": lambda m: BUILTINS["format"](m, "a", "<9999999999"),
    "percent width": lambda m: BINARY["%"](m, "%09999999999d", 1),
    "percent width behind a percent": lambda m: BINARY["%"](m, "%5%%09999999999d", (1, 2)),
    "percent precision": lambda m: BINARY["%"](m, "%.999999999f", 1.0),
    "percent with a name": lambda m: BINARY["%"](m, "%(a)9999999999d", {"a": 1}),
    "percent in place": lambda m: AUGMENTED["%="](m, "%09999999999d", 1),
    "str.format": lambda m: STR["format"](m, "{:>9999999999}", 1),
    "str.format nested": lambda m: STR["format"](m, "{:>{}}", 1, 9999999999),
    "zfill": lambda m: STR["zfill"](m, "1", 10**10),
    "ljust": lambda m: STR["ljust"](m, "1", 10**10),
    "center": lambda m: STR["center"](m, "1", 10**10, "*"),
    "replace": lambda m: STR["replace"](m, "a" * 100_000, "a", "b" * 100_000),
    "replace of nothing": lambda m: STR["replace"](m, "a" * 100_000, "", "b" * 100_000),
    "join": lambda m: STR["join"](m, "x" * 100_000, ["a"] * 100_000),
    "expandtabs": lambda m: STR["expandtabs"](m, "\t" * 1000, 10**9),
    "list of a range": lambda m: BUILTINS["list"](m, range(HUGE)),
    "tuple of a range": lambda m: BUILTINS["tuple"](m, range(HUGE)),
    "set of a range": lambda m: BUILTINS["set"](m, range(HUGE)),
    "sorted range": lambda m: BUILTINS["sorted"](m, range(HUGE)),
    "sum of a range": lambda m: BUILTINS["sum"](m, range(HUGE)),
    "max of a range": lambda m: BUILTINS["max"](m, range(HUGE)),
    "any of a range": lambda m: BUILTINS["all"](m, range(1, HUGE)),
    "extend by a range": lambda m: LIST["extend"](m, [], range(HUGE)),
    "list += range": lambda m: AUGMENTED["+="](m, [], range(HUGE)),
    "text in a range": lambda m: COMPARISONS["in"](m, "a", range(HUGE)),
    "count in a range": lambda m: METHODS[range]["count"](m, range(HUGE), 1.5),
    "list of an enumerated range": lambda m: BUILTINS["list"](m, BUILTINS["enumerate"](m, range(HUGE))),
    "list of zipped ranges": lambda m: BUILTINS["list"](m, BUILTINS["zip"](m, range(HUGE), range(HUGE))),
    "list of a reversed range": lambda m: BUILTINS["list"](m, BUILTINS["reversed"](m, range(HUGE))),
    "in an iterator": lambda m: COMPARISONS["in"](m, -1, BUILTINS["iter"](m, range(HUGE))),
    "any of an iterator": lambda m: BUILTINS["all"](m, BUILTINS["iter"](m, range(1, HUGE))),
    "far slice": lambda m: BUILTINS["next"](m, ITERTOOLS["islice"](m, range(HUGE), 10**11, None)),
    "chain": lambda m: BUILTINS["list"](m, ITERTOOLS["chain"](m, range(HUGE), range(HUGE))),
    "product": lambda m: BUILTINS["list"](m, ITERTOOLS["product"](m, range(3000), range(3000))),
    "product of many": lambda m: ITERTOOLS["product"](m, range(2), repeat=10**9),
    "combinations": lambda m: BUILTINS["list"](m, ITERTOOLS["combinations"](m, range(60), 30)),
    "wide combinations": lambda m: BUILTINS["list"](m, ITERTOOLS["combinations"](m, range(100_000), 50_000)),
    "combinations of a huge number": lambda m: ITERTOOLS["combinations"](m, [1], 10**10),
    "groups": lambda m: BUILTINS["list"](m, ITERTOOLS["groupby"](m, range(HUGE))),
    "union with a range": lambda m: SET["union"](m, SetValue(), range(HUGE)),
    "counted range": lambda m: MODULES["collections"]["Counter"](m, range(HUGE)),
    "factorial": lambda m: MATH["factorial"](m, 10**5),
    "huge factorial": lambda m: MATH["factorial"](m, 10**30),
    "comb": lambda m: MATH["comb"](m, 10**6, 10**5),
    "perm": lambda m: MATH["perm"](m, 10**6),
    "lcm": lambda m: MATH["lcm"](m, *[3**20_000 + i for i in range(10)]),
    "math.prod": lambda m: MATH["prod"](m, [10**1000] * 1000),
    "int of text": lambda m: BUILTINS["int"](m, "f" * 50_000, 16),
    "sum of lists": lambda m: BUILTINS["sum"](m, [[0] * 1000] * 2000, []),
    "repr of a doubled list": lambda m: BUILTINS["repr"](m, doubled(60)),
    "str of a doubled list": lambda m: BUILTINS["str"](m, doubled(60)),
    "print of a doubled list": lambda m: BUILTINS["print"](m, doubled(60)),
    "percent of a doubled list": lambda m: BINARY["%"](m, "%s", (doubled(60),)),
    "percent of a doubled list by name": lambda m: BINARY["%"](m, "%(a)s", {"a": doubled(60)}),
    "field of a doubled list": lambda m: FIELDS["field"](m, doubled(60), ""),
    "dumps of a doubled list": lambda m: JSON["dumps"](m, doubled(60)),
    "doubled lists compared": lambda m: COMPARISONS["=="](m, doubled(60), doubled(60)),
    "doubled lists ordered": lambda m: COMPARISONS["<"](m, doubled(60), doubled(60)),
    "doubled list in a list": lambda m: COMPARISONS["in"](m, doubled(60), [doubled(60)]),
    "doubled list removed": lambda m: LIST["remove"](m, [doubled(60)], doubled(60)),
    "sorted doubled lists": lambda m: BUILTINS["sorted"](m, [doubled(60), doubled(60)]),
    "max of doubled lists": lambda m: BUILTINS["max"](m, doubled(60), doubled(60)),
    "doubled tuple as a key": lambda m: SUBSCRIPTS["store"](m, {}, nested_tuple(60), 1),
    "doubled tuple in a set": lambda m: BUILTINS["set"](m, [nested_tuple(60)]),
    "doubled tuple in a display": lambda m: DISPLAYS["dict"](m, nested_tuple(60), 1),
    "doubled tuple in a set display": lambda m: DISPLAYS["set"](m, nested_tuple(60)),
    "unpacked range": lambda m: DISPLAYS["unpack"](m, range(HUGE), 1, 1),
    "doubled tuple looked up": lambda m: DICT["get"](m, {}, nested_tuple(60)),
    "isinstance of a doubled tuple": lambda m: BUILTINS["isinstance"](m, 1, nested_tuple(60)),
    "repr of a deep list": lambda m: BUILTINS["repr"](m, nested(100)),
    "deep lists compared": lambda m: COMPARISONS["=="](m, nested(100_000), nested(100_000)),
    "dumps of a deep list": lambda m: JSON["dumps"](m, nested(100)),
    "dumps of a list within itself": lambda m: JSON["dumps"](m, within_itself()),
    "dumps of a long text many times": lambda m: JSON["dumps"](m, ["a" * 10**6] * 10**6),
    "dumps of a long name many times": lambda m: JSON["dumps"](m, [{"a" * 10**5: 1}] * 10**5),
    "repr of a long text many times": lambda m: BUILTINS["repr"](m, [("a" * 10**6,)] * 10**6),
    "loads of deep text": lambda m: JSON["loads"](m, "[" * 100_000),
    "loads of deep objects": lambda m: JSON["loads"](m, '{"a":' * 100_000),
    "lists within themselves compared": lambda m: COMPARISONS["=="](m, within_itself(), within_itself()),
    "sorted lists within themselves": lambda m: BUILTINS["sorted"](m, [within_itself(), within_itself()]),
    "dumps with a wide indent": lambda m: JSON["dumps"](m, [[1] * 10] * 10, indent=10**8),
    "iterators that read from each other": lambda m: _chain(m, 100_000),
    "split": lambda m: STR["split"](m, "a " * 2_000_000),
    "long texts compared again and again": lambda m: BUILTINS["sorted"](m, ["a" * 10**6 + "b", "a" * 10**6] * 50_000),
    "colliding integers": lambda m: BUILTINS["set"](m, [i * ((1 << 61) - 1) for i in range(50_000)]),
    "round to a power of ten": lambda m: [BUILTINS["round"](m, 10**19_000, -18_000) for _ in range(100_000)],
}  # fmt: skip


def _chain(meter: Meter, times: int) -> Any:
    found: Any = [1]
    for _ in range(times):
        found = BUILTINS["enumerate"](meter, found)
    return found


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_takes_too_much_is_refused_before_it_is_done(name: str) -> None:
    with pytest.raises(OperationError) as caught:
        TOO_MUCH[name](Meter(OperationLimits(steps=250_000)))
    assert caught.value.kind in ("steps", "memory", "depth", "digits")
    assert caught.value.help


@pytest.mark.parametrize("name", [name for name in TOO_MUCH if "many times" in name])
def test_what_takes_too_much_makes_nothing_large_before_it_is_refused(name: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(OperationError):
            TOO_MUCH[name](Meter(OperationLimits(steps=250_000)))
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("text", ["a", '"\\', "é\n", "日本", "🌊", "\x00" * 100_000])
def test_the_size_of_json_is_known_before_it_is_written(text: str) -> None:
    some = [text, 10**30, -0.1, None, True, -(2**63), (), {text: [text], "b": {}}]
    for value in (some, Record(a=some, b=some), [Record(id=n, name=text) for n in range(100)], [[text] * 20, text]):
        found = size(Meter(), value, text_size=_written)
        assert len(json.dumps(value)) <= found.characters <= 100 + 6 * len(json.dumps(value))
        shared = [value, 2**70, SetValue()]  # walked one by one
        walked = size(Meter(), shared, text_size=_written)
        assert len(json.dumps(value)) <= walked.characters <= 200 + 6 * len(json.dumps(value))
        assert walked.depth == found.depth + 1


def test_ordinary_work_stays_far_below_the_limits() -> None:
    meter = Meter()
    rows = [Record({"id": i, "name": f"row {i}", "value": i * 1.5}) for i in range(2000)]
    text = JSON["dumps"](meter, rows)
    assert len(JSON["loads"](meter, text)) == 2000
    names = BUILTINS["sorted"](meter, [r["name"] for r in rows], reverse=True)
    STR["split"](meter, STR["join"](meter, ", ", names), ", ")
    SET["union"](meter, BUILTINS["set"](meter, names), names)
    BUILTINS["repr"](meter, rows)
    assert meter.steps_used < 60_000
    assert meter.memory_used < 10_000_000


def test_a_list_within_itself_is_written_as_in_cpython() -> None:
    assert BUILTINS["repr"](Meter(), within_itself()) == "[1, [...]]"


def test_what_is_cheap_in_cpython_is_cheap() -> None:
    meter = Meter()
    assert COMPARISONS["in"](meter, 10**11, range(HUGE))
    assert BUILTINS["len"](meter, range(HUGE)) == HUGE
    assert SUBSCRIPTS["load slice"](meter, range(HUGE), 5, None, 10**6) == range(5, HUGE, 10**6)
    assert BINARY["**"](meter, 2, 60_000) == 2**60_000
    assert BINARY["**"](meter, -1, 10**30) == 1
    assert BUILTINS["round"](meter, 12345, -(10**9)) == 0
    assert BINARY["*"](meter, "a", -5) == ""
    assert BINARY["<<"](meter, 0, 10**12) == 0
    assert BUILTINS["pow"](meter, 3, 10**30, 7) == pow(3, 10**30, 7)
    items = list(range(100_000))
    for _ in range(10_000):
        LIST["append"](meter, items, 1)
        LIST["pop"](meter, items)
    assert meter.steps_used < 80_000


def test_a_number_with_too_many_digits_to_write_is_a_value_error_as_in_cpython() -> None:
    for write in (BUILTINS["str"], BUILTINS["repr"], JSON["dumps"], BUILTINS["print"]):
        with pytest.raises(ValueError, match="Exceeds the limit"):
            write(Meter(), 10 ** (sys.get_int_max_str_digits() + 1))


def test_memory_that_is_no_longer_used_is_given_back() -> None:
    kept: list[Any] = []
    meter = Meter(OperationLimits(memory=1_000_000), live=lambda m: in_use(m, kept))
    for _ in range(100):
        BINARY["*"](meter, "a", 100_000)
    kept.append(BINARY["*"](meter, "a", 900_000))
    with pytest.raises(OperationError) as caught:
        BINARY["*"](meter, "a", 900_000)
    assert caught.value.kind == "memory"


def test_values_in_use_are_counted_once_and_in_few_steps() -> None:
    meter = Meter()
    assert in_use(meter, [doubled(60)]) < 10_000
    assert meter.steps_used < 100
    assert in_use(meter, [within_itself()]) > 0


def test_each_limit_can_be_set() -> None:
    meter = Meter(OperationLimits(steps=3))
    for _ in range(3):
        BINARY["+"](meter, 1, 1)
    with pytest.raises(OperationError, match="more than 3 steps"):
        BINARY["+"](meter, 1, 1)
    with pytest.raises(OperationError, match="deeper than 2"):
        BUILTINS["repr"](Meter(OperationLimits(depth=2)), nested(3))
    with pytest.raises(OperationError, match="more than 30 digits"):
        BINARY["**"](Meter(OperationLimits(digits=30)), 10, 40)


MANY: dict[str, Do] = {
    "negated large numbers": lambda m: UNARY["-"](m, LARGE),
    "large numbers inverted": lambda m: UNARY["~"](m, LARGE),
    "large sums": lambda m: BINARY["+"](m, LARGE, 1),
    "large quotients": lambda m: BINARY["//"](m, LARGE, 3),
    "large bits": lambda m: BINARY["|"](m, LARGE, 1),
    "large numbers shifted": lambda m: BINARY[">>"](m, LARGE, 1),
    "large numbers without sign": lambda m: BUILTINS["abs"](m, -LARGE),
    "large numbers rounded": lambda m: BUILTINS["round"](m, LARGE, -1),
    "divided with a rest": lambda m: BUILTINS["divmod"](m, LARGE, 7),
    "greatest common divisors": lambda m: MATH["gcd"](m, LARGE, LARGE),
    "new keys of a defaultdict": lambda m: SUBSCRIPTS["load"](m, GROWING, len(GROWING)),
    "copied texts": lambda m: STR["upper"](m, "ab" * 2000),
    "wide tuples": lambda m: BUILTINS["next"](m, ITERTOOLS["product"](m, *([[1]] * 2000))),
    "sets with colliding elements compared": lambda m: COMPARISONS["=="](m, COLLIDING, COLLIDING),
}  # fmt: skip
LARGE = 1 << 60_000
GROWING: Any = defaultdict(list)
COLLIDING = SetValue(i * ((1 << 61) - 1) for i in range(1, 2000))


@pytest.mark.parametrize("name", MANY)
def test_what_takes_little_may_not_be_done_without_end(name: str) -> None:
    meter = Meter(OperationLimits(memory=4_000_000, steps=400_000))

    def often() -> None:
        for _ in range(100_000):
            MANY[name](meter)

    with pytest.raises(OperationError):
        often()


@pytest.mark.parametrize("text", ["😀" * 100, "a" * 100 + "😀"])
def test_texts_with_wide_letters_count_for_what_they_take(text: str) -> None:
    limits = OperationLimits(memory=1_000_000)
    for call in (
        lambda m: BINARY["*"](m, text, 3000),
        lambda m: FIELDS["field"](m, text, ">300000"),
        lambda m: STR["ljust"](m, text, 300_000),
        lambda m: STR["ljust"](m, "a", 300_000, "😀"),
        lambda m: STR["join"](m, text, ["a"] * 4000),
        lambda m: BINARY["%"](m, "%300000s", text),
        lambda m: STR["replace"](m, "b" * 3000, "b", text),
    ):
        with pytest.raises(OperationError) as caught:
            call(Meter(limits))
        assert caught.value.kind == "memory"


def test_elements_that_an_iterator_makes_count_for_what_they_take() -> None:
    for make in (
        lambda m: BUILTINS["zip"](m, range(HUGE), range(HUGE)),
        lambda m: BUILTINS["enumerate"](m, range(HUGE)),
        lambda m: BUILTINS["iter"](m, range(HUGE)),
    ):
        meter = Meter(OperationLimits(memory=2_000_000))
        kept: list[Any] = []
        with pytest.raises(OperationError):
            METHODS[list]["extend"](meter, kept, make(meter))
        assert meter.memory_used <= 2_000_000


def test_lists_that_all_hold_each_other_are_not_written_out() -> None:
    lists: list[Any] = [[] for _ in range(12)]
    for one in lists:
        one += lists
    with pytest.raises(OperationError, match="steps"):
        BUILTINS["repr"](Meter(OperationLimits(steps=50_000)), lists)
