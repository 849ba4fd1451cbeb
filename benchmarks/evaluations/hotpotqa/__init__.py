"""HotpotQA, comparison questions: two searches that don't need each other, and an answer.

In: a record for each question, with the plan and its results. Out: the evaluation, whose tools and models play the records.
Must not know: which strategy is asked.

Read `benchmarks.record_evaluation`, which does the work.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.record_evaluation import RecordEvaluation


class HotpotQA(RecordEvaluation):
    """The evaluation."""

    name = "hotpotqa"
    title = "HotpotQA comparison"
    get = "benchmarks/evaluations/hotpotqa/README.md says how records are made"
    folder = Path(__file__).parent


EVALUATION = HotpotQA()
