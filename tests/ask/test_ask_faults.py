"""Inject every fault that an endpoint may have: the ask recovers, or ends with a clear error, and loses no result."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asking import BACKENDS, END, World, agent, finish, run
from fake_model_server import Cut, FakeModelServer, Garbage, Hang, Reply, Status, Text
from moving_clock import LONG, MovingClock

import lcc
from lcc.ask.answer import AskFailed

PLAN = f'1. search("tides")\n2. note("$1")\n3. join()\n{END}'

PASSING: dict[str, Reply] = {
    "429": Status(429),
    "500": Status(500),
    "503": Status(503),
    "cut": Cut('1. search("tides")\n2. note("$1")\n'),
    "cut at once": Cut(""),
    "garbage": Garbage(),
    "garbage object": Garbage(b"data: [1, 2]\n\n"),
    "error event": Garbage(b'data: {"error": {"message": "overloaded"}}\n\n'),
    "no end": Text(PLAN, finish=None),
    "stall": Hang('1. search("tides")\n2. note("$1")\n'),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_is_recovered_from(fault: str, backend: str) -> None:
    world = World()
    script: dict[str, list[Reply]] = {"planner": [PASSING[fault], PLAN], "joiner": [finish("done")]}
    clock = MovingClock()
    with FakeModelServer(script, chunk=None, hanging=clock.put_forward) as server:
        answer = clock.run(lambda: agent(world, server, timeout=LONG).ask("?"), backend)
    assert answer.text == "done"
    assert world.notes == ["about tides"]
    assert len(server.by_role("planner")) == 2


@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_of_the_joiner_that_passes_is_recovered_from(fault: str) -> None:
    world = World()
    script: dict[str, list[Reply]] = {"planner": [PLAN], "joiner": [PASSING[fault], finish("done")]}
    clock = MovingClock()
    with FakeModelServer(script, chunk=None, hanging=clock.put_forward) as server:
        answer = clock.run(lambda: agent(world, server, timeout=LONG).ask("?"))
    assert answer.text in ("done", PLAN)  # "no end" is a reply that says so itself where it stops without a reason
    assert world.notes == ["about tides"]


def test_what_was_read_before_a_stream_broke_is_not_read_again() -> None:
    world = World()
    cut = Cut(['1. search("tides")\n2. note("$1")\n3. open_gate()\n', world.gate, "4. jo"])
    with FakeModelServer({"planner": [cut, PLAN], "joiner": [finish("done")]}) as server:
        answer = run(lambda: agent(world, server).ask("?"))
    assert answer.text == "done"
    assert world.calls["tides"] == 1
    assert world.notes == ["about tides"]
    assert answer.rounds[0].reused == 1


LASTING: dict[str, tuple[Reply, str]] = {
    "key": (
        Status(401, "Incorrect API key provided: secret-key"),
        r"refused the key \(401\).*check the key in OPENAI_API_KEY",
    ),
    "model": (Status(404, "no such model", "model_not_found"), "has no model `fake`"),
    "too long": (Status(400, "maximum context length is 8192 tokens", "context_length_exceeded"), "prompt is too long"),
    "rate": (Status(429), r"turns requests away \(429\), after 1 retry"),
    "server": (Status(500, "<b>oops</b>"), r"failed \(500\), after 1 retry"),
    "refused": (Status(400, "unknown field"), r"refused the request \(400\): unknown field"),
    "cut": (Cut("1. se"), "broke in the middle of the reply|ended before it was complete"),
    "garbage": (Garbage(), "not what the protocol says"),
    "stall": (Hang("1. se"), f"has not gone on for {LONG:g} s"),
    "silence": (Hang(headers=False), f"has not answered for {LONG:g} s"),
}


@pytest.mark.parametrize("role", ["planner", "joiner"])
@pytest.mark.parametrize("fault", LASTING)
def test_a_fault_that_lasts_ends_with_a_clear_error_and_finished_results(fault: str, role: str) -> None:
    world = World()
    reply, message = LASTING[fault]

    def answering(request: Any) -> Reply:
        return reply if request.role == role else PLAN

    clock, retries = MovingClock(), 0 if fault == "silence" else 1
    with (
        FakeModelServer(answering, chunk=None, hanging=clock.put_forward) as server,
        pytest.raises(AskFailed, match=message) as failed,
    ):
        clock.run(lambda: agent(world, server, timeout=LONG, retries=retries).ask("?"))
    assert "secret-key" not in str(failed.value)
    answer = failed.value.answer
    assert answer.status == "failed"
    assert answer.results == ({} if role == "planner" else {"1": "about tides", "2": "noted about tides"})
    assert world.notes == ([] if role == "planner" else ["about tides"])
    assert answer.usage[role].tokens.calls >= 1


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Text('{"thought": "a', finish="length"), "cut off at its token limit"),
        (Text("Action: Fin", finish="content_filter"), "content filter"),
        ("  \n", "reply is empty"),
    ],
)
def test_half_an_answer_is_no_answer(reply: Reply, message: str) -> None:
    world = World()
    with (
        FakeModelServer({"planner": [PLAN], "joiner": [reply] * 3}) as server,
        pytest.raises(AskFailed, match=message) as failed,
    ):
        run(lambda: agent(world, server).ask("?"))
    assert failed.value.answer.results == {"1": "about tides", "2": "noted about tides"}


def test_results_of_a_plan_that_never_got_whole_are_kept() -> None:
    world = World()
    half: list[Reply] = [Cut(['1. search("tides")\n2. note("x")\n3. open_gate()\n', world.gate, "4"])] * 3
    with FakeModelServer({"planner": half}) as server, pytest.raises(AskFailed) as failed:
        run(lambda: agent(world, server).ask("?"))
    assert failed.value.answer.results == {"1": "about tides", "3": "open"}
    assert world.calls["tides"] == 1
    assert world.notes == []


@pytest.mark.parametrize("url", ["localhost:9/v1", "http://", "http://[::bad/v1", "ftp://127.0.0.1/", "http://a b/"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(lcc.NoModel, match="is no address"):
        lcc.Agent(World().tools, "m", base_url=url)


QUOTA = "insufficient_quota"
HTML = Garbage(b"<!doctype html>\n<title>Welcome to nginx</title>", "text/html")
SPENT = {"error": {"message": "You exceeded it", "code": QUOTA}}
USELESS: dict[str, tuple[Reply, str]] = {
    "401": (Status(401, "no such key"), r"127\.0\.0\.1 refused the key \(401\): no such key"),
    "403": (Status(403, "not yours"), r"127\.0\.0\.1 refused the key \(403\): not yours"),
    "404": (Status(404, "no such page"), r"127\.0\.0\.1 has no model `fake`, or the address is wrong \(404\)"),
    "quota": (Status(429, "You exceeded it", QUOTA), r"quota at 127\.0\.0\.1 is spent \(429\): You exceeded it"),
    "quota in a body": (
        Garbage(json.dumps(SPENT).encode(), "application/json"),
        r"quota at 127\.0\.0\.1 is spent \(429\): You exceeded it; see its plan and billing",
    ),
    "quota in an event": (
        Garbage(f"data: {json.dumps(SPENT)}\n\n".encode(), "text/event-stream"),
        r"quota at 127\.0\.0\.1 is spent \(429\): You exceeded it; see its plan and billing",
    ),
    "no credit in an event": (
        Garbage(b'data: {"error": {"code": 402, "message": "Add credits"}}\n\n', "text/event-stream"),
        r"127\.0\.0\.1 refused the request \(402\): Add credits",
    ),
    "the key in an event": (
        Garbage(b'data: {"error": {"code": "invalid_api_key", "message": "bad secret-key"}}\n\n', "text/event-stream"),
        r"127\.0\.0\.1 refused the key \(401\): bad \[key\]",
    ),
    "a long wait": (
        Status(429, "later", headers={"retry-after": "99999"}),
        r"127\.0\.0\.1 turns requests away \(429\): later",
    ),
    "301": (
        Status(301, "moved", headers={"location": "http://127.0.0.1:9/v1"}),
        r"127\.0\.0\.1 redirects to http://127\.0\.0\.1:9/v1 \(301\)",
    ),
    "308": (Status(308, "moved", headers={"location": "/v2"}), r"127\.0\.0\.1 redirects to /v2 \(308\)"),
    "a page": (HTML, r"127\.0\.0\.1 answered .*text/html: <!doctype html> <title>Welcome.*/v1/ the right address"),
    "a page as events": (Garbage(b"<html>", "text/event-stream"), "no completion, text/event-stream: <html>"),
    "a page as JSON": (Garbage(b"<html>", "application/json"), "no completion, application/json: <html>"),
    "plain text": (Garbage(b"It works!", "text/plain"), "no completion, text/plain: It works!"),
    "an empty body": (Garbage(b"", "application/json"), r"127\.0\.0\.1 answered .*, an empty body"),
    "another object": (Garbage(b'{"ok": true}', "application/json"), r'application/json: \{"ok": true\}'),
    "a list": (Garbage(b"[]", "application/json"), r"application/json: \[\]"),
    "deep": (Garbage(b"[" * 100_000, "application/json"), r"application/json: \[\[\["),
}


@pytest.mark.parametrize("api", ["chat", "responses"])
@pytest.mark.parametrize("fault", USELESS)
def test_what_no_repetition_mends_is_asked_once_and_said_with_the_host_and_what_came(fault: str, api: str) -> None:
    reply, message = USELESS[fault]
    with FakeModelServer(lambda _: reply) as server, pytest.raises(AskFailed, match=message) as failed:
        run(lambda: agent(World(), server, api=api).ask("?"))
    assert "\n" not in str(failed.value)
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", sorted((PASSING.keys() | LASTING.keys()) - {"refused"}))
def test_without_retries_an_endpoint_is_asked_once_whatever_it_does(fault: str) -> None:
    reply = PASSING[fault] if fault in PASSING else LASTING[fault][0]
    clock = MovingClock()
    with (
        FakeModelServer(lambda _: reply, chunk=None, hanging=clock.put_forward) as server,
        pytest.raises(AskFailed, match=r"127\.0\.0\.1|prompt is too long") as failed,
    ):
        clock.run(lambda: agent(World(), server, timeout=LONG, retries=0).ask("?"))
    assert len(server.requests) == 1
    assert "retr" not in str(failed.value)


@pytest.mark.parametrize("api", ["chat", "responses"])
def test_a_whole_reply_that_breaks_off_is_said_to(api: str) -> None:
    with FakeModelServer(lambda _: Cut("1. se")) as server, pytest.raises(AskFailed, match="broke in the middle"):
        run(lambda: agent(World(), server, api=api, stream=False, retries=0).ask("?"))
    assert len(server.requests) == 1
    assert server.requests[0].body["stream"] is False


def test_a_silent_endpoint_is_asked_as_often_as_the_retries_say() -> None:
    clock, hang = MovingClock(), Hang(headers=False)
    with (
        FakeModelServer(lambda _: hang, hanging=clock.put_forward) as server,
        pytest.raises(AskFailed, match="has not answered"),
    ):
        clock.run(lambda: agent(World(), server, timeout=LONG, retries=1).ask("?"))
    assert len(server.requests) == 2


def test_a_planner_in_prose_is_told_one_thing_once() -> None:
    prose = "I think that tides are high:\nThe sun is bright. So:"
    with FakeModelServer({"planner": [prose] * 2}) as server, pytest.raises(AskFailed) as failed:
        run(lambda: agent(World(), server).ask("?"))
    first, problem, where = str(failed.value).splitlines()
    assert first == "the model wrote no plan that can be run:"
    assert problem.startswith("- there is no call in this text; a plan looks like this: ")
    assert where == "  in: I think that tides are high:"


def test_a_plan_without_a_join_is_told_so_once() -> None:
    with FakeModelServer({"planner": ['1. search("a")'] * 2}) as server, pytest.raises(AskFailed) as failed:
        run(lambda: agent(World(), server).ask("?"))
    [problem] = str(failed.value).splitlines()[1:]
    assert problem.startswith("- the plan is not whole: the plan has no join; ")


def test_a_key_that_no_header_can_hold_is_refused_and_not_shown() -> None:
    with pytest.raises(lcc.NoModel, match="the key holds") as refused:
        lcc.Agent(World().tools, "m", api_key="ключ\n")
    assert "ключ" not in str(refused.value)


def test_an_endpoint_that_isnt_there_is_named() -> None:
    world = World()
    model = lcc.ModelSettings(model="m", base_url="http://127.0.0.1:9/v1", retries=0)
    with pytest.raises(AskFailed, match=r"can't reach http://127\.0\.0\.1:9/v1/.*is the server running"):
        run(lambda: lcc.Agent(world.tools, model).ask("?"))


@pytest.mark.parametrize("finish_reason", ["length", "content_filter", "tool_calls"])
def test_a_plan_that_was_cut_off_changes_nothing_and_is_asked_for_again(finish_reason: str) -> None:
    world = World()
    short = Text('1. search("tides")\n2. note("$1")\n3. join()', finish=finish_reason)
    with FakeModelServer({"planner": [short, PLAN], "joiner": [finish("done")]}) as server:
        answer = run(lambda: agent(world, server).ask("?"))
    assert answer.text == "done"
    assert world.notes == ["about tides"]
    assert "the plan is not whole" in server.by_role("planner")[1].last


def test_a_program_in_the_place_of_a_plan_is_not_run_and_goes_back_once() -> None:
    world = World()
    program = 'for word in ["a", "b"]:\n    note(search(word))\n'
    with FakeModelServer({"planner": [program, PLAN], "joiner": [finish("done")]}) as server:
        answer = run(lambda: agent(world, server).ask("?"))
    assert answer.text == "done"
    assert world.notes == ["about tides"]
    assert "this is a program with more than calls" in server.by_role("planner")[1].last


def test_a_plan_that_is_refused_goes_back_once_with_what_is_wrong() -> None:
    world = World()
    wrong = f'1. search("tides")\n2. note("$1")\n3. lenght("$1")\n4. join()\n{END}'
    with FakeModelServer({"planner": [wrong, PLAN], "joiner": [finish("done")]}) as server:
        answer = run(lambda: agent(world, server).ask("?"))
    assert answer.text == "done"
    second = server.by_role("planner")[1]
    assert "there is no tool `lenght`" in second.last
    assert "did you mean `length`" in second.last
    assert second.messages[-2] == {"role": "assistant", "content": wrong}
    assert world.calls["tides"] == 1
    assert world.notes == ["about tides"]


def test_a_plan_that_is_refused_twice_is_an_error() -> None:
    world = World()
    wrong = f'1. search("tides")\n2. note("$1", "more")\n3. join()\n{END}'
    with (
        FakeModelServer({"planner": [wrong, wrong]}) as server,
        pytest.raises(AskFailed, match="no plan that can be run"),
    ):
        run(lambda: agent(world, server).ask("?"))
    assert world.notes == []


@pytest.mark.parametrize("text", ["", "First search(tides), I think", "1. search(", "<think>1. note('x')</think>"])
def test_a_reply_that_is_no_plan_is_an_error(text: str) -> None:
    world = World()
    with FakeModelServer({"planner": [text, text]}) as server, pytest.raises(AskFailed, match="plan"):
        run(lambda: agent(world, server).ask("?"))
    assert world.notes == []


def test_an_endpoint_without_schemas_is_asked_in_text() -> None:
    world = World()

    def answering(request: Any) -> Reply:
        if "response_format" in request.body:
            return Status(400, "'response_format' of type 'json_schema' is not supported")
        return PLAN if request.role == "planner" else finish("done")

    with FakeModelServer(answering) as server:
        assert run(lambda: agent(world, server).ask("?")).text == "done"
    first, second = server.by_role("joiner")
    assert "Reply with JSON" in first.system
    assert "Action: Finish(" in second.system


def test_an_endpoint_that_refuses_usage_in_streams_is_asked_without() -> None:
    world = World()

    def answering(request: Any) -> Reply:
        if "stream_options" in request.body:
            return Status(400, "Unrecognized request argument supplied: stream_options")
        return PLAN if request.role == "planner" else finish("done")

    with FakeModelServer(answering) as server:
        answer = run(lambda: agent(world, server).ask("?"))
    assert answer.text == "done"
    assert answer.total.tokens.silent == 2


@pytest.mark.parametrize("declared", ["city: str", "n: int"])
def test_an_input_that_nobody_gives_a_value_goes_back_to_the_model(declared: str) -> None:
    world = World()
    name = declared.partition(":")[0]
    wrong = f'input {declared}\n1. note("x")\n2. search("${name}")\n3. join()\n{END}'
    with FakeModelServer({"planner": [wrong, f'1. search("tides")\n2. answer("$1")\n{END}']}) as server:
        answer = run(lambda: agent(world, server).ask("?"))
    assert answer.text == "about tides"
    assert f"input `{name}` has no value" in server.requests[1].last
    assert "write their values in the calls" in server.requests[1].last
    assert not world.notes
