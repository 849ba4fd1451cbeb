"""Load the tools and the settings of several plan files, each project's once, and collect what is found in all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from pathlib import Path
from typing import NamedTuple

from lcc.cli.console import Console
from lcc.cli.front import near
from lcc.config import Config, find_config, read_config
from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.diagnostics.feedback import for_model
from lcc.grammar.diagnostics.render import to_json
from lcc.grammar.diagnostics.terminal import dump_json
from lcc.grammar.source import Source
from lcc.grammar.values import Json
from lcc.toolset import Toolset, load_static


class Project(NamedTuple):
    """The declarations in scope of plan files, and the settings for them."""

    toolset: Toolset
    config: Config


class Projects:
    """The projects of plan files. What is wrong with their tools and settings is added to the findings, once."""

    def __init__(self, specs: list[str], findings: Findings, *, trust_annotations: bool = False) -> None:
        """Use the tools of the command line (`specs`), if any, instead of the projects' own."""
        self._specs = specs
        self._trust = trust_annotations
        self._findings = findings
        self._given: Toolset | None = None
        self._loaded: dict[Path | None, Project] = {}

    def of(self, path: str) -> Project:
        """Return the project of a plan file."""
        start = near(path)
        key = find_config(start)
        if key not in self._loaded:
            config = read_config(key)
            if self._specs:
                self._findings.add(config.diagnostics, config.source)
            self._loaded[key] = Project(self._toolset(start), config)
        return self._loaded[key]

    def _toolset(self, start: Path) -> Toolset:
        if self._specs and self._given is not None:
            return self._given
        toolset = load_static(self._specs, near=start, trust_annotations=self._trust)
        for source, diagnostics in toolset.by_source():
            self._findings.add(diagnostics, source)
        if self._specs:
            self._given = toolset
        return toolset


@dataclass(slots=True)
class Findings:
    """Diagnostics with the texts that they are about, in the order in which they were found."""

    groups: list[tuple[Source, tuple[Diagnostic, ...]]] = field(default_factory=list)

    def add(self, diagnostics: Iterable[Diagnostic], source: Source) -> None:
        """Add what was found in one text."""
        self.groups.append((source, tuple(diagnostics)))

    @property
    def matter(self) -> bool:
        """Whether anything is worth a change: an error or a warning."""
        return any(d.severity is not Severity.REMARK for _, diagnostics in self.groups for d in diagnostics)

    def report(self, console: Console) -> None:
        """Write them to standard error."""
        for source, diagnostics in self.groups:
            console.report(diagnostics, source)
        console.summarize()

    def as_json(self) -> str:
        """Return them as one JSON list."""
        found: list[Json] = [one for source, diagnostics in self.groups for one in to_json(diagnostics, source)]
        return dump_json(found)

    def for_github(self) -> str:
        """Return them as annotations of a workflow of GitHub's."""
        from lcc.grammar.diagnostics.exchange import github

        return github(self.groups)

    def as_sarif(self) -> str:
        """Return them as a SARIF log."""
        from lcc import __version__
        from lcc.codes import all_rules
        from lcc.grammar.diagnostics.exchange import sarif

        return dump_json(sarif(self.groups, all_rules(), __version__))

    def for_model(self) -> str:
        """Return them as texts to send back to the planner that wrote the plans."""
        texts = [for_model(diagnostics, source) for source, diagnostics in self.groups]
        return "".join(f"{text}\n" for text in texts if text)
