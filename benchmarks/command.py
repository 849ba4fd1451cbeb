"""Read the command line.

python -m benchmarks run --smoke --out results
python -m benchmarks run --data DATA --out results
python -m benchmarks report results
python -m benchmarks compare results-before results
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.evaluation import NoData
from benchmarks.evaluations import NAMES, load
from benchmarks.machine import about
from benchmarks.measure import Plan, measure
from benchmarks.report.tables import main_tables
from benchmarks.rows import Results, Row, read, write
from benchmarks.simulated.pace import Pace

ROWS = "rows.jsonl"
REPORT = "report.md"
SMOKE = 2
"""Questions of each evaluation in a smoke run."""


def main(given: Sequence[str] | None = None) -> int:
    """Do what the arguments say; return 0, 1 if something isn't there, 2 for wrong arguments."""
    arguments = _parser().parse_args(given)
    try:
        return int(arguments.do(arguments))
    except (NoData, LookupError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure lcc beside other strategies.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="answer questions by every strategy, and write results and report")
    run.add_argument("--data", type=Path, help="a folder with records; without it the samples in the repository")
    run.add_argument("--out", type=Path, default=Path("results"), help="where results go (%(default)s)")
    run.add_argument("--evaluations", nargs="+", default=list(NAMES), metavar="NAME", help=", ".join(NAMES))
    run.add_argument("--strategies", nargs="+", default=[], metavar="NAME", help="only these")
    run.add_argument("--questions", type=int, metavar="N", help="at most N questions of each evaluation")
    run.add_argument("--smoke", action="store_true", help="few questions, to see that everything works")
    run.add_argument("--real-time", action="store_true", help="wait in real time, instead of skipping all waiting")
    run.add_argument("--price-as", default="gpt-4.1-mini", metavar="MODEL", help="whose prices count (%(default)s)")
    for name in ("first", "token", "prompt-token", "jitter", "tool", "tool-jitter", "at-once", "seed"):
        default = getattr(Pace(), name.replace("-", "_"))
        run.add_argument(f"--{name}", type=type(default), default=default, metavar="N", help="%(default)s")
    run.set_defaults(do=_run)
    report = commands.add_parser("report", help="write the report of results anew")
    report.add_argument("results", type=Path, help="a folder that `run` wrote")
    report.set_defaults(do=_report)
    return parser


def _run(given: argparse.Namespace) -> int:
    pace = Pace(
        first=given.first,
        token=given.token,
        prompt_token=given.prompt_token,
        jitter=given.jitter,
        tool=given.tool,
        tool_jitter=given.tool_jitter,
        at_once=given.at_once,
        seed=given.seed,
    )
    plan = Plan(
        evaluations=[load(name) for name in given.evaluations],
        strategies=given.strategies,
        data=given.data,
        questions=SMOKE if given.smoke and given.questions is None else given.questions,
        pace=pace,
        skip=not given.real_time,
        price_as=given.price_as,
    )
    rows: list[Row] = []
    for cell in measure(plan):
        rows += cell
        right = sum(row.matches for row in cell)
        print(f"{cell[0].evaluation:12} {cell[0].strategy:18} {right} of {len(cell)} match", file=sys.stderr)
    clock = "real time" if given.real_time else "waiting is skipped, work counts as processor time"
    results = Results(about(clock=clock, price_as=given.price_as, pace=repr(pace)), rows)
    write(given.out / ROWS, results)
    return _show(given.out, results)


def _report(given: argparse.Namespace) -> int:
    return _show(given.results, read(given.results / ROWS))


def _show(out: Path, results: Results) -> int:
    text = main_tables(results)
    (out / REPORT).write_text(text, encoding="utf-8")
    print(text)
    return 0
