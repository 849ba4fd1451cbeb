"""Say what an evaluation is: questions, tools, a simulated model, a checker.

Each is a folder in benchmarks/evaluations with a module that has an `EVALUATION`, and a README that states, with sources, the
prompts and budgets of the baselines.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from benchmarks.simulated.asked import Asked, Reply
from benchmarks.simulated.tool_log import ToolLog


class NoData(Exception):
    """The records of an evaluation are not there. The message says where they are looked for and how to get them."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question. `answer`: the right one, as the data set has it. `record`: whatever the evaluation needs beside it.

    `branch`: how many independent branches its plan has; 0 if that isn't known.
    """

    id: str
    text: str
    answer: str
    record: Any = None
    branch: int = 0


@dataclass(slots=True)
class Session:
    """One question being answered by one strategy.

    `base_url`: the endpoint. `key`: its key. `model`: with a real endpoint the model of every role; None for simulated models, which
    are asked by the name of their role. `log`: what tools write their calls to.
    """

    evaluation: Evaluation
    question: Question
    log: ToolLog
    base_url: str
    key: str | None = None
    model: str | None = None

    def model_for(self, role: str) -> str:
        """Return the model's name for a role."""
        return self.model or role

    @property
    def tools(self) -> list[object]:
        """The question's tools, as `lcc.Agent` takes them."""
        return self.evaluation.tools(self.question, self.log)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a question. `answer`: None if there is none. `asked`: lcc's own account (an `lcc.Answer`), if lcc answered.

    `seconds`: how long it took, where the strategy itself knows better than a clock around it.
    """

    answer: str | None
    asked: Any = None
    error: str = ""
    seconds: float | None = None


Runner = Callable[[Session], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Strategy:
    """A way to answer questions. `says`: one line for people. `limited`: it streams a plan of lcc's, so that the physical limit applies.
    `close`: ends what it started for an evaluation's questions."""

    name: str
    says: str
    run: Runner
    limited: bool = False
    close: Callable[[], Awaitable[None]] | None = None


class Evaluation(Protocol):
    """A set of questions with all that is needed to answer and to check them.

    `strategies`: names of those in benchmarks/strategies.py that apply. `own`: strategies that only this evaluation has.
    `settings`: what `lcc.Agent` is given beside tools and models, for every strategy. `baseline`: the strategy that the others are
    compared with. `unplayable`: of the questions that were last read, the records that can't be played, by their names, and why.
    """

    name: str
    title: str
    strategies: Sequence[str]
    own: Mapping[str, Strategy]
    baseline: str
    unplayable: dict[str, str]

    def questions(self, data: Path | None) -> Sequence[Question]:
        """Return the questions, from a folder with records, or from the small sample that is part of the repository.

        Raises NoData if `data` is given and doesn't have them.
        """

    def tools(self, question: Question, log: ToolLog) -> list[object]:
        """Return the tools: coroutine functions decorated by `lcc.tool` that spend their time with `log.call`."""

    def settings(self, strategy: str) -> Mapping[str, Any]:
        """Return what `lcc.Agent` is given for a strategy: examples, max_replans."""

    def reply(self, question: Question, asked: Asked) -> Reply:
        """Answer a request as the model would whose role is `asked.role`, from the record and the request alone."""

    def find(self, asked: Asked, questions: Mapping[str, Question]) -> Question:
        """Return the question that a request belongs to; raise LookupError."""

    def matches(self, question: Question, answer: str) -> bool:
        """Whether an answer counts as right."""

    def score(self, question: Question, answer: str) -> float:
        """Return what an answer is worth, 0 to 1: where answers are right or wrong, 1 or 0."""


@dataclass(slots=True)
class Simulation:
    """Answers requests for the questions of an evaluation: what `ModelServer` is given."""

    evaluation: Evaluation
    questions: Mapping[str, Question] = field(default_factory=dict)

    def __call__(self, asked: Asked) -> Reply:
        question = self.evaluation.find(asked, self.questions)
        asked.question = question.id
        return self.evaluation.reply(question, asked)


def find_by_text(asked: Asked, questions: Mapping[str, Question]) -> Question:
    """Return the question whose text stands last in a request."""
    prompt = asked.prompt
    best: tuple[int, int] | None = None
    found: Question | None = None
    for question in questions.values():
        text = question.text.strip()
        place = prompt.rfind(text)
        if place >= 0 and (best is None or (place, len(text)) > best):
            best, found = (place, len(text)), question
    if found is None:
        raise LookupError("the request holds none of the questions")
    return found
