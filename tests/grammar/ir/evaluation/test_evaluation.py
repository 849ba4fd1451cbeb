"""Check what values evaluate to in a frame: results, inputs, names, steps that weren't taken."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lcc.grammar.ir import (
    Apply,
    Builtin,
    Clause,
    Comprehension,
    Const,
    DictOf,
    Format,
    Input,
    Lambda,
    ListOf,
    Local,
    Ref,
    Select,
    Spread,
    Targets,
    Value,
)
from lcc.grammar.ir.evaluation import NOT_TAKEN, Evaluation, NotTaken, bind_target, compile_value, frame_keys
from lcc.grammar.ir.operations import Meter, OperationError, OperationLimits, Record
from lcc.grammar.values import PathError

NOW = datetime(2026, 11, 29, 18, 30, tzinfo=UTC)
ONE_TO_THREE = Apply("display list", (Const(1), Const(2), Const(3)))


def evaluate(value: Value, frame: dict[Any, Any] | None = None, limits: OperationLimits | None = None) -> Any:
    return compile_value(value, Evaluation(Meter(limits), NOW))({} if frame is None else frame)


def plus(first: Value, second: Value) -> Apply:
    return Apply("operator +", (first, second))


def test_results_inputs_and_names_are_read_from_the_frame() -> None:
    frame = {3: Record(tags=["a", "b"]), "$city": Record(name="Oslo"), "x": 4}
    assert evaluate(Ref(3, ("tags", -1)), frame) == "b"
    assert evaluate(Input("city", ("name",)), frame) == "Oslo"
    assert evaluate(plus(Local("x"), Const(1)), frame) == 5


def test_a_path_that_leads_nowhere_is_told_as_a_whole() -> None:
    with pytest.raises(PathError, match=r"^\$3\.tags\[2\]: index 2 of a list of 1$"):
        evaluate(Ref(3, ("tags", 2)), {3: Record(tags=["a"])})


def test_a_path_reads_what_json_does_not_have() -> None:
    assert evaluate(Ref(3, (1, "year")), {3: (1, NOW)}) == 2026


def test_a_text_of_a_plan_file_holds_results_as_json() -> None:
    assert evaluate(Format(("is ", Ref(1), " or ", Input("x"))), {1: [True, None, "é"], "$x": "é"}) == (
        'is [true, null, "é"] or é'
    )


def test_displays_of_plan_files_are_lists_and_records() -> None:
    made = evaluate(ListOf((DictOf((("a", Const(1)),)), Spread(Ref(1)))), {1: (2, 3)})
    assert made == [{"a": 1}, 2, 3]
    assert type(made[0]) is Record


def test_what_reads_a_step_that_was_not_taken_is_not_taken_itself() -> None:
    frame = {1: NOT_TAKEN, 2: "b", "m": NOT_TAKEN}
    for value in (Ref(1), plus(Ref(1, ("x",)), Const(1)), Local("m"), Select((Ref(1), Local("m")))):
        with pytest.raises(NotTaken):
            evaluate(value, frame)
    assert evaluate(Select((Ref(1), Ref(2))), frame) == "b"


def test_a_name_that_nothing_has_bound_is_cpython_s_error() -> None:
    with pytest.raises(NameError, match=r"^name 'total' is not defined$"):
        evaluate(Local("total"))


def test_a_lazy_comprehension_reads_names_when_it_is_read_and_its_first_iterable_at_once() -> None:
    lazy = Comprehension("lazy", Apply("operator *", (Local("x"), Local("k"))), (Clause("x", Local("xs")),))
    frame = {"k": 2, "xs": [1, 2]}
    made = evaluate(lazy, frame)
    frame |= {"k": 10, "xs": None}
    assert list(made) == [10, 20]


def test_a_clock_shows_the_instant_of_the_run() -> None:
    assert evaluate(Apply("module datetime.date.today")) == NOW.date()
    with pytest.raises(OperationError, match="isn't known"):
        compile_value(Apply("module datetime.date.today"), Evaluation(Meter()))({})


def test_keys_of_a_frame_are_those_that_a_value_may_read() -> None:
    inner = Comprehension("list", plus(Local("x"), Local("y")), (Clause("x", Ref(2, ("rows",))),))
    value = plus(inner, Apply("builtin sorted", (Input("city"),), (("key", Lambda(("z",), Local("z"))),)))
    assert frame_keys(value) == {2, "y", "$city"}


def test_a_target_binds_name_by_name() -> None:
    frame: dict[str, Any] = {}
    bind_target(Targets(("a", Targets(("b", "c"), 1))), (1, "xyz"), frame, Meter())
    assert frame == {"a": 1, "b": "x", "c": ["y", "z"]}
    with pytest.raises(TypeError, match="cannot unpack non-iterable int object"):
        bind_target(Targets(("d", Targets(("e", "f")))), (4, 5), frame, Meter())
    assert frame["d"] == 4


def test_every_turn_of_a_loop_is_paid_for() -> None:
    endless = Comprehension("lazy", Const(1), (Clause("x", Apply("builtin range", (Const(10**9),))),))
    for value in (Apply("builtin sum", (endless,)), Comprehension("list", Const(1), endless.clauses)):
        with pytest.raises(OperationError, match="steps"):
            evaluate(value, limits=OperationLimits(steps=1000))


def test_iterators_that_read_from_each_other_are_a_limit() -> None:
    chained: Value = ONE_TO_THREE
    for _ in range(70):
        chained = Comprehension("lazy", Local("x"), (Clause("x", chained),))
    with pytest.raises(OperationError, match="deeper"):
        evaluate(Apply("builtin list", (chained,)))


def test_what_stands_in_a_wrong_place_or_is_not_in_the_table_is_refused() -> None:
    for value in (
        Lambda(("x",), Local("x")),
        Spread(Local("x")),
        Builtin("open"),
        Apply("builtin open", (Const("x"),)),
        Apply("method __init__", (Const("x"),)),
        Apply("attribute __class__", (Const("x"),)),
        Apply("attribute _private", (Local("x"),)),
    ):
        with pytest.raises(OperationError):
            evaluate(value, {"x": Record(a=1)})


def test_exceptions_are_values() -> None:
    frame = {"e": KeyError("id")}
    error = Local("e")
    assert evaluate(Apply("builtin str", (error,)), frame) == "'id'"
    assert evaluate(Apply("attribute args", (error,)), frame) == ("id",)
    assert evaluate(Apply("attribute __name__", (Apply("builtin type", (error,)),)), frame) == "KeyError"
    classes = Apply("display tuple", (Builtin("ValueError"), Builtin("LookupError")))
    assert evaluate(Apply("builtin isinstance", (error, classes)), frame) is True


LONG = Apply("operator *", (Const("a"), Const(100_000)))
TEN_THOUSAND = Clause("x", Apply("builtin range", (Const(10_000),)))


@pytest.mark.parametrize("kind", ["list", "lazy"])
def test_a_loop_gives_back_what_its_turns_do_not_keep(kind: Any) -> None:
    lengths = Comprehension(kind, Apply("builtin len", (LONG,)), (TEN_THOUSAND,))
    meter = Meter(OperationLimits(memory=2_000_000))
    code = compile_value(Apply("builtin sum", (lengths,)), Evaluation(meter, roots=lambda: ()))
    assert code({}) == 10_000 * 100_000


@pytest.mark.parametrize(
    "item",
    [
        LONG,
        Apply("display tuple", (LONG,)),
        Apply("method append", (Local("kept"), LONG)),
    ],
)
def test_what_a_loop_keeps_counts_before_anyone_holds_it(item: Value) -> None:
    kept = Comprehension("list", item, (Clause("kept", Apply("display list", (Apply("display list"),))), TEN_THOUSAND))
    meter = Meter(OperationLimits(memory=2_000_000))
    with pytest.raises(OperationError, match="bytes"):
        compile_value(kept, Evaluation(meter, roots=lambda: ()))({})


def test_values_are_in_use_where_roots_lead_to_them_and_no_longer() -> None:
    names: dict[Any, Any] = {}
    meter = Meter(OperationLimits(memory=2_000_000))
    code = compile_value(LONG, Evaluation(meter, roots=lambda: names.values()))
    for turn in range(100):
        names[turn % 10] = code(names)
    with pytest.raises(OperationError, match="bytes"):
        names |= {turn: names.setdefault(turn, code(names)) for turn in range(100)}


@pytest.mark.parametrize("around", ["builtin iter", "builtin zip", "module itertools.chain", "lazy"])
def test_what_an_iterator_will_read_is_in_use(around: str) -> None:
    held: list[Any] = []
    evaluation = Evaluation(Meter(OperationLimits(memory=2_000_000)), roots=lambda: held)
    lists = Apply("display list", (LONG,))
    lazy = Comprehension("lazy", Local("x"), (Clause("x", lists),)) if around == "lazy" else Apply(around, (lists,))
    code = compile_value(lazy, evaluation)
    held += [code({}) for _ in range(15)]
    with pytest.raises(OperationError, match="bytes"):
        held += [held.append(code({})) for _ in range(15)]


def test_the_loop_is_due_after_so_many_steps() -> None:
    evaluation = Evaluation(Meter())
    count = compile_value(Comprehension("list", Const(1), (TEN_THOUSAND,)), evaluation)
    assert not evaluation.is_due()
    count({})
    assert evaluation.is_due()
    assert not evaluation.is_due()
