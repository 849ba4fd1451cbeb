"""`lcc estimate`: what a run would take, before anything runs: time, calls, tokens, money, and the path that decides."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from math import inf

from lcc.cli.console import Console, Usage
from lcc.cli.files import read_costs
from lcc.cli.front import compile_file
from lcc.cli.options import add_file, add_format, add_front_end, add_level, add_profile, add_tools
from lcc.cli.views.source_tasks import SourceTasks
from lcc.grammar.diagnostics.terminal import dump_json, escape
from lcc.grammar.diagnostics.wording import plural, seconds
from lcc.grammar.values import Json
from lcc.passes.analysis.estimate import Estimate, estimate


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_file(parser)
    add_tools(parser)
    add_front_end(parser)
    add_profile(parser)
    parser.add_argument("--concurrency", type=int, metavar="N", help="calls at once (default: no limit)")
    add_format(parser)
    add_level(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Print the estimate."""
    if args.concurrency is not None and args.concurrency < 1:
        raise Usage("--concurrency: it must be at least 1")
    compiled = compile_file(args, console)
    found = estimate(compiled.plan, compiled.tools, read_costs(args), workers=args.concurrency or inf)
    if args.format == "json":
        console.print(dump_json(_json(found)))
    else:
        for line in _lines(found, SourceTasks(compiled.plan, compiled.written)):
            console.print(line)
    console.summarize()
    return 0


def _lines(found: Estimate, named: SourceTasks) -> Iterator[str]:
    spread = (
        "" if found.spread is None else f" ({seconds(found.spread[0])} to {seconds(found.spread[1])} in 8 runs of 10)"
    )
    yield f"makespan  {seconds(found.makespan)}{spread}; one after another {seconds(found.work)}"
    money = f", {found.usd:.6f} USD" if found.usd else ""
    tokens = f", {found.tokens} tokens" if found.tokens else ""
    yield f"calls     {found.calls}{tokens}{money}"
    for tool in found.tools:
        yield f"  {escape(tool.tool)}: {plural(tool.calls, 'call')}, {seconds(tool.seconds)}"
    yield f"critical path, {seconds(found.critical_seconds)}:"
    for id_ in found.critical_path:
        yield f"  {id_}. {named.call(id_)}"
    for assumption in found.assumptions:
        yield f"assumed: {escape(assumption)}"


def _json(found: Estimate) -> dict[str, Json]:
    return {
        "makespan": found.makespan,
        "spread": None if found.spread is None else list(found.spread),
        "work": found.work,
        "calls": found.calls,
        "tokens": found.tokens,
        "usd": found.usd,
        "critical_path": [str(id_) for id_ in found.critical_path],
        "critical_seconds": found.critical_seconds,
        "tools": {
            t.tool: {"calls": t.calls, "seconds": t.seconds, "tokens": t.tokens, "usd": t.usd} for t in found.tools
        },
        "assumptions": list(found.assumptions),
    }
