"""Load the tools that a command or a project names.

`load_static` is for what never calls a tool (check, fmt, compile, graph): a module that only a project's file names is read from
its syntax, never imported. `load_bound` is for what does: every module is imported. Both return a `Toolset` and raise nothing;
what is wrong is in its diagnostics.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from lcc.config import find_config, read_config
from lcc.grammar.diagnostics import Diagnostic, Severity, has_errors
from lcc.grammar.signatures import Cost, Effect, Tools
from lcc.grammar.signatures.tool_rules import NO_IMPLEMENTATION
from lcc.grammar.source import Source
from lcc.toolset.joining import Entry, join_entries
from lcc.toolset.sources import Found, read_entries
from lcc.toolset.specs import Kind, ToolSpec, given_spec, project_specs

if TYPE_CHECKING:
    from lcc.runtime.tool import Tool

__all__ = ["Row", "Toolset", "as_tools", "load_bound", "load_static", "rows"]


def as_tools(objects: Iterable[object]) -> dict[str, Tool]:
    """Return the tools that a program hands over; see `lcc.python_tools.collect.as_tools`."""
    from lcc.python_tools.collect import as_tools as collect

    return collect(objects)


@dataclass(frozen=True, slots=True)
class Toolset:
    """The tools in scope.

    `signatures`: what plans are checked against. `tools`: those that can be called. `declared`: where each is declared, as
    `path:line`. `diagnostics` are what is wrong with the sources; `sources` holds, for each, the text that its span is in.
    """

    signatures: Tools
    tools: Mapping[str, Tool] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    sources: tuple[Source, ...] = ()
    declared: Mapping[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether a diagnostic is an error: the tools can't be relied on."""
        return has_errors(self.diagnostics)

    def by_source(self) -> Iterator[tuple[Source, tuple[Diagnostic, ...]]]:
        """Yield the diagnostics of one text after another, as `render` takes them."""
        texts: dict[str, Source] = {}
        found: dict[str, list[Diagnostic]] = {}
        for diagnostic, source in zip(self.diagnostics, self.sources, strict=True):
            texts.setdefault(source.path, source)
            found.setdefault(source.path, []).append(diagnostic)
        for path, source in texts.items():
            yield source, tuple(found[path])


def load_static(specs: Iterable[str | ToolSpec] = (), *, near: Path | None = None) -> Toolset:
    """Load signatures. Without `specs`, those that the project of the file or folder `near` names."""
    return _load(specs, near, bound=False)


def load_bound(
    specs: Iterable[str | ToolSpec] = (), *, near: Path | None = None, needed: Collection[str] | None = None
) -> Toolset:
    """Load signatures and implementations. Without `specs`, those that the project of the file or folder `near` names.

    A tool that is declared and not implemented is an error if it is `needed`; by default all are.
    """
    loaded = _load(specs, near, bound=True)
    missing = [n for n in loaded.signatures if n not in loaded.tools and (needed is None or n in needed)]
    if not missing or loaded.failed:
        return loaded
    names = ", ".join(f"`{name}`" for name in missing[:8]) + (", …" if len(missing) > 8 else "")
    message = f"{names} {'is' if len(missing) == 1 else 'are'} declared, but not implemented"
    help = "give the Python file or module that implements them too: --tools FILE.py"
    path = loaded.declared.get(missing[0], "").rpartition(":")[0]
    found = Diagnostic(NO_IMPLEMENTATION.code, Severity.ERROR, message, None, help)
    return Toolset(
        loaded.signatures,
        loaded.tools,
        (*loaded.diagnostics, found),
        (*loaded.sources, Source(path or "<tools>", "")),
        loaded.declared,
    )


class _Findings:
    """Diagnostics, each with the text that it speaks of."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.sources: list[Source] = []

    def add(self, source: Source, diagnostics: Iterable[Diagnostic]) -> None:
        """Add the diagnostics of one text."""
        for diagnostic in diagnostics:
            self.diagnostics.append(diagnostic)
            self.sources.append(source)


def _load(specs: Iterable[str | ToolSpec], near: Path | None, *, bound: bool) -> Toolset:
    findings = _Findings()
    entries: list[Entry] = []
    for spec in dict.fromkeys(_specs(tuple(specs), near, findings)):
        source, diagnostics, found = _read(spec, bound=bound)
        findings.add(source, diagnostics)
        entries += found
    joined = join_entries(entries)
    for source, diagnostic in joined.findings:
        findings.add(source, [diagnostic])
    return Toolset(
        MappingProxyType(joined.signatures),
        MappingProxyType(joined.tools),
        tuple(findings.diagnostics),
        tuple(findings.sources),
        MappingProxyType(joined.declared),
    )


def _specs(given: tuple[str | ToolSpec, ...], near: Path | None, findings: _Findings) -> Iterator[ToolSpec]:
    found: Iterable[ToolSpec | Diagnostic]
    if given or near is None:
        found = (spec if isinstance(spec, ToolSpec) else given_spec(spec) for spec in given)
        source = Source("--tools", "")
    else:
        config = read_config(find_config(near))
        findings.add(config.source, config.diagnostics)
        found, source = project_specs(config), config.source
    for spec in found:
        if isinstance(spec, Diagnostic):
            findings.add(source, [spec])
        else:
            yield spec


def _read(spec: ToolSpec, *, bound: bool) -> Found:
    imported = spec.kind in (Kind.PYTHON, Kind.MODULE) and (bound or spec.trusted or _is_own(spec))
    if imported:
        from lcc.toolset.importing import import_entries

        return import_entries(spec)
    return read_entries(spec)


def _is_own(spec: ToolSpec) -> bool:
    """Whether a module is lcc's own, which runs anyway."""
    return spec.kind is Kind.MODULE and spec.target.partition(".")[0] == "lcc"


class Row(NamedTuple):
    """One line of `lcc tools`."""

    name: str
    signature: str
    effect: str
    resources: str
    cost: str
    declared: str


def rows(toolset: Toolset) -> tuple[Row, ...]:
    """Return what a list of the tools shows, in the order in which they were loaded."""
    return tuple(
        Row(
            name,
            str(signature),
            "" if signature.effect is Effect.UNDECLARED else str(signature.effect),
            ", ".join(resource.pattern for resource in signature.resources),
            _cost(signature.cost),
            toolset.declared.get(name, ""),
        )
        for name, signature in toolset.signatures.items()
    )


def _cost(cost: Cost) -> str:
    shown = (
        f"{cost.seconds:g} s" if cost.seconds is not None else "",
        f"${cost.usd:g}" if cost.usd is not None else "",
        f"{cost.tokens:,} tokens" if cost.tokens is not None else "",
    )
    return ", ".join(part for part in shown if part)
