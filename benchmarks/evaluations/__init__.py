"""Name the evaluations. Each is a folder here; its module is imported when it is asked for.

In: a name. Out: an object that follows `benchmarks.evaluation.Evaluation`.
Must not know: how questions are timed, and which strategies are compared.

Read `hotpotqa`, the shortest, then `parallelqa` and `movie`; `game24` and `webshop` search, and ask models by `asking`.
"""

from __future__ import annotations

from importlib import import_module

from benchmarks.evaluation import Evaluation, NoData

NAMES = ("hotpotqa", "movie", "parallelqa", "game24", "webshop")
"""In the order of the paper's tables."""


def load(name: str) -> Evaluation:
    """Return an evaluation; raise LookupError for an unknown name, NoData where a package is missing."""
    if name not in NAMES:
        raise LookupError(f"there is no evaluation {name!r}: there are {', '.join(NAMES)}")
    try:
        found: Evaluation = import_module(f"benchmarks.evaluations.{name}").EVALUATION
    except ModuleNotFoundError as error:
        raise NoData(f'{name} needs the package {error.name}: pip install "lcc-toolchain[bench]"') from None
    return found
