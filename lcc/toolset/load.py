"""Load the tools that a command or a project names.

`load_static` is for what never calls a tool (check, fmt, compile, graph): a module that only a project's file names is read from
its syntax, never imported. `load_bound` is for what does: every module is imported. Both return a `Toolset` and raise nothing;
what is wrong is in its findings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from lcc.config import Config, find_config, from_here, read_config
from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics import Diagnostic, Severity, has_errors
from lcc.grammar.signatures import ALL_LEFT_OUT, Cost, Effect, Tools
from lcc.grammar.signatures.tool_rules import NO_IMPLEMENTATION, NO_TOOLS
from lcc.grammar.source import Source
from lcc.python_tools.modules import find_module
from lcc.toolset.joining import join_entries, overlay
from lcc.toolset.sources import Entry, Kind, Loaded, ToolSpec, given_specs, prefixed, project_specs

if TYPE_CHECKING:
    from lcc.runtime.tool import Tool

_CODE: Final = (Kind.PYTHON, Kind.MODULE)
_OF_SERVERS: Final = ('"mcpServers"', '"servers"', '"x-mcp"')
"""Words of which one is in a file that describes servers, or keeps what they declare."""


@dataclass(frozen=True, slots=True)
class Toolset:
    """The tools in scope.

    `signatures`: what plans are checked against. `tools`: those that can be called. `declared`: where each is declared, as
    `path:line`. `findings`: what is wrong with the sources, each with the text that its span is in. `unknown`: servers whose tools aren't known,
    since nothing is started here. `whole`: nothing is left to import or start, so that binding finds the same.
    """

    signatures: Tools
    tools: Mapping[str, Tool] = field(default_factory=dict)
    declared: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[tuple[Source, Diagnostic], ...] = ()
    unknown: tuple[str, ...] = ()
    whole: bool = field(default=False, compare=False)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What is wrong with the sources."""
        return tuple(diagnostic for _, diagnostic in self.findings)

    @property
    def failed(self) -> bool:
        """Whether a diagnostic is an error: the tools can't be relied on."""
        return has_errors(self.diagnostics)

    def by_source(self) -> Iterator[tuple[Source, tuple[Diagnostic, ...]]]:
        """Yield the diagnostics of one text after another, as `render` takes them."""
        found: dict[str, tuple[Source, list[Diagnostic]]] = {}
        for source, diagnostic in self.findings:
            found.setdefault(source.path, (source, []))[1].append(diagnostic)
        for source, diagnostics in found.values():
            yield source, tuple(diagnostics)


def load_static(
    specs: Iterable[str] = (),
    *,
    near: Path | None = None,
    start: bool = False,
    trust_project: bool = False,
    trust_annotations: bool = False,
) -> Toolset:
    """Load signatures. Without `specs`, those that the project of the file or folder `near` names.

    `start`: servers may be started, to list their tools; those of a project only with `trust_project`. `trust_annotations`: effects that
    JSON declarations tell of count.
    """
    return _load(tuple(specs), near, start=start, trust_project=trust_project, trust_annotations=trust_annotations)


def load_bound(
    specs: Iterable[str] = (),
    *,
    near: Path | None = None,
    needed: Collection[str] | None = None,
    trust_project: bool = False,
    trust_annotations: bool = False,
    static: Toolset | None = None,
) -> Toolset:
    """Load signatures and implementations. Without `specs`, those that the project of the file or folder `near` names.

    `static`: what `load_static` gave for the same, which isn't loaded again if it is whole. A tool that is declared and not implemented is an error if it is `needed`; by default all are. Servers are started, those of a project
    only with `trust_project`.
    """
    toolset = static
    if toolset is None or not toolset.whole:
        toolset = _load(
            tuple(specs),
            near,
            start=True,
            bound=True,
            trust_project=trust_project,
            needed=needed,
            trust_annotations=trust_annotations,
        )
    missing = [n for n in toolset.signatures if n not in toolset.tools and (needed is None or n in needed)]
    if not missing or toolset.failed:
        return toolset
    names = ", ".join(f"`{name}`" for name in missing[:8]) + (", …" if len(missing) > 8 else "")
    message = f"{names} {'is' if len(missing) == 1 else 'are'} declared, but not implemented"
    help = "give the Python file or module that implements them too: --tools FILE.py"
    path = toolset.declared.get(missing[0], "").rpartition(":")[0]
    found = Diagnostic(NO_IMPLEMENTATION.code, Severity.ERROR, message, None, help)
    return replace(toolset, findings=(*toolset.findings, (Source(path or "<tools>", ""), found)))


