"""`lcc grammar`: print the grammar of the plans that fit the tools in scope, for an endpoint that holds a model to it."""

from __future__ import annotations

import argparse
from pathlib import Path

from lcc.cli.console import Console, Usage
from lcc.cli.front import NO_TOOLS, report_tools
from lcc.cli.options import add_tools
from lcc.grammar.constrain.bounds import Bounds
from lcc.grammar.constrain.syntaxes import plan_grammar_text
from lcc.toolset import load_static


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_tools(parser)
    parser.add_argument(
        "--syntax",
        choices=("lark", "gbnf"),
        default="lark",
        help="lark: OpenAI's custom tools, llguidance; gbnf: llama.cpp, xgrammar (default: lark)",
    )
    parser.add_argument(
        "--steps",
        action="store_true",
        help="admit values with an id, `when` and one level of loops, too (default: calls alone)",
    )
    group = parser.add_argument_group("bounds of an admitted plan")
    group.add_argument("--tasks", type=int, metavar="N", help="calls (default: 12)")
    group.add_argument("--string-length", type=int, metavar="N", help="characters of a text (default: 200)")
    group.add_argument("--list-length", type=int, metavar="N", help="items of a list (default: 10)")
    group.add_argument(
        "--dict-pairs",
        type=int,
        metavar="N",
        help="pairs of a dict whose keys aren't declared (default: 1; with more, a key may come twice)",
    )
    group.add_argument(
        "--nesting", type=int, metavar="N", help="lists and dicts within one another in an `Any` (default: 2)"
    )
    group.add_argument("--first-id", type=int, default=1, metavar="N", help="the id of the first call (default: 1)")
    group.add_argument(
        "--earlier", metavar="IDS", default="", help="ids of earlier calls that may be read: 1,2,5 (default: none)"
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """Print the grammar."""
    toolset = load_static(args.tools, near=Path.cwd(), trust_annotations=args.trust_annotations)
    report_tools(toolset, console)
    if not toolset.signatures:
        raise Usage(NO_TOOLS)
    given = {
        "tasks": args.tasks,
        "string_length": args.string_length,
        "items": args.list_length,
        "pairs": args.dict_pairs,
        "nesting": args.nesting,
    }
    try:
        bounds = Bounds(**{name: value for name, value in given.items() if value is not None})
        earlier = _ids(args.earlier)
        text = plan_grammar_text(
            toolset.signatures, args.syntax, bounds, first=args.first_id, earlier=earlier, steps=args.steps
        )
    except ValueError as error:
        raise Usage(str(error)) from None
    console.print(text.rstrip("\n"))
    console.summarize()
    return 0


def _ids(text: str) -> list[int]:
    """Return the numbers in a list with commas; raise ValueError for anything else."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        raise ValueError(f"--earlier takes ids with commas between them, such as 1,2,5, not {text!r}")
    return [int(part) for part in parts]
