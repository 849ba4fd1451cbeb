"""Plan files: every form of the language is read as it says, and every fault has a code at its place."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from strategies import plans

from lcc.grammar.diagnostics import Severity
from lcc.grammar.ir import Arg, Const, DictOf, Format, Input, InputDecl, Join, ListOf, Plan, Ref, Task, Value
from lcc.grammar.limits import TextLimits
from lcc.grammar.syntax.parser import Parsed, parse_plan
from lcc.grammar.syntax.print_plan import print_plan


def read(argument: str, before: str = "") -> Value:
    parsed = parse_plan(f'{before}1. a("x")\n2. b("y")\n12. c({argument})\n13. join()')
    assert not parsed.diagnostics, parsed.diagnostics
    return parsed.plan.tasks[-1].args[0].value


def codes(text: str, limits: TextLimits | None = None) -> list[tuple[str, str]]:
    """Return each diagnostic's code with the text under its span."""
    parsed = parse_plan(text) if limits is None else parse_plan(text, limits=limits)
    return [(d.code, text[d.span.start : d.span.end]) for d in parsed.diagnostics if d.span is not None]


def test_the_example_of_the_reference() -> None:
    parsed = parse_plan(
        "# a comment\n"
        'input city: str = "Paris"\n'
        "Thought: I need both heights.\n"
        '1. search("Mount Everest")\n'
        '2. search(entity="Mount Kilimanjaro")\n'
        '3. math("height", context=[$1, $2])\n'
        "4. join($3)\n"
        "<END_OF_PLAN>\n"
    )
    assert not parsed.diagnostics
    assert parsed.plan == Plan(
        (InputDecl("city", "str", Const("Paris")),),
        (
            Task(1, "search", (Arg(None, Const("Mount Everest")),), thought="I need both heights."),
            Task(2, "search", (Arg("entity", Const("Mount Kilimanjaro")),)),
            Task(3, "math", (Arg(None, Const("height")), Arg("context", ListOf((Ref(1), Ref(2)))))),
        ),
        Join((Ref(3),), id=4),
    )


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("'a'", Const("a")),
        ('"a\\n\\x41\\u00e9\\N{BULLET}\\101"', Const("a\nAé•A")),
        ('"\\ud83d\\ude00"', Const("😀")),
        ('"""a\n"b" \\\nc"""', Const('a\n"b" c')),
        ("''", Const("")),
        ("1", Const(1)),
        ("-0.0", Const(-0.0)),
        ("+.5e-3", Const(0.0005)),
        ("9" * 1000, Const(int("9" * 1000))),
        ("True", Const(True)),
        ("false", Const(False)),
        ("null", Const(None)),
        (
            "[1, (2, 3), (), (4,), (5)]",
            ListOf((Const(1), ListOf((Const(2), Const(3))), ListOf(()), ListOf((Const(4),)), Const(5))),
        ),
        ('{"a": $1, "$1": None,}', DictOf((("a", Ref(1)), ("$1", Const(None))))),
        ("$2", Ref(2)),
        ("${2}", Ref(2)),
        ('$1[-1]["key"].a', Ref(1, (-1, "key", "a"))),
        ("${1.name}", Ref(1, ("name",))),
        ('"$1"', Format((Ref(1),))),
        ('"age of $1"', Format(("age of ", Ref(1)))),
        ('"$1.a[0][\\"k\\"].b, $2."', Format((Ref(1, ("a", 0, "k", "b")), ", ", Ref(2), "."))),
        ('"$1 .a $2 [0] ${1}.pdf"', Format((Ref(1), " .a ", Ref(2), " [0] ", Ref(1), ".pdf"))),
        ('"$$1 US$ $filter $${f%.log} ${log} \\x241"', Const("$1 US$ $filter ${f%.log} ${log} $1")),
        ('"$\\x245"', Const("$$5")),
        ('"{$2:,}"', Format(("{", Ref(2), ":,}"))),
    ],
)
def test_values(written: str, value: Value) -> None:
    assert read(written) == value


def test_twelve_is_not_one_and_a_two() -> None:
    parsed = parse_plan('1. a("x")\n12. b("y")\n13. c("$12", $12)\n14. join()')
    assert [arg.value for arg in parsed.plan.tasks[-1].args] == [Format((Ref(12),)), Ref(12)]


def test_inputs_are_read_by_name() -> None:
    assert read('["$city.name!", $city, "$other"]', "input city: dict = {}\n") == ListOf(
        (Format((Input("city", ("name",)), "!")), Input("city"), Const("$other"))
    )


def test_a_call_may_span_lines_with_comments() -> None:
    assert read("\n  # first\n  [1,  # one\n   2],\n") == ListOf((Const(1), Const(2)))


def test_several_statements_may_share_a_line() -> None:
    parsed = parse_plan('1. a("1. b()") 2. c($1) 3. join()<END_OF_PLAN>')
    assert not parsed.diagnostics
    assert [task.id for task in parsed.plan.tasks] == [1, 2]


