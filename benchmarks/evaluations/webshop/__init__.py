"""WebShop: plans that look at ten items at the same time, beside shoppers who look at one after another.

In: wishes, and a shop made from a seed. Out: purchases, and what they are worth by WebShop's rules.
Must not know: how long a model call takes.

Read `shop` and `tools`, then `model` for plans and `sequential` for shoppers; `catalogue` with `vocabulary`, `products` and `goals` make the
shop, `reward` pays.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.evaluation import Outcome, Question, Session, Strategy, find_by_text
from benchmarks.evaluations.asking import asking
from benchmarks.evaluations.webshop.goals import goals
from benchmarks.evaluations.webshop.model import PlanForm, ShopModel, affordable
from benchmarks.evaluations.webshop.purchase import pay
from benchmarks.evaluations.webshop.sequential import TreeSearch, buy_first, step_by_step
from benchmarks.evaluations.webshop.shop import shop_of
from benchmarks.evaluations.webshop.tools import Browser, tools_of
from benchmarks.simulated.asked import Asked, Call, Reply
from benchmarks.simulated.tool_log import ToolLog

FOLDER = Path(__file__).parent
WISHES = 100
"""How many of the five hundred wishes are questions; the tree search takes a few hundred model calls for some."""
SHORT_PLANNERS = ("planner-each", "planner-short")
"""The roles that write plans with `each`."""


def browser_of(log: ToolLog) -> Browser:
    """Return a way to look at the shop that takes its time."""

    async def spend(task: str, tool: str, arguments: Sequence[object]) -> None:
        async with log.call(tool, *arguments, task=task):
            pass

    return Browser(shop_of(), spend)


async def by_rule(session: Session) -> Outcome:
    """Buy the first result of the instruction as it stands."""
    return Outcome(await buy_first(session.question.text, browser_of(session.log)))


async def exhaustively(session: Session) -> Outcome:
    """Look at every result, one after another."""
    async with asking(session) as ask:
        return Outcome(await step_by_step(session.question.text, browser_of(session.log), ask, everything=True))


async def by_tree_search(session: Session) -> Outcome:
    """Search as LATS does."""
    async with asking(session) as ask:
        search = TreeSearch(session.question.record, shop_of(), browser_of(session.log), ask)
        return Outcome(await search.run())


class WebShop:
    """The evaluation."""

    name = "webshop"
    title = "WebShop"
    strategies: Sequence[str] = (
        "lcc",
        "lcc-plan-first",
        "lcc-O0",
        "lcc-O3",
        "lcc-each",
        "lcc-steps",
        "lcc-python",
        "react",
        "openai-parallel",
    )
    baseline = "lats"
    own: Mapping[str, Strategy] = {
        "rule": Strategy("rule", "buy the first result of the instruction", by_rule),
        "exhaustive": Strategy("exhaustive", "look at every result in turn", exhaustively),
        "lats": Strategy("lats", "tree search, one call after another", by_tree_search),
    }

    def __init__(self) -> None:
        self.unplayable: dict[str, str] = {}
        self._models = {form: ShopModel(form=form) for form in PlanForm}

    def questions(self, data: Path | None) -> Sequence[Question]:
        """Return the wishes: they are generated, whatever `data` holds."""
        return [Question(goal.id, goal.instruction, goal.product.asin, goal) for goal in goals()[:WISHES]]

    def tools(self, question: Question, log: ToolLog) -> list[object]:
        """Return `search` and `explore`."""
        return list(tools_of(browser_of(log)))

    def settings(self, strategy: str) -> Mapping[str, Any]:
        """Return two examples, two replans, and room for a result of ten pages; who takes steps may take a few dozen."""
        if strategy in ("react", "openai-parallel"):
            return {"result_tokens": 4_000}
        own = FOLDER / "examples" / strategy.removeprefix("lcc-")
        return {"examples": [own if own.is_dir() else FOLDER / "examples"], "max_replans": 2, "result_tokens": 4_000}

    def reply(self, question: Question, asked: Asked) -> Reply:
        """Play the model that is asked."""
        if asked.role in ("planner-steps", "planner-python"):
            return Reply(affordable(asked.messages, program=asked.role == "planner-python"))
        model = self._models[PlanForm.EACH if asked.role in SHORT_PLANNERS else PlanForm.LITERAL]
        if asked.role == "openai-parallel":
            turn = model.turn(asked.messages)
            made = len(asked.messages)
            calls = enumerate(turn.calls)
            return Reply(
                turn.text, tuple(Call(f"call_{made}_{n}", name, json.dumps(args)) for n, (name, args) in calls)
            )
        text, *more = model.reply(asked.messages, int(asked.body.get("n") or 1), structured=bool(asked.wants_json))
        return Reply(text, more=tuple(more))

    def find(self, asked: Asked, questions: Mapping[str, Question]) -> Question:
        """Return the question that a request is about."""
        return find_by_text(asked, questions)

    def matches(self, question: Question, answer: str) -> bool:
        """Whether the purchase of an answer earns all that can be earned."""
        reward = pay(shop_of(), question.record, answer)
        return reward is not None and reward.success

    def score(self, question: Question, answer: str) -> float:
        """Return the reward of the purchase; 0 if nothing is bought."""
        reward = pay(shop_of(), question.record, answer)
        return 0.0 if reward is None else reward.value


EVALUATION = WebShop()
