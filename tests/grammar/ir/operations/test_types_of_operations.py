"""Check the types that operations infer: what can't be right is a misfit, what comes out is of the type."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from operation_oracle import arguments
from operation_values import Values

from lcc.grammar.ir.operations import (
    BINARY,
    BUILTINS,
    COMPARISONS,
    METHODS,
    MODULES,
    OPERATIONS,
    SUBSCRIPTS,
    Meter,
    Misfit,
    OperationError,
    infer_attribute,
    infer_method,
)
from lcc.grammar.ir.operations.basis.static import kinds_of
from lcc.grammar.signatures import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    NULL,
    STR,
    DictType,
    Field,
    ListType,
    LiteralType,
    RecordType,
    Type,
    show,
    union,
)

STOCK = RecordType("Stock", (Field("symbol", STR), Field("value", FLOAT), Field("tags", ListType(STR))))
KIND_TYPES: dict[type, Type] = {
    bool: BOOL,
    int: INT,
    float: FLOAT,
    str: STR,
    type(None): NULL,
    list: ListType(ANY),
    dict: DictType(ANY),
}


@pytest.mark.parametrize(
    ("infer", "message", "help"),
    [
        (lambda: BUILTINS["len"].infer(INT), "takes sized", None),
        (lambda: BINARY["-"].infer(STR, INT), "`str` - `int`", None),
        (lambda: BINARY["+"].infer(STR, INT), r"`str` \+ `int`", "str(…)"),
        (lambda: BINARY["+"].infer(ListType(INT), STR), "no operation", "str(…)"),
        (lambda: BINARY["*"].infer(STR, STR), "no operation", None),
        (lambda: COMPARISONS["<"].infer(STR, INT), "no comparison", None),
        (lambda: COMPARISONS["in"].infer(INT, INT), "takes iterable", None),
        (lambda: infer_attribute(STOCK, "valeu"), "no attribute `valeu`", "did you mean `value`?"),
        (lambda: infer_attribute(INT, "value"), "no attribute", None),
        (lambda: infer_attribute(ANY, "__class__"), "Python's own", None),
        (lambda: infer_method(STR, "uper"), "no method `uper`", "did you mean `upper`?"),
        (lambda: infer_method(INT, "append", INT), "no method", None),
        (lambda: infer_method(ANY, "appendd", INT), "no value has a method", "did you mean `append`?"),
        (lambda: infer_method(STR, "split", INT), "takes str or None", "str(…)"),
        (lambda: infer_method(STR, "join", INT), "takes iterable", None),
        (lambda: infer_method(STOCK, "value"), "is a field", None),
        (lambda: SUBSCRIPTS["load"].infer(STOCK, LiteralType(("valeu",))), "no key 'valeu'", "did you mean `value`?"),
        (lambda: SUBSCRIPTS["load"].infer(ListType(INT), STR), "read at an int", None),
        (lambda: SUBSCRIPTS["load"].infer(INT, INT), "no items", None),
        (lambda: BUILTINS["sum"].infer(INT), "takes iterable", None),
        (lambda: BUILTINS["sorted"].infer(ListType(INT), revers=BOOL), "is no parameter", "did you mean `reverse`?"),
        (lambda: BUILTINS["round"].infer(STR), "takes number", None),
        (lambda: BUILTINS["len"].infer(), "lacks its argument", None),
        (lambda: BUILTINS["len"].infer(STR, STR), "at most 1", None),
        (lambda: MODULES["math"]["sqrt"].infer(STR), "takes number", None),
        (lambda: MODULES["json"]["loads"].infer(DictType(ANY)), "takes str", "str(…)"),
    ],
)
def test_what_cannot_be_right_is_a_misfit(infer: Any, message: str, help: str | None) -> None:
    with pytest.raises(Misfit, match=message) as caught:
        infer()
    assert help is None or help in (caught.value.help or "")


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (lambda: BINARY["+"].infer(INT, INT), "int"),
        (lambda: BINARY["/"].infer(INT, INT), "float"),
        (lambda: BINARY["+"].infer(STR, ANY), "Any"),
        (lambda: BINARY["%"].infer(STR, INT), "str"),
        (lambda: BINARY["*"].infer(STR, INT), "str"),
        (lambda: COMPARISONS["<"].infer(INT, FLOAT), "bool"),
        (lambda: COMPARISONS["=="].infer(INT, STR), "bool"),
        (lambda: infer_attribute(STOCK, "value"), "float"),
        (lambda: infer_attribute(union(STOCK, NULL), "value"), "float"),
        (lambda: infer_attribute(ANY, "anything"), "Any"),
        (lambda: infer_method(STR, "split"), "list[str]"),
        (lambda: infer_method(STOCK, "get", LiteralType(("value",))), "float"),
        (lambda: SUBSCRIPTS["load"].infer(ListType(STOCK), INT), "Stock"),
        (lambda: SUBSCRIPTS["load"].infer(STOCK, LiteralType(("tags",))), "list[str]"),
        (lambda: SUBSCRIPTS["load slice"].infer(ListType(INT), ANY, ANY, ANY), "list[int]"),
        (lambda: SUBSCRIPTS["load"].infer(ListType(INT), FLOAT), "int"),  # a tool that declares a float may answer 5
        (lambda: BUILTINS["sorted"].infer(ListType(STR)), "list[str]"),
        (lambda: BUILTINS["sum"].infer(ListType(INT)), "int"),
        (lambda: BUILTINS["max"].infer(INT, FLOAT), "int | float"),
        (lambda: BUILTINS["max"].infer(ListType(STR)), "str"),
        (lambda: BUILTINS["round"].infer(FLOAT), "int"),
        (lambda: BUILTINS["round"].infer(FLOAT, INT), "float"),
        (lambda: BUILTINS["range"].infer(INT), "list[int]"),
        (lambda: MODULES["json"]["dumps"].infer(ANY), "str"),
    ],
)
def test_the_type_of_a_result_is_inferred(found: Any, wanted: str) -> None:
    assert show(found()) == wanted


def types_of(value: Any) -> Type:
    return KIND_TYPES.get(type(value), ANY)


@pytest.mark.parametrize("name", [n for n in OPERATIONS if not n.startswith("attribute ")])
def test_an_operation_that_gives_a_value_is_no_misfit_and_its_type_is_right(name: str) -> None:
    values = Values(Random(name))
    for _ in range(15):
        args, names = arguments(values, name)
        types, named = [types_of(a) for a in args], {key: types_of(v) for key, v in names.items()}
        try:
            result = OPERATIONS[name](Meter(), *args, **names)
        except (OperationError, Exception):
            continue
        kinds = kinds_of(OPERATIONS[name].infer(*types, **named))
        own = types_of(result)
        assert kinds is None or own == ANY or (kinds_of(own) or set()) & kinds, f"{name}: {result!r:.200} is no {kinds}"


def test_methods_are_known_for_every_kind_that_types_have() -> None:
    for kind in (str, list, dict):
        assert METHODS[kind]
