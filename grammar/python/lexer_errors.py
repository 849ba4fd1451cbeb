"""Word what the lexer finds wrong: characters, numbers, strings and brackets."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Label, Severity
from lcc.grammar.source import Span

_CURLY: Final = "“”„‘’‚«»`´"
_WORD: Final = re.compile(r"[A-Za-z0-9_.\x80-\U0010ffff]++")
_HALF: Final = re.compile("[\ud800-\udfff]")
_SHOWN: Final = {"(": ")", "[": "]", "{": "}"}


def error(code: str, message: str, span: Span, help_: str | None, *labels: Label) -> Diagnostic:
    """Return a diagnostic that refuses the program."""
    return Diagnostic(code, Severity.ERROR, message, span, help_, labels)


def unclosed_bracket(opened: str, place: int) -> Diagnostic:
    return error("P103", f"this `{opened}` is never closed", _at(place), f"close it with `{_SHOWN[opened]}`")


def mismatch(text: str, place: int, opened: str, start: int) -> Diagnostic:
    label = Label(_at(start), "opened here")
    return error("P103", f"`{text}` doesn't close `{opened}`", _at(place), f"write `{_SHOWN[opened]}`", label)


def unmatched(text: str, place: int) -> Diagnostic:
    return error("P103", f"nothing is open that `{text}` could close", _at(place), "drop it, or open it before")


def unclosed_text(quotes: str, place: int, end: int | None) -> Diagnostic:
    """`end`: the end of the text for a string that took the rest of the program, None for one that is cut by its line."""
    span = Span(place, place + len(quotes))
    if end is None:
        help_ = f"close it with `{quotes}`, or use triple quotes if it has several lines"
        if len(quotes) == 3:
            help_ = f"close it with `{quotes}`"
        return error("P104", "this string is not closed on its line", span, help_)
    label = Label(Span(end, end), "everything up to here was taken for its text")
    return error("P104", "this string is never closed", span, f"close it with `{quotes}`", label)


def unclosed_field(place: int) -> Diagnostic:
    return error(
        "P107", "this field of an f-string is never closed", _at(place), "close it with `}`, or write `{{` for a brace"
    )


def single_brace(place: int) -> Diagnostic:
    return error("P107", "a single `}` stands in an f-string", _at(place), "write `}}` for a brace")


def comment_in_field(place: int) -> Diagnostic:
    return error("P107", "a comment stands in a field of an f-string", _at(place), "move it behind the line")


def nothing_joined(offset: int) -> Diagnostic:
    return error("P106", "the text ends after a backslash", Span(max(offset - 1, 0), offset), "drop the backslash")


def begins_joined(place: int) -> Diagnostic:
    return error("P106", "a line begins with a backslash", _at(place), "drop it: nothing is joined")


def nul(place: int) -> Diagnostic:
    return error("P106", "a NUL character: this is binary data, not a program", _at(place), "remove it")


def half_pair(line: str, base: int) -> Diagnostic | None:
    """Return what is wrong with half of a surrogate pair in a line, if there is one."""
    found = _HALF.search(line)
    if found is None:
        return None
    return error("P106", f"U+{ord(found[0]):04X} is half of a surrogate pair", _at(base + found.start()), "remove it")


def no_token(text: str, place: int) -> Diagnostic:
    """Explain a character that no token begins with."""
    if text == "\\":
        help_ = "end the line right after a backslash; inside of brackets none is needed"
        return error("P106", "something follows a backslash on its line", _at(place), help_)
    help_ = {
        "!": "write `not x`, or `x != y`",
        "$": "write the name of a variable; a program has no `$1`",
        "?": "write `a if test else b`",
        "`": "quote text with `\"` or `'`; a program stands without a fence",
    }.get(text, "remove it, or quote it")
    return error(
        "P106",
        f"`{text}` has no meaning in Python" if text.isprintable() else f"U+{ord(text):04X} has no meaning here",
        _at(place),
        help_,
    )


def no_name(text: str, place: int) -> Diagnostic:
    """Explain a word that is no name, by its first character that can't be part of one."""
    at = next((k for k, char in enumerate(text) if not ("a" + char).isidentifier()), 0)
    char = text[at]
    if char in _CURLY:
        return error("P106", f"`{char}` doesn't quote text", _at(place + at), "use straight quotes")
    if char.isspace() or unicodedata.category(char) == "Cf":
        kind = "a kind of space" if char.isspace() else "an invisible character"
        help_ = "write a plain space" if char.isspace() else "remove it"
        return error("P106", f"U+{ord(char):04X} is {kind} that Python doesn't read", _at(place + at), help_)
    known = unicodedata.name(char, "")
    shown = f"`{char}` (U+{ord(char):04X})" if char.isprintable() else f"U+{ord(char):04X}"
    return error(
        "P106",
        f"{shown} can't be part of a name",
        _at(place + at),
        f"it is {known}; remove it or quote it" if known else "remove it",
    )


def bad_number(line: str, start: int, base: int) -> Diagnostic:
    """Explain a number that runs into letters or digits."""
    found = _WORD.match(line, start)
    word = found[0] if found else line[start]
    span = Span(base + start, base + start + len(word))
    if re.fullmatch(r"[0-9_.]+(?:[eE][+-]?[0-9_]+)?[jJ]", word):
        return error("P111", f"`{word}` is an imaginary number", span, "programs have no complex numbers")
    help_ = "put a space between a number and a word; underscores stand between digits; quote it if it is a code"
    return error("P105", f"`{word[:40]}` is not a number", span, help_)


def too_deep(place: int, most: int) -> Diagnostic:
    return error("P114", f"nested more deeply than {most} levels", _at(place), "give parts names of their own")


def _at(place: int) -> Span:
    return Span(place, place + 1)
