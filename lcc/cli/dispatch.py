"""Parse a command line and run the command that it names."""

from __future__ import annotations

from collections.abc import Sequence

from lcc.cli.bad_input import BadInput, Usage
from lcc.cli.console import standard_console
from lcc.cli.main import build_parser
from lcc.cli.printed import printed_apart


def dispatch(arguments: Sequence[str]) -> tuple[int, bool]:
    """Return a command's exit status, and whether it left something running that can't be stopped."""
    console = standard_console()
    parser = build_parser(arguments)
    try:
        args = parser.parse_args(arguments)
        if args.version:
            from lcc import __version__

            console.print(f"lcc {__version__}")
            return 0, False
        if args.command is None:
            parser.print_help(console.stderr)
            return 2, False
        with printed_apart(console):
            return args.run(args, console), console.leave
    except BadInput as bad:
        console.report(bad.diagnostics, bad.source)
        console.summarize()
        return 1, console.leave
    except Usage as usage:
        console.fail(str(usage))
        return 2, console.leave
    except SystemExit as asked:
        return int(asked.code or 0), console.leave
