"""Read one source of tools without running it: a stub, a JSON file, or the syntax of a module."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TypeAlias

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.diagnostics.wording import did_you_mean
from lcc.grammar.signatures.declaration import Stub
from lcc.grammar.signatures.json_functions import read_functions_text
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.signatures.tool_rules import NO_MODULE, NO_SUCH_OBJECT, UNREADABLE_FILE
from lcc.grammar.source import Source
from lcc.python_tools.modules import find_module
from lcc.text_files import Unreadable, read_text_file
from lcc.toolset.joining import Entry
from lcc.toolset.specs import Kind, ToolSpec

Found: TypeAlias = tuple[Source, tuple[Diagnostic, ...], list[Entry]]
"""A text, what is wrong with it, and the tools in it."""


def read_entries(spec: ToolSpec) -> Found:
    """Read the declarations of a file, or of a module that is found without importing it. Nothing is run."""
    path, shown = spec.path, spec.shown
    if spec.kind is Kind.MODULE:
        found = find_module(spec.target, spec.base)
        if found is None:
            return no_module(spec, "no Python file was found for it without importing it")
        path, shown = found, from_here(found)
    try:
        text = read_text_file(path)
    except Unreadable as error:
        return unreadable(spec, shown, str(error))
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
    return at_spec(spec, Diagnostic(NO_SUCH_OBJECT.code, Severity.ERROR, message, spec.span, help))


def source_of(module: ModuleType) -> Source:
    return source_at(Path(module.__file__ or module.__name__))


def source_at(path: Path) -> Source:
    """Return a module's text; empty where it has none, as for a compiled one."""
    try:
        return Source(from_here(path), read_text_file(path) if path.suffix == ".py" else "")
    except Unreadable:
        return Source(from_here(path), "")


def from_here(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def unreadable(spec: ToolSpec, shown: str, reason: str) -> Found:
    message = f"can't read the tools file: {reason}"
    if spec.span is None:
        return Source(shown, ""), (Diagnostic(UNREADABLE_FILE.code, Severity.ERROR, message),), []
    return at_spec(spec, Diagnostic(UNREADABLE_FILE.code, Severity.ERROR, f"{shown}: {message}", spec.span))


def no_module(spec: ToolSpec, reason: str | None) -> Found:
    message = f"there is no module `{spec.target}`" + (f": {reason}" if reason else "")
    help = f"for a file write {spec.target.replace('.', '/')}.py"
    return at_spec(spec, Diagnostic(NO_MODULE.code, Severity.ERROR, message, spec.span, help))


def at_spec(spec: ToolSpec, diagnostic: Diagnostic) -> Found:
    return spec.source, (diagnostic,), []
