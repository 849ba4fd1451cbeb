"""`lcc check`: report what is wrong with plans. Nothing is run; tools are read, and imported only if `--tools` names code."""

from __future__ import annotations

import argparse

from lcc.cli.console import BadInput, Console, Usage
from lcc.cli.files import STDIN, plan_files, read_source, replace_file
from lcc.cli.front import language, parse
from lcc.cli.options import add_front_end, add_tools
from lcc.cli.projects import Findings, Project, Projects
from lcc.compiler import findings as find
from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.diagnostics.wording import plural
from lcc.grammar.front_ends import BY_SUFFIX
from lcc.grammar.source import Source
from lcc.passes.lint.selection import UnknownSelector


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="a plan file, or a folder of them; - is standard input"
    )
    add_tools(parser)
    add_front_end(parser)
    parser.add_argument(
        "--format",
        choices=("text", "json", "github", "sarif", "model"),
        default="text",
        help="default: text; github: annotations of a workflow; sarif: for code scanning; model: a text to send back to a planner",
    )
    parser.add_argument("--fix", action="store_true", help="apply the safe fixes, and report what is left")
    for option, does in (("--select", "use only these lints"), ("--ignore", "leave out these lints")):
        parser.add_argument(
            option,
            action="append",
            default=[],
            metavar="CODES",
            help=f"{does}: codes such as L004, how codes begin, or names, separated by commas (may be repeated; "
            "default: [tool.lcc])",
        )


def run(args: argparse.Namespace, console: Console) -> int:
    """Report on every file; the status is 1 if there is an error or a warning in any."""
    findings = Findings()
    projects = Projects(args.tools, findings, trust_annotations=args.trust_annotations)
    for path in plan_files(args.files):
        try:
            project = projects.of(path)
            if args.fix:
                findings.add(*_fix(path, args, project, console))
            else:
                source = read_source(path)
                findings.add(_findings(source, args, project), source)
        except BadInput as bad:
            findings.add(bad.diagnostics, bad.source)
    if args.format == "json":
        console.print(findings.as_json())
    elif args.format == "sarif":
        console.print(findings.as_sarif())
    elif args.format in ("github", "model"):
        console.print_data(findings.for_model() if args.format == "model" else findings.for_github())
    else:
        findings.report(console)
    return int(findings.matter)


def _findings(source: Source, args: argparse.Namespace, project: Project) -> tuple[Diagnostic, ...]:
    """Return all that is wrong with a text; lints look at plans without errors only."""
    tools = project.toolset.signatures
    parsed = parse(source, args, tools)
    select = _codes(args.select) or project.config.select or None
    ignore = _codes(args.ignore) or project.config.ignore
    try:
        return find(parsed, tools, select, ignore)
    except UnknownSelector as error:
        raise Usage(str(error)) from None


def _codes(given: list[str]) -> tuple[str, ...]:
    return tuple(code.strip() for one in given for code in one.split(",") if code.strip())


def _fix(
    path: str, args: argparse.Namespace, project: Project, console: Console
) -> tuple[tuple[Diagnostic, ...], Source]:
    """Apply safe fixes until none is left; report what remains in the fixed text."""
    from lcc.passes.lint.fixes import fix_text

    if language(path, args) in BY_SUFFIX.values():
        raise Usage(f"--fix {path}: fixes are made in plan files; `lcc compile --emit plan` prints one")
    source = read_source(path)
    fixed = fix_text(source.text, lambda text: _findings(Source(source.path, text), args, project))
    if path == STDIN:
        console.print_data(fixed.text)
    elif fixed.text != source.text:
        replace_file(path, fixed.text)
    if fixed.applied:
        console.say(f"{escape(source.path)}: fixed {plural(len(fixed.applied), 'finding')}")
    return fixed.left, Source(source.path, fixed.text)
