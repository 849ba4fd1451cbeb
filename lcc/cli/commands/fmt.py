"""`lcc fmt`: rewrite plan files in the one canonical form; comments and blank lines survive."""

from __future__ import annotations

import argparse

from lcc.cli.console import BadInput, Console, Usage
from lcc.cli.files import STDIN, plan_files, read_source, replace_file
from lcc.cli.front import static_tools
from lcc.cli.options import add_tools
from lcc.cli.views.plan_text import for_terminal, unified
from lcc.grammar.diagnostics import Diagnostic, has_errors
from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.formatting.format import format_plan
from lcc.grammar.front_ends.python import parse
from lcc.grammar.lenient.clean import clean
from lcc.grammar.source import Source
from lcc.grammar.syntax.print_plan import print_plan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a plan file, or a folder of them; - is standard input, printed formatted",
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="change nothing; list what would change, with exit status 1")
    mode.add_argument("--diff", action="store_true", help="change nothing; show what would change, with exit status 1")
    parser.add_argument(
        "--front-end",
        choices=("plan", "model"),
        default="plan",
        help="model: make a plan file of a model's output, and show every repair (default: plan)",
    )
    parser.add_argument(
        "--from",
        dest="language",
        choices=("plan", "python"),
        default="plan",
        help="python: print the plan file that each program says, whose tools must be known (default: plan)",
    )
    add_tools(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Format each file; one that can't be read or parsed stays as it is and the others are still formatted."""
    status = 0
    for path in plan_files(args.files):
        try:
            status |= _format(path, args, console)
        except BadInput as bad:
            console.report(bad.diagnostics, bad.source)
            status = 1
    console.summarize()
    return status


def _format(path: str, args: argparse.Namespace, console: Console) -> int:
    source = read_source(path)
    if args.language == "python":
        return _translated(source, path, args, console)
    text, diagnostics = _cleaned(source, path, args) if args.front_end == "model" else _formatted(source)
    console.report(diagnostics, source)
    changed = text != source.text
    if args.check:
        if changed:
            console.print(f"would reformat {escape(source.path)}")
        return int(changed)
    if args.diff:
        diff = unified(source.text, text, source.path, source.path)
        if console.stdout.isatty():
            diff = for_terminal(diff, color=console.color_results)
        console.stdout.write(diff)
        return int(changed)
    if path == STDIN:
        console.print_data(text)
    elif changed:
        replace_file(path, text)
        console.say(f"reformatted {escape(source.path)}")
    return 0


def _formatted(source: Source) -> tuple[str, tuple[Diagnostic, ...]]:
    """Return a plan file's canonical text, comments kept."""
    formatted = format_plan(source.text)
    if has_errors(formatted.diagnostics):
        raise BadInput(formatted.diagnostics, source)
    return formatted.text, formatted.diagnostics


def _translated(source: Source, path: str, args: argparse.Namespace, console: Console) -> int:
    """Print the plan file that a program says; the program stays as it is."""
    if args.check or args.diff or args.front_end == "model":
        raise Usage("--from python prints a plan file: it goes with none of --check, --diff and --front-end")
    parsed = parse(source.text, path=source.path, tools=static_tools(path, args).signatures)
    if has_errors(parsed.diagnostics):
        raise BadInput(parsed.diagnostics, parsed.source)
    console.report(parsed.diagnostics, parsed.source)
    console.print_data(print_plan(parsed.plan))
    return 0


def _cleaned(source: Source, path: str, args: argparse.Namespace) -> tuple[str, tuple[Diagnostic, ...]]:
    """Return the plan file that a model's output says."""
    tools = static_tools(path, args).signatures if args.tools else {}
    cleaned = clean(source.text, path=source.path, tools=tools)
    if cleaned.text is None:
        raise BadInput(cleaned.diagnostics, source)
    return cleaned.text, cleaned.diagnostics
