"""The scanner cuts text by quotes and brackets alone, and the same way however the text arrives."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, strategies as st

from lcc.grammar.syntax.scanner import END_OF_PLAN, Fault, Kind, Scanner, Segment

PIECES = st.sampled_from(
    [
        "1. f(",
        "12 . a.b/c-d (",
        "join(",
        "4. answer(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "(",
        '"',
        "'",
        '"""',
        "'''",
        "\\",
        "\\\r\n",
        "\n",
        "\r\n",
        "\r",
        " ",
        "\t",
        "#",
        ",",
        "x",
        "$1",
        "7",
        ".",
        "<",
        END_OF_PLAN,
        "<END_OF",
        "Thought: a",
        "Thoug",
        "input x: int = ",
        "secret input ",
        "secre",
        "é",
        "🎂",
    ]
)
TEXTS = st.lists(PIECES, max_size=40).map("".join)


def scan(*chunks: str) -> list[Segment]:
    scanner = Scanner()
    found = [segment for chunk in chunks for segment in scanner.feed(chunk)]
    return [*found, *scanner.close()]


def kinds(text: str) -> list[tuple[str, str]]:
    return [(segment.kind.name, segment.text) for segment in scan(text)]


@given(TEXTS, st.data())
@example('1. f("""a""")', None)
def test_the_segments_do_not_depend_on_the_chunks(text: str, data: st.DataObject | None) -> None:
    whole = scan(text)
    assert scan(*text) == whole
    if data is not None:
        cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
        edges = [0, *cuts, len(text)]
        assert scan(*(text[a:b] for a, b in pairwise(edges))) == whole


@given(TEXTS)
def test_segments_are_slices_of_the_text_in_order(text: str) -> None:
    end = 0
    for segment in scan(text):
        assert segment.start >= end
        assert text[segment.start : segment.end] == segment.text
        end = segment.end


@given(TEXTS)
def test_nothing_but_white_space_is_dropped(text: str) -> None:
    covered = [text[segment.start : segment.end] for segment in scan(text)]
    assert "".join("".join(covered).split()) == "".join(text.split())


def test_quotes_and_brackets_hide_what_looks_like_a_statement() -> None:
    call = '1. f("2. g()", \'<END_OF_PLAN>\', """\n3. join()\n""", {"a": [")"]}, # 4. h()\n 5)'
    assert kinds(f"{call}\n6. join()") == [("CALL", call), ("CALL", "6. join()")]


def test_an_unclosed_call_ends_before_the_next_statement() -> None:
    assert kinds('1. f("a"\n2. g(1)\nThought: x\n3. h([1,\n<END_OF_PLAN>') == [
        ("OPEN", '1. f("a"'),
        ("CALL", "2. g(1)"),
        ("THOUGHT", "Thought: x"),
        ("OPEN", "3. h([1,"),
        ("END", END_OF_PLAN),
    ]


@pytest.mark.parametrize(
    ("text", "fault", "at"),
    [
        ('1. f("a', Fault.STRING, 5),
        ("1. f([1", Fault.PAREN, 5),
        ("1. f(1", Fault.PAREN, 4),
        ("1. f('''a\n2", Fault.LONG_STRING, 5),
        ("1. f(" + "[" * 64, Fault.NESTING, 68),
    ],
)
def test_an_open_segment_says_why_and_where(text: str, fault: Fault, at: int) -> None:
    segment = scan(text)[0]
    assert (segment.kind, segment.fault, segment.fault_at, segment.at_end) == (Kind.OPEN, fault, at, True)


def test_an_unclosed_long_string_does_not_hide_the_statements_after_it() -> None:
    assert kinds("1. f(\"\"\"a\n2. g(1)\n3. h('''b\n4. join()") == [
        ("OPEN", '1. f("""a'),
        ("CALL", "2. g(1)"),
        ("OPEN", "3. h('''b"),
        ("CALL", "4. join()"),
    ]


def test_a_refused_call_reaches_to_the_next_statement() -> None:
    scanner = Scanner()
    segments = []
    for chunk in ("1. f(a b) and", " more\n  of it\n2. join()"):
        for segment in scanner.feed(chunk):
            segments.append(segment)
            if segment.text == "1. f(a b)":
                scanner.reopen(segment)
    segments += scanner.close()
    assert [(s.kind, s.text) for s in segments] == [
        (Kind.CALL, "1. f(a b)"),
        (Kind.OPEN, "1. f(a b) and more\n  of it"),
        (Kind.CALL, "2. join()"),
    ]
    assert segments[1].fault is Fault.REFUSED


def test_a_call_is_yielded_once_nothing_can_follow_it() -> None:
    scanner = Scanner()
    assert not list(scanner.feed('1. f("a"'))
    assert not list(scanner.feed(")"))  # a condition may follow
    assert [s.text for s in scanner.feed("\n")] == ['1. f("a")']


def test_a_head_longer_than_the_limit_is_no_head() -> None:
    text = f"1.{' ' * 600}f(2)"
    assert [s.kind for s in scan(text)] == [Kind.TEXT]
    assert scan(*text) == scan(text)
