"""Offer what HotpotQA, Movie Recommendation and ParallelQA have in common: each question has a record of a plan and its results."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import lcc
from benchmarks import checkers
from benchmarks.evaluation import NoData, Question, Strategy, find_by_text
from benchmarks.peers import players as peers
from benchmarks.recorded import Perform, read_lines, read_plan, record_of, resolve
from benchmarks.replies import PLAYERS, play
from benchmarks.simulated.asked import Asked, Reply
from benchmarks.simulated.tool_log import ToolLog

COMMON = (
    "lcc",
    "lcc-plan-first",
    "lcc-O0",
    "lcc-O3",
    "lcc-recorded",
    "lcc-each",
    "lcc-answer",
    "lcc-short",
    "lcc-narrow-join",
    "lcc-constrained",
    "lcc-no-examples",
    "lcc-steps",
    "lcc-steps-answer",
    "lcc-python",
    "lcc-python-answer",
    "lcc-python-no-examples",
    "react",
    "openai-parallel",
    "rewoo",
    "rewoo-parallel",
)

EVERYBODY = {**PLAYERS, **peers.PLAYERS}
MAX_STEPS = 20
"""Of loops. The longest record has eleven calls, so the budget never decides."""


class RecordEvaluation:
    """An evaluation whose questions have records. `folder`: its own, with `sample.jsonl`, `pages.json` and `examples`."""

    name: str
    title: str
    get: str
    folder: Path
    subject: str = "an entity"
    parameters: Mapping[str, tuple[str, ...]] = {"search": ("entity",)}
    strategies: Sequence[str] = COMMON
    own: Mapping[str, Strategy] = {}
    baseline = "react"

    def __init__(self) -> None:
        self._pages: dict[str, str] = {}
        self.unplayable: dict[str, str] = {}

    def questions(self, data: Path | None) -> Sequence[Question]:
        """Return the questions of a folder with records, or of the sample."""
        folder = self.folder / "sample" if data is None else data / self.name
        lines = read_lines(folder, name=self.title, get=self.get)
        try:
            pages: dict[str, str] = json.loads((folder / "search.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise NoData(f"there are no pages of {self.title} at {folder / 'search.json'}: {error}") from None
        self._pages = pages
        return self._played(lines, folder)

    def _played(self, lines: Sequence[str], folder: Path) -> list[Question]:
        """Return the questions whose records can be played; say of the others why not. Raises NoData if there are none."""
        self.unplayable.clear()
        found: dict[str, Question] = {}
        for place, text in enumerate(lines, 1):
            name = f"line {place}"
            try:
                line = json.loads(text)
                name = str(line["id"])
                if name in found:
                    raise ValueError("there is another record with this id")
                found[name] = self._question(line)
            except RecursionError:
                self.unplayable[f"{name} (line {place})"] = "it is nested too deeply"
            except (ValueError, LookupError, TypeError, AttributeError) as error:
                self.unplayable[f"{name} (line {place})"] = _why(error)
        if not found:
            first = next(iter(self.unplayable.values()), "the file is empty")
            raise NoData(f"none of the records of {self.title} at {folder} can be played: {first}; {self.get}")
        return list(found.values())

    def _question(self, line: Mapping[str, Any]) -> Question:
        calls = resolve(read_plan(line["plan"]), self.parameters, self.performer(line))
        record = record_of(line["plan"], calls, line["join"])
        text = line["question"].strip()
        return Question(str(line["id"]), text, str(line["answer"]), record, line.get("branch", 0))

    def performer(self, line: Mapping[str, Any]) -> Perform:
        """Return what makes the calls of a record's plan."""

        def perform(id_: int, tool: str, arguments: Mapping[str, Any]) -> Any:
            return self.page(arguments["entity"])

        return perform

    def page(self, entity: str) -> str:
        """Return the paragraph about something; raise LookupError, as a search that finds nothing."""
        if entity not in self._pages:
            raise LookupError(f"no page about {entity!r}")
        return self._pages[entity]

    def tools(self, question: Question, log: ToolLog) -> list[object]:
        """Return the tools: `search` alone."""
        return [self.search(log)]

    def search(self, log: ToolLog) -> object:
        """Return the tool that finds pages, described by their `subject`."""

        async def search(context: lcc.Context, entity: str) -> str:
            async with log.call("search", entity, task=context.task):
                return self.page(entity)

        search.__doc__ = f"Return the first paragraph of the Wikipedia article about {self.subject}."
        return lcc.tool(effect="read")(search)

    def settings(self, strategy: str) -> Mapping[str, Any]:
        """Return the examples, the same questions for every strategy that takes some, and ReAct's budget of steps."""
        match strategy:
            case "openai-parallel":
                return {"max_steps": MAX_STEPS}
            case "react":
                return {"examples": [self.folder / "examples"], "max_steps": MAX_STEPS}
            case "lcc-no-examples" | "lcc-python-no-examples":
                return {}
            case "rewoo":
                return {"examples": [self.folder / "examples" / "rewoo"]}
            case "lcc-steps" | "lcc-steps-answer" | "lcc-python" | "lcc-python-answer":
                own = self.folder / "examples" / strategy.removeprefix("lcc-")
                shared = own.with_name(own.name.partition("-")[0])
                return {"examples": [own if own.is_dir() else shared]}
            case "lcc-each" | "lcc-short" | "lcc-answer":
                return {"examples": [self.folder / "examples" / strategy.removeprefix("lcc-")]}
            case _:
                return {"examples": [self.folder / "examples"]}

    def reply(self, question: Question, asked: Asked) -> Reply:
        """Play the model that is asked."""
        return play(question.record, asked, EVERYBODY)

    def find(self, asked: Asked, questions: Mapping[str, Question]) -> Question:
        """Return the question that a request is about."""
        return find_by_text(asked, questions)

    def score(self, question: Question, answer: str) -> float:
        """Return 1 for a right answer, else 0."""
        return float(self.matches(question, answer))

    def matches(self, question: Question, answer: str) -> bool:
        """Whether an answer is right: by the paper's rule."""
        return checkers.same(answer, question.answer)


def _why(error: Exception) -> str:
    """Return why a record can't be played, on one line."""
    if isinstance(error, json.JSONDecodeError):
        return f"it is not JSON: {error}"
    if isinstance(error, KeyError):
        return f"it has no {error}"
    return f"{error}".splitlines()[0][:200] or type(error).__name__
