"""The tree of a program is CPython's, whatever the text and however it arrives."""

from __future__ import annotations

import ast
import warnings
from random import Random

import pytest
from hypothesis import given, strategies as st
from python_oracle import converted, own_spans, spans, walked
from python_texts import Programs, mutated

from lcc.grammar.limits import TextLimits
from lcc.grammar.python import tree
from lcc.grammar.python.program_reader import ProgramReader, read_program
from lcc.grammar.source import Span

SEEDS = st.integers(0, 2**32)
STRICTER = {"P105", "P110", "P111", "P112", "P113", "P114"}
"""What CPython's parser accepts and a program may not say; P105: `1if`, of which CPython warns, and numbers too large."""


def cpython(text: str) -> ast.Module | None:
    """Return CPython's reading of a text, or None if it refuses it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError):
            return None


def errors(text: str) -> list[str]:
    return [d.code for d in read_program(text).diagnostics if d.is_error]


@given(SEEDS, st.integers(1, 4))
def test_a_program_has_the_tree_that_cpython_gives_it(seed: int, depth: int) -> None:
    text = Programs(seed, depth).text()
    read = read_program(text)
    assert errors(text) == []
    assert read.module == converted(ast.parse(text))


@given(SEEDS, st.integers(1, 3))
def test_what_cpython_refuses_is_refused_and_what_it_reads_is_read_alike(seed: int, depth: int) -> None:
    text = mutated(Programs(seed, depth).text(), Random(seed))
    expected, read = cpython(text), read_program(text)
    if expected is None:
        assert not read.ok
    elif read.ok:
        assert read.module == converted(expected)
    else:
        alone = any("starred" in d.message for d in read.diagnostics)  # CPython refuses it only when it compiles
        joined = any(
            "backslash" in d.message for d in read.diagnostics
        )  # likewise harmless in 3.11 at the end of a text
        assert alone or joined or STRICTER & set(errors(text))


@given(SEEDS, st.integers(1, 3))
def test_every_error_has_a_place_in_the_text(seed: int, depth: int) -> None:
    text = mutated(Programs(seed, depth).text(), Random(seed), 6)
    for found in read_program(text).diagnostics:
        assert found.span is not None
        assert 0 <= found.span.start <= found.span.end <= len(text)
        assert all(0 <= label.span.start <= label.span.end <= len(text) for label in found.labels)


@given(SEEDS, st.integers(1, 3), st.booleans())
def test_reading_in_chunks_is_reading_at_once(seed: int, depth: int, spoilt: bool) -> None:
    text = Programs(seed, depth).text()
    random = Random(seed)
    text = mutated(text, random) if spoilt else text
    whole = ProgramReader()
    expected = whole.feed(text) + whole.finish()
    parts = ProgramReader()
    statements: list[tree.Statement] = []
    at = 0
    while at < len(text):
        size = random.choice((1, 1, 2, 3, 5, 40))
        statements += parts.feed(text[at : at + size])
        at += size
    statements += parts.finish()
    assert tuple(statements) == expected
    assert parts.diagnostics == whole.diagnostics
    assert [node.span for node in walked(tuple(statements))] == [node.span for node in walked(expected)]


@given(SEEDS, st.integers(1, 3))
def test_nodes_stand_where_cpython_sees_them(seed: int, depth: int) -> None:
    text = Programs(seed, depth).text()
    module = ast.parse(text)
    if not text.isascii() or any(isinstance(node, ast.JoinedStr) for node in ast.walk(module)):
        return  # CPython counts bytes; 3.11 places the fields of f-strings roughly
    assert sorted(own_spans(read_program(text).module)) == sorted(spans(text, module))


LAYOUTS = (
    "\ufeffx = 1",
    "x = 1\r\ny = 2\r\n",
    "x = 1\ry = 2\r",
    "if x:\n\ty\n\tz\n",
    "if x:\n  y\n\n  # comment\n\n  z\n",
    "\fx = 1\n",
    "if x:\n    y\n\f    z\n",
    "if x:\n        y\n",
    "x = \\\n    1\n",
    'x = "a\\\nb"\n',
    'x = """a\r\nb"""\r\n',
    "x = (1,\n# comment\n\n  2)\n",
    "x = 1; y = 2;\n",
    "ﬁle = 1\n",
    "x = 'ü' 'a'\n",
    "if x: y; z\n",
    "x = 0xFF + 0o17 + 0b11 + 1_000.5e-3 + 00",
    "f(\n)\n",
    "",
    "\n\n# nothing\n",
    "   \n\t\n",
    "x = \\\r\n  1\r\n",
    'x = "a\\\r\nb"\r\n',
)


@pytest.mark.parametrize("text", LAYOUTS)
def test_layout_is_read_as_cpython_reads_it(text: str) -> None:
    assert errors(text) == []
    assert read_program(text).module == converted(ast.parse(text.encode()))


@pytest.mark.parametrize("text", LAYOUTS)
def test_layout_is_the_same_character_by_character(text: str) -> None:
    reader = ProgramReader()
    statements = tuple(statement for char in text for statement in reader.feed(char)) + reader.finish()
    assert statements == read_program(text).module.body
    assert reader.diagnostics == []


@pytest.mark.parametrize("quote", ['"', "'", '"""', "'''"])
@pytest.mark.parametrize("prefix", ["f", "rF", "Fr"])
@pytest.mark.parametrize(
    "body",
    ["", "a", "{x}", "{x!r}", "{x:>10}", "{x!s:>{w}.{p}}", "{{}}", "{{{x}}}", "{x=}", "{x = !s}", "{x=:>3}", "{x:}", "{x,y}",
     "{ {1: 2}[1] }", "{x:%H:%M}", "{a if b else c}", "{(lambda: 1)()}", "{x!=y}", "{f(a, b=1)}", "{x:=5}", "{(x:=5)}", "{x == y}",
     "{[a for a in b]}", "{x:{'>'}{w}}", "\\n{x}\\t", "\\N{EM DASH}", "{x}" * 50],
)  # fmt: skip
def test_f_strings_are_read_as_cpython_reads_them(prefix: str, quote: str, body: str) -> None:
    text = f"{prefix}{quote}{body}{quote}"
    if (expected := cpython(text)) is None:  # a raw `\N{…}`, a quote of the same kind in 3.11
        return
    assert errors(text) == []
    assert read_program(text).module == converted(expected)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ('f"{d["k"]}"', "f\"{d['k']}\""),
        ("f\"{'\\n'.join(x)}\"", None),
        ('f"{f"{f"{x}"}"}"', "f\"{f'{x}'}\""),
    ],
)
def test_fields_hold_the_quotes_and_backslashes_that_python_3_12_allows(text: str, same: str | None) -> None:
    assert errors(text) == []
    if same is not None and same != text:
        inner = [node for node in walked(read_program(text).module) if isinstance(node, tree.Name)]
        assert {node.id for node in inner} <= {"d", "x"}


