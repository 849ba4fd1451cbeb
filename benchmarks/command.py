"""Read the command line.

python -m benchmarks run --smoke
python -m benchmarks run --data DATA --out results --micro
python -m benchmarks run --base-url http://localhost:11434/v1 --model qwen3:8b
python -m benchmarks report results
python -m benchmarks compare results-before results
python -m benchmarks serve --data DATA
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.evaluation import NoData
from benchmarks.evaluations import NAMES
from benchmarks.history import HISTORY
from benchmarks.peers.environments import PEERS, default_cache
from benchmarks.running import compare_command, report_command, run_command, serve_command
from benchmarks.simulated.pace import Pace
from benchmarks.strategies import STRATEGIES

_PACE = {
    "first": "seconds to the first token",
    "token": "seconds for each further token",
    "prompt-token": "seconds for each prompt token that isn't cached",
    "jitter": "sigma of the models' log-normal factors",
    "tool": "seconds of a tool",
    "tool-jitter": "sigma of the tools' log-normal factors",
    "at-once": "model calls served at the same time; 0 is no limit",
    "seed": "of everything that is drawn",
}


def main(given: Sequence[str] | None = None) -> int:
    """Do what the arguments say; return 0, 1 if something isn't there or can't be read, 130 or 141 if stopped. Wrong arguments exit with 2."""
    arguments = _parser().parse_args(given)
    try:
        return int(arguments.do(arguments))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (NoData, LookupError, ValueError, OSError) as error:
        said = str(error.args[0]) if isinstance(error, LookupError) and error.args else str(error)
        print(f"error: {said}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure lcc beside other strategies, on the same model server and tools.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_run(commands)
    report = commands.add_parser("report", help="write the report of results anew")
    report.add_argument("results", type=Path, nargs="+", help="folders that `run` wrote; their rows are put together")
    report.add_argument("--out", type=Path, help="where the report goes; by default the first of them")
    report.set_defaults(do=report_command)
    compare = commands.add_parser("compare", help="what changed between two results")
    for name in ("before", "after"):
        compare.add_argument(name, help="a folder that `run` wrote, or a commit in the history")
    compare.add_argument("--history", type=Path, default=HISTORY, help=argparse.SUPPRESS)
    compare.set_defaults(do=compare_command)
    serve = commands.add_parser("serve", help="serve the simulated models to other programs, in real time")
    _add_data(serve)
    serve.add_argument("--port", type=int, default=0, help="0 takes a free one")
    _add_pace(serve)
    serve.set_defaults(do=serve_command)
    return parser


def _add_run(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    run = commands.add_parser("run", help="answer questions by every strategy, and write results and a report")
    _add_data(run)
    run.add_argument("--out", type=Path, default=Path("results"), help="where results go (%(default)s)")
    run.add_argument(
        "--strategies", nargs="+", default=[], metavar="NAME", help=f"only these: {', '.join(STRATEGIES)}, …"
    )
    run.add_argument("--questions", type=_positive, metavar="N", help="at most N questions of each evaluation")
    run.add_argument("--smoke", action="store_true", help="few questions of the samples, to see that everything works")
    run.add_argument(
        "--sweep", action="store_true", help="over a grid of speeds of models and tools, few questions each"
    )
    run.add_argument("--micro", action="store_true", help="also the compiler and the scheduler by themselves")
    run.add_argument("--real-time", action="store_true", help="wait in real time, instead of skipping all waiting")
    run.add_argument(
        "--peers",
        action="store_true",
        help=f"also {', '.join(peer.package for peer in PEERS)} from PyPI; takes --real-time",
    )
    run.add_argument(
        "--cache", type=Path, default=default_cache(), help="where the peers' environments are (%(default)s)"
    )
    run.add_argument("--price-as", default="gpt-4.1-mini", metavar="MODEL", help="whose prices count (%(default)s)")
    run.add_argument("--base-url", metavar="URL", help="a real endpoint instead of the simulated models")
    run.add_argument("--model", help="the model there; the key is LCC_API_KEY's")
    run.add_argument("--history", type=Path, metavar="FILE", help=f"add a line to a history, such as {HISTORY.name}")
    _add_pace(run)
    run.set_defaults(do=run_command, key=os.environ.get("LCC_API_KEY"))


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help="a folder with records; without it the samples in the repository")
    parser.add_argument(
        "--evaluations", nargs="+", default=list(NAMES), choices=NAMES, metavar="NAME", help=", ".join(NAMES)
    )


def _add_pace(parser: argparse.ArgumentParser) -> None:
    for name, says in _PACE.items():
        default = getattr(Pace(), name.replace("-", "_"))
        kind = _whole if isinstance(default, int) else _seconds
        parser.add_argument(f"--{name}", type=kind, default=default, metavar="N", help=f"{says} (%(default)s)")


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value < 1e6:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 on")
    return value


def _whole(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 on")
    return value


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not from 1 on")
    return value
