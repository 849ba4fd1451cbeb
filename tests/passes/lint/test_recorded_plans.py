"""Sensible plans are mostly left in peace: what lints say of forty recorded ones is listed here, and each is deserved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from lint_cases import declared

from lcc.grammar.diagnostics import has_errors
from lcc.grammar.syntax.parser import parse_plan
from lcc.passes.lint import lint
from lcc.passes.verify import verify

RECORDS = Path(__file__).parents[2] / "data" / "wild" / "clean.jsonl"
EFFECTS = {
    "calendar_find": 'effect="read", resource="calendar", trusted=True',
    "get_weather": 'effect="read", resource="weather", trusted=True',
    "http_get": 'effect="read", resource="web"',
    "image_edit": 'effect="write", resource="file:{path}"',
    "jira_create": 'effect="write", resource="tickets"',
    "search": 'effect="read", resource="web"',
    "send_email": 'effect="write", resource="mail"',
    "sql": 'effect="read", resource="database", trusted=True',
}
PURE_EFFECT = 'effect="pure"'
PURE = {"compare", "math", "matrix_det", "matrix_solve", "plot", "python", "summarize", "train", "translate"}
FOUND = {
    "clean-001": "L012",  # the page is read by the second search, and again by the joiner
    "clean-003": "L004 L012",  # a search is mailed
    "clean-005": "L012",
    "clean-011": "L011",  # a product in twelve calls
    "clean-015": "L012",
    "clean-019": "L004",  # a page is mailed
    "clean-023": "L012",
    "clean-033": "L004",  # a log becomes a ticket
    "clean-037": "L025",  # a mail goes out whatever a search comes to, of which nothing is used
    "clean-041": "L012",
    "clean-047": "L001",  # `sql` writes here, and is declared to read
    "clean-057": "L011",
    "clean-059": "L011",
    "clean-061": "L011 L011 L011 L011 L004",
    "clean-065": "L002",
    "clean-067": "L002 L002 L002",
    "clean-069": "L002 L002",  # the same roll of a die
    "clean-071": "L002 L002",
    "clean-073": "L001",
    "clean-077": "L001",
    "clean-079": "L001 L001 L001 L001 L001 L001 L001 L011 L001",  # all but two results are lost
}


class Record(NamedTuple):
    """One recorded plan and the declarations of its tools."""

    id: str
    text: str
    stub: str


def records() -> Iterator[Record]:
    for line in RECORDS.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        lines = ["import lcc"]
        for signature in record["tools"]:
            name = signature.partition("(")[0]
            lines += [f"@lcc.tool({EFFECTS.get(name, PURE_EFFECT)})", f"def {signature}: ..."]
            assert name in EFFECTS or name in PURE, name
        yield Record(
            record["id"], record["text"].replace("$900", "$$900").replace("$54.95", "$$54.95"), "\n".join(lines)
        )


@pytest.mark.parametrize("record", tuple(records()), ids=lambda record: record.id)
def test_recorded_plans_have_only_the_findings_that_they_deserve(record: Record) -> None:
    tools = declared(record.stub)
    parsed = parse_plan(record.text)
    assert not has_errors((*parsed.diagnostics, *verify(parsed.plan, tools)))
    found = lint(parsed.plan, tools, parsed.source)
    assert " ".join(d.code for d in found) == FOUND.get(record.id, "")
    assert lint(parsed.plan, {}, parsed.source) == ()
