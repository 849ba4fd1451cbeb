"""Understand what names tools: `FILE.py`, `FILE.pyi`, `FILE.json` or `package.module`, each with `:name` for one tool."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from lcc.config import Config
from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.signatures.tool_rules import BAD_SPEC
from lcc.grammar.source import Source, Span

_FILE: Final = re.compile(r"(?P<target>.+\.(?P<kind>pyi|py|json))(?::(?P<name>[^:\\/]+))?\Z", re.IGNORECASE | re.DOTALL)
_MODULE: Final = re.compile(r"(?P<target>[^\W\d]\w*(?:\.[^\W\d]\w*)*)(?::(?P<name>[^:\\/]+))?\Z")
_FORMS: Final = "a source is FILE.py, FILE.pyi, FILE.json or package.module, with `:name` behind it for one tool"


class Kind(Enum):
    """What a source is."""

    PYTHON = "py"
    STUB = "pyi"
    FUNCTIONS = "json"
    MODULE = "module"


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """One source of tools. `name`: which tool of it, or None for all.

    `base`: the folder that the target is relative to. `trusted`: whether a person named it on the command line or in a program,
    so that it may be imported; a project's file doesn't count. `source` and `span`: where it is named, for messages.
    """

    kind: Kind
    target: str
    name: str | None
    base: Path
    trusted: bool
    source: Source
    span: Span | None = None

    @property
    def path(self) -> Path:
        """The file, unless it is a module."""
        return self.base / self.target

    @property
    def shown(self) -> str:
        """The file as a person would write it from here, or the module's name."""
        if self.kind is Kind.MODULE:
            return self.target
        if self.trusted:
            return self.target
        try:
            return str(self.path.relative_to(Path.cwd()))
        except (ValueError, OSError):
            return str(self.path)


def parse_spec(text: str, base: Path, source: Source, span: Span | None, *, trusted: bool) -> ToolSpec | Diagnostic:
    """Read one source; a text that is none gives its diagnostic."""
    match = _FILE.match(text)
    if match:
        return ToolSpec(Kind(match["kind"].lower()), match["target"], match["name"], base, trusted, source, span)
    match = _MODULE.match(text)
    if match and not (base / text).is_file():
        return ToolSpec(Kind.MODULE, match["target"], match["name"], base, trusted, source, span)
    message = f"`{text}` is no source of tools" if text else "the source of tools is empty"
    return Diagnostic(BAD_SPEC.code, Severity.ERROR, message, span, _FORMS)


def given_spec(text: str) -> ToolSpec | Diagnostic:
    """Read a source that a person gave on the command line, or a program."""
    return parse_spec(text, Path.cwd(), Source("--tools", text), None, trusted=True)


def project_specs(config: Config) -> Iterator[ToolSpec | Diagnostic]:
    """Read the sources that a project's settings name; paths are relative to the settings' folder."""
    if config.path is not None:
        base = config.path.absolute().parent
        for text in config.tools:
            yield parse_spec(text, base, config.source, config.span_of("tools", text), trusted=False)
