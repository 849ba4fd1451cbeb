"""`lcc explain`: what a diagnostic's code means, with an example that fires and one that doesn't."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterable, Sequence

from lcc.cli.console import Console, Usage
from lcc.cli.rule_examples import check_example
from lcc.codes import all_rules
from lcc.grammar.diagnostics import Rule
from lcc.grammar.diagnostics.render import render
from lcc.grammar.diagnostics.terminal import escape_lines
from lcc.grammar.diagnostics.wording import did_you_mean

_WIDTH = 88


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "code", nargs="?", metavar="CODE", help="a code such as V003, or its name; without it, all are listed"
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """Print the explanation of a code, or the list of all."""
    rules = all_rules()
    if args.code is None:
        console.print(_table(rules))
    else:
        console.print(_explanation(_find(args.code, rules), console))
    return 0


def _find(wanted: str, rules: Sequence[Rule]) -> Rule:
    for rule in rules:
        if wanted.upper() == rule.code or wanted.lower() == rule.name:
            return rule
    hint = did_you_mean(wanted, [name for rule in rules for name in (rule.code, rule.name)])
    raise Usage(f"no diagnostic has the code `{wanted}`; {hint or '`lcc explain` lists all codes'}")


def _table(rules: Iterable[Rule]) -> str:
    rules = tuple(rules)
    wide = max(len(rule.name) for rule in rules)
    return "".join(f"{rule.code}  {rule.name:<{wide}}  {rule.summary}\n" for rule in rules)


def _explanation(rule: Rule, console: Console) -> str:
    bad, good = ("For example", "Not here") if rule.code.startswith("O") else ("Bad", "Good")
    parts = [f"{rule.code} {rule.name}: {rule.summary}", textwrap.fill(rule.why, _WIDTH)]
    if rule.tools.strip():
        parts.append(f"With the tools\n\n{_indent(rule.tools)}")
    if rule.bad.strip():
        parts.append(f"{bad}:\n\n{_indent(rule.bad)}")
        shown = _diagnosis(rule, console)
        if shown:
            parts.append(textwrap.indent(shown.rstrip("\n"), "    "))
    if rule.good.strip():
        parts.append(f"{good}:\n\n{_indent(rule.good)}")
    return "\n\n".join(parts) + "\n"


def _diagnosis(rule: Rule, console: Console) -> str:
    """Return what lcc really says about the bad example; empty where only a run shows it."""
    diagnostics, source = check_example(rule, rule.bad)
    mine = [d for d in diagnostics if d.code == rule.code]
    return render(mine, source, color=console.color_results, width=_WIDTH)


def _indent(text: str) -> str:
    return textwrap.indent(escape_lines(text.strip("\n")), "    ")
