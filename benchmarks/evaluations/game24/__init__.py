"""The Game of 24: a search that plans round by round, beside Tree of Thoughts, which makes one call after another.

In: games of four numbers. Out: expressions, checked.
Must not know: how long a model call takes.

Read `states`, `tools` and `model`, then `sequential`, the baseline; `prompts` and `simulated` are the model's two roles, `checker` is strict.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.evaluation import NoData, Outcome, Question, Runner, Session, Strategy, find_by_text
from benchmarks.evaluations.asking import Ask, asking
from benchmarks.evaluations.game24.checker import is_correct
from benchmarks.evaluations.game24.games import packaged_games, read_games
from benchmarks.evaluations.game24.model import GameModel, PlanForm, question_of, whole_search
from benchmarks.evaluations.game24.prompts import PROPOSE, asked_position, asked_state
from benchmarks.evaluations.game24.sequential import tree_of_thoughts
from benchmarks.evaluations.game24.states import game_of
from benchmarks.evaluations.game24.tools import Samples, Thinker, Watch, tools_of
from benchmarks.simulated.asked import Asked, Reply
from benchmarks.simulated.tool_log import ToolCall, ToolLog
from benchmarks.strategies import dialect, lcc_runner

FOLDER = Path(__file__).parent
SHORT_PLANNERS = ("planner-each", "planner-short")
"""The roles that write plans with `each`."""


@dataclass(slots=True)
class GameSession(Session):
    """A session whose tools ask the session's own model."""

    own_tools: list[object] = field(default_factory=list)

    @property
    def tools(self) -> list[object]:
        """The tools of the game."""
        return self.own_tools


def samples_of(ask: Ask) -> Samples:
    """Return how the thinker's two roles are asked."""

    async def sample(system: str, user: str, count: int) -> list[str]:
        role = "proposer" if system == PROPOSE else "judge"
        return await ask(role, [{"role": "system", "content": system}, {"role": "user", "content": user}], count)

    return sample


def by_plans(runner: Runner, *, wide: bool = True) -> Runner:
    """Return a run of lcc whose tools ask the model. `wide`: states of one call are judged at the same time."""

    async def run(session: Session) -> Outcome:
        async with asking(session) as ask:
            thinker = Thinker(samples_of(ask), wide=wide)
            return await runner(
                GameSession(
                    session.evaluation,
                    session.question,
                    session.log,
                    session.base_url,
                    session.key,
                    session.model,
                    list(tools_of(thinker, logged(session.log))),
                )
            )

    return run


def logged(log: ToolLog) -> Watch:
    """Return how a call is noted: it takes what the model calls in it take, so no time of its own is drawn."""

    @asynccontextmanager
    async def watch(tool: str, task: str) -> AsyncIterator[None]:
        one = ToolCall(tool, task, 0.0, now())
        log.calls.append(one)
        await asyncio.sleep(0)  # so that others start before this one makes its request
        try:
            yield
        finally:
            one.ended = now()
            one.seconds = one.ended - one.began

    return watch


def now() -> float:
    """Return the event loop's time, in seconds."""
    return asyncio.get_running_loop().time()


async def sequentially(session: Session) -> Outcome:
    """Run Tree of Thoughts."""
    async with asking(session) as ask:
        return Outcome(await tree_of_thoughts(session.question.record, Thinker(samples_of(ask), wide=False)))


_LCC: list[tuple[str, str, Runner, bool]] = [
    ("lcc", "a call for each kept state, streaming, -O2", lcc_runner("lcc"), True),
    ("lcc-plan-first", "the plan is read once it is whole", lcc_runner("lcc-plan-first", stream=False), True),
    ("lcc-O0", "no optimization", lcc_runner("lcc-O0", agent={"level": 0}), True),
    ("lcc-each", "the same plan with `each`", lcc_runner("lcc-each", planner="planner-each"), True),
    ("lcc-narrow-judge", "as lcc, but each call judges one state after another", lcc_runner("lcc"), False),
]


STEPS = "all three rounds in one plan"
PROGRAM = "all three rounds in one program, as a loop"


class Game24:
    """The evaluation."""

    name = "game24"
    title = "Game of 24"
    strategies: Sequence[str] = ()
    baseline = "tree-of-thoughts"
    own: Mapping[str, Strategy] = {
        **{name: Strategy(name, says, by_plans(run, wide=wide), limited=True) for name, says, run, wide in _LCC},
        **{
            one.name: replace(one, run=by_plans(one.run))
            for one in (dialect("steps", STEPS), dialect("python", PROGRAM))
        },
        "tree-of-thoughts": Strategy("tree-of-thoughts", "Tree of Thoughts, one call after another", sequentially),
    }

    def __init__(self) -> None:
        self.unplayable: dict[str, str] = {}
        self._models = {form: GameModel(form=form) for form in PlanForm}

    def questions(self, data: Path | None) -> Sequence[Question]:
        """Return the games of `data/game24/instances.json`, else the packaged ones."""
        path = None if data is None else data / "game24" / "instances.json"
        try:
            games = packaged_games() if path is None else read_games(path)
        except (OSError, ValueError) as error:
            get = "leave out --data for the games that are packaged"
            raise NoData(f"there are no games of 24 at {path}: {error}; {get}") from None
        return [Question(game, question_of(game), "24", record=game) for game in games]

    def tools(self, question: Question, log: ToolLog) -> list[object]:
        """Return nothing: the tools ask a session's model, so each strategy here makes its own."""
        return []

    def settings(self, strategy: str) -> Mapping[str, Any]:
        """Return two examples, two replans, and room for a result of five states."""
        own = FOLDER / "examples" / strategy.removeprefix("lcc-")
        return {"examples": [own if own.is_dir() else FOLDER / "examples"], "max_replans": 2, "result_tokens": 500}

    def reply(self, question: Question, asked: Asked) -> Reply:
        """Play the model that is asked. Requests of tools come in any order, so their luck depends on what they ask."""
        if asked.role in ("proposer", "judge"):
            asked.luck = (asked.role, asked.text(-1))
        if asked.role in ("planner-steps", "planner-python"):
            return Reply(whole_search(question.record, program=asked.role == "planner-python"))
        model = self._models[PlanForm.EACH if asked.role in SHORT_PLANNERS else PlanForm.LITERAL]
        text, *more = model.reply(asked.messages, int(asked.body.get("n") or 1), structured=bool(asked.wants_json))
        return Reply(text, more=tuple(more))

    def find(self, asked: Asked, questions: Mapping[str, Question]) -> Question:
        """Return the question of a request: of the game that a tool asks about, else whose text it holds."""
        last = asked.text(-1)
        position, state = asked_position(last), asked_state(last)
        if position is None and state is None:
            return find_by_text(asked, questions)
        game = position[0] if position is not None else game_of(state or "")
        return questions[game]

    def score(self, question: Question, answer: str) -> float:
        """Return 1 for a right answer, else 0."""
        return float(self.matches(question, answer))

    def matches(self, question: Question, answer: str) -> bool:
        """Whether an answer makes 24."""
        return is_correct(question.record, answer)


EVALUATION = Game24()
