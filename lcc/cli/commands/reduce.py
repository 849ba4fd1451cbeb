"""`lcc reduce`: make a plan or program that goes wrong small, as long as it goes wrong in the same way. No tool is called."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from lcc.cli.console import Console, Usage
from lcc.cli.files import STDIN, read_source, replace_file
from lcc.cli.front import language, report_tools, static_tools
from lcc.cli.options import add_file, add_front_end, add_tools
from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.diagnostics.wording import plural
from lcc.grammar.front_ends import front_end as named
from lcc.reducing.shrinking import MOST_TRIES, reduce_text
from lcc.reducing.symptoms import fault_of, goes_wrong_alike


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_file(parser)
    add_tools(parser)
    add_front_end(parser)
    parser.add_argument(
        "--test",
        metavar="COMMAND",
        help="the text goes wrong as long as this command ends with the same status; {} is the file (default: the same error, "
        "the same exception, or levels -O that differ)",
    )
    parser.add_argument("--says", metavar="TEXT", help="with --test: and as long as the command prints this")
    parser.add_argument(
        "--timeout", type=float, default=60.0, metavar="S", help="with --test: seconds for the command (default: 60)"
    )
    parser.add_argument(
        "--tries", type=int, default=MOST_TRIES, metavar="N", help=f"texts to try at most (default: {MOST_TRIES})"
    )
    parser.add_argument("--out", metavar="OUT", help="write the small text to a file (default: print it)")


def run(args: argparse.Namespace, console: Console) -> int:
    """Print the smallest text that goes wrong alike; the status is 1 if the text itself doesn't go wrong."""
    if args.says is not None and args.test is None:
        raise Usage("--says: it is for what the command of --test prints")
    source = read_source(args.file)
    with TemporaryDirectory() as folder:
        found = _by_command(source.text, args, Path(folder)) if args.test else _by_fault(source.text, args, console)
        if found is None:
            return 1
        said, holds = found
        console.say(escape(f"{source.path}: {said}"))
        small = reduce_text(source.text, holds, args.tries)
    before, after = (len(text.splitlines()) for text in (source.text, small.text))
    more = "" if small.ended else "; more tries (--tries) may make it smaller"
    console.say(f"{plural(before, 'line')} became {after}, after {plural(small.tries, 'test')}{more}")
    if args.out is None:
        console.print_data(small.text)
    else:
        replace_file(args.out, small.text)
    return 0


Found = tuple[str, Callable[[str], bool]]


def _by_fault(text: str, args: argparse.Namespace, console: Console) -> Found | None:
    """Return how the text goes wrong by itself, and the test for it."""
    toolset = static_tools(args.file, args)
    report_tools(toolset, console)
    front_end = language(args.file, args)
    try:
        named(front_end)
    except ValueError as error:
        raise Usage(f"--front-end {front_end}: {error}") from None
    fault = fault_of(text, toolset.signatures, front_end)
    if fault is None:
        runs = "" if toolset.signatures else "; without --tools it wasn't run"
        console.fail(f"{escape(args.file)}: nothing goes wrong with it{runs}; --test names a command that sees it")
        return None
    return str(fault), goes_wrong_alike(fault, toolset.signatures, front_end)


def _by_command(text: str, args: argparse.Namespace, folder: Path) -> Found:
    """Return what a command says of the text, and the test whether it says the same of another; raise Usage for no command."""
    try:
        command = shlex.split(args.test)
    except ValueError as error:
        raise Usage(f"--test: {error}") from None
    path = folder / ("text.plan" if args.file == STDIN else os.path.basename(args.file))
    command = [word.replace("{}", str(path)) for word in (command if "{}" in args.test else [*command, "{}"])]

    def outcome(other: str) -> tuple[int, bool] | None:
        path.write_text(other, encoding="utf-8")
        try:
            done = subprocess.run(  # noqa: S603  (the user's own command)
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=args.timeout, check=False
            )
        except subprocess.TimeoutExpired:
            return None
        except OSError as error:
            raise Usage(f"--test: {error}") from None
        printed = (done.stdout + done.stderr).decode(errors="replace")
        return done.returncode, args.says is None or args.says in printed

    first = outcome(text)
    if first is None:
        raise Usage(f"--test: the command takes longer than {args.timeout:g} seconds; --timeout gives it more")
    if not first[1]:
        raise Usage(f"--test: the command doesn't print {args.says!r}")
    return f"the command ends with status {first[0]}", lambda other: outcome(other) == first
