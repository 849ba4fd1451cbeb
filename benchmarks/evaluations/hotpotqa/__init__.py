"""HotpotQA, comparison questions: two searches that don't need each other, and an answer."""

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
