"""Say what is known of one text while it is written: its plan as far as it can be read, its findings, its tools, its types."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock

from lcc.compiler import findings, read
from lcc.config import Config, find_config, read_config
from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.front_ends import BY_SUFFIX
from lcc.grammar.ir import Block, Statement, TaskId, block_statements, calls_of
from lcc.grammar.signatures import Tools
from lcc.grammar.source import Source
from lcc.grammar.syntax.parser import Parsed
from lcc.passes.analysis.inference import Types
from lcc.toolset import Toolset, load_static


@dataclass(frozen=True)
class OpenText:
    """One version of a text, read. `language`: the front end that reads it. `findings`: in the order of the text."""

    source: Source
    language: str
    toolset: Toolset
    parsed: Parsed
    findings: tuple[Diagnostic, ...]

    @property
    def tools(self) -> Tools:
        """The declarations in scope."""
        return self.toolset.signatures

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """All statements that could be read, those in blocks too, in text order."""
        return tuple(block_statements(self.block))

    @cached_property
    def block(self) -> Block:
        """The statements that stand in no other."""
        plan = self.parsed.plan
        return tuple(calls_of(plan)) if plan.body is None else plan.body

    @cached_property
    def types(self) -> Types:
        """The types of results and inputs."""
        plan = self.parsed.plan
        if plan.body is not None:
            from lcc.passes.analysis.values.body_types import BodyTypes

            return BodyTypes(plan, self.tools)
        types = Types(self.tools, plan.inputs)
        for task in calls_of(plan):
            types.add(task)
        return types

    @cached_property
    def ids(self) -> dict[TaskId, Statement]:
        """The statements that give a result, by id; of two with one id the first."""
        found: dict[TaskId, Statement] = {}
        for statement in self.statements:
            id = getattr(statement, "id", None)
            if id is not None:
                found.setdefault(id, statement)
        return found


@dataclass
class _Loaded:
    """The tools and settings of a project, and when the files were written that they come from."""

    toolset: Toolset
    config: Config
    stamps: tuple[tuple[str, int], ...]


@dataclass
class Workspace:
    """Read texts with the tools of their projects, which are read again when a file of theirs has changed.

    `specs`: tools for all texts, instead of their projects' own. Nothing of a project is imported or started. Safe to use from several
    threads.
    """

    specs: tuple[str, ...] = ()
    trust_annotations: bool = False
    _known: dict[Path | None, _Loaded] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def read(self, path: str, text: str) -> OpenText:
        """Read a text that stands, or would stand, in a file of this path. What is wrong with it is a finding."""
        language = BY_SUFFIX.get(Path(path).suffix.lower(), "plan")
        with self._lock:
            project = self._project(Path(path))
        parsed = read(text, project.toolset.signatures, front_end=language, path=path)
        config = project.config
        found = findings(parsed, project.toolset.signatures, config.select or None, config.ignore)
        return OpenText(parsed.source, language, project.toolset, parsed, found)

    def forget(self) -> None:
        """Read all tools again when they are needed next."""
        with self._lock:
            self._known.clear()

    def _project(self, path: Path) -> _Loaded:
        key = find_config(path)
        known = self._known.get(key)
        if known is None or known.stamps != _stamps(path for path, _ in known.stamps):
            config = read_config(key)
            toolset = load_static(self.specs, near=path, trust_annotations=self.trust_annotations)
            files = {place.rpartition(":")[0] for place in toolset.declared.values()}
            files |= {source.path for source, _ in toolset.findings} | ({str(key)} if key else set())
            known = self._known[key] = _Loaded(toolset, config, _stamps(sorted(files)))
        return known


def _stamps(files: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple([(file, _stamp(file)) for file in files])


def _stamp(file: str) -> int:
    try:
        return os.stat(file).st_mtime_ns
    except (OSError, ValueError):
        return -1
