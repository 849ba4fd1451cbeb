"""The stream of events: a function of the text alone, equal to the batch reading, safe for any text."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

from chunks import Standing, cut, events_of
from corpus import records, tools_of
from hypothesis import example, given, strategies as st
from strategies import plans, texts

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.ir import Const, Plan, Ref
from lcc.grammar.lenient import (
    DiagnosticFound,
    Ended,
    Event,
    JoinParsed,
    Retracted,
    StreamParser,
    TaskParsed,
    parse_model,
)
from lcc.grammar.limits import TextLimits
from lcc.grammar.signatures import NO_TOOLS, Tools
from lcc.grammar.syntax.parser import parse_plan
from lcc.grammar.syntax.print_plan import print_plan

PIECES = (
    *(
        "1. ",
        "2. ",
        "3) ",
        "Step 4: ",
        "**5.** ",
        "- ",
        "#E1 = ",
        "a = ",
        "$1 = ",
        "Action: ",
        "Thought: ",
        "６．",
        "٧. ",
    ),
    *(
        "search",
        "math",
        "Search",
        "join",
        "answer",
        "f",
        "search[",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "()",
        "join()",
        "（",
        "）",
    ),
    *(
        '"',
        "'",
        "“",
        "”",
        '"""',
        "\\",
        "\\n",
        '"a"',
        "'it's'",
        "“b”",
        ",",
        "，",
        "=",
        ":",
        "x=",
        "unit: ",
        ";",
        "+",
        " * 2",
    ),
    *(
        "$1",
        "$2",
        "${1}",
        "{{1}}",
        "<1>",
        "#E1",
        "result_1",
        "$5 million",
        "$1.output",
        "a",
        "the tides",
        " ",
        "\t",
        "\u200b",
    ),
    *(
        "\n",
        "\r\n",
        "\r",
        "\n\n",
        "```",
        "```json\n",
        "<think>",
        "</think>",
        "<END_OF_PLAN>",
        "<END_",
        "# note",
        "// note",
    ),
    *(
        "Wait, ",
        "Question: ",
        "Option A:",
        "Observation: 5",
        '{"name": "search", "arguments": {"query": "x"}}',
        "é",
        "東",
        "🙂",
    ),
    *(
        "\n1. search(",
        "\n2. join()",
        "if ",
        "Final Answer: ",
        "Action Input: ",
        "input x: str\n",
        "secret input y = 3\n",
        "None",
    ),
)

HEADS = (
    *(
        "1. search(",
        "2. math(",
        "2) search(",
        "Step 3: search(",
        "a = search(",
        "b1 = math(",
        "#E1 = search[",
        "search(",
        "join(",
    ),
    *(
        "  b=search(",
        "3. Look it up: search(",
        "Action: search(",
        "- search(",
        "4. join(",
        "1. {",
        "x = ",
        "if $1: ",
        "Action: search\n",
    ),
)
ARGUMENTS = (
    *(
        '"a"',
        '"a',
        "a",
        "a, b",
        "it's",
        "“a”",
        "$1",
        "{{1}}",
        "<1>",
        "#E1",
        "a",
        "x=3",
        "x: 3",
        "[1, 2",
        '{"a": 1}',
        "search(1)",
        "",
    ),
    *(
        '"a" "b"',
        '"a\nb"',
        '"x "y" z"',
        "\nimport x\ny = $1\n",
        '"""a\n',
        "2 * 3",
        '"a" + $1',
        "a)",
        "(",
        "\\",
        "#",
        "${1}",
        "$9",
        "é",
    ),
)
ENDS = (
    *(
        ")\n",
        "\n",
        "]\n",
        "}\n",
        "))\n",
        ") 2. f()\n",
        ") # x\n",
        ") // x\n",
        ") or x\n",
        "",
        ")",
        ";\n",
        "<END_OF_PLAN>",
        ")\r\n",
    ),
)


@cache
def all_tools() -> Tools:
    """The tools of the whole corpus."""
    return {name: tool for record in records("wild") for name, tool in tools_of(record).items()}


