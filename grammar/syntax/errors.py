"""Say what is wrong with a statement that the grammar refuses, and how to mend it.

The parser knows only that a token doesn't fit. What people and models get wrong is a short list, so each shape has its own
message and, where one reading is certain, a fix.
"""

from __future__ import annotations

import re
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Severity
from lcc.grammar.diagnostics.wording import brief
from lcc.grammar.source import Span
from lcc.grammar.syntax.lalr import END, Unexpected
from lcc.grammar.syntax.scanner import Fault, Segment

_NAMES: Final = {
    "COMMA": "`,`",
    "RPAR": "`)`",
    "LPAR": "`(`",
    "RSQB": "`]`",
    "LSQB": "`[`",
    "RBRACE": "`}`",
    "LBRACE": "`{`",
    "COLON": "`:`",
    "EQUAL": "`=`",
    "STRING": "a string",
    "NUMBER": "a number",
    "REFERENCE": "a reference",
    "KEYWORD": "a keyword",
    "EACH": "`each`",
    "TRUE": "`True`",
    "FALSE": "`False`",
    "NULL": "`None`",
    END: "the end of the statement",
}
_VALUES: Final = frozenset({"STRING", "NUMBER", "REFERENCE", "TRUE", "FALSE", "NULL", "LSQB", "LPAR", "LBRACE"})
_BARE: Final = re.compile(r"[^\s,()\[\]{}\"'=:#]+(?:[ \t]+[^\s,()\[\]{}\"'=:#]+)*")
_PREFIX: Final = re.compile(r"[A-Za-z]{1,2}(?=[\"'])")
_CALL: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*[ \t]*\(")
_ODD_NUMBER: Final = re.compile(
    r"[+-]?(?:0[xXoObB][0-9A-Za-z_]+|[0-9][0-9_]*\.?[0-9_]*(?:[eE][+-]?[0-9_]+)?|(?:nan|inf|infinity)\b)[0-9A-Za-z_]*",
    re.IGNORECASE,
)
_SMART: Final = re.compile("[\u2018\u2019\u201c\u201d\u00ab\u00bb\uff02\uff07]")
_PATH: Final = re.compile(r"\[|\.[A-Za-z_]")
_OPERATOR: Final = re.compile(r"[+\-*/%^<>|&]")


def explain(error: Unexpected, segment: Segment) -> Diagnostic:
    """Return the diagnostic for a statement that the grammar refused."""
    text, at = segment.text, error.offset
    span = Span(segment.start + at, segment.start + max(error.end, at))
    if "HEAD" in error.expected and not text[:at].strip():
        return explain_line(segment)
    if _PATH.match(text, at) and text[:at].rstrip().endswith(")"):
        return _path(span)
    if error.kind == END:
        return _error("P002", f"expected {_expected(error)}", Span(segment.end - 1, segment.end), None)
    if error.kind in _VALUES and "COMMA" in error.expected:
        after = segment.start + len(text[:at].rstrip())
        fix = Fix("insert a comma", (Edit(Span(after, after), ","),), safe=False)
        return _error(
            "P005", f"expected `,` before {_NAMES[error.kind]}", span, "separate the arguments by a comma", fix
        )
    if error.kind is None:
        return _explain_text(error, segment)
    if error.kind == "NUMBER" and _OPERATOR.match(text, at):
        return _arithmetic(span)
    if error.kind in ("HEAD", "JOIN", "ANSWER", "INPUT", "THOUGHT", "END"):
        return _error(
            "P006", "a statement stands inside of a call", span, "close the call before it, or quote the text"
        )
    found = _NAMES.get(error.kind, f"`{text[at : error.end]}`")
    return _error("P002", f"expected {_expected(error)}, found {found}", span, None)


def _explain_text(error: Unexpected, segment: Segment) -> Diagnostic:
    """Explain text that is no token: a bare word, a prefix, a nested call, arithmetic, curly quotes."""
    text, at = segment.text, error.offset
    start = segment.start
    if _SMART.match(text, at):
        return _error(
            "P006", "curly quotes don't delimit text", Span(start + at, start + at + 1), "use straight quotes"
        )
    prefix = _PREFIX.match(text, at)
    if prefix:
        span = Span(start + at, start + prefix.end())
        fix = Fix(f"drop `{prefix.group()}`", (Edit(span, ""),), safe=False)
        help_ = "drop it; every text interpolates `$1`"
        return _error("P021", f"a string has the prefix `{prefix.group()}`", span, help_, fix)
    nested = _CALL.match(text, at)
    if nested:
        span = Span(start + at, start + nested.end() - 1)
        help_ = "make it a task of its own and refer to its number"
        return _error("P006", f"`{text[at : nested.end() - 1].rstrip()}` is called inside of a call", span, help_)
    number = _ODD_NUMBER.match(text, at)
    if number:
        span = Span(start + at, start + number.end())
        help_ = "write it in decimal digits, or quote it"
        return _error("P007", f"`{_short(number.group())}` is not a decimal number", span, help_)
    if _OPERATOR.match(text, at):
        return _arithmetic(Span(start + at, start + at + 1))
    bare = _BARE.match(text, at)
    if bare:
        return _bare(text, at, bare.end(), segment)
    return _error("P002", f"expected {_expected(error)}, found {text[at]!r}", Span(start + at, start + at + 1), None)


def _bare(text: str, at: int, end: int, segment: Segment) -> Diagnostic:
    word = text[at:end]
    span = Span(segment.start + at, segment.start + end)
    fix = None
    whole = text[at - 1 : at] in ("(", ",", " ", "=", "[") and text[end : end + 1] in (",", ")", "]")
    if whole and "\\" not in word and "$" not in word:
        fix = Fix("quote it", (Edit(span, f'"{word}"'),), safe=False)
    return _error("P006", f"`{_short(word)}` stands outside of quotes", span, f'quote it: "{_short(word)}"', fix)


def _arithmetic(span: Span) -> Diagnostic:
    return _error(
        "P006", "arithmetic has no meaning in a plan", span, "call a tool for it, or write the expression in quotes"
    )


def explain_open(segment: Segment) -> Diagnostic:
    """Return the diagnostic for a statement that isn't closed."""
    end, at = segment.end, segment.fault_at
    char = segment.text[at - segment.start : at - segment.start + 1]
    span = Span(at, at + (3 if segment.fault is Fault.LONG_STRING else 1))
    match segment.fault:
        case Fault.STRING:
            help_ = f"close it with `{char}`, or use triple quotes if it has several lines"
            return _error("P004", "this string is not closed on its line", span, help_)
        case Fault.LONG_STRING:
            return _error("P004", "this string is never closed", span, f"close it with `{char * 3}`")
        case Fault.NESTING:
            return _error("P013", "brackets are nested more deeply than the limit", span, "flatten the value")
        case _:
            closing = {"(": ")", "[": "]", "{": "}"}.get(char, ")")
            fix = Fix(f"insert `{closing}`", (Edit(Span(end, end), closing),), safe=False)
            return _error("P003", f"this `{char}` is not closed", span, f"close it with `{closing}`", fix)


def explain_line(segment: Segment) -> Diagnostic:
    """Return the diagnostic for a line that no statement begins with."""
    text = segment.text.rstrip()
    span = Span(segment.start, segment.start + len(text))
    numbered = re.match(r"(?:[-*+][ \t]+)?\**(?:[Ss]tep[ \t]+)?([0-9]{1,9})\**[ \t]*[.):]+\**[ \t]*(?=[A-Za-z_])", text)
    if numbered and "(" in text:
        wanted = f"{numbered.group(1)}. "
        edit = Edit(Span(segment.start, segment.start + numbered.end()), wanted)
        help_ = f"number a call like this: `{wanted}{_short(text[numbered.end() :], 24)}`"
        return _error("P001", "this line is not a statement", span, help_, Fix("mend the number", (edit,), safe=False))
    if _PATH.match(text):
        return _path(span)
    if re.match(r"[A-Za-z_][A-Za-z0-9_./-]*[ \t]*\(", text):
        return _error("P001", "this call has no number", span, "write `1. ` before it, with a number of its own")
    if re.match(r"[0-9]+[ \t]*\.[ \t]*(?:join|answer)\b", text):
        return _error("P001", "this line is not a statement", span, "`join` and `answer` take parentheses")
    help_ = "a plan holds calls like `1. tool(…)`, `Thought: …`, `input …`, `# …` and `join(…)`"
    if text.startswith(("```", "~~~")):
        help_ = "drop the fence; a plan file holds the plan alone"
    return _error("P001", "this line is not a statement", span, help_)


def _path(span: Span) -> Diagnostic:
    help_ = 'take the part where the result is read: `$1.name`, `$1[0]` or `$1["key"]`'
    return _error("P001", "a call has no path of its own", span, help_)


def _expected(error: Unexpected) -> str:
    expected = set(error.expected)
    if expected >= _VALUES:
        expected = (expected - _VALUES - {"EACH", "KEYWORD"}) | {"a value"}
    names = sorted(_NAMES.get(name, name) for name in expected)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _short(text: str, limit: int = 40) -> str:
    return brief(" ".join(text.split()), limit)


def _error(code: str, message: str, span: Span, help_: str | None, fix: Fix | None = None) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, span, help_, fix=fix)
