"""Check the tools of a server, over real processes and loopback HTTP: results, effects, questions, faults, and what is left behind."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import anyio
import pytest
from fake_model_server import FakeModelServer
from mcp_servers import command, is_alive, lines, over_http, raw
from moving_clock import LONG, MovingClock

import lcc
from lcc import Question, ServerFault
from lcc.grammar.values import Json
from lcc.runtime.options import ApprovalRequest

PIXEL = {"type": "image", "mimeType": "image/png"}


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # A server that is slow to end, or to say its last words, is a slow machine's, and no fault.
    monkeypatch.setattr("mcp.client.stdio.PROCESS_TERMINATION_TIMEOUT", LONG)
    return tmp_path / "log"


@pytest.fixture
def last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for what a server that dies writes until it has ended."""
    monkeypatch.setattr("lcc.mcp_client.transports._MOMENT", LONG)


def test_the_tools_of_a_server_are_called_by_a_plan_and_the_server_is_ended(log: Path) -> None:
    server = raw(log)
    result = lcc.run(
        "1. add(1, 2.5)\n2. add($1, 1)\n3. book('Emma')\n4. process()\n5. join($2, $3.year, $4)", tools=[server]
    )
    assert result.join[:2] == [4.5, 1999]
    assert not is_alive(int(result.join[2]))
    assert lines(log).count("started") == 1
    assert lines(log)[-1] == "ended"


@pytest.mark.parametrize("name", ["asyncio", "trio"])
def test_on_either_event_loop_the_connection_is_opened_once_for_many_runs(name: str, log: Path) -> None:
    async def main() -> list[Json]:
        async with raw(log) as server:
            plan = lcc.compile("1. add(1, 2)\n2. join($1)", tools=[server]).plan
            return [(await lcc.execute(plan, [server])).join for _ in range(3)]

    assert anyio.run(main, backend=name) == [[3]] * 3
    assert lines(log).count("started") == 1


def test_a_server_stays_open_over_runs_for_as_long_as_it_is_held(log: Path) -> None:
    with raw(log) as server:
        pids = {lcc.run("1. process()\n2. answer($1)", tools=[server]).answer for _ in range(2)}
        assert len(pids) == 1
        assert is_alive(int(str(*pids)))
    assert not is_alive(int(str(*pids)))


def test_it_works_inside_a_running_loop_as_in_a_notebook(log: Path) -> None:
    async def cell() -> lcc.RunResult:
        return lcc.run_in_thread("1. add(1, 2)\n2. answer($1)", tools=[raw(log)])

    assert anyio.run(cell).answer == 3


def test_a_program_calls_a_server(log: Path) -> None:
    text = "total = 0\nfor n in [1, 2, 3]:\n    total = add(total, n)\ntry:\n    fail('no luck')\nexcept Exception as e:\n    answer(f'{total} {e}')\n"
    assert lcc.run(text, tools=[raw(log)], front_end="python").answer == "6.0 no luck"


def test_parts_of_results_have_a_form_of_their_own(log: Path) -> None:
    result = lcc.run("1. picture()\n2. parts()\n3. json()\n4. join($1, $2, $3)", tools=[raw(log)])
    picture, parts, text = result.join
    assert {key: picture[key] for key in PIXEL} == PIXEL
    inside = {"type": "resource", "uri": "note:///1", "mimeType": "text/plain", "text": "inside"}
    assert (parts, text) == (["before", inside], '{"a": [1, 2]}')


def test_text_that_is_json_is_read_only_if_the_user_says_so(log: Path) -> None:
    assert lcc.run("1. json()\n2. answer($1)", tools=[raw(log, json_text=True)]).answer == {"a": [1, 2]}


def test_types_come_from_the_schemas_and_wrapped_results_are_unwrapped(log: Path) -> None:
    shown = {tool.name: str(tool.signature) for tool in raw(log).tools()}
    assert shown["add"] == "add(a: float, b: float) -> float"
    assert shown["ask"].startswith("ask(form: ")
    with pytest.raises(lcc.CompileError, match="takes float"):
        lcc.compile("1. add('x', [])\n2. join($1)", tools=[raw(log)])


