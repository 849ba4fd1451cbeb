"""Check how passes are chosen, watched and extended."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from textwrap import dedent

import pytest

from lcc.compiler import check
from lcc.grammar.ir import Dropped, Plan, Ref, Task, TaskId
from lcc.grammar.ir.text_form import parse_ir, print_ir
from lcc.grammar.plug_ins import PlugInError
from lcc.grammar.signatures import NO_TOOLS, Tools, tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.syntax.parser import parse_plan
from lcc.grammar.syntax.print_plan import print_plan
from lcc.grammar.values import Json
from lcc.passes import pipeline
from lcc.passes.context import Action, Context, Earlier
from lcc.passes.pipeline import MOST_ROUNDS, PASSES, BrokenPass, UnknownPass, find_pass, optimize, pass_names, passes_of

TOOLS: Tools = tools_by_name(
    read_stub(
        """
import lcc
@lcc.tool(effect="read", resource="web")
def search(query: str) -> str: ...
@lcc.tool(effect="pure", cost=0.5)
def shorten(text: str) -> str: ...
@lcc.tool(effect="write", resource="web")
def publish(text: str) -> str: ...
def post(text: str) -> str: ...
""",
        "tools.pyi",
    ).signatures
)
FOLDING: Tools = TOOLS | tools_by_name(
    read_stub(
        """
