"""`lcc fmt`: rewrite plan files in the one canonical form; comments and blank lines survive."""

from __future__ import annotations

import argparse

from lcc.cli.bad_input import BadInput
from lcc.cli.console import Console
from lcc.cli.diff import for_terminal, unified
from lcc.cli.files import STDIN, read_source, replace_file
from lcc.grammar.escape import escape


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="a plan file; - is standard input, printed formatted")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="change nothing; list what would change, with exit status 1")
    mode.add_argument("--diff", action="store_true", help="change nothing; show what would change, with exit status 1")


def run(args: argparse.Namespace, console: Console) -> int:
    """Format each file; one that can't be read or parsed stays as it is and the others are still formatted."""
    status = 0
    for path in args.files:
        try:
            status |= _format(path, args, console)
        except BadInput as bad:
            console.report(bad.diagnostics, bad.source)
            status = 1
    console.summarize()
    return status


def _format(path: str, args: argparse.Namespace, console: Console) -> int:
    from lcc.grammar.diagnostics import has_errors
    from lcc.grammar.format import format_plan

    source = read_source(path)
    formatted = format_plan(source.text)
    if has_errors(formatted.diagnostics):
        raise BadInput(formatted.diagnostics, source)
    console.report(formatted.diagnostics, source)
    changed = formatted.text != source.text
    if args.check:
        if changed:
            console.print(f"would reformat {escape(source.path)}")
        return int(changed)
    if args.diff:
        diff = unified(source.text, formatted.text, source.path, source.path)
        if console.stdout.isatty():
            diff = for_terminal(diff, color=console.color_results)
        console.stdout.write(diff)
        return int(changed)
    if path == STDIN:
        console.print_data(formatted.text)
    elif changed:
        replace_file(path, formatted.text)
        console.say(f"reformatted {escape(source.path)}")
    return 0
