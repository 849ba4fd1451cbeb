"""Comments silence what stands on their line, and say so when they silence nothing."""

from __future__ import annotations

import sys
from types import FrameType

import pytest
from lint_cases import declared, fix_plan, valid

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.signatures import Tools
from lcc.grammar.source import Source, Span
from lcc.grammar.syntax.parser import parse_plan
from lcc.passes.lint import RULES, lint
from lcc.passes.lint.selection import Ignores

STUB = """\
import lcc

@lcc.tool(effect="read", resource="web")
def fetch(url: str) -> str: ...
@lcc.tool(effect="write", resource="outbox:{to}")
def send(to: str, text: str) -> int: ...
"""


def found(
    text: str, tools: Tools | None = None, select: tuple[str, ...] = (), ignore: tuple[str, ...] = ()
) -> list[str]:
    parsed = valid(text, {} if tools is None else tools)
    return [shown(d, text) for d in lint(parsed.plan, {} if tools is None else tools, parsed.source, select, ignore)]


def shown(diagnostic: Diagnostic, text: str) -> str:
    assert diagnostic.span is not None
    return f"{text.count(chr(10), 0, diagnostic.span.start) + 1}:{diagnostic.code}"


@pytest.mark.parametrize(
    "comment",
    [
        "# lcc: ignore[L016]",
        "# lcc: ignore[short-fan-out]",
        "#lcc:ignore[L016]",
        "# lcc: ignore[ L016 , ]",
        "# lcc: ignore",
        "# lcc: ignore because it is an example",
        "# lcc: ignore: it is an example",
        "# an example # lcc: ignore[L016] that shows nothing",
    ],
)
def test_a_comment_silences_its_line(comment: str) -> None:
    tools = declared(STUB)
    assert found(f"1. fetch(each [])  {comment}\n2. join()\n", tools) == []


@pytest.mark.parametrize(
    ("comment", "codes"),
    [
        ("# lcc: ignore[L004]", ["1:L016", "1:L090"]),
        ("# lcc: ignore[L999]", ["1:L016", "1:L091"]),
        ("# lcc: ignore[V008]", ["1:L016", "1:L091"]),
        ("# lcc: ignore L016", ["1:L016", "1:L091"]),
        ("# lcc: ignore[L016", ["1:L016", "1:L091"]),
        ("# lcc: ignore[]", ["1:L016", "1:L090"]),
        ("# lcc: ignored", ["1:L016"]),
        ("# lcc ignore[L016]", ["1:L016"]),
        ("# noqa: L016", ["1:L016"]),
    ],
)
def test_a_comment_that_names_something_else_silences_nothing(comment: str, codes: list[str]) -> None:
    assert found(f"1. fetch(each [])  {comment}\n2. join()\n", declared(STUB)) == codes


def test_a_comment_silences_only_its_own_line() -> None:
    text = "# lcc: ignore[L016]\n1. f(each [])\n2. f(each [])  # lcc: ignore[L016]\n3. f(each [])\n4. join()\n"
    assert found(text) == ["1:L090", "2:L016", "4:L016"]


CALL = """\
1. fetch("a")
2. send({first}
    to=$1,{second}
    text="#{{1}} # lcc: ignore[L004] $1",{third}
){last}
3. join($2)
"""


def call(first: str = "", second: str = "", third: str = "", last: str = "") -> str:
    return CALL.format(first=first, second=second, third=third, last=last)


def test_in_a_call_of_several_lines_a_comment_silences_the_line_of_the_argument() -> None:
    tools = declared(STUB)
    mark = "  # lcc: ignore[L004]"
    assert found(call(), tools) == ["3:L004", "4:L004"]
    assert found(call(second=mark), tools) == ["4:L004"]
    assert found(call(second=mark, third=mark), tools) == []
    assert found(call(first=mark), tools) == ["2:L090", "3:L004", "4:L004"]


def test_a_comment_behind_a_call_silences_all_of_it() -> None:
    assert found(call(last="  # lcc: ignore[L004]"), declared(STUB)) == []


@pytest.mark.parametrize("place", [0, 1, 2])
def test_what_concerns_a_whole_call_is_silenced_on_any_of_its_lines(place: int) -> None:
    lines = ["2. fetch(", '    "b"', ")"]
    text = '1. fetch("a")\n{}\n3. join($1)\n'
    assert found(text.format("\n".join(lines)), declared(STUB)) == ["2:L001"]
    lines[place] += "  # lcc: ignore[L001]"
    assert found(text.format("\n".join(lines)), declared(STUB)) == []


def test_the_text_of_an_argument_is_no_comment() -> None:
    text = '1. fetch("# lcc: ignore[L999]")\n2. fetch("""\n# lcc: ignore[L016]\n""")\n3. join()\n'
    assert found(text, declared(STUB)) == []