from typing import Literal
import lcc
@lcc.tool(effect="pure", fold=True)
def word(text: str) -> str: ...
@lcc.tool(effect="pure", fold=True)
def words(text: str) -> list[str]: ...
@lcc.tool(effect="pure", fold=True)
def anything(text: str): ...
@lcc.tool(effect="read")
def choose(text: Literal["a", "ab"]) -> str: ...
""",
        "folding.pyi",
    ).signatures
)


def nested(depth: int) -> Json:
    return [nested(depth - 1)] if depth > 1 else []


PLAN = parse_plan(
    '1. search("a")\n2. search("a")\n3. search(each ["b", "c"])\n4. shorten($2)\n5. join($1, $2, $3)'
).plan


@pytest.mark.parametrize("level", range(4))
def test_a_level_runs_the_passes_of_its_tuple_in_order(level: int) -> None:
    seen: list[str] = []
    optimize(PLAN, TOOLS, level=level, after_pass=lambda name, before, after: seen.append(name))
    first_runs = list(dict.fromkeys(seen))
    assert first_runs == ["bind", *passes_of(level)]


def test_every_level_contains_the_one_below_and_ends_with_order() -> None:
    for level in range(1, 4):
        assert set(passes_of(level - 1)) <= set(passes_of(level))
    for level in range(4):
        names = passes_of(level)
        assert "order-effects" in names
        assert set(names[names.index("order-effects") + 1 :]) <= {"order-critical-path"}
    assert "narrow-join" not in passes_of(3)


def test_the_docstring_of_each_pass_shows_before_and_after() -> None:
    for name, function in PASSES.items():
        module = importlib.import_module(function.__module__)
        assert function.__module__ == f"lcc.passes.{name.replace('-', '_')}"
        assert module.__doc__ is not None
        assert "\n=>\n" in module.__doc__
        assert "Requires:" in module.__doc__
        assert "Keeps:" in module.__doc__


def changes_of(text: str, name: str) -> list[tuple[Action, tuple[TaskId, ...]]]:
    """Return what a pass did, and the tasks that each change is about; every one has its place in the text."""
    changes = optimize(parse_plan(text).plan, TOOLS, passes=[name]).changes
    for change in changes:
        assert [text[span.start] for span in change.spans] == [str(id) for id in change.ids]
    return [(change.action, change.ids) for change in changes]


def test_a_change_says_which_tasks_it_is_about() -> None:
    assert changes_of('1. search("a")\n2. search("a")\n3. join()', "deduplicate") == [(Action.MERGED, (2, 1))]
    assert changes_of('1. search("a")\n2. shorten($1)\n3. join()', "narrow-join") == [(Action.NARROWED, (1,))]
    assert changes_of('1. post("a")\n2. post("b")\n3. join()', "order-effects") == [(Action.UNORDERED, (1,))]


def test_after_each_pass_the_plan_before_and_after_is_shown() -> None:
    steps: list[tuple[str, Plan, Plan]] = []
    result = optimize(PLAN, TOOLS, after_pass=lambda name, before, after: steps.append((name, before, after)))
    for (_, _, after), (_, before, _) in pairwise(steps):
        assert after is before
    assert steps[-1][2] is result.plan
    changed = ["bind", "expand-each", "deduplicate", "eliminate-dead-tasks", "order-critical-path"]
    assert [name for name, before, after in steps if before is not after] == changed


def test_stats_count_what_each_pass_did() -> None:
    result = optimize(PLAN, TOOLS)
    names = [entry.name for entry in result.stats]
    once = ["expand-each", "fold-constants", "deduplicate", "eliminate-dead-tasks"]
    assert names == ["bind", *once, "expand-each", "order-effects", "order-critical-path"]
    first = {entry.name: entry for entry in reversed(result.stats)}
    assert first["expand-each"].changes == {Action.EXPANDED: 1}
    assert first["deduplicate"].changes == {Action.MERGED: 1}
    assert first["eliminate-dead-tasks"].changes == {Action.DROPPED: 1}
    assert (first["eliminate-dead-tasks"].before, first["eliminate-dead-tasks"].after) == (4, 3)
    assert first["deduplicate"].changed == 1
    assert all(entry.seconds >= 0 for entry in result.stats)
    assert list(result.timings) == ["bind", *passes_of(2)]
    assert [d.code for d in result.diagnostics] == ["O003", "O001", "O002"]


def test_passes_that_feed_each_other_run_until_none_changes_anything() -> None:
    text = '1. search(each ["a"])\n2. search(each ["all of $1", "b"])\n3. answer($2[1])'
    result = optimize(parse_plan(text).plan, TOOLS)
    assert [str(task.id) for task in result.plan.tasks] == ["2[1]"]
    assert not any(change.is_kept for change in result.changes)
    kept = optimize(parse_plan(text.replace("$2[1]", "$2")).plan, TOOLS)
    assert [str(change) for change in kept.changes if change.is_kept] == [
        "1 stays a fan-out: a text reads its whole list"
    ]


def test_a_hostile_plan_can_not_ask_for_many_rounds() -> None:
    lines = [
        '1. search(each ["a", "b"])',
        *(f'{n}. search(each ["all of ${n - 1}", ${n - 1}[1]])' for n in range(2, 100)),
    ]
    result = optimize(parse_plan("\n".join([*lines, "100. answer($99[1])"])).plan, TOOLS)
    assert sum(entry.name == "expand-each" for entry in result.stats) == MOST_ROUNDS + 1


def test_what_is_kept_counts_as_no_change() -> None:
    plan = parse_plan('1. publish("a")\n2. publish("a")\n3. post("a")\n4. join()').plan
    entry = next(entry for entry in optimize(plan, TOOLS).stats if entry.name == "deduplicate")
    assert entry.changes == {Action.KEPT: 1}
    assert entry.changed == 0


def test_changes_name_source_ids_and_places() -> None:
    text = '1. search("a")\n2. search("a")\n3. join()'
    [merged] = [c for c in optimize(parse_plan(text).plan, TOOLS).changes if c.action is Action.MERGED]
    assert merged.by == "deduplicate"
    assert merged.ids == (2, 1)
    assert [text[span.start : span.end] for span in merged.spans] == ['2. search("a")', '1. search("a")']
    assert not merged.is_kept


def test_named_passes_run_in_the_order_given_with_order_edges_before_ranks() -> None:
    def names(*passes: str) -> list[str]:
        return [entry.name for entry in optimize(PLAN, TOOLS, passes=passes).stats]

    assert names() == ["bind", "order-effects"]
    assert names("deduplicate", "expand-each") == ["bind", "deduplicate", "expand-each", "order-effects"]
    assert names("order-effects", "deduplicate") == ["bind", "order-effects", "deduplicate"]
    assert names("order-effects", "expand-each", "deduplicate")[-2:] == ["deduplicate", "order-effects"]
    assert names("deduplicate", "order-critical-path") == [
        "bind",
        "deduplicate",
        "order-effects",
        "order-critical-path",
    ]


def test_narrow_join_runs_first_if_asked_for() -> None:
    plan = parse_plan('1. search("a")\n2. shorten($1)\n3. join()').plan
    result = optimize(plan, TOOLS, narrow=True)
    assert result.stats[1].name == "narrow-join"
    assert result.plan.join is not None
    assert result.plan.join.labels == (2,)


def test_an_unknown_pass_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownPass, match="there is no pass `dedupicate`; did you mean `deduplicate`"):
        optimize(PLAN, TOOLS, passes=["dedupicate"])
    with pytest.raises(UnknownPass, match="passes: expand-each, fold-constants"):
        find_pass("qqq")


def breaks(plan: Plan, context: Context) -> Plan:
    return Plan(plan.inputs, plan.tasks[1:], plan.join, plan.origins)


def test_verify_each_stops_at_the_pass_that_breaks_a_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "PASSES", {**PASSES, "deduplicate": breaks})
    with pytest.raises(BrokenPass, match="pass deduplicate made an invalid plan: V002: there is no task 1") as caught:
        optimize(PLAN, TOOLS, verify_each=True)
    assert caught.value.name == "deduplicate"
    assert caught.value.diagnostics
    optimize(PLAN, TOOLS, passes=["deduplicate"])


def test_verify_each_accepts_every_level() -> None:
    for level in range(4):
        optimize(PLAN, TOOLS, level=level, verify_each=True)


def test_optimizing_without_tools_changes_no_call() -> None:
    plan = parse_plan('1. f("a")\n2. f("a")\n3. f(each ["b"])\n4. join($1)').plan
    result = optimize(plan, NO_TOOLS, level=3).plan
    assert [str(task.id) for task in result.tasks] == ["1", "2", "3[0]"]


@pytest.mark.parametrize(
    ("text", "value", "reason"),
    [
        ('1. words("a")\n2. search(each $1)\n3. join($2[3])', ["x"], "`$2[3]` is no element of task 2"),
        ('1. words("a")\n2. search(each $1)\n3. shorten(each $2)\n4. join($3[-2])', ["x"], "no element of task 3"),
        ('1. words("a")\n2. search(each $1)\n3. shorten("of $2[0]")\n4. join()', [], "no element of task 2"),
        ('1. word("a")\n2. choose("a$1")\n3. join()', "x", "takes Literal['a', 'ab'], not str `'ax'`"),
        ('1. word("a")\n2. choose(each ["$1$1"])\n3. join()', "x", "takes Literal['a', 'ab'], not str `'xx'`"),
        ('1. word("a")\n2. word("b")\n3. choose("$1$2")\n4. join()', "x", "takes Literal['a', 'ab'], not str"),
        pytest.param('1. anything("a")\n2. join($1)', 10**1_000, "numbers as long", id="long"),
        ('1. anything("a")\n2. join({"a": $1})', nested(63), "values as deep"),
    ],
)
def test_a_result_is_not_filled_in_where_the_plan_could_not_be_checked_any_more(
    text: str, value: Json, reason: str
) -> None:
    optimized = optimize(parse_plan(text).plan, FOLDING, evaluate=lambda name, arguments: value, verify_each=True)
    [kept] = [c for c in optimized.changes if c.by == "fold-constants"]
    assert kept.is_kept
    assert reason in kept.why
    assert not check(parse_plan(print_plan(optimized.plan)), FOLDING)


@pytest.mark.parametrize(("depth", "expanded"), [(62, True), (63, False)])
def test_a_fan_out_stays_where_its_list_would_be_nested_too_deep_for_a_plan(depth: int, expanded: bool) -> None:
    text = f'1. search(each ["a", "b"])\n2. join({"[" * depth}$1{"]" * depth})'
    assert not check(parse_plan(text), TOOLS)
    plan = optimize(parse_plan(text).plan, TOOLS, verify_each=True).plan
    assert (len(plan.tasks) == 2) == expanded
    assert not check(parse_plan(print_plan(plan)), TOOLS)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('1. words("a")\n2. search(each $1)\n3. join($2[0])', ["x"]),
        ('1. word("a")\n2. choose("a$1")\n3. join()', "b"),
        ('1. anything("a")\n2. join({"a": $1})', nested(62)),
        pytest.param('1. anything("a")\n2. join($1)', -(10**998), id="long"),
    ],
)
def test_a_result_is_filled_in_where_the_plan_stays_right(text: str, value: Json) -> None:
    optimized = optimize(parse_plan(text).plan, FOLDING, evaluate=lambda name, arguments: value, verify_each=True)
    assert Action.FOLDED in {c.action for c in optimized.changes}
    assert not check(parse_plan(print_plan(optimized.plan)), FOLDING)


PASS_MODULE = '''
"""Shorten the searches of a plan: the example of a pass from another package."""

from lcc.grammar.ir import Arg, Const, Plan
from lcc.passes.context import Action, Context
from lcc.grammar.ir.walk import with_args


def strip_queries(plan: Plan, context: Context) -> Plan:
    """Strip the space around the texts of every call that only reads."""
    tasks = []
    for task in plan.tasks:
        args = tuple(strip(arg) for arg in task.args)
        if args != task.args and context.calls.effect(task.tool).may_start_early:
            context.report(Action.REWRITTEN, f"the query of {task.id} is stripped", f"`{task.tool}` ignores space", [task])
            task = with_args(task, args)
        tasks.append(task)
    return Plan(plan.inputs, tuple(tasks), plan.join, plan.origins)


def strip(arg: Arg) -> Arg:
    match arg.value:
        case Const(str() as text):
            return Arg(arg.name, Const(text.strip()), arg.each, arg.span)
        case _:
            return arg


def lose_tasks(plan: Plan, context: Context) -> Plan:
    """Break the plan."""
    return Plan(plan.inputs, (), plan.join, plan.origins)


NOTHING = None
'''


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Lay out an installed package with passes, as an installer would."""
    (tmp_path / "space_passes.py").write_text(PASS_MODULE, encoding="utf-8")
    metadata = tmp_path / "space_passes-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: space-passes\nVersion: 1.0\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text(
        dedent(
            """\
            [lcc.passes]
            strip-queries = space_passes:strip_queries
            lose-tasks = space_passes:lose_tasks
            gone = space_passes:gone
            nothing = space_passes:NOTHING
            deduplicate = space_passes:lose_tasks
            """
        ),
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    sys.modules.pop("space_passes", None)