def test_annotations_count_only_if_the_server_is_trusted(log: Path) -> None:
    def effects(**settings: object) -> dict[str, str]:
        return {tool.name: str(tool.signature.effect) for tool in raw(log, **settings).tools()}  # type: ignore[arg-type]

    assert set(effects(trust_annotations=False).values()) == {"undeclared"}
    trusted = effects()
    assert [trusted[name] for name in ("add", "note", "erase")] == ["read", "write", "destructive"]
    assert raw(log).tools()[0].signature.discloses is False
    assert raw(log).tools()[1].signature.discloses is True
    said = effects(trust_annotations=False, effects={"e*": "write", "erase": {"effect": "destructive"}, "add": "pure"})
    assert [said[name] for name in ("add", "note", "erase")] == ["pure", "undeclared", "destructive"]


def test_a_destructive_tool_asks_for_approval_first(log: Path) -> None:
    result = lcc.run("1. erase('a')\n2. join($1)", tools=[raw(log)])
    assert result.tasks[1].error is not None
    assert result.tasks[1].error.kind == "denied"
    assert "call erase" not in lines(log)


def test_prefixes_and_patterns_choose_tools_and_equal_names_are_refused(log: Path) -> None:
    names = [tool.name for tool in raw(log, prefix="raw_", only=["a*", "book"]).tools()]
    assert names == ["raw_add", "raw_book", "raw_ask"]
    with pytest.raises(Exception, match="two tools are called `add`"):
        lcc.compile("1. join()", tools=[raw(log), raw(log)])


def test_what_a_server_says_went_wrong_is_the_failure(log: Path) -> None:
    error = lcc.run("1. fail('the shelf is empty')\n2. join($1)", tools=[raw(log)]).tasks[1].error
    assert error is not None
    assert (error.message, error.cause) == ("the shelf is empty", "ToolError")


def test_progress_is_reported_and_cancellation_reaches_the_server(log: Path) -> None:
    told: list[str] = []
    clock = MovingClock()

    def note(event: lcc.Event) -> None:
        if isinstance(event, lcc.TaskReported):
            told.append(event.message)
            for _ in range(5):
                clock.put_forward()

    options = lcc.Options(on_event=note, tools={"slow": lcc.CallLimits(timeout=LONG)})
    result = clock.run(lambda: lcc.arun("1. slow()\n2. join($1)", tools=[raw(log)], options=options))
    assert told == ["one of three"]
    error = result.tasks[1].error
    assert error is not None
    assert error.kind == "timeout"
    assert "cancelled" in lines(log)


def test_a_silent_server_is_given_up(log: Path) -> None:
    error = lcc.run("1. slow()\n2. join($1)", tools=[raw(log, timeout=0.3)]).tasks[1].error
    assert error is not None
    assert (error.kind, error.message) == ("timeout", "the server `raw` didn't answer within 0.3 s")


@pytest.mark.usefixtures("last_words")
def test_a_server_that_dies_fails_its_calls_and_not_the_run(log: Path) -> None:
    plan = "1. die_writing()\n2. add(1, 2, after=[1])\n3. note('x', after=[1])\n4. join($1, $2, $3)"
    result = lcc.run(plan.replace(", after=[1]", ""), tools=[raw(log)])
    dead = result.tasks[1].error
    assert dead is not None
    assert dead.kind == "lost"
    assert "out of luck" in dead.message
    assert lines(log).count("call die_writing") == 1


def test_a_read_connects_again_after_the_server_died(log: Path) -> None:
    assert lcc.run("1. die()\n2. answer($1)", tools=[raw(log, "once")]).answer == "alive again"
    assert lines(log).count("started") == 2


def test_no_write_follows_on_another_connection_in_the_same_run(log: Path) -> None:
    async def main() -> lcc.RunResult:
        server = raw(log, "once")
        text = "try:\n    die_writing()\nexcept Exception as e:\n    pass\nfirst = add(1, 2)\ntry:\n    note('x')\nexcept Exception as e:\n    answer([first, str(e)])\n"
        plan = lcc.compile(text, tools=[server], front_end="python").plan
        return await lcc.execute(plan, [server])

    result = anyio.run(main)
    assert result.ok, result
    assert result.answer[0] == 3
    assert "broke earlier in this run" in result.answer[1]
    assert "call note" not in lines(log)


