"""Check that arguments are held against JSON Schemas as `jsonschema` judges them, with places, and in bounded time."""

from __future__ import annotations

import time
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from lcc.grammar.argument_checks import argument_problems, schema_problems
from lcc.grammar.signatures import UNKNOWN, value_fits
from lcc.grammar.signatures.json_functions import read_functions
from lcc.grammar.signatures.json_schema import clean_schema, type_from_schema

PLANT = {
    "type": "object",
    "properties": {
        "kind": {"enum": ["herb", "tree"]},
        "height": {"type": "number", "exclusiveMinimum": 0},
        "tags": {"type": "array", "items": {"type": "string", "pattern": "^[a-z]+$"}, "uniqueItems": True},
    },
    "required": ["kind", "height"],
    "additionalProperties": False,
}


def said(schema: dict[str, Any], value: object) -> list[str]:
    return [str(problem) for problem in schema_problems(clean_schema(schema, lambda *_: None), value)]


@pytest.mark.parametrize(
    ("plant", "expected"),
    [
        ({"kind": "herb", "height": 1}, []),
        ({"knd": "herb", "size": 1}, ["`plants[0]` needs `kind`, `height` and has no field `knd`, `size`"]),
        ({"kind": "herbs", "height": 1}, ["`plants[0].kind` takes Literal['herb', 'tree'], not str `'herbs'`"]),
        ({"kind": "herb", "height": 0}, ["`plants[0].height` must be above 0, not int `0`"]),
        ({"kind": "herb", "height": True}, ["`plants[0].height` takes float, not bool `True`"]),
        (
            {"kind": "herb", "height": 1, "tags": ["a", "B"]},
            ["`plants[0].tags[1]` must match `^[a-z]+$`, and str `'B'` doesn't"],
        ),
        ({"kind": "herb", "height": 1, "tags": ["a", "a"]}, ["`plants[0].tags` holds an item twice"]),
        (
            {"kind": None, "height": "x"},
            [
                "`plants[0].kind` takes Literal['herb', 'tree'], not None",
                "`plants[0].height` takes float, not str `'x'`",
            ],
        ),
        ("mint", ["`plants[0]` takes dict, not str `'mint'`"]),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_all_at_once(plant: object, expected: list[str]) -> None:
    schema = {"type": "object", "properties": {"plants": {"type": "array", "items": PLANT}}}
    assert said(schema, {"plants": [plant]}) == expected


def test_of_alternatives_the_one_that_is_meant_is_spoken_of() -> None:
    text = {
        "type": "object",
        "properties": {"type": {"const": "text"}, "text": {"type": "string"}},
        "required": ["type", "text"],
    }
    image = {
        "type": "object",
        "properties": {"type": {"const": "image"}, "url": {"type": "string"}},
        "required": ["type", "url"],
    }
    schema = {"properties": {"block": {"oneOf": [text, image]}}}
    assert said(schema, {"block": {"type": "image"}}) == ["`block` needs `url`"]
    assert said({"anyOf": [{"required": ["id"]}, {"required": ["name"]}]}, {}) == [
        "the call needs `id`, or needs `name`"
    ]


def test_what_only_the_run_knows_is_not_judged() -> None:
    schema = {"type": "object", "properties": {"plants": {"type": "array", "items": PLANT}}}
    assert said(schema, {"plants": UNKNOWN}) == []
    assert said(schema, {"plants": [{"kind": UNKNOWN, "height": 1, "tags": [UNKNOWN, UNKNOWN]}]}) == []
    assert said(schema, {"plants": [{"kind": UNKNOWN, "heigt": 1}]}) == [
        "`plants[0]` needs `height` and has no field `heigt`"
    ]
    assert said({"properties": {"a": {"not": {"type": "string"}}}}, {"a": UNKNOWN}) == []
    assert said({"properties": {"a": {"oneOf": [{"type": "string"}, {"minLength": 2}]}}}, {"a": UNKNOWN}) == []


def _doubling() -> dict[str, Any]:
    defs: dict[str, Any] = {"d0": {"type": "string"}}
    for n in range(1, 40):
        defs[f"d{n}"] = {"allOf": [{"$ref": f"#/$defs/d{n - 1}"}, {"$ref": f"#/$defs/d{n - 1}"}]}
    return {"$ref": "#/$defs/d39", "$defs": defs}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"pattern": "^(a+)+$"}, "a" * 40 + "!"),
        ({"pattern": "(?<=x)[[]"}, "abc"),
        ({"pattern": "\\\\p{L}+("}, "abc"),
        ({"$ref": "#"}, 3),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}, 3),
        (_doubling(), 3),
        ({"$ref": "http://127.0.0.1:9/schema.json"}, 3),
        ({"type": "array", "items": {"enum": list(range(5_000))}}, list(range(5_000))),
        ({"allOf": [{"pattern": f"x{n}" + "[\0-\uffff]" * 2_000} for n in range(20)]}, "abc"),
        ({"allOf": [{"pattern": f"^(x{n})?" + "[\0-\uffff]" * 190} for n in range(100)]}, "abc" * 70),
    ],
)
def test_a_hostile_schema_is_bounded(schema: dict[str, Any], value: object) -> None:
    began = time.process_time()
    said(schema, value)
    type_from_schema(clean_schema(schema, lambda *_: None))
    assert time.process_time() - began < 20


