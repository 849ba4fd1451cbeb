"""Every row of the tables on docs/python.md that says what programs mean is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from both_ways import by_cpython, by_lowering, read

PAGE = (Path(__file__).parents[4] / "docs" / "python.md").read_text(encoding="utf-8")


def rows(head: str) -> list[list[str]]:
    tables = re.findall(rf"^\| {head} \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    return [[cell.strip() for cell in line.split("|")[1:-1]] for table in tables for line in table.splitlines()]


def test_the_page_has_tables() -> None:
    assert len(rows("program")) > 5
    assert len(rows("no program")) > 5


@pytest.mark.parametrize("text", [row[0].strip("`") for row in rows("program")])
def test_an_accepted_program_means_what_cpython_means(text: str) -> None:
    found = read(text)
    assert found.ok
    if not found.plan.inputs:
        assert by_lowering(text) == by_cpython(text)


@pytest.mark.parametrize(("text", "code"), [(row[0].strip("`"), row[1]) for row in rows("no program")])
def test_a_refused_program_has_that_code(text: str, code: str) -> None:
    assert [one.code for one in read(text).diagnostics if one.is_error] == [code]
