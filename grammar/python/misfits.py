"""Say why a line doesn't fit the grammar: what Python has and the subset has not, and what is no Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.diagnostics.wording import brief
from lcc.grammar.python.lexer import Line
from lcc.grammar.python.lexer_errors import error
from lcc.grammar.python.tables import END, Misfit, Token
from lcc.grammar.source import Span

_STATEMENTS: Final = {
    "CLASS": ("`class` is not available", "use dicts for data and `def` for helpers"),
    "WITH": ("`with` is not available", "call the tools one after the other; use `try` with `finally` to clean up"),
    "GLOBAL": ("`global` is not available", "pass the value as an argument and return the new one"),
    "NONLOCAL": ("`nonlocal` is not available", "pass the value as an argument and return the new one"),
    "DIVIDE": ("decorators are not available", "call the function where its result is needed"),
}
"""By the first token of a line."""
_ANYWHERE: Final = {
    "YIELD": ("`yield` is not available", "append to a list and return it"),
    "ASYNC": ("asynchronous loops are not available", "write `for`; calls run in parallel by themselves"),
    "CLASS": _STATEMENTS["CLASS"],
    "WITH": _STATEMENTS["WITH"],
    "GLOBAL": _STATEMENTS["GLOBAL"],
    "NONLOCAL": _STATEMENTS["NONLOCAL"],
}
"""By the token that doesn't fit."""
_NAMES: Final = {
    "NAME": "a name",
    "NUMBER": "a number",
    "STRING": "a string",
    "F_START": "a string",
    "COLON": "`:`",
    "RPAR": "`)`",
    "RSQB": "`]`",
    "RBRACE": "`}`",
    "COMMA": "`,`",
    "EQUAL": "`=`",
    "IN": "`in`",
    "ELSE": "`else`",
    "IMPORT": "`import`",
    "LPAR": "`(`",
    "IF": "`if`",
    "DEF": "`def`",
    END: "the end of the line",
}
_VALUE: Final = frozenset(["NAME", "NUMBER", "STRING", "LPAR", "LSQB", "NONE"])
_OPERANDS: Final = frozenset(["NAME", "NUMBER", "STRING", "F_END", "NONE", "TRUE", "FALSE", "RPAR", "RSQB", "RBRACE"])
_STARTS: Final = frozenset(["NAME", "NUMBER", "STRING", "F_START", "NONE", "TRUE", "FALSE", "LAMBDA", "LBRACE"])
_SOFT: Final = {
    "match": ("`match` is not available", "write `if` and `elif`"),
    "case": ("`match` is not available", "write `if` and `elif`"),
    "type": ("`type` statements are not available", "leave it out"),
}
_AUGMENTED: Final = frozenset(["+", "-", "*", "/", "//", "%", "@", "&", "|", "^", "<<", ">>", "**"])
_OLD: Final = {"print": "`print` is a function: write `print(…)`", "exec": "code in a text is never run"}


def refused_head(tokens: Sequence[Token]) -> Diagnostic | None:
    """Return why a line is refused by its first tokens alone."""
    first, second = tokens[0], tokens[min(1, len(tokens) - 1)]
    if second.kind == "EQUAL" and first.text.isidentifier() and first.kind not in _OPERANDS:
        return error("P100", f"`{first.text}` is a keyword and can't be a name", _span(first), "choose another name")
    if first.kind in _STATEMENTS and (first.kind != "DIVIDE" or first.text == "@"):
        return error("P110", _STATEMENTS[first.kind][0], _span(first), _STATEMENTS[first.kind][1])
    if first.kind == "ASYNC" and second.kind in ("FOR", "WITH"):
        message, help_ = _ANYWHERE["ASYNC"] if second.kind == "FOR" else _STATEMENTS["WITH"]
        return error("P110", message, Span(first.start, second.end), help_)
    if first.kind == "FROM" and second.text in (".", "..."):
        return error("P110", "relative imports are not available", _span(second), "import a module by its name")
    return None


def explain(line: Line, misfit: Misfit) -> Diagnostic:
    """Return the diagnostic for a line that the grammar doesn't accept."""
    tokens, place = line.tokens, misfit.place
    token, first = tokens[place], tokens[0]
    if token.kind in _ANYWHERE:
        return error("P110", _ANYWHERE[token.kind][0], _span(token), _ANYWHERE[token.kind][1])
    if (first.text in _SOFT and place == 1 and token.kind in _STARTS) or _is_match(tokens, place):
        return error("P110", _SOFT[first.text][0], _span(first), _SOFT[first.text][1])
    if first.kind == "EXCEPT" and token.text == "*":
        return error("P110", "`except*` is not available", _span(token), "write `except`")
    if "COLON" in misfit.expected and token.kind == END:
        found = _missing_colon(line, misfit)
        if found is not None:
            return found
    return _explain_token(tokens, place, misfit)


