"""Read one source of tools: a stub, a JSON file or a module's syntax; or import a module and find its tools."""

from __future__ import annotations

import inspect
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Final, TypeAlias

from lcc.declare import ToolError, declaration_of
from lcc.grammar.declaration import Stub
from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.functions import read_functions_text
from lcc.grammar.nearest import did_you_mean
from lcc.grammar.source import Source, Span
from lcc.grammar.stubs import read_stub
from lcc.grammar.tool_rules import FAILING_IMPORT, NO_MODULE, NO_SUCH_OBJECT, NO_TOOLS, UNREADABLE_FILE
from lcc.import_tools import ImportFailure, find_module, import_file, import_module, same_file
from lcc.runtime.tool import Tool
from lcc.text_files import Unreadable, read_text_file
from lcc.tool_entries import Entry
from lcc.tool_specs import Kind, ToolSpec

Found: TypeAlias = tuple[Source, tuple[Diagnostic, ...], list[Entry]]
"""A text, what is wrong with it, and the tools in it."""

MAX_MESSAGE: Final = 300


def read_entries(spec: ToolSpec) -> Found:
    """Read the declarations of a file, or of a module that is found without importing it. Nothing is run."""
    path, shown = spec.path, spec.shown
    if spec.kind is Kind.MODULE:
        found = find_module(spec.target, spec.base)
        if found is None:
            return _no_module(spec, "no Python file was found for it without importing it")
        path, shown = found, _from_here(found)
    try:
        text = read_text_file(path)
    except Unreadable as error:
        return _unreadable(spec, shown, str(error))
    stub = read_functions_text(text, shown) if spec.kind is Kind.FUNCTIONS else read_stub(text, shown)
    entries = [
        Entry(signature, stub.source, stub.places.get(signature.name), spec.kind in (Kind.PYTHON, Kind.MODULE))
        for signature in stub.signatures
    ]
    if spec.name is None:
        return stub.source, stub.diagnostics, entries
    return _named(spec, spec.name, stub, entries)


def _named(spec: ToolSpec, name: str, stub: Stub, entries: list[Entry]) -> Found:
    """Keep the one tool that is asked for, and of the findings those that concern it or all."""
    chosen = [entry for entry in entries if entry.signature.name == name]
    if chosen or any(d.is_error for d in stub.diagnostics):
        return stub.source, stub.diagnostics, chosen
    known = [entry.signature.name for entry in entries]
    help = did_you_mean(name, known) or f"its tools are {', '.join(known[:8]) or 'none'}"
    message = f"{stub.source.path} has no tool `{name}`"
    return _at_spec(spec, Diagnostic(NO_SUCH_OBJECT.code, Severity.ERROR, message, spec.span, help))


def import_entries(spec: ToolSpec) -> Found:
    """Import a module and find its tools."""
    source = Source(spec.shown, "")
    if spec.kind is Kind.PYTHON:
        try:
            source = Source(spec.shown, read_text_file(spec.path))
        except Unreadable as error:
            return _unreadable(spec, spec.shown, str(error))
    try:
        module = import_file(spec.path) if spec.kind is Kind.PYTHON else import_module(spec.target, spec.base)
    except ImportFailure as failure:
        return _failed(spec, failure.cause, source)
    return _imported(spec, module, source if spec.kind is Kind.PYTHON else _source_of(module))


def _imported(spec: ToolSpec, module: ModuleType, source: Source) -> Found:
    from lcc.collect import collect, module_tools

    tools: list[Tool] = []
    try:
        if spec.name is None:
            tools += module_tools(module)
        else:
            tools += collect(_attribute(module, spec.name))
    except AttributeError:
        known = [name for name, value in vars(module).items() if inspect.isroutine(value) and declaration_of(value)]
        help = did_you_mean(spec.name or "", known) or f"its tools are {', '.join(known[:8]) or 'none'}"
        message = f"{spec.shown} has nothing called `{spec.name}`"
        return _at_spec(spec, Diagnostic(NO_SUCH_OBJECT.code, Severity.ERROR, message, spec.span, help))
    except ToolError as error:
        return source, (Diagnostic(error.code, Severity.ERROR, error.message, None, error.help),), []
    if not tools:
        help = "decorate functions with `@lcc.tool`, or name an object that holds tools: `MODULE:name`"
        return source, (Diagnostic(NO_TOOLS.code, Severity.ERROR, "no tools here", None, help),), []
    return source, (), [_entry(tool, module, source) for tool in tools]


def _attribute(module: ModuleType, name: str) -> object:
    """Return the object of a dotted name, or the tool that is declared under that name."""
    from lcc.collect import module_tools

    found: object = module
    try:
        for part in name.split("."):
            found = getattr(found, part)
    except AttributeError:
        for tool in module_tools(module):
            if tool.name == name:
                return tool
        raise
    return found


def _entry(tool: Tool, module: ModuleType, source: Source) -> Entry:
    """Say where a tool's function stands, which may be in another file than the module that names it."""
    function = inspect.unwrap(tool.function)
    code = getattr(function, "__code__", None) or getattr(getattr(function, "__func__", None), "__code__", None)
    if code is None:
        return Entry(tool.signature, source, None, True, tool)
    if not same_file(code.co_filename, Path(module.__file__ or "")):
        return Entry(tool.signature, _source_at(Path(code.co_filename)), None, True, tool)
    return Entry(tool.signature, source, _definition(source, code.co_firstlineno, code.co_name), True, tool)


def _definition(source: Source, line: int, name: str) -> Span | None:
    """Return the span of a function's name; `line` is its first, which is that of its first decorator."""
    if not source.line(line):
        return None
    start = source.line_start(line)
    at = source.text.find(f"def {name}", start)
    return Span(at + 4, at + 4 + len(name)) if at >= 0 else Span(start, start + len(source.line(line)))


def _failed(spec: ToolSpec, error: BaseException, source: Source) -> Found:
    if isinstance(error, ModuleNotFoundError) and spec.kind is Kind.MODULE and _is_prefix(error.name, spec.target):
        return _no_module(spec, None)
    if spec.kind is Kind.MODULE:
        path = find_module(spec.target, spec.base)
        source = _source_at(path) if path is not None else source
    span, elsewhere = _where(error, source, spec)
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


def _source_of(module: ModuleType) -> Source:
    return _source_at(Path(module.__file__ or module.__name__))


def _source_at(path: Path) -> Source:
    """Return a module's text; empty where it has none, as for a compiled one."""
    try:
        return Source(_from_here(path), read_text_file(path) if path.suffix == ".py" else "")
    except Unreadable:
        return Source(_from_here(path), "")


def _from_here(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def _unreadable(spec: ToolSpec, shown: str, reason: str) -> Found:
    message = f"can't read the tools file: {reason}"
    if spec.span is None:
        return Source(shown, ""), (Diagnostic(UNREADABLE_FILE.code, Severity.ERROR, message),), []
    return _at_spec(spec, Diagnostic(UNREADABLE_FILE.code, Severity.ERROR, f"{shown}: {message}", spec.span))


def _no_module(spec: ToolSpec, reason: str | None) -> Found:
    message = f"there is no module `{spec.target}`" + (f": {reason}" if reason else "")
    help = f"for a file write {spec.target.replace('.', '/')}.py"
    return _at_spec(spec, Diagnostic(NO_MODULE.code, Severity.ERROR, message, spec.span, help))


def _at_spec(spec: ToolSpec, diagnostic: Diagnostic) -> Found:
    return spec.source, (diagnostic,), []
