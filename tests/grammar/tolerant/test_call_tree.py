"""The tree reads exactly the strict language without an oddity, loses nothing of any text, and what it mends is read strictly as the same."""

from __future__ import annotations

from typing import NamedTuple

from corruption import CORRUPTIONS, Call as Written, calls
from hypothesis import given, settings, strategies as st
from statement_texts import ODDITIES, TOKENS, cut, edited, laid_out, statements, token_texts

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.ir import Const
from lcc.grammar.source import Span
from lcc.grammar.syntax.lalr import Unexpected
from lcc.grammar.syntax.resolve import dollars
from lcc.grammar.syntax.statement import Marker, Statement, StatementParser
from lcc.grammar.tolerant.call_tree import CallNode, Fault, InputNode, Unread, changes_in, within
from lcc.grammar.tolerant.reader import read_statement

OFFSET = 7
"""Where statements stand in their source."""
MANY = settings(max_examples=20_000, deadline=None)


class Said(NamedTuple):
    """What a statement says, its spans included, and what there is to say about it."""

    statement: Statement
    shown: str
    found: list[Diagnostic]


def told(statement: Statement, found: list[Diagnostic]) -> Said:
    return Said(statement, repr(statement), sorted(found, key=repr))


def strictly(text: str) -> Said | None:
    """Return what Lark's tables read in a statement."""
    parser = StatementParser()
    try:
        statement = parser.parse(text, OFFSET)
    except Unexpected:
        return None
    return told(statement, parser.diagnostics)


def by_tree(text: str) -> Said | None:
    """Return what the tree reads in a statement without an oddity and to its end."""
    parser = StatementParser()
    tree = read_statement(text, OFFSET, parser)
    if tree is None or not is_clean(text, tree):
        return None
    if isinstance(tree, CallNode):
        assert not isinstance(tree.head.start, str)
        return told(*tree.lowered(parser, getattr(tree.head, "number")))  # noqa: B009
    found = [node.found for node in within(tree) if isinstance(node, Fault)]
    default = tree.default and tree.default.value
    span = Span(OFFSET + tree.start, OFFSET + tree.end)
    declared = parser.declared(tree.head, default, bool(dollars(default or Const(None))), span)
    return told(declared, [*found, *parser.diagnostics])


def is_clean(text: str, tree: CallNode | InputNode) -> bool:
    odd = changes_in(tree, calls=True) or any(isinstance(node, Unread) for node in within(tree))
    behind = "\n".join(line.partition("#")[0] for line in text[tree.end :].splitlines())
    return not odd and not behind.strip(" \t\r\n\f")


def check_equal(text: str) -> None:
    strict, tree = strictly(text), by_tree(text)
    if strict is not None and isinstance(strict.statement, Marker):
        assert tree is None
    else:
        assert tree == strict


ANY = st.one_of(token_texts(), token_texts((*TOKENS, *ODDITIES)), statements(), laid_out(), laid_out(), edited())
"""Statements of the language, near to it, and far from it."""


@given(ANY)
def test_the_strict_language_is_what_the_tree_reads_without_an_oddity(text: str) -> None:
    check_equal(text)


@given(calls(), st.sampled_from(sorted(CORRUPTIONS)))
def test_a_corrupted_statement_is_odd_where_the_language_refuses_it(plan: tuple[Written, ...], name: str) -> None:
    for text in cut(CORRUPTIONS[name](plan)):
        check_equal(text)
