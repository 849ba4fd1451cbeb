"""Build the command line's parser, whole or for the one command that is asked for.

Importing every command costs several times what one does, so that a command is imported only where it is named; completion needs
them all. A command's module may so import at its top what it works with, but for packages that are heavy.
"""

from __future__ import annotations

import argparse
import gc
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, cast

from lcc.cli.console import BadInput, Console, Usage, printed_apart, standard_console

if TYPE_CHECKING:
    from lcc.grammar.ir import BodyNotSupported


class Command(NamedTuple):
    """One command: its name, which is that of its module in `lcc.cli.commands`, and its line in `lcc --help`."""

    name: str
    help: str


COMMANDS: Final = (
    Command("check", "report what is wrong with plans, without running anything"),
    Command("compile", "show the compiled plan: as IR, JSON or a plan file"),
    Command("opt", "optimize a plan: plan in, plan out"),
    Command("run", "compile a plan and execute it"),
    Command("ask", "answer a question: a model plans, the plan runs, a model answers"),
    Command("resume", "go on with a recorded run where it broke off"),
    Command("runs", "list the runs of a journal, or show one"),
    Command("replay", "show the results of a recorded run, without its tools"),
    Command("report", "write a page about a recorded run or question"),
    Command("estimate", "say what a run would take: time, calls, tokens, money"),
    Command("fmt", "rewrite plans in the one canonical form"),
    Command("diff", "show how one plan differs from another"),
    Command("graph", "draw what depends on what"),
    Command("explore", "show what lcc makes of a text while it is written, on a local page"),
    Command("reduce", "make a plan or program that goes wrong small"),
    Command("serve", "be a server (MCP) that runs the programs of other agents"),
    Command("lsp", "be a language server: findings, types and completions in an editor"),
    Command("tools", "list tools: signatures, effects, resources"),
    Command("grammar", "print the grammar of the plans that fit the tools"),
    Command("explain", "explain a diagnostic's code, with examples"),
    Command("completion", "print a completion script for a shell"),
)


class CommandModule(Protocol):
    """What a command's module offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments."""

    def run(self, args: argparse.Namespace, console: Console) -> int:
        """Do the work; return the exit status."""


_EPILOG = "exit status: 0 fine, 1 findings or a failed run, 2 usage, 130 interrupted, 141 closed pipe"


def build_parser(argv: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """Return the parser of `lcc`; with `argv`, one that is only fit for that command line."""
    named = [command for command in COMMANDS if argv and argv[0] == command.name]
    formatter: Any = _formatter(argv)
    parser = argparse.ArgumentParser(
        prog="lcc",
        description="A compiler for the plans that language models write.",
        epilog=_EPILOG,
        allow_abbrev=False,
        formatter_class=formatter,
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for command in named or COMMANDS:
        one = commands.add_parser(
            command.name,
            help=command.help,
            description=command.help,
            epilog=_EPILOG,
            allow_abbrev=False,
            formatter_class=formatter,
        )
        if argv is None or command.name in argv:
            module = cast(CommandModule, import_module(f"lcc.cli.commands.{command.name}"))
            module.add_arguments(one)
            one.set_defaults(run=module.run)
    return parser


def _formatter(argv: Sequence[str] | None) -> Callable[[str], argparse.HelpFormatter]:
    """Return what writes help. Only where help is asked for, the terminal's width is: what tells it loads compressors."""
    asked = not argv or "-h" in argv or "--help" in argv
    return argparse.HelpFormatter if asked else partial(argparse.HelpFormatter, width=78)


def dispatch(arguments: Sequence[str], *, own: bool = False) -> tuple[int, bool]:
    """Return a command's exit status, and whether it left something running that can't be stopped. `own`: the process is the command's alone."""
    console = standard_console()
    parser = build_parser(arguments)
    try:
        _check_command(arguments)
        args = parser.parse_args(arguments)
        if args.version:
            from lcc import __version__

            console.print(f"lcc {__version__}")
            return 0, False
        if args.command is None:
            parser.print_help(console.stderr)
            return 2, False
        if own:
            gc.freeze()  # what is loaded stays: neither a run nor the process's end looks for garbage in it
        with printed_apart(console):
            return args.run(args, console), console.leave
    except BadInput as bad:
        console.report(bad.diagnostics, bad.source)
        console.summarize()
        return 1, console.leave
    except Usage as usage:
        console.fail(str(usage))
        return 2, console.leave
    except ValueError as error:
        from lcc.grammar.ir import BodyNotSupported  # only where something went wrong: `lcc --help` needs no IR

        if not isinstance(error, BodyNotSupported):
            raise
        report_unsupported(error, console, str(getattr(args, "file", "")))
        return 1, console.leave
    except SystemExit as asked:
        return int(asked.code or 0), console.leave


def _check_command(arguments: Sequence[str]) -> None:
    """Raise Usage for a command that there isn't, with what may have been meant: argparse lists them all."""
    if arguments and not arguments[0].startswith("-") and all(arguments[0] != command.name for command in COMMANDS):
        from lcc.grammar.diagnostics.terminal import escape
        from lcc.grammar.diagnostics.wording import did_you_mean

        names = [command.name for command in COMMANDS]
        name = arguments[0]
        file = f"lcc run {name}" if "." in name else None
        help = did_you_mean(name, names) or (f"to run a plan: `{file}`" if file else "`lcc --help` lists them")
        raise Usage(escape(f"there is no command `{name}`; {help}"))


def report_unsupported(error: BodyNotSupported, console: Console, path: str = "") -> None:
    """Say what can't treat a plan with a body."""
    from lcc.grammar.diagnostics import Diagnostic, Severity
    from lcc.grammar.source import Source
    from lcc.runtime.codes import BODY_NOT_SUPPORTED

    found = Diagnostic(BODY_NOT_SUPPORTED, Severity.ERROR, str(error), None, "other commands and options may")
    console.report((found,), Source(path, ""))
    console.summarize()
