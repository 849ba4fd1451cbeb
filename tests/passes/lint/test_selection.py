"""Lints are chosen by codes, beginnings of codes and names; the longest selector decides."""

from __future__ import annotations

import pytest

from lcc.grammar.syntax.parser import parse_plan
from lcc.passes.lint import RULES, lint
from lcc.passes.lint.selection import Selection, UnknownSelector

ALL = [rule.code for rule in RULES]


def enabled(select: tuple[str, ...] = (), ignore: tuple[str, ...] = ()) -> list[str]:
    selection = Selection(RULES, select, ignore)
    return [rule.code for rule in RULES if selection.enables(rule)]


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        ((), (), ALL),
        (("L",), (), ALL),
        (("ALL",), (), ALL),
        (("L004",), (), ["L004"]),
        (("tainted-write", "l005"), (), ["L004", "L005"]),
        (("L01",), (), [code for code in ALL if code.startswith("L01")]),
        ((), ("L004",), [code for code in ALL if code != "L004"]),
        (("L004",), ("L",), ["L004"]),
        (("L004",), ("L004",), []),
        (("L00",), ("L004", "L005"), ["L001", "L002", "L003", "L006", "L007", "L008", "L009"]),
        (("L",), ("L0",), []),
        (("L", "L016"), ("L01",), [code for code in ALL if not code.startswith("L01") or code == "L016"]),
        (("L016",), ("ALL",), ["L016"]),
        ((), ("ALL",), []),
    ],
)
def test_the_longest_selector_decides_and_ignore_wins_a_tie(
    select: tuple[str, ...], ignore: tuple[str, ...], expected: list[str]
) -> None:
    assert enabled(select, ignore) == expected


@pytest.mark.parametrize(
    ("selector", "hint"),
    [
        ("L0016", "did you mean `L016`"),
        ("tainted-writes", "did you mean `tainted-write`"),
        ("V008", "lint"),
        ("", "lint"),
        ("L0042", "no lint is called `L0042`"),
    ],
)
def test_a_selector_that_fits_no_lint_is_refused(selector: str, hint: str) -> None:
    for chosen in ({"select": [selector]}, {"ignore": [selector]}):
        with pytest.raises(UnknownSelector, match="no lint is called") as caught:
            Selection(RULES, **chosen)
        assert hint in str(caught.value)
        assert caught.value.selector == selector


def test_only_chosen_lints_speak() -> None:
    parsed = parse_plan("input a: str\n1. search(each [])\n2. join()\n")
    assert [d.code for d in lint(parsed.plan, {}, parsed.source)] == ["L017", "L016"]
    assert [d.code for d in lint(parsed.plan, {}, parsed.source, ["L017"])] == ["L017"]
    assert [d.code for d in lint(parsed.plan, {}, parsed.source, ignore=["L017"])] == ["L016"]
