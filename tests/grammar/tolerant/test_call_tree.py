"""The tree reads exactly the strict language without an oddity, loses nothing of any text, and what it mends is read strictly as the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from corruption import CORRUPTIONS, TOOLS, Call as Written, calls
from hypothesis import example, given, settings, strategies as st
from statement_texts import ODDITIES, TOKENS, cut, edited, laid_out, statements, token_texts

from lcc.grammar.diagnostics import Diagnostic, has_errors
from lcc.grammar.formatting.document import comments_in
from lcc.grammar.ir import Const, rebuild
from lcc.grammar.lenient.calls.settle import spelled
from lcc.grammar.lenient.marks.heads import read_head
from lcc.grammar.source import Span
from lcc.grammar.syntax.lalr import Unexpected
from lcc.grammar.syntax.resolve import dollars
from lcc.grammar.syntax.scanner import Kind, Segment
from lcc.grammar.syntax.statement import Call, Marker, Statement, StatementParser
from lcc.grammar.syntax.strings import Template
from lcc.grammar.tolerant.argument_walk import Budget, text_of_parts
from lcc.grammar.tolerant.call_tree import (
    Argument,
    CallNode,
    Comment,
    Fault,
    InputNode,
    Pair,
    Unread,
    ValueNode,
    calls_in,
    changes_in,
    inside,
    within,
)
from lcc.grammar.tolerant.reader import Reader, read_statement
from lcc.grammar.tolerant.tool_names import ToolNames

OFFSET = 7
"""Where statements stand in their source."""
SOME = settings(max_examples=10 * settings.default.max_examples)
MANY = settings(max_examples=200 * settings.default.max_examples)


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
        call, said = tree.lowered(parser, tree.head.number)
        return told(call, said) if call else None
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


@SOME
@given(ANY)
@example("1. f((1,), (1), ())")
@example("1. f(($1), a=($2), each ($3))")
@example("0. f()\t \x0c")
@example("\u200b\u200binput a = 1")
@example("1. f(each1, each-1)")
@example("01. f(a\n=1, 'b' #c\n=2, c==3)")
def test_the_strict_language_is_what_the_tree_reads_without_an_oddity(text: str) -> None:
    check_equal(text)


@given(calls(), st.sampled_from(sorted(CORRUPTIONS)))
def test_a_corrupted_statement_is_odd_where_the_language_refuses_it(plan: tuple[Written, ...], name: str) -> None:
    for text in cut(CORRUPTIONS[name](plan)):
        check_equal(text)


@pytest.mark.slow
@MANY
@given(ANY)
def test_the_strict_language_is_what_the_tree_reads_without_an_oddity_in_many_texts(text: str) -> None:
    check_equal(text)


@given(laid_out())
def test_the_comments_of_a_call_are_where_they_are_without_its_tree(text: str) -> None:
    tree = read_statement(text, 0, StatementParser())
    if strictly(text) is not None and tree is not None:
        found = [Span(node.start, node.end) for node in within(tree) if isinstance(node, Comment)]
        assert found == [span for span in comments_in(Segment(Kind.CALL, 0, text)) if span.start < tree.end]


def regions(text: str) -> Iterator[tuple[str, CallNode]]:
    """Yield the calls in a text with their trees, as a model's text is read."""
    names = ToolNames(TOOLS)
    for region in cut(text):
        head = read_head(region, 0, names)
        if head is not None:
            reader = Reader(region, 0, StatementParser(), names, (), True, Budget(100_000))
            yield region, reader.call(head)


BROKEN = st.one_of(
    edited(),
    laid_out(sound=True),
    st.builds(lambda name, plan: CORRUPTIONS[name](plan), st.sampled_from(sorted(CORRUPTIONS)), calls()),
)


def check_nothing_lost(text: str) -> None:
    """Check that nodes stand in one another and one behind the other, and that what stands between the last ones is all that isn't read."""
    for region, tree in regions(text):
        assert 0 <= tree.start <= tree.end <= len(region)
        for node in (tree, *within(tree, calls=True)):
            at = node.start
            for one in inside(node):
                assert at <= one.start <= one.end <= node.end
                at = one.end if isinstance(one, ValueNode | Argument | Pair) else at


@SOME
@given(BROKEN)
@example("1. f((1, # c\nb=2)\n2. f([{1: [2 )\n")
def test_every_node_stands_in_the_one_around_it_and_behind_the_one_before_it(text: str) -> None:
    check_nothing_lost(text)


def meaning(call: Call) -> list[Any]:
    """Return what a call says, wherever it stands."""
    return [call.kind, call.id, call.tool, *((arg.name, arg.each, whole(arg.value)) for arg in call.args)]


def whole(value: Any) -> Any:
    """Return a value in whose texts no two pieces of plain text stand side by side."""
    return text_of_parts(value.parts) if isinstance(value, Template) else rebuild(value, whole)


def check_mended(text: str) -> None:
    """Check that the strict reader reads what a tree means, printed, as the same call without a word."""
    for _, tree in regions(text):
        parser = StatementParser()
        call, found = tree.lowered(parser, tree.head.number or 1)
        assert (call is None) == (tree.unread is not None)
        if call is not None and not has_errors(found) and not any(calls_in(tree)):
            again = parser.parse(spelled(call), 0)
            assert isinstance(again, Call)
            assert not parser.diagnostics
            assert meaning(again) == meaning(call)


@SOME
@given(BROKEN)
def test_what_a_mended_tree_means_is_read_strictly_as_the_same_call(text: str) -> None:
    check_mended(text)


@pytest.mark.slow
@MANY
@given(BROKEN)
def test_trees_of_many_broken_calls_lose_nothing_and_are_read_again(text: str) -> None:
    check_nothing_lost(text)
    check_mended(text)


def test_what_was_read_before_an_error_is_kept() -> None:
    ((region, tree),) = regions("1. summarize(“Hi”, max_words=many, 3)\n")
    assert [(node.name, node.held.value) for node in tree.args] == [(None, Const("Hi"))]
    assert [change.code for change in changes_in(tree)] == ["R016", "R016"]
    assert tree.unread is not None
    assert region[tree.unread.start :].startswith(", max_words=many")
