"""Check what is served to other agents: over the SDK's client in both ages of the protocol, real processes, HTTP and its guards, and restarts."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.types import ElicitResult

import lcc
from lcc import Options
from lcc.python_tools.collect import as_tools
from lcc.serving.desk import Desk, DeskSettings
from lcc.serving.saved_plans import load_plan
from lcc.serving.serving_http import serve_http
from lcc.serving.serving_mcp import server_of

TOOLS = '''\
from pathlib import Path
import lcc

@lcc.tool(effect="read")
def price(fruit: str) -> float:
    """Return the price of a fruit in euros."""
    return {"apple": 0.5, "pear": 0.6}[fruit]

@lcc.tool(effect="write")
def note(text: str) -> None:
    """Write a note."""
    with Path("notes").open("a") as file:
        file.write(text + "\\n")

@lcc.tool(effect="destructive")
def erase(path: str) -> str:
    """Erase a file."""
    return f"erased {path}"

@lcc.tool(effect="read")
def numbers(count: int) -> list[int]:
    return list(range(count))

@lcc.tool(effect="write")
async def choose(context: lcc.Context) -> str:
    """Ask which one."""
    form = {"type": "object", "properties": {"colour": {"type": "string"}}, "required": ["colour"]}
    return str(await context.answer("Which colour?", form))
'''
Call = Callable[..., Awaitable[Any]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tools.py").write_text(TOOLS, encoding="utf-8")
    return tmp_path


def tools() -> list[Any]:
    namespace: dict[str, Any] = {}
    exec(TOOLS, namespace)
    return [namespace[name] for name in ("price", "note", "erase", "numbers", "choose")]


def parameters(*more: str) -> StdioServerParameters:
    return StdioServerParameters(command=sys.executable, args=["-m", "lcc", "serve", "--tools", "tools.py", *more])


@asynccontextmanager
async def served(mode: str = "auto", answer: object = None, **settings: Any) -> AsyncIterator[Call]:
    """Serve in this process, and give what calls a tool and returns the report. `answer`: what the user says to questions."""
    asked: list[str] = []

    async def elicited(_: object, given: Any) -> ElicitResult:
        asked.append(given.message)
        return (
            ElicitResult(action="accept", content=answer)
            if isinstance(answer, dict)
            else ElicitResult(action="decline")
        )

    async with Desk(as_tools(tools()), DeskSettings(Options(), **settings)) as desk:
        callback = None if answer is None else elicited
        async with Client(server_of(desk, "1"), mode=mode, elicitation_callback=callback) as client:

            async def call(name: str, **arguments: Any) -> Any:
                result = await client.call_tool(name, arguments)
                return result.structured_content or result.content[0].text  # type: ignore[union-attr]

            call.asked = asked  # type: ignore[attr-defined]
            call.client = client  # type: ignore[attr-defined]
            yield call


def test_a_program_is_run_and_only_its_answer_comes_back(folder: Path) -> None:
    async def main() -> Any:
        async with served() as call:
            return await call("run", program="note('x')\nanswer([price(f) for f in ['apple', 'pear']])")

    report = anyio.run(main)
    assert (report["status"], report["answer"], report["written"]) == ("ok", [0.5, 0.6], ["1. note"])
    assert report["report"].startswith("3 calls in ")


def test_tools_are_found_and_shown(folder: Path) -> None:
    async def main() -> list[Any]:
        async with served() as call:
            listed = [tool.name for tool in (await call.client.list_tools()).tools]  # type: ignore[attr-defined]
            prompt = (await call.client.get_prompt("lcc_rules", {"language": "plan"})).messages[0].content.text  # type: ignore[attr-defined]
            found = await call("search_tools", query="erasing files", limit=1)
            return [listed, prompt, found, await call("describe", names=["price", "prize"])]

    listed, prompt, found, described = anyio.run(main)
    assert listed == ["search_tools", "describe", "check", "read_result", "run", "resume"]
    assert "price(fruit: str) -> float" in prompt
    assert [tool["name"] for tool in found["tools"]] == ["erase"]
    assert "def price(fruit: str) -> float" in described["stubs"]
    assert described["unknown"] == {"prize": "did you mean `price`?"}


def test_what_is_wrong_is_said_before_anything_is_called(folder: Path) -> None:
    async def main() -> list[Any]:
        async with served() as call:
            wrong = "note('x')\nanswer(prize('apple'))"
            return [
                await call("check", program=wrong),
                await call("run", program=wrong),
                await call("check", program="1. price('apple')\n2. answer($1)", language="plan"),
                await call("run", program="port: str\nanswer(port)"),
                await call("run"),
                await call("run", program=3),
                await call("run", program="answer(1)", language="cobol"),
                await call("nothing"),
                await call("resume", run="0" * 32, answers={}),
                await call("read_result", handle="result-9"),
            ]

    checked, refused, fine, inputs, *wrong, resumed, read = anyio.run(main)
    assert (checked["ok"], "did you mean `price`?" in checked["findings"]) == (False, True)
    assert (refused["status"], fine["ok"]) == ("refused", True)
    assert not (folder / "notes").exists()
    assert "port" in inputs["findings"]
    assert wrong == [
        "`program` is missing",
        "`program` is a number, and takes string",
        "`language` is one of python, plan",
        "there is no tool `nothing`",
    ]
    assert "no paused run" in resumed["findings"]
    assert "no result `result-9`" in read["error"]


def test_a_failure_says_where_and_what_was_written(folder: Path) -> None:
    async def main() -> Any:
        async with served() as call:
            return await call("run", program="note('x')\nanswer(price('kiwi'))")

    report = anyio.run(main)
    assert (report["status"], report["written"]) == ("failed", ["1. note"])
    assert report["failures"] == ["2. price: KeyError: 'kiwi'"]
    assert report["error"] == "KeyError: 'kiwi' (line 2)"


def test_a_long_result_is_handed_out_by_a_handle_and_may_be_passed_on(folder: Path) -> None:
    async def main() -> list[Any]:
        async with served() as call:
            shown = (await call("run", program="answer(numbers(3000))"))["answer"]
            part = await call("read_result", handle=shown["handle"], offset=4, limit=5)
            total = "xs: list[int]\nanswer(sum(xs))"
            return [shown, part, await call("run", program=total, inputs={"xs": {"handle": shown["handle"]}})]

    shown, part, total = anyio.run(main)
    assert (shown["length"], shown["begins"][:9]) == (3000, "[0, 1, 2,")
    assert part["text"] == "1, 2,"
    assert total["answer"] == sum(range(3000))


@pytest.mark.parametrize("mode", ["legacy", "auto"])
@pytest.mark.parametrize(
    ("answer", "status"), [({"allow": True}, "ok"), ({"allow": False}, "failed"), ("no", "failed")]
)
def test_approval_is_asked_of_the_clients_user(mode: str, answer: object, status: str, folder: Path) -> None:
    async def main() -> tuple[Any, list[str]]:
        async with served(mode, answer) as call:
            return await call("run", program="answer(erase('a.txt'))"), call.asked  # type: ignore[attr-defined]

    report, asked = anyio.run(main)
    assert report["status"] == status
    assert asked == ['May the program call erase? {"path": "a.txt"}']


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_what_a_tool_asks_is_asked_of_the_clients_user(mode: str, folder: Path) -> None:
    async def main() -> Any:
        async with served(mode, {"colour": "blue"}) as call:
            return await call("run", program="answer(choose())")

    assert anyio.run(main)["answer"] == "{'colour': 'blue'}"


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_where_the_client_cannot_ask_a_run_is_paused_and_resumed(backend: str, folder: Path) -> None:
    async def main() -> list[Any]:
        async with served() as call:
            program = "note('before')\nfirst = erase('a')\nsecond = erase('b')\nanswer([first, second, choose()])"
            reports = [await call("run", program=program)]
            while reports[-1]["status"] == "paused":
                pending = reports[-1]["pending"].items()
                given = {id_: True if "calls" in asked else {"colour": "red"} for id_, asked in pending}
                reports.append(await call("resume", run=reports[-1]["run"], answers=given))
            return reports

    reports = anyio.run(main, backend=backend)
    assert [report["status"] for report in reports[-2:]] == ["paused", "ok"]
    assert reports[-1]["answer"] == ["erased a", "erased b", "{'colour': 'red'}"]
    assert (folder / "notes").read_text(encoding="utf-8") == "before\n"


def test_an_answer_to_a_question_that_nobody_asked_is_refused(folder: Path) -> None:
    async def main() -> list[Any]:
        async with served() as call:
            paused = await call("run", program="answer(erase('a'))")
            return [
                paused,
                await call("resume", run=paused["run"], answers={"x": True}),
                await call("resume", run=paused["run"], answers={next(iter(paused["pending"])): "yes"}),
            ]

    paused, refused, denied = anyio.run(main)
    assert refused["findings"] == f"nothing waits for x; what is asked: {next(iter(paused['pending']))}"
    assert denied["status"] == "failed"


def test_a_paused_run_outlives_the_process_in_its_journal(folder: Path) -> None:
    program = "note('before')\nanswer(erase('a'))"

    async def first() -> Any:
        async with served(journal="runs.db") as call:
            return await call("run", program=program)

    async def second(run: str, answers: dict[str, Any]) -> Any:
        async with served(journal="runs.db") as call:
            return await call("resume", run=run, answers=answers)

    paused = anyio.run(first)
    assert paused["status"] == "paused"
    again = anyio.run(second, paused["run"], {})
    assert (again["status"], again["pending"]) == ("paused", paused["pending"])
    done = anyio.run(second, paused["run"], {next(iter(paused["pending"])): True})
    assert (done["status"], done["answer"]) == ("ok", "erased a")
    assert (folder / "notes").read_text(encoding="utf-8") == "before\n"
    assert "no paused run" in anyio.run(second, paused["run"], {})["findings"]


def test_a_saved_plan_is_a_tool_with_its_inputs_as_parameters(folder: Path) -> None:
    text = '# Say what a fruit costs.\ninput fruit: str = "apple"\ninput count: int\n1. price($fruit)\n2. answer("$count times $1")\n'
    (folder / "cost of fruit.plan").write_text(text, encoding="utf-8")
    signatures = {name: tool.signature for name, tool in as_tools(tools()).items()}
    saved = load_plan(Path("cost of fruit.plan"), signatures, 2)

    async def main() -> list[Any]:
        async with served(plans=(saved,)) as call:
            tool = (await call.client.list_tools()).tools[-1]  # type: ignore[attr-defined]
            return [tool, await call("cost_of_fruit", count=2), await call("cost_of_fruit", count="many")]

    tool, done, refused = anyio.run(main)
    assert (tool.name, tool.description) == ("cost_of_fruit", "Say what a fruit costs.")
    assert tool.input_schema["required"] == ["count"]
    assert tool.input_schema["properties"]["fruit"] == {"type": "string", "default": "apple"}
    assert tool.annotations.read_only_hint is True
    assert (done["answer"], refused["status"]) == ("2 times 0.5", "refused")


def test_a_call_that_the_client_gives_up_stops_its_run(folder: Path) -> None:
    stopped = anyio.Event()
    scopes: list[anyio.CancelScope] = []

    @lcc.tool(effect="read")
    async def wait() -> str:
        scopes[0].cancel()
        try:
            await anyio.sleep_forever()
        finally:
            stopped.set()
        return ""

    async def main() -> None:
        async with Desk(as_tools([wait]), DeskSettings(Options())) as desk, Client(server_of(desk, "1")) as client:
            with anyio.CancelScope() as scope:
                scopes.append(scope)
                await client.call_tool("run", {"program": "answer(wait())"})
            with anyio.fail_after(100):
                await stopped.wait()

    anyio.run(main)


def test_the_command_serves_over_its_standard_streams(folder: Path) -> None:
    async def main() -> Any:
        async with Client(parameters()) as client:
            return (await client.call_tool("run", {"program": "print('é')\nanswer(price('pear'))"})).structured_content

    report = anyio.run(main)
    assert (report["answer"], report["printed"]) == (0.6, "é\n")


@contextmanager
def over_http(*more: str) -> Iterator[str]:
    argv = [sys.executable, "-m", "lcc", "serve", "--tools", "tools.py", "--http", "0", "--token", "t0ken", *more]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        try:
            line = process.stderr.readline()
            assert line.startswith("serving on http://127.0.0.1:"), line
            yield line.split()[-1]
        finally:
            process.terminate()
            process.wait(100)


class _Reached(Exception):
    pass


def test_who_is_told_the_address_can_connect_at_once() -> None:
    def ready(address: str) -> None:
        with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2].partition("/")[0])), timeout=100):
            raise _Reached

    async def main() -> None:
        async with Desk({}, DeskSettings(Options())) as desk:
            await serve_http(desk, "0", "t0ken", host="127.0.0.1", port=0, origins=set(), ready=ready)

    with pytest.raises(_Reached):
        anyio.run(main)


HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}


def test_over_http_only_who_has_the_token_and_is_no_web_page_gets_in(folder: Path) -> None:
    accept = {"Accept": "application/json, text/event-stream"}
    token = {"Authorization": "Bearer t0ken"}
    with over_http("--allow-origin", "http://good.example") as url:
        server = lcc.mcp(url, headers=token)
        text = "1. run(\"answer(price('apple'))\")\n2. answer($1.answer)"
        assert lcc.run(text, tools=[server]).answer == 0.5

        def status(**headers: str) -> int:
            return httpx2.post(
                url, content=json.dumps(HELLO), headers={"Content-Type": "application/json"} | accept | headers
            ).status_code

        assert status(**token) == 200
        assert status() == 401
        assert status(Authorization="Bearer other") == 401
        assert status(**token, Origin="http://evil.example") == 403
        assert status(**token, Origin="http://127.0.0.1:8000") == 403
        assert status(**token, Origin="null") == 403
        assert status(**token, Origin="http://good.example") == 200
        assert status(**token, Host="evil.example") == 421
        preflight = httpx2.options(
            url, headers={"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
        )
        assert (preflight.status_code, "access-control-allow-origin" in preflight.headers) == (403, False)