def _load(
    given: tuple[str, ...],
    near: Path | None,
    *,
    start: bool,
    trust_project: bool,
    trust_annotations: bool,
    bound: bool = False,
    needed: Collection[str] | None = None,
) -> Toolset:
    config = Config() if given or near is None else read_config(find_config(near))
    loaded = Loaded(trust_annotations=trust_annotations or config.trust_annotations)
    specs = given_specs(given, loaded) if given or near is None else project_specs(config, loaded)
    imported = {spec: spec.kind in _CODE and (bound or spec.trusted or _is_own(spec)) for spec in specs}
    for spec, by_import in imported.items():
        before = len(loaded.entries)
        if by_import:
            from lcc.toolset.importing import import_source  # the declarations alone are read without the runtime

            import_source(spec, loaded)
        else:
            _read_source(spec, loaded)
        if spec.prefix is not None:
            loaded.entries[before:] = [prefixed(entry, spec.prefix) for entry in loaded.entries[before:]]
    if loaded.servers or config.mcp:
        from lcc.toolset.servers import add_project, add_servers_tools

        add_project(config, loaded)
        add_servers_tools(loaded, start=start, trust_project=trust_project, needed=needed, calls=bound)
    joined = overlay(join_entries(loaded), config, loaded)
    return Toolset(
        _signatures(joined, loaded),
        MappingProxyType({name: entry.tool for name, entry in joined.items() if entry.tool is not None}),
        MappingProxyType({name: entry.place for name, entry in joined.items()}),
        tuple(loaded.findings),
        tuple(dict.fromkeys(s.settings.name for s in loaded.servers if s.settings.name not in loaded.saved)),
        not (config.mcp or loaded.servers) and all(done or spec.kind not in _CODE for spec, done in imported.items()),
    )


def _signatures(joined: Mapping[str, Entry], loaded: Loaded) -> Tools:
    """Return the signatures by name. Where there were tools, and each was left out, it is known that they are some others."""
    said = [one for _, one in loaded.findings]
    others = joined or loaded.servers or has_errors(said) or any(one.code == NO_TOOLS.code for one in said)
    left_out = said and not others
    return ALL_LEFT_OUT if left_out else MappingProxyType({name: entry.signature for name, entry in joined.items()})


def _is_own(spec: ToolSpec) -> bool:
    """Whether a module is lcc's own, which runs anyway."""
    return spec.kind is Kind.MODULE and spec.target.partition(".")[0] == "lcc"


def _read_source(spec: ToolSpec, loaded: Loaded) -> None:
    """Read the declarations of a file, or of a module that is found without importing it. Nothing is run."""
    path, shown = spec.path, spec.shown
    if spec.kind is Kind.MODULE:
        found = find_module(spec.target, spec.base)
        if found is None:
            loaded.no_module(spec, ": no Python file was found for it without importing it")
            return
        path, shown = found, from_here(found)
    source = loaded.text_of(spec, path, shown)
    if source is None:
        return
    if spec.kind is Kind.FUNCTIONS and any(word in source.text for word in _OF_SERVERS):
        from lcc.toolset.servers import is_of_servers  # most files are of no servers

        if is_of_servers(spec, source, loaded):
            return
    if spec.kind is Kind.FUNCTIONS:
        from lcc.grammar.signatures.json_functions import read_functions_text

        stub = read_functions_text(source.text, shown, trust_annotations=loaded.trust_annotations)
    else:
        from lcc.grammar.signatures.stubs import read_stub

        stub = read_stub(source.text, shown)
    python = spec.kind in _CODE
    chosen = [signature for signature in stub.signatures if spec.name in (None, signature.name)]
    if spec.name is not None and not chosen and not has_errors(stub.diagnostics):
        loaded.add(stub.source, stub.diagnostics)
        known = [signature.name for signature in stub.signatures]
        loaded.no_tool(spec, f"{stub.source.path} has no tool `{spec.name}`", known)
        return
    loaded.add(stub.source, stub.diagnostics)
    loaded.entries += [Entry(one, stub.source, stub.places.get(one.name), python) for one in chosen]


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
