"""Check that generated grammars admit exactly the plans that they promise, by llguidance, by Lark and as GBNF."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest
import strategies
from canonical import BOUNDS, admits, canonical_programs, walk
from gbnf_recogniser import GbnfGrammar
from hypothesis import Phase, given, settings, strategies as st
from lark import Lark
from sampling import sampled

from lcc.grammar.constrain.bounds import Bounds
from lcc.grammar.constrain.plan_grammar import plan_grammar
from lcc.grammar.constrain.productions import GrammarTooLarge
from lcc.grammar.constrain.syntaxes import gbnf, lark_text
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
    Parameter,
    RecordType,
    Signature,
    Tools,
    tools_by_name,
    union,
)
from lcc.grammar.syntax.parser import parse_plan
from lcc.passes.verify import verify

SMALL = Bounds(tasks=3, string_length=4, items=2, pairs=1, nesting=1)
PLACE = RecordType(
    "Place", (Field("name", STR), Field("zoom", INT, required=False), Field("tags", ListType(STR), False))
)
TOOLS = tools_by_name(
    [
        Signature("search", (Parameter("query", STR), Parameter("limit", INT, False, 5))),
        Signature("show", (Parameter("place", PLACE), Parameter("mode", LiteralType(("map", "list", 3, True)), False))),
        Signature("mcp.a/b-c", (Parameter("x", union(FLOAT, NULL)), Parameter("y", BOOL, keyword_only=True))),
        Signature("now", ()),
        Signature("first", (Parameter("x", INT, positional_only=True), Parameter("y", INT, False))),
        Signature("any-thing", (Parameter("my-key", ANY, False), Parameter("each one", DictType(INT), False))),
    ]
)
LARK = lark_text(plan_grammar(TOOLS, BOUNDS))
GBNF = GbnfGrammar(gbnf(plan_grammar(TOOLS, BOUNDS)))


def both_admit(text: str) -> bool:
    """Whether a text is admitted; the two notations must agree."""
    found = admits(LARK, text)
    assert GBNF.admits(text) is found
    return found


def check_sound(text: str, tools: Tools) -> None:
    """Assert that a plan parses strictly and verifies, but for what references lead to."""
    parsed = parse_plan(text)
    assert parsed.ok, (text, parsed.diagnostics)
    assert not parsed.diagnostics, (text, parsed.diagnostics)
    for diagnostic in verify(parsed.plan, tools):
        if diagnostic.is_error:
            span = diagnostic.span
            assert diagnostic.code in ("V008", "V009", "V010", "V012"), (text, diagnostic)
            assert span is not None
            assert "$" in text[span.start : span.end], (text, diagnostic)


@sampled(8, strategies.toolsets(), st.randoms(use_true_random=False))
def test_what_the_grammar_admits_parses_strictly_and_verifies(tools: Tools, chooser: random.Random) -> None:
    grammar = plan_grammar(tools, SMALL)
    text = walk(lark_text(grammar), chooser)
    check_sound(text, tools)
    assert GbnfGrammar(gbnf(grammar)).admits(text)


@sampled(8, st.randoms(use_true_random=False))
def test_what_the_grammar_of_hard_declarations_admits_verifies(chooser: random.Random) -> None:
    check_sound(walk(lark_text(plan_grammar(TOOLS, SMALL)), chooser), TOOLS)


@sampled(8, canonical_programs(), st.sampled_from(("", "<END_OF_PLAN>")))
def test_every_canonical_plan_within_the_bounds_is_admitted(program: tuple[str, Tools], marker: str) -> None:
    text, tools = program[0] + marker, program[1]
    grammar = plan_grammar(tools, BOUNDS)
    assert admits(lark_text(grammar), text)
    assert GbnfGrammar(gbnf(grammar)).admits(text)


@settings(max_examples=2, phases=[Phase.explicit, Phase.generate])  # Lark takes a second or more to read one
@given(canonical_programs(Bounds(tasks=2)))
def test_lark_itself_admits_canonical_plans(program: tuple[str, Tools]) -> None:
    text, tools = program
    bounds = replace(BOUNDS, tasks=2)
    Lark(lark_text(plan_grammar(tools, bounds)), parser="lalr").parse(text)


@pytest.mark.parametrize(
    "text",
    [
        '1. search("K2")\n2. join($1)',
        "1. search('say \"K2\"', 3)\n2. join()\n",
        '1. search(query="K2", limit=3)\n2. search("$1 and ${1}st, $1.name.", limit=$1)\n3. answer("$2: $$5 $")',
        '1. search(each ["a", "b"])\n2. search(query=each $1, limit=3)\n3. join($2[0], $1["a b"].c[-1])\n<END_OF_PLAN>',
        '1. show({"name": "K2", "tags": []}, "map")\n2. show($1, mode="$1.kind")\n3. show($1.place, True)\n4. join()',
        "1. mcp.a/b-c(-1.5e+300, y=True)\n2. mcp.a/b-c(None, y=$1)\n3. mcp.a/b-c(x=3, y=False)\n4. join()",
        '1. now()\n2. any-thing("my-key"=[1, {"k": "v"}], "each one"={"n": 1})\n3. answer([$1, {"two": "$2"}])',
        "1. first(1, 2)\n2. first($1, y=2)\n3. join()",
        '1. any-thing(each [1], {"n": 1})\n2. any-thing([1], each [{"n": 1}])\n3. join()',
        "1. answer(42)",
    ],
)
def test_plans_of_all_forms_are_admitted(text: str) -> None:
    check_sound(text, TOOLS)
    assert both_admit(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('1. serch("K2")\n2. join()', "an unknown tool"),
        ("1. search()\n2. join()", "a required argument is missing"),
        ('1. search("K2", 3, 4)\n2. join()', "too many arguments"),
        ('1. search("K2", limit=3, query="K3")\n2. join()', "a parameter twice"),
        ('1. search("K2", lmit=3)\n2. join()', "an unknown keyword"),
        ('1. search(query="K2", 3)\n2. join()', "a positional argument after a keyword"),
        ('1. search("K2", "3")\n2. join()', "text for a number"),
        ('1. search("K2", 1.5)\n2. join()', "a fraction for an integer"),
        ('1. search("K2", True)\n2. join()', "a boolean for an integer"),
        ("1. mcp.a/b-c(1, True)\n2. join()", "a keyword-only argument by position"),
        ("1. mcp.a/b-c(1, y=1)\n2. join()", "a number for a boolean"),
        ('1. show({"name": "K2"}, "globe")\n2. join()', "no value of the enumeration"),
        ('1. show({"zoom": 3})\n2. join()', "a required field is missing"),
        ('1. show({"name": "K2", "size": 3})\n2. join()', "an unknown field"),
        ('1. search("K2")\n3. join()', "a gap in the numbers"),
        ('2. search("K2")\n3. join()', "a wrong first number"),
        ("1. search($1)\n2. join()", "a reference to itself"),
        ("1. search($2)\n2. now()\n3. join()", "a forward reference"),
        ('1. search("about $2")\n2. now()\n3. join()', "a forward reference in a text"),
        ('1. search("under $1,000")\n2. join()', "money"),
        ('1. now()\n2. search("$1.50")\n3. join()', "money that looks like a reference"),
        ('1. now()\n2. search("$12")\n3. join()', "a reference past the end"),
        ('1. search("K2")', "no join"),
        ('1. search("K2")\n2. join($2)', "a join that reads itself"),
        ("1. join()", "nothing to join"),
        ('1. search("K2")\n2. join()\n3. now()\n4. join()', "a call after the join"),
        ('1. search("K2") \n2. join()', "a space too many"),
        ("1. search(each 3)\n2. join()", "each of no list"),
        ('1. any-thing(each [1], each [{"n": 1}])\n2. join()', "each by two places"),
        ('1. any-thing("my-key"=each [1], "each one"=each [{"n": 1}])\n2. join()', "each by two keywords"),
        ("1. search(limit=3)\n2. join()", "a keyword without the required argument before it"),
        ('1. search("${9}")\n2. join()', "braces around what there is not"),
        ('1. now()\n2. search("${2}")\n3. join()', "braces around the call itself"),
        ('1. now()\n2. search("$1[x")\n3. join()', "a reference that the text prolongs"),
        ("1. first(x=1)\n2. join()", "a positional-only argument by name"),
        ("1. search(each [])\n2. join()", "each of nothing"),
        ("1. any-thing(each [1], each [2])\n2. join()", "each twice"),
        ('1. any-thing({"\\ud800": 1})\n2. join()', "half a character"),
        ('1. search("\\x31")\n2. join()', "an escape that isn't needed"),
        ('1. search("a\nb")\n2. join()', "a raw line break"),
        ("1. mcp.a/b-c(1e+308, y=True)\n2. join()", "a number beyond the bound"),
        ("1. now()\n2. now()\n3. now()\n4. now()\n5. now()\n6. join()", "too many calls"),
        (f'1. search("{"a" * 61}")\n2. join()', "too long a text"),
    ],
)
def test_what_does_not_fit_is_refused(text: str, why: str) -> None:
    assert not both_admit(text), why


def test_a_further_plan_goes_on_with_the_ids_and_reads_earlier_results() -> None:
    lark = lark_text(plan_grammar(TOOLS, BOUNDS, first=12, earlier=(1, 3, 11)))
    assert admits(lark, '12. search("$1 $3 $11")\n13. search($12)\n14. join($1, $13)')
    assert admits(lark, "12. join($3)")
    for wrong in ('12. search("$2")\n13. join()', "12. search($12)\n13. join()", "1. now()\n2. join()", "12. join()"):
        assert not admits(lark, wrong)


@sampled(8, st.randoms(use_true_random=False))
def test_what_a_further_plans_grammar_admits_verifies(chooser: random.Random) -> None:
    before = '2. now()\n4. search("K2")\n'
    further = walk(lark_text(plan_grammar(TOOLS, SMALL, first=9, earlier=(2, 4))), chooser)
    check_sound(before + further, TOOLS)


def test_a_tool_that_nothing_can_be_written_for_waits_for_a_result() -> None:
    deep = STR
    for _ in range(40):
        deep = RecordType("Deep", (Field("inner", deep),))  # type: ignore[assignment]
    tools = tools_by_name([Signature("deep", (Parameter("value", deep),)), Signature("now", ())])
    lark = lark_text(plan_grammar(tools, BOUNDS))
    assert admits(lark, "1. now()\n2. deep($1)\n3. join()")
    alone = lark_text(plan_grammar({"deep": tools["deep"]}, BOUNDS))
    assert admits(alone, '1. answer("no")')
    assert not admits(alone, "1. deep(1)\n2. join()")


def test_the_grammar_of_the_same_tools_is_the_same_text() -> None:
    assert lark_text(plan_grammar(TOOLS, BOUNDS)) == LARK


@pytest.mark.parametrize("wrong", [{"tasks": 0}, {"string_length": 0}, {"items": 0}, {"pairs": 0}, {"nesting": 17}])
def test_wrong_bounds_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Bounds(**wrong)


def test_no_tools_and_impossible_ids_are_refused() -> None:
    with pytest.raises(ValueError, match="no tools"):
        plan_grammar({})
    for ids in ({"first": 0}, {"first": 10**9 - 3}, {"first": 3, "earlier": (3,)}):
        with pytest.raises(ValueError, match="ids"):
            plan_grammar(TOOLS, BOUNDS, **ids)  # type: ignore[arg-type]


def test_too_large_a_grammar_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lcc.grammar.constrain.productions.MOST_NODES", 3_000)
    plan_grammar(TOOLS, SMALL)
    with pytest.raises(GrammarTooLarge, match="fewer tools"):
        plan_grammar(TOOLS, Bounds(tasks=100))


@pytest.mark.parametrize("name", ["True", "Name", "each_one", "f", "end"])
def test_a_keyword_that_begins_like_a_value_hides_none(name: str) -> None:
    tools = tools_by_name([Signature("f", (Parameter("x", BOOL), Parameter(name, union(BOOL, NULL), False)))])
    lark = lark_text(plan_grammar(tools, SMALL))
    for call in ("True, True", "True, None", f"True, {name}=True", "True, each [False]", f"x=True, {name}=None"):
        assert admits(lark, f"1. f({call})\n2. join()")


@pytest.mark.parametrize(
    ("value", "fits"),
    [("[1, 2]", True), ('["a"]', True), ("[]", True), ('[1, "a"]', False), ("None", False), ('"a"', False)],
)
def test_a_union_of_lists_takes_each_of_them_and_no_mixture(value: str, fits: bool) -> None:
    tools = tools_by_name([Signature("f", (Parameter("x", union(ListType(INT), ListType(STR))),))])
    grammar = plan_grammar(tools, SMALL)
    assert admits(lark_text(grammar), f"1. f({value})\n2. join()") is fits
    assert GbnfGrammar(gbnf(grammar)).admits(f"1. f({value})\n2. join()") is fits


def test_the_text_keeps_to_what_all_readers_of_lark_understand() -> None:
    """No directives, priorities, look-around, lazy or possessive quantifiers, back references, flags, empty literals."""
    token = re.compile(r'"(?:[^"\\]|\\.)*"|/(?:[^/\\]|\\.)*/')
    assert all(re.fullmatch(r"(?:[a-z][a-z0-9]*|[A-Z]+[0-9]+): .+", line) for line in LARK.splitlines())
    assert all(re.fullmatch(r"\w+: [A-Za-z0-9 ()|?~.]*", token.sub("", line)) for line in LARK.splitlines())
    found = token.findall(LARK)
    assert '""' not in found
    assert all(one[0] == '"' or re.fullmatch(r"/\[(?:[^\]\\]|\\.)+\]/", one) for one in found)
    assert not re.search(r"\\x[0-9a-f]{2}[0-9A-Fa-f]", LARK + gbnf(plan_grammar(TOOLS, BOUNDS)))  # xgrammar reads on
