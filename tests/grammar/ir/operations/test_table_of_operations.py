"""Check what is in the table, by a golden list, and that nothing else is reached by any name."""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from operation_values import Values

from lcc.grammar.ir.operations import (
    AUGMENTED,
    BINARY,
    BUILTIN_CLASSES,
    BUILTINS,
    CLASS_FUNCTIONS,
    CONSTANTS,
    LOOPS,
    METHODS,
    MODULES,
    OPERATIONS,
    SUBSCRIPTS,
    Meter,
    OperationError,
    Record,
    SetValue,
    attribute,
    builtin,
    constant,
    is_value,
    method,
    module_function,
)
from lcc.grammar.ir.operations.basis.kinds import CLASSES, KINDS, LAZY
from lcc.grammar.ir.operations.basis.operation import OMITTED, parameters
from lcc.grammar.ir.operations.table import ATTRIBUTES

GOLDEN = Path(__file__).parents[3] / "golden" / "operations.txt"
VALUES: list[Any] = [
    None, True, 1, 1.5, "a", [1], (1,), SetValue([1]), {"a": 1}, Record(a=1), range(3), ValueError("x"), CLASSES["int"],
    {"a": 1}.keys(), {"a": 1}.values(), {"a": 1}.items(),
]  # fmt: skip


def drawn() -> list[Any]:
    from random import Random

    values = Values(Random(1))
    kinds = ("date", "time", "datetime", "timedelta", "timezone", "counter", "defaultdict", "pattern", "match", "lazy")
    return VALUES + [getattr(values, kind)() for kind in kinds]


def test_the_table_holds_the_names_of_the_golden_list(request: pytest.FixtureRequest) -> None:
    shown = "".join(f"{name}({str(found).partition('(')[2]}\n" for name, found in sorted(OPERATIONS.items()))
    if request.config.getoption("--bless"):
        GOLDEN.write_text(shown, encoding="utf-8")
    assert shown == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(set(dir(builtins)) | {"foo", "lenn", "frozenset", "sleep"}))
def test_a_builtin_that_is_not_in_the_table_is_refused(name: str) -> None:
    if name in BUILTINS or name in BUILTIN_CLASSES or name in LOOPS or name in ("True", "False", "None"):
        return
    with pytest.raises(OperationError) as caught:
        builtin(name)
    assert caught.value.kind == "refused"
    assert name in caught.value.message


@pytest.mark.parametrize(
    "module", ["collections", "datetime", "functools", "itertools", "json", "math", "re", "statistics"]
)
def test_what_a_module_has_and_the_table_lacks_is_refused(module: str) -> None:
    for name in dir(importlib.import_module(module)):
        known = name in MODULES[module] or f"{module}.{name}" in CONSTANTS
        if not known:
            with pytest.raises(OperationError):
                module_function(module, name)
            with pytest.raises(OperationError):
                constant(module, name)


@pytest.mark.parametrize(
    "module", ["os", "sys", "subprocess", "random", "uuid", "time", "builtins", "importlib", "ctypes", "asyncio.x"]
)
def test_another_module_is_refused(module: str) -> None:
    with pytest.raises(OperationError):
        module_function(module, "anything")


def test_no_value_has_another_attribute_or_method() -> None:
    for value in drawn():
        kind = type(value)
        names = {
            *dir(value),
            *dir(kind),
            *dir(object),
            "foo",
            "f_back",
            "gi_frame",
            "tb_frame",
            "members",
            "iterator",
            "_x",
        }
        for name in names - set(METHODS.get(kind, ())):
            with pytest.raises((OperationError, AttributeError)):
                method(value, name)
        for name in names - set(ATTRIBUTES.get(kind, ())) - ({"a"} if kind is Record else set()):
            with pytest.raises((OperationError, AttributeError)):
                attribute(value, name)


@pytest.mark.parametrize(
    "name", [n for n in dir(object) if n.startswith("__")] + ["__globals__", "__builtins__", "__code__", "__dict__"]
)
def test_a_name_of_pythons_machinery_is_refused_for_every_value(name: str) -> None:
    for value in drawn():
        with pytest.raises(OperationError):
            method(value, name)
        with pytest.raises(OperationError):
            attribute(value, name)


def test_the_name_of_a_class_is_all_that_is_read_of_it() -> None:
    found = BUILTINS["type"](Meter(), ValueError("x"))
    assert attribute(found, "__name__") == "ValueError"
    with pytest.raises(OperationError):
        attribute(ValueError("x"), "__class__")


def test_every_attribute_of_a_value_is_a_value() -> None:
    for value in drawn():
        for name in ATTRIBUTES.get(type(value), ()):
            assert is_value(attribute(value, name)), (value, name)


def test_no_operation_of_no_arguments_or_wrong_ones_raises_anything_but_a_type_error() -> None:
    for name, found in OPERATIONS.items():
        if found.least and not name.startswith(("operator", "unary")):
            with pytest.raises(TypeError):
                found(Meter())
        if not name.startswith("method"):
            with pytest.raises(TypeError):
                found(Meter(), *([1] * 40), nonsense=1)


def test_every_error_of_the_table_says_what_to_do_where_a_near_name_exists() -> None:
    for ask, near in (
        (lambda: builtin("lenn"), "len"),
        (lambda: builtin("sortd"), "sorted"),
        (lambda: module_function("math", "sqr"), "sqrt"),
        (lambda: module_function("statistic", "mean"), "statistics"),
        (lambda: module_function("datetime", "datetime.strpime"), "datetime.strptime"),
        (lambda: constant("math", "pie"), "pi"),
        (lambda: builtin("open"), "tools"),
        (lambda: builtin("getattr"), "a.name"),
    ):
        with pytest.raises(OperationError) as caught:
            ask()
        assert near in (caught.value.help or "")


