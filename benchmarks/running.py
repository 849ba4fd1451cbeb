"""Do what the command line asks for: run, report, compare, serve."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks import micro, sweep
from benchmarks.evaluation import Simulation
from benchmarks.evaluations import load
from benchmarks.history import append, lookup, means
from benchmarks.machine import about
from benchmarks.measure import Endpoint, Plan, measure
from benchmarks.peers.asking import peers
from benchmarks.report.compare import compare
from benchmarks.report.plots import NoMatplotlib, draw
from benchmarks.report.tables import report
from benchmarks.rows import Results, Row, read, write
from benchmarks.simulated.asked import Asked, Reply
from benchmarks.simulated.pace import Pace
from benchmarks.simulated.server import ModelServer
from benchmarks.strategies import STRATEGIES

ROWS = "rows.jsonl"
REPORT = "report.md"
SMOKE = 2
"""Questions of each evaluation in a smoke run."""


def run_command(given: argparse.Namespace) -> int:
    """Measure, and write rows, report and plots; return 0."""
    plan = _plan(given)
    clock = "real time" if given.real_time or plan.endpoint else "waiting is skipped, work counts as processor time"
    asked = plan.endpoint.model if plan.endpoint else "simulated"
    said = about(model=asked, clock=clock, prices=given.price_as, pace=repr(plan.pace))
    rows: list[Row] = []
    for cell in _cells(plan, given.sweep):
        rows += cell
        right = sum(row.matches for row in cell)
        first = cell[0]
        print(
            f"{first.evaluation:12} {first.strategy:18} {first.point:14} {right} of {len(cell)} match", file=sys.stderr
        )
    left = {one.title: dict(one.unplayable) for one in plan.evaluations if one.unplayable}
    for title, why in left.items():
        print(f"{title}: {len(why)} records can't be played, the first: {_first(why)}", file=sys.stderr)
    results = Results(said | ({"unplayable": left} if left else {}), rows)
    write(given.out / ROWS, results)
    more = ""
    if given.micro:
        more = micro.sections(quick=given.smoke)
        (given.out / micro.REPORT).write_text(more, encoding="utf-8")
    if given.history:
        append(given.history, results)
    return _show(given.out, results, more)


def _first(why: dict[str, str]) -> str:
    name, reason = next(iter(why.items()))
    return f"{name}: {reason}"


def report_command(given: argparse.Namespace) -> int:
    """Write one report of results, which may be of several runs; return 0. Raises ValueError where there are none."""
    parts = [read(folder / ROWS) for folder in given.results]
    found = [folder / micro.REPORT for folder in given.results if (folder / micro.REPORT).is_file()]
    more = "\n".join(path.read_text(encoding="utf-8") for path in found)
    out = given.out or given.results[0]
    out.mkdir(parents=True, exist_ok=True)
    return _show(out, Results(parts[0].about, [row for part in parts for row in part.rows]), more)


def compare_command(given: argparse.Namespace) -> int:
    """Print what changed; return 0. Raises ValueError for what is neither results nor a commit."""
    sides = []
    for name in (given.before, given.after):
        folder = Path(name)
        sides.append(read(folder / ROWS) if folder.is_dir() else lookup(given.history, name))
    if not all(Path(name).is_dir() for name in (given.before, given.after)):
        sides = [
            means(side) if Path(name).is_dir() else side
            for side, name in zip(sides, (given.before, given.after), strict=True)
        ]
    print(compare(*sides))
    return 0


def serve_command(given: argparse.Namespace) -> int:
    """Serve until interrupted. The first line that is printed is the base URL; `GET …/log` returns what was served."""
    simulations = []
    for name in given.evaluations:
        evaluation = load(name)
        simulations.append(Simulation(evaluation, {one.id: one for one in evaluation.questions(given.data)}))

    async def serve() -> None:
        async with ModelServer(first_of(simulations), _pace(given), port=given.port) as server:
            print(server.base_url, flush=True)
            await asyncio.Event().wait()

    asyncio.run(serve())
    return 0


def first_of(simulations: list[Simulation]) -> Simulation | _Several:
    """Return what answers for several evaluations: the one that knows the question."""
    return simulations[0] if len(simulations) == 1 else _Several(simulations)


class _Several:
    def __init__(self, simulations: list[Simulation]) -> None:
        self._simulations = simulations

    def __call__(self, asked: Asked) -> Reply:
        for simulation in self._simulations:
            try:
                return simulation(asked)
            except LookupError:
                continue
        raise LookupError("the request holds no question of any evaluation")


def _plan(given: argparse.Namespace) -> Plan:
    if (given.base_url is None) != (given.model is None):
        raise ValueError("a real endpoint takes both --base-url and --model")
    if given.peers and not given.real_time:
        raise ValueError(
            "--peers takes --real-time: the peers run in processes of their own, where waiting can't be skipped"
        )
    evaluations = [load(name) for name in given.evaluations]
    known = {*STRATEGIES, *(name for one in evaluations for name in one.own)}
    for name in given.strategies:
        if name not in known:
            raise LookupError(f"there is no strategy {name!r}: there are {', '.join(sorted(known))}")
    return Plan(
        evaluations=evaluations,
        strategies=given.strategies,
        data=None if given.smoke else given.data,
        questions=SMOKE if given.smoke and given.questions is None else given.questions,
        pace=_pace(given),
        warm=not given.smoke,
        skip=not given.real_time,
        price_as=given.price_as,
        peers=peers(given.cache) if given.peers else (),
        endpoint=Endpoint(given.base_url, given.model, given.key) if given.model else None,
    )


def _pace(given: argparse.Namespace) -> Pace:
    names = ("first", "token", "prompt_token", "jitter", "tool", "tool_jitter", "at_once", "seed")
    return Pace(**{name: getattr(given, name) for name in names})


def _cells(plan: Plan, swept: bool) -> Iterator[list[Row]]:
    if not swept:
        yield from measure(plan)
        return
    wanted = [name for name in sweep.STRATEGIES if not plan.strategies or name in plan.strategies]
    warm: set[tuple[str, str]] = set()
    for point, pace in sweep.points(plan.pace):
        for evaluation in plan.evaluations:
            few = min(plan.questions or sweep.FEW, sweep.QUESTIONS.get(evaluation.name, sweep.FEW))
            here = replace(plan, evaluations=[evaluation], point=point, pace=pace, questions=few, strategies=wanted)
            yield from measure(here, warm)


def _show(out: Path, results: Results, more: str) -> int:
    try:
        plots = draw([row for row in results.rows if not row.point], out)
    except NoMatplotlib as error:
        print(error, file=sys.stderr)
        plots = []
    text = report(results, plots, more)
    (out / REPORT).write_text(text, encoding="utf-8")
    print(text)
    return 0
