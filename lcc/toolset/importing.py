"""Import one source of tools, and say where in it each tool stands."""

from __future__ import annotations

import inspect
import sys
from contextlib import suppress
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Final

from lcc.config import from_here
from lcc.grammar.diagnostics import Severity
from lcc.grammar.diagnostics.wording import brief
from lcc.grammar.signatures.tool_rules import FAILING_IMPORT, NO_TOOLS
from lcc.grammar.source import Source, Span
from lcc.python_tools.collect import collect, declared_in
from lcc.python_tools.declare import ToolError
from lcc.python_tools.modules import ImportFailure, find_module, import_file, import_module, same_file
from lcc.runtime.text_files import Unreadable, read_text_file
from lcc.runtime.tool import Tool
from lcc.toolset.sources import Entry, Kind, Loaded, ToolSpec

if TYPE_CHECKING:
    from traceback import StackSummary

MAX_MESSAGE: Final = 300


def import_source(spec: ToolSpec, loaded: Loaded) -> None:
    """Import a file or a module, and add its tools."""
    is_file = spec.kind is Kind.PYTHON
    source = loaded.text_of(spec, spec.path, spec.shown) if is_file else Source(spec.shown, "")
    if source is None:
        return
    try:
        module = import_file(spec.path) if is_file else import_module(spec.target, spec.base)
    except ImportFailure as failure:
        _report_failure(spec, failure.cause, source, loaded)
        return
    if not is_file:
        source = _source_at(Path(module.__file__ or module.__name__))
    objects = declared_in(module)
    if spec.name is not None:
        try:
            objects = [_attribute(module, spec.name)]
        except AttributeError:
            known = [str(getattr(declared, "__name__", "")) for declared in objects]
            loaded.no_tool(spec, f"{spec.shown} has nothing called `{spec.name}`", known)
            return
    if not objects:
        help = "decorate functions with `@lcc.tool`, or name an object that holds tools: `MODULE:name`"
        loaded.report(NO_TOOLS.code, "no tools here", source, None, help)
    for found in objects:
        try:
            loaded.entries += [_entry(tool, module, source) for tool in collect(found)]
        except ToolError as error:
            asked = spec.name is not None
            message = error.message if asked else f"a tool is left out: {error.message}"
            severity = Severity.ERROR if asked else Severity.WARNING
            loaded.report(error.code, message, source, _place(found, source), error.help, severity)


def _attribute(module: ModuleType, name: str) -> object:
    """Return the object of a dotted name, or the tool that is declared under that name."""
    found: object = module
    try:
        for part in name.split("."):
            found = getattr(found, part)
    except AttributeError:
        with suppress(ToolError):
            for tool in collect(module):
                if tool.name == name:
                    return tool
        raise
    return found


def _entry(tool: Tool, module: ModuleType, source: Source) -> Entry:
    """Say where a tool's function stands, which may be in another file than the module that names it."""
    code = _code(tool.function)
    if code is not None and not same_file(code.co_filename, Path(module.__file__ or "")):
        source = _source_at(Path(code.co_filename))
    return Entry(tool.signature, source, _place(tool.function, source), True, tool)


def _source_at(path: Path) -> Source:
    """Return a module's text; empty where it has none, as for a compiled one."""
    try:
        return Source(from_here(path), read_text_file(path) if path.suffix == ".py" else "")
    except Unreadable:
        return Source(from_here(path), "")


def _place(function: object, source: Source) -> Span | None:
    """Return the span of a function's name, if the source is the text that defines it."""
    code = _code(function)
    if code is None or from_here(Path(code.co_filename)) != from_here(Path(source.path).absolute()):
        return None
    line = code.co_firstlineno  # that of its first decorator
    if not source.line(line):
        return None
    start = source.line_start(line)
    at = source.text.find(f"def {code.co_name}", start)
    return Span(at + 4, at + 4 + len(code.co_name)) if at >= 0 else Span(start, start + len(source.line(line)))


def _code(function: object) -> CodeType | None:
    if not callable(function):
        return None
    inner = inspect.unwrap(function)
    found = getattr(inner, "__code__", None) or getattr(getattr(inner, "__func__", None), "__code__", None)
    return found if isinstance(found, CodeType) else None


def _report_failure(spec: ToolSpec, error: BaseException, source: Source, loaded: Loaded) -> None:
    """Report an exception that ended an import; `source` is the text of the file, where that is known."""
    if spec.kind is Kind.MODULE:
        if isinstance(error, ModuleNotFoundError) and _is_prefix(error.name, spec.target):
            loaded.no_module(spec)
            return
        path = find_module(spec.target, spec.base)
        source = _source_at(path) if path is not None else source
    span, elsewhere = _where(error, source, spec)
    if isinstance(error, SyntaxError) and elsewhere is None:
        from lcc.grammar.signatures.stubs import syntax_error

        loaded.add(source, [syntax_error(source, error)])
    elif isinstance(error, ToolError):
        loaded.report(error.code, error.message, source, span, error.help)
    else:
        why = _described(error)
        if isinstance(error, SystemExit):
            why = f"it ends the process with sys.exit({brief(repr(error.code), MAX_MESSAGE)})"
        loaded.report(FAILING_IMPORT.code, f"it can't be imported: {why}", source, span, elsewhere)


def _is_prefix(name: str | None, module: str) -> bool:
    return name is not None and (module == name or module.startswith(f"{name}."))


def _described(error: BaseException) -> str:
    """Return an exception's type and the first line of its message."""
    name = type(error).__name__
    try:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
    except Exception:
        text = ""
    first = brief(text.strip().partition("\n")[0], MAX_MESSAGE)
    return f"{name}: {first}" if first else name


def _where(error: BaseException, source: Source, spec: ToolSpec) -> tuple[Span | None, str | None]:
    """Return the last line of the tools file that was running, and where the error was raised if that is another file."""
    path = spec.path if spec.kind is Kind.PYTHON else Path(source.path)
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        if same_file(error.filename, path):
            return _line(source, error.lineno), None
        return _last_line(error, source, path), f"the error is in {error.filename}, line {error.lineno}"
    frames = _frames(error)
    span = _last_line(error, source, path)
    last = frames[-1] if frames else None
    if last is None or same_file(last.filename, path) or last.filename.startswith("<frozen"):
        return span, _remedy(error)
    return span, f"raised in {last.filename}, line {last.lineno}"


def _frames(error: BaseException) -> StackSummary:
    from traceback import extract_tb

    return extract_tb(error.__traceback__)


def _last_line(error: BaseException, source: Source, path: Path) -> Span | None:
    for frame in reversed(_frames(error)):
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
