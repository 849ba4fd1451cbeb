"""Peers are asked in processes of their own; here a stand-in script plays the agent, over the real model server."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from benchmarks.evaluation import Outcome, Session, Simulation
from benchmarks.evaluations import load
from benchmarks.peers.asking import Asking
from benchmarks.peers.environments import FOLDER, Peer
from benchmarks.peers.players import llama_index_pack, llmcompiler
from benchmarks.recorded import Recorded
from benchmarks.simulated.asked import Asked
from benchmarks.simulated.pace import Pace
from benchmarks.simulated.server import ModelServer
from benchmarks.simulated.tool_log import ToolLog

AT_ONCE = Pace(first=0.0, token=0.0, prompt_token=0.0, tool=0.0)
AGENT = f"""
import sys
sys.path.insert(0, {str(FOLDER)!r})
from answering import serve

def answer(question, asked, tools):
    print("noise")
    {{body}}

serve(answer)
"""


def asked_once(tmp_path: Path, body: str, limit: float = 60.0) -> tuple[Outcome, ToolLog]:
    """Let an agent with this body answer the first question of ParallelQA's sample."""
    script = tmp_path / "agent.py"
    script.write_text(AGENT.format(body=body), encoding="utf-8")
    evaluation = load("parallelqa")
    question = evaluation.questions(None)[0]
    log = ToolLog(AT_ONCE)

    async def ask() -> Outcome:
        async with ModelServer(Simulation(evaluation, {question.id: question}), AT_ONCE) as server:
            asking = Asking(Peer("stand-in", "stand-in==0", "", str(script)), Path(sys.executable), limit)
            try:
                return await asking.run(Session(evaluation, question, log, server.base_url))
            finally:
                await asking.close()

    return asyncio.run(ask()), log


def test_an_agent_that_makes_every_call_answers(tmp_path: Path) -> None:
    body = "return [tools.call_here(tool, key) for tool, key, _, _ in asked['calls']] and 'K2'"
    outcome, log = asked_once(tmp_path, body)
    assert (outcome.answer, outcome.error) == ("K2", "")
    assert [call.tool for call in log.calls] == ["search", "math", "search", "math"]
    assert outcome.seconds is not None


def test_what_an_agent_fails_at_is_recorded(tmp_path: Path) -> None:
    asks_otherwise = "\n    ".join(
        ["try:", "    tools.call_here('search', '$1')", "except LookupError:", "    pass", "return 'K2'"]
    )
    assert asked_once(tmp_path, asks_otherwise)[0].error == "made 0 of 4 calls; instead search('$1')"
    outcome, _ = asked_once(tmp_path, "raise RuntimeError('no such luck')")
    assert outcome.answer is None
    assert outcome.error == "RuntimeError: no such luck"
    assert asked_once(tmp_path, "import os; os._exit(3)")[0].error == "its process ended"


def test_a_question_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    outcome, _ = asked_once(tmp_path, "import threading; threading.Event().wait()", limit=0.2)
    assert (outcome.answer, outcome.error, outcome.seconds) == (None, "not done in 0.2 s", 0.2)


def record() -> Recorded:
    found = load("parallelqa").questions(None)[1].record
    assert isinstance(found, Recorded)
    return found


def request(prompt: str) -> Asked:
    return Asked("/v1/chat/completions", {"messages": [{"role": "user", "content": prompt}]})


@pytest.mark.parametrize("player", [llama_index_pack, llmcompiler])
def test_each_peer_is_given_the_plan_and_the_decision_in_its_own_form(player: object) -> None:
    planning, joining = request("… create a plan to solve it …"), request("Solve a question answering task.")
    if player is llama_index_pack:
        assert llama_index_pack(record(), planning).text.startswith('1. search("Burj Khalifa")')
        assert llama_index_pack(record(), joining).text.endswith("Action: finish(1763.1)")
    else:
        text = llmcompiler(record(), planning).text
        assert '4. math(question="Burj Khalifa overall height in meters", context=["${1}"])\n' in text
        assert text.endswith('7. math(question="${4} + ${5} + ${6}")\n8. join() <END_OF_PLAN>')
        assert '"_finish_": "1763.1"' in llmcompiler(record(), joining).text
