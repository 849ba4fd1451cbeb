"""Programs as plans: what a model writes runs while it writes it, and a further program goes on where one ended."""

from __future__ import annotations

from typing import Any

import pytest
from asking import BACKENDS, World, agent, finish, replan, run, signatures
from fake_model_server import FakeModelServer, Text

import lcc
from lcc.ask.answer import AskFailed
from lcc.ask.events import JoinStarted, PlanReady, PlanRefused, Replanned
from lcc.ask.planning.kept_plans import saved_plan


def ask(script: Any, backend: str = "asyncio", **settings: Any) -> tuple[Any, World, FakeModelServer]:
    world = World()
    with FakeModelServer(script) as server:
        asking = agent(world, server, language="python", **settings)
        return run(lambda: asking.ask("What are tides?"), backend), world, server


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_program_answers_without_the_joiner(backend: str) -> None:
    program = '```python\nfound = search("tides")\nanswer(f"{found}: {length(found)}")\n```'
    answer, world, server = ask({"planner": [program]}, backend)
    assert answer.text == "about tides: 11"
    assert world.calls["tides"] == 1
    assert not server.by_role("joiner")
    assert answer.rounds[0].program == 'found = search("tides")\nanswer(f"{found}: {length(found)}")\n'
    assert answer.to_json()["rounds"][0]["program"] == answer.rounds[0].program


def test_the_prompt_shows_stubs_and_few_rules() -> None:
    _, _, server = ask({"planner": ["answer(1)"]})
    (told,) = server.by_role("planner")
    system = told.messages[0]["content"]
    rules, _, stubs = system.partition("\n\n")
    assert len(rules.splitlines()) <= 10
    assert "def search(query: str) -> str  # Find a paragraph about something" in stubs
    assert "def note(text: str) -> str  # changes things; Write something down" in stubs


@pytest.mark.parametrize("backend", BACKENDS)
def test_calls_start_while_the_program_is_written(backend: str) -> None:
    world = World()
    text = 'note("before")\nopen_gate()\nnote("behind")\nanswer(1)\n'
    cut = text.index('note("behind')
    with FakeModelServer({"planner": [Text([text[:cut], world.gate, text[cut:]])]}) as server:
        answer = run(lambda: agent(world, server, language="python").ask("?"), backend)
    assert answer.value == 1
    assert world.seen_by_gate == [[]]
    assert world.notes == ["before", "behind"]


def test_what_is_printed_and_returned_is_for_the_joiner() -> None:
    printing = 'for q in ["tides", "moon"]:\n    print(q, "->", search(q))\n'
    _, _, server = ask({"planner": [printing], "joiner": [finish("done")]})
    (told,) = server.by_role("joiner")
    assert "Printed:\ntides -> about tides\nmoon -> about moon" in told.last
    _, _, server = ask({"planner": ['[length(q) for q in ["a", "bc"]]\n'], "joiner": [finish("done")]})
    (told,) = server.by_role("joiner")
    assert "Returned: [1, 2]" in told.last


def test_a_program_that_fails_is_followed_by_one_with_its_names() -> None:
    first = (
        'a = search("tides")\ndef shout(x):\n    return x.upper()\nnote(a)\nb = search("broken link")\nnote("never")\n'
    )
    second = 'note(a)\nanswer([shout(a), search("tides"), search("moon")])\n'
    answer, world, server = ask({"planner": [first, second]})
    assert answer.value == ["ABOUT TIDES", "about tides", "about moon"]
    assert world.notes == ["about tides"]
    assert world.calls == {"tides": 1, "broken link": 1, "moon": 1}
    assert not server.by_role("joiner")
    told = server.by_role("planner")[1].last
    assert 'Error: RuntimeError: no page about broken link\n  in: b = search("broken link")' in told
    assert "names of the programs before: a, shout" in told
    assert answer.rounds[1].reused == 2
    assert "".join(saved_plan("Q?", answer.rounds, signatures(world))) == (
        '# Request: Q?\na = search("tides")\ndef shout(x):\n    return x.upper()\nnote(a)\n'
        'answer([shout(a), search("tides"), search("moon")])\n'
    )


def test_after_a_program_that_ended_well_reads_are_made_anew() -> None:
    first = 'found = search("tides")\nnote(found)\nprint(found)\n'
    second = 'answer([found, search("tides")])\n'
    answer, world, _ = ask({"planner": [first, second], "joiner": [replan("more")]})
    assert answer.value == ["about tides", "about tides"]
    assert world.calls["tides"] == 2
    assert world.notes == ["about tides"]
    assert answer.rounds[1].result.printed == ""


