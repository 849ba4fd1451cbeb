"""Answer as the model of a game: planner, joiner, proposer and judge, from what the request says and nothing else.

Planner and joiner fill in templates; the proposer and the judge are the program in `simulated`. The planner writes one of two
forms: with `each` and the ids of earlier results, or as the paper's plans are, every kept state written out with a call of its own.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache, partial
from typing import Any, Final

from benchmarks.evaluations.game24.prompts import JUDGE, PROPOSE, asked_position, asked_state
from benchmarks.evaluations.game24.sequential import NO_SOLUTION, STEPS, conclusion
from benchmarks.evaluations.game24.simulated import judge, propose
from benchmarks.evaluations.game24.states import TARGET, numbers_left, read_numbers

Messages = Sequence[Mapping[str, Any]]

END: Final = "<END_OF_PLAN>"
_GAME: Final = re.compile(r"Make 24 of the numbers ([\d ]+)\.")
_NEXT_ID: Final = re.compile(r"number its calls from (\d+)")
_SELECTED: Final = re.compile(
    r"^(?:\$?(?P<id>\d+)\.? ?\(?)top_k_select\([^\"\n]*?\)\)? = (?P<states>\[.*\])$", re.MULTILINE
)
_PRINTED: Final = re.compile(r"^Printed:\n(\[.*\])$", re.MULTILINE)
_RESULTS: Final = re.compile(r"^(?:Request: .*\n\n)?Results(?: of further calls)?:$", re.MULTILINE)


class PlanForm(StrEnum):
    """How the planner writes a round. `EACH`: three calls, whatever was kept. `LITERAL`: two calls for each kept state, and one."""

    EACH = "each"
    LITERAL = "literal"


def question_of(game: str) -> str:
    """Return what is asked for a game such as `1 2 4 7`."""
    return f"Make 24 of the numbers {game}. Answer with the expression alone, or with: no solution"


class GameModel:
    """The model. What it answers depends on the request alone; proposals and verdicts are kept, so that an answer costs no time the
    second time."""

    def __init__(self, *, form: PlanForm = PlanForm.EACH, seed: int = 0) -> None:
        self._form = form
        self._propose = cache(partial(propose, seed=seed))
        self._judge = cache(partial(judge, seed=seed))

    def reply(self, messages: Messages, samples: int = 1, *, structured: bool = False) -> list[str]:
        """Return samples of the reply to a conversation. `structured`: a joiner's reply must be JSON.

        Raises ValueError for a conversation that is none of this evaluation's.
        """
        system, last = str(messages[0]["content"]), str(messages[-1]["content"])
        if system == PROPOSE and (state := asked_state(last)) is not None:
            return ["\n".join(self._propose(state))] * samples
        if system == JUDGE and (position := asked_position(last)) is not None:
            return [self._verdict(*position, sample) for sample in range(samples)]
        if END in system:
            return [self._plan(messages)]
        if "results of tool calls" in system:
            return [self._decide(messages, structured=structured)]
        raise ValueError("no role in the Game of 24 asks this")

    def _verdict(self, game: str, left: str, sample: int) -> str:
        return "\n".join(self._judge(game, read_numbers(left), sample))

    def _plan(self, messages: Messages) -> str:
        last = str(messages[-1]["content"])
        following = _NEXT_ID.search(last)
        if following is None:
            found = _GAME.search(last)
            if found is None:
                raise ValueError("the request holds no game")
            return _first_plan(found[1])
        id_, states = _selection(last)
        number = int(following[1])
        return _next_plan(number, id_) if self._form is PlanForm.EACH else _literal_plan(number, states)

    def _decide(self, messages: Messages, *, structured: bool) -> str:
        said = "\n".join(str(message["content"]) for message in messages if message["role"] == "user")
        id_, states = _selection(said)
        rounds = len(_RESULTS.findall(said))
        may_replan = "eplan" in str(messages[0]["content"]) or '"replan"' in str(messages[0]["content"])
        answer = conclusion(states)
        left = len(numbers_left(states[0])) if states else 0
        if answer == NO_SOLUTION and left > 1 and rounds < STEPS and may_replan:
            thought = f"No state has reached {TARGET} yet; the kept states have {left} numbers left."
            return _decision(thought, "replan", f"continue from the {len(states)} states of ${id_}", structured)
        thought = (
            "No kept state reaches 24."
            if answer == NO_SOLUTION
            else "A state reaches 24; its steps make the expression."
        )
        return _decision(thought, "finish", answer, structured)


def _first_plan(game: str) -> str:
    return f'1. thought_proposer("{game}")\n2. state_evaluator($1)\n3. top_k_select([$1], [$2])\n4. join($3)\n{END}'


def whole_search(game: str, *, program: bool) -> str:
    """Return the whole search of a game at once, as a plan or as a program."""
    if program:
        return (
            f'```python\nkept = ["{game}"]\nfor step in range({STEPS}):\n'
            "    thoughts = [thought_proposer(state) for state in kept]\n"
            "    values = [state_evaluator(some) for some in thoughts]\n"
            "    kept = top_k_select(thoughts, values)\nprint(kept)\n```"
        )
    first = f'1. thought_proposer("{game}")\n2. state_evaluator($1)\n3. top_k_select([$1], [$2])'
    later = [
        f"{n}. thought_proposer(each ${n - 1})\n{n + 1}. state_evaluator(each ${n})\n{n + 2}. top_k_select(${n}, ${n + 1})"
        for n in range(4, 3 * STEPS, 3)
    ]
    return "\n".join([first, *later, f"{3 * STEPS + 1}. join(${3 * STEPS})", END])


def _next_plan(number: int, selected: int) -> str:
    n = number
    return (
        f"{n}. thought_proposer(each ${selected})\n{n + 1}. state_evaluator(each ${n})\n"
        f"{n + 2}. top_k_select(${n}, ${n + 1})\n{n + 3}. join(${n + 2})\n{END}"
    )


def _literal_plan(number: int, states: Sequence[str]) -> str:
    ids = range(number, number + 2 * len(states), 2)
    lines = [
        f"{id_}. thought_proposer({json.dumps(state)})\n{id_ + 1}. state_evaluator(${id_})"
        for id_, state in zip(ids, states, strict=True)
    ]
    proposed, valued = (", ".join(f"${id_ + more}" for id_ in ids) for more in (0, 1))
    last = number + 2 * len(states)
    return "\n".join([*lines, f"{last}. top_k_select([{proposed}], [{valued}])", f"{last + 1}. join(${last})", END])


def _selection(text: str) -> tuple[int, list[str]]:
    """Return the last selection that a text shows: the id of its call, and the states."""
    found = [*_SELECTED.finditer(text)]
    if not found:
        return 0, _printed(text)
    try:
        states = json.loads(found[-1]["states"])
    except ValueError:  # cut: what can't be read can't be used
        return 0, []
    return int(found[-1]["id"]), [state for state in states if isinstance(state, str)]


def _printed(text: str) -> list[str]:
    """Return the states that a program printed."""
    found = _PRINTED.search(text)
    try:
        states = ast.literal_eval(found[1]) if found else []
    except (ValueError, SyntaxError):  # cut: what can't be read can't be used
        return []
    return [state for state in states if isinstance(state, str)]


def _decision(thought: str, action: str, said: str, structured: bool) -> str:
    if structured:
        return json.dumps({"thought": thought, "action": action, "answer": said})
    return f"Thought: {thought}\nAction: {action.capitalize()}({said})"