def model_texts() -> st.SearchStrategy[str]:
    """Text that looks like a plan from afar: pieces of plans, and records of the corpus with something done to them."""
    made = st.lists(st.sampled_from(PIECES) | texts(), max_size=40).map("".join)
    lines = st.lists(st.builds("".join, st.tuples(*map(st.sampled_from, (HEADS, ARGUMENTS, ENDS)))), max_size=6).map(
        "".join
    )
    return made | mutated() | lines


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A record's text with a few pieces inserted, removed or doubled."""
    record = draw(st.sampled_from([*records("wild"), *records("clean")]))
    text: str = record["text"][:1500]
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 8))
        what = draw(st.sampled_from(("insert", "remove", "double", "end")))
        if what == "insert":
            text = text[:at] + draw(st.sampled_from(PIECES)) + text[at:]
        elif what == "remove":
            text = text[:at] + text[at + length :]
        elif what == "double":
            text = text[: at + length] + text[at:]
        else:
            text = text[:at]
    return text


def tool_choices() -> st.SearchStrategy[Tools]:
    return st.sampled_from((NO_TOOLS, all_tools()))


@example("join()\0", [], NO_TOOLS)
@example("1. a()\0\n2. b()\0", [3], NO_TOOLS)
@given(model_texts(), st.lists(st.integers(0, 10_000), max_size=12), tool_choices())
def test_events_depend_on_the_text_and_not_on_its_pieces(text: str, places: list[int], tools: Tools) -> None:
    whole = events_of([text], tools)
    assert events_of(cut(text, places), tools) == whole
    assert events_of(list(text), tools) == whole
    if text.isprintable() or "\ud800" not in text:
        data = text.encode()
        assert events_of([data[i : i + 1] for i in range(len(data))], tools) == whole


@given(st.text("1. a()\n\0é\ud800", max_size=40), st.integers(0, 40))
def test_events_do_not_depend_on_the_pieces_where_the_text_is_too_long(text: str, most: int) -> None:
    def told(chunks: list[str]) -> list[Event]:
        parser = StreamParser(NO_TOOLS, TextLimits(size=most))
        return [event for chunk in chunks for event in parser.feed(chunk)] + parser.close()

    assert told(list(text)) == told([text])


@example('2. math(${1})\n1. search("a"1. search(a)\n1. search("a")\n', NO_TOOLS)
@given(model_texts(), tool_choices())
def test_what_stands_at_the_end_is_the_batch_reading(text: str, tools: Tools) -> None:
    standing = Standing(events_of(list(text), tools))
    parsed = parse_model(text, tools=tools)
    assert {task.id: task for task in parsed.plan.tasks} == standing.tasks
    assert parsed.plan.join == standing.join
    assert parsed.repaired == standing.repaired
    key = repr
    assert sorted(map(key, parsed.diagnostics)) == sorted(map(key, standing.said))


@given(plans())
def test_what_the_strict_parser_accepts_is_read_as_the_same_plan(plan: Plan) -> None:
    text = print_plan(plan)
    strict = parse_plan(text)
    if not strict.ok:
        return
    parsed = parse_model(text)
    assert parsed.plan == strict.plan
    assert parsed.diagnostics == strict.diagnostics
    assert not parsed.repaired


@given(plans(), st.lists(st.integers(0, 10_000), max_size=6))
def test_a_clean_plan_is_never_taken_back(plan: Plan, places: list[int]) -> None:
    text = print_plan(plan)
    if parse_plan(text).ok:
        assert not [event for event in events_of(cut(text, places)) if isinstance(event, Retracted)]


@given(st.binary(max_size=200), st.lists(st.integers(0, 300), max_size=5))
def test_any_bytes_are_read(data: bytes, places: list[int]) -> None:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    pieces = [data[a:b] for a, b in pairwise(edges)]
    assert events_of(pieces) == events_of([data])


@given(st.text(max_size=80))
@example("\ud800")
@example("\0")
def test_any_text_is_read(text: str) -> None:
    assert isinstance(events_of([text])[-1], Ended)


def told(*pieces: str, tools: Tools = NO_TOOLS) -> list[list[str]]:
    """Return a short form of the events of each piece."""
    parser = StreamParser(tools)
    return [[brief(event) for event in parser.feed(piece)] for piece in pieces]


def brief(event: object) -> str:
    match event:
        case TaskParsed(task):
            return f"task {task.id}"
        case Retracted(id_):
            return f"retract {id_}"
        case JoinParsed(join):
            return "join" if join else "no join"
        case DiagnosticFound(diagnostic):
            return diagnostic.code
        case _:
            return type(event).__name__


def test_a_task_is_given_out_at_the_end_of_its_line() -> None:
    assert told('1. f("a"', ")", "\n", "2. g($1)", " 3. g(", "2)", "\n4. join(", ")\n") == [
        [],
        [],
        ["task 1"],
        [],
        [],
        ["task 2"],
        ["task 3"],
        [],
    ]


