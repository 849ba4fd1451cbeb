"""Check what is refused in plans with bodies, and what isn't although it looks wrong."""

from __future__ import annotations

from random import Random

import pytest
import random_bodies
import random_strict_plans
from body_plans import TOOLS, program
from hypothesis import given, strategies as st

from lcc.grammar.ir import Apply, Const, Exit, Handler, Let, Local, Plan, Spread, Try, calls_of
from lcc.grammar.ir.text_form import parse_ir, print_ir
from lcc.grammar.signatures import Tools, tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.passes.bind import bind
from lcc.passes.verify import verify

_LIBRARY = """
from typing import TypedDict
import lcc

class Loan(TypedDict):
    book: str
    days: int
    fee: float
    tags: list[str]
    note: str | None

@lcc.tool(effect="read")
def find_books(topic: str) -> list[Loan]: ...
@lcc.tool(effect="read")
def count_copies(book: str) -> int: ...
@lcc.tool(effect="read")
def summarize(text: str | None) -> str | None: ...
@lcc.tool(effect="write")
def order_copies(book: str, number: float = 1) -> Loan: ...
@lcc.tool(effect="write")
def send(to: str, text: str) -> bool: ...
"""
LIBRARY: Tools = tools_by_name(read_stub(_LIBRARY, "library.pyi").signatures)


def errors(text: str, tools: Tools = LIBRARY) -> list[tuple[str, str]]:
    """Return the code of each error, and the text that it marks."""
    plan, source = program(text)
    found = [d for d in verify(plan, tools) if d.is_error]
    return [(d.code, source.text[d.span.start : d.span.end] if d.span else "") for d in found]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("for loan in find_books('x'):\n    print(loan.dais)", "loan.dais"),
        ("print(find_books('x')[0]['dais'])", "find_books('x')[0]['dais']"),
        ("n = count_copies('x')\nprint(len(n))", "len(n)"),
        ("b = order_copies('x')\nprint(b.book - b.days)", "b.book - b.days"),
        ("for c in count_copies('x'):\n    print(c)", "count_copies('x')"),
        ("print([x for x in None])", "[x for x in None]"),
        ("print(sum(loan.book.days for loan in find_books('x')))", "loan.book.days"),
        ("rows = [loan.days for loan in find_books('x')]\nprint(rows[0].upper())", "rows[0].upper()"),
        (
            "total = 0\nfor loan in find_books('x'):\n    total = total + loan.days\nprint(total.upper())",
            "total.upper()",
        ),
        ("a, b = [1, 2]\nprint(a.upper())", "a.upper()"),
        ("t = f'{count_copies(1)}'\nprint(t.nope)", "t.nope"),
        ("rows = []\nfor loan in find_books('x'):\n    rows.append(loan.days)\n    print(loan.dais)", "loan.dais"),
        ("b = order_copies('x')\nb['more'] = 1\nprint(b['more'], b['moore'])", "b['moore']"),
    ],
)
def test_what_can_not_be_right_is_refused_where_it_stands(text: str, wrong: str) -> None:
    assert ("V038", wrong) in [(c, w) for c, w in errors(text) if c in ("V038", "V009")] or errors(text)[0][0] == "V009"


def test_the_parameter_of_a_key_is_an_element() -> None:
    plan = parse_ir(
        'strict {\n %1 = find_books("x")\n answer `builtin sorted`(%1, key=(lambda loan: `attribute daze`(loan)))\n}\n'
    )
    assert [d.code for d in verify(plan, LIBRARY)] == ["V038"]


@pytest.mark.parametrize(
    "text",
    [
        "x = None\nfor loan in find_books('x'):\n    x = loan\nprint(x.book)",
        "t = summarize('x')\nprint(t.upper())",
        "try:\n    print(len(count_copies('x')))\nexcept TypeError:\n    print('none')",
        "n = count_copies('x')\nif isinstance(n, str):\n    n = float(n.replace(',', ''))\nprint(n)",
        "b = order_copies('x')\nif 'more' in b:\n    print(b['more'])",
        "b = order_copies('x')\nprint(b['more'] if 'more' in b else 0)",
        "b = order_copies('x')\nprint('more' in b and b['more'])",
        "best = None\nif best is None:\n    print('none')\nelse:\n    print(best.book)",
        "b = order_copies('x')\nb['more'] = 1\nprint(b['more'], b.more)",
        "b = order_copies('x')\nb.update(more=1)\nprint(b['more'])",
        "xs = [1]\nxs.append('a')\nprint(xs[0].upper())",
        "xs = [1]\nys = xs\nys.append('a')\nprint(xs[0].upper())",
        "xs = [[1]]\nfor x in xs:\n    x.append('a')\nprint(xs[0][1].upper())",
        "d = {}\nfor loan in find_books('x'):\n    d[loan.days] = loan\nfor k in d:\n    print(k + 1)",
        "d = {'a': {'b': 1}}\nd['a']['c'] = 'x'\nprint(d['a']['c'].upper())",
        "n = count_copies('x')\nif not isinstance(n, str):\n    print(n)\nelif True:\n    print(n.upper())",
        "x = 1\nx = 'a'\nprint(x.upper(), x + 1)",
        "for loan in find_books('x'):\n    if isinstance(loan.days, int):\n        continue\n    print(loan.days.upper())",
        "order_copies('x', 3)",
        "order_copies('x', round(2.5))",
    ],
)
def test_what_may_be_right_is_not_refused(text: str) -> None:
    assert errors(text) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("print(totl)\ntotal = 1", "V030"),
        ("break", "V032"),
        ("x = print(1)", "V033"),
        ("print(1 / 0)", "V037"),
        ("print([1, 2][5])", "V037"),
        ("x = [0] * 1000000000", "V037"),
        ("send('ann', 5)", "V008"),
        ("n = count_copies('x')\nsend('ann', n)", "V008"),
        ("send('ann', [1])", "V008"),
        ("order_copies('x', 'three')", "V008"),
        ("order_copies('x', 3, 4)", "V006"),
        ("order_copies()", "V005"),
        ("send(whom='ann', text='x')", "V007"),
    ],
)
def test_other_faults_of_bodies(text: str, code: str) -> None:
    assert code in {found for found, _ in errors(text)}


