"""`lcc diff`: show how one plan differs from another, both as plan files: plans, programs and IR alike.

Steps are aligned by what they say: the second plan has the numbers of the first, so that an inserted step is one line of the diff.
"""

from __future__ import annotations

import argparse

from lcc.cli.console import BadInput, Console
from lcc.cli.files import read_source
from lcc.cli.front import parse, report_tools, static_tools
from lcc.cli.options import add_front_end, add_tools
from lcc.cli.views.aligned import numbered_as
from lcc.cli.views.plan_text import for_terminal, unified
from lcc.grammar.diagnostics import has_errors
from lcc.grammar.ir import Plan
from lcc.grammar.syntax.print_plan import print_plan
from lcc.grammar.writing.alike import normal_form


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "before", metavar="BEFORE", help="a plan file, or a program that ends in .py; - is standard input"
    )
    parser.add_argument("after", metavar="AFTER", help="the other one")
    add_tools(parser)
    add_front_end(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Print a unified diff; status 1 if the plans differ in more than names and numbers that lcc makes up."""
    before, after = (_read(path, args, console) for path in (args.before, args.after))
    console.summarize()
    if _same(before, after):
        console.say("the plans are the same")
        return 0
    text = print_plan(before)
    diff = unified(text, print_plan(numbered_as(after, before)), args.before, args.after)
    diff = diff or unified(text, print_plan(after), args.before, args.after)  # they differ in numbers alone
    if console.stdout.isatty():
        diff = for_terminal(diff, color=console.color_results)
    console.stdout.write(diff)
    return 1


def _read(path: str, args: argparse.Namespace, console: Console) -> Plan:
    """Return the plan that a file says; raise BadInput for one with errors."""
    front_end = args.front_end or ("python" if path.endswith(".py") else None)
    toolset = static_tools(path, args)
    report_tools(toolset, console)
    parsed = parse(read_source(path), argparse.Namespace(**{**vars(args), "front_end": front_end}), toolset.signatures)
    if has_errors(parsed.diagnostics):
        raise BadInput(parsed.diagnostics, parsed.source)
    return parsed.plan


def _same(before: Plan, after: Plan) -> bool:
    return before == after or (before.body is not None and normal_form(before) == normal_form(after))
