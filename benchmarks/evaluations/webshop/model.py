"""Answer as the model of a shopper: planner, joiner, shopper by steps and judge, from what the request says and nothing else.

What every role knows is how to read instructions and pages (`chooser`). So all ways of shopping use the same queries and the same
judgement, and differ in what they look at, and when.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any, Final

from benchmarks.evaluations.webshop.chooser import (
    Search,
    best_fit,
    full_query,
    next_search,
    pages_in,
    shorter_query,
)
from benchmarks.evaluations.webshop.prompts import JUDGE, STEP, STEP_ALL, read_search, read_step, search_text, step_text
from benchmarks.evaluations.webshop.purchase import NOTHING, Purchase
from benchmarks.evaluations.webshop.visits import History, Messages, by_calls, by_react, by_steps, wish_in

END: Final = "<END_OF_PLAN>"
REACT: Final = "Answer a question in steps of Thought, Action and Observation."
"""What lcc's ReAct prompt begins with."""
GIVES_UP: Final = 3
"""Items that the shopper by steps looks at before it buys the best of them."""

_WANTED: Final = re.compile(r"search for `(?P<query>[^`\n]*)`, page (?P<page>\d)")
_NEXT_STEP: Final = re.compile(r"number its (?:calls|steps) from (\d+)")
_NEXT_ID: Final = re.compile(r"number its calls from (\d+)")


class PlanForm(StrEnum):
    """How the planner writes that all results are looked at. `EACH`: one call for all; `LITERAL`: a call for each."""

    EACH = "each"
    LITERAL = "literal"


@dataclass(frozen=True, slots=True)
class Turn:
    """A reply with native tool calls: each a tool and its arguments; or a text."""

    text: str = ""
    calls: tuple[tuple[str, Mapping[str, Any]], ...] = ()


class ShopModel:
    """The model. It keeps nothing between requests."""

    def __init__(self, *, form: PlanForm = PlanForm.EACH, seed: int = 0) -> None:
        self._form = form
        self._seed = seed

    def reply(self, messages: Messages, samples: int = 1, *, structured: bool = False) -> list[str]:
        """Return samples of the reply to a conversation. `structured`: a joiner's reply must be JSON.

        Raises ValueError for a conversation that is none of this evaluation's.
        """
        system = str(messages[0]["content"])
        if system == JUDGE:
            return [_judge(by_steps(messages))] * samples
        if system == STEP_ALL:
            return [_look_at_all(by_steps(messages))] * samples
        if system == STEP:
            history = by_steps(messages)
            if samples == 1:
                return [_look_at_few(history)]
            return [self._sample(history, messages, number) for number in range(samples)]
        if system.startswith(REACT):
            return [_in_react(_look_at_few(by_react(messages)))] * samples
        if END in system:
            return [self._plan(messages)]
        if "results of tool calls" in system:
            return [_decide(messages, structured=structured)]
        raise ValueError("no role in WebShop asks this")

    def turn(self, messages: Messages) -> Turn:
        """Return the next turn of a conversation with native tool calls: all calls that can be made at once, or the answer."""
        history = by_calls(messages)
        if history.unseen:
            return Turn(calls=tuple(("explore", {"item": item}) for item in history.unseen))
        following = next_search(history.wish, history.rounds)
        if following is None:
            return Turn(f"I buy what fits best.\nAnswer: {_purchase(history) or NOTHING}")
        page = {} if following.page == 1 else {"page": following.page}
        return Turn(calls=(("search", {"query": following.query, **page}),))

    def _plan(self, messages: Messages) -> str:
        last = str(messages[-1]["content"])
        following = _NEXT_ID.search(last)
        wanted = [*_WANTED.finditer(last)]
        if following is None or not wanted:
            return _plan_text(self._form, 1, Search(full_query(wish_in(messages))))
        search = Search(wanted[-1]["query"], int(wanted[-1]["page"]))
        return _plan_text(self._form, int(following[1]), search)

    def _sample(self, history: History, messages: Messages, number: int) -> str:
        """Take one of the steps that are sensible now, by chance: what sampling at a temperature gives."""
        said = "|".join(str(message["content"]) for message in messages[1:])
        random = Random(hashlib.sha256(f"{self._seed}|{number}|{said}".encode()).digest())
        wish = history.wish
        if not history.searches:
            words = [full_query(wish), " ".join([wish.noun, *wish.attributes])]
            words += [f"{wish.noun} {one}" for one in (*wish.attributes, *wish.options.values())]
            return step_text("I search.", "search", random.choice(words))
        best = best_fit(wish, list(history.pages.values()))
        drawn = random.random()
        if best is not None and drawn < (0.8 if best.estimate >= 1 else 0.2):
            return _buy(history)
        if history.unseen and drawn < 0.9:
            place = min(int(random.expovariate(0.5)), len(history.unseen) - 1)
            return step_text("I look at another.", "explore", history.unseen[place])
        done = {search for search, _ in history.searches}
        pages = list(history.pages.values())
        others = [Search(shorter_query(wish, pages)), Search(full_query(wish)), Search(full_query(wish), 2)]
        others = [search for search in others if search not in done]
        if others:
            return step_text("I search again.", "search", search_text(random.choice(others)))
        return _buy(history)


