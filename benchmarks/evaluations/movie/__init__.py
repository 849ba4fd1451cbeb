"""Movie Recommendation of BIG-bench: eight searches that don't need each other, and a choice."""

from __future__ import annotations

from pathlib import Path

import lcc
from benchmarks.evaluation import Question
from benchmarks.record_evaluation import RecordEvaluation
from benchmarks.simulated.tool_log import ToolLog


class Movie(RecordEvaluation):
    """The evaluation."""

    name = "movie"
    title = "Movie Recommendation"
    get = "benchmarks/evaluations/movie/README.md says how records are made"
    folder = Path(__file__).parent

    def tools(self, question: Question, log: ToolLog) -> list[object]:
        """Return `search`."""

        @lcc.tool(effect="read")
        async def search(context: lcc.Context, entity: str) -> str:
            """Return the first paragraph of the Wikipedia article about a movie."""
            async with log.call("search", entity, task=context.task):
                return self.page(entity)

        return [search]


EVALUATION = Movie()