@pytest.mark.usefixtures("package")
def test_a_pass_of_an_installed_package_runs_by_name() -> None:
    plan = parse_plan('1. search(" a ")\n2. search("a")\n3. publish(" a ")\n4. join()').plan
    result = optimize(plan, TOOLS, passes=["strip-queries", "deduplicate"])
    assert [str(task.id) for task in result.plan.tasks] == ["1", "3"]
    [rewritten] = [c for c in result.changes if c.action is Action.REWRITTEN]
    assert (rewritten.by, str(rewritten)) == ("strip-queries", "the query of 1 is stripped: `search` ignores space")
    assert "O010" in {d.code for d in result.diagnostics}
    assert pass_names()[len(PASSES) :] == ("gone", "lose-tasks", "nothing", "strip-queries")


@pytest.mark.usefixtures("package")
def test_a_pass_of_a_package_is_verified_even_if_nobody_asks() -> None:
    with pytest.raises(BrokenPass, match="pass lose-tasks made an invalid plan"):
        optimize(PLAN, TOOLS, passes=["lose-tasks"])


@pytest.mark.usefixtures("package")
def test_a_package_can_not_replace_a_pass_of_lcc() -> None:
    assert find_pass("deduplicate") is PASSES["deduplicate"]


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize(("name", "problem"), [("gone", "no attribute 'gone'"), ("nothing", "is not a function")])
def test_a_pass_that_can_not_be_loaded_says_whose_it_is(name: str, problem: str) -> None:
    with pytest.raises(PlugInError, match=f"pass `{name}` of space-passes .*{re.escape(problem)}"):
        optimize(PLAN, TOOLS, passes=[name])


