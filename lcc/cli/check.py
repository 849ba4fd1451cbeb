"""`lcc check`: report what is wrong with plans. Nothing is run; tools are read, and imported only if `--tools` names code."""

from __future__ import annotations

import argparse

from lcc.cli.bad_input import BadInput
from lcc.cli.console import Console
from lcc.cli.options import add_front_end, add_tools


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="a plan file; - is standard input")
    add_tools(parser)
    add_front_end(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")


def run(args: argparse.Namespace, console: Console) -> int:
    """Report on every file; the status is 1 if there is an error or a warning in any."""
    from lcc.cli.findings import Findings
    from lcc.cli.front import read_file
    from lcc.cli.toolsets import Toolsets
    from lcc.compiler import check

    findings = Findings()
    toolsets = Toolsets(args.tools, findings)
    for path in args.files:
        try:
            tools = toolsets.of(path).signatures
            parsed = read_file(path, args, tools)
            findings.add(check(parsed, tools), parsed.source)
        except BadInput as bad:
            findings.add(bad.diagnostics, bad.source)
    if args.format == "json":
        console.print(findings.as_json())
    else:
        findings.report(console)
    return int(findings.matter)
