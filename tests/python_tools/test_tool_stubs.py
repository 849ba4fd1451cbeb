"""Check what is written of tools for others: the prompt's lines, and stubs that are read again."""

from __future__ import annotations

from typing import Any

import lcc
from lcc.grammar.signatures.stubs import read_stub

DECLARED: list[dict[str, Any]] = [
    {
        "name": "ship",
        "description": 'Ship a "parcel".',
        "parameters": {
            "type": "object",
            "properties": {
                "copies": {"type": "integer", "default": 1, "maximum": 9},
                "to": {
                    "type": "object",
                    "properties": {
                        "street": {"type": "string", "description": "and number"},
                        "zip-code": {"type": "string"},
                    },
                    "required": ["street"],
                    "additionalProperties": False,
                },
            },
            "required": ["to"],
        },
        "x-lcc": {"effect": "write", "resource": "parcels", "idempotent": True, "timeout": 5},
    },
    {"name": "library.find", "parameters": {"type": "object", "properties": {"title": {"type": "string"}}}},
    {"name": "odd", "parameters": {"type": "object", "properties": {"user-id": {"type": "string"}}}},
]


def _tools() -> list[lcc.Tool]:
    return lcc.tools_from_json(DECLARED, lambda name, arguments: None)


def test_a_stub_declares_the_same_tools() -> None:
    text = lcc.tool_stubs(_tools())
    stub = read_stub(text, "tools.pyi")
    assert not stub.diagnostics
    ship, find = stub.signatures
    made = _tools()[0].signature
    assert (ship.effect, ship.resources, ship.idempotent, ship.limits) == (
        made.effect, made.resources, made.idempotent, made.limits,
    )  # fmt: skip
    assert {p.name: (p.type, p.required, p.default) for p in ship.parameters} == {
        p.name: (p.type, p.required, p.default) for p in made.parameters
    }
    assert find.name == "library.find"
    assert "# `odd` is left out" in text
    assert "copies: at most 9" in text


def test_the_prompt_is_that_of_planners() -> None:
    assert lcc.tool_prompt(_tools()).splitlines() == [
        'ship(copies: int = 1, to: To) -> Any  # changes things; Ship a "parcel"; copies: at most 9',
        "library.find(title: str = ...) -> Any",
        "odd(user-id: str = ...) -> Any",
        "Records, written as dicts:",
        "class To: street: str; zip-code: str = ...  # street: and number",
    ]


def test_types_are_public() -> None:
    type_ = lcc.types.type_at(_tools()[0].signature.parameters[1].type, ("street",))
    assert lcc.types.show(type_) == "str"
