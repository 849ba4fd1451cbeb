"""Grammars with steps: what they admit is read and verified, and the plans that they are for are admitted, in both notations."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from canonical import admits, walk
from gbnf_recogniser import GbnfGrammar
from hypothesis import strategies as st
from lark import Lark
from sampling import sampled

from lcc.grammar.constrain.bounds import Bounds
from lcc.grammar.constrain.plan_grammar import plan_grammar
from lcc.grammar.constrain.syntaxes import gbnf, lark_text
from lcc.grammar.signatures import (
    BOOL,
    FLOAT,
    INT,
    STR,
    Field,
    ListType,
    Parameter,
    RecordType,
    Signature,
    tools_by_name,
)
from lcc.grammar.syntax.parser import parse_plan
from lcc.grammar.syntax.print_plan import print_plan
from lcc.passes.verify import verify

SMALL = Bounds(tasks=3, string_length=4, items=2, pairs=1, nesting=1)
LOAN = RecordType("Loan", (Field("title", STR), Field("days", INT), Field("fee", FLOAT)))
TOOLS = tools_by_name(
    [
        Signature("members", (), ListType(STR)),
        Signature("loans", (Parameter("member", STR),), ListType(LOAN)),
        Signature("remind", (Parameter("member", STR), Parameter("fee", FLOAT, False), Parameter("soon", BOOL, False))),
    ]
)
GRAMMAR = plan_grammar(TOOLS, replace(SMALL, tasks=5, string_length=40, pairs=2), steps=True)
LARK, GBNF = lark_text(GRAMMAR), GbnfGrammar(gbnf(GRAMMAR))


def both_admit(text: str) -> bool:
    """Whether a text is admitted; the two notations must agree."""
    found = admits(LARK, text)
    assert GBNF.admits(text) is found
    return found


@sampled(12, st.randoms(use_true_random=False))
def test_what_a_grammar_with_steps_admits_is_read_and_verified(chooser: random.Random) -> None:
    grammar = plan_grammar(TOOLS, SMALL, steps=True)
    text = walk(lark_text(grammar), chooser)
    parsed = parse_plan(text)
    assert parsed.diagnostics == (), text
    for found in verify(parsed.plan, TOOLS):
        assert not found.is_error or found.code in ("V008", "V009", "V010", "V012", "V032"), (text, found)
        assert not found.is_error or (found.span and "$" in text[found.span.start : found.span.end]), (text, found)
    assert GbnfGrammar(gbnf(grammar)).admits(text)
    assert parse_plan(print_plan(parsed.plan)).plan.join == parsed.plan.join


@pytest.mark.parametrize(
    "text",
    [
        '1. loans("ada")\n2. = sum(x.fee for x in $1 if x.days > 28)\n3. remind("ada", $2) when $2 > 0\n4. join()',
        "1. members()\n2. for item in $1:\n    201. loans(item)\n    202. = sum(x.fee for x in $201)\n"
        '    203. remind(item, fee=$202) when $202 > 1.5\n    yield {"member": item, "fee": $202} when $202 > 1.5\n3. answer($2)',
        "strict\n1. loans('ada')\n2. = [x.title for x in $1 if not x.fee]\n3. = len($2) * 2\n4. answer(\"$3 of $1.\")",
        "1. loans('ada')\n2. for item in $1:\n    yield item.title\n3. = sorted($2)\n4. = $1[0].fee / $1[1].fee\n5. join($3)",
        '1. members()\n2. for item in $1:\n    201. remind("${item} is late", soon=True) when item != "bob"\n    yield $201\n3. join()',
    ],
)
def test_plans_with_steps_are_admitted(text: str) -> None:
    assert both_admit(text)
    parsed = parse_plan(text)
    assert parsed.ok, parsed.diagnostics
    assert not [found for found in verify(parsed.plan, TOOLS) if found.is_error]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1. = 1 + 1\n2. join()", "a value that reads nothing"),
        ("1. members()\n2. = loans($1)\n3. join()", "a call in a value"),
        ("1. members()\n2. = $2\n3. join()", "a value that reads itself"),
        ("1. members()\n2. = $3\n3. members()\n4. join()", "a value that reads what follows"),
        ("1. members()\n2. for item in $1:\n    3. loans(item)\n    yield $3\n4. join()", "a number of the outer level in a loop"),
        ("1. members()\n2. for item in $1:\n    201. loans(item)\n3. join()", "a loop that yields nothing"),
        ("1. members()\n2. for item in $1:\n    201. loans(item)\n    yield $201\n3. join($201)", "what stands in the loop"),
        ("1. members()\n2. for item in $1:\n201. loans(item)\n    yield $201\n3. join()", "no indentation"),
        ("1. members()\n2. for item in $1:\n    yield item\n3. loans(item)\n4. join()", "the name of a loop behind it"),
        ('1. members()\n2. for item in $1:\n    yield item\n3. loans("${item}")\n4. join()', "that name in a text"),
        ("1. members()\n2. for x in $1:\n    yield x\n3. join()", "another name"),
        ("1. loans('ada')\n2. = sum(x.weight for x in $1)\n3. join()", "a field that no result has"),
        ("1. members() when $1\n2. join()", "a condition on itself"),
        ("1. loans('ada')\n2. = len($1) > 'a'\n3. join()", "a number beside a text"),
        ("1. members()\n2. for item in $1:\n    201. for item in $1:\n        yield item\n    yield $201\n3. join()", "a loop in a loop"),
    ],
)  # fmt: skip
def test_steps_that_do_not_fit_are_refused(text: str, why: str) -> None:
    assert not both_admit(text), why


def test_steps_are_admitted_only_where_they_are_asked_for() -> None:
    calls = lark_text(plan_grammar(TOOLS, SMALL))
    for text in (
        "1. members()\n2. = len($1)\n3. join()",
        "1. members()\n2. members() when $1\n3. join()",
        "strict\n1. answer(1)",
    ):
        assert admits(lark_text(plan_grammar(TOOLS, SMALL, steps=True)), text)
        assert not admits(calls, text)


def test_lark_itself_reads_the_grammar() -> None:
    lark = Lark(lark_text(plan_grammar(TOOLS, replace(SMALL, tasks=2), steps=True)), parser="lalr")
    lark.parse("1. members()\n2. for item in $1:\n    201. loans(item) when item\n    yield [$201]\n3. answer($2)")


def test_numbers_of_steps_in_loops_stay_within_nine_digits() -> None:
    with pytest.raises(ValueError, match="nine digits"):
        plan_grammar(TOOLS, SMALL, first=99_999, steps=True)
