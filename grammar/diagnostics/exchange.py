"""Write diagnostics for other programs: as annotations of GitHub's workflows, and as SARIF 2.1.0, which code scanning reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import quote

from lcc.grammar.diagnostics.records import Diagnostic, Fix, Rule, Severity
from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.source import Source, Span
from lcc.grammar.values import Json

Groups: TypeAlias = Iterable[tuple[Source, Sequence[Diagnostic]]]
SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.REMARK: "notice"}
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.REMARK: "note"}
_IN_MESSAGES: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTIES: Final = {**_IN_MESSAGES, ":": "%3A", ",": "%2C"}


def github(groups: Groups) -> str:
    """Return diagnostics as workflow commands, a line each: `::error file=a.plan,line=2,col=4,…::message`."""
    return "".join(f"{_command(found, source)}\n" for source, diagnostics in groups for found in diagnostics)


def _command(found: Diagnostic, source: Source) -> str:
    properties = {"file": source.path, **_lines(found.span, source), "title": f"lcc {found.code}"}
    shown = ",".join(f"{name}={_escaped(str(value), _IN_PROPERTIES)}" for name, value in properties.items())
    text = escape(found.message) + ("" if found.help is None else f"\n{escape(found.help)}")
    return f"::{_COMMANDS[found.severity]} {shown}::{_escaped(text, _IN_MESSAGES)}"


def _lines(span: Span | None, source: Source) -> Mapping[str, int]:
    if span is None:
        return {}
    line, column = source.position(span.start)
    end_line, end_column = source.position(span.end)
    return {"line": line, "col": column, "endLine": end_line, "endColumn": end_column}


def _escaped(text: str, signs: Mapping[str, str]) -> str:
    return "".join([signs.get(char, char) for char in text])


def sarif(groups: Groups, rules: Iterable[Rule], version: str) -> Json:
    """Return diagnostics as a SARIF log: one run, its rules, a result for each. Columns count code points from 1."""
    groups = list(groups)
    codes = {found.code for _, diagnostics in groups for found in diagnostics}
    described = [_rule(rule) for rule in rules if rule.code in codes]
    results: list[Json] = [_result(found, source) for source, diagnostics in groups for found in diagnostics]
    driver: Json = {"name": "lcc", "semanticVersion": version, "rules": described}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }


def _rule(rule: Rule) -> Json:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary or rule.name},
        "fullDescription": {"text": rule.why or rule.summary or rule.name},
    }


def _result(found: Diagnostic, source: Source) -> Json:
    text = found.message + ("" if found.help is None else f"\n{found.help}")
    place: dict[str, Json] = {"artifactLocation": {"uri": _uri(source.path)}}
    if found.span is not None:
        place["region"] = _region(found.span, source)
    result: dict[str, Json] = {
        "ruleId": found.code,
        "level": _LEVELS[found.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": place}],
    }
    if found.fix is not None:
        result["fixes"] = [_fix(found.fix, source)]
    return result


def _region(span: Span, source: Source) -> Json:
    line, column = source.position(span.start)
    end_line, end_column = source.position(span.end)
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _fix(fix: Fix, source: Source) -> Json:
    replacements: list[Json] = [
        {"deletedRegion": _region(edit.span, source), "insertedContent": {"text": edit.text}} for edit in fix.edits
    ]
    change: Json = {"artifactLocation": {"uri": _uri(source.path)}, "replacements": replacements}
    return {"description": {"text": fix.message}, "artifactChanges": [change]}


def _uri(path: str) -> str:
    """Return a path as a URI: relative to where the command ran, as code scanning wants it, or absolute."""
    return Path(path).as_uri() if Path(path).is_absolute() else quote(Path(path).as_posix())
