"""The grammar of a line has no conflicts, and time is linear in the size of a text of any shape."""

from __future__ import annotations

from time import process_time

import pytest
from lark import Lark
from lines_run import lines_run

from lcc.grammar.python.program_reader import ProgramReader, read_program
from lcc.grammar.python.python_rules import RULES
from lcc.grammar.python.tables import LINE_GRAMMAR


def test_the_grammar_has_no_conflicts(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "lark")
    Lark(LINE_GRAMMAR.read_text(encoding="utf-8"), parser="lalr", lexer="basic", debug=True)
    assert [record.message for record in caplog.records if "onflict" in record.message] == []


def test_examples_report_their_code_and_nothing_else() -> None:
    for rule in RULES:
        assert [d.code for d in read_program(rule.bad).diagnostics] == [rule.code]
        assert read_program(rule.good).diagnostics == ()


SHAPES = {
    "lines": "x = f(a, 1)\n",
    "one string": "abcdefgh",
    "open brackets": "(",
    "unclosed lines": "x(\n",
    "lines in brackets": "x = (1\n",
    "open strings": 'x = """\n',
    "escapes": "\\n",
    "quotes": '"',
    "operators": "1+",
    "comparisons": "a<",
    "arguments": "a=1,",
    "statements": "a;",
    "assignments": "a=",
    "dots": ".a",
    "joined lines": "\\\n",
    "bad characters": "$",
    "dedents": "if x:\n  y\n z\n",
    "elifs": "elif a: b\n",
    "fields": "{",
    "commas": "a,",
}
PREFIX = {"one string": 'x = "', "escapes": 'x = "', "arguments": "f(", "elifs": "if a: b\n", "fields": 'f"'}


@pytest.mark.parametrize("name", SHAPES)
def test_work_is_linear_in_the_size(name: str) -> None:
    def read(count: int) -> None:
        read_program(PREFIX.get(name, "") + SHAPES[name] * count)

    read(10)
    assert lines_run(lambda: read(1_000)) < 13 * lines_run(lambda: read(100))
    begin = process_time()
    read(8_000)
    assert process_time() - begin < 10  # twenty times what the slowest takes


def test_work_is_linear_in_the_number_of_chunks() -> None:
    def read(count: int) -> None:
        reader = ProgramReader()
        reader.feed('x = "')
        for _ in range(count):
            reader.feed("abcd")
        reader.finish()

    read(10)
    assert lines_run(lambda: read(5_000)) < 13 * lines_run(lambda: read(500))
    begin = process_time()
    read(32_000)
    assert process_time() - begin < 10
