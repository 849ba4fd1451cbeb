"""Say why a step doesn't fit its grammar, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.diagnostics.wording import brief
from lcc.grammar.python.tables import END, Misfit, Token
from lcc.grammar.source import Span

_OPERANDS: Final = frozenset({"NAME", "NUMBER", "STRING", "DOLLAR", "NONE", "TRUE", "FALSE", "RPAR", "RSQB", "RBRACE"})
_STARTS: Final = frozenset({"NAME", "NUMBER", "STRING", "DOLLAR", "NONE", "TRUE", "FALSE", "LAMBDA", "LBRACE"})
_SHOWN: Final = {
    "COMMA": "`,`", "RPAR": "`)`", "RSQB": "`]`", "RBRACE": "`}`", "COLON": "`:`", "IN": "`in`", "ELSE": "`else`",
    "FAILED": "`failed`", "DOLLAR": "a step such as `$2`",
}  # fmt: skip
_CUT: Final = re.compile(r"(?<!\$)\$\{[^}]*\Z")
FORMS: Final = "`if failed $2`, `after $3`, `after ok $3` and `when …` may follow a call, in this order"

INSTEAD: Final = (
    "write the call that may fail in a block, with what stands in its place: `1. python:`, and below it, indented, "
    "`try:`, `found = search(…)`, `except Exception:`, `found = 7`; then read `$1.found`"
)
_HEADS: Final = {"LET": "a value", "LOOP": "a loop", "YIELD": "what a loop gives", "PYTHON": "a block"}


def beside(tokens: Sequence[Token], place: int) -> bool:
    """Whether the token that doesn't fit is an operand right behind another one."""
    return place > 0 and tokens[place].kind in _STARTS and tokens[place - 1].kind in _OPERANDS


def explain_misfit(tokens: Sequence[Token], misfit: Misfit, text: str, base: int) -> Diagnostic:
    """Return the diagnostic for a step that the grammar doesn't accept."""
    place = misfit.place
    token, before, head = tokens[place], tokens[max(place - 1, 0)], tokens[0]
    span = Span(token.start, max(token.end, token.start + (token.kind == END)))
    if before.kind == "STRING" and _CUT.search(before.text[:-1]):
        help_ = "use the other kind of quotes inside, or triple quotes around the text"
        return _error("P029", "a `${…}` is cut by the quotes of its text", Span(before.start, before.end), help_)
    special = _of_head(tokens, place, misfit, span)
    if special is not None:
        return special
    if token.kind == "YIELD":
        return _error("P028", "`yield` stands inside of a step", span, "it is the last line of a loop's body")
    if token.kind == "EQUAL" or (token.text.endswith("=") and token.kind in ("AUGMENT", "NAMED")):
        return _error(
            "P002",
            f"`{token.text}` assigns, which a value can't",
            span,
            "compare with `==`; `N. = value` names a value",
        )
    if token.kind == "KEYWORD":
        return _error("P002", f"`{token.text}=` names no argument here", span, "compare with `==`")
    if before.kind == "DOLLAR" and token.text[:1] == "." and token.start == before.end:
        help_ = f"`{before.text}.name` is a part of a result, `$${before.text[1:]}{token.text}` in a text is money"
        return _error("P011", f"`{before.text}{token.text}` is no reference", Span(before.start, token.end), help_)
    if beside(tokens, place):
        help_ = "separate them by a comma" if head.kind == "CALL" else "put an operator between them"
        return _error("P005", f"two values stand side by side, without anything before `{_text(token)}`", span, help_)
    if token.kind == "COLON" and before.kind in ("NAME", "DOLLAR") and head.kind == "CALL":
        return _colon(before, token, text, base)
    found = "the end of the step" if token.kind == END else f"`{_text(token)}`"
    return _error("P002", f"{found} stands where {_expected(misfit)} should", span, None)


def _colon(before: Token, token: Token, text: str, base: int) -> Diagnostic:
    """Explain a colon behind a word in a call."""
    span = Span(before.start, token.end)
    if text.startswith("//", token.end - base):
        return _error("P006", "an address stands outside of quotes", span, "quote it")
    return _error("P002", f"`{before.text}:` names no argument", span, f"write `{before.text}=`")


def _of_head(tokens: Sequence[Token], place: int, misfit: Misfit, span: Span) -> Diagnostic | None:
    """Explain what is wrong with the form of a step."""
    token, head = tokens[place], tokens[0]
    if head.kind == "LOOP" and token.kind == END and "COLON" in misfit.expected:
        return _error("P028", "`for` needs a colon at its end", span, "write `:` here, and the body below, indented")
    if (
        head.kind == "CALL"
        and tokens[place - 1].kind == "RPAR"
        and "AFTER" in misfit.expected
        and _closes(tokens, place)
    ):
        if head.text.rstrip("( \t").endswith("for") and token.kind == "IN":
            return _error(
                "P028",
                "this is a call of a tool `for`",
                Span(head.start, head.end),
                "a loop is written without brackets: `2. for a, b in $1:`",
            )
        return _error("P028", f"`{_text(token)}` can't follow a call", span, FORMS)
    if token.kind == "FAILED" and head.kind != "CALL":
        return _error("P028", f"`if failed` follows a call, and this is {_HEADS[head.kind]}", span, INSTEAD)
    if token.kind == "WHEN":
        return _error("P028", "a second `when`", span, "join the two by `and`")
    if token.kind in ("AFTER", "OK", "FAILED") or (token.kind == "IF" and head.kind == "CALL"):
        return _error("P028", f"`{token.text}` stands in the wrong place", span, FORMS)
    if "FAILED" in misfit.expected:
        return _error("P028", "`if` behind a call is only `if failed $2`", span, "write `when …` for a condition")
    if misfit.expected <= {"DOLLAR", "OK"}:
        return _error("P028", f"`{_text(token)}` names no step", span, "name a step by its number: `$2`")
    return None


def _closes(tokens: Sequence[Token], place: int) -> bool:
    """Whether the call is closed before a place."""
    depth = 0
    for token in tokens[:place]:
        depth += token.kind in ("CALL", "LPAR", "LSQB", "LBRACE")
        depth -= token.kind in ("RPAR", "RSQB", "RBRACE")
    return depth == 0


def _expected(misfit: Misfit) -> str:
    if misfit.expected >= {"NAME", "NUMBER", "STRING"}:
        return "a value"
    names = sorted({_SHOWN[name] for name in misfit.expected if name in _SHOWN})
    return " or ".join(names[:4]) or "nothing"


def _text(token: Token) -> str:
    return brief(" ".join(token.text.split()) or "the end", 30)


def _error(code: str, message: str, span: Span, help_: str | None) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, span, help_)
