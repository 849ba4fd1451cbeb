"""The parallel search for 24, planned round by round, ends as Tree of Thoughts does, which makes one call after another."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import anyio
import pytest
from fake_model_server import FakeModelServer, Recorded

import lcc
from benchmarks.evaluations.game24.checker import is_correct
from benchmarks.evaluations.game24.games import packaged_games, read_games
from benchmarks.evaluations.game24.model import GameModel, PlanForm, question_of
from benchmarks.evaluations.game24.prompts import JUDGE, PROPOSE
from benchmarks.evaluations.game24.sequential import NO_SOLUTION, tree_of_thoughts
from benchmarks.evaluations.game24.tools import Thinker, select, tools_of

EXAMPLES = Path(__file__).parents[2] / "benchmarks" / "evaluations" / "game24" / "examples"
GAMES = ["1 1 1 1", *packaged_games()[:4]]
MODELS = {form: GameModel(form=form) for form in PlanForm}
INSTANCES = Path(os.environ.get("LCC_CORPUS", "")) / "game24" / "instances.json"


class Calls:
    """A thinker's model without a server. `made` counts the calls; `most` is how many were under way at one time."""

    def __init__(self, model: GameModel) -> None:
        self._model = model
        self.made: Counter[tuple[str, str, int]] = Counter()
        self.most = self._now = 0

    async def ask(self, system: str, user: str, samples: int) -> Sequence[str]:
        self.made[system, user, samples] += 1
        self._now += 1
        self.most = max(self.most, self._now)
        for _ in range(20):  # turns of the loop: trio takes the calls that are under way in any order
            await anyio.lowlevel.checkpoint()
        self._now -= 1
        return self._model.reply([{"content": system}, {"content": user}], samples)


def sequentially(model: GameModel, games: Sequence[str]) -> list[tuple[str, Calls]]:
    async def main() -> list[tuple[str, Calls]]:
        found = []
        for game in games:
            calls = Calls(model)
            found.append((await tree_of_thoughts(game, Thinker(calls.ask, wide=False)), calls))
        return found

    return anyio.run(main)


def by_plans(model: GameModel, games: Sequence[str], backend: str, *, wide: bool) -> list[tuple[lcc.Answer, Calls]]:
    def answering(request: Recorded) -> str:
        (reply,) = model.reply(request.messages, structured="response_format" in request.body)
        return reply

    async def main() -> list[tuple[lcc.Answer, Calls]]:
        settings = lcc.ModelSettings(model="fake", base_url=server.base_url)
        found = []
        for game in games:
            calls = Calls(model)
            tools = tools_of(Thinker(calls.ask, wide=wide))
            agent = lcc.Agent(tools, settings, max_replans=2, result_tokens=500, examples=[EXAMPLES])
            found.append((await agent.ask(question_of(game)), calls))
        return found

    with FakeModelServer(answering, chunk=None) as server:
        return anyio.run(main, backend=backend)


@pytest.mark.parametrize(
    ("backend", "form", "wide"),
    [
        ("asyncio", PlanForm.EACH, True),
        ("trio", PlanForm.EACH, False),
        ("asyncio", PlanForm.LITERAL, False),
        ("trio", PlanForm.LITERAL, True),
    ],
)
def test_plans_end_with_the_answers_and_calls_of_the_sequential_search(
    backend: str, form: PlanForm, wide: bool
) -> None:
    model = MODELS[form]
    expected = sequentially(model, GAMES)
    found = by_plans(model, GAMES, backend, wide=wide)
    assert [answer.text for answer, _ in found] == [text for text, _ in expected]
    assert [calls.made for _, calls in found] == [calls.made for _, calls in expected]
    assert {NO_SOLUTION} < {answer.text for answer, _ in found}
    for game, (answer, calls) in zip(GAMES, found, strict=True):
        assert answer.ok
        assert not answer.diagnostics
        assert len(answer.rounds) == 3
        assert all(len(round_.written.tasks) in (3, 11) or game == "1 1 1 1" for round_ in answer.rounds)
        if form is PlanForm.EACH:  # how many calls of a plan are under way that is still arriving is up to the network
            assert calls.most > 3
        assert is_correct(game, answer.text) is (answer.text != NO_SOLUTION)
    assert all(calls.most == 1 for _, calls in expected)


