"""Movie Recommendation of BIG-bench: eight searches that don't need each other, and a choice.

In: a record for each question, with the plan and its results. Out: the evaluation, whose tools and models play the records.
Must not know: which strategy is asked.

Read `benchmarks.record_evaluation`, which does the work.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.record_evaluation import RecordEvaluation


class Movie(RecordEvaluation):
    """The evaluation."""

    name = "movie"
    title = "Movie Recommendation"
    get = "benchmarks/evaluations/movie/README.md says how records are made"
    folder = Path(__file__).parent
    subject = "a movie"


EVALUATION = Movie()