def _is_match(tokens: Sequence[Token], place: int) -> bool:
    """Whether a line that ends in a colon and didn't fit there is a `match` or `case`."""
    return tokens[0].text in ("match", "case") and tokens[place].kind == END and tokens[place - 1].kind == "COLON"


def _missing_colon(line: Line, misfit: Misfit) -> Diagnostic | None:
    head = line.tokens[0].kind in ("IF", "ELIF", "ELSE", "FOR", "WHILE", "TRY", "EXCEPT", "FINALLY", "DEF", "ASYNC")
    if not head:
        return None
    end = line.tokens[misfit.place].start
    return error("P100", f"`{line.tokens[0].text}` needs a colon at its end", Span(end, end), "write `:` here")


def _explain_token(tokens: Sequence[Token], place: int, misfit: Misfit) -> Diagnostic:
    token, before = tokens[place], tokens[max(place - 1, 0)]
    span = _span(token)
    found = _explain_symbol(tokens, place, misfit)
    if found is not None:
        return found
    if before.text in _OLD and place and token.kind in _STARTS:
        return error("P100", f"expected `(`, found {_found(token)}", span, _OLD[before.text])
    if place and before.kind in _OPERANDS and token.kind in _STARTS:
        opened = _opened(tokens[:place])
        help_ = "put a comma between them"
        if opened == "FIELD":
            help_ = "put an operator between them, or write a field for each"
        elif opened is None:
            help_ = "put each statement on a line of its own, or an operator between them"
        message = f"{_found(token)} follows {_found(before)} without anything between them"
        return error("P100", message, Span(before.start, token.end), help_)
    if token.text.isidentifier() and token.kind not in ("NAME", *_STARTS) and "NAME" in misfit.expected:
        if tokens[place + 1].kind == "EQUAL" and _opened(tokens[:place]) == "LPAR":
            keyword_help = f'pass it as `**{{"{token.text}": …}}`'
            return error("P100", f"`{token.text}` is a keyword and can't be a name", span, keyword_help)
        wanted = _wanted(tokens[:place], misfit.expected)
        return error("P100", f"`{token.text}` is a keyword and can't stand here", span, wanted)
    return error("P100", f"{_found(token)} has no place here", span, _wanted(tokens[:place], misfit.expected))


def _explain_symbol(tokens: Sequence[Token], place: int, misfit: Misfit) -> Diagnostic | None:
    """Explain the end of the line, `=` and `:=` where they have no place."""
    token, before = tokens[place], tokens[max(place - 1, 0)]
    span = _span(token)
    if token.kind == END:
        help_ = _wanted(tokens[:place], misfit.expected)
        twice = place > 1 and before.text in ("+", "-") and tokens[place - 2].text == before.text
        return error("P100", "the line ends too soon", span, f"write `{before.text}= 1` to count" if twice else help_)
    if token.kind == "EQUAL":
        split = before.text in _AUGMENTED and before.end + 1 >= token.start
        help_ = f"write `{before.text}=` without a space" if split else "use `==` to compare"
        return error("P100", "`=` has no place here", span, help_)
    if token.text == ":=":
        help_ = "put parentheses around it, or assign with `=` on a line of its own"
        return error("P100", "`:=` has no place here", span, help_)
    return None


def _opened(tokens: Sequence[Token]) -> str | None:
    """Return which bracket or field is open behind tokens."""
    stack: list[str] = []
    for token in tokens:
        if token.kind in ("LPAR", "LSQB", "LBRACE", "FIELD"):
            stack.append(token.kind)
        elif token.kind in ("RPAR", "RSQB", "RBRACE") and stack:
            stack.pop()
    return stack[-1] if stack else None


def _found(token: Token) -> str:
    if token.kind == END:
        return "the end of the line"
    return f"`{brief(token.text, 24)}`"


def _wanted(before: Sequence[Token], expected: frozenset[str]) -> str | None:
    """Say what could stand behind tokens, where that is little; of closing brackets only the one that is open."""
    closing = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE", "FIELD": "RBRACE"}.get(_opened(before) or "", "")
    names = set(expected) - ({"RPAR", "RSQB", "RBRACE"} - {closing})
    parts = []
    if names >= _VALUE:
        parts.append("a value")
        names -= {*_VALUE, "F_START"}
    elif len(names) > 6:
        return None
    parts += sorted(_NAMES[name] for name in names if name in _NAMES and name != END)
    if not parts or len(parts) > 4:
        return "expected a value" if "a value" in parts else None
    return f"expected {parts[0] if len(parts) == 1 else ', '.join(parts[:-1]) + ' or ' + parts[-1]}"


def _span(token: Token) -> Span:
    return Span(token.start, token.end)