def test_a_schema_of_ten_megabytes_is_read_and_the_rest_may_be_anything() -> None:
    properties = {f"p{n}": {"type": "string", "description": "x" * 100} for n in range(80_000)}
    began = time.process_time()
    stub = read_functions([{"name": "f", "parameters": {"type": "object", "properties": properties}}])
    assert any("more than 20,000 parts" in found.message for found in stub.diagnostics)
    assert len(stub.signatures[0].parameters) == 1_000
    assert argument_problems(stub.signatures[0], {"p3": "a"}) == []
    assert time.process_time() - began < 30


_LEAVES = st.sampled_from(
    [
        {"type": "string"}, {"type": "integer"}, {"type": "number", "minimum": 1}, {"type": "boolean"}, {"type": "null"},
        {"type": ["string", "null"]}, {"enum": ["a", 1, None]}, {"const": 2.5}, {"type": "string", "minLength": 2}, {},
        {"type": "string", "pattern": "^a"}, {"type": "integer", "multipleOf": 2}, {"$ref": "#/$defs/Node"}, True,
    ]
)  # fmt: skip


def _grown(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    names = st.sampled_from("abc")
    return st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("array"), "items": inner}, optional={"minItems": st.just(1), "uniqueItems": st.just(True)}
        ),
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(names, inner, max_size=3)},
            optional={
                "required": st.lists(names, unique=True, max_size=2),
                "additionalProperties": st.one_of(st.booleans(), inner),
                "patternProperties": st.dictionaries(st.just("^b"), inner, max_size=1),
            },
        ),
        st.fixed_dictionaries(
            {"prefixItems": st.lists(inner, min_size=1, max_size=2), "type": st.just("array")},
            optional={"items": st.one_of(st.just(False), inner)},
        ),
        *(
            st.lists(inner, min_size=1, max_size=3).map(lambda members, word=word: {word: members})
            for word in ("anyOf", "oneOf", "allOf")
        ),
        inner.map(lambda one: {"not": one}),
    )


_NODE = {
    "type": "object",
    "properties": {"a": {"type": "integer"}, "b": {"type": "array", "items": {"$ref": "#/$defs/Node"}}},
    "required": ["a"],
}
SCHEMAS = st.recursive(_LEAVES, _grown, max_leaves=6)
VALUES = st.recursive(
    st.sampled_from(["a", "ab", "", 1, 2, 2.5, 3.0, True, None, 0, -4]),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
    max_leaves=6,
)


def _agrees(schema: Any, value: object) -> None:
    whole = {"type": "object", "properties": {"x": schema}, "required": ["x"], "$defs": {"Node": _NODE}}
    valid = jsonschema.Draft202012Validator(whole).is_valid({"x": value})
    reports: list[object] = []
    sound = clean_schema(whole, lambda *report: reports.append(report))
    assert not reports
    assert (schema_problems(sound, {"x": value}) == []) is valid
    (signature,) = read_functions([{"name": "f", "parameters": whole}]).signatures
    if valid:
        type_ = signature.parameters[0].type
        assert value_fits(value, type_), "a type takes all that its schema takes"
    elif not signature.constrained:
        assert not value_fits(value, signature.parameters[0].type), "types alone refuse what the schema refuses"


@given(SCHEMAS, VALUES)
def test_the_verdict_is_that_of_jsonschema(schema: Any, value: object) -> None:
    _agrees(schema, value)


@pytest.mark.slow
@settings(max_examples=10_000, suppress_health_check=list(HealthCheck), deadline=None)
@given(SCHEMAS, VALUES)
def test_the_verdict_is_that_of_jsonschema_at_length(schema: Any, value: object) -> None:
    _agrees(schema, value)
