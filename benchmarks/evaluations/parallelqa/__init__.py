"""ParallelQA: searches and arithmetic on what they find, in graphs of two to five branches.

In: a record for each question, with the plan and its results. Out: the evaluation, whose tools and models play the records.
Must not know: which strategy is asked.

Read `benchmarks.record_evaluation`, which does the work.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simpleeval import simple_eval

import lcc
from benchmarks.evaluation import Question
from benchmarks.record_evaluation import RecordEvaluation
from benchmarks.recorded import Perform
from benchmarks.simulated.tool_log import ToolLog

FUNCTIONS = {"abs": abs, "min": min, "max": max, "round": round, "sum": lambda *values: sum(values)}


class ParallelQA(RecordEvaluation):
    """The evaluation. What its `math` answers to a question in words is in the records; arithmetic it evaluates."""

    name = "parallelqa"
    title = "ParallelQA"
    get = "benchmarks/evaluations/parallelqa/README.md says how records are made"
    folder = Path(__file__).parent
    parameters: Mapping[str, tuple[str, ...]] = {"search": ("entity",), "math": ("question", "context")}

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, float] = {}

    def performer(self, line: Mapping[str, Any]) -> Perform:
        """Return what makes the calls of a record's plan, and learns what `math` answers."""
        maths: Mapping[str, str] = line.get("maths", {})

        def perform(id_: int, tool: str, arguments: Mapping[str, Any]) -> Any:
            if tool == "search":
                return self._pages[arguments["entity"]]
            expression = maths[str(id_)]
            question = str(arguments["question"])
            value = evaluate(question if "$" in expression else expression)
            self._known[question] = value
            return value

        return perform

    def calculate(self, question: str) -> float:
        """Return what the model-backed calculator answers; raise ValueError if it can't."""
        if question in self._known:
            return self._known[question]
        return evaluate(question)

    def tools(self, question: Question, log: ToolLog) -> list[object]:
        """Return `search` and `math`."""

        @lcc.tool(effect="pure")
        async def math(call: lcc.Context, question: str, context: list[str] | None = None) -> float:
            """Calculate: an expression, or a question in words about numbers in the context."""
            async with log.call("math", question, task=call.task):
                return self.calculate(question)

        return [self.search(log), math]


def evaluate(expression: str) -> float:
    """Return the value of an arithmetic expression; raise ValueError if it isn't one."""
    try:
        return float(simple_eval(expression, functions=FUNCTIONS))
    except Exception as error:
        raise ValueError(f"can't calculate {expression!r}: {error}") from None


EVALUATION = ParallelQA()