def _look_at_few(history: History) -> str:
    """Open results in order; buy the first that fits in every way, or after three the best."""
    best = best_fit(history.wish, list(history.pages.values()))
    if not history.searches:
        return step_text("I search for all that is wanted.", "search", full_query(history.wish))
    if best is not None and (best.estimate >= 1 or len(history.pages) >= GIVES_UP or not history.unseen):
        return _buy(history)
    if history.unseen:
        return step_text("I look at the next result.", "explore", history.unseen[0])
    return f"Thought: {NOTHING.capitalize()}."


def _look_at_all(history: History) -> str:
    """Look at every result; then buy the best, or search again: what planner and joiner decide together."""
    if history.unseen:
        return step_text("I look at the next result.", "explore", history.unseen[0])
    following = next_search(history.wish, history.rounds)
    if following is not None:
        return step_text("I search.", "search", search_text(following))
    return _buy(history)


def _buy(history: History) -> str:
    purchase = _purchase(history)
    if purchase is None:
        return f"Thought: {NOTHING.capitalize()}."
    return step_text("I buy what fits best.", "buy", str(purchase).removeprefix("buy[").removesuffix("]"))


def _purchase(history: History) -> Purchase | None:
    best = best_fit(history.wish, list(history.pages.values()))
    return None if best is None else Purchase(best.item.asin, best.options)


def _in_react(reply: str) -> str:
    """Return a step as lcc's ReAct loop reads it."""
    step = read_step(reply)
    thought = reply.splitlines()[0]
    match step:
        case ("search", what):
            search = read_search(what)
            page = "" if search.page == 1 else f", {search.page}"
            return f"{thought}\nAction: search({json.dumps(search.query)}{page})"
        case ("explore", what):
            return f"{thought}\nAction: explore({json.dumps(what)})"
        case ("buy", what):
            return f"{thought}\nAction: Finish(buy[{what}])"
        case _:
            return f"{thought}\nAction: Finish({NOTHING})"


def _judge(history: History) -> str:
    best = best_fit(history.wish, list(history.pages.values()))
    if best is None:
        return "Nothing was looked at yet.\nScore: 3"
    return f"{best.item.title} lacks {', '.join(best.missing) or 'nothing'}.\nScore: {int(best.estimate * 10)}"


def _decide(messages: Messages, *, structured: bool) -> str:
    """Reply as the joiner: buy the best item, or search once more."""
    wish = wish_in(messages)
    searches = [Search(full_query(wish))]
    rounds: list[tuple[Search, list[str]]] = []
    for message in messages[1:]:
        said = str(message["content"])
        if message["role"] == "assistant":
            searches += [Search(found["query"], int(found["page"])) for found in _WANTED.finditer(said)]
        elif pages := pages_in(said):
            rounds.append((searches[-1], pages))
    following = next_search(wish, rounds) if "eplan" in str(messages[0]["content"]) else None
    if following is not None and rounds:
        said = f"search for `{following.query}`, page {following.page}"
        return _decision("No item has all that is wanted.", "replan", said, structured)
    best = best_fit(wish, [page for _, pages in rounds for page in pages])
    if best is None:
        return _decision("No item was seen.", "finish", NOTHING, structured)
    thought = f"{best.item.asin} lacks {', '.join(best.missing) or 'nothing'}."
    return _decision(thought, "finish", str(Purchase(best.item.asin, best.options)), structured)


def _plan_text(form: PlanForm, number: int, search: Search) -> str:
    page = "" if search.page == 1 else f", {search.page}"
    lines = [f"{number}. search({json.dumps(search.query)}{page})"]
    if form is PlanForm.EACH:
        lines += [f"{number + 1}. explore(each ${number})", f"{number + 2}. join(${number + 1})"]
    else:
        lines += [f"{number + 1 + place}. explore(${number}[{place}])" for place in range(10)]
        lines.append(f"{number + 11}. join()")
    return "\n".join([*lines, END])


def affordable(messages: Messages, *, program: bool) -> str:
    """Return a plan with steps, or a program, that looks at those results whose price the wish allows."""
    wish, last = wish_in(messages), str(messages[-1]["content"])
    wanted, following = [*_WANTED.finditer(last)], _NEXT_STEP.search(last)
    search = Search(wanted[-1]["query"], int(wanted[-1]["page"])) if wanted else Search(full_query(wish))
    page = "" if search.page == 1 else f", {search.page}"
    called = f"search({json.dumps(search.query)}{page})"
    cheap = f'float(item.split(" | ")[3].split()[0]) <= {wish.cap:g}'
    if program:
        return f"```python\nfor item in {called}:\n    if {cheap}:\n        print(explore(item))\n```"
    n = int(following[1]) if following else 1
    return (
        f"{n}. {called}\n{n + 1}. for item in ${n}:\n    {n + 2}. explore(item) when {cheap}\n    yield ${n + 2}\n"
        f"{n + 3}. join(${n + 1})\n{END}"
    )


def _decision(thought: str, action: str, said: str, structured: bool) -> str:
    if structured:
        return json.dumps({"thought": thought, "action": action, "answer": said})
    return f"Thought: {thought}\nAction: {action.capitalize()}({said})"