def test_three_calls_with_each_do_what_eleven_written_out_do() -> None:
    games = GAMES[1:3]
    short = by_plans(MODELS[PlanForm.EACH], games, "asyncio", wide=True)
    long = by_plans(MODELS[PlanForm.LITERAL], games, "asyncio", wide=True)
    for (one, made), (other, made_too) in zip(short, long, strict=True):
        assert one.text == other.text
        assert made.made == made_too.made
        assert [len(round_.written.tasks) for round_ in one.rounds] == [3, 3, 3]
        assert [len(round_.written.tasks) for round_ in other.rounds] == [3, 11, 11]
        assert one.usage["planner"].tokens.completion < other.usage["planner"].tokens.completion / 2


def test_a_judge_that_fails_once_is_asked_again_by_who_waits_for_it() -> None:
    class Broken(Exception):
        pass

    asked: list[str] = []

    async def ask(system: str, user: str, samples: int) -> list[str]:
        asked.append(user)
        await anyio.sleep(0)
        if len(asked) == 1:
            raise Broken
        return ["sure"] * samples

    async def main() -> list[float]:
        thinker = Thinker(ask, wide=False)
        values: list[float] = []

        async def first() -> None:
            with pytest.raises(Broken):
                await thinker.evaluate(["2 12"])

        async with anyio.create_task_group() as group:
            group.start_soon(first)
            await anyio.sleep(0)
            values += await thinker.evaluate(["2 12", "2 12"])
        return values

    assert anyio.run(main) == [60, 60]
    assert len(asked) == 2


def test_selection_keeps_the_best_in_order_and_equal_numbers_once() -> None:
    one, two, three = "1 + 7 = 8 (left: 2 4 8)", "1 * 4 = 4 (left: 2 4 7)", "8 / 1 = 8 (left: 2 4 8)"
    assert select([[one, two], [three]], [[1.0, 2.0], [60.0]]) == [two, one]
    assert select([[one, two]], [[1.0, 1.0]], k=1) == [one]
    assert select([[one]], [[1.0]], k=-1) == []
    with pytest.raises(ValueError, match="zip"):
        select([[one]], [[]])


def test_the_model_answers_nobody_else() -> None:
    with pytest.raises(ValueError, match="no role"):
        GameModel().reply([{"role": "user", "content": "What are tides?"}])
    assert GameModel().reply([{"content": PROPOSE}, {"content": "State: 1 2 4 7\nNumbers: 1 2 4 7"}])
    assert len(GameModel().reply([{"content": JUDGE}, {"content": "Game: 1 2 4 7\nNumbers left: 2 12"}], 3)) == 3


@pytest.mark.slow
def test_all_packaged_games_end_as_they_did() -> None:
    found = sequentially(GameModel(), packaged_games())
    assert sum(is_correct(game, text) for game, (text, _) in zip(packaged_games(), found, strict=True)) == 77
    assert sum(text != NO_SOLUTION for text, _ in found) == 77


@pytest.mark.slow
@pytest.mark.skipif(not INSTANCES.is_file(), reason="LCC_CORPUS names no folder with the games")
def test_the_games_of_the_source_are_played_as_by_the_reference() -> None:
    games = read_games(INSTANCES)
    answers = dict(zip(games, (text for text, _ in sequentially(GameModel(), games)), strict=True))
    assert json.loads(INSTANCES.read_text())["instances"][0]["numbers"] == games[0]
    assert answers["1 2 4 7"] == "2 * (4 + (1 + 7))"
    assert sum(is_correct(game, text) for game, text in answers.items()) == 78
