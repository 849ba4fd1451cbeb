"""Shopping by plans chooses what the exhaustive search chooses, which looks at one item after another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest
from fake_model_server import FakeModelServer, Recorded

import lcc
from benchmarks.evaluations.webshop.chooser import Search, best_fit, next_search, read_wish
from benchmarks.evaluations.webshop.goals import goals
from benchmarks.evaluations.webshop.model import PlanForm, ShopModel
from benchmarks.evaluations.webshop.products import Goal
from benchmarks.evaluations.webshop.prompts import read_search, read_step, search_text, step_text
from benchmarks.evaluations.webshop.purchase import NOTHING, pay, read_purchase
from benchmarks.evaluations.webshop.sequential import (
    ITERATIONS,
    SAMPLES,
    TreeSearch,
    buy_first,
    step_by_step,
    take,
)
from benchmarks.evaluations.webshop.shop import shop_of
from benchmarks.evaluations.webshop.tools import Browser, tools_of

EXAMPLES = Path(__file__).parents[2] / "benchmarks" / "evaluations" / "webshop" / "examples"
SHOP = shop_of()
MODEL = ShopModel()
GOALS = goals()[:20]


class Calls:
    """What is called. `made` counts by role or tool; `most`: looks under way at one time."""

    def __init__(self) -> None:
        self.made: Counter[str] = Counter()
        self.arguments: list[tuple[str, tuple[object, ...]]] = []
        self.most = self._now = 0

    async def ask(self, role: str, messages: Sequence[Mapping[str, Any]], samples: int) -> Sequence[str]:
        self.made[role] += 1
        return MODEL.reply(messages, samples)

    async def spend(self, task: str, tool: str, arguments: Sequence[object]) -> None:
        self.made[tool] += 1
        self.arguments.append((tool, tuple(arguments)))
        self._now += 1
        self.most = max(self.most, self._now)
        await anyio.sleep(0)
        self._now -= 1

    @property
    def browser(self) -> Browser:
        return Browser(SHOP, self.spend)


def one_by_one(goal: Goal, *, everything: bool) -> tuple[str, Calls]:
    calls = Calls()

    async def main() -> str:
        return await step_by_step(goal.instruction, calls.browser, calls.ask, everything=everything)

    return anyio.run(main), calls


def by_plans(form: PlanForm, wishes: Sequence[Goal], backend: str) -> list[tuple[lcc.Answer, Calls]]:
    model = ShopModel(form=form)

    def answering(request: Recorded) -> str:
        (reply,) = model.reply(request.messages, structured="response_format" in request.body)
        return reply

    async def main() -> list[tuple[lcc.Answer, Calls]]:
        settings = lcc.ModelSettings(model="fake", base_url=server.base_url)
        found = []
        for goal in wishes:
            calls = Calls()
            agent = lcc.Agent(
                tools_of(calls.browser), settings, max_replans=2, result_tokens=4_000, examples=[EXAMPLES]
            )
            found.append((await agent.ask(goal.instruction), calls))
        return found

    with FakeModelServer(answering, chunk=None) as server:
        return anyio.run(main, backend=backend)


def success(goal: Goal, answer: str) -> bool:
    reward = pay(SHOP, goal, answer)
    return reward is not None and reward.success


@pytest.mark.parametrize(("form", "backend"), [(PlanForm.EACH, "trio"), (PlanForm.LITERAL, "asyncio")])
def test_plans_choose_the_items_that_the_exhaustive_search_chooses(form: PlanForm, backend: str) -> None:
    expected = [one_by_one(goal, everything=True) for goal in GOALS]
    found = by_plans(form, GOALS, backend)
    assert [answer.text for answer, _ in found] == [text for text, _ in expected]
    assert {len(answer.rounds) for answer, _ in found} > {1}
    for (answer, calls), (_, theirs) in zip(found, expected, strict=True):
        assert answer.ok
        assert not answer.diagnostics
        if form is PlanForm.EACH:  # how many calls of a plan are under way that is still arriving is up to the network
            assert calls.most > 3
        assert theirs.most == 1
        searches = [call for call in calls.arguments if call[0] == "search"]
        assert searches == [call for call in theirs.arguments if call[0] == "search"]
        assert len(searches) == len(answer.rounds)
        assert set(calls.arguments) == set(theirs.arguments)
        assert theirs.made["shopper-all"] == sum(theirs.made.values()) - theirs.made["shopper-all"] + 1


def test_a_plan_with_each_is_two_calls() -> None:
    (short, _), (long, _) = (by_plans(form, GOALS[:1], "asyncio")[0] for form in PlanForm)
    assert short.text == long.text
    assert {len(round_.written.tasks) for round_ in short.rounds} == {2}
    assert {len(round_.written.tasks) for round_ in long.rounds} == {11}


def test_who_looks_at_more_succeeds_more_often() -> None:
    async def rule(goal: Goal) -> str:
        return await buy_first(goal.instruction, Calls().browser)

    wishes = goals()[:100]
    by_rule = sum(success(goal, anyio.run(rule, goal)) for goal in wishes)
    early = sum(success(goal, one_by_one(goal, everything=False)[0]) for goal in wishes)
    late = sum(success(goal, one_by_one(goal, everything=True)[0]) for goal in wishes)
    assert by_rule < early < late


def test_the_early_shopper_looks_at_three_items_at_most() -> None:
    for goal in GOALS:
        text, calls = one_by_one(goal, everything=False)
        assert read_purchase(text) is not None
        assert calls.made["search"] == 1
        assert 1 <= calls.made["explore"] <= 3
        assert calls.made["shopper"] == calls.made["explore"] + 2


def tree_search(goal: Goal, **budget: int) -> tuple[str, Calls]:
    calls = Calls()

    async def main() -> str:
        return await TreeSearch(goal, SHOP, calls.browser, calls.ask, **budget).run()

    return anyio.run(main), calls


def test_the_tree_search_ends_with_the_best_purchase_and_within_its_budget() -> None:
    assert (ITERATIONS, SAMPLES) == (30, 5)
    for goal in GOALS[:8]:
        text, calls = tree_search(goal)
        assert tree_search(goal)[0] == text
        assert calls.most == 1
        assert calls.made["judge"] <= ITERATIONS * SAMPLES
        more, less = pay(SHOP, goal, text), pay(SHOP, goal, tree_search(goal, iterations=1)[0])
        assert more is not None
        assert less is None or more.value >= less.value


def test_a_tree_search_without_a_budget_buys_nothing() -> None:
    assert tree_search(GOALS[0], iterations=0)[0] == NOTHING
    assert tree_search(GOALS[0], depth=0)[0] == NOTHING


def test_a_step_that_cannot_be_taken_is_seen_as_such() -> None:
    async def main(reply: str) -> str:
        return (await take(reply, Browser(SHOP))).seen

    assert "no item 'B999999999'" in anyio.run(main, step_text("", "explore", "B999999999"))
    assert "no line of results" in anyio.run(main, step_text("", "explore", "the first one"))
    assert "pages 1 to 5" in anyio.run(main, step_text("", "search", "lamp; page 9"))
    assert anyio.run(main, step_text("", "search", "xyzzy")) == "no results"
    assert anyio.run(main, "I am lost") == "that is no action"


def test_a_shopper_who_says_nothing_buys_nothing() -> None:
    async def silent(role: str, messages: object, samples: int) -> list[str]:
        return ["I don't know."]

    async def endless(role: str, messages: object, samples: int) -> list[str]:
        return [step_text("", "search", "lamp")]

    async def main() -> list[str]:
        instruction = GOALS[0].instruction
        return [await step_by_step(instruction, Browser(SHOP), ask, everything=True) for ask in (silent, endless)]

    assert anyio.run(main) == [NOTHING, NOTHING]


def test_steps_and_searches_read_back() -> None:
    for search in (Search("lamp warm glow"), Search("lamp", 2)):
        assert read_search(search_text(search)) == search
    assert read_step("Thought: a\nAction: explore[B000000001]") == ("explore", "B000000001")
    assert read_step("Action: steal[B000000001]") is None


def test_what_was_searched_is_not_searched_again_and_three_searches_are_enough() -> None:
    wish = read_wish("i want a warm glow lamp, and price lower than 10.00 dollars")
    dear = [SHOP.item(asin) for asin in list(SHOP.products)[:3]]
    rounds: list[tuple[Search, list[str]]] = []
    while (following := next_search(wish, rounds)) is not None:
        rounds.append((following, dear))
    assert [search for search, _ in rounds] == [
        Search("lamp warm glow"),
        *(Search("lamp warm glow", n) for n in (2, 3)),
    ]
    best = best_fit(wish, dear)
    assert best is not None
    assert best.estimate < 1


def test_the_model_answers_nobody_else() -> None:
    with pytest.raises(ValueError, match="no role"):
        MODEL.reply([{"role": "user", "content": "What are tides?"}])
