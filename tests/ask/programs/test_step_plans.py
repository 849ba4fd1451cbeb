"""Plans with steps: what a model writes with values, conditions and loops runs while it writes it, and a further plan reads its results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from asking import BACKENDS, END, World, agent, finish, replan, run, signatures
from fake_model_server import FakeModelServer, Text

import lcc
from lcc.ask.answer import AskFailed
from lcc.ask.planning.kept_plans import saved_plan
from lcc.ask.planning.plan_files import PlanCache
from lcc.ask.programs.step_prompt import STEP_RULES


def ask(script: Any, backend: str = "asyncio", **settings: Any) -> tuple[Any, World, FakeModelServer]:
    world = World()
    with FakeModelServer(script) as server:
        asking = agent(world, server, language="steps", **settings)
        return run(lambda: asking.ask("What are tides?"), backend), world, server


LOOP = f"""\
1. = ["tides", "the moon"]
2. for topic in $1:
    3. search(topic)
    4. length($3)
    5. note("long: ${{topic}}") when $4 > 11
    yield {{"topic": topic, "size": $4}} when $4 > 11
6. answer("${{len($2)}} of ${{len($1)}}: ${{', '.join(x.topic for x in $2)}}")
{END}"""


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "around", ["{}", "Here is the plan:\n```\n{}\n```", "<think>1. note(2)</think>\n```plan\n{}\n```\n"]
)
def test_values_conditions_and_loops_run(backend: str, around: str) -> None:
    answer, world, server = ask({"planner": [around.format(LOOP)]}, backend)
    assert answer.text == "1 of 2: the moon"
    assert world.notes == ["long: the moon"]
    assert not server.by_role("joiner")


def test_the_prompt_offers_the_steps_and_the_other_one_does_not() -> None:
    _, _, server = ask({"planner": [f"1. answer(1)\n{END}"]})
    assert STEP_RULES in server.by_role("planner")[0].messages[0]["content"]
    assert len(STEP_RULES.splitlines()) <= 10
    world = World()
    with FakeModelServer({"planner": [f"1. answer(1)\n{END}"]}) as server:
        run(lambda: agent(world, server).ask("?"))
    assert "EXPRESSION" not in server.by_role("planner")[0].messages[0]["content"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_reads_start_with_their_lines_and_writes_wait_for_the_whole_plan(backend: str) -> None:
    world = World()
    text = '1. = "before"\n2. note($1) when $1\n3. open_gate() when $1\n4. note("behind")\n5. answer(1)\n'
    cut = text.index('4. note("behind')
    with FakeModelServer({"planner": [Text([text[:cut], world.gate, text[cut:]])]}) as server:
        answer = run(lambda: agent(world, server, language="steps").ask("?"), backend)
    assert answer.value == 1
    assert world.seen_by_gate == [[]]
    assert world.notes == ["before", "behind"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('1. note("a")\n2. for x in [1]:\n3. note("b")\n4. join()\n', "this loop has no body"),
        ('1. note("a")\n2. = note("b")\n3. join()\n', "is called inside of a value"),
        ('1. note("a")\n2. nothing() when $1\n3. join()\n', "there is no tool `nothing`"),
        ('1. note("a")\n2. = $9\n3. join()\n', "9"),
        ('1. note("a")\n2. = $1\n', "join"),
        ('1. note("a")\n2. = "x', "not whole"),
    ],
)
def test_a_plan_that_is_wrong_goes_back_once_and_has_changed_nothing(text: str, said: str) -> None:
    with pytest.raises(AskFailed) as failed:
        ask({"planner": [text, text]})
    assert said in str(failed.value) or said == "not whole"
    assert "the model wrote no plan that can be run" in str(failed.value)


def test_the_joiner_sees_results_by_number_and_a_further_plan_reads_them() -> None:
    first = (
        '1. search("tides")\n2. = [$1, "x"]\n3. search("the sun")\n4. note("once") when len($2) > 1\n5. join($2, $3)\n'
    )
    second = '6. length($1)\n7. = len($2) + $6\n8. search("the sun")\n9. answer("$7: $1, ${$2[1]}")\n'
    answer, world, server = ask({"planner": [first, second], "joiner": [replan("more")]})
    assert answer.text == "13: about tides, x"
    assert world.notes == ["once"]
    (told,) = server.by_role("joiner")
    assert '3. search("the sun") = about the sun' in told.last
    assert '$2 = ["about tides", "x"]' in told.last
    again = server.by_role("planner")[1].last
    assert '1. search("tides") = about tides' in again
    assert "number its steps from 5" in again


def test_a_plan_that_fails_is_followed_by_one_that_reads_what_ended_well() -> None:
    first = '1. search("tides")\n2. note($1)\n3. search("broken link") when $1\n4. note("never")\n5. join()\n'
    second = '6. search("moon")\n7. note("about tides")\n8. answer("$1, $6")\n'
    answer, world, server = ask({"planner": [first, second]})
    assert answer.text == "about tides, about moon"
    assert world.notes == ["about tides"]
    assert not server.by_role("joiner")
    told = server.by_role("planner")[1].last
    assert "Error: RuntimeError: no page about broken link" in told
    assert 'in: 3. search("broken link") when $1' in told


def test_a_plan_that_failed_has_not_answered_and_another_one_is_asked_for() -> None:
    first = '1. search("broken link")\n2. note("never")\n3. answer("I noted it.")\n'
    second = '4. answer("I could not.")\n'
    answer, world, server = ask({"planner": [first, second]})
    assert (answer.text, world.notes) == ("I could not.", [])
    told = server.by_role("planner")[1].last
    assert "Error: RuntimeError: no page about broken link" in told
    assert "I noted it" not in told


def test_the_joiner_answers_where_a_plan_failed_and_no_further_one_may_follow() -> None:
    plan = '1. search("broken link")\n2. answer("I found it.")\n'
    answer, _, server = ask({"planner": [plan], "joiner": [finish("It was not found.")]}, max_replans=0)
    assert answer.text == "It was not found."
    assert "Error: RuntimeError: no page about broken link" in server.by_role("joiner")[0].last


def test_an_answer_behind_a_write_that_failed_is_none() -> None:
    sent: list[str] = []

    @lcc.tool(effect="write", resource="mail")
    async def send(to: str) -> str:
        sent.append(to)
        if len(sent) == 1:
            raise RuntimeError("the box is full")
        return "sent"

    plans = [f'1. = 2 + 3\n2. send("ann")\n3. answer($1)\n{END}', f'4. send("bob")\n5. answer($4)\n{END}']
    with FakeModelServer({"planner": plans}) as server:
        model = lcc.ModelSettings(model="fake", base_url=server.base_url, key="k", timeout=100.0)
        answer = run(lambda: lcc.Agent([send], model, language="steps", journal=False).ask("?"))
        assert "the box is full" in server.by_role("planner")[1].last
    assert answer.value == "sent"
    assert sent == ["ann", "bob"]


def test_what_stands_in_for_a_failure_ends_the_plan_well() -> None:
    plan = '1. search("broken link")\n2. search("tides") if failed $1\n3. = select($1, $2)\n4. answer($3)\n'
    answer, _, _ = ask({"planner": [plan]})
    assert answer.text == "about tides"


def test_what_is_saved_runs_to_the_same_answer(tmp_path: Path) -> None:
    first = '1. search("tides")\n2. search("broken link") when $1\n3. join()\n'
    second = '4. for x in [$1]:\n    5. length(x)\n    yield $5\n6. answer("${sum($4)}")\n'
    answer, world, _ = ask({"planner": [first, second]})
    kept = saved_plan("What are tides?", answer.rounds, signatures(world))
    assert kept == (
        '# Request: What are tides?\nstrict\n1. search("tides")\n'
        '4. for x in [$1]:\n    5. length(x)\n    yield $5\n6. answer("${sum($4)}")\n'
    )
    assert lcc.run(kept, tools=world.tools).answer == answer.text == "11"


def test_a_cached_plan_is_not_asked_for_again(tmp_path: Path) -> None:
    world = World()
    with FakeModelServer({"planner": [LOOP]}) as server:
        asking = agent(world, server, language="steps", plan_cache=PlanCache(tmp_path))
        texts = [run(lambda: asking.ask("?")).text for _ in range(2)]
    assert texts == ["1 of 2: the moon"] * 2
    assert len(server.by_role("planner")) == 1


def test_plans_with_steps_are_approved_as_they_will_run() -> None:
    seen: list[lcc.PlanRequest] = []

    async def allow(request: lcc.PlanRequest) -> Any:
        seen.append(request)
        return len(seen) > 1 or lcc.PlanAnswer(
            approved=True, text='1. for x in ["a"]:\n    2. note(x)\n3. answer("done")\n'
        )

    answer, world, _ = ask({"planner": [LOOP]}, approve_plan=allow, journal=False)
    assert (answer.text, world.notes) == ("done", ["a"])
    assert seen[0].text.startswith("strict\n1. = [")
    assert [change.call for change in seen[0].changes] == ['note(f"long: {topic}")']


def test_a_grammar_admits_the_steps() -> None:
    from lcc.ask.planning.plan_grammars import PLAN_BOUNDS, PlanGrammars

    signatures = {name: tool.signature for name, tool in agent_tools().items()}
    with_steps = PlanGrammars(signatures, PLAN_BOUNDS, steps=True).grammar(1, ())
    without = PlanGrammars(signatures, PLAN_BOUNDS).grammar(1, ())
    assert with_steps is not None
    assert without is not None
    assert " when " in with_steps.write("lark")
    assert " when " not in without.write("lark")


def agent_tools() -> Any:
    with FakeModelServer({}) as server:
        return agent(World(), server).tools


def test_the_optimizer_has_no_use_for_them() -> None:
    with pytest.raises(ValueError, match="plans of calls"):
        ask({}, level=2)


def test_the_joiner_answers_from_a_plan_with_steps() -> None:
    answer, _, _ = ask({"planner": ["1. = 1 + 1\n2. join()\n"], "joiner": [finish("two")]})
    assert answer.text == "two"
