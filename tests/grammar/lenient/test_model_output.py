"""Read many shapes of model output: tests/golden/model_output.txt holds each with the plan and the reports that it gives.

A case is a text, a line `>>>`, the plan file, and one line for each report (`; R013 …`). Cases are separated by `===`, with a
name. Run with --bless to rewrite what follows `>>>`, and read the diff: a change there is a change of what models are
understood to say.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from chunks import events_of
from corpus import records
from corruption import STUB

from lcc.grammar.lenient import parse_model
from lcc.grammar.lenient.clean import clean
from lcc.grammar.signatures import NO_TOOLS, Tools, tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.syntax.print_plan import print_plan

GOLDEN = Path(__file__).parents[2] / "golden" / "model_output.txt"
MORE = """
@tool(effect="read")
def python(code: str) -> str: ...
@tool(effect="read")
def sql(query: str) -> list[dict]: ...
@tool(effect="read")
def http_get(url: str, headers: dict = {}) -> dict: ...
@tool(effect="read")
def calendar_find(start: str, end: str) -> list[dict]: ...
@tool(effect="read")
def bash(command: str) -> str: ...
"""
TOOLS: Tools = tools_by_name(read_stub(STUB + MORE, "tools.pyi").signatures)


def cases() -> list[tuple[str, str, str]]:
    """Return the name, the text and what is expected of each case."""
    found = []
    for block in GOLDEN.read_text(encoding="utf-8").split("=== ")[1:]:
        name, _, rest = block.partition("\n")
        text, _, expected = rest.partition(">>>\n")
        found.append((name, text, expected))
    return found


def shown(text: str) -> str:
    """Return the plan that a text says and what is reported, as the golden file has it."""
    parsed = parse_model(text.removesuffix("\n"), tools=TOOLS)
    lines = [print_plan(parsed.plan)]
    lines += [f"; {d.code}{' error' if d.is_error else ''}: {d.message}\n" for d in parsed.diagnostics]
    return "".join(lines)


def test_what_models_write_is_read_as_the_golden_file_says(request: pytest.FixtureRequest) -> None:
    found = cases()
    if request.config.getoption("--bless"):
        GOLDEN.write_text("".join(f"=== {n}\n{t}>>>\n{shown(t)}" for n, t, _ in found), encoding="utf-8")
    wrong = [(name, text, shown(text)) for name, text, expected in cases() if shown(text) != expected]
    assert not wrong
    assert len(found) > 200
    assert len({name for name, _, _ in found}) == len(found)


def test_a_cleaned_plan_reads_back_as_the_same_plan() -> None:
    texts = [text for _, text, _ in cases()] + [record["text"] for record in records("wild")]
    for text in texts:
        cleaned = clean(text, tools=TOOLS)
        if cleaned.text is None:
            assert any(d.is_error for d in cleaned.diagnostics) or not cleaned.text
            continue
        again = parse_model(cleaned.text, tools=TOOLS)
        assert again.ok
        assert print_plan(again.plan) == cleaned.text
        assert not [d for d in again.diagnostics if d.code != "R033"]


CUT_IN_ODD_PLACES = (
    '1. f("a")\nEND_OF_PLANS are many\n2. join()',
    '1. f("a"\nEND_OF_PLANS are many\n2. join()',
    '1. f("a"\nAction: f\nAction Input: "b"\n',
    "1. f(\n  arg1=3,\n  x2=4)\n2. join()",
    '1. f("a"\n2) g("b")\n',
    "a = f(b c)\nd = g(1)\n",
    "1. f(1)\r\n2. f(2)\r\n\r\n3. join()\r\n",
    "1. f(1) # x\r2. f(2)\r",
    "#E1 = f[1]\n#E2 = f[2]\n",
    "- 1. f(1)\n- 2. f(\n- 3. join()\n- <END_OF_PLAN>",
    '{\n\n"name": "f", "arguments": {}}\n[\n {"name": "g", "arguments": {}}]',
    "<thi\n<think>1. f(1)</thin</think>2. g(2)",
    "1. f(1)</think>2. g(2)<END_OF_PL",
)


@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_events_are_the_same_for_every_case_letter_by_letter(every: int) -> None:
    long = [*(text for _, text, _ in cases()), *(r["text"][:2000] for r in records("wild"))]
    for text in [*CUT_IN_ODD_PLACES, *long[::every]]:
        for tools in (TOOLS, NO_TOOLS):
            assert events_of(list(text), tools) == events_of([text], tools), text


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ('1. python("print("a", "b")")\n2. join()', '1. python(\'print("a", "b")\')\n2. join()\n'),
        ('1. search("see step_1 and #1")\n2. search("see step_1, #1")\n3. join()', None),
        ('1. search("a")\n2. search("{{1}} in a $1 template")\n3. join()', None),
        ('1. search("<think> 1. search(x) </think>")\n2. python("```\\njoin()\\n```")\n3. join()', None),
        ('1. search("$$1 and {1}")\n2. math("$1")\n3. join()', None),
    ],
)
def test_text_in_strings_is_left_alone(text: str, plan: str | None) -> None:
    parsed = parse_model(text, tools=TOOLS)
    assert parsed.ok
    assert print_plan(parsed.plan) == (plan or f"{text}\n")
    assert bool(parsed.diagnostics) == (plan is not None)


@pytest.mark.parametrize(
    "cut",
    ["2. summarize($1", "2. summarize($1, max_words=20", "2. summarize([$1]", "2. search(a thing", "2. math(1"],
)
def test_a_call_that_the_text_ends_in_is_never_completed(cut: str) -> None:
    parsed = parse_model(f'1. search("a")\n{cut}', tools=TOOLS)
    assert [task.id for task in parsed.plan.tasks] == [1]
    assert [d.code for d in parsed.diagnostics if d.is_error] == ["R043"]


def test_without_tools_less_is_repaired() -> None:
    assert print_plan(parse_model("foo(bar baz)\njoin()").plan) == '1. foo("bar baz")\n2. join()\n'
    for text in ("1. f(2 * 30)\n", "1. f(g(1))\n", '1. f("a" "b"\n"c")\n', '1. f(x="a, y=$1)\n'):
        assert not parse_model(f"{text}2. join()").ok


def test_an_odd_number_of_quotes_means_that_one_is_missing() -> None:
    parsed = parse_model('1. f("Good morning everyone, target_lang="fr")\n2. join()')
    assert print_plan(parsed.plan) == '1. f("Good morning everyone", target_lang="fr")\n2. join()\n'


def test_a_notation_that_may_be_text_is_one_only_where_nothing_else_stands() -> None:
    parsed = parse_model(
        '1. search("a")\n2. search("{{1}} and step_1 of it")\n3. math("step_1 * 2")\n4. join()', tools=TOOLS
    )
    assert print_plan(parsed.plan).splitlines()[1:3] == ['2. search("$1 and step_1 of it")', '3. math("$1 * 2")']


def test_spans_of_a_repaired_call_are_places_in_the_text() -> None:
    text = "Plan:\nStep 1: search(“a thing”)\n2) summarize(it's late, max_words=2 * 3)\n"
    parsed = parse_model(text, tools=TOOLS)
    assert [text[a.span.start : a.span.end] for t in parsed.plan.tasks for a in t.args] == [
        "“a thing”",
        "it's late",
        "max_words=2 * 3",
    ]
    assert [text[t.span.start : t.span.end] for t in parsed.plan.tasks] == [
        "Step 1: search(“a thing”)",
        "2) summarize(it's late, max_words=2 * 3)",
    ]
