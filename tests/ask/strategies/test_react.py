"""Check the ReAct loop: one call at a time, every form of action, and every fault said to the model as an observation."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from asking import BACKENDS, World, agent, run
from fake_model_server import Cut, FakeModelServer, Garbage, Hang, Reply, Status, Text
from hypothesis import given, strategies as st
from moving_clock import LONG, MovingClock

import lcc
from lcc.ask.events import AnswerText, ModelCalled, Running
from lcc.ask.joining.answer_stream import AnswerStream
from lcc.ask.planning.few_shots import FewShot
from lcc.ask.strategies.react_reply import Act, End, Unreadable, read_step
from lcc.python_tools.collect import as_tools
from lcc.runtime.events import TaskEnded, TaskStarted

FIRST = 'Thought: I look it up.\nAction: search("tides")'
LAST = "Thought: That is it.\nAction: Finish(about (the) tides)"
SIGNATURES = {name: tool.signature for name, tool in as_tools(World().tools).items()}


def react(world: World, server: FakeModelServer, **settings: Any) -> lcc.Agent:
    return agent(world, server, strategy="react", **settings)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("api", ["chat", "responses"])
@pytest.mark.parametrize("stream", [True, False])
def test_a_question_of_two_steps_is_answered(backend: str, api: str, stream: bool) -> None:
    world = World()
    second = 'Thought: Now its length.\nAction: length("about tides")'
    with FakeModelServer({"agent": [FIRST, second, LAST]}) as server:
        answer = run(lambda: react(world, server, api=api, stream=stream).ask("How long?"), backend)
    assert (answer.status, answer.text) == ("answered", "about (the) tides")
    assert answer.results == {"1": "about tides", "2": 11}
    assert [round_.written.tasks[0].thought for round_ in answer.rounds] == ["I look it up.", "Now its length."]
    assert server.requests[1].last == "Observation: about tides"
    assert server.requests[2].last == "Observation: 11"
    assert answer.usage["agent"].tokens.calls == 3
    assert answer.usage["agent"].tokens.prompt == sum(len(r.prompt) // 4 for r in server.requests)


def test_what_the_model_makes_up_after_its_action_is_dropped() -> None:
    world = World()
    made_up = FIRST + "\nObservation: made up\nThought: So.\nAction: Finish(made up)"
    seen: list[Any] = []
    with FakeModelServer({"agent": [made_up, LAST]}) as server:
        answer = run(lambda: react(world, server).ask("?", on_event=seen.append))
    assert answer.text == "about (the) tides"
    assert "made up" not in server.requests[1].prompt
    assert server.requests[0].body["stop"] == ["\nObservation"]
    assert "".join(e.text for e in seen if isinstance(e, AnswerText)) == answer.text


def test_an_endpoint_that_refuses_stop_is_asked_without_it() -> None:
    world = World()
    refusal = Status(400, "Unsupported parameter: 'stop' is not supported with this model.", headers={})
    with FakeModelServer({"agent": [refusal, LAST]}) as server:
        assert run(lambda: react(world, server).ask("?")).ok
    assert "stop" not in server.requests[1].body


@pytest.mark.parametrize("backend", BACKENDS)
def test_calls_are_made_one_at_a_time(backend: str) -> None:
    world = World()
    both = 'Thought: Both.\nAction: search("a")\nAction: search("b")'
    seen: list[Any] = []
    with FakeModelServer({"agent": [both, 'Action: search("b")', LAST]}) as server:
        run(lambda: react(world, server).ask("?", on_event=seen.append), backend)
    running = most = 0
    for event in (e.event for e in seen if isinstance(e, Running)):
        running += isinstance(event, TaskStarted) - isinstance(event, TaskEnded)
        most = max(most, running)
    assert most == 1
    assert world.calls == {"a": 1, "b": 1}


OBSERVED = {
    "no action": ("Thought: Hm.", "there is no action in this step"),
    "unknown tool": ('Action: serch("x")', "there is no tool `serch`; did you mean `search`?"),
    "type": ('Action: search("x", 3)', "this action can't be made"),
    "missing": ("Action: search()", "this action can't be made"),
    "reference": ("Action: search(each ['a', 'b'])", "only values as arguments"),
    "empty answer": ("Action: Finish()", "this is no answer"),
    "like the end": ('Action: finish-it("x")', "there is no tool `finish-it`"),
    "raises": ('Action: search("broken page")', "failed: RuntimeError: no page about broken page"),
    "bad input": ("Action: search\nAction Input: {broken", "this action can't be made"),
}


@pytest.mark.parametrize("case", OBSERVED)
def test_what_goes_wrong_is_an_observation(case: str) -> None:
    reply, said = OBSERVED[case]
    world = World()
    with FakeModelServer({"agent": [reply, LAST]}) as server:
        answer = run(lambda: react(world, server).ask("?"))
    assert answer.ok
    assert server.requests[1].last.startswith("Observation: ")
    assert said in server.requests[1].last


FORMS = {
    "call": 'Action: search("Mount Everest")',
    "keyword": "Action: search(query='Mount Everest')",
    "numbered": 'Thought 3: Well.\nAction 3: search("Mount Everest")',
    "bold": '**Action:** search("Mount Everest")',
    "brackets": "Action: search[Mount Everest]",
    "backticks": 'Action: `search("Mount Everest")`',
    "fence": 'Action:\n```python\nsearch("Mount Everest")\n```',
    "brackets and more": "Action: search[Mount Everest]\n\nThat should do [1].",
    "input": 'Action: search\nAction Input: {"query": "Mount Everest"}',
    "text input": 'Action: search\nAction Input: "Mount Everest"',
    "no heading": 'I look it up.\n\nsearch("Mount Everest")',
    "no quotes": "Action: search(Mount Everest)",
    "thinking": '<think>Action: Finish(no)</think>Action: search("Mount Everest")',
}


@pytest.mark.parametrize("form", FORMS)
def test_an_action_is_read_in_every_form(form: str) -> None:
    step = read_step(FORMS[form], SIGNATURES)
    assert isinstance(step, Act), step
    [arg] = step.call.task.args
    assert (step.call.task.tool, getattr(arg.value, "value", None)) == ("search", "Mount Everest")


def test_dollars_in_an_action_are_text() -> None:
    step = read_step('Action: search("$1 and ${2} for $$3")', SIGNATURES)
    assert isinstance(step, Act)
    assert getattr(step.call.task.args[0].value, "value", None) == "$1 and ${2} for $$3"


PIECES = [
    "Thought: x\n",
    "\nAction: ",
    "Action 1:",
    "search",
    "(",
    ")",
    "[",
    "]",
    '"a"',
    "Finish",
    "finish(",
    "42",
    "\n",
    " ",
    "\nObservation: y\n",
    "Final Answer: ",
    "<think>",
    "</think>",
    "{",
    "}",
    "```",
    "'",
    "$1",
    "Action Input: ",
    "#E1",
    "*",
]

ENDS = {
    "Action: Finish(a (b) c)": "a (b) c",
    "Action 2: Finish[42]": "42",
    "Thought: x\nFinish('yes')": "yes",
    "I now know.\nFinal Answer: two\nlines": "two\nlines",
    "Action: Finish(one\ntwo)\nObservation: x": "one\ntwo",
    "Action: Finish(Action: none)": "Action: none",
    "Action: Finish(cut off": "cut off",
}


@pytest.mark.parametrize("reply", ENDS)
def test_an_end_is_read_in_every_form(reply: str) -> None:
    step = read_step(reply, SIGNATURES)
    assert isinstance(step, End)
    assert step.answer == ENDS[reply]


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "Action:",
        "Action: ",
        "Action: 7",
        "Observation: x",
        "Observation: x\nAction: Finish(y)",
        "Action: [",
        "Action: (",
        "{}",
        'Thought: I can look.\nOnly if nobody objects:\nAction: search("x")',
        'Thought: The form is, for instance:\n\n    Action: search("a word")\n\nwhich needs a word first.',
    ],
)
def test_what_holds_no_action_is_unreadable(reply: str) -> None:
    assert isinstance(read_step(reply, SIGNATURES), Unreadable)


@given(st.text() | st.lists(st.sampled_from(PIECES)).map("".join))
def test_every_text_is_a_step(reply: str) -> None:
    step = read_step(reply, SIGNATURES)
    assert isinstance(step, Act | End | Unreadable)
    if isinstance(step, Act):
        assert step.call.task.tool in SIGNATURES


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_what_was_handed_on_is_the_beginning_of_the_answer(pieces: list[str]) -> None:
    stream = AnswerStream()
    shown = "".join(stream.feed(piece) for piece in pieces)
    step = read_step("".join(pieces), SIGNATURES)
    if isinstance(step, End):
        assert step.answer.startswith(shown)
    else:
        assert shown == ""


def test_half_a_character_is_not_sent_back() -> None:
    world = World()
    event = {"choices": [{"index": 0, "delta": {"content": FIRST + " \ud800"}, "finish_reason": "stop"}]}
    half = Garbage(f"data: {json.dumps(event)}\n\ndata: [DONE]\n\n".encode())
    with FakeModelServer({"agent": [half, LAST]}, chunk=None) as server:
        assert run(lambda: react(world, server).ask("?")).ok


def test_the_answer_streams_and_a_call_does_not() -> None:
    stream = AnswerStream()
    pieces = ["Thou", "ght: a\nAct", "ion: Fin", "ish(", "eleven ", "(11", ") chars", ")"]
    assert "".join(map(stream.feed, pieces)) + stream.finish("eleven (11) chars") == "eleven (11) chars"
    stream = AnswerStream()
    assert [stream.feed(piece) for piece in ("Action: Finish(one\nAct", "ual\nThou", "ght: x")] == [
        "one",
        "\nActual",
        "",
    ]
    stream = AnswerStream()
    assert "".join(map(stream.feed, [FIRST, "\nObservation: x\nAction: Finish(x)"])) == ""


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_endless_loop_ends_at_the_limit_with_its_results(backend: str) -> None:
    world = World()
    with FakeModelServer(lambda _: FIRST) as server:
        answer = run(lambda: react(world, server, max_steps=3).ask("?"), backend)
    assert (answer.status, answer.reason) == ("stopped", "the limit of 3 steps is reached")
    assert answer.results == {"1": "about tides", "2": "about tides", "3": "about tides"}
    assert len(server.requests) == 3


FAULTS: dict[str, Reply] = {
    "429": Status(429),
    "500": Status(500),
    "cut": Cut("Thought: I"),
    "garbage": Garbage(),
    "empty": "",
    "no end": Text("Thought: I", finish=None),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_passes_is_recovered_from(fault: str, backend: str) -> None:
    world = World()
    with FakeModelServer({"agent": [FAULTS[fault], FIRST, LAST]}, chunk=None) as server:
        answer = run(lambda: react(world, server).ask("?"), backend)
    assert answer.ok
    assert world.calls["tides"] == 1


def test_a_fault_that_lasts_keeps_what_was_found() -> None:
    world = World()
    script = {"agent": [FIRST, Status(401, "no")]}
    with FakeModelServer(script) as server, pytest.raises(lcc.AskFailed, match=r"refused the key \(401\)") as failed:
        run(lambda: react(world, server).ask("?"))
    assert failed.value.answer.results == {"1": "about tides"}
    assert failed.value.answer.status == "failed"


def test_a_limit_of_model_calls_stops_the_loop() -> None:
    world = World()
    with FakeModelServer(lambda _: FIRST) as server:
        answer = run(lambda: react(world, server, limits=lcc.Limits(model_calls=2)).ask("?"))
    assert (answer.status, answer.reason) == ("stopped", "the limit of 2 model calls is reached")


def test_a_budget_of_calls_holds_for_all_steps_together() -> None:
    world = World()
    options = lcc.runtime.options.Options(budget=lcc.runtime.options.Budget(calls=1))
    with FakeModelServer({"agent": [FIRST, FIRST, LAST]}) as server:
        answer = run(lambda: react(world, server, options=options).ask("?"))
    assert world.calls["tides"] == 1
    assert "budget" in server.requests[2].last
    assert answer.ok


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_deadline_keeps_what_was_found(backend: str) -> None:
    world = World()
    clock, limits = MovingClock(), lcc.Limits(seconds=LONG)
    with FakeModelServer({"agent": [FIRST, Hang("Thought: w")]}, hanging=clock.put_forward) as server:
        answer = clock.run(lambda: react(world, server, limits=limits, timeout=10 * LONG).ask("?"), backend)
    assert answer.status == "stopped"
    assert answer.results == {"1": "about tides"}


def test_a_typed_answer_is_asked_for_again_until_it_fits() -> None:
    world = World()
    script = ["Action: Finish(eleven)", "Action: Finish(11)"]
    with FakeModelServer({"agent": script}) as server:
        answer = run(lambda: react(world, server).ask("?", answer_type=int))
    assert answer.value == 11
    assert "doesn't follow the schema" in server.requests[1].last
    assert '{"type":"integer"}' in server.requests[0].system


EXAMPLE = """\
Question: How long is the page?
Thought: I look it up.
Action: search("tides")
Observation: about tides
Thought: It has 11 characters.
Action: Finish(11)
"""


def test_examples_are_shown_and_the_stable_part_is_the_same_for_every_question(tmp_path: Path) -> None:
    world = World()
    (tmp_path / "one.txt").write_text(EXAMPLE, encoding="utf-8")
    shots = [tmp_path, FewShot("Second?", "Thought: Yes.\nAction: Finish(yes)")]
    with FakeModelServer(lambda _: LAST) as server:
        for question in ("one", "two"):
            run(lambda q=question: react(world, server, examples=shots).ask(q))  # type: ignore[misc]
    one, two = server.requests
    assert one.system == two.system
    assert EXAMPLE.strip() in one.system
    assert "Question: Second?\nThought: Yes." in one.system


WRONG = {
    "no question": ("Action: Finish(1)", "Question: …"),
    "unknown tool": (EXAMPLE.replace("search", "find"), "step 1 of the example: .*no tool `find`"),
    "no end": (EXAMPLE.replace("Action: Finish(11)", 'Action: search("x")'), "doesn't end with"),
    "early end": (EXAMPLE.replace('search("tides")', "Finish(x)"), "step 1 of the example is its end"),
    "missing": (None, "can't read the example"),
}


@pytest.mark.parametrize("case", WRONG)
def test_an_example_that_is_wrong_is_an_error(case: str, tmp_path: Path) -> None:
    text, said = WRONG[case]
    path = tmp_path / "example.txt"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with FakeModelServer({}) as server, pytest.raises(lcc.CompileError, match=said):
        react(World(), server, examples=[os.fspath(path)])


def test_each_model_call_says_when_it_began_on_the_clock_of_the_runs() -> None:
    world = World()
    seen: list[Any] = []
    with FakeModelServer({"agent": [FIRST, LAST]}) as server:
        run(lambda: react(world, server).ask("?", on_event=seen.append))
    first, second = (e for e in seen if isinstance(e, ModelCalled))
    times = [e.event.time for e in seen if isinstance(e, Running) and isinstance(e.event, TaskStarted | TaskEnded)]
    assert first.began <= first.began + first.seconds <= min(times) <= max(times) <= second.began
    assert first.role == "agent"
