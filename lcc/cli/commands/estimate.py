"""`lcc estimate`: what a run would take, before anything runs: time, calls, tokens, money, and the path that decides."""

from __future__ import annotations

import argparse
from itertools import chain
from math import inf

from lcc.cli.console import Console, Usage
from lcc.cli.files import read_costs
from lcc.cli.front import compile_file
from lcc.cli.options import add_file, add_format, add_front_end, add_level, add_profile, add_tools
from lcc.cli.views.estimate_text import (
    body_json,
    body_lines,
    declaring_json,
    declaring_lines,
    estimate_json,
    estimate_lines,
)
from lcc.cli.views.source_tasks import SourceTasks
from lcc.grammar.diagnostics.terminal import dump_json
from lcc.passes.analysis.estimate import estimate
from lcc.passes.analysis.estimate_body import estimate_body
from lcc.passes.declaring import declaring


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
    plan, tools, workers = compiled.plan, compiled.tools, args.concurrency or inf
    named = SourceTasks(plan, compiled.written, compiled.source)
    if plan.body is not None:
        ranges = estimate_body(plan, tools, read_costs(args), workers=workers)
        shown, lines = body_json(ranges), body_lines(ranges, named)
    else:
        found = estimate(plan, tools, read_costs(args), workers=workers)
        shown, lines = estimate_json(found), estimate_lines(found, named)
    frees = declaring(compiled.written, tools, read_costs(args), level=args.level, workers=workers)
    if args.format == "json":
        console.print(dump_json(shown if frees is None else {**shown, "undeclared": declaring_json(frees)}))
    else:
        for line in chain(lines, () if frees is None else declaring_lines(frees)):
            console.print(line)
    console.summarize()
    return 0
