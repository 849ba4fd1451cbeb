"""Load examples for the planner: plan files that begin with their question in a comment.

    # Request: How much higher is Everest than Kilimanjaro?
    1. search(each ["Mount Everest", "Mount Kilimanjaro"])
    2. math("difference of the heights, in metres", $1)
    3. answer("$2 m")

An example that is wrong teaches what is wrong, so each is read by the strict parser and verified against the tools.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lcc.ask.codes import NO_REQUEST
from lcc.compiler import CompileError, check
from lcc.grammar.diagnostics import Diagnostic, Severity, has_errors
from lcc.grammar.signatures import Tools
from lcc.grammar.source import Source
from lcc.grammar.syntax.parser import parse_plan
from lcc.grammar.syntax.print_plan import print_plan
from lcc.runtime.text_files import Unreadable, read_text_file

END: Final = "<END_OF_PLAN>"
_REQUEST: Final = re.compile(
    r"[ \t]*#[ \t]*(?:Request|Question)[ \t]*:[ \t]*(?P<first>[^\r\n]*)(?P<more>(?:\r?\n[ \t]*#[^\r\n]*)*)",
    re.IGNORECASE,
)
_COMMENT: Final = re.compile(r"^[ \t]*#[ \t]?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FewShot:
    """A question and a plan for it, which is correct."""

    question: str
    plan: str


def read_few_shot(text: str, tools: Tools, path: str = "<example>") -> FewShot:
    """Read one example; raise CompileError if it is wrong in any way."""
    source = Source(path, text)
    found = _REQUEST.match(text.lstrip("\ufeff\r\n \t"))
    if found is None or not found["first"].strip():
        said = Diagnostic(
            NO_REQUEST, Severity.ERROR, "the example doesn't begin with its question", None, "begin with `# Request: …`"
        )
        raise CompileError((said,), source)
    parsed = parse_plan(text, path=path)
    diagnostics = check(parsed, tools)
    if has_errors(diagnostics):
        raise CompileError(diagnostics, parsed.source)
    more = _COMMENT.sub("", found["more"]).strip()
    question = f"{found['first'].strip()}\n{more}".strip()
    return FewShot(question, f"{print_plan(parsed.plan).strip()}\n{END}")


def load_few_shots(paths: Iterable[str | Path], tools: Tools) -> tuple[FewShot, ...]:
    """Load examples from plan files, and from folders of them in the order of names; raise CompileError for a wrong one."""
    return tuple(_load(path, tools) for given in paths for path in _files(Path(given)))


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(path.glob("*.plan"))
    else:
        yield path


def _load(path: Path, tools: Tools) -> FewShot:
    try:
        text = read_text_file(path)
    except Unreadable as error:
        said = Diagnostic(NO_REQUEST, Severity.ERROR, f"can't read the example: {error}")
        raise CompileError((said,), Source(str(path), "")) from None
    return read_few_shot(text, tools, str(path))