def test_a_simple_statement_is_complete_with_its_line() -> None:
    reader = ProgramReader()
    assert reader.feed("x = f(") == ()
    assert reader.feed("1)") == ()
    assert len(reader.feed("\n")) == 1
    assert reader.finish() == ()


@pytest.mark.parametrize(("next_", "complete"), [("y", True), ("e", False), ("els", False), ("elsewhere", True), ("else", False), ("(", True), (" ", False), ("#", False), ("\n", False), ("fin", False), ("find", True), ("finally", False), ("@", True), ("\\", False)])  # fmt: skip
def test_a_compound_statement_is_complete_when_another_begins(next_: str, complete: bool) -> None:
    reader = ProgramReader()
    assert reader.feed("if x:\n    f()\n") == ()
    assert len(reader.feed(next_)) == complete


def test_a_statement_left_open_is_handed_out_at_the_end() -> None:
    reader = ProgramReader()
    assert reader.feed("for x in y:\n    f(x)") == ()
    [loop] = reader.finish()
    assert isinstance(loop, tree.For)
    assert loop.span == Span(0, 20)


def test_a_line_that_fails_hides_no_other() -> None:
    read = read_program("x = = 1\ny = 2\nif z\n    w = 1 2\nelse:\n    v = 3\n")
    assert [d.code for d in read.diagnostics] == ["P100", "P100", "P100"]
    assert read.module.body == converted(ast.parse("y = 2")).body


@pytest.mark.parametrize("head", ["x = f(1", "x = [f(1), 2", 'x = f("a"', "x = (a[0]", "if f(1:\n    g(2)"])
@pytest.mark.parametrize("next_", ["y = 2", "return y", "for_ = y", "y: int = 3", "while y: pass", "import y", "2 + y"])
def test_an_open_bracket_hides_no_line_that_cannot_stand_in_it(head: str, next_: str) -> None:
    read = read_program(f"{head}\n{next_}\nz = = 1\n")
    assert [d.code for d in read.diagnostics] == ["P103", "P100"]
    assert read.module.body == converted(ast.parse(next_)).body


SHAPES = {
    "open brackets": "(" * 2_000,
    "brackets": "(" * 1_000 + ")" * 1_000,
    "signs": "x = " + "-" * 2_000 + "1",
    "a sum": "x = " + "1+" * 2_000 + "1",
    "a chain of attributes": "x" + ".a" * 2_000,
    "calls": "x" + "()" * 2_000,
    "lambdas": "lambda:" * 2_000 + "1",
    "fields": 'f"{' * 2_000,
    "elifs": "if a: b\n" + "elif a: b\n" * 2_000,
    "blocks": "".join(" " * k + "if x:\n" for k in range(100)) + " " * 100 + "y",
}


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_deep_nesting_is_an_error_with_a_place(text: str) -> None:
    found = read_program(text).diagnostics
    assert [d.code for d in found] == ["P114"]


def test_the_size_of_a_text_is_bounded() -> None:
    assert errors("x = 1\n" * 20) == []
    found = read_program("x = 1\n" * 20, TextLimits(size=100)).diagnostics
    assert [d.code for d in found] == ["P015"]


def test_a_number_is_bounded() -> None:
    assert errors("x = " + "9" * 1_000) == []
    assert errors("x = " + "9" * 1_001) == ["P105"]
    assert errors("x = 0x" + "f" * 1_000) == ["P105"]
