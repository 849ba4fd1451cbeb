"""Check Skeleton-of-Thought: points first, all of them written out at once, and joined in order."""

from __future__ import annotations

from typing import Any

import pytest
from asking import BACKENDS, run
from fake_model_server import Cut, FakeModelServer, Garbage, Gate, Recorded, Reply, Status, Text

import lcc
from lcc.ask.events import AnswerText
from lcc.ask.planning.few_shots import FewShot

POINTS = "1. The moon's pull\n2. The sun's share.\n3. Coasts"
ANSWER = "1. The moon's pull: text 1\n2. The sun's share: text 2\n3. Coasts: text 3"


def number(request: Recorded) -> int:
    return int(request.last.rpartition(" ")[2])


def skeleton(server: FakeModelServer, **settings: Any) -> lcc.Agent:
    model = lcc.ModelSettings(model="fake", base_url=server.base_url, timeout=100.0)
    return lcc.Agent(settings.pop("tools", []), model, strategy="skeleton", **settings)


def replies(request: Recorded) -> Reply:
    return POINTS if request.role == "skeleton" else f"text {number(request)}"


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_points_are_joined_in_order(backend: str) -> None:
    seen: list[Any] = []
    with FakeModelServer(replies) as server:
        answer = run(lambda: skeleton(server).ask("Why tides?", on_event=seen.append), backend)
    assert (answer.status, answer.text) == ("answered", ANSWER)
    assert answer.results == {"1": "text 1", "2": "text 2", "3": "text 3"}
    assert {role: usage.tokens.calls for role, usage in answer.usage.items()} == {"skeleton": 1, "point": 3}
    assert "".join(e.text for e in seen if isinstance(e, AnswerText)) == ANSWER
    prompts = [r.messages for r in server.by_role("point")]
    assert all(
        m[1]["content"].startswith(f"Question: Why tides?\n\nSkeleton:\n{POINTS}\n\nYour point: ") for m in prompts
    )


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_points_are_written_at_once_and_handed_on_in_order(backend: str) -> None:
    first, last = Gate(), Gate()

    def answering(request: Recorded) -> Reply:
        if request.role == "skeleton":
            return POINTS
        match number(request):
            case 1:
                return Text(["text", first, " 1"])  # goes on when point 3 has begun
            case 3:
                first.open()
                return "text 3"
            case _:
                return "text 2"

    seen: list[str] = []
    with FakeModelServer(answering) as server:
        ask = skeleton(server, limits=lcc.Limits(seconds=100)).ask
        answer = run(
            lambda: ask("?", on_event=lambda e: seen.append(e.text) if isinstance(e, AnswerText) else None), backend
        )
        last.open()
    assert answer.text == ANSWER
    assert seen[0] == "1. The moon's pull: text 1"


@pytest.mark.parametrize("reply", ["Tides come and go.", "1. a\n3. b", "", "- a\n- b"])
def test_what_is_no_skeleton_goes_back_once(reply: str) -> None:
    script: dict[str, list[Reply]] = {"skeleton": [reply or "no", POINTS], "point": ["a", "b", "c"]}
    with FakeModelServer(script) as server:
        assert run(lambda: skeleton(server).ask("?")).ok
    assert "This is no skeleton" in server.requests[1].last


def test_what_stays_no_skeleton_ends_the_question() -> None:
    with FakeModelServer({"skeleton": ["no", "no"]}) as server, pytest.raises(lcc.AskFailed, match="no skeleton"):
        run(lambda: skeleton(server).ask("?"))


FAULTS: dict[str, Reply] = {"429": Status(429), "cut": Cut("1. a"), "garbage": Garbage(), "empty": ""}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_passes_is_recovered_from(fault: str, backend: str) -> None:
    failed: set[str] = set()

    def answering(request: Recorded) -> Reply:
        if request.prompt in failed:
            return replies(request)
        failed.add(request.prompt)
        return FAULTS[fault]

    with FakeModelServer(answering, chunk=None) as server:
        answer = run(lambda: skeleton(server).ask("?"), backend)
    assert answer.text == ANSWER


def test_a_point_that_fails_fails_the_answer_and_keeps_the_others() -> None:
    def answering(request: Recorded) -> Reply:
        broken = request.role == "point" and number(request) == 2
        return Status(400, "not this one") if broken else replies(request)

    with FakeModelServer(answering) as server, pytest.raises(lcc.AskFailed, match="not this one") as failed:
        run(lambda: skeleton(server).ask("?"))
    assert failed.value.answer.results == {"1": "text 1", "3": "text 3"}


def test_a_limit_stops_it_with_what_is_known() -> None:
    with FakeModelServer(replies) as server:
        answer = run(lambda: skeleton(server, limits=lcc.Limits(model_calls=1)).ask("?"))
    assert (answer.status, answer.reason) == ("stopped", "the limit of 1 model calls is reached")
    assert answer.results == {}


def test_a_tool_that_expands_takes_the_place_of_the_model() -> None:
    @lcc.tool(effect="pure")
    def expand(point: str) -> str:
        """Write a point."""
        return f"more on {point}"

    with FakeModelServer(replies) as server:
        answer = run(lambda: skeleton(server, tools=[expand]).ask("?"))
    assert answer.text.startswith("1. The moon's pull: more on The moon's pull\n2. ")
    assert len(server.requests) == 1


def test_examples_of_the_users_replace_its_own() -> None:
    with FakeModelServer(replies) as server:
        run(lambda: skeleton(server).ask("?"))
        run(lambda: skeleton(server, examples=[FewShot("Why rain?", "1. Clouds")]).ask("?"))
    own, given = server.by_role("skeleton")
    assert "How do tides come about?" in own.system
    assert "How do tides come about?" not in given.system
    assert "Question: Why rain?\nSkeleton:\n1. Clouds" in given.system
