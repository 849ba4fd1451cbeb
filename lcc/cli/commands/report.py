"""`lcc report`: write a page about a recorded run or question."""

from __future__ import annotations

import argparse
from contextlib import closing

from lcc.cli.console import Console
from lcc.cli.execution import journal_errors
from lcc.cli.files import replace_file
from lcc.grammar.source import Source
from lcc.runtime.journal.file import JournalFile
from lcc.runtime.journal.questions import load_question, question_named


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("journal", metavar="JOURNAL", help="the file that `lcc run --journal` wrote")
    parser.add_argument(
        "run_id",
        metavar="RUN",
        nargs="?",
        help="the beginning of the id of a run or a question (default: the last one)",
    )
    parser.add_argument("-o", "--output", metavar="OUT", help="where to write the page (default: standard output)")


def run(args: argparse.Namespace, console: Console) -> int:
    """Write the page."""
    page = _page(args.journal, args.run_id)
    if args.output is None:
        console.print_data(page)
    else:
        replace_file(args.output, page)
    return 0


def _page(path: str, prefix: str | None) -> str:
    from lcc.cli.views.run_report import question_report, stored_report

    with journal_errors(Source(path, "")), closing(JournalFile(path)) as file:
        named = question_named(file, prefix)
        if named is None:
            return stored_report(path, file.load(prefix))
        question = load_question(file, named)
        return question_report(path, question, [file.load(run.id) for run in question.runs])
