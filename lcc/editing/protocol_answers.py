"""Word what is known of a text as the Language Server Protocol does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from lsprotocol import types as lsp

from lcc.editing.columns import Columns
from lcc.editing.completing import completions
from lcc.editing.hovering import fenced, hover_text, result_types
from lcc.editing.occurrences import declaration, named_at, occurrences, rename
from lcc.editing.open_text import OpenText
from lcc.editing.outline import Entry, outline
from lcc.grammar.diagnostics import Diagnostic, Edit, Severity
from lcc.grammar.formatting.format import format_plan
from lcc.grammar.source import Span
from lcc.passes.lint.fixes import apply_fixes

MOST: Final = 1_000
"""Findings, symbols or hints of one text that are told."""
LONGEST: Final = 2_000
"""Characters of a message."""
_SEVERITY: Final = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.REMARK: lsp.DiagnosticSeverity.Information,
}
_SYMBOLS: Final = {
    "input": lsp.SymbolKind.Variable,
    "call": lsp.SymbolKind.Function,
    "step": lsp.SymbolKind.Object,
    "join": lsp.SymbolKind.Event,
}
_COMPLETIONS: Final = {
    "tool": lsp.CompletionItemKind.Function,
    "parameter": lsp.CompletionItemKind.Property,
    "id": lsp.CompletionItemKind.Reference,
    "input": lsp.CompletionItemKind.Variable,
    "field": lsp.CompletionItemKind.Field,
}


def range_of(columns: Columns, span: Span) -> lsp.Range:
    """Return a span as the client counts."""
    (line, column), (end_line, end_column) = columns.range(span)
    return lsp.Range(lsp.Position(line, column), lsp.Position(end_line, end_column))


def _span(columns: Columns, asked: lsp.Range) -> Span:
    start, end = asked.start, asked.end
    return Span(columns.offset(start.line, start.character), columns.offset(end.line, end.character))


def diagnostics(text: OpenText, columns: Columns, uri: str) -> list[lsp.Diagnostic]:
    """Return the findings of a text, and what is wrong with the tools that they were checked against, at its beginning."""
    found = [_diagnostic(one, columns, uri) for one in text.findings[:MOST]]
    at_start = range_of(columns, Span(0, 0))
    for source, one in text.toolset.findings[: MOST - len(found)]:
        where = source.path if one.span is None else f"{source.path}:{source.position(one.span.start)[0]}"
        message = f"tools, {where}: {one.message}"[:LONGEST]
        found.append(lsp.Diagnostic(at_start, message, _SEVERITY[one.severity], one.code, source="lcc"))
    return found


def _diagnostic(found: Diagnostic, columns: Columns, uri: str) -> lsp.Diagnostic:
    message = found.message if found.help is None else f"{found.message}\n{found.help}"
    related = [
        lsp.DiagnosticRelatedInformation(lsp.Location(uri, range_of(columns, label.span)), label.text[:LONGEST])
        for label in found.labels[:20]
    ]
    where = range_of(columns, found.span or Span(0, 0))
    return lsp.Diagnostic(
        where, message[:LONGEST], _SEVERITY[found.severity], found.code, source="lcc", related_information=related
    )


def hover(text: OpenText, columns: Columns, offset: int) -> lsp.Hover | None:
    """Return what a place is."""
    named = named_at(text, offset)
    said = None if named is None else hover_text(text, named)
    if named is None or said is None:
        return None
    return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, said), range_of(columns, named.whole))


def definition(
    text: OpenText, columns: Columns, offset: int, uri: str, uri_of: Callable[[str], str | None]
) -> lsp.Location | None:
    """Return where what a place names is given: in the text, or for a tool in the file that declares it."""
    named = named_at(text, offset)
    if named is None:
        return None
    span = declaration(text, named)
    if span is not None:
        return lsp.Location(uri, range_of(columns, span))
    path, _, line = text.toolset.declared.get(named.name, "").rpartition(":")
    target = uri_of(str(Path(path).absolute())) if named.kind == "tool" and line.isdecimal() else None
    if target is None:
        return None
    start = lsp.Position(max(0, int(line) - 1), 0)
    return lsp.Location(target, lsp.Range(start, start))


def references(text: OpenText, columns: Columns, offset: int, uri: str, with_own: bool) -> list[lsp.Location]:
    """Return every place of the text that names what a place names."""
    named = named_at(text, offset)
    spans = {one.span for one in occurrences(text) if named and one[:2] == named[:2] and (with_own or not one.declares)}
    return [lsp.Location(uri, range_of(columns, span)) for span in sorted(spans)]


def _edits(columns: Columns, edits: Iterable[Edit]) -> list[lsp.TextEdit]:
    return [lsp.TextEdit(range_of(columns, edit.span), edit.text) for edit in edits]


def renamed(text: OpenText, columns: Columns, offset: int, new: str, uri: str) -> lsp.WorkspaceEdit | None:
    """Return the edits that rename what a place names. Raises CantRename."""
    named = named_at(text, offset)
    return None if named is None else lsp.WorkspaceEdit({uri: _edits(columns, rename(text, named, new))})


def formatted(text: OpenText, columns: Columns) -> list[lsp.TextEdit] | None:
    """Return the edit that makes a plan canonical; None for one that can't be read, and for programs."""
    if text.language != "plan":
        return None
    source = text.source.text
    new = format_plan(source).text
    return [] if new == source else _edits(columns, [Edit(Span(0, len(source)), new)])