def test_comments_on_inputs_count() -> None:
    assert found('input city: str  # lcc: ignore[L017]\n1. fetch("a")\n2. join()\n') == []
    text = "input cities: list[str] = [\n  'a',  # lcc: ignore[L017]\n]\n1. fetch('a')\n2. join()\n"
    assert found(text) == []


def test_errors_are_never_silenced() -> None:
    source = Source("a.plan", "1. fetch(each [])  # lcc: ignore\n")
    ignores = Ignores(source, RULES)
    assert ignores.silence(Diagnostic("L016", Severity.WARNING, "x", Span(0, 5)))
    assert not ignores.silence(Diagnostic("L016", Severity.ERROR, "x", Span(0, 5)))


def test_a_lint_that_can_not_speak_is_not_called_unused() -> None:
    text = '1. fetch("a")  # lcc: ignore[L004]\n2. join()\n'
    assert found(text, declared(STUB)) == ["1:L090"]
    assert found(text) == []  # no tools
    assert found(text, declared(STUB), select=("L001", "L090")) == []
    assert found(text, declared(STUB), ignore=("L004",)) == []
    bare = '1. fetch("a")  # lcc: ignore\n2. join()\n'
    assert found(bare, declared(STUB)) == ["1:L090"]
    assert found(bare) == []
    assert found(bare, declared(STUB), ignore=("L001",)) == []


def test_lints_of_comments_can_be_silenced_and_deselected() -> None:
    text = '1. fetch("a")  # lcc: ignore[L004, L090]\n2. join()\n'
    assert found(text, declared(STUB)) == []
    text = '1. fetch("a")  # lcc: ignore[L004, L999]\n2. join()\n'
    assert found(text, declared(STUB)) == ["1:L090", "1:L091"]
    assert found(text, declared(STUB), ignore=("L09",)) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# lcc: ignore[L004]", ""),
        ("# lcc: ignore", ""),
        ("# lcc: ignore[L004, L001]", ""),
        ("# lcc: ignore[L004, L999]", "  # lcc: ignore[L999]"),
        ("# lcc: ignore[L004] as agreed", "  # as agreed"),
        ("# why # lcc: ignore[L004]", "  # why"),
        ("# lcc: ignore[L004] # why", "  # why"),
        ("# lcc: ignore[]", ""),
    ],
)
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_the_fix_takes_out_what_is_not_needed(before: str, after: str, line_break: str) -> None:
    rest = f'1. fetch("a"){{}}{line_break}2. join(){line_break}'
    fixed = fix_plan(rest.format(f"  {before}"), declared(STUB))
    assert fixed.text == rest.format(after)
    assert [d.code for d in fixed.applied] == ["L090"]


def test_the_fix_removes_the_line_of_a_comment_that_stands_alone() -> None:
    text = '# first\n# lcc: ignore[L004]\n1. fetch("a")\n2. join()\n# lcc: ignore'
    assert fix_plan(text, declared(STUB)).text == '# first\n1. fetch("a")\n2. join()\n'


def test_the_fix_keeps_codes_that_silence_something() -> None:
    text = "1. fetch(each [])  # lcc: ignore[L004, L016]\n2. join()\n"
    assert fix_plan(text, declared(STUB)).text == "1. fetch(each [])  # lcc: ignore[L016]\n2. join()\n"


def test_a_comment_that_names_thousands_of_lints_is_read_in_linear_work() -> None:
    def lines_run(names: int) -> int:
        text = f"1. f(1)  # lcc: ignore[{','.join(f'X{place}' for place in range(names))}]\n2. join()\n"
        parsed, run = parse_plan(text), 0

        def count(frame: FrameType, event: str, argument: object) -> object:
            nonlocal run
            run += event == "line"
            return count

        before = sys.gettrace()
        sys.settrace(count)
        try:
            lint(parsed.plan, {}, parsed.source)
        finally:
            sys.settrace(before)
        return run

    few, many = lines_run(500), lines_run(2_000)
    assert many < 5 * few
    assert many < 2_000 * 200, "names are compared with all lints for the first few only"


def test_the_unknown_names_of_one_comment_are_one_finding() -> None:
    names = ", ".join(f"X{n}" for n in range(20_000))
    text = f"1. fetch(each [])  # lcc: ignore[L016, {names}, {'Y' * 10_000}, X1]\n2. join()\n"
    parsed = valid(text, declared(STUB))
    [finding] = lint(parsed.plan, declared(STUB), parsed.source)
    assert finding.message == "no lint is called `X0`, `X1`, `X2`, `X3`, …, so they silence nothing"
    assert finding.span is not None
    assert text[slice(*finding.span)].startswith("X0, X1")
    assert text[slice(*finding.span)].endswith("YYY, X1")


def test_a_long_name_is_shown_in_part() -> None:
    parsed = valid(f"1. fetch(each [])  # lcc: ignore[L016, {'Y' * 10_000}]\n2. join()\n", declared(STUB))
    [finding] = lint(parsed.plan, declared(STUB), parsed.source)
    assert len(finding.message) < 150
