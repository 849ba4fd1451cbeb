"""The explorer answers the page that it served, and nobody else; what takes too long is ended; nothing that writes is called."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from lcc.cli.explorer.bench import Bench, TakesTooLong
from lcc.cli.explorer.explorer_http import Explorer
from lcc.cli.explorer.worker import Setup
from lcc.grammar.values import Json

TOOLS = """\
import time
import lcc

@lcc.tool(effect="read")
def find(text: str) -> str:
    return f"about {text} <script>alert(1)</script>"

@lcc.tool(effect="read")
def wait() -> str:
    time.sleep(60)
    return "late"

@lcc.tool(effect="write")
def send(text: str) -> None:
    open("sent.txt", "w").write(text)

@lcc.tool
def unknown(text: str) -> None:
    open("sent.txt", "w").write(text)
"""
ASKED: dict[str, Json] = {"front_end": "plan", "level": 2, "passes": None, "pane": "ir", "inputs": ""}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explored")
    (folder / "tools.py").write_text(TOOLS)
    return folder


@pytest.fixture(scope="module")
def setup(folder: Path) -> Setup:
    return Setup((str(folder / "tools.py"),), str(folder))


@pytest.fixture(scope="module")
def explorer(setup: Setup) -> Iterator[Explorer]:
    with pytest.MonkeyPatch.context() as patch, Explorer("<!DOCTYPE html><title>page</title>", setup) as server:
        patch.setattr("lcc.cli.explorer.explorer_http.LOOK_LIMIT", 100.0)  # a slow machine may need it
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def sent(
    explorer: Explorer, method: str, action: str = "", body: Json = None, token: str | None = None, **headers: str
) -> tuple[int, str, Mapping[str, str]]:
    """Send a request as a browser does; `headers` replace its own."""
    connection = http.client.HTTPConnection("127.0.0.1", explorer.server_port, timeout=60)
    own = {"Content-Type": "application/json"} if method == "POST" else {}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    path = f"/{explorer.token if token is None else token}/{action}"
    connection.request(method, path, json.dumps(body) if method == "POST" else None, {**own, **named})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text, dict(answer.headers)


def asked(text: str, **others: Json) -> Json:
    return {**ASKED, "text": text, **others}


def ran(explorer: Explorer, text: str, **others: Json) -> list[dict[str, str]]:
    status, answer, _ = sent(explorer, "POST", "run", asked(text, **others))
    assert status == 200
    return [json.loads(line) for line in answer.splitlines()]


def test_the_page_is_there_for_its_address(explorer: Explorer) -> None:
    status, text, headers = sent(explorer, "GET")
    assert (status, text) == (200, "<!DOCTYPE html><title>page</title>")
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"token": ""}, 403),
        ({"token": "wrong"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example"}, 421),
        ({"action": "../etc/passwd"}, 404),
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_strangers_are_refused(explorer: Explorer, method: str, given: dict[str, str], status: int) -> None:
    action = given.get("action", "look" if method == "POST" else "")
    others = {name: value for name, value in given.items() if name != "action"}
    assert sent(explorer, method, action, asked("1. f()"), **others)[0] == status


def test_its_own_origin_is_let_through(explorer: Explorer) -> None:
    origin = f"http://127.0.0.1:{explorer.server_port}"
    status, text, _ = sent(explorer, "POST", "look", asked('1. fimd("a")\n2. join()'), Origin=origin)
    assert status == 200
    assert json.loads(text)["findings"][0]["code"] == "V004"


@pytest.mark.parametrize("body", [[1], None, "x" * 2_000_001], ids=["list", "null", "long"])
def test_a_body_that_is_none_is_refused(explorer: Explorer, body: Json) -> None:
    assert sent(explorer, "POST", "look", body)[0] == 400


def test_a_form_of_another_page_is_refused(explorer: Explorer) -> None:
    assert sent(explorer, "POST", "look", asked("1. f()"), Content_Type="text/plain")[0] == 400


def test_a_wrong_request_is_answered(explorer: Explorer) -> None:
    assert "level" in json.loads(sent(explorer, "POST", "look", asked("", level=9))[1])["problem"]


def test_a_run_ends_with_its_results_as_text(explorer: Explorer) -> None:
    last = ran(explorer, '1. find("tides")\n2. answer($1)\n')[-1]["html"]
    assert "about tides &lt;script&gt;" in last
    assert "<script>" not in last
    assert "Timeline" in last


@pytest.mark.parametrize(
    ("text", "front_end"),
    [
        ('1. send("x")\n2. join()\n', "plan"),
        ('1. unknown("x")\n2. join()\n', "plan"),
        ('if find("x") == "":\n    send("x")\nanswer(1)\n', "python"),
    ],
)
def test_a_text_that_may_write_is_not_run(explorer: Explorer, folder: Path, text: str, front_end: str) -> None:
    replies = ran(explorer, text, front_end=front_end)
    assert len(replies) == 1
    assert "may write" in replies[0]["html"]
    assert not (folder / "sent.txt").exists()


def test_inputs_are_json(explorer: Explorer) -> None:
    text = "input topic: str\n1. find($topic)\n2. answer($1)\n"
    assert "about sea" in ran(explorer, text, inputs='{"topic": "sea"}')[-1]["html"]
    assert "not JSON" in ran(explorer, text, inputs="{topic")[-1]["html"]
    assert "topic" in ran(explorer, text)[-1]["html"]


def test_a_run_is_stopped_and_the_next_one_runs(explorer: Explorer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", explorer.server_port, timeout=60)
    body = json.dumps(asked("1. wait()\n2. join()\n"))
    connection.request("POST", f"/{explorer.token}/run", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    assert "running" in answer.readline().decode()
    assert "another run" in ran(explorer, '1. find("a")\n2. join($1)\n')[0]["problem"]
    sent(explorer, "POST", "stop", {})
    assert json.loads(answer.read().splitlines()[-1])["problem"] == "stopped"
    assert "about a" in ran(explorer, '1. find("a")\n2. join($1)\n')[-1]["html"]


def test_what_takes_too_long_is_ended(setup: Setup) -> None:
    bench = Bench(setup)
    try:
        with pytest.raises(TakesTooLong, match="more than 0 s"):
            list(bench.replies({**ASKED, "text": "1. wait()\n2. join()\n", "runs": True}, 0.3))
        found = list(bench.replies({**ASKED, "text": '1. find("a")\n2. join($1)\n'}, 60))
        assert found[0]["runs"] is True
    finally:
        bench.close()


def command(*arguments: str, folder: Path) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "lcc", "explore", *arguments]
    return subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder)


def test_a_port_in_use_is_an_error(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = command("--port", str(port), "--no-open", "--tools", "tools.py", folder=folder)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert f"--port {port}" in said
    assert "in use" in said
    assert "Traceback" not in said


@pytest.mark.skipif(os.name == "nt", reason="there are no signals")
def test_an_interrupt_ends_it_quietly(folder: Path) -> None:
    (folder / "a.plan").write_text('1. find("a")\n2. join()\n')
    process = command("a.plan", "--no-open", "--tools", "tools.py", folder=folder)
    assert process.stderr is not None
    address = re.search(r"http://127\.0\.0\.1:\d+/\S+/", process.stderr.readline())
    assert address is not None
    assert "Ctrl-C" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=60)
    assert (process.returncode, out, said.strip()) == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["-"], "the text is written on the page"), (["--port", "70000"], "--port 70000"), (["--front-end", "cobol"], "cobol")],
)  # fmt: skip
def test_what_can_not_be_opened_is_said(folder: Path, arguments: list[str], says: str) -> None:
    process = command(*arguments, "--no-open", folder=folder)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert says in said