def test_values_are_those_at_the_place_of_the_exception() -> None:
    first = 'seen = []\nfor q in ["a", "b", "broken", "c"]:\n    seen.append(length(q))\n    text = search(q)\nseen = None\n'
    second = "answer([seen, q, text])\n"
    answer, world, _ = ask({"planner": [first, second]})
    assert answer.value == [[1, 1, 6], "broken", "about b"]
    assert world.calls["a"] == world.calls["b"] == 1


def test_a_third_program_goes_on_behind_two() -> None:
    first = 'a = search("one")\nnote("1")\nsearch("broken 1")\n'
    second = 'b = search("two")\nnote("1")\nnote("2")\nsearch("broken 2")\n'
    third = 'note("1")\nnote("2")\nnote("3")\nanswer([a, b, search("one")])\n'
    answer, world, _ = ask({"planner": [first, second, third]})
    assert answer.value == ["about one", "about two", "about one"]
    assert world.notes == ["1", "2", "3"]
    assert world.calls["one"] == 1


def test_a_refused_program_goes_back_with_its_lines_and_changes_nothing() -> None:
    wrong = 'a = search("tides")\nnote(a)\nb = open("x")\n'
    right = 'answer(search("tides"))\n'
    seen: list[Any] = []
    world = World()
    with FakeModelServer({"planner": [wrong, right]}) as server:
        answer = run(lambda: agent(world, server, language="python").ask("?", on_event=seen.append))
    assert answer.text == "about tides"
    assert world.notes == []
    told = server.by_role("planner")[1].last
    assert "`open` is not available" in told
    assert 'in: b = open("x")' in told
    assert [type(e) for e in seen if isinstance(e, PlanRefused | PlanReady)] == [PlanRefused, PlanReady]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("If asked:\n```python\nanswer(1)\n```", "this stands before the program"),
        ("```python\nanswer(1)\n```\nIt answers with 1.", "this stands behind the program"),
        ("```python\nanswer(1)\n", "the fence that begins here is never closed"),
        ("answer(serch('x'))", "search"),
        ("answer(search(3, 4))", "search"),
        ("# nothing", "there is no statement in this program"),
        ("city: str\nanswer(city)", "declare no inputs, and write their values in the calls"),
        ("import os\nanswer(1)", "os"),
    ],
)
def test_what_is_no_program_is_refused_with_the_reason(reply: str, said: str) -> None:
    with pytest.raises(AskFailed) as failed:
        ask({"planner": [reply, reply]})
    assert said in str(failed.value)


def test_a_reply_that_is_cut_off_changes_nothing() -> None:
    cut = Text('note("a")\nanswer(1)\n', finish="length")
    with pytest.raises(AskFailed, match="cut off at its token limit"):
        ask({"planner": [cut, cut]})
    answer, world, _ = ask({"planner": [cut, "answer(2)"]})
    assert (answer.value, world.notes) == (2, [])


def test_a_program_that_fails_the_same_way_again_ends_the_loop() -> None:
    failing = 'search("broken")\n'
    answer, _world, server = ask({"planner": [failing, failing], "joiner": [finish("no page")]})
    assert answer.text == "no page"
    assert "repeats calls" in answer.reason
    assert len(server.by_role("planner")) == 2


def test_without_further_programs_the_joiner_sees_the_error() -> None:
    answer, _, server = ask({"planner": ['print("x")\nsearch("broken")\n'], "joiner": [finish("sorry")]}, max_replans=0)
    assert answer.text == "sorry"
    (told,) = server.by_role("joiner")
    assert "Printed:\nx" in told.last
    assert "Error: RuntimeError: no page about broken" in told.last


def test_a_handled_failure_is_no_error() -> None:
    program = 'try:\n    a = search("broken")\nexcept RuntimeError as e:\n    a = str(e)\nanswer(a)\n'
    answer, _, _ = ask({"planner": [program]})
    assert answer.text == "no page about broken"


def test_an_answer_has_the_type_that_was_asked_for() -> None:
    world = World()
    with FakeModelServer({"planner": ['answer(length("abc"))']}) as server:
        answer = run(lambda: agent(world, server, language="python").ask("?", answer_type=int))
    assert answer.value == 3


def test_grammars_and_levels_are_for_plans() -> None:
    world = World()
    with FakeModelServer({}) as server:
        with pytest.raises(ValueError, match="`constrain` holds a model to the grammar of plans"):
            agent(world, server, language="python", plan_bounds=None, constrain=None) if False else lcc.Agent(
                world.tools, "m", base_url=server.base_url, language="python", constrain="lark"
            )
        with pytest.raises(ValueError, match="`level` is about plans"):
            agent(world, server, language="python", level=1)
        with pytest.raises(ValueError, match="there is no language 'perl'"):
            agent(world, server, language="perl")
        with pytest.raises(ValueError, match="has no use for `language`"):
            agent(world, server, language="python", strategy="react")


