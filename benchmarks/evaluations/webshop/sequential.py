"""Shop one call after another: the rule, a shopper by steps, one that looks at everything, and a tree search.

All return an answer as the joiner gives one: `buy[…]`, or that nothing fits. The README says which budgets are whose.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from benchmarks.evaluations.webshop.products import Goal
from benchmarks.evaluations.webshop.prompts import JUDGE, STEP, STEP_ALL, read_score, read_search, read_step
from benchmarks.evaluations.webshop.purchase import NOTHING, Purchase, pay
from benchmarks.evaluations.webshop.shop import NotInShop, Shop, asin_of
from benchmarks.evaluations.webshop.tools import Browser
from benchmarks.evaluations.webshop.visits import Step, messages_of

Ask: TypeAlias = Callable[[str, Sequence[Mapping[str, Any]], int], Awaitable[Sequence[str]]]
"""Asks a model: the role, the conversation, how many samples; returns the samples."""

MAX_STEPS: Final = 60
ITERATIONS: Final = 30
SAMPLES: Final = 5
DEPTH: Final = 15
EXPLORATION: Final = 1.0


async def buy_first(instruction: str, browser: Browser) -> str:
    """Search the instruction as it stands, and buy the first result without options: WebShop's rule."""
    results = await browser.search(instruction)
    asin = asin_of(results[0]) if results else None
    return NOTHING if asin is None else str(Purchase(asin))


async def step_by_step(instruction: str, browser: Browser, ask: Ask, *, everything: bool) -> str:
    """Ask a model for each step. `everything`: it looks at every result; else it buys early."""
    system = STEP_ALL if everything else STEP
    role = "shopper-all" if everything else "shopper"
    steps: list[Step] = []
    while len(steps) < MAX_STEPS:
        (reply,) = await ask(role, messages_of(system, instruction, steps), 1)
        bought = _bought(reply)
        if bought is not None or read_step(reply) is None:
            return bought or NOTHING
        steps.append(await take(reply, browser))
    return NOTHING


async def take(reply: str, browser: Browser) -> Step:
    """Take the step that a reply decides on. What can't be done is seen as such."""
    found = read_step(reply)
    try:
        match found:
            case ("search", what):
                search = read_search(what)
                return Step(reply, "\n".join(await browser.search(search.query, search.page)) or "no results")
            case ("explore", what):
                return Step(reply, await browser.explore(what))
            case _:
                return Step(reply, "that is no action")
    except NotInShop as error:
        return Step(reply, str(error))


def _bought(reply: str) -> str | None:
    found = read_step(reply)
    return f"buy[{found[1]}]" if found is not None and found[0] == "buy" else None


@dataclass(slots=True)
class _Node:
    """A visit so far. `answer`: the purchase that ended it. `total`: of the rewards that came back, and the judge's first score."""

    steps: tuple[Step, ...]
    parent: _Node | None = None
    answer: str | None = None
    total: float = 0.0
    visits: int = 0
    closed: bool = False
    children: list[_Node] = field(default_factory=list)

    @property
    def depth(self) -> int:
        return len(self.steps) + (self.answer is not None)

    def bound(self) -> float:
        """Return the upper confidence bound (UCT) of a child."""
        assert self.parent is not None
        if not self.visits:
            return math.inf
        return self.total / self.visits + EXPLORATION * math.sqrt(math.log(max(self.parent.visits, 1)) / self.visits)


class TreeSearch:
    """A search like LATS (arXiv 2310.04406): select by UCT, expand by samples, judge, roll out, give the reward back.

    Each trial purchase is paid by the environment, which the other ways of shopping aren't told: that is how the source uses it. The
    search ends when one earns all. `iterations`: trajectories; `samples`: of the next step at each expansion; `depth`: steps.
    """

    def __init__(
        self,
        goal: Goal,
        shop: Shop,
        browser: Browser,
        ask: Ask,
        *,
        iterations: int = ITERATIONS,
        samples: int = SAMPLES,
        depth: int = DEPTH,
    ) -> None:
        self._goal = goal
        self._shop = shop
        self._browser = browser
        self._ask = ask
        self._iterations = iterations
        self._samples = samples
        self._depth = depth
        self._best = (-1.0, NOTHING)

    async def run(self) -> str:
        """Return the purchase that earned most."""
        root = _Node(())
        for _ in range(self._iterations):
            node = _select(root)
            if node is None or self._best[0] >= 1:
                break
            await self._expand(node)
            if not node.children:
                node.closed = True
                continue
            child = max(node.children, key=lambda one: one.total)
            if self._best[0] < 1:
                _give_back(child, await self._roll_out(child))
        return self._best[1]

    async def _expand(self, node: _Node) -> None:
        """Add a child for each different step that the model samples, and let each be judged."""
        if node.depth >= self._depth:
            return
        replies = await self._ask("sampler", self._told(STEP, node.steps), self._samples)
        for reply in dict.fromkeys(replies):
            child = await self._child(node, reply)
            if child is None:
                continue
            node.children.append(child)
            if child.answer is not None:
                _give_back(child, self._pay(child.answer))
                child.closed = True
                if self._best[0] >= 1:
                    return
            else:
                (said,) = await self._ask("judge", self._told(JUDGE, child.steps), 1)
                child.total, child.visits = read_score(said), 1

    async def _child(self, node: _Node, reply: str) -> _Node | None:
        bought = _bought(reply)
        if bought is not None:
            return _Node(node.steps, node, bought)
        if read_step(reply) is None:
            return None
        return _Node((*node.steps, await take(reply, self._browser)), node)

    async def _roll_out(self, node: _Node) -> float:
        """Go on from a node, one sample a step, to a purchase; return its reward, 0 if it comes to none."""
        if node.answer is not None:
            return self._pay(node.answer)
        steps = list(node.steps)
        while len(steps) < self._depth:
            (reply, *_) = await self._ask("sampler", self._told(STEP, steps), 1)
            bought = _bought(reply)
            if bought is not None:
                return self._pay(bought)
            if read_step(reply) is None:
                return 0.0
            steps.append(await take(reply, self._browser))
        return 0.0

    def _pay(self, answer: str) -> float:
        reward = pay(self._shop, self._goal, answer)
        value = 0.0 if reward is None else reward.value
        self._best = max(self._best, (value, answer), key=lambda one: one[0])
        return value

    def _told(self, system: str, steps: Sequence[Step]) -> list[dict[str, str]]:
        return messages_of(system, self._goal.instruction, steps)


def _select(root: _Node) -> _Node | None:
    """Return the leaf to expand next; None if everything was tried."""
    node = root
    while node.children:
        open_ = [child for child in node.children if not child.closed]
        if not open_:
            node.closed = True
            if node.parent is None:
                return None
            node = root
            continue
        node = max(open_, key=_Node.bound)
    return None if node.closed else node


def _give_back(node: _Node, reward: float) -> None:
    """Count a reward for a node and all before it."""
    at: _Node | None = node
    while at is not None:
        at.total += reward
        at.visits += 1
        at = at.parent