def test_each_marks_its_argument() -> None:
    parsed = parse_plan("1. a(each [1], b=2)\n2. c(x=each $1)\n3. join()")
    assert [[(arg.name, arg.each) for arg in task.args] for task in parsed.plan.tasks] == [
        [(None, True), ("b", False)],
        [("x", True)],
    ]


def test_a_bare_join_reads_every_task_under_its_id() -> None:
    parsed = parse_plan("7. a(1)\n3. b(2)\njoin()")
    assert parsed.plan.join == Join((Ref(7), Ref(3)), (7, 3))


def test_a_labelled_join_is_a_bare_join_written_out() -> None:
    parsed = parse_plan('1. a(1)\n2. join("1"=$1, "5"=$1)')
    assert parsed.plan.join == Join((Ref(1), Ref(1)), (1, 5), id=2)


def test_answer_is_direct() -> None:
    parsed = parse_plan('1. a(1)\n2. answer("it is $1")')
    assert parsed.plan.join == Join((Format(("it is ", Ref(1))),), direct=True, id=2)


BAD = [
    ("", [("P017", "")]),
    ("# only a comment\n", [("P017", "")]),
    ("1. f(\0)", [("P016", "\0")]),
    ("1. f('\ud800')", [("P016", "\ud800")]),
    ("1) f(1)\n2. join()", [("P001", "1) f(1)")]),
    ("f(1)\n2. join()", [("P001", "f(1)")]),
    ("1. f(1\n2. join()", [("P003", "(")]),
    ("1. f([1)\n2. join()", [("P002", ")")]),
    ('1. f("a)\n2. join()', [("P004", '"')]),
    ('1. f("""a)\n2. join()', [("P004", '"""')]),
    ('1. f("a" "b")\n2. join()', [("P005", '"b"')]),
    ("1. f(In Cold Blood)\n2. join()", [("P006", "In Cold Blood")]),
    ("1. f(g(1))\n2. join()", [("P006", "g")]),
    ("1. f(2 * x)\n2. join()", [("P006", "x")]),
    ("1. f(“a”)\n2. join()", [("P006", "“")]),
    ("1. f(0x1F)\n2. join()", [("P007", "0x1F")]),
    ("1. f(1_000)\n2. join()", [("P007", "1_000")]),
    ("1. f(NaN)\n2. join()", [("P007", "NaN")]),
    ("1. f(1e999)\n2. join()", [("P007", "1e999")]),
    (f"1. f({'9' * 6000})\n2. join()", [("P007", "9" * 6000)]),
    ("1. f(007)\n2. join()", [("P007", "007")]),
    ('1. f("\\x4")\n2. join()', [("P008", "\\x")]),
    ('1. f("\\$5")\n2. join()', [("P008", "\\$")]),
    ('1. f("\\U00110000")\n2. join()', [("P008", "\\U00110000")]),
    ('1. f("\\ud800")\n2. join()', [("P009", '"\\ud800"')]),
    ('1. f("over $5 million")\n2. join()', [("P010", "$5")]),
    ('1. f("$1,000")\n2. join()', [("P010", "$1,000")]),
    ('1. f("a $1.50")\n2. join()', [("P010", "$1.50")]),
    ("1. f(${1 x})\n2. join()", [("P011", "${1 x}")]),
    ('1. f("${1 x}")\n2. join()', [("P029", "${1 x}")]),
    ("1. f({\"a\": 1, 'a': 2})\n2. join()", [("P012", "'a'")]),
    (f"1. f({'[' * 10000})\n2. join()", [("P013", "[")]),
    (f"1. f({', '.join('1' * 101)})\n2. join()", [("P015", "1")]),
    ("1. f(1)\n2. join()\nmore", [("P018", "more")]),
    ("1. f(1)\n2. join()\n3. f(2)", [("P018", "3. f(2)")]),
    ("1. f(1)\n<END_OF_PLAN>\n2. join()", [("P018", "2. join()")]),
    ("1. f(1)\n2. join()\n3. join()", [("P019", "3. join()")]),
    ('1. f(f"a")\n2. join()', [("P021", "f")]),
    ("1. f(1)\n2. join(x=$1)", [("P025", "x=$1")]),
    ("1. f(1)\n2. join(each $1)", [("P025", "each $1")]),
    ("1. f(1)\n2. answer($1, 2)", [("P025", "2. answer($1, 2)")]),
    ("007. f(1)\n2. join()", [("P026", "007")]),
    ("0. f(1)\n2. join()", [("P026", "0")]),
    ("input a: int = $b\n1. f($a)\n2. join()", [("P027", "input a: int = $b")]),
]


@pytest.mark.parametrize(("text", "expected"), BAD, ids=[f"{c[0][0]}-{i}" for i, (_, c) in enumerate(BAD)])
def test_a_fault_has_a_code_at_its_place(text: str, expected: list[tuple[str, str]]) -> None:
    assert codes(text) == expected


def test_every_fault_of_a_file_is_reported_in_one_go() -> None:
    text = '2) g(1)\n1. f("a\n3. h(x y, 1)\n4. k([1)\n5. m("$9")\nfoo\n6. join()\n7. z()'
    assert [code for code, _ in codes(text)] == ["P001", "P004", "P006", "P002", "P010", "P001", "P018"]


