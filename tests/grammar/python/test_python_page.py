"""Every row of the tables on docs/python.md is so."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from python_oracle import converted

from lcc.grammar.python.program_reader import read_program

PAGE = (Path(__file__).parents[3] / "docs" / "python.md").read_text(encoding="utf-8")


def rows(head: str) -> list[list[str]]:
    """Return the cells of all tables whose head begins so."""
    tables = re.findall(rf"^\| {head} .*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    lines = [line for table in tables for line in table.splitlines()]
    return [[cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def code(cell: str) -> str:
    return cell.removeprefix("`").removesuffix("`")


def test_the_page_has_tables() -> None:
    assert len(rows("accepted")) > 20
    assert len(rows("refused")) > 20


@pytest.mark.parametrize("text", [code(row[0]) for row in rows("accepted")])
def test_what_is_said_to_be_accepted_is_read_as_cpython_reads_it(text: str) -> None:
    read = read_program(text)
    assert read.diagnostics == ()
    assert read.module == converted(ast.parse(text))


@pytest.mark.parametrize(("text", "expected"), [(code(row[0]), row[1]) for row in rows("refused")])
def test_what_is_said_to_be_refused_is_refused_by_that_code(text: str, expected: str) -> None:
    found = read_program(text).diagnostics
    assert [d.code for d in found] == [expected]
    assert found[0].help
