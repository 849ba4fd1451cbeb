"""ParallelQA: searches and arithmetic on what they find, in graphs of two to five branches.

In: a record for each question, with the plan and its results. Out: the evaluation, whose tools and models play the records.
Must not know: which strategy is asked.

Read `benchmarks.record_evaluation`, which does the work.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from simpleeval import simple_eval

import lcc
from benchmarks.evaluation import Question
from benchmarks.record_evaluation import RecordEvaluation
from benchmarks.recorded import Perform, Recorded, RecordedCall
from benchmarks.simulated.tool_log import ToolLog
from lcc.grammar.values import to_text

FUNCTIONS = {"abs": abs, "min": min, "max": max, "round": round, "sum": lambda *values: sum(values)}
RESULT: Final = re.compile(r"\$(?:(\d+)|\{(\d+)\})")


class ParallelQA(RecordEvaluation):
    """The evaluation. What its `math` answers to a question in words is in the records; arithmetic it evaluates."""

    name = "parallelqa"
    title = "ParallelQA"
    get = "benchmarks/evaluations/parallelqa/README.md says how records are made"
    folder = Path(__file__).parent
    parameters: Mapping[str, tuple[str, ...]] = {"search": ("entity",), "math": ("question", "context")}

    def performer(self, line: Mapping[str, Any]) -> Perform:
        """Return what makes the calls of a record's plan: what the record says that `math` calculated is filled in, and evaluated."""
        maths: Mapping[str, str] = line.get("maths", {})
        numbers: dict[int, float] = {}

        def perform(id_: int, tool: str, arguments: Mapping[str, Any]) -> Any:
            if tool == "search":
                return self.page(arguments["entity"])
            numbers[id_] = evaluate(fill_in(str(maths.get(str(id_), arguments["question"])), numbers))
            return numbers[id_]

        return perform

    def tools(self, question: Question, log: ToolLog) -> list[object]:
        """Return `search` and `math`. What `math` answers to the question's own calls is in its record; other arithmetic it evaluates."""

        @lcc.tool(effect="pure")
        async def math(call: lcc.Context, question: str, context: list[str] | None = None) -> float:
            """Calculate: an expression, or a question in words about numbers in the context."""
            async with log.call("math", question, task=call.task):
                return calculated(recorded, question, context)

        recorded = question.record.calls if isinstance(question.record, Recorded) else ()
        return [self.search(log), math]


def calculated(calls: Sequence[RecordedCall], question: str, context: list[str] | None) -> float:
    """Return what a model-backed calculator answers, by the calls of a record; raise ValueError if it can't."""
    same = [call for call in calls if call.tool == "math" and call.arguments["question"] == question]
    if len({call.result for call in same}) > 1:
        same = [call for call in same if _texts(call.arguments.get("context")) == _texts(context)]
    return float(same[0].result) if same else evaluate(question)


def _texts(context: Any) -> list[str]:
    return [to_text(one) for one in (context if isinstance(context, list | tuple) else [context])]


def fill_in(expression: str, numbers: Mapping[int, float]) -> str:
    """Return an expression with numbers in the place of the results that it names, `$5` or `${5}`; raise ValueError if one is no number."""

    def number(found: re.Match[str]) -> str:
        id_ = int(found[1] or found[2])
        if id_ not in numbers:
            raise ValueError(f"{expression!r} names ${id_}, which is no number that was calculated before")
        return f"({numbers[id_]!r})"

    return RESULT.sub(number, expression)


def evaluate(expression: str) -> float:
    """Return the value of an arithmetic expression; raise ValueError if it isn't one."""
    try:
        return float(simple_eval(expression, functions=FUNCTIONS))
    except Exception as error:
        raise ValueError(f"can't calculate {expression!r}: {error}") from None


EVALUATION = ParallelQA()
