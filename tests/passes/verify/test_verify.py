"""Check what `verify` says, and where."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lcc.grammar.diagnostics import Diagnostic, Severity, has_errors
from lcc.grammar.ir import Arg, Const, Element, Expanded, Format, Input, InputDecl, Join, ListOf, Plan, Ref, Task
from lcc.grammar.ir.text_form import parse_ir
from lcc.grammar.signatures import NO_TOOLS, Effect, Parameter, Signature, Tools, tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.syntax.parser import parse_plan
from lcc.passes.context import Earlier
from lcc.passes.verify import arguments as verify_arguments, verify
from lcc.passes.verify.verifier import RESOLVING

STUB = """
from typing import Any, Literal, TypedDict
import lcc

class Place(TypedDict):
    name: str
    height: float

@lcc.tool(effect="read")
def search(query: str, limit: int = 10) -> str: ...
@lcc.tool(effect="read")
def find(query: str, *, near: Place | None = None) -> list[Place]: ...
@lcc.tool(effect="pure")
def convert(value: float, unit: Literal["m", "ft"]) -> float: ...
@lcc.tool(effect="pure")
def count(items: list[int]) -> int: ...
@lcc.tool(effect="pure")
def maybe(value: int | None = None) -> int | None: ...
@lcc.tool(effect="pure")
def parse(text: str) -> Any: ...
@lcc.tool(effect="write")
def save(path: str, text: str) -> None: ...
@lcc.tool(effect="destructive")
def drop(path: str) -> None: ...
def post(text: str) -> str: ...
"""


@pytest.fixture(scope="module")
def tools() -> Tools:
    stub = read_stub(STUB, "tools.pyi")
    assert not stub.diagnostics
    return tools_by_name(stub.signatures)


def found(text: str, tools: Tools) -> list[tuple[str, str, str]]:
    """Return code, message and the text under the span of every finding."""
    parsed = parse_plan(text)
    assert not has_errors(parsed.diagnostics), parsed.diagnostics
    return [
        (d.code, d.message, "" if d.span is None else text[d.span.start : d.span.end])
        for d in verify(parsed.plan, tools)
    ]


def only(text: str, tools: Tools = NO_TOOLS) -> Diagnostic:
    parsed = parse_plan(text)
    assert not has_errors(parsed.diagnostics), parsed.diagnostics
    [diagnostic] = verify(parsed.plan, tools)
    return diagnostic


@pytest.mark.parametrize(
    ("text", "code", "message", "place"),
    [
        ("1. a()\n1. b()\n2. join()", "V001", "two tasks have the id 1", "1. b()"),
        ("1. a()\n1. join()", "V001", "the join has the id of task 1", "1. join()"),
        ("1. a($1)\n2. join()", "V002", "task 1 reads its own result", "$1"),
        ("1. a($2)\n2. b()\n3. join()", "V002", "task 1 reads the result of task 2, which comes later", "$2"),
        ("1. a($3)\n3. join()", "V002", "$3 is the join, which has no result", "$3"),
        ("1. a($7)\n3. join()", "V002", "there is no task 7", "$7"),
        ("1. a()\n3. join($1, [$2])", "V002", "there is no task 2", "$2"),
        ('1. a()\n3. answer([{"k": $3}])', "V002", "$3 is the join, which has no result", "$3"),
        ("1. a()", "V003", "the plan has no join", ""),
        ('1. a(each ["x"])\n2. b($1[1])\n3. join()', "V010", "`$1[1]` is no element of task 1", "$1[1]"),
        ('1. a(each ["x"])\n2. b("$1[-2]")\n3. join()', "V010", "`$1[-2]` is no element of task 1", "$1[-2]"),
        ("1. a(each [])\n2. b(each $1)\n3. join($2[0])", "V010", "`$2[0]` is no element of task 2", "$2[0]"),
        (
            '1. a(each ["x"])\n2. b(each "$1")\n3. a(each $2)\n4. join("of $3[1]")',
            "V010",
            "`$3[1]` is no element of task 3",
            "$3[1]",
        ),
        ("1. a(each [])\n2. join($1[0])", "V010", "`$1[0]` is no element of task 1", "$1[0]"),
        ("1. a(each [1], each [2], each [3])\n2. join()", "V011", "a call fans out over one argument only", None),
        ('1. a(each "x")\n2. join()', "V012", "`each` needs a list, and this is a single value", None),
        ('1. a(each {"k": 1})\n2. join()', "V012", "`each` needs a list, and this is a dict", None),
        ("1. a(k=1, 2)\n2. join()", "V013", "a positional argument follows a keyword argument", None),
        ("1. a(k=1, k=2)\n2. join()", "V014", "`k` is given twice", None),
        ("input a: str\ninput a: int\n1. f($a)\n2. join()", "V017", "input `a` is declared twice", None),
        ("input a: strr\n1. f($a)\n2. join()", "V018", "input `a`: unknown type `strr`", None),
        ('input a: int = "x"\n1. f($a)\n2. join()', "V018", "input `a` is int, and its default is str `'x'`", None),
        ('1. a()\n2. join("1"=$1, "1"=$1)', "V020", "2 values of the join have the label 1", None),
        (
            "1. a(each [1, 2])\n2. b($1.name)\n3. join()",
            "V009",
            "`$1.name` leads nowhere: `list` has no `.name`",
            "$1.name",
        ),
    ],
)
def test_structure_is_checked_without_tools(text: str, code: str, message: str, place: str | None) -> None:
    first = found(text, NO_TOOLS)[0]
    assert first[:2] == (code, message)
    assert place is None or first[2] == place


@pytest.mark.parametrize(
    ("call", "code", "message", "place"),
    [
        ('serch("x")', "V004", "there is no tool `serch`", "serch"),
        ("search()", "V005", "`search` needs `query`", "1. search()"),
        ("search(limit=3)", "V005", "`search` needs `query`", "1. search(limit=3)"),
        ('search("x", 1, 2)', "V006", "`search` takes 2 arguments by position", "2"),
        ('find("x", None)', "V006", "`find` takes 1 argument by position", "None"),
        ('search("x", limt=1)', "V007", "`search` has no parameter `limt`", "limt=1"),
        ('search("x", query="y")', "V014", "`query` is given by position already", 'query="y"'),
        ('search("x", "3")', "V008", "`limit` of `search` takes int, not str `'3'`", '"3"'),
        ('search("x", 3.5)', "V008", "`limit` of `search` takes int, not float `3.5`", "3.5"),
        ('search("x", True)', "V008", "`limit` of `search` takes int, not bool `True`", "True"),
        ('search("x", None)', "V008", "`limit` of `search` takes int, not None `None`", "None"),
        ('convert(1, "km")', "V008", "`unit` of `convert` takes Literal['m', 'ft'], not str `'km'`", '"km"'),
        ('count([1, 2, "x"])', "V008", "`items[2]` of `count` takes int, not str `'x'`", '[1, 2, "x"]'),
        ('count({"k": 1})', "V008", "`items` of `count` takes list[int], not dict", '{"k": 1}'),
        ("count(3)", "V008", "`items` of `count` takes list[int], not int `3`", "3"),
        ('find("x", near={"name": "y"})', "V008", "`near` of `find` needs `height`", None),
        (
            'find("x", near={"name": "y", "height": 1, "k": 2})',
            "V008",
            "`near` of `find` has no field `k`",
            None,
        ),
        (
            'find("x", near={"name": "y", "height": "1"})',
            "V008",
            "`near.height` of `find` takes float, not str `'1'`",
            None,
        ),
        ('maybe("x")', "V008", "`value` of `maybe` takes int | None, not str `'x'`", '"x"'),
        ('search("x", each [1, "2"])', "V008", "`limit` of `search` takes int, not str `'2'`", None),
        ('search(each "x")', "V012", "`each` needs a list, and this is a single value", None),
    ],
)
def test_calls_are_checked_against_declarations(
    call: str, code: str, message: str, place: str | None, tools: Tools
) -> None:
    text = f"1. {call}\n2. join()"
    first = found(text, tools)[0]
    assert first[:2] == (code, message)
    assert place is None or first[2] == place


@pytest.mark.parametrize(
    ("call", "nearest"),
    [
        ('fly("plaine")', "did you mean `plane`?"),
        ('fly(each ["plane", "trane"])', "did you mean `train`?"),
        ('fly("train", with_=["Guard"])', "did you mean `guard`?"),
        ('fly("xxxxx")', None),
        ("fly(7)", None),
        ("fly(with_=[None], by='train')", None),
    ],
)
def test_the_nearest_of_a_few_values_is_suggested(call: str, nearest: str | None) -> None:
    stub = read_stub(
        "from typing import Literal\ndef fly(by: Literal['plane', 'train', 1], with_: list[Literal['guard']] | None = None) -> str: ...",
        "tools.pyi",
    )
    (found,) = verify(parse_plan(f"1. {call}\n2. join()").plan, tools_by_name(stub.signatures))
    assert (found.code, found.help) == ("V008", nearest)


@pytest.mark.parametrize(
    "text", ['1.\tserch ("x")\n2. join()', '  17 .  serch(\n"x")\n2. join()', "1. serch()\njoin()"]
)
def test_the_place_of_an_unknown_tool_is_its_name(text: str, tools: Tools) -> None:
    assert found(text, tools) == [("V004", "there is no tool `serch`", "serch")]


@pytest.mark.parametrize(
    ("text", "code", "message", "place"),
    [
        ('1. search("x")\n2. convert($1, "m")', "V008", "`value` of `convert` takes float, and `$1` is str", "$1"),
        ('1. search("x")\n2. convert("$1", "m")', "V008", "`value` of `convert` takes float, and `$1` is str", "$1"),
        ('1. find("x")\n2. convert("about $1", "m")', "V008", "`value` of `convert` takes float, not str", "$1"),
        (
            '1. find("x")\n2. convert($1[0].name, "m")',
            "V008",
            "`value` of `convert` takes float, and `$1[0].name` is str",
            None,
        ),
        ('1. find("x")\n2. convert($1[0].hight, "m")', "V009", None, "$1[0].hight"),
        ('1. find("x")\n2. search("$1.name")', "V009", None, "$1.name"),
        (
            '1. find("x")\n2. count([$1[0].name])',
            "V008",
            "`items[0]` of `count` takes int, and `$1[0].name` is str",
            None,
        ),
        ('1. maybe()\n2. search("x", $1)', "V008", "`limit` of `search` takes int, and `$1` is int | None", "$1"),
        (
            '1. search(each ["x"])\n2. convert($1[0], "m")',
            "V008",
            "`value` of `convert` takes float, and `$1[0]` is str",
            None,
        ),
        (
            '1. search(each ["x"])\n2. count($1)',
            "V008",
            "`items` of `count` takes list[int], and `$1` is list[str]",
            None,
        ),
        ('1. search("x")\n2. search(each $1)', "V012", "`each` needs a list, and this is str", "$1"),
        ('1. search("x")\n2. search(each "$1")', "V012", "`each` needs a list, and this is str", "$1"),
        ("1. count([1])\n2. search(each $1)", "V012", "`each` needs a list, and this is int", "$1"),
        (
            '1. find("x")\n2. convert(each $1, "m")',
            "V008",
            "`value` of `convert` takes list[float], and `$1` is list[Place]",
            None,
        ),
        (
            'input n: str\n1. convert($n, "m")\n2. search($n)',
            "V008",
            "`value` of `convert` takes float, and `$n` is str",
            "$n",
        ),
        ('input n: list[int]\n1. convert($n["k"], "m")\n2. search($n[0])', "V009", None, None),
    ],
)
def test_types_are_followed(text: str, code: str, message: str | None, place: str | None, tools: Tools) -> None:
    first = found(f"{text}\n9. join()", tools)[0]
    assert first[0] == code
    assert message is None or first[1] == message
    assert place is None or first[2] == place


@pytest.mark.parametrize(
    "text",
    [
        '1. convert(3, "m")\n2. search(42, 3)\n3. search(True)',
        '1. parse("x")\n2. convert($1, "m")\n3. count($1.a.b[0])\n4. search(each $1)\n5. find("x", near=$1)',
        '1. count([1])\n2. convert($1, "ft")\n3. search("x", $1)\n4. search("$1 of $1")',
        '1. find("x")\n2. convert(each [$1[0].height, 3], "m")\n3. search(each [$1[0].name, "$1[1].height m"])',
        '1. search("x")\n2. convert(1, $1)\n3. find("x", near={"name": $1, "height": 3})\n4. find("y", near=None)',
        '1. find(query="x", near={"height": 3, "name": "y"})\n2. find("x", near=$1[0])',
        'input n: float = 3\ninput l: list[str]\n1. convert($n, "m")\n2. search(each $l)\n3. search($l[0])',
        '1. search(each ["x", "y"])\n2. search(each $1)\n3. search("$1[0] and $2[-2]")\n4. save(each $2, "x")',
        "1. maybe(None)\n2. maybe(3)\n3. maybe($1)",
        'input n: int = 3.0\n1. search("x", 3.0)\n2. count([1, 2.0])\n3. maybe(3.0)\n4. search("x", $n)',
    ],
)
def test_what_fits_is_silent(text: str, tools: Tools) -> None:
    assert found(f"{text}\n9. join()", tools) == []


def test_the_nearest_names_are_suggested(tools: Tools) -> None:
    assert only('1. Serch("x")\n2. join()', tools).help == "did you mean `search`?"
    assert only('1. search("x", Limits=3)\n2. join()', tools).help == "did you mean `limit`?"
    unknown = only('1. qqq("x")\n2. join()', tools).help
    assert unknown is not None
    assert unknown.startswith("the tools are convert, count, drop")


def test_thousands_of_wrong_names_are_not_all_compared(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    monkeypatch.setattr(verify_arguments, "nearest", lambda name, known: compared.append(name))
    calls = "\n".join(f'{n}. tool_{n}()\n{n + 5000}. search("x", k{n}=1)' for n in range(1, 1000))
    found(f"{calls}\n99999. join()", tools)
    assert len(compared) <= 200
    compared.clear()
    found("\n".join(f"{n}. serch()" for n in range(1, 50)) + "\n99. join()", tools)
    assert compared == ["serch"]


def test_a_list_as_text_is_a_remark(tools: Tools) -> None:
    text = '1. find("x")\n2. search($1)\n3. search("$1")\n4. search("about $1")\n5. join()'
    notes = verify(parse_plan(text).plan, tools)
    assert [(d.code, d.severity) for d in notes] == [("V023", Severity.REMARK)] * 2
    assert [text[d.span.start : d.span.end] for d in notes if d.span] == ["$1", '"$1"']


def test_a_second_place_is_shown() -> None:
    text = "1. a()\n1. b()\n2. join(3)"
    [label] = only(text).labels
    assert (text[label.span.start : label.span.end], label.text) == ("1. a()", "first used here")
    text = "1. a($2)\n2. b()\n3. join()"
    [label] = only(text).labels
    assert text[label.span.start : label.span.end] == "2. b()"


def test_all_findings_come_in_one_go_in_text_order(tools: Tools) -> None:
    text = '1. serch($2)\n2. search()\n2. find("x", 1)\n3. search($9.a)\n'
    codes = [code for code, _, _ in found(text, tools)]
    assert codes == ["V004", "V002", "V005", "V001", "V006", "V002", "V003"]


def test_a_reference_to_a_statement_that_could_not_be_read_is_not_missing() -> None:
    parsed = parse_plan("1. a(\n2. b($1)\n3. join($1)")
    assert 1 in parsed.unread
    assert verify(parsed.plan, NO_TOOLS, unread=parsed.unread) == ()
    assert {d.code for d in verify(parsed.plan, NO_TOOLS)} == {"V002"}


def test_an_ir_that_no_text_can_say_is_checked_too() -> None:
    def codes(*tasks: Task, join: Join | None = None, inputs: tuple[InputDecl, ...] = ()) -> list[str]:
        return [d.code for d in verify(Plan(inputs, tasks, join or Join(())), NO_TOOLS)]

    assert codes(Task(0, "a")) == ["V024"]
    assert codes(Task(Element(1, -1), "a")) == ["V024"]
    assert codes(Task(1, "a", after=(2,)), Task(2, "b")) == ["V024"]
    assert codes(Task(1, "a"), Task(2, "b", after=(1,))) == []
    assert codes(Task(1, "join")) == ["V015"]
    assert codes(Task(1, "a", (Arg("each", Const(1)),))) == ["V015"]
    assert codes(Task(1, "a", (Arg(None, Input("x")),))) == ["V019"]
    assert codes(Task(1, "a"), join=Join((Ref(1), Ref(1)), direct=True)) == ["V016"]
    assert codes(Task(1, "a"), join=Join((), direct=True)) == ["V016"]
    assert codes(Task(1, "a"), join=Join((Ref(1),), (1, 2))) == ["V020"]
    assert codes(inputs=(InputDecl("a", "str", ListOf((Ref(1),))),)) == ["V018"]
    assert all(d.span is None for d in verify(Plan((), (Task(0, "join"),)), NO_TOOLS))


def test_an_expanded_fan_out_may_be_read_as_a_list_inside_a_text_only() -> None:
    elements = (Task(Element(1, 0), "a"), Task(Element(1, 1), "a"))
    text = Task(2, "b", (Arg(None, Format(("x", Ref(1)))),))
    assert verify(Plan((), (*elements, text), Join(()), (Expanded(1, 2),)), NO_TOOLS) == ()
    bare = Task(2, "b", (Arg(None, Ref(1)),))
    assert [d.code for d in verify(Plan((), (*elements, bare), Join(()), (Expanded(1, 2),)), NO_TOOLS)] == ["V002"]
    early = Plan((), (elements[0], text, elements[1]), Join(()), (Expanded(1, 2),))
    assert [d.code for d in verify(early, NO_TOOLS)] == ["V002"]
    assert [d.code for d in verify(Plan((), (*elements, text), Join(())), NO_TOOLS)] == ["V002"]


def test_an_input_declared_twice_shows_both_places() -> None:
    text = "input a: str\ninput a: int\n1. f($a)\n2. join()"
    (found,) = verify(parse_plan(text).plan, NO_TOOLS)
    assert [text[label.span.start : label.span.end] for label in found.labels] == ["input a: str"]
    nowhere = tuple(InputDecl("a", kind) for kind in ("str", "int"))
    (found,) = verify(Plan(nowhere, (), Join(())), NO_TOOLS)
    assert (found.code, found.labels, found.span) == ("V017", (), None)


def test_an_unknown_type_of_an_input_is_explained() -> None:
    def help(annotation: str) -> str | None:
        return verify(Plan((InputDecl("a", annotation),), (), Join(())), NO_TOOLS)[0].help

    assert help("strr") == "did you mean `str`?"
    assert help("1 +") == "write `str`, `int`, `float`, `bool`, `list[str]`, …"


def test_results_of_earlier_plans_may_be_read(tools: Tools) -> None:
    earlier = Earlier((Task(1, "search", (Arg(None, Const("x")),)),))
    plan = parse_ir('%2 = convert(%1, "m")\njoin 2=%2')
    assert [d.code for d in verify(plan, tools)] == ["V002"]
    assert [d.message for d in verify(plan, tools, earlier=earlier)] == [
        "`value` of `convert` takes float, and `$1` is str"
    ]


REPAIRED = (
    '1. search("x")\n2. search("about $1")\n3. save("a", $2)\n4. drop("b")\n5. post($2)\n6. search($2)\n7. join()'
)


def repaired(tools: Tools, repaired: dict[int, tuple[str, ...]], resolved: set[int]) -> list[tuple[str, str, Severity]]:
    plan = parse_plan(REPAIRED).plan
    return [
        (d.code, REPAIRED[d.span.start], d.severity)
        for d in verify(plan, tools, repaired=repaired, resolved=resolved)
        if d.span is not None
    ]


def test_a_write_whose_own_text_was_repaired_is_refused(tools: Tools) -> None:
    error, warning = Severity.ERROR, Severity.WARNING
    assert repaired(tools, {3: ("R010",)}, set()) == [("V021", "3", error)]
    assert repaired(tools, {4: ("R010",)}, set()) == [("V021", "4", error)]
    assert repaired(tools, {5: ("R010",)}, set()) == [("V022", "5", warning)]
    assert repaired(tools, {1: ("R010",), 2: ("R012",), 6: ("R003",)}, set()) == []


def test_a_write_that_depends_on_a_repaired_reference_is_refused_transitively(tools: Tools) -> None:
    both = [("V021", "3", Severity.ERROR), ("V022", "5", Severity.WARNING)]
    assert repaired(tools, {}, {2}) == both
    assert repaired(tools, {}, {1}) == both
    assert repaired(tools, {}, {3}) == both[:1]
    assert repaired(tools, {}, {6}) == []
    assert repaired(tools, {3: ()}, set()) == []


def test_what_was_repaired_is_named(tools: Tools) -> None:
    def message(repaired: dict[int, tuple[str, ...]], resolved: set[int]) -> str:
        return verify(parse_plan(REPAIRED).plan, tools, repaired=repaired, resolved=resolved)[0].message

    assert message({3: ("R010", "R011")}, set()) == "`save` is write, and its text was repaired (R010, R011)"
    assert message({}, {3}) == "`save` is write, and a reference in it was repaired"
    assert message({}, {1}) == "`save` is write, and a reference in task 1, on which it depends, was repaired"


def test_repairs_that_choose_a_result_are_known_by_their_codes(tools: Tools) -> None:
    from lcc.grammar.lenient.marks.repairs import BY_CODE

    names = {BY_CODE[code].name for code in RESOLVING}
    assert names == {"renumbered", "reference-style", "result-path", "forward-reference"}
    for code in RESOLVING:
        assert [d[:2] for d in repaired(tools, {2: (code,)}, set())] == [("V021", "3"), ("V022", "5")]


def test_a_large_plan_is_verified_in_linear_work(tools: Tools) -> None:
    """A fan-out of a thousand elements and a thousand readers of the whole: counted, not timed."""
    items = ", ".join(f'"{n}"' for n in range(1000))
    readers = "\n".join(f"{n}. search($1[{n - 2}])" for n in range(2, 1002))
    assert found(f"1. search(each [{items}])\n{readers}\n2000. join()", tools) == []


def test_a_tool_with_thousands_of_parameters_is_spoken_of_in_few_words() -> None:
    parameters = tuple(Parameter(f"p{place}") for place in range(4_000))
    wide = tools_by_name([Signature("f", parameters)])
    calls = "".join(f"{id}. f(q{id}=1)\n" for id in range(1, 50))
    found = verify(parse_plan(f"{calls}join()").plan, wide)
    missing = [d.message for d in found if d.code == "V005"][:9]
    assert missing == [*(f"`f` needs `p{place}`" for place in range(8)), "`f` needs 3992 more arguments"]
    assert all(len(d.help or "") < 1_000 for d in found)
    assert found[1].help is not None
    assert found[1].help.endswith("with 3970 more parameters")


def test_an_unknown_tool_that_is_near_a_known_one_has_a_fix_that_is_not_safe(tools: Tools) -> None:
    parsed = parse_plan('1. serach("tides")\n2. zzzz("x")\n3. join()')
    near, far = (one for one in verify(parsed.plan, tools) if one.code == "V004")
    assert near.fix is not None
    assert not near.fix.safe
    assert [(edit.span, edit.text) for edit in near.fix.edits] == [(near.span, "search")]
    assert far.fix is None
    writing = {"search": replace(tools["search"], effect=Effect.WRITE)}
    (only,) = (one for one in verify(parse_plan('1. serach("tides")\n2. join()').plan, writing) if one.code == "V004")
    assert only.fix is None