def test_naming_a_pass_of_lcc_loads_no_package(package: Path) -> None:
    optimize(PLAN, TOOLS, passes=["deduplicate"])
    assert "space_passes" not in sys.modules


# calls of earlier plans of the same session


def earlier(text: str, *finished: int) -> Earlier:
    return Earlier(optimize(parse_ir(text), TOOLS, level=0).plan.tasks, frozenset(finished))


def after_earlier(text: str, before: Earlier) -> Plan:
    return optimize(parse_ir(text), TOOLS, earlier=before, verify_each=True).plan


def test_a_finished_read_of_an_earlier_plan_is_used_again() -> None:
    before = earlier('%1 = search("a")\n%2 = shorten("x")', 1, 2)
    plan = after_earlier('%11 = search("a")\n%12 = shorten("x")\n%13 = post(%11)\njoin 11=%11, 12=%12, 13=%13', before)
    assert [task.id for task in plan.tasks] == [13]
    assert plan.join is not None
    assert plan.join.values == (Ref(1), Ref(2), Ref(13))


@pytest.mark.parametrize(
    ("before", "finished", "reused"),
    [
        ('%1 = search("a")', (), False),
        ('%1 = search("a")\n%2 = publish("x")', (1, 2), False),
        ('%1 = publish("x")\n%2 = search("a")', (1, 2), True),
        ('%1 = search("a")\n%2 = post("x")', (1, 2), True),
        ('%1 = publish("a")', (1,), False),
        ('%1 = post("a")', (1,), False),
    ],
)
def test_it_is_used_again_under_the_same_rule(before: str, finished: tuple[int, ...], reused: bool) -> None:
    plan = after_earlier('%11 = search("a")\njoin 11=%11', earlier(before, *finished))
    assert (len(plan.tasks) == 0) == reused


