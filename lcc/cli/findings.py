"""Collect what a command finds in several texts, and report it as text or JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lcc.cli.console import Console
from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.source import Source
from lcc.grammar.values import Json


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
        from lcc.grammar.diagnostics.render import to_json
        from lcc.grammar.diagnostics.terminal import dump_json

        found: list[Json] = [one for source, diagnostics in self.groups for one in to_json(diagnostics, source)]
        return dump_json(found)

    def for_model(self) -> str:
        """Return them as texts to send back to the planner that wrote the plans."""
        from lcc.grammar.diagnostics.feedback import for_model

        texts = [for_model(diagnostics, source) for source, diagnostics in self.groups]
        return "".join(f"{text}\n" for text in texts if text)
