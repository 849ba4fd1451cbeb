"""Check that schemas become grammars with bounds, and that the engine's language takes them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel

from lcc.ask.joining.joiner_prompt import reply_schema
from lcc.ask.typed import AnswerType
from lcc.models.local.bearable import schema_grammar


class Place(BaseModel):
    name: str
    kind: str = "hill"


class Trip(BaseModel):
    places: list[Place]
    note: str | None


def bounded(schema: dict[str, Any], tokens: int = 1024) -> dict[str, Any]:
    head, _, text = schema_grammar(schema, tokens).partition("start: %json ")
    assert head == "%llguidance {}\n"
    found: dict[str, Any] = json.loads(text)
    assert found.pop("x-guidance")["whitespace_flexible"] is False
    return found


def test_the_texts_of_a_reply_fit_its_tokens_together() -> None:
    found = bounded(dict(reply_schema(may_replan=True, answer_schema=None).schema))
    thought, answer = found["properties"]["thought"], found["properties"]["answer"]
    assert thought["maxLength"] == answer["maxLength"]
    assert 300 < thought["maxLength"] < 512
    assert found["properties"]["action"] == {"type": "string", "enum": ["finish", "replan"]}


def test_texts_and_lists_are_bounded_wherever_they_stand() -> None:
    found = bounded(dict(reply_schema(may_replan=True, answer_schema=AnswerType(Trip).schema).schema))
    place = found["$defs"]["Place"]["properties"]
    assert place["name"]["maxLength"] == place["kind"]["maxLength"] > 16
    trip = found["properties"]["answer"]["anyOf"][0]["properties"]
    assert trip["places"]["maxItems"] == 64
    assert trip["note"]["anyOf"][0]["maxLength"] == place["name"]["maxLength"]


@pytest.mark.parametrize(
    "fixed",
    [
        {"type": "string", "maxLength": 9},
        {"type": "string", "pattern": "^a+$"},
        {"type": "string", "format": "date"},
        {"type": "string", "const": "x"},
        {"type": "integer"},
        {"type": "array", "items": {"type": "integer"}, "maxItems": 3},
        {"type": "object", "additionalProperties": False},
    ],
)
def test_what_has_bounds_of_its_own_stays(fixed: dict[str, Any]) -> None:
    assert bounded(fixed) == fixed


def test_few_tokens_leave_room_for_a_word() -> None:
    assert bounded({"type": "string"}, 8) == {"type": "string", "maxLength": 16}
    assert bounded({"type": "array", "minItems": 99})["maxItems"] == 99