def test_an_answer_that_cannot_be_read_fails_the_call_at_once(log: Path) -> None:
    error = lcc.run("1. garble()\n2. join($1)", tools=[raw(log, timeout=1e6)]).tasks[1].error
    assert error is not None
    assert "can't be read" in error.message
    assert lines(log).count("call garble") == 2  # a read is tried once more


def test_what_a_server_prints_beside_its_messages_does_no_harm(log: Path) -> None:
    assert lcc.run("1. chatter()\n2. answer($1)", tools=[raw(log)]).answer == "fine"


def test_a_result_that_does_not_fit_its_schema_is_a_failure(log: Path) -> None:
    error = lcc.run("1. misfit()\n2. join($1)", tools=[raw(log)]).tasks[1].error
    assert error is not None
    assert error.kind == "result"
    assert "no number" in error.message


def test_tools_that_change_in_the_middle_of_a_run_are_noticed(log: Path) -> None:
    text = "change()\nfor call in [1, 2]:\n    try:\n        x = add(1, 2) if call == 1 else book('Emma')\n    except Exception as e:\n        note(str(e))\nanswer('done')\n"
    result = lcc.run(text, tools=[raw(log)], front_end="python")
    told = [str(record.error.message) for record in result.tasks.values() if record.error is not None]
    assert told == [
        "`add` of the server `raw` has changed its parameters or its result since its tools were read",
        "`book` of the server `raw` is not there any more since its tools were read",
    ]


@pytest.mark.usefixtures("last_words")
@pytest.mark.parametrize(
    ("mode", "says"),
    [
        ("fails", "it wrote: no licence found"),
        ("traceback", "/ ModuleNotFoundError: No module named 'honey'"),
        ("silent", "it didn't answer within 1 s"),
        ("garbage", "no message of the protocol: 'Welcome! I am no server.'"),
        ("endless", "more than"),
    ],
)
def test_a_server_that_does_not_start_says_why(mode: str, says: str, log: Path) -> None:
    ends = mode not in ("silent", "garbage")
    for seconds in (60,) if ends else (1, 60):  # in the first the program may not have begun to write
        with pytest.raises(ServerFault, match="the server `raw` can't be used") as caught:
            raw(log, mode, start_timeout=seconds).tools()
        if says.replace("1 s", f"{seconds} s") in str(caught.value):
            return
    raise AssertionError(caught.value)


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(ServerFault, match="there is no program or folder `no-such-program`"):
        lcc.mcp(["no-such-program"]).tools()


def test_a_server_that_is_gone_by_the_time_of_the_run_fails_the_call(log: Path, tmp_path: Path) -> None:
    server = lcc.mcp(
        ["sh", "-c", 'exec "$0" "$@"', *command()], env={"LOG": str(log)}, name="raw", effects={"*": "read"}
    )
    log.touch()
    compiled = lcc.compile("1. add(1, 2)\n2. join($1)", tools=[server])
    server.close()
    object.__setattr__(server.settings, "command", ("no-such-program",))
    error = anyio.run(lcc.execute, compiled.plan, [server]).tasks[1].error
    assert error is not None
    assert (error.kind, "no-such-program" in error.message) == ("lost", True)


def test_odd_tools_are_left_out_and_said(log: Path) -> None:
    server = raw(log, "odd")
    names = [tool.name for tool in server.tools()]
    assert "recursive" in names
    assert "a_name_with_spaces" in names, "plans call it by a name that they can write"
    assert [one.name for one in server.left_out] == ["odd_parameters", "large", "add"]
    assert "more than 1,000,000" in server.left_out[1].reason


@pytest.mark.slow
def test_ten_thousand_tools_are_read(log: Path) -> None:
    assert len(raw(log, "many").tools()) == 10_000


def test_all_pages_of_a_list_are_read(log: Path) -> None:
    assert len(raw(log, "pages").tools()) == len(raw(log).tools())


FLAG = {"type": "object", "properties": {"sure": {"type": "boolean"}}, "required": ["sure"]}
FORM = {"type": "object", "properties": {"colour": {"type": "string"}}, "required": ["colour"]}


