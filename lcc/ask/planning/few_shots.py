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

from lcc.codes import NO_REQUEST
from lcc.compiler import CompileError, check
from lcc.grammar.diagnostics import Diagnostic, Severity, has_errors
from lcc.grammar.front_ends import parse
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
    question, _ = _question(text, path)
    parsed = parse_plan(text, path=path)
    diagnostics = check(parsed, tools)
    if has_errors(diagnostics):
        raise CompileError(diagnostics, parsed.source)
    return FewShot(question, f"{print_plan(parsed.plan).strip()}\n{END}")


def read_program_shot(text: str, tools: Tools, path: str = "<example>") -> FewShot:
    """Read one example that is a program; raise CompileError if it is wrong in any way."""
    question, program = _question(text, path)
    parsed = parse(text, "python", path=path, tools=tools)
    diagnostics = check(parsed, tools)
    if has_errors(diagnostics):
        raise CompileError(diagnostics, parsed.source)
    return FewShot(question, program.strip())


def _question(text: str, path: str) -> tuple[str, str]:
    """Return the question in the comment that an example begins with, and what stands behind it."""
    text = text.lstrip("\ufeff\r\n \t")
    found = _REQUEST.match(text)
    if found is None or not found["first"].strip():
        raise wrong_example("the example doesn't begin with its question", path, text, "begin with `# Request: …`")
    more = _COMMENT.sub("", found["more"]).strip()
    return f"{found['first'].strip()}\n{more}".strip(), text[found.end() :]


def load_few_shots(paths: Iterable[str | Path], tools: Tools) -> tuple[FewShot, ...]:
    """Load examples from plan files, and from folders of them in the order of names; raise CompileError for a wrong one."""
    return tuple(read_few_shot(text, tools, path) for text, path in example_texts(paths, "*.plan"))


def example_texts(paths: Iterable[str | Path], pattern: str) -> Iterator[tuple[str, str]]:
    """Yield the text and the path of each file, of a folder those whose names match; raise CompileError for one that can't be read."""
    for path in map(Path, paths):
        for file in sorted(path.glob(pattern)) if path.is_dir() else (path,):
            try:
                yield read_text_file(file), str(file)
            except Unreadable as error:
                raise wrong_example(f"can't read the example: {error}", str(file)) from None


def wrong_example(message: str, path: str, text: str = "", help_: str | None = None) -> CompileError:
    """Return what is raised for an example that can't be used."""
    return CompileError((Diagnostic(NO_REQUEST, Severity.ERROR, message, None, help_),), Source(path, text))
