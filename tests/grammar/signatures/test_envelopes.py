"""Check that functions are found however a document wraps them, and that none loses its parameters without a word."""

from __future__ import annotations

from typing import Any

import pytest

from lcc.grammar.signatures.json_functions import read_functions

SCHEMA: dict[str, Any] = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
SHOWN = "weather(city: str) -> Any"


@pytest.mark.parametrize(
    "key",
    [
        "parameters",
        "inputSchema",
        "input_schema",
        "parameters_json_schema",
        "inputs",
        "args_schema",
        "schema",
        "argumentsSpec",
    ],
)
def test_a_schema_is_found_under_any_key(key: str) -> None:
    stub = read_functions([{"name": "weather", "description": "Tell.", key: SCHEMA}])
    assert [str(one) for one in stub.signatures] == [SHOWN]
    assert not stub.diagnostics


@pytest.mark.parametrize(
    "document",
    [
        {"jsonrpc": "2.0", "id": 1, "result": {"tools": [{"name": "weather", "inputSchema": SCHEMA}]}},
        {"result": [{"name": "weather", "parameters": SCHEMA}]},
        [{"functionDeclarations": [{"name": "weather", "parameters": SCHEMA}]}],
        {"tools": [{"toolSpec": {"name": "weather", "inputSchema": {"json": SCHEMA}}}]},
        {"weather": {"description": "Tell.", "parameters": SCHEMA}},
        {"tools": {"weather": {"parameters": SCHEMA}}},
        {"server": "x", "available": [{"name": "weather", "inputSchema": SCHEMA}]},
        {**SCHEMA, "title": "weather", "description": "Tell."},
        [{"name": "weather", "parameters": {"city": {"type": "string", "required": True}}}],
        [{"name": "weather", "parameters": [{"name": "city", "type": "string", "required": True}]}],
        [{"name": "weather", "parameters": {"$ref": "#/$defs/A", "$defs": {"A": SCHEMA}}}],
        [
            {
                "name": "weather",
                "parameters": {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}, "required": ["city"]},
            }
        ],
        [
            {
                "name": "weather",
                "parameters": {"type": "dict", "properties": {"city": {"type": "str"}}, "required": ["city"]},
            }
        ],
    ],
)
def test_every_envelope_is_opened(document: object) -> None:
    stub = read_functions(document)
    assert [str(one) for one in stub.signatures] == [SHOWN]
    assert not stub.diagnostics


def test_parameters_without_a_schema_around_them_are_read() -> None:
    stub = read_functions([{"name": "weather", "args": {"city": {"title": "City", "type": "string"}}}])
    assert [str(one) for one in stub.signatures] == ["weather(city: str = ...) -> Any"]
    assert not stub.diagnostics


def test_servers_are_no_tools() -> None:
    (found,) = read_functions({"mcpServers": {"time": {"command": "time-server"}}}).diagnostics
    assert (found.code, found.is_error) == ("T003", True)


def test_a_function_whose_schema_is_not_found_is_said() -> None:
    (found,) = read_functions([{"name": "weather", "how": {"city": "text"}}]).diagnostics
    assert "`weather` has no parameters" in found.message
    assert not found.is_error


@pytest.mark.parametrize(
    ("schema", "shown"),
    [
        (
            {"anyOf": [SCHEMA, {"properties": {"zip": {"type": "integer"}}, "required": ["zip"]}]},
            "f(city: str = ..., zip: int = ...) -> Any",
        ),
        (
            {"allOf": [SCHEMA, {"properties": {"zip": {"type": "integer"}}, "required": ["zip"]}]},
            "f(city: str, zip: int) -> Any",
        ),
        (
            {**SCHEMA, "if": {"required": ["city"]}, "then": {"properties": {"zip": {"type": "integer"}}}},
            "f(city: str, zip: int = ...) -> Any",
        ),
        ({**SCHEMA, "additionalProperties": {"type": "integer"}}, "f(city: str, **more: int) -> Any"),
        ({"patternProperties": {"^x": {"type": "string"}}}, "f(**more: str) -> Any"),
        ({"type": "object", "required": ["a"]}, "f(a: Any) -> Any"),
        ({"type": ["object", "null"], **{k: v for k, v in SCHEMA.items() if k != "type"}}, "f(city: str) -> Any"),
    ],
)
def test_branches_and_open_schemas_are_parameters(schema: dict[str, Any], shown: str) -> None:
    stub = read_functions([{"name": "f", "parameters": schema}])
    assert [str(one) for one in stub.signatures] == [shown]
    assert not stub.diagnostics