def test_what_could_be_read_is_kept_and_what_not_is_named() -> None:
    parsed = parse_plan("1. f(1)\n2. g(x y)\n3. h($2)\n4. join()")
    assert [task.id for task in parsed.plan.tasks] == [1, 3]
    assert parsed.unread == {2}
    assert not parsed.ok


def test_a_reference_to_a_task_that_could_not_be_read_is_no_amount() -> None:
    assert codes('1. f(x y)\n2. g("about $1")\n3. join()') == [("P006", "x y")]


def test_unknown_escapes_stay_with_a_warning() -> None:
    parsed = parse_plan('1. f("\\d+")\n2. join()')
    assert [(d.code, d.severity) for d in parsed.diagnostics] == [("P008", Severity.WARNING)]
    assert parsed.plan.tasks[0].args[0].value == Const("\\d+")
    assert parsed.ok


def test_a_name_that_is_almost_an_inputs_is_text_with_a_warning() -> None:
    parsed = parse_plan('input city: str\n1. f("in $ciy")\n2. join()')
    assert [(d.code, d.severity) for d in parsed.diagnostics] == [("P022", Severity.WARNING)]
    assert parsed.plan.tasks[0].args[0].value == Const("in $ciy")


def test_limits_are_configurable() -> None:
    assert codes("1. f(1)\n2. join()", TextLimits(size=10)) == [("P015", "")]
    assert codes("1. f(1)\n2. f(2)\n3. join()", TextLimits(tasks=1)) == [("P015", "2. f(2)")]
    assert codes("1. f([[1]])\n2. join()", TextLimits(nesting=2)) == [("P013", "[")]
    assert codes("1. f([1])\n2. join()", TextLimits(nesting=2)) == []


def test_a_byte_order_mark_and_every_line_break_are_white_space() -> None:
    parsed = parse_plan("\ufeff1. f(1)\r\n2. g(2)\r3. join()\r\n")
    assert not parsed.diagnostics
    assert [task.id for task in parsed.plan.tasks] == [1, 2]


@given(plans())
def test_what_is_printed_reads_back_as_the_same_plan(plan: Plan) -> None:
    parsed = parse_plan(print_plan(plan))
    assert not [d for d in parsed.diagnostics if d.is_error], print_plan(plan)
    read = parsed.plan
    if plan.join is not None and plan.join.id is None and read.join is not None:
        read = replace(read, join=replace(read.join, id=None))
    assert read == plan


@given(st.text(alphabet=st.characters(codec=None, categories=None), max_size=60))
def test_no_text_makes_the_parser_raise(text: str) -> None:
    for candidate in (text, f"1. f({text})\n2. join()", f'1. f("{text}")\n2. join()'):
        parsed: Parsed = parse_plan(candidate)
        for diagnostic in parsed.diagnostics:
            assert diagnostic.span is not None
            assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(candidate)


def _clean() -> list[dict[str, object]]:
    path = Path(__file__).parents[2] / "data" / "wild" / "clean.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _expected(value: object) -> object:
    """Return the canonical form of a recorded value: `"$1"` alone is the reference itself."""
    if isinstance(value, list):
        return [_expected(item) for item in value]
    if isinstance(value, dict):
        if "$fmt" in value and len(value["$fmt"]) == 1:
            return _expected(value["$fmt"][0])
        return {key: _expected(item) for key, item in value.items()}
    return value


def recorded(value: Value) -> object:
    """Return a value in the notation of the recorded plans."""
    match value:
        case Const(scalar):
            return scalar
        case Ref(task, path):
            return {"$ref": task, "path": list(path)} if path else {"$ref": task}
        case Format((Ref() as only,)):
            return recorded(only)
        case Format(parts):
            return {"$fmt": [part if isinstance(part, str) else recorded(part) for part in parts]}
        case ListOf(items):
            return [recorded(item) for item in items]
        case DictOf(pairs):
            return {key: recorded(item) for key, item in pairs}
        case Input(name):
            return {"$input": name}


@pytest.mark.parametrize("record", _clean(), ids=lambda r: str(r["id"]))
def test_recorded_plans_are_read_as_meant(record: dict[str, object]) -> None:
    parsed = parse_plan(str(record["text"]))
    if record["id"] == "clean-005":  # it holds amounts of money, which a plan file writes with `$$`
        assert {d.code for d in parsed.diagnostics} == {"P010"}
        return
    assert not parsed.diagnostics
    expect = record["expect"]
    assert isinstance(expect, dict)
    found = [
        {
            "id": task.id,
            "tool": task.tool,
            "args": [recorded(arg.value) for arg in task.args if arg.name is None],
            "kwargs": {arg.name: recorded(arg.value) for arg in task.args if arg.name is not None},
        }
        for task in parsed.plan.tasks
    ]
    wanted = [{key: _expected(task[key]) for key in ("id", "tool", "args", "kwargs")} for task in expect["tasks"]]
    assert json.dumps(found, sort_keys=True) == json.dumps(wanted, sort_keys=True)
    assert parse_plan(print_plan(parsed.plan)).plan == parsed.plan
