"""`lcc reduce` makes texts small that go wrong: by an error, by a pass that is broken here on purpose, by what a command says."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from lcc.__main__ import main
from lcc.grammar.ir import Const, Plan, Ref, Value, map_values
from lcc.grammar.ir.walk import map_references, rebuild, rewrite_join, rewrite_task
from lcc.passes import pipeline
from lcc.passes.context import Context
from lcc.reducing.shrinking import lines_of, reduce_text
from lcc.reducing.words import words_of

TOOLS = """\
from lcc import tool

class Crate:
    kilos: float
    label: str

@tool(effect="read")
def crate(number: int) -> Crate: ...
@tool(effect="read")
def count(dock: str, day: int = 1) -> int: ...
@tool(effect="write")
def ship(label: str, kilos: float = 1.0) -> str: ...
"""

PLAN = """\
# What leaves today.
1. crate(7)
2. crate(8)
3. count("east", 2)
4. ship("$1.label on $3", $1.kilos)
5. ship("second: $2.label", 2.5)
6. count("west")
7. join($4, $5, $6)
"""

PROGRAM = """\
total = 0
names = []
for number in [7, 8, 9]:
    one = crate(number)
    if one.kilos > 10:
        names.append(one.label)
    total = total + one.kilos
for name in names:
    ship(name)
limit = 3 * count("east")
answer(f"{len(names)} of {limit}")
"""

Reduce = Callable[..., tuple[int, str, str]]


@pytest.fixture
def reduce(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Reduce:
    (tmp_path / "tools.pyi").write_text(TOOLS, encoding="utf-8")

    def run(name: str, text: str, *options: str, tools: bool = True) -> tuple[int, str, str]:
        (tmp_path / name).write_text(text, encoding="utf-8")
        named = ["--tools", str(tmp_path / "tools.pyi")] if tools else []
        status = main(["reduce", str(tmp_path / name), *named, *options])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def break_pass(monkeypatch: pytest.MonkeyPatch, name: str, broken: Callable[[Plan], Plan]) -> None:
    """Let a pass do something wrong after it has done what it should."""
    right = pipeline.PASSES[name]

    def wrong(plan: Plan, context: Context) -> Plan:
        return broken(right(plan, context))

    monkeypatch.setattr(pipeline, "PASSES", MappingProxyType({**pipeline.PASSES, name: wrong}))


def lose_label(plan: Plan) -> Plan:
    """Read the weight where the label is asked for."""

    def other(ref: Value) -> Value:
        return replace(ref, path=("kilos",)) if isinstance(ref, Ref) and ref.path == ("label",) else ref

    tasks = tuple(rewrite_task(task, lambda value: map_references(value, other)) for task in plan.tasks)
    join = plan.join and rewrite_join(plan.join, lambda value: map_references(value, other))
    return replace(plan, tasks=tasks, join=join)


def more_than_three(plan: Plan) -> Plan:
    """Take 3 for 4 in bodies."""

    def other(value: Value) -> Value:
        return Const(4) if value == Const(3) else value

    return plan if plan.body is None else replace(plan, body=map_values(plan.body, lambda one: rebuild(one, other)))


def no_west(plan: Plan) -> Plan:
    """Raise for one argument."""
    for task in plan.tasks:
        for arg in task.args:
            if arg.value == Const("west"):
                raise KeyError("west")
    return plan


def test_a_plan_is_reduced_to_the_call_with_the_error(reduce: Reduce) -> None:
    status, out, err = reduce("a.plan", PLAN.replace('6. count("west")', '6. counts("west", [1, {"a": 2}])'))
    assert (status, out) == (0, "1. counts()\n")
    assert "error V004" in err
    assert "8 lines became 1" in err


def test_a_miscompiled_plan_is_reduced_to_the_reads_that_make_the_difference(
    reduce: Reduce, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_pass(monkeypatch, "eliminate-dead-tasks", lose_label)
    status, out, err = reduce("a.plan", PLAN)
    assert status == 0
    assert "-O0 and -O3 give different results" in err
    assert len(out.splitlines()) <= 3
    assert out.count("crate(") == 1
    assert ".label" in out


def test_a_miscompiled_program_is_reduced_to_the_statement_that_makes_the_difference(
    reduce: Reduce, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_pass(monkeypatch, "fold-constants", more_than_three)
    status, out, err = reduce("a.py", PROGRAM)
    assert status == 0
    assert "-O0 and -O3 give different results" in err
    assert len(out.splitlines()) <= 2
    assert "3" in out
    assert "for" not in out


def test_a_plan_that_makes_lcc_raise_is_reduced_with_that_exception(
    reduce: Reduce, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_pass(monkeypatch, "deduplicate", no_west)
    status, out, err = reduce("a.plan", PLAN)
    assert status == 0
    assert "lcc raises KeyError in no_west" in err
    assert out == '1. count("west")\n7. join()\n'


def test_a_command_says_whether_a_text_still_goes_wrong(reduce: Reduce, tmp_path: Path) -> None:
    (tmp_path / "look.py").write_text(
        "import sys\ntext = open(sys.argv[1]).read()\nif '8' in text and 'ship' in text:\n    sys.exit('both of them')\n",
        encoding="utf-8",
    )
    look = f"{sys.executable} {tmp_path / 'look.py'} {{}}"
    assert reduce("a.plan", PLAN, "--test", look, "--says", "both of them", "--tries", "150")[:2] == (0, " 8\n ship\n")
    out = tmp_path / "small.plan"
    status, printed, err = reduce("a.plan", PLAN, "--test", look, "--tries", "3", "--out", str(out))
    assert (status, printed) == (0, "")
    assert "more tries" in err
    assert "ship" in out.read_text(encoding="utf-8")


def test_what_cannot_be_reduced_is_said(reduce: Reduce) -> None:
    assert reduce("a.plan", PLAN)[0] == 1
    assert "nothing goes wrong" in reduce("a.plan", PLAN)[2]
    assert "without --tools it wasn't run" in reduce("a.plan", PLAN, tools=False)[2]
    assert "there is no front end `nope`" in reduce("a.plan", PLAN, "--front-end", "nope")[2]
    assert "--says: it is for" in reduce("a.plan", PLAN, "--says", "x")[2]
    assert "doesn't print" in reduce("a.plan", PLAN, "--test", f"{sys.executable} -c pass", "--says", "x")[2]
    assert "--test:" in reduce("a.plan", PLAN, "--test", "/nowhere/at/all {}")[2]


def test_any_text_is_its_words_and_its_lines() -> None:
    for text in (PLAN, PROGRAM, '1. a("', "f(\n  1,\n)\nx = '''\n\n'''\n", "\\\0\"'$${", ""):
        assert "".join(word.text for word in words_of(text)) == text
        assert "".join(line.text for line in lines_of(text)) == text


def test_a_statement_of_several_lines_stays_together() -> None:
    assert [line.text for line in lines_of("f(\n  1,\n)\nx = '''\n\n'''\n")] == ["f(\n  1,\n)\n", "x = '''\n\n'''\n"]


def test_a_block_is_taken_out_of_what_stands_around_it() -> None:
    text = "if a:\n    while b:\n        c()\n        d()\n"
    assert reduce_text(text, lambda other: "d" in other and "if" not in other).text.strip() == "d"


def test_no_more_texts_are_tried_than_allowed() -> None:
    tried: list[str] = []
    found = reduce_text(PROGRAM, lambda other: bool(tried.append(other)), 17)
    assert (len(tried), found.tries, found.ended, found.text) == (17, 17, False, PROGRAM)
