"""`lcc graph`: draw what depends on what. Order edges, which carry no data, are dashed."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from lcc.cli.console import Console
from lcc.cli.files import read_costs
from lcc.cli.front import compile_file
from lcc.cli.options import add_file, add_front_end, add_level, add_profile, add_tools
from lcc.grammar.drawing.marks import compared
from lcc.grammar.drawing.picture import Picture, as_dot, as_mermaid
from lcc.pages.pictures import graph_page, plan_picture


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_file(parser)
    add_tools(parser)
    add_front_end(parser)
    add_profile(parser)
    add_level(parser, default=0)
    parser.add_argument("--format", choices=tuple(_FORMATS), default="mermaid", help="default: mermaid")
    parser.add_argument(
        "--diff",
        metavar="FILE",
        nargs="?",
        const="",
        help="mark what is new beside another plan; without FILE, what passes have made of it (see -O)",
    )


def _svg(picture: Picture, title: str) -> str:
    from lcc.grammar.drawing.svg import as_svg

    return as_svg(picture, title)


_FORMATS: dict[str, Callable[[Picture, str], str]] = {
    "mermaid": lambda picture, title: as_mermaid(picture),
    "dot": lambda picture, title: as_dot(picture),
    "svg": _svg,
    "html": graph_page,
}


def run(args: argparse.Namespace, console: Console) -> int:
    """Print the graph of the compiled plan."""
    compiled = compile_file(args, console)
    costs = read_costs(args)
    drawn, title = plan_picture(compiled.plan, compiled.tools, costs, compiled.source), compiled.source.path
    if args.diff is not None:
        other = compile_file(argparse.Namespace(**{**vars(args), "file": args.diff}), console) if args.diff else None
        before = compiled.written if other is None else other.plan
        of = compiled if other is None else other
        drawn = compared(plan_picture(before, of.tools, costs, of.source), drawn)
        title = f"{title}, -O{args.level}" if other is None else f"{other.source.path} → {title}"
    console.print_data(_FORMATS[args.format](drawn, title))
    console.summarize()
    return 0
