"""Hold the online passes to what the batch passes give."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings, strategies as st
from random_programs import INPUTS, Program, programs
from reference_interpreter import Interpreter

from lcc.grammar.diagnostics import has_errors
from lcc.grammar.ir import Batched, Dropped, Element, ListOf, Ref, Task
from lcc.grammar.ir.text_form import print_ir
from lcc.grammar.signatures import Tools, tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.syntax.parser import parse_plan
from lcc.passes.expand_each import MOST_CALLS, MOST_ELEMENTS
from lcc.passes.online import ONLINE, Online, complete, online_passes
from lcc.passes.pipeline import LEVELS, optimize, passes_of
from lcc.passes.verify import verify

checks = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
levels = st.integers(0, len(LEVELS) - 1)

TOOLS: Tools = tools_by_name(
    read_stub(
        """
import lcc
@lcc.tool(effect="read", resource="web")
def search(query: str) -> str: ...
@lcc.tool(effect="pure", batch="embed_all", max_batch=10)
def embed(text: str) -> str: ...
@lcc.tool(effect="pure")
def embed_all(items: list) -> list: ...
@lcc.tool(effect="write")
def save(text: str) -> str: ...
""",
        "tools.pyi",
    ).signatures
)


def streamed(program: Program, level: int, stop: int | None = None) -> Online:
    online = Online(program.tools, level=level)
    for declared in program.plan.inputs:
        online.declare(declared)
    for task in program.plan.tasks[:stop]:
        online.add(task)
    return online


@checks
@given(programs(), levels)
def test_task_by_task_the_passes_give_what_a_batch_gives(program: Program, level: int) -> None:
    found = verify(program.plan, program.tools)
    assume(not has_errors(found))
    online = streamed(program, level)
    online.finish(program.plan.join)
    batch = optimize(program.plan, program.tools, passes=online_passes(level))
    assert online.diagnostics() == found
    plan = online.plan()
    if not any("a text reads" in change.why for change in batch.changes):
        assert print_ir(plan) == print_ir(batch.plan)
        assert sorted(map(str, online.changes())) == sorted(map(str, batch.changes))
    assert not has_errors(verify(plan, program.tools))
    expected = Interpreter(optimize(program.plan, program.tools, level=0).plan, program.tools, INPUTS).run()
    got = Interpreter(plan, program.tools, INPUTS, random=Random(level)).run()
    assert json.dumps(got.join) == json.dumps(expected.join)
    assert got.writes == expected.writes


@checks
@given(programs(), levels)
def test_what_a_whole_plan_allows_is_done_at_its_end(program: Program, level: int) -> None:
    assume(not has_errors(verify(program.plan, program.tools)))
    online = streamed(program, level)
    online.finish(program.plan.join)
    plan = complete(online.plan(), program.tools, level=level).plan
    assert not has_errors(verify(plan, program.tools))
    expected = Interpreter(optimize(program.plan, program.tools, level=0).plan, program.tools, INPUTS).run()
    got = Interpreter(plan, program.tools, INPUTS, random=Random(level)).run()
    assert json.dumps(got.join) == json.dumps(expected.join)
    assert got.writes == expected.writes


@checks
@given(programs(), levels, st.data())
def test_a_retracted_task_has_never_been(program: Program, level: int, data: st.DataObject) -> None:
    plan = program.plan
    at = data.draw(st.integers(0, len(plan.tasks) - 1))
    online = streamed(program, level, at + 1)
    running = {task.id: task for task in online.plan().tasks}
    step = online.retract({plan.tasks[at].id})
    for id in step.cancelled:
        del running[id]
    running.update((task.id, task) for task in step.tasks)
    without = streamed(program, level, at).plan()
    assert print_ir(online.plan()) == print_ir(without)
    assert running == {task.id: task for task in without.tasks}


def plan_tasks(text: str) -> tuple[Task, ...]:
    return parse_plan(text).plan.tasks


def ids(tasks: tuple[Task, ...]) -> list[str]:
    return [str(task.id) for task in tasks]


def test_calls_are_made_as_their_tasks_come() -> None:
    online = Online(TOOLS)
    first, second, third, fourth = plan_tasks(
        '1. search(each ["a", "b"])\n2. search("b")\n3. save($2)\n4. search("a")\n'
    )
    assert ids(online.add(first).tasks) == ["1[0]", "1[1]"]
    step = online.add(second)
    assert step.tasks == ()
    assert [str(change) for change in step.changes] == ["1[1] and 2 are one: `search` is read"]
    [save] = online.add(third).tasks
    assert save.args[0].value == Ref(Element(1, 1))
    assert online.add(fourth).tasks == ()
    assert online.finish(parse_plan("1. search(3)\n9. join($1)").plan.join).diagnostics == ()


def test_a_text_may_still_read_the_whole_list_of_an_expanded_fan_out() -> None:
    online = Online(TOOLS)
    for task in plan_tasks('1. search(each ["a", "b"])\n2. embed("all of $1")\n3. embed($1)'):
        online.add(task)
    assert '%2 = embed(f"all of {%1}")' in print_ir(online.plan())
    assert '%3 = embed(f"{%1}")' in print_ir(online.plan())
    assert not has_errors(online.diagnostics())


def test_what_is_wrong_is_held_back_and_what_reads_it() -> None:
    online = Online(TOOLS)
    one, two, three, four = plan_tasks('1. serch("a")\n2. search($1)\n3. search("b")\n4. search($9)')
    wrong = online.add(one)
    assert wrong.tasks == ()
    assert [d.code for d in wrong.diagnostics] == ["V004"]
    assert online.add(two) == type(wrong)()
    assert ids(online.add(three).tasks) == ["3"]
    assert online.add(four).tasks == ()
    assert [d.code for d in online.finish(None).diagnostics] == ["V002", "V003"]
    assert [d.code for d in online.diagnostics()] == ["V004", "V002", "V003"]


def test_a_repaired_write_is_held_back() -> None:
    online = Online(TOOLS)
    read, write, other = plan_tasks('1. search("a")\n2. save($1)\n3. save("x")')
    assert ids(online.add(read, repairs=["R001"], resolved=True).tasks) == ["1"]
    assert [d.code for d in online.add(write).diagnostics] == ["V021"]
    assert [d.code for d in online.add(other, repairs=["R002"]).diagnostics] == ["V021"]
    step = online.retract({1})
    assert step.cancelled == (1,)
    assert [d.code for d in online.diagnostics()] == ["V021"]


def test_what_was_said_of_a_retracted_task_does_not_hold_for_the_next_of_its_id() -> None:
    online = Online(TOOLS)
    read, write = plan_tasks('1. search("a")\n2. save($1)')
    online.add(read, repairs=["R010"], resolved=True)
    online.retract({1})
    online.add(read)
    assert ids(online.add(write).tasks) == ["2"]
    online.retract({2})
    online.add(write, repairs=["R010"])
    online.retract({2})
    assert ids(online.add(write).tasks) == ["2"]


def test_a_retraction_revives_what_was_merged_and_moves_its_readers() -> None:
    online = Online(TOOLS)
    for task in plan_tasks('1. search("a")\n2. search("a")\n3. embed($2)\n4. embed("x")'):
        online.add(task)
    assert ids(online.plan().tasks) == ["1", "3", "4"]
    step = online.retract({1})
    assert step.cancelled == (1, 3)
    assert ids(step.tasks) == ["2", "3"]
    assert step.tasks[1].args[0].value == Ref(2)


def test_calls_that_run_are_not_batched_and_dead_ones_are_missing() -> None:
    online = Online(TOOLS, level=3)
    for task in plan_tasks('1. embed("a")\n2. embed("b")\n3. embed("c")\n4. search("d")'):
        online.add(task)
    online.finish(parse_plan("1. embed(3)\n2. embed(4)\n3. embed(4)\n4. join($1, $2, $3)").plan.join)
    done = complete(online.plan(), TOOLS, level=3, started={1, 4})
    assert ids(done.plan.tasks) == ["1", "2", "3"]
    assert done.plan.origins == (Dropped(4), Batched(3, 2))
    assert all(task.priority for task in done.plan.tasks)


@pytest.mark.parametrize("level", range(len(LEVELS)))
def test_every_pass_of_a_level_runs_on_the_stream_or_at_the_end(level: int) -> None:
    assert [name for name in passes_of(level) if name in ONLINE] == list(online_passes(level))


def test_inputs_are_known_to_what_follows() -> None:
    online = Online(TOOLS)
    parsed = parse_plan("input n: int = 3\ninput n: int\n1. search($n.x)\n2. join()").plan
    for declared in parsed.inputs:
        online.declare(declared)
    online.add(parsed.tasks[0])
    online.finish(parsed.join)
    assert [d.code for d in online.diagnostics()] == ["V017", "V009"]


def test_a_step_says_what_the_list_of_an_expanded_fan_out_is_made_of() -> None:
    online = Online(TOOLS)
    first, second, third = plan_tasks('1. search("b")\n2. search(each ["a", "b"])\n3. embed("all of $2")')
    assert online.add(first).lists == {}
    assert online.add(second).lists == {2: ListOf((Ref(Element(2, 0)), Ref(1)))}
    assert online.add(third).lists == {}


def test_a_retraction_that_changes_a_list_makes_its_readers_anew() -> None:
    online = Online(TOOLS)
    for task in plan_tasks('1. search("b")\n2. search(each ["a", "b"])\n3. embed("all of $2")\n4. embed("x")'):
        online.add(task)
    step = online.retract({1})
    assert step.cancelled == (1, 3)
    assert ids(step.tasks) == ["2[1]", "3"]
    assert step.lists == {2: ListOf((Ref(Element(2, 0)), Ref(Element(2, 1))))}


def test_the_elements_that_only_a_text_reads_are_alive() -> None:
    online = Online(TOOLS)
    for task in plan_tasks('1. search(each ["a", "b"])\n2. embed("all of $1")\n3. search(each ["c", "d"])'):
        online.add(task)
    online.finish(parse_plan("1. embed(3)\n2. embed(3)\n9. join($2)").plan.join)
    assert ids(complete(online.plan(), TOOLS).plan.tasks) == ["1[0]", "1[1]", "2"]


@pytest.mark.parametrize("most", [3_000, pytest.param(MOST_CALLS, marks=pytest.mark.slow)])
def test_a_short_text_of_many_fan_outs_does_not_become_endless_calls(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lcc.passes.expand_each.MOST_CALLS", most)
    lists = [", ".join(f'"{k} {i}"' for i in range(MOST_ELEMENTS)) for k in range(150)]
    text = "".join(f"{k}. embed(each [{items}])\n" for k, items in enumerate(lists, 1)) + "151. join()\n"
    parsed = parse_plan(text)
    online = Online(TOOLS, level=1)
    for task in parsed.plan.tasks:
        online.add(task)
    online.finish(parsed.plan.join)
    for plan in (online.plan(), optimize(parsed.plan, TOOLS, passes=["expand-each"]).plan):
        assert len(plan.tasks) < most + 150
        assert plan.tasks[-1].id == 150
        assert not has_errors(verify(plan, TOOLS))


@pytest.mark.parametrize(("count", "tasks"), [(MOST_ELEMENTS, MOST_ELEMENTS + 10), (MOST_ELEMENTS + 1, 11)])
def test_many_readers_of_one_long_list_do_not_multiply_it(count: int, tasks: int) -> None:
    items = ", ".join(map(str, range(count)))
    online = Online({})
    for task in plan_tasks(f"1. make(each [{items}])\n" + "".join(f"{k}. read({k}, $1)\n" for k in range(2, 12))):
        online.add(task)
    added = online.plan().tasks
    assert len(added) == tasks
    values = [task.args[1].value for task in added if task.tool == "read"]
    assert len(values) == 10
    assert all(isinstance(value, Ref) or value is values[0] for value in values)
