"""Read references in other notations: `#E1`, `{{1}}`, `<1>`, `result_1`."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final, NamedTuple

from lcc.grammar.lenient.argument_walk import Walk
from lcc.grammar.lenient.repairs import REFERENCE_STYLE

_STEPS = r"""(?:\.[A-Za-z_]\w*+|\[(?:-?[0-9]{1,9}|"[^"\\\r\n]*+"|'[^'\\\r\n]*+')\]|)*+"""
_WORD = r"(?:e|results?|res|step|task|outputs?|out|answer|ans|evidence|observation|obs|response|call|action)"
_OF = rf"(?:the[ ])?(?:(?:result|output|answer|response)s?[ _]of[ _])?(?:the[ ])?(?:{_WORD}[ _\-]?)?"


_MORE: Final = rf"(?:{_WORD}|nodes?|resources?|generated|data|tool|steps|tasks|s|t|n|schritt|ergebnis|étape|paso|passo|шаг|步骤|结果|ステップ|結果|단계|결과)"
"""The words that stand before a number in brackets."""
_FIELD: Final = r"(?:[._ ](?:results?|outputs?|response|value|answer)(?![\w]))?"


def _worded(name: str) -> str:
    """Return the pattern of a word and a number inside of brackets."""
    of = rf"(?:the[ ])?(?:(?:result|output|answer|response)s?[ _](?:of|from)[ _])?(?:the[ ])?{_MORE}(?:[ _\-.#]|\[)?"
    return rf"[ ]*+[$#@]?{of}(?P<{name}>\d{{1,9}})\]?{_FIELD}(?P<{name}s>{_STEPS})[ ]*+"


def _inner(name: str) -> str:
    """Return the pattern of what stands inside of braces or angles; `name` names the group of the number."""
    return rf"[ ]*+[$#@＄]?{_OF}[$#]?(?P<{name}>\d{{1,9}})(?P<{name}s>{_STEPS})[ ]*+"


_BARE: Final = re.compile(
    rf"(?:\$?\{{\{{{_inner('a')}\}}\}}|\{{{_inner('b')}\}}|<{_inner('c')}>|\$[(\[<]{_inner('d')}[)\]>]"
    rf"|(?:#E?|@|%|\\\$|＄|\\#)(?P<e>\d{{1,9}})|\$(?P<f>(?![0-9])\d{{1,9}})|{_WORD}_?(?P<g>\d{{1,9}}))(?P<steps>{_STEPS})(?![\w.])",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(
    rf"(?:\$?\{{\{{[ ]*+(?P<a>[A-Za-z_]\w*+)(?P<as>{_STEPS})[ ]*+\}}\}}|\{{[ ]*+(?P<b>[A-Za-z_]\w*+)(?P<bs>{_STEPS})[ ]*+\}}"
    rf"|<(?P<c>[A-Za-z_]\w*+)>|[#@]?(?P<d>[A-Za-z_]\w*+))(?P<steps>{_STEPS})(?![\w(])"
)
_PHRASE: Final = re.compile(
    rf"(?:the[ ])?(?:(?:result|output|answer|response|value)s?[ ](?:of|from)[ ](?:the[ ])?)?(?:(?:step|task|call)[ ]?)?[$#]?E?(?P<n>\d{{1,9}})(?P<steps>{_STEPS})"
    r"(?:'s[ ](?:result|output|answer)|[ ](?:result|output)|의[ ]?(?:결과|출력|값)|[ ]?的(?:结果|輸出|输出|結果)|の(?:結果|出力))?",
    re.IGNORECASE,
)
_TEXT: Final = re.compile(
    rf"\$?\{{\{{{_inner('a')}\}}\}}|\$?\{{\{{{_worded('q')}\}}\}}|<{_inner('c')}>|#E(?P<e>[0-9]{{1,9}})(?![0-9])|[$＄](?P<f>(?![0-9])\d{{1,9}})|＄(?P<g>[0-9]{{1,9}})"
    rf"|(?<![\w$])(?:results?|outputs?|response)_?(?P<b>[0-9]{{1,9}})(?P<bs>{_STEPS})(?!\w)"
    rf"|(?<![\w\])}}{{.*+?\\$])\{{(?P<i>[0-9]{{1,9}})\}}(?!\}})"
    rf"|\$?\{{{_worded('j')}\}}|<<?{_worded('k')}>?>|\[\[?{_worded('l')}\]?\]|%{_worded('m')}%|«{_worded('n')}»"
    rf"|[#@](?:{_MORE})[_-]?(?P<p>\d{{1,9}})(?![\w])"
    rf"|(?P<natural>(?<![\w$])(?:step|task|answer|evidence|observation)_(?P<d>[0-9]{{1,9}})(?!\w))",
    re.IGNORECASE,
)
_BRACED_NAME: Final = re.compile(rf"\{{\{{?[ ]*+(?P<name>[A-Za-z_]\w*+)(?P<steps>{_STEPS})[ ]*+\}}?\}}")
_TOKEN_START: Final = re.compile(r"[{<#@$＄\\]|(?<![\w$.])[A-Za-z_]")
_ONLY_EXPRESSION: Final = re.compile(r"(?:[A-Za-z_]++\s*+\(|[\d.,\s+\-*/%^()=<>!|&$\[\]\"']|)*+\Z")
_MAY_HOLD: Final = re.compile(r"\{|<|#|[\[%«@](?=[^\W\d]|\[)|＄|\$(?![0-9])|_[0-9]|(?:result|output|response)s?[0-9]")
_WORDED: Final = re.compile(rf"{_WORD}_?(?P<n>[0-9]{{1,9}})\Z", re.IGNORECASE)


class Style(NamedTuple):
    """A reference in another notation, and how the language writes it."""

    start: int
    end: int
    written: str

    def apply(self, walk: Walk) -> None:
        """Write it as the language does."""
        walk.change(self.start, self.end, self.written, REFERENCE_STYLE.code)


def read_bare(text: str, at: int, variables: Collection[str]) -> Style | None:
    """Return the reference in another notation that stands outside of strings at `at`, if there is one."""
    found = _BARE.match(text, at)
    if found:
        number, steps = _number(found)
        return Style(at, found.end(), f"${number}{steps}")
    named = _NAMED.match(text, at) if variables else None
    if named:
        name = named["a"] or named["b"] or named["c"] or named["d"]
        if name in variables:
            steps = named["as"] or named["bs"] or named["steps"] or ""
            return Style(at, named.end(), f"${name}{steps}")
    return None


def reference(inner: str, variables: Collection[str]) -> str | None:
    """Return how the language writes, in a text, what stands in the braces of an f-string; None if it is no reference."""
    found = re.fullmatch(_inner("n"), inner, re.IGNORECASE)
    if found:
        return f"${{{int(found['n'])}{found['ns']}}}"
    named = re.fullmatch(rf"([A-Za-z_]\w*+)({_STEPS})", inner)
    if named and named[1] in variables:
        return f"${{{inner}}}"
    return None


def rewrite_phrase(walk: Walk, start: int, end: int) -> bool:
    """Read prose that says nothing but which result is meant: `result of $1`, `$1의 결과`."""
    text = walk.region[start:end]
    found = _PHRASE.fullmatch(text)
    if found is None or text.isdigit():
        return False
    walk.change(start, end, f"${int(found['n'])}{found['steps']}", REFERENCE_STYLE.code)
    return True


class InText(NamedTuple):
    """A reference in another notation inside of a text. `natural`: the notation may just as well be text (`step_1`)."""

    start: int
    end: int
    number: int
    steps: str
    natural: bool


def may_hold(text: str) -> bool:
    """Whether a text has anything that a reference in another notation has."""
    return _MAY_HOLD.search(text) is not None


def numbers_in(text: str) -> list[InText]:
    """Return the references in other notations that a text holds."""
    if not _MAY_HOLD.search(text):
        return []
    out = []
    for found in _TEXT.finditer(text):
        number, steps = _number(found)
        out.append(InText(found.start(), found.end(), number, steps, found["natural"] is not None))
    return out


def names_in(text: str, variables: Collection[str]) -> list[tuple[int, int, str, str]]:
    """Return the names in braces that a text holds and that results are assigned to: start, end, name, path."""
    if not variables or "{" not in text:
        return []
    return [
        (found.start(), found.end(), found["name"], found["steps"])
        for found in _BRACED_NAME.finditer(text)
        if found["name"] in variables and text[found.start() - 1 : found.start()] != "$"
    ]


def rewrite_expression(walk: Walk, start: int, end: int) -> bool:
    """Write the references of a bare expression as the language does; False if it is no expression of references."""
    text = walk.region
    styles = []
    rest = []
    at = last = start
    while (found := _TOKEN_START.search(text, at, end)) is not None:
        style = read_bare(text, found.start(), walk.variables)
        if style is None or style.end > end:
            at = found.end()
            continue
        styles.append(style)
        rest.append(text[last : style.start])
        at = last = style.end
    rest.append(text[last:end])
    if not styles or not _ONLY_EXPRESSION.match(" ".join(rest)):
        return False
    for style in styles:
        walk.change(style.start, style.end, f"${{{style.written[1:]}}}", REFERENCE_STYLE.code)
    return True


def worded(name: str) -> int | None:
    """Return the number in a name like `result_1` or `step2`, or None."""
    found = _WORDED.match(name)
    return int(found["n"]) if found else None


def _number(found: re.Match[str]) -> tuple[int, str]:
    groups = found.groupdict()
    for name in "abcdefgijklmnpq":
        if groups.get(name):
            return int(groups[name]), groups.get(f"{name}s") or groups.get("steps") or ""
    raise AssertionError(found.group())


_REFERENCE: Final = re.compile(r"\\?[$＄](?:\{\s*(?P<braced>\d{1,9})|(?P<number>\d{1,9})|(?P<name>[A-Za-z_]\w*+))")


def results_in(text: str, variables: Collection[str]) -> list[str]:
    """Return the references that the arguments of a join name, each once, in order."""
    found: dict[str, None] = {}
    at = 0
    while at < len(text):
        plain = _REFERENCE.match(text, at)
        if plain:
            number = plain["braced"] or plain["number"]
            if number:
                found[f"${int(number)}"] = None
            elif plain["name"] in variables or worded(plain["name"]) is not None:
                found[f"${plain['name']}"] = None
            at = plain.end()
            continue
        before = text[at - 1 : at]
        style = None if before.isalnum() or before == "_" else read_bare(text, at, variables)
        if style is not None:
            found[style.written] = None
            at = style.end
            continue
        at += 1
    return list(found)