def test_a_call_that_the_strict_parser_refuses_is_settled_by_the_next_statement() -> None:
    assert told('1) f("a")', "\n", "2. g(", "1)\n") == [[], ["task 1"], [], ["task 2"]]
    assert told('1. f("a"', "\n2. g", "(", "1)\n") == [[], [], ["task 1"], ["task 2"]]


def test_what_follows_on_the_line_may_make_no_task_of_a_call() -> None:
    assert told('1. f("a")', " # and more\n") == [[], ["task 1"]]
    for behind in (" or 3)", " + 3", ' or "b")'):
        assert told('1. f("a")', behind, "\n") == [[], [], ["P006"]]


def test_a_task_that_names_an_unknown_number_waits_for_it() -> None:
    assert told("1. f($2)", "\n2. g(1)\n") == [[], ["task 2", "task 1"]]
    assert told('1. f("$5 million")', "\n2. g($1)", "\n3. join()", "\n<END_OF_PLAN>") == [
        [],
        [],
        [],
        ["task 1", "task 2", "join"],
    ]


def test_a_later_join_replaces_an_earlier_one() -> None:
    assert told("1. f(1)\n2. join()\n", "3. g(2)\n", "4. join($3)\n", "<END_OF_PLAN>") == [
        ["task 1"],
        ["task 3"],
        ["R036"],
        ["join"],
    ]


def test_a_correction_refuses_the_plan() -> None:
    text = "1. f(1)\n2. join()\n<END_OF_PLAN>\nWait, that was wrong.\n1. g(2)\n2. join()\n<END_OF_PLAN>"
    events = [brief(event) for event in events_of([text])]
    assert events[:2] == ["task 1", "join"]
    assert "retract 1" in events
    assert not parse_model(text).ok


def test_an_error_takes_back_what_follows_it() -> None:
    events = [brief(event) for event in events_of(['1. f(1)\n2. f("$1 * $9")\n3. f(3)\n4. join()\n'])]
    assert events == ["task 1", "task 3", "P010", "retract 3", "Ended"]


def ended(text: str, finish_reason: str = "stop") -> bool:
    event = events_of([text], finish_reason=finish_reason)[-1]
    assert isinstance(event, Ended)
    return event.whole


def test_a_plan_is_whole_at_its_end_or_when_the_text_ends_after_the_join() -> None:
    assert ended("1. f(1)\n2. join()\n<END_OF_PLAN>", "length")
    assert ended("1. f(1)\n2. join()\n")
    assert not ended("1. f(1)\n2. join()\n", "length")
    assert not ended("1. f(1)\n")
    assert not ended("nothing here")
    assert not ended("")


def test_texts_that_name_an_input_declared_later_are_read_again() -> None:
    text = '1. f("in $city")\ninput city: str\n2. join()\n'
    assert parse_model(text).plan == parse_plan(text).plan


def test_a_reference_means_the_latest_call_of_its_number() -> None:
    parsed = parse_model('1. f("a")\n2. g($1)\nSecond batch:\n1. f("b")\n2. g($1)\n3. join()\n')
    assert [(task.id, task.args[0].value) for task in parsed.plan.tasks] == [
        (1, Const("a")),
        (2, Ref(1)),
        (3, Const("b")),
        (4, Ref(3)),
    ]


def test_a_text_over_the_limit_is_cut_and_said() -> None:
    parsed = parse_model("1. f(1)\n" * 10, limits=TextLimits(size=30))
    assert "P015" in [d.code for d in parsed.diagnostics]
    assert "P016" in [d.code for d in parse_model("1. f(\0)").diagnostics]


def test_a_task_says_which_repairs_count_against_it() -> None:
    parsed = parse_model('1) f("a")\n2. f(it "b")\n3. f($1, {{2}})\n4. join()\n')
    codes = parsed.repaired
    assert 1 not in codes
    assert all(code.startswith("R") for found in codes.values() for code in found)
    found: list[Diagnostic] = list(parsed.diagnostics)
    assert found == sorted(found, key=lambda d: d.span.start if d.span else 0)


def test_a_program_behind_an_earlier_plan_reads_its_own_calls() -> None:
    parser = StreamParser(earlier=frozenset({1}))
    parser.feed("t = tide()\nanswer(t)\n")
    parser.close()
    plan = parser.parsed().plan
    assert [task.id for task in plan.tasks] == [2]
    assert plan.join is not None
    assert plan.join.values == (Ref(2),)
