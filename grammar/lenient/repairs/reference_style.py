"""Read references in other notations: `#E1`, `{{1}}`, `<1>`, `result_1`."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Final, NamedTuple

from lcc.grammar.diagnostics import Rule
from lcc.grammar.lenient.repairs.repair import EXAMPLE_TOOLS, Repair

if TYPE_CHECKING:
    from lcc.grammar.lenient.reader import Reader

REPAIR: Final = Repair(
    Rule(
        "R030",
        "reference-style",
        "a reference is written in another notation",
        "`#E1`, `{{1}}`, `<1>`, `result_1` and names of assigned results refer to a task where one precedes that has the number or the name.",
        '1. search("tides")\n2. summarize({{1}})\n3. join()\n',
        '1. search("tides")\n2. summarize($1)\n3. join()\n',
        EXAMPLE_TOOLS,
        "model",
    ),
    "a reference is written in another notation",
    "write it as `$1`",
)

_STEPS = r"""(?:\.[A-Za-z_]\w*+|\[(?:-?[0-9]{1,9}|"[^"\\\r\n]*+"|'[^'\\\r\n]*+')\])*+"""
_WORD = r"(?:e|results?|res|step|task|outputs?|out|answer|ans|evidence|observation|obs|response|call|action)"
_OF = rf"(?:the[ ])?(?:(?:result|output|answer|response)s?[ _]of[ _])?(?:the[ ])?(?:{_WORD}[ _\-]?)?"


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
    rf"\$?\{{\{{{_inner('a')}\}}\}}|<{_inner('c')}>|#E(?P<e>[0-9]{{1,9}})(?![0-9])|[$＄](?P<f>(?![0-9])\d{{1,9}})|＄(?P<g>[0-9]{{1,9}})"
)
_WORDED: Final = re.compile(rf"{_WORD}_?(?P<n>[0-9]{{1,9}})\Z", re.IGNORECASE)


class Style(NamedTuple):
    """A reference in another notation, and how the language writes it."""

    start: int
    end: int
    written: str

    def apply(self, reader: Reader) -> None:
        """Write it as the language does."""
        reader.change(self.start, self.end, self.written, REPAIR.code)


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


def rewrite_phrase(reader: Reader, start: int, end: int) -> bool:
    """Read prose that says nothing but which result is meant: `result of $1`, `$1의 결과`."""
    text = reader.region[start:end]
    found = _PHRASE.fullmatch(text)
    if found is None or text.isdigit():
        return False
    reader.change(start, end, f"${int(found['n'])}{found['steps']}", REPAIR.code)
    return True


def numbers_in(text: str) -> list[tuple[int, int, int, str]]:
    """Return the references in other notations that a text holds: start, end, number, path."""
    if not any(mark in text for mark in ("{{", "<", "#E", "＄", "$")):
        return []
    out = []
    for found in _TEXT.finditer(text):
        number, steps = _number(found)
        out.append((found.start(), found.end(), number, steps))
    return out


def worded(name: str) -> int | None:
    """Return the number in a name like `result_1` or `step2`, or None."""
    found = _WORDED.match(name)
    return int(found["n"]) if found else None


def _number(found: re.Match[str]) -> tuple[int, str]:
    groups = found.groupdict()
    for name in "abcdefg":
        if groups.get(name):
            return int(groups[name]), groups.get(f"{name}s") or groups.get("steps") or ""
    raise AssertionError(found.group())
