"""Say what names tools, and what such sources gave: their tools, and what is wrong with them.

A source is `FILE.py`, `FILE.pyi`, `FILE.json` or `package.module`, each with `:name` for one tool.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import field, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lcc.config import Config, from_here
from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.diagnostics.wording import did_you_mean
from lcc.grammar.signatures import Signature
from lcc.grammar.signatures.tool_rules import BAD_SPEC, NO_MODULE, NO_SUCH_OBJECT, UNREADABLE_FILE
from lcc.grammar.source import Source, Span
from lcc.runtime.text_files import Unreadable, read_text_file

if TYPE_CHECKING:
    from lcc.mcp_client.server_settings import ServerSettings
    from lcc.runtime.tool import Tool

_FILE: Final = re.compile(r"(?P<target>.+\.(?P<kind>pyi|py|json))(?::(?P<name>[^:\\/]+))?\Z", re.IGNORECASE | re.DOTALL)
_MODULE: Final = re.compile(r"(?P<target>[^\W\d]\w*(?:\.[^\W\d]\w*)*)(?::(?P<name>[^:\\/]+))?\Z")
_PREFIX: Final = re.compile(r"(?P<prefix>[A-Za-z_]\w*)=(?P<rest>.+)\Z", re.ASCII | re.DOTALL)
_FORMS: Final = (
    "a source is FILE.py, FILE.pyi, FILE.json, an mcp.json or package.module, with `:name` behind it for one tool"
)


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
    `prefix`: what stands before the names of its tools, with a dot, so that they differ from those of other sources.
    """

    kind: Kind
    target: str
    name: str | None
    base: Path
    trusted: bool
    source: Source
    span: Span | None = None
    prefix: str | None = None

    @property
    def path(self) -> Path:
        """The file, unless it is a module."""
        return self.base / self.target

    @property
    def shown(self) -> str:
        """The file as a person would write it from here, or the module's name."""
        return self.target if self.kind is Kind.MODULE or self.trusted else from_here(self.path)


@dataclass(frozen=True, slots=True)
class Entry:
    """One tool in one source. `python`: the source is Python code, so it implements what a stub or a schema declares."""

    signature: Signature
    source: Source
    span: Span | None
    python: bool
    tool: Tool | None = None

    @property
    def place(self) -> str:
        """Where it stands, as `path:line`."""
        path = self.source.path
        return path if self.span is None else f"{path}:{self.source.position(self.span.start)[0]}"


@dataclass(frozen=True, slots=True)
class NamedServer:
    """A server in scope, and where it is named. `trusted`: a person named it, not a project's file."""

    settings: ServerSettings
    source: Source
    span: Span | None
    trusted: bool


def prefixed(entry: Entry, prefix: str) -> Entry:
    """Return a tool whose name has a prefix, and that of its batch form too."""
    own = entry.signature
    batch = None if own.batch is None else replace(own.batch, tool=f"{prefix}.{own.batch.tool}")
    signature = replace(own, name=f"{prefix}.{own.name}", batch=batch)
    tool = None if entry.tool is None else replace(entry.tool, signature=signature)
    return replace(entry, signature=signature, tool=tool)


@dataclass(slots=True)
class Loaded:
    """What sources gave so far: their tools, and what is wrong, each finding with the text that its span is in.

    `servers`: those that are in scope. `saved`: servers' tools by server, that a file of declarations knows.
    `trust_annotations`: effects that JSON declarations tell of count.
    """

    entries: list[Entry] = field(default_factory=list)
    findings: list[tuple[Source, Diagnostic]] = field(default_factory=list)
    servers: list[NamedServer] = field(default_factory=list)
    saved: dict[str, set[str]] = field(default_factory=dict)
    trust_annotations: bool = False

    def add(self, source: Source, diagnostics: Iterable[Diagnostic]) -> None:
        """Add the findings of one text."""
        self.findings += [(source, diagnostic) for diagnostic in diagnostics]

    def report(
        self,
        code: str,
        message: str,
        source: Source,
        span: Span | None = None,
        help: str | None = None,
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Add an error, or a warning."""
        self.findings.append((source, Diagnostic(code, severity, message, span, help)))

    def no_tool(self, spec: ToolSpec, message: str, known: list[str]) -> None:
        """Say that a source hasn't the one tool that is asked for, and which it has."""
        help = did_you_mean(spec.name or "", known) or f"its tools are {', '.join(known[:8]) or 'none'}"
        self.report(NO_SUCH_OBJECT.code, message, spec.source, spec.span, help)

    def no_module(self, spec: ToolSpec, reason: str = "") -> None:
        """Say that there is no such module."""
        message = f"there is no module `{spec.target}`{reason}"
        help = f"for a file write {spec.target.replace('.', '/')}.py"
        self.report(NO_MODULE.code, message, spec.source, spec.span, help)

    def text_of(self, spec: ToolSpec, path: Path, shown: str) -> Source | None:
        """Return a source's text; None, and a finding, where it can't be read."""
        try:
            return Source(shown, read_text_file(path))
        except Unreadable as error:
            message = f"can't read the tools file: {error}"
        if spec.span is None:
            self.report(UNREADABLE_FILE.code, message, Source(shown, ""))
        else:
            self.report(UNREADABLE_FILE.code, f"{shown}: {message}", spec.source, spec.span)
        return None


def given_specs(texts: Iterable[str], loaded: Loaded) -> Iterator[ToolSpec]:
    """Yield the sources that a person gave on the command line, or a program."""
    for text in texts:
        yield from _read_spec(text, Path.cwd(), Source("--tools", text), None, loaded, trusted=True)


def project_specs(config: Config, loaded: Loaded) -> Iterator[ToolSpec]:
    """Yield the sources that a project's settings name; paths are relative to the settings' folder."""
    loaded.add(config.source, config.diagnostics)
    if config.path is not None:
        base = config.path.absolute().parent
        for text in config.tools:
            yield from _read_spec(text, base, config.source, config.span_of("tools", text), loaded, trusted=False)


def _read_spec(
    text: str, base: Path, source: Source, span: Span | None, loaded: Loaded, *, trusted: bool
) -> Iterator[ToolSpec]:
    given = _PREFIX.match(text)
    prefix, rest = (given["prefix"], given["rest"]) if given and not (base / text).is_file() else (None, text)
    match = _FILE.match(rest)
    if match:
        kind = Kind(match["kind"].lower())
        yield ToolSpec(kind, match["target"], match["name"], base, trusted, source, span, prefix)
        return
    match = _MODULE.match(rest)
    if match and not (base / rest).is_file():
        yield ToolSpec(Kind.MODULE, match["target"], match["name"], base, trusted, source, span, prefix)
        return
    message = f"`{text}` is no source of tools" if text else "the source of tools is empty"
    loaded.report(BAD_SPEC.code, message, source, span, _FORMS)
