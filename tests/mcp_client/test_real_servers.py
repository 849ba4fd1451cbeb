"""Call reference servers of others: from npm and PyPI, by plans, programs and questions; and be called by a client that isn't the SDK's."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from fake_model_server import FakeModelServer

import lcc
from lcc.__main__ import main
from lcc.mcp_client.host import close_servers
from lcc.runtime.options import ApprovalRequest

pytestmark = pytest.mark.slow

SLOW = 600.0
"""Seconds that a server may need to start on a slow machine."""
EVERYTHING = "@modelcontextprotocol/server-everything@2026.8.31"


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the command of the reference server, installed once by npm."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("there is no npm")
    folder = tmp_path_factory.mktemp("npm")
    command = [npm, "install", "--no-fund", "--no-audit", "--prefix", str(folder), EVERYTHING]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("the registry of npm packages is too slow")
    if done.returncode:
        pytest.skip(f"npm can't install it: {done.stderr[-300:]}")
    return [node, str(folder / "node_modules/@modelcontextprotocol/server-everything/dist/index.js"), "stdio"]


@pytest.fixture
def clock() -> list[str]:
    pytest.importorskip("mcp_server_time")
    return [sys.executable, "-m", "mcp_server_time", "--local-timezone", "Europe/Berlin"]


def test_a_plan_calls_the_server_of_everything(everything: list[str]) -> None:
    with lcc.mcp(everything, effects={"*": "read"}, name="everything", start_timeout=SLOW) as server:
        names = {tool.name for tool in server.tools()}
        assert {"echo", "get-sum", "get-tiny-image", "get-structured-content"} <= names
        text = "1. echo('hello')\n2. get-sum(2, 3)\n3. get-tiny-image()\n4. get-structured-content('New York')\n5. join($1, $2, $3, $4)"
        echo, total, image, weather = lcc.run(text, tools=[server]).join
    assert (echo, total) == ("Echo: hello", "The sum of 2 and 3 is 5.")
    assert any(isinstance(part, dict) and part["type"] == "image" and part["mimeType"] == "image/png" for part in image)
    assert set(weather) == {"temperature", "conditions", "humidity"}


def test_a_program_calls_it_with_progress_and_questions(everything: list[str]) -> None:
    told: list[str] = []
    asked: list[str] = []

    async def answer(question: lcc.Question) -> dict[str, Any]:
        asked.append(question.message)
        return {"name": "Ada"}

    def note(event: lcc.Event) -> None:
        if isinstance(event, lcc.TaskReported):
            told.append(event.message)

    server = lcc.mcp(everything, effects={"*": "read"}, name="everything", start_timeout=SLOW)
    text = "slow = trigger_long_running_operation(duration=1, steps=2)\ntotals = [get_sum(n, 1) for n in [1, 2]]\nanswer([slow, totals])\n"
    options = lcc.Options(on_event=note, answer=answer)
    result = lcc.run(text, tools=[server], front_end="python", options=options)
    assert result.answer[1] == ["The sum of 1 and 1 is 2.", "The sum of 2 and 1 is 3."]
    assert told
    names = {tool.name for tool in server.tools()}
    if "trigger-elicitation-request" in names:
        result = lcc.run("1. trigger-elicitation-request()\n2. join($1)", tools=[server], options=options)
        assert asked
        assert "Ada" in json.dumps(result.join)


def test_a_question_is_answered_with_the_clock(
    clock: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    entry = {"command": clock[0], "args": clock[1:], "x-lcc": {"effects": {"*": "read"}, "start_timeout": SLOW}}
    Path("mcp.json").write_text(json.dumps({"mcpServers": {"time": entry}}), encoding="utf-8")
    plan = '1. convert_time("UTC", "12:00", "Asia/Tokyo")\n2. answer("It is $1.target.datetime there.")\n<END_OF_PLAN>'
    with FakeModelServer({"planner": [plan]}) as model:
        status = main(
            [
                "ask",
                "What time is noon in Tokyo?",
                "--tools",
                "mcp.json",
                "--model",
                "fake",
                "--base-url",
                model.base_url,
            ]
        )
    assert status == 0
    assert "T21:00:00+09:00" in capsys.readouterr().out
    Path("p.py").write_text(
        "zones = ['UTC', 'Asia/Tokyo']\nanswer([get_current_time(zone).timezone for zone in zones])\n", encoding="utf-8"
    )
    assert main(["run", "p.py", "--front-end", "python", "--tools", "mcp.json"]) == 0
    assert json.loads(capsys.readouterr().out) == ["UTC", "Asia/Tokyo"]
    assert main(["run", "p.py", "--front-end", "python", "--tools", "mcp.json:time.convert_time"]) == 1
    close_servers()


TOOLS = '''\
import lcc

@lcc.tool(effect="read")
def price(fruit: str) -> float:
    """Return the price of a fruit."""
    return {"apple": 0.5, "pear": 0.6}[fruit]

@lcc.tool(effect="destructive")
def erase(path: str) -> str:
    """Erase a file."""
    return f"erased {path}"
'''


@pytest.mark.filterwarnings("ignore")
def test_a_client_of_fastmcp_drives_lcc_serve(tmp_path: Path) -> None:
    fastmcp = pytest.importorskip("fastmcp")
    from fastmcp.client.transports import StdioTransport

    (tmp_path / "tools.py").write_text(TOOLS, encoding="utf-8")
    asked: list[str] = []

    async def allow(message: str, *_: object) -> dict[str, bool]:
        asked.append(message)
        return {"allow": True}

    async def drive(**how: Any) -> list[Any]:
        transport = StdioTransport(sys.executable, ["-m", "lcc", "serve", "--tools", "tools.py"], cwd=str(tmp_path))
        async with fastmcp.Client(transport, **how) as client:
            names = [tool.name for tool in await client.list_tools()]
            done = await client.call_tool("run", {"program": "answer([price(f) for f in ['apple', 'pear']])"})
            erased = await client.call_tool("run", {"program": "answer(erase('a'))"})
            report = erased.structured_content
            if report["status"] == "paused":
                answers = dict.fromkeys(report["pending"], True)
                report = (
                    await client.call_tool("resume", {"run": report["run"], "answers": answers})
                ).structured_content
            return [names, done.structured_content["answer"], report["answer"]]

    for how in ({}, {"elicitation_handler": allow}):
        names, prices, erased = anyio.run(lambda how=how: drive(**how))
        assert {"search_tools", "describe", "check", "run", "resume"} <= set(names)
        assert (prices, erased) == ([0.5, 0.6], "erased a")
    assert asked == ['May the program call erase? {"path": "a"}']


@pytest.mark.filterwarnings("ignore")
def test_a_server_of_fastmcp_is_a_source_of_tools(tmp_path: Path) -> None:
    pytest.importorskip("fastmcp")
    text = '''\
from dataclasses import dataclass
from fastmcp import FastMCP, Context

server = FastMCP("shop")

@dataclass
class Item:
    name: str
    price: float

@server.tool(annotations={"readOnlyHint": True})
def items(below: float = 1.0) -> list[Item]:
    """List items."""
    return [Item("apple", 0.5), Item("pear", 0.6)]

@server.tool(annotations={"destructiveHint": True})
async def order(name: str, context: Context) -> str:
    """Order an item."""
    await context.report_progress(1, 2)
    return f"ordered {name}"

server.run(show_banner=False)
'''
    (tmp_path / "shop.py").write_text(text, encoding="utf-8")
    asked: list[ApprovalRequest] = []

    async def approve(request: ApprovalRequest) -> bool:
        asked.append(request)
        return True

    server = lcc.mcp(
        [sys.executable, str(tmp_path / "shop.py")], name="shop", trust_annotations=True, start_timeout=SLOW
    )
    program = "cheapest = min(items(), key=lambda item: item.price)\nanswer(order(cheapest.name))\n"
    result = lcc.run(program, tools=[server], front_end="python", options=lcc.Options(approve=approve))
    assert result.answer == "ordered apple", result
    assert [dict(arguments) for _, arguments in asked[0].calls] == [{"name": "apple"}]
