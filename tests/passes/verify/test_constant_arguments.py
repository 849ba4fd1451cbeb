"""Check that what is known of arguments is held against a tool's schema: through text, folded expressions and names."""

from __future__ import annotations

import pytest

import lcc
from lcc.grammar.signatures.json_functions import read_functions

RATE = {
    "name": "rate",
    "parameters": {
        "type": "object",
        "properties": {
            "stars": {"type": "integer", "minimum": 1, "maximum": 5},
            "of": {"type": "string", "maxLength": 3},
            "more": {"type": "object", "properties": {"by": {"enum": ["Ada", "Bo"]}}, "required": ["by"]},
        },
        "required": ["stars", "of"],
    },
}
TOOLS = read_functions([RATE]).signatures
ABOVE = "`stars` of `rate` must be at most 5, not int `9`"


def _errors(text: str, front_end: str) -> list[str]:
    return [one.message for one in lcc.parse(text, front_end, TOOLS).diagnostics if one.is_error]


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ('1. rate(5, "a")', []),
        ('1. rate(9, "a")', [ABOVE]),
        ("1. rate(5, 42)", []),
        ("1. rate(5, 4200)", ["`of` of `rate` must have at most 3 characters, and has 4"]),
        ('1. rate(each [1, 9], "a")', [ABOVE]),
        ('1. rate(1, "a")\n2. rate(3, "b", {"by": $1})', []),
        ('1. rate(1, "a")\n2. rate(3, "b", {"from": $1})', ["`more` of `rate` needs `by`"]),
        ('1. rate(1, "a", {"by": "Bob"})', ["`more.by` of `rate` takes Literal['Ada', 'Bo'], not str `'Bob'`"]),
        ('1. rate(1, "a", more=None)', ["`more` of `rate` takes dict, not None"]),
    ],
)
def test_a_plan_is_held_against_the_schema(text: str, errors: list[str]) -> None:
    last = text.count("\n") + 2
    assert _errors(f"{text}\n{last}. join()", "plan") == errors


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ('rate(4 + 5, "a")', [ABOVE]),
        ('n = 9\nrate(n, "a")', [ABOVE]),
        ('n = 9\nn = 3\nrate(n, "a")', []),
        ('for n in [9]:\n    rate(n, "a")', []),
        ('n = 9\ntry:\n    rate(n, "a")\nexcept ValueError:\n    pass', []),
        ('rate(1, "a", {"by": "B" + "o"})', []),
    ],
)
def test_a_program_is_held_against_the_schema_through_constants(text: str, errors: list[str]) -> None:
    assert _errors(text, "python") == errors


def test_what_a_plan_may_leave_out_is_said_to_be_left_out() -> None:
    (found,) = (one for one in lcc.parse('1. rate(1, "a", None)\n2. join()', "plan", TOOLS).diagnostics if one.is_error)
    assert found.help == "leave `more` out"
