"""Movie Recommendation of BIG-bench: eight searches that don't need each other, and a choice."""

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