def test_a_write_of_an_earlier_plan_is_made_again() -> None:
    plan = after_earlier(
        '%11 = publish("a")\n%12 = post("a")\njoin 11=%11', earlier('%1 = publish("a")\n%2 = post("a")', 1, 2)
    )
    assert [task.id for task in plan.tasks] == [11, 12]


def test_a_read_after_a_write_of_this_plan_is_made_anew() -> None:
    plan = after_earlier('%11 = publish("x")\n%12 = search("a")\njoin 12=%12', earlier('%1 = search("a")', 1))
    assert [task.id for task in plan.tasks] == [11, 12]


def test_calls_on_earlier_results_are_equal_by_their_ids() -> None:
    before = earlier('%1 = search("a")\n%2 = shorten(%1)', 1, 2)
    plan = after_earlier("%11 = shorten(%1)\n%12 = shorten(%11)\njoin 12=%12", before)
    assert print_ir(plan).startswith("%12 = shorten(%2)")


def test_a_chain_of_dropped_tasks_passes_its_order_on() -> None:
    tasks = (
        Task(1, "publish"),
        *(Task(n, "search", after=(n - 1,)) for n in range(2, 60)),
        Task(60, "post", after=(59,)),
    )
    plan = replace(PLAN, tasks=tasks, join=replace(PLAN.join, values=(Ref(60),), labels=None))  # type: ignore[type-var]
    result = PASSES["eliminate-dead-tasks"](plan, Context(TOOLS))
    assert [(task.id, task.after) for task in result.tasks] == [(1, ()), (60, (1,))]
    assert result.origins == tuple(Dropped(n) for n in range(2, 60))
