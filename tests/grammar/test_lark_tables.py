"""The tables that are shipped are those that Lark makes of the grammars."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lcc.grammar.lark_tables import loaded, made_tables, tables, tables_file, terminals_pattern
from lcc.grammar.python.tables import LINE_GRAMMAR
from lcc.grammar.syntax.notation.step_parser import STEP_GRAMMAR
from lcc.grammar.syntax.statement import PLAN_GRAMMAR

GRAMMARS = [(LINE_GRAMMAR,), (PLAN_GRAMMAR,), (STEP_GRAMMAR, LINE_GRAMMAR)]


@pytest.mark.parametrize("paths", GRAMMARS, ids=lambda paths: paths[0].name)
def test_the_tables_are_those_of_the_grammar(paths: tuple[Path, ...], request: pytest.FixtureRequest) -> None:
    made, kept = made_tables(*paths), tables_file(paths[0])
    if request.config.getoption("--bless"):
        kept.write_text(json.dumps(made, separators=(",", ":")) + "\n", encoding="utf-8")
    assert json.loads(kept.read_text(encoding="utf-8")) == made


@pytest.mark.parametrize("old", [None, {"grammar": "another", "states": []}])
def test_where_the_tables_are_missing_or_those_of_another_grammar_lark_is_asked(old: object, tmp_path: Path) -> None:
    grammar = tmp_path / PLAN_GRAMMAR.name
    grammar.write_bytes(PLAN_GRAMMAR.read_bytes())
    if old is not None:
        tables_file(grammar).write_text(json.dumps(old), encoding="utf-8")
    assert tables(grammar) == tables(PLAN_GRAMMAR)


def test_terminals_are_joined_in_the_order_in_which_lark_tries_them() -> None:
    ours = terminals_pattern(tables(PLAN_GRAMMAR))
    lark = loaded(PLAN_GRAMMAR)
    assert list(ours.groupindex) == [t.name for t in lark.parser.lexer.terminals]  # type: ignore[attr-defined]
    assert not any(t.pattern.flags for t in lark.terminals)