def test_another_kind_where_a_text_belongs_says_what_to_write() -> None:
    plan, _ = program("n = count_copies('x')\nsend('ann', n)")
    (found,) = [d for d in verify(plan, LIBRARY) if d.is_error]
    assert found.help == "write str(…) or json.dumps(…) around it"


def test_a_name_that_is_near_is_suggested() -> None:
    plan, _ = program("total = 1\nprint(totl)")
    (found,) = [d for d in verify(plan, LIBRARY) if d.is_error]
    assert found.help == "did you mean `total`?"


def test_values_in_one_another_are_refused_before_they_are_gone_through() -> None:
    value = Local("x")
    for _ in range(5000):
        value = Apply("unary not", (value,))  # type: ignore[assignment]
    plan = Plan(body=(Let(Const(1), ("x",)), Exit("answer", value)), fails="strict")
    assert [d.code for d in verify(plan, LIBRARY)] == ["V035"]


def test_a_star_stands_only_among_others() -> None:
    plan = Plan(body=(Let(Spread(Local("x")), ("x",)),), fails="strict")
    assert [d.code for d in verify(plan, LIBRARY)] == ["V033"]


@given(st.randoms(use_true_random=True))
def test_strict_plans_whose_names_are_bound_have_no_errors_but_certain_failures(chance: Random) -> None:
    body = random_strict_plans.make_body(chance)
    assert {d.code for d in verify(body.plan, body.tools) if d.is_error} <= {"V030", "V037"}


@given(st.randoms(use_true_random=True))
def test_bodies_that_are_well_formed_have_faults_of_types_only(chance: Random) -> None:
    plan = random_bodies.make_body(chance)
    assert {d.code for d in verify(plan, {}) if d.is_error} <= {"V009", "V037", "V038"}


def test_the_table_of_these_tests_is_that_of_the_lowering() -> None:
    assert set(LIBRARY) <= set(TOOLS)


def test_a_strict_body_converts_integers_to_floats_alone() -> None:
    plan, _ = program("order_copies('x', 3)\norder_copies('y', number=True)\nsend('ann', 5)")
    bound = bind(plan, LIBRARY)
    assert [[arg.value for arg in task.args] for task in calls_of(bound)] == [
        [Const("x"), Const(3.0)],
        [Const("y"), Const(True)],
        [Const("ann"), Const(5)],
    ]
    assert bind(bound, LIBRARY) == bound


def test_an_independent_body_is_bound_as_other_plans_are() -> None:
    text = 'independent {\n %1 = find_books("x")\n for %2 loan in %1 {\n  %3 = send("ann", %1)\n  %4 = order_copies(5)\n }\n}\njoin 1=%1\n'
    bound = bind(parse_ir(text), LIBRARY)
    assert print_ir(bound).count('f"{%1}"') == 1
    assert 'order_copies("5")' in print_ir(bound)


@given(st.randoms(use_true_random=True))
def test_a_bound_body_is_bound_already(chance: Random) -> None:
    body = random_strict_plans.make_body(chance)
    bound = bind(body.plan, body.tools)
    assert bind(bound, body.tools) == bound


def test_a_name_for_an_exception_of_no_class_is_refused() -> None:
    body = (Let(Const(1)),)
    plan = Plan(body=(Try(body, (Handler(None, body, "e"),)),), fails="strict")
    (found,) = verify(plan, {})
    assert (found.code, found.help) == ("V034", "write `except BaseException as e:`")
    assert not verify(Plan(body=(Try(body, (Handler(None, body),)),), fails="strict"), {})
