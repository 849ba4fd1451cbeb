"""IR text and IR JSON are languages of plans like others: what is wrong with them is a located finding."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st
from random_bodies import bodies
from strategies import lowered_plans, texts

from lcc.grammar.front_ends import front_end_of, parse
from lcc.grammar.ir import Plan, block_statements
from lcc.grammar.ir.json_form import to_json
from lcc.grammar.ir.text_form import print_ir
from lcc.grammar.limits import TextLimits
from lcc.grammar.syntax.parser import Parsed


def under(parsed: Parsed) -> str:
    (found,) = parsed.diagnostics
    assert found.span is not None
    return parsed.source.text[found.span.start : found.span.end]


@given(lowered_plans() | bodies())
def test_what_is_printed_is_read(plan: Plan) -> None:
    assert parse(print_ir(plan), "ir").plan == plan
    assert parse(json.dumps(to_json(plan), indent=1, ensure_ascii=False), "ir-json").plan == plan


@pytest.mark.parametrize(
    ("text", "message", "where"),
    [
        ('%1 = f()\n%2 = g("a"]\n', "unexpected `]`; expected `)` or `,` or `=`", "]"),
        (
            "strict {\n  do `builtin lenn`(x)\n}",
            "there is no operation `builtin lenn`; did you mean `builtin len`?",
            "`",
        ),
        ("strict {\n  try {\n", "this `try` is not closed: `}` is missing", "t"),
    ],
)
def test_wrong_text_is_located(text: str, message: str, where: str) -> None:
    parsed = parse(text, "ir")
    assert [(d.code, d.message) for d in parsed.diagnostics] == [("P036", message)]
    assert under(parsed) == where


@pytest.mark.parametrize(
    ("text", "message", "where"),
    [
        ("[]", "an object is expected, not a list of 0", "["),
        ('{"version": 2,\n "tasks": [{"id": 0, "tool": "f"}]}', "a whole number from 1 is expected, not 0", "0"),
        ('{"version": 2, "body": [{"exit": "break"},\n {"let": {"op": "x"}}]}', "there is no operation `x`", '"x"'),
        ('{"version": 2, "tasks": [], "x": {"a": 1, "b": 2, "a": 3}}', "the key `a` twice in one object", '"a"'),
        ('{"version": 2, tasks: []}', "this is not JSON: expecting property name enclosed in double quotes", ""),
        ('{"version": NaN}', "version nan is unknown; this lcc reads versions 1 and 2", "NaN"),
        ('{"version": 2, "tasks": [{"id": 1%s, "tool": "f"}]}' % ("0" * 5000), "a number of more than 1000 digits", "1" + "0" * 5000),
        ('{"version": 1e999}', "version inf is unknown; this lcc reads versions 1 and 2", "1e999"),
        ("[" * 100_000, "values are nested too deep", ""),
    ],
)  # fmt: skip
def test_wrong_json_is_located(text: str, message: str, where: str) -> None:
    parsed = parse(text, "ir-json")
    assert [(d.code, d.message) for d in parsed.diagnostics] == [("P037", message)]
    assert under(parsed) == where


@given(st.text(st.sampled_from('{}[],:"x1 \\\n')) | texts(), st.sampled_from(("ir", "ir-json")))
def test_any_text_is_a_plan_or_a_finding(text: str, front_end: str) -> None:
    parsed = parse(text, front_end)
    assert parsed.ok or parsed.plan == Plan()


@given(bodies(6), st.data())
def test_damaged_json_is_a_plan_or_a_finding_within_the_text(plan: Plan, data: st.DataObject) -> None:
    text = json.dumps(to_json(plan))
    start = data.draw(st.integers(0, len(text)))
    damaged = text[:start] + data.draw(texts()) + text[start + data.draw(st.integers(0, 3)) :]
    parsed = parse(damaged, "ir-json")
    assert parsed.ok or all(d.span is not None and d.span.end <= len(damaged) for d in parsed.diagnostics)


def test_a_text_of_too_many_calls_is_refused() -> None:
    limits = TextLimits(tasks=2)
    text = "strict {\nif x {\n%1 = f()\n%2 = f()\n%3 = f()\n}\n}"
    parsed = parse(text, "ir", limits=limits)
    assert [(d.code, d.message) for d in parsed.diagnostics] == [("P015", "more than 2 tasks")]
    assert under(parsed) == "%3 = f"


def test_statements_know_where_they_stand() -> None:
    text = "strict {\n  %1 = f(%2.a)\n  if x {\n    let y = 1\n  } else {\n    break\n  }\n}"
    parsed = parse(text, "ir")
    found = [text[one.span.start : one.span.end] for one in block_statements(parsed.plan.body or ())]
    assert found == ["%1 = f", "if x {", "let y = 1", "break"]


@pytest.mark.parametrize(
    ("path", "name"), [("a.ir", "ir"), ("x/A.IR", "ir"), ("a.json", "ir-json"), ("a.plan", "plan"), ("-", "plan")]
)
def test_a_suffix_names_a_front_end(path: str, name: str) -> None:
    assert front_end_of(path) == name
