"""Load the tools and the settings of several plan files, each project's once."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from lcc.cli.findings import Findings
from lcc.cli.front import near
from lcc.config import Config, find_config, read_config
from lcc.toolset import Toolset, load_static


class Project(NamedTuple):
    """The declarations in scope of plan files, and the settings for them."""

    toolset: Toolset
    config: Config


class Projects:
    """The projects of plan files. What is wrong with their tools and settings is added to the findings, once."""

    def __init__(self, specs: list[str], findings: Findings) -> None:
        """Use the tools of the command line (`specs`), if any, instead of the projects' own."""
        self._specs = specs
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
        toolset = load_static(self._specs, near=start)
        for source, diagnostics in toolset.by_source():
            self._findings.add(diagnostics, source)
        if self._specs:
            self._given = toolset
        return toolset