@pytest.mark.parametrize(
    ("form", "answers"),
    [
        (FLAG, {"action": "accept", "content": {"sure": True}}),
        ({"type": "object", "properties": {}}, {"action": "accept", "content": {}}),
        (FORM, {"action": "accept", "content": {"colour": "blue"}}),
    ],
)
def test_what_a_server_asks_is_approved_or_answered(form: Json, answers: Json, log: Path) -> None:
    asked: list[str] = []

    async def approve(request: ApprovalRequest) -> bool:
        asked.append(request.message)
        return True

    async def answer(question: Question) -> Mapping[str, Json] | None:
        asked.append(question.message)
        return {"colour": "blue"}

    server = raw(log, json_text=True)
    plan = lcc.PlanBuilder()
    plan.answer(plan.call("ask", form=form))
    result = anyio.run(lambda: lcc.execute(plan.build(), [server], options=lcc.Options(approve=approve, answer=answer)))
    assert result.answer == answers
    assert asked == ["the server `raw` asks: Shall I?"]


def test_a_question_reaches_a_run_that_plain_code_waits_for(log: Path) -> None:
    async def approve(request: ApprovalRequest) -> bool:
        return True

    text = "1. ask({'type': 'object', 'properties': {}})\n2. answer($1)"
    result = lcc.run(text, tools=[raw(log, json_text=True)], options=lcc.Options(approve=approve))
    assert result.answer == {"action": "accept", "content": {}}


def test_where_there_is_nobody_to_ask_a_question_is_declined(log: Path) -> None:
    result = lcc.run("1. ask({'type': 'object', 'properties': {}})\n2. answer($1)", tools=[raw(log, json_text=True)])
    assert result.answer == {"action": "decline"}


def test_a_server_limits_the_calls_at_once(log: Path) -> None:
    sent: list[int] = []

    async def answer(question: Question) -> Mapping[str, Json] | None:
        await anyio.sleep(0.05)  # in which a call that nothing holds back would be sent
        sent.append(lines(log).count("call ask"))
        return {"colour": "blue"}

    server = raw(log, concurrency=1, effects={"ask": "read"}, json_text=True)
    plan = lcc.PlanBuilder()
    plan.answer([plan.call("ask", form={**FORM, "title": title}) for title in ("one", "other")])
    result = anyio.run(lambda: lcc.execute(plan.build(), [server], options=lcc.Options(answer=answer)))
    assert len(result.answer) == 2
    assert sent == [1, 2]


def test_over_http_a_server_is_called_with_its_headers(log: Path) -> None:
    with over_http(log) as url:
        server = lcc.mcp(url, headers={"Authorization": "Bearer x"}, effects={"*": "read"})
        assert lcc.run("1. add(1, 2)\n2. fail('no')\n3. join($1)", tools=[server]).join == [3]
    assert "authorization Bearer x" in lines(log)


def test_an_address_where_nobody_answers_is_said() -> None:
    with pytest.raises(ServerFault, match=r"127\.0\.0\.1:9"):
        lcc.mcp("http://127.0.0.1:9/mcp").tools()


def test_what_is_no_server_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="a command is a list"):
        lcc.mcp("my-server --root .")
    with pytest.raises(TypeError, match="not as a dict"):
        lcc.mcp({"command": "x"})
    with pytest.raises(ValueError, match="effects must be"):
        lcc.mcp(["x"], effects={"a": "reads"})


@pytest.mark.parametrize("name", ["asyncio", "trio"])
def test_an_agent_asks_with_the_tools_of_a_server(name: str, log: Path) -> None:
    plan = '1. add(20, 22)\n2. answer("It is $1.")\n<END_OF_PLAN>'

    async def main(url: str) -> list[str]:
        agent = lcc.Agent([raw(log)], "fake", base_url=url, api_key="k")
        first = await agent.ask("What?")
        async with agent:
            return [first.text, *[(await agent.ask("What?")).text for _ in range(2)]]

    with FakeModelServer({"planner": [plan] * 3}) as model:
        assert anyio.run(main, model.base_url, backend=name) == ["It is 42.0."] * 3
    assert lines(log).count("started") == 2
    assert lines(log)[-1] == "ended"


def test_a_prepared_plan_is_checked_against_the_servers_tools(log: Path) -> None:
    server = raw(log)
    compiled = lcc.compile("1. add(1, 2)\n2. answer($1)", tools=[server])
    results = [anyio.run(lcc.execute, compiled.plan, [server]).answer for _ in range(2)]
    assert results == [3, 3]
