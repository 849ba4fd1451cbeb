"""Explain why a module of tools can't be imported, at the last line of it that was running."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.signatures.rules import FAILING_IMPORT
from lcc.grammar.signatures.stubs import syntax_error
from lcc.grammar.source import Source, Span
from lcc.python_tools.declare import ToolError
from lcc.python_tools.modules import find_module, same_file
from lcc.toolset.sources import Found, no_module, source_at
from lcc.toolset.specs import Kind, ToolSpec

MAX_MESSAGE: Final = 300


def import_fault(spec: ToolSpec, error: BaseException, source: Source) -> Found:
    """Return the finding for an exception that ended an import; `source` is the text of the file, where that is known."""
    if isinstance(error, ModuleNotFoundError) and spec.kind is Kind.MODULE and _is_prefix(error.name, spec.target):
        return no_module(spec, None)
    if spec.kind is Kind.MODULE:
        path = find_module(spec.target, spec.base)
        source = source_at(path) if path is not None else source
    span, elsewhere = _where(error, source, spec)
    if isinstance(error, SyntaxError) and elsewhere is None:
        return source, (syntax_error(source, error),), []
    if isinstance(error, ToolError):
        return source, (Diagnostic(error.code, Severity.ERROR, error.message, span, error.help),), []
    if isinstance(error, SystemExit):
        message = f"it can't be imported: it ends the process with sys.exit({_shortened(repr(error.code))})"
    else:
        message = f"it can't be imported: {describe(error)}"
    return source, (Diagnostic(FAILING_IMPORT.code, Severity.ERROR, message, span, elsewhere),), []


def _is_prefix(name: str | None, module: str) -> bool:
    return name is not None and (module == name or module.startswith(f"{name}."))


def describe(error: BaseException) -> str:
    """Return an exception's type and the first line of its message."""
    name = type(error).__name__
    try:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
    except Exception:
        text = ""
    first = _shortened(text.strip().partition("\n")[0])
    return f"{name}: {first}" if first else name


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_MESSAGE else f"{text[: MAX_MESSAGE - 1]}…"


def _where(error: BaseException, source: Source, spec: ToolSpec) -> tuple[Span | None, str | None]:
    """Return the last line of the tools file that was running, and where the error was raised if that is another file."""
    path = spec.path if spec.kind is Kind.PYTHON else Path(source.path)
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        if same_file(error.filename, path):
            return _line(source, error.lineno), None
        return _last_line(error, source, path), f"the error is in {error.filename}, line {error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    span = _last_line(error, source, path)
    last = frames[-1] if frames else None
    if last is None or same_file(last.filename, path) or last.filename.startswith("<frozen"):
        return span, _remedy(error)
    return span, f"raised in {last.filename}, line {last.lineno}"


def _last_line(error: BaseException, source: Source, path: Path) -> Span | None:
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.lineno and same_file(frame.filename, path):
            return _line(source, frame.lineno)
    return None


def _line(source: Source, number: int) -> Span | None:
    text = source.line(number)
    if not text.strip():
        return None
    start = source.line_start(number) + len(text) - len(text.lstrip())
    return Span(start, start + len(text.strip()))


def _remedy(error: BaseException) -> str | None:
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"install what provides `{error.name}` for {sys.executable}"
    return None