def test_what_happens_is_told() -> None:
    seen: list[Any] = []
    world = World()
    script = {"planner": ['search("broken")\n', "print(1)\n"], "joiner": [finish("one")]}
    with FakeModelServer(script) as server:
        run(lambda: agent(world, server, language="python").ask("?", on_event=seen.append))
    (wanted,) = [e.wanted for e in seen if isinstance(e, Replanned)]
    assert wanted == "RuntimeError: no page about broken"
    assert len([e for e in seen if isinstance(e, JoinStarted)]) == 1


def test_after_a_denied_call_another_program_may_follow() -> None:
    world = World()
    asked: list[str] = []

    @lcc.tool(effect="destructive", resource="notes")
    async def wipe(name: str) -> str:
        raise AssertionError("it was denied")

    async def no(request: Any) -> bool:
        asked.append(request.tool)
        return False

    script = {
        "planner": ['note("a")\nx = 4\nwipe("all")\n', 'note("a")\nanswer(x)\n'],
        "joiner": [replan("leave the notes")],
    }
    with FakeModelServer(script) as server:
        model = lcc.ModelSettings(model="fake", base_url=server.base_url, key="k", timeout=100.0)
        agent = lcc.Agent([*world.tools, wipe], model, language="python", options=lcc.Options(approve=no))
        answer = run(lambda: agent.ask("?"))
    assert answer.value == 4
    assert asked == ["wipe"]
    assert world.notes == ["a"]


def test_a_program_that_used_up_its_fuel_is_not_followed_by_another() -> None:
    program = 'note("a")\nn = 0\nwhile True:\n    n += 1\n'
    options = lcc.Options(steps=2_000)
    answer, world, server = ask({"planner": [program], "joiner": [finish("too much")]}, options=options)
    assert answer.text == "too much"
    assert len(server.by_role("planner")) == 1
    assert "Error: " in server.by_role("joiner")[0].last
    assert world.notes == ["a"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_lists_and_dicts_keep_what_was_done_to_them(backend: str) -> None:
    first = 'd = {}\nxs = d.setdefault("xs", [])\nfor q in ["a", "b", "broken", "c"]:\n    xs.append(search(q))\n'
    second = 'xs.append(search("c"))\nanswer(d)\n'
    answer, world, _ = ask({"planner": [first, second]}, backend)
    assert answer.value == {"xs": ["about a", "about b", "about c"]}
    assert world.calls["a"] == 1


def test_a_corrected_program_reads_anew_what_it_has_written() -> None:
    notes: list[str] = []

    @lcc.tool(effect="read", resource="book")
    async def count() -> int:
        return len(notes)

    @lcc.tool(effect="write", resource="book")
    async def write(text: str) -> None:
        notes.append(text)

    first = 'a = count()\nwrite("x")\nraise ValueError("no")\n'
    second = 'b = count()\nwrite("x")\nwrite("x")\nanswer([a, b, count()])\n'
    with FakeModelServer({"planner": [first, second]}) as server:
        model = lcc.ModelSettings(model="fake", base_url=server.base_url, key="k", timeout=100.0)
        answer = run(lambda: lcc.Agent([count, write], model, language="python").ask("?"))
    assert answer.value == [0, 1, 2]
    assert notes == ["x", "x"]


def test_the_conversation_before_is_part_of_the_prompt_and_only_grows() -> None:
    world = World()
    script = {"planner": ['search("broken")\n', "answer(1)\n"]}
    with FakeModelServer(script) as server:
        asking = agent(world, server, language="python")
        run(lambda: asking.ask("And tides?", history=[("user", "Hello"), ("assistant", "Hi")]))
        one, two = server.by_role("planner")
    assert [m["content"] for m in one.messages[1:]] == ["Hello", "Hi", "And tides?"]
    assert two.messages[: len(one.messages)] == one.messages
    assert two.messages[-2]["content"] == '```python\nsearch("broken")\n```'


def test_words_are_an_answer_and_a_program_of_words_is_not() -> None:
    answer, _, _ = ask({"planner": ["I can not look that up, sorry."]})
    assert answer.text == "I can not look that up, sorry."
    answer, _, server = ask({"planner": ["import os", "answer(1)"]})
    assert answer.value == 1
    assert "os" in server.by_role("planner")[1].last
