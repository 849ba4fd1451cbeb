"""Put together what several sources say about one tool: a declaration and its implementation, or a contradiction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lcc.agreement import combine, disagreements
from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.diagnostics.wording import did_you_mean
from lcc.grammar.signatures import Signature
from lcc.grammar.signatures.rules import MISMATCH, REPEATED_TOOL, UNKNOWN_BATCH
from lcc.grammar.source import Source, Span

if TYPE_CHECKING:
    from lcc.runtime.tool import Tool


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
        return (
            self.source.path if self.span is None else f"{self.source.path}:{self.source.position(self.span.start)[0]}"
        )


@dataclass(slots=True)
class Joined:
    """All tools by name, with what is wrong about them."""

    signatures: dict[str, Signature] = field(default_factory=dict)
    tools: dict[str, Tool] = field(default_factory=dict)
    declared: dict[str, str] = field(default_factory=dict)
    findings: list[tuple[Source, Diagnostic]] = field(default_factory=list)


def join_entries(entries: Iterable[Entry]) -> Joined:
    """Join the entries of all sources, in their order."""
    joined = Joined()
    by_name: dict[str, list[Entry]] = {}
    for entry in entries:
        by_name.setdefault(entry.signature.name, []).append(entry)
    for name, found in by_name.items():
        entry = _one(found, joined)
        joined.signatures[name] = entry.signature
        joined.declared[name] = entry.place
        if entry.tool is not None:
            joined.tools[name] = entry.tool
        by_name[name] = [entry]
    for name, (entry,) in by_name.items():
        batch = entry.signature.batch
        if batch is not None and batch.tool not in joined.signatures:
            message = f"the batch form of `{name}`, `{batch.tool}`, is not among the tools"
            _report(joined, entry, UNKNOWN_BATCH.code, message, did_you_mean(batch.tool, joined.signatures))
    return joined


def _one(found: list[Entry], joined: Joined) -> Entry:
    """Return what the entries of one name come to; report those that contradict one another."""
    declared = next((entry for entry in found if not entry.python), None)
    made = next((entry for entry in found if entry.python), None)
    for entry in found:
        if entry is not declared and entry is not made and not _is_same(entry, declared, made):
            first = declared if not entry.python else made
            help = f"the first is in {first.place}" if first is not None else None
            _report(joined, entry, REPEATED_TOOL.code, f"two tools are called `{entry.signature.name}`", help)
    if declared is None or made is None:
        return declared or made or found[0]
    wrong = list(disagreements(declared.signature, made.signature))
    for message in wrong:
        message = f"`{declared.signature.name}`: {message}"
        _report(joined, declared, MISMATCH.code, message, f"the implementation is in {made.place}")
    if wrong:
        return declared
    signature = combine(declared.signature, made.signature)
    tool = made.tool
    if tool is not None:
        from lcc.python_tools.function import with_signature

        tool = with_signature(tool, signature)
    return replace(declared, signature=signature, tool=tool)


def _is_same(entry: Entry, *others: Entry | None) -> bool:
    """Whether a tool is only named twice."""
    for other in others:
        if other is None or other.python is not entry.python:
            continue
        if entry.tool is not None and other.tool is not None:
            return entry.tool.function == other.tool.function
        return entry.source.path == other.source.path and entry.span == other.span
    return False


def _report(joined: Joined, entry: Entry, code: str, message: str, help: str | None) -> None:
    joined.findings.append((entry.source, Diagnostic(code, Severity.ERROR, message, entry.span, help)))
