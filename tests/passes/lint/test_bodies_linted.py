"""What lints find in plans with bodies; each looks at them, or says why not."""

from __future__ import annotations

import random_bodies
from body_plans import TOOLS, program
from hypothesis import given, settings

from lcc.grammar.front_ends.python import parse
from lcc.grammar.ir import InputDecl, Plan
from lcc.grammar.signatures import tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.source import Source
from lcc.grammar.syntax.parser import parse_plan
from lcc.passes.lint import lint
from lcc.passes.lint.lints import LINTS, NAMES, SKIPPED


def found(text: str, *, secret: bool = False) -> list[tuple[str, int, str]]:
    """Return the code, line and message of each finding."""
    plan, source = program(text)
    if secret:
        plan = Plan((InputDecl("KEY", "str", secret=True),), body=plan.body, fails="strict")
    return [
        (one.code, 0 if one.span is None else source.position(one.span.start)[0], one.message)
        for one in lint(plan, TOOLS, source)
    ]


def codes(text: str, *, secret: bool = False) -> list[tuple[str, int]]:
    return [one[:2] for one in found(text, secret=secret)]


def test_each_lint_looks_at_bodies_or_says_why_not() -> None:
    treats = {name for name, one in zip(NAMES, LINTS, strict=True) if hasattr(one, "check_body")}
    assert treats.isdisjoint(SKIPPED)
    assert treats | set(SKIPPED) == set(NAMES)


def test_taint_follows_names_operations_objects_and_turns() -> None:
    text = """
        rows = []
        for topic in ["a", "b"]:
            rows.append(find_books(topic)[0].title)
        text = ", ".join(rows)
        send("ann", f"new: {text}")
        """
    message = "what `find_books` returned reaches `text` of `send`"
    assert found(text) == [("L004", 5, message)]


def test_what_a_turn_hands_to_the_next_is_tainted() -> None:
    assert codes("last = ''\nfor book in ['a', 'b']:\n    send('ann', last)\n    last = find_books(book)") == [
        ("L004", 3)
    ]


def test_a_tainted_condition_of_a_write_is_a_remark() -> None:
    assert found("if count_copies('a') < 2:\n    order_copies('a')") == [
        ("L004", 2, "what `count_copies` returned decides whether `order_copies` is called")
    ]
    assert codes("if CITY == 'x':\n    order_copies('a')") == []


def test_a_secret_is_exposed_by_what_is_computed_from_it_but_not_by_calls() -> None:
    assert codes("x = 'key ' + KEY\nanswer(x)", secret=True) == [("L005", 2)]
    assert codes("print(KEY)", secret=True) == [("L005", 1)]
    assert codes("x = find_books(KEY)\nanswer(x)", secret=True) == []


def test_destruction_in_a_loop_is_bounded_by_a_list_that_is_written_out() -> None:
    assert ("L006", 2) in codes("for book in find_books('a'):\n    discard(book)")
    assert ("L006", 2) in codes("while CITY:\n    discard('a')")
    assert codes("for book in ['a', 'b']:\n    discard(book)") == []


def test_a_write_right_behind_its_like_repeats_it() -> None:
    assert codes("send('ann', 'x')\nsend('ann', 'x')") == [("L003", 2)]
    assert codes("x = 'a'\nx = send('ann', x)\nsend('ann', x)") == []
    assert codes("send('ann', 'x')\nfind_books('b')\nsend('ann', 'x')")[:1] == [("L001", 2)]
    assert codes("for x in ['a', 'b']:\n    send('ann', 'x')\nsend('ann', 'x')") == []


def test_a_result_that_nothing_uses() -> None:
    assert codes("x = find_books('a')\nanswer(1)") == [("L001", 1)]
    assert codes("x = find_books('a')\ny = x\nanswer(y)") == []
    assert codes("rows = []\nrows.append(find_books('a'))\nanswer(1)") == [("L001", 2)]
    assert codes("try:\n    find_books('a')\nexcept ValueError:\n    post('b')") == []
    assert codes("n = 0\nfor x in ['a', 'b']:\n    n = count_copies(n)") == []


def test_a_result_goes_to_the_object_that_another_name_holds() -> None:
    into_set = "kept = set()\nfor x in ['a', 'b']:\n    kept.update(find_books(x))\nanswer(len(kept))"
    into_row = "rows = [[]]\nfor row in rows:\n    row.append(find_books('a'))\nanswer(rows)"
    into_part = "rows = {'a': []}\nlast = rows['a']\nlast.append(find_books('a'))\nanswer(rows)"
    for text, line in ((into_set, 3), (into_row, 3), (into_part, 3)):
        assert codes_of_program(text) == []
        unread = text[: text.rindex("answer")] + "answer(1)"
        assert codes_of_program(unread) == [("L001", line)]


def codes_of_program(text: str) -> list[tuple[str, int]]:
    plan, source = parse(text, tools=TOOLS).plan, Source("", text)
    return [(one.code, source.position(one.span.start)[0]) for one in lint(plan, TOOLS, source) if one.span is not None]


def test_inputs_loops_and_numbers() -> None:
    assert codes("answer(CITY)") == []
    plan, source = program("answer(1)")
    unused = Plan((InputDecl("city", "str"),), body=plan.body, fails="strict")
    assert [one.code for one in lint(unused, TOOLS, source)] == ["L017"]
    assert codes("for book in []:\n    post(book)") == [("L016", 1)]


@settings(deadline=None)
@given(random_bodies.bodies())
def test_every_body_can_be_linted(plan: Plan) -> None:
    for tools in ({}, random_bodies.TOOLS):
        assert all(one.message for one in lint(plan, tools, Source("made up", "")))


STUB = """\
from typing import TypedDict
import lcc

class Loan(TypedDict):
    days: int

@lcc.tool(effect="read")
def find(name: str) -> Loan | None: ...
@lcc.tool(effect="read")
def note(text: str) -> str: ...
"""


def test_a_path_into_what_may_be_null_is_found_in_steps() -> None:
    tools = tools_by_name(read_stub(STUB, "tools.pyi").signatures)
    asks = '1. find("a")\n2. note("${$1.days}") when $1 is not None\n3. join($2)\n'
    reads = '1. find("a")\n2. = $1.days + 1\n3. find("b")\n4. note("$3.days days")\n5. join($2, $4)\n'
    for text, lines in ((asks, []), (reads, [2, 4])):
        parsed = parse_plan(text)
        found = [one for one in lint(parsed.plan, tools, parsed.source) if one.code == "L021"]
        assert [parsed.source.position(one.span.start)[0] for one in found if one.span is not None] == lines


def test_a_condition_that_reads_nothing_but_constant_steps_cannot_change() -> None:
    text = '1. = 3\n2. = 1 + 1\n3. note("a") when $1 > $2\n4. note("b") when len($3) > $1\n5. join($3, $4)\n'
    parsed = parse_plan(text)
    found = [one for one in lint(parsed.plan, {}, parsed.source) if one.code == "L024"]
    assert [(parsed.source.position(one.span.start)[0], one.message) for one in found if one.span is not None] == [
        (3, "`$1 > $2` is always true")
    ]
