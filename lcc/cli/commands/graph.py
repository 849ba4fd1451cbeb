"""`lcc graph`: draw what depends on what, for Mermaid or Graphviz. Order edges, which carry no data, are dashed."""

from __future__ import annotations

import argparse

from lcc.cli.console import Console
from lcc.cli.front import compile_file
from lcc.cli.options import add_file, add_front_end, add_level, add_tools
from lcc.grammar import drawing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_file(parser)
    add_tools(parser)
    add_front_end(parser)
    add_level(parser, default=0)
    parser.add_argument("--format", choices=("mermaid", "dot"), default="mermaid", help="default: mermaid")


def run(args: argparse.Namespace, console: Console) -> int:
    """Print the graph of the compiled plan."""
    compiled = compile_file(args, console)
    draw = drawing.dot if args.format == "dot" else drawing.mermaid
    console.print_data(draw(compiled.plan, compiled.tools))
    console.summarize()
    return 0
