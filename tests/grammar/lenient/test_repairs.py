"""Every repair's example: the bad one reports it and reads like the good one, which is silent."""

from __future__ import annotations

import pytest

from lcc.grammar.diagnostics import Rule
from lcc.grammar.front_ends import openai, parse, rewoo, skeleton
from lcc.grammar.lenient.marks.repairs import BY_CODE, REPAIRS, RULES
from lcc.grammar.signatures import NO_TOOLS, Tools, tools_by_name
from lcc.grammar.signatures.stubs import read_stub

NOT_EQUAL = {"R041", "R042", "R043", "R044", "R045"}
"""Rules whose good example says more than the bad one could, and the choice between plans."""


def tools_of(rule: Rule) -> Tools:
    return tools_by_name(read_stub(rule.tools, "tools.pyi").signatures) if rule.tools else NO_TOOLS


@pytest.mark.parametrize("rule", [*RULES, *rewoo.RULES, *openai.RULES, *skeleton.RULES], ids=lambda rule: rule.code)
def test_the_bad_example_fires_and_the_good_one_does_not(rule: Rule) -> None:
    bad = parse(rule.bad, rule.front_end, tools=tools_of(rule))
    good = parse(rule.good, rule.front_end, tools=tools_of(rule))
    assert rule.code in [d.code for d in bad.diagnostics]
    assert not good.diagnostics


@pytest.mark.parametrize("rule", [repair for repair in REPAIRS if repair.code not in NOT_EQUAL], ids=lambda r: r.code)
def test_a_repaired_example_reads_like_the_good_one(rule: Rule) -> None:
    bad = parse(rule.bad, "model", tools=tools_of(rule))
    good = parse(rule.good, "model", tools=tools_of(rule))
    assert bad.ok
    assert [(t.tool, len(t.args)) for t in bad.plan.tasks] == [(t.tool, len(t.args)) for t in good.plan.tasks]
    assert (bad.plan.join is None) == (good.plan.join is None)


@pytest.mark.parametrize("rule", REPAIRS, ids=lambda rule: rule.code)
def test_a_repair_has_a_place_and_names_what_it_does(rule: Rule) -> None:
    parsed = parse(rule.bad, "model", tools=tools_of(rule))
    found = [d for d in parsed.diagnostics if d.code == rule.code]
    assert all(d.span is not None and d.span.end <= len(rule.bad) for d in found)
    assert all(d.message for d in found)
    if rule.code not in ("R003", "R007", "R033", "R041"):
        assert any(d.fix for d in found)


def test_the_codes_are_in_order() -> None:
    codes = [rule.code for rule in RULES]
    assert codes == sorted(codes)
    assert len(set(codes)) == len(codes)


def test_only_repairs_that_change_the_reading_count_against_a_task() -> None:
    for code in ("R001", "R002", "R020", "R030", "R037", "R038"):
        assert not BY_CODE[code].counts
    for code in ("R010", "R013", "R015"):
        assert BY_CODE[code].counts