def test_a_method_that_cpython_has_and_the_table_lacks_is_refused_with_help() -> None:
    with pytest.raises(OperationError, match="format_map") as caught:
        method("a", "format_map")
    assert caught.value.help == "did you mean `format`?"


def test_a_name_that_no_value_of_the_kind_has_is_an_attribute_error_as_in_cpython() -> None:
    for value, shown in ((1, "int"), ({}, "dict"), (Record(), "dict"), (SetValue(), "set"), (None, "NoneType")):
        with pytest.raises(AttributeError, match=f"^'{shown}' object has no attribute 'valeu'$"):
            attribute(value, "valeu")


def test_a_field_of_a_record_goes_before_a_method() -> None:
    order = Record(items=[1, 2])
    assert attribute(order, "items") == [1, 2]
    with pytest.raises(TypeError, match=r"^'list' object is not callable$"):
        method(order, "items")
    assert method({"items": 1}, "items") is METHODS[dict]["items"]
    with pytest.raises(AttributeError):
        attribute({"a": 1}, "a")


def test_flags_say_what_changes_its_first_argument() -> None:
    changing = {name for name, found in OPERATIONS.items() if found.mutates}
    assert {
        "method list.append",
        "method dict.pop",
        "method set.add",
        "subscript store",
        "operator +=",
        "builtin next",
    } <= changing
    assert not {"method list.copy", "method dict.get", "operator +", "builtin sorted"} & changing


def test_every_parameter_of_an_operation_fits_its_function() -> None:
    for name, found in OPERATIONS.items():
        try:
            signature = inspect.signature(found.evaluate)
        except ValueError:
            continue
        places = [p for p in signature.parameters.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        variadic = any(p.kind is p.VAR_POSITIONAL for p in signature.parameters.values())
        given = len(found.params) + found.metered
        assert variadic or given <= len(places), name


def test_every_pair_of_kinds_that_cpython_accepts_has_a_row() -> None:
    from random import Random

    values = Values(Random(3))
    pool = [*drawn(), *VALUES, 0, 2, -1.5, "%s", "ab", [2], SetValue(), {}, values.counter(), values.zone(), True]
    for symbol, found in [*BINARY.items(), *AUGMENTED.items()]:
        for first in pool:
            for second in pool:
                if (type(first), type(second)) not in found.rows:  # type: ignore[attr-defined]
                    with pytest.raises((TypeError, AttributeError, OperationError)):
                        pytest.fail(
                            f"{symbol} has no row for {type(first)}, {type(second)}: {found.evaluate(first, second)}"
                        )


def test_the_room_imports_what_it_may() -> None:
    may = ("lcc.grammar.ir.operations", "lcc.grammar.signatures", "lcc.grammar.diagnostics", "lcc.grammar.values",
           "lcc.grammar.source", "lcc.grammar.limits", "lcc.grammar.dataclass")  # fmt: skip
    modules = list((Path(__file__).parents[4] / "grammar" / "ir" / "operations").rglob("*.py"))
    assert len(modules) > 15
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lcc"):
                assert (node.module or "").startswith(may), f"{path.name}:{node.lineno}"


def test_a_dict_is_not_sliced() -> None:
    with pytest.raises((TypeError, KeyError)):
        SUBSCRIPTS["load slice"](Meter(), {1: 2}, 0, 1, None)


def test_signatures_are_read() -> None:
    params, rest = parameters("self: str, sep: str|None = None, /, *, reverse: bool = False, *rest: int")
    assert [(p.name, p.kinds, p.required, p.positional, p.keyword) for p in params] == [
        ("self", "str", True, True, False),
        ("sep", "str|None", False, True, False),
        ("reverse", "bool", False, False, True),
    ]
    assert rest == "int"
    assert parameters("a = ...")[0][0].default is OMITTED


def test_class_functions_are_methods_that_take_the_value() -> None:
    assert CLASS_FUNCTIONS["str.lower"](Meter(), "ABC") == "abc"
    assert CLASS_FUNCTIONS["dict.get"](Meter(), Record(a=1), "a") == 1
    assert CLASS_FUNCTIONS["dict.fromkeys"](Meter(), "ab", 0) == {"a": 0, "b": 0}
    for name in CLASS_FUNCTIONS:
        kind, _, last = name.partition(".")
        if name != "dict.fromkeys":
            with pytest.raises(
                TypeError, match=f"descriptor '{last}' for '{kind}' objects doesn't apply to a 'int' object"
            ):
                CLASS_FUNCTIONS[name](Meter(), 5, [])


def test_every_kind_has_its_name_and_every_iterator_its_class() -> None:
    assert KINDS[SetValue] == "set"
    assert KINDS[Record] == "dict"
    assert all(KINDS[c] == name for name, c in LAZY.items())


def test_the_table_has_one_order_in_every_process() -> None:
    show = "from lcc.grammar.ir.operations import OPERATIONS; print(*OPERATIONS, sep='\\n')"
    code = "kept = [type('T', (), {{}}) for _ in range({})]; " + show
    shown = {
        subprocess.run([sys.executable, "-c", code.format(number)], capture_output=True, check=True, cwd="/").stdout
        for number in (0, 7, 500)
    }
    assert len(shown) == 1
    assert b"method str.upper" in shown.pop()
