"""HotpotQA, comparison questions: two searches that don't need each other, and an answer."""

from __future__ import annotations

from pathlib import Path

import lcc
from benchmarks.evaluation import Question
from benchmarks.record_evaluation import RecordEvaluation
from benchmarks.simulated.tool_log import ToolLog


class HotpotQA(RecordEvaluation):
    """The evaluation."""

    name = "hotpotqa"
    title = "HotpotQA comparison"
    get = "benchmarks/evaluations/hotpotqa/README.md says how records are made"
    folder = Path(__file__).parent

    def tools(self, question: Question, log: ToolLog) -> list[object]:
        """Return `search`."""

        @lcc.tool(effect="read")
        async def search(context: lcc.Context, entity: str) -> str:
            """Return the first paragraph of the Wikipedia article about an entity."""
            async with log.call("search", entity, task=context.task):
                return self.page(entity)

        return [search]


EVALUATION = HotpotQA()
