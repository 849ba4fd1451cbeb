"""Our loop over Lark's tables accepts what Lark's own parser accepts, token for token."""

from __future__ import annotations

from hypothesis import given, settings, strategies as st
from lark import Lark
from lark.exceptions import UnexpectedInput
from statement_texts import TOKENS

from lcc.grammar.lark_tables import loaded, tables
from lcc.grammar.syntax.lalr import Tables, Unexpected
from lcc.grammar.syntax.statement import PLAN_GRAMMAR

ANY_TOKEN = st.sampled_from(TOKENS)
TEXTS = st.one_of(
    st.lists(ANY_TOKEN, max_size=14).map("".join), st.lists(ANY_TOKEN, max_size=10).map(lambda t: f"1. f({''.join(t)})")
)


def _leaves(lark: Lark, text: str) -> list[tuple[str, str]] | None:
    try:
        tree = lark.parse(text)
    except UnexpectedInput:
        return None
    return [(token.type, str(token)) for token in tree.scan_values(lambda _: True)]


@settings(max_examples=150)
@given(TEXTS)
def test_our_loop_and_larks_parser_agree(text: str) -> None:
    lark = loaded(PLAN_GRAMMAR)
    seen: list[tuple[str, str]] = []

    def note(kind: str) -> object:
        return lambda token, at: seen.append((kind, token))

    kept = {t.name for t in lark.terminals if t.pattern.type != "str" or t.name == "END"}
    ours = Tables(tables(PLAN_GRAMMAR), {}, {name: note(name) for name in kept})  # type: ignore[misc]
    try:
        ours.run(text)
    except Unexpected:
        assert _leaves(lark, text) is None
    else:
        assert _leaves(lark, text) == seen


def test_the_grammar_has_no_conflicts() -> None:
    text = PLAN_GRAMMAR.read_text(encoding="utf-8")
    assert Lark(text, parser="lalr", lexer="basic", debug=True).parse("1. f()") is not None
