"""Check JSON function schemas: reading every shape, faults and hostile input, and writing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from hypothesis import given, strategies as st
from strategies import json_of, types

from lcc.grammar.signatures import (
    ANY,
    INT,
    STR,
    Cost,
    Effect,
    Field,
    ListType,
    Parameter,
    RecordType,
    Signature,
    Type,
    show,
    to_json_schema,
    union,
    value_fits,
)
from lcc.grammar.signatures.json_functions import read_functions, read_functions_text, to_function
from lcc.grammar.signatures.json_schema import clean_schema, type_from_schema
from lcc.grammar.signatures.stubs import read_stub

SEARCH: dict[str, Any] = {
    "name": "search",
    "description": "Find pages.",
    "parameters": {
        "type": "object",
        "properties": {"query": {"type": "string", "description": "what"}, "limit": {"type": "integer", "default": 3}},
        "required": ["query"],
    },
}


@pytest.mark.parametrize(
    "shape",
    [
        SEARCH,
        {"type": "function", **SEARCH},
        {"type": "function", "function": SEARCH},
        [SEARCH],
        [{"type": "function", "function": SEARCH}],
        {"tools": [{"type": "function", "function": SEARCH}]},
        {"functions": [SEARCH]},
        {"name": "search", "description": "Find pages.", "inputSchema": SEARCH["parameters"]},
    ],
)
def test_every_usual_shape_is_read(shape: object) -> None:
    for stub in (read_functions(shape), read_functions_text(json.dumps(shape))):
        assert not stub.diagnostics
        (search,) = stub.signatures
        assert str(search) == "search(query: str, limit: int = 3) -> Any"
        assert search.description == "Find pages."
        assert search.parameters[0].description == "what"


def test_what_functions_have_no_word_for_stands_under_an_extension() -> None:
    extension = {"effect": "write", "resource": "file:{query}", "cost": 2, "result": {"type": "string"}}
    (search,) = read_functions([{**SEARCH, "x-lcc": extension}]).signatures
    assert search.effect is Effect.WRITE
    assert [r.pattern for r in search.resources] == ["file:{query}"]
    assert search.cost == Cost(2.0)
    assert search.result == STR
    assert read_functions([{"type": "function", "function": SEARCH, "x-lcc": extension}]).signatures == (search,)


def test_an_optional_parameter_of_a_strict_function_is_nullable() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": ["integer", "null"]}, "b": {"type": "integer"}},
        "required": ["a", "b"],
    }
    (strict,) = read_functions({"name": "f", "strict": True, "parameters": schema}).signatures
    assert str(strict) == "f(a: int | None = None, b: int) -> Any"
    (loose,) = read_functions({"name": "f", "parameters": schema}).signatures
    assert loose.parameters[0].required


@pytest.mark.parametrize(
    ("schema", "shown"),
    [
        ({}, "Any"),
        (True, "Any"),
        ({"type": "string", "format": "date"}, "str"),
        ({"type": ["string", "null"]}, "str | None"),
        ({"type": "string", "nullable": True}, "str | None"),
        ({"enum": ["a", 1, None]}, "Literal['a', 1, None]"),
        ({"enum": ["a", 1.5]}, "Literal['a'] | float"),
        ({"enum": [[1]]}, "Any"),
        ({"const": True}, "Literal[True]"),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "str | int"),
        ({"oneOf": [{"type": "string"}, {"type": "string"}]}, "str"),
        ({"allOf": [{"type": "string"}]}, "str"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "Any"),
        ({"type": "array", "items": {"type": "number"}}, "list[float]"),
        ({"type": "array"}, "list"),
        ({"items": {"type": "boolean"}}, "list[bool]"),
        ({"type": "array", "prefixItems": [{"type": "string"}, {"type": "null"}]}, "list"),
        ({"type": "array", "prefixItems": [{"type": "string"}], "items": False}, "list[str]"),
        ({"type": "object"}, "dict"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "dict[str, int]"),
        ({"properties": {"a": {}}, "title": "Thing"}, "Thing"),
        ({"not": {"type": "string"}, "pattern": "x"}, "Any"),
    ],
)
def test_a_schema_is_read_as_the_type_that_holds_its_values(schema: object, shown: str) -> None:
    reports: list[object] = []
    assert show(type_from_schema(clean_schema(schema, lambda *report: reports.append(report)))) == shown
    assert not reports


def test_references_are_followed_and_cycles_end() -> None:
    parameters = {
        "type": "object",
        "properties": {"tree": {"$ref": "#/$defs/Tree"}, "same": {"$ref": "#/properties/tree"}},
        "$defs": {
            "Tree": {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}}
        },
    }
    stub = read_functions({"name": "f", "parameters": parameters})
    assert not stub.diagnostics
    tree, same = (p.type for p in stub.signatures[0].parameters)
    assert tree == RecordType("Tree", (Field("kids", ListType(RecordType("Tree", (), False)), False),), closed=False)
    assert same == tree


def test_records_of_an_all_of_are_put_together() -> None:
    part = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    more = {"type": "object", "properties": {"b": {"type": "integer"}}, "additionalProperties": False}
    type_ = type_from_schema({"allOf": [part, more], "title": "Both"})
    assert type_ == RecordType("Both", (Field("a", STR), Field("b", INT, False)), closed=False)


@pytest.mark.parametrize(
    ("value", "code", "pointer", "text"),
    [
        (3, "T015", "/", "3"),
        ([3], "T015", "/0", "3"),
        ({"tools": {}}, "T015", "/tools", "{}"),
        ({}, "T015", "/", "{}"),
        ([{"name": 3}], "T015", "/0", '{"name": 3}'),
        ([{"type": "function", "function": []}], "T015", "/0/function", "[]"),
        ([{"type": "custom", "name": "f"}], "T015", "/0/type", '"custom"'),
        ([{"name": "f", "x-lcc": 3}], "T015", "/0/x-lcc", "3"),
        ([], "T003", "/", "[]"),
        ([{"name": "join"}], "T008", "/0/name", '"join"'),
        ([{"name": "f"}, {"name": "f"}], "T009", "/1/name", '"f"'),
        (
            [{"name": "f", "parameters": {"properties": {"each": {"type": "null"}}}}],
            "T011",
            "/0/parameters/properties/each",
            '{"type": "null"}',
        ),
        ([{"name": "f", "parameters": []}], "T016", "/0/parameters", "[]"),
        ([{"name": "f", "parameters": {"type": "string"}}], "T016", "/0/parameters", '{"type": "string"}'),
        ([{"name": "f", "parameters": {"properties": 3}}], "T016", "/0/parameters/properties", "3"),
        ([{"name": "f", "parameters": {"required": "a"}}], "T016", "/0/parameters/required", '"a"'),
        (
            [{"name": "f", "parameters": {"properties": {"a/b": {"type": "text"}}}}],
            "T016",
            "/0/parameters/properties/a~1b/type",
            '"text"',
        ),
        ([{"name": "f", "x-lcc": {"efect": "read"}}], "T005", "/0/x-lcc/efect", '"read"'),
        ([{"name": "f", "x-lcc": {"effect": "reads"}}], "T006", "/0/x-lcc/effect", '"reads"'),
        ([{"name": "f", "x-lcc": {"name": "a b"}}], "T008", "/0/x-lcc/name", '"a b"'),
        (
            [{"name": "f", "x-lcc": {"effect": "read", "resource": "{x}"}}],
            "T012",
            "/0/x-lcc/resource",
            '"{x}"',
        ),
        ([{"name": "f", "x-lcc": {"result": {"$ref": "http://x"}}}], "T016", "/0/x-lcc/result/$ref", '"http://x"'),
        ([{"name": "f", "x-lcc": {"result": {"$ref": "#/x"}}}], "T016", "/0/x-lcc/result/$ref", '"#/x"'),
        ([{"name": "f", "x-lcc": {"result": {"enum": []}}}], "T016", "/0/x-lcc/result/enum", "[]"),
        ([{"name": "f", "x-lcc": {"result": {"anyOf": []}}}], "T016", "/0/x-lcc/result/anyOf", "[]"),
        ([{"name": "f", "x-lcc": {"result": {"allOf": {}}}}], "T016", "/0/x-lcc/result/allOf", "{}"),
        ([{"name": "f", "x-lcc": {"result": {"type": []}}}], "T016", "/0/x-lcc/result/type", "[]"),
        ([{"name": "f", "x-lcc": {"result": {"type": [3]}}}], "T016", "/0/x-lcc/result/type/0", "3"),
        ([{"name": "f", "x-lcc": {"result": 3}}], "T016", "/0/x-lcc/result", "3"),
        ([{"name": "f", "x-lcc": {"result": {"items": 3}}}], "T016", "/0/x-lcc/result/items", "3"),
    ],
)
def test_every_fault_is_reported_where_it_stands(value: object, code: str, pointer: str, text: str) -> None:
    (found,) = read_functions(value).diagnostics
    assert found.code == code
    assert found.message.startswith(f"{pointer}: ")
    source = json.dumps(value)
    (located,) = read_functions_text(source).diagnostics
    assert located.span is not None
    assert source[located.span.start : located.span.end] == text


@pytest.mark.parametrize(
    "text",
    ["", "{", "[" * 100_000, '{"a": NaN}', "1e5 x", '{"name": ' + "9" * 5_000 + "}", '["\\ud8"]', "\ufeff{}"],
)
def test_what_is_no_json_is_an_error(text: str) -> None:
    (found,) = read_functions_text(text).diagnostics
    assert found.code == "T002"
    assert found.message.startswith("not JSON: ")
    assert found.span is not None
    assert found.span.end <= len(text)


def _nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "array", "items": schema}
    return schema


def test_a_schema_that_is_nested_too_deeply_is_an_error() -> None:
    value = {"name": "f", "parameters": {"properties": {"a": _nested(100)}}}
    assert [d.code for d in read_functions(value).diagnostics] == ["T016"]


def test_a_schema_that_contains_itself_is_an_error() -> None:
    loop: dict[str, Any] = {"type": "array"}
    loop["items"] = loop
    assert [d.code for d in read_functions({"name": "f", "parameters": {"properties": {"a": loop}}}).diagnostics] == [
        "T016"
    ]


def test_references_that_multiply_are_cut() -> None:
    definitions: dict[str, Any] = {"A0": {"type": "string"}}
    for n in range(1, 40):
        definitions[f"A{n}"] = {"anyOf": [{"items": {"$ref": f"#/$defs/A{n - 1}"}}, {"$ref": f"#/$defs/A{n - 1}"}]}
    value = {"name": "f", "parameters": {"properties": {"a": {"$ref": "#/$defs/A39"}}, "$defs": definitions}}
    assert {d.code for d in read_functions(value).diagnostics} == {"T016"}


@given(types())
def test_a_type_survives_its_schema(type_: Type) -> None:
    reports: list[object] = []
    schema = to_json_schema(type_)
    read = type_from_schema(clean_schema(schema, lambda *report: reports.append(report)))
    assert to_json_schema(read) == schema
    assert not reports


@given(types().flatmap(lambda type_: st.tuples(st.just(type_), json_of(type_))))
def test_a_value_of_a_type_is_a_value_of_the_type_that_its_schema_says(pair: tuple[Type, Any]) -> None:
    type_, value = pair
    assert value_fits(value, type_from_schema(to_json_schema(type_)))


def _signatures() -> st.SearchStrategy[Signature]:
    parameter = st.builds(
        lambda name, type_, required, text: Parameter(name, type_, required, description=text),
        st.sampled_from("abcdef"),
        types(),
        st.booleans(),
        st.sampled_from(("", "what it is")),
    )
    parameters = st.lists(parameter, max_size=3, unique_by=lambda p: p.name).map(tuple)
    return st.builds(
        Signature,
        st.just("find"),
        parameters,
        types(),
        st.just(Effect.UNDECLARED),
        description=st.sampled_from(("", "Find.")),
    )


@given(_signatures())
def test_a_signature_survives_being_written_as_a_function(signature: Signature) -> None:
    (read,) = read_functions([to_function(signature, extensions=True)]).signatures
    assert to_function(read, extensions=True) == to_function(signature, extensions=True)
    assert [p.required for p in read.parameters] == [p.required for p in signature.parameters]


@given(_signatures())
def test_a_written_function_is_a_valid_schema(signature: Signature) -> None:
    for strict in (False, True):
        function = to_function(signature, strict=strict)["function"]
        assert isinstance(function, dict)
        jsonschema.Draft202012Validator.check_schema(function["parameters"])


def test_all_that_a_tool_declares_survives() -> None:
    (signature,) = read_stub(
        '@tool(effect="write", resource=["a", "b:{x}"], idempotent=True, trusted=True, cost=1, cost_usd=2, tokens=3,'
        " concurrency=4, rate=5, timeout=6, retries=7, max_result_bytes=8)\n"
        'def f(x: int, y: str = "z") -> list[str]:\n    "Do it."\n'
    ).signatures
    assert read_functions([to_function(signature, extensions=True)]).signatures == (signature,)
    (batched,) = read_stub('@tool(effect="read", batch="g", max_batch=3)\ndef f(): ...').signatures
    assert read_functions([to_function(batched, extensions=True)]).signatures == (batched,)


def test_a_strict_function_requires_every_parameter_and_allows_no_other() -> None:
    record = RecordType("Place", (Field("name", STR), Field("note", STR, False)))
    signature = Signature("f", (Parameter("a", record), Parameter("b", INT, False, 3)))
    function = to_function(signature, strict=True)["function"]
    assert isinstance(function, dict)
    assert function["strict"] is True
    assert function["parameters"] == {
        "type": "object",
        "properties": {
            "a": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "note": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
                "required": ["name", "note"],
                "additionalProperties": False,
            },
            "b": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        },
        "required": ["a", "b"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    "type_", [ANY, ListType(ANY), replace(RecordType("R", ()), closed=False), union(ListType(ANY), INT)]
)
def test_a_type_that_strict_schemas_do_not_have_leaves_the_function_unstrict(type_: Type) -> None:
    function = to_function(Signature("f", (Parameter("a", type_),)), strict=True)["function"]
    assert isinstance(function, dict)
    assert "strict" not in function


@given(
    st.recursive(
        st.none() | st.text(max_size=5) | st.integers(),
        lambda v: (
            st.lists(v)
            | st.dictionaries(
                st.sampled_from(
                    (
                        "name",
                        "tools",
                        "function",
                        "parameters",
                        "properties",
                        "type",
                        "items",
                        "$ref",
                        "x-lcc",
                        "enum",
                        "required",
                    )
                ),
                v,
            )
        ),
        max_leaves=8,
    )
)
def test_any_json_is_read_or_reported(value: Any) -> None:
    stub = read_functions_text(json.dumps(value))
    assert stub.signatures or stub.diagnostics
    assert len(read_functions(value).diagnostics) == len(stub.diagnostics)


def test_a_default_that_is_no_json_value_is_an_error() -> None:
    value = {"name": "f", "parameters": {"properties": {"a": {"default": float("nan")}, "b": {"default": object()}}}}
    stub = read_functions(value)
    assert [d.code for d in stub.diagnostics] == ["T016", "T016"]


def test_a_function_whose_schema_is_a_text_is_left_out_by_name() -> None:
    stub = read_functions({"tools": [{"name": "mow", "inputSchema": "a lawn"}, {"name": "rake", "inputSchema": {}}]})
    assert [one.name for one in stub.signatures] == ["rake"]
    assert ["`mow` is left out" in one.message for one in stub.diagnostics] == [True]


_LAWN = {"type": "object", "properties": {"size": {"type": "integer"}}, "required": ["size"]}


@pytest.mark.parametrize(
    "schema",
    [
        {"$id": "https://a.invalid/b/t.json", "properties": {"lawn": {"$ref": "https://a.invalid/b/t.json#/$defs/L"}}, "$defs": {"L": _LAWN}},
        {"$id": "https://a.invalid/b/t.json", "properties": {"lawn": {"$ref": "t.json#/$defs/L"}}, "$defs": {"L": _LAWN}},
        {"$id": "https://a.invalid/b", "properties": {"lawn": {"$ref": "/l"}}, "$defs": {"L": {"$id": "/l", **_LAWN}}},
        {"properties": {"lawn": {"$ref": "#l"}}, "definitions": {"L": {"$id": "#l", **_LAWN}}},
        {"properties": {"lawn": {"$dynamicRef": "#l"}}, "$defs": {"L": {"$dynamicAnchor": "l", **_LAWN}}},
    ],
)  # fmt: skip
def test_references_by_name_are_followed_inside_of_the_document(schema: dict[str, Any]) -> None:
    stub = read_functions([{"name": "mow", "parameters": {"type": "object", **schema}}])
    (found,) = stub.signatures[0].parameters
    assert isinstance(found.type, RecordType)
    assert (stub.diagnostics, [(f.name, f.type) for f in found.type.fields]) == ((), [("size", INT)])


def test_a_broken_pattern_is_told_and_one_of_another_language_is_not() -> None:
    words = {"a": {"type": "string", "pattern": "(x"}, "b": {"type": "string", "pattern": "\\\\p{L}+"}}
    stub = read_functions([{"name": "mow", "parameters": {"type": "object", "properties": words}}])
    assert ["`(x` is broken" in one.message for one in stub.diagnostics] == [True]