def symbols(text: OpenText, columns: Columns) -> list[lsp.DocumentSymbol]:
    """Return the outline of a text."""
    return [_symbol(entry, columns) for entry in outline(text)[:MOST]]


def _symbol(entry: Entry, columns: Columns) -> lsp.DocumentSymbol:
    inside = [_symbol(one, columns) for one in entry.inside[:MOST]]
    return lsp.DocumentSymbol(
        entry.name, _SYMBOLS[entry.kind], range_of(columns, entry.span), range_of(columns, entry.head), children=inside
    )


def hints(text: OpenText, columns: Columns, asked: lsp.Range) -> list[lsp.InlayHint]:
    """Return the types of results, behind the steps of a range."""
    wanted = _span(columns, asked)
    found: list[lsp.InlayHint] = []
    for at, shown in result_types(text):
        if wanted.start <= at <= wanted.end and len(found) < MOST:
            place = columns.place(at)
            label = f"-> {shown}"
            found.append(lsp.InlayHint(lsp.Position(*place), label, kind=lsp.InlayHintKind.Type, padding_left=True))
    return found


def completed(text: OpenText, columns: Columns, offset: int) -> list[lsp.CompletionItem]:
    """Return what may be written at a place."""
    items = []
    for one in completions(text, offset):
        written = f"{one.label}=" if one.kind == "parameter" else one.label
        edit = lsp.TextEdit(range_of(columns, Span(one.start, offset)), written)
        said = fenced(one.documentation) if one.kind == "tool" else one.documentation
        documentation = lsp.MarkupContent(
            lsp.MarkupKind.Markdown if one.kind == "tool" else lsp.MarkupKind.PlainText, said
        )
        items.append(
            lsp.CompletionItem(
                one.label,
                kind=_COMPLETIONS[one.kind],
                detail=one.detail,
                documentation=documentation if one.documentation else None,
                text_edit=edit,
            )
        )
    return items


def actions(
    text: OpenText, columns: Columns, asked: lsp.Range, uri: str, only: Sequence[lsp.CodeActionKind | str] | None
) -> list[lsp.CodeAction]:
    """Return the fixes of findings that touch a range, and one that makes all safe fixes."""
    wanted = _span(columns, asked)
    found = []
    for one in text.findings:
        if one.fix is None or one.span is None or not (one.span.start <= wanted.end and one.span.end >= wanted.start):
            continue
        title = one.fix.message if one.fix.safe else f"{one.fix.message} (may change what the plan means)"
        found.append(_action(title, lsp.CodeActionKind.QuickFix, columns, one.fix.edits, uri, [one], one.fix.safe))
    new, fixed = apply_fixes(text.source.text, text.findings)
    if fixed:
        whole = Edit(Span(0, len(text.source.text)), new)
        title = f"make all {len(fixed)} safe fixes" if len(fixed) > 1 else "make the one safe fix"
        found.append(_action(title, lsp.CodeActionKind.SourceFixAll, columns, [whole], uri, fixed, False))
    asked_for = [str(getattr(kind, "value", kind)) for kind in only or ()]
    return [one for one in found[:MOST] if not asked_for or _fits(one, asked_for)]


def _fits(action: lsp.CodeAction, asked_for: list[str]) -> bool:
    kind = str(getattr(action.kind, "value", action.kind))
    return any(kind == one or kind.startswith(f"{one}.") for one in asked_for)


def _action(
    title: str,
    kind: lsp.CodeActionKind,
    columns: Columns,
    edits: Iterable[Edit],
    uri: str,
    of: Iterable[Diagnostic],
    preferred: bool,
) -> lsp.CodeAction:
    return lsp.CodeAction(
        title[:LONGEST],
        kind=kind,
        diagnostics=[_diagnostic(one, columns, uri) for one in of],
        is_preferred=preferred,
        edit=lsp.WorkspaceEdit({uri: _edits(columns, edits)}),
    )
