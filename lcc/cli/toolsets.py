"""Load the tools of several plan files, each project's once."""

from __future__ import annotations

from pathlib import Path

from lcc.cli.findings import Findings
from lcc.cli.front import near
from lcc.config import find_config
from lcc.toolset import Toolset, load_static


class Toolsets:
    """The declarations of tools in scope of plan files; what is wrong with them is added to the findings, once."""

    def __init__(self, specs: list[str], findings: Findings) -> None:
        self._specs = specs
        self._findings = findings
        self._loaded: dict[Path | None, Toolset] = {}

    def of(self, path: str) -> Toolset:
        """Return the tools for a plan file: those of the command line, else those of the file's project."""
        start = near(path)
        project = None if self._specs else find_config(start)
        if project not in self._loaded:
            toolset = self._loaded[project] = load_static(self._specs, near=start)
            for source, diagnostics in toolset.by_source():
                self._findings.add(diagnostics, source)
        return self._loaded[project]
