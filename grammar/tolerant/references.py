"""Find references as models write them: one table of notations, each with its exact extent.

    {{1}}   {step_1}   <node-1>   #E1   $step1.output   [[result 1]]   {{steps.create.id}}   result_1   「the result of step 1」

What a notation names is said here, by a number or by a key; whether a plan has such a call is for others to say.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

_WORDS: Final = (
    "steps?|tasks?|nodes?|calls?|results?|res|outputs?|out|responses?|answers?|ans|actions?|observations?|obs|evidence|resources?|generated|"
    "data|tool|schritt|ergebnis|étape|paso|passo|шаг|步骤|结果|ステップ|結果|단계|결과"
)
_FIELDS: Final = "results?|outputs?|response|value|data|answer|content|text|return"
_STEPS: Final = r"""(?:\.[^\W\d]\w*+|\[(?:-?[0-9]{1,9}|"[^"\\\r\n]*+"|'[^'\\\r\n]*+')\]|)*+"""
_INNER: Final = (
    rf"[ ]*+[$#@＄]?(?:the[ ])?(?P<lead>(?:(?:{_WORDS})(?:\.|[ _-](?:of|from)[ _-](?:the[ ])?)|)*+)"
    rf"(?P<key>[^\W_][\w -]{{0,60}}?)\]?(?P<steps>{_STEPS})[ ]*+"
)


class Notation(NamedTuple):
    """How a reference is written: the pattern, whether only where a word for a result is in it, and whether outside of texts, too."""

    pattern: re.Pattern[str]
    worded: bool = False
    bare: bool = False


def _between(opening: str, closing: str, worded: bool = False, bare: bool = False) -> Notation:
    return Notation(re.compile(opening + _INNER + closing, re.IGNORECASE), worded, bare)


_NOTATIONS: Final = {
    "$": (
        Notation(re.compile(rf"\$(?P<lead>)(?P<key>[^\W_]\w*+)(?P<steps>{_STEPS})\$(?![\w{{(])")),
        _between(r"\$\{\{", r"\}\}", bare=True),
        _between(r"\$\{", r"\}", bare=True),
        _between(r"\$\(", r"\)", bare=True),
        _between(r"\$\[", r"\]", bare=True),
        _between(r"\$<", ">", bare=True),
    ),
    "#": (_between(r"#\{", r"\}"),),
    "{": (_between(r"\{\{", r"\}\}", bare=True), _between(r"(?<![\w\])}{.*+?\\$])\{", r"\}(?!\})", bare=True)),
    "<": (
        Notation(re.compile(r"<GENERATED>-(?P<lead>)(?P<key>[0-9]{1,9})(?P<steps>)")),
        _between("<<", ">>", bare=True),
        _between("<", ">", bare=True),
    ),
    "[": (_between(r"\[\[", r"\]\]"), _between(r"\[", r"\]", worded=True)),
    "«": (_between("«", "»", worded=True),),
    "%": (_between("%", "%", worded=True),),
}
"""What stands around references, by its first character."""
_TOKEN: Final = re.compile(
    rf"[#@](?:E|S|T|{_WORDS})[_-]?(?P<number>[0-9]{{1,9}})(?!\w)|[$＄@](?P<key>\d{{1,9}}|[^\W_][\w-]*+)(?P<steps>{_STEPS})",
    re.IGNORECASE,
)
_BARE: Final = re.compile(
    rf"(?:\$(?:\{{[ ]*+)?(?P<dollar>[0-9]{{1,9}})\}}?|(?:(?:#E?|@|%|\\?[$＄]|\\#|(?:e|{_WORDS})_?)(?P<number>\d{{1,9}})|[#@$]?(?P<key>[A-Za-z_]\w*+))"
    rf"(?={_STEPS}(?![\w(]|\.\w)))(?P<steps>{_STEPS})",
    re.IGNORECASE,
)
"""The same outside of texts, where a key is a name that is bound."""
_PLAIN: Final = re.compile(
    rf"(?<![\w$])(?:(?:results?|outputs?|response)_?(?P<sure>[0-9]{{1,9}})(?P<steps>{_STEPS})(?!\w)"
    r"|(?:step|task|answer|evidence|observation)_(?P<natural>[0-9]{1,9})(?!\w))",
    re.IGNORECASE,
)
_BEGINS: Final = re.compile(
    r"[{<$＄#@\[«%&~^|]|(?<![\w$])(?:results?|outputs?|response|steps?|tasks?|nodes?|calls?|answer|evidence|observation)[_ -]?[0-9]",
    re.IGNORECASE,
)
_BARE_BEGINS: Final = re.compile(r"[{<#@$＄\\]|(?<![\w$.])[A-Za-z_]")
_BEHIND: Final = re.compile(rf"(?P<steps>{_STEPS})(?![\w(]|\.\w)")
_DOLLAR: Final = re.compile(r"\$[A-Za-z0-9_]")
"""What the language has as a reference."""
_PHRASE: Final = re.compile(
    rf"(?:the[ ])?(?:(?:{_FIELDS})[ ](?:of|from)[ ](?:the[ ])?)?(?:(?:step|task|call)[ ]?)?[$#]?E?(?P<n>\d{{1,9}})(?P<steps>{_STEPS})"
    r"(?:'s[ ](?:result|output|answer)|[ ](?:result|output)|의[ ]?(?:결과|출력|값)|[ ]?的(?:结果|輸出|输出|結果)|の(?:結果|出力))?",
    re.IGNORECASE,
)
_MAY_HOLD: Final = re.compile(
    r"\{|<|#|[\[%«@&~^|](?=[^\W\d]|\[)|＄|\$(?![0-9])|_[0-9]|(?:result|output|response)s?[0-9]|[0-9]\.[a-z]"
)
_WORDED: Final = re.compile(
    rf"(?:(?:{_WORDS})[ _.\-#\[]?|(?:[acenorst]|ex)[ _-]?)(?P<n>[0-9]{{1,9}})(?:[ _-](?:{_FIELDS}))?\Z", re.IGNORECASE
)
_DIGITS: Final = re.compile(r"\d{1,9}\Z")
_ALONE: Final = re.compile(rf"(?:(?:{_WORDS})[_ -]?(?:of[_ -])?)(?P<key>\w[\w-]*?)(?P<steps>{_STEPS})", re.IGNORECASE)
_FIELD: Final = re.compile(rf"\.(?:{_FIELDS})(?![\w])", re.IGNORECASE)
_LEADS: Final = frozenset(
    ["step", "steps", "task", "tasks", "node", "nodes", "call", "calls", "result", "results", "output", "outputs"]
)
"""Words that are no key where one stands behind them: `steps.create.output`."""
_FIRST_STEP: Final = re.compile(r"\.(\w+)|\[[\"']?([^\]\"']*)[\"']?\]")
_EXPRESSION: Final = re.compile(r"(?:[A-Za-z_]++\s*+\(|[\d.,\s+\-*/%^()=<>!|&$\[\]\"']|)*+\Z")
_NO_WORDS: Final = re.compile(r"(?:[^\W\d_]++\s*+\(|[^\w]|\d|)*+\Z")


_LOOKS: Final = re.compile(
    rf"(?:[#@%&~^|]{{1,2}}|[{{<\[«]{{1,3}}[|#$ ]?)(?:(?:{_WORDS})[ _.#\[-]{{0,2}}|[EST])(?P<marked>[0-9]{{1,9}})(?!\w)"
    rf"|(?<![\w$])(?:steps?|tasks?|nodes?|calls?)[_ -]?(?P<plain>[0-9]{{1,9}})\.(?:{_FIELDS})\b"
    r"|\A[\[{<«]{1,2}[^\W\d][^\W\d_ -]{0,20}(?:[ _-][^\W\d_ -]{1,20}){0,4}[ _#-](?P<whole>[0-9]{1,9})[\]}>»]{1,2}\Z",
    re.IGNORECASE,
)
"""What is written as a reference would be; `whole`: a text of nothing but words of any language and a number, in brackets."""


class Written(NamedTuple):
    """A reference as it is written: where, what it names, the path. `worded`: a word for results stands in it.

    `natural`: it may just as well be text (`step_1`). `braced`: it stands in braces. `looks`: the number that it seems to name in
    none of the known notations. `alone`: nothing but references, numbers, operators and functions stands in its text.
    """

    start: int
    end: int
    key: str
    steps: str
    worded: bool = True
    natural: bool = False
    braced: bool = False
    looks: int | None = None
    alone: bool = False

    @property
    def number(self) -> int | None:
        """The number that it names."""
        return number_of(self.key)

    def said(self, variables: Collection[str]) -> str | None:
        """Return how the language writes it; None where it names neither a number nor one of the variables."""
        if self.key in variables:
            return f"${self.key}{self.steps}"
        return None if self.number is None else f"${self.number}{self.steps}"

    @property
    def inner(self) -> str:
        """The path without a first step that only says `result`, where a word says so as well."""
        field = _FIELD.match(self.steps) if self.worded else None
        return self.steps[field.end() :] if field else self.steps


def plain_name(key: str) -> str:
    """Return what is compared of a key: it stands without case, hyphens, spaces and marks."""
    return key.strip().strip("$#@<>{}[]").replace("-", "_").replace(" ", "_").casefold()


def number_of(key: str) -> int | None:
    """Return the number that a key is, or that stands behind a word in it."""
    if _DIGITS.match(key):
        return int(key)
    found = _WORDED.match(key)
    return int(found["n"]) if found else None


def written_at(text: str, at: int, variables: Collection[str] | None = None) -> Written | None:
    """Return the reference that begins at a place, or None.

    `variables`: the names that mean results, where it stands outside of texts, and brackets and quotes mean something else.
    """
    bare = variables is not None
    for notation in _NOTATIONS.get(text[at : at + 1], ()):
        found = notation.pattern.match(text, at) if notation.bare or not bare else None
        if found is None:
            continue
        key = found["key"].rstrip()
        worded = bool(found["lead"]) or (not _DIGITS.match(key) and _WORDED.match(key) is not None)
        if text[at] == "[" and not worded:
            key = f"[{key}]"  # a list may stand there
        one = Written(at, found.end(), key, found["steps"], worded, braced=text[found.end() - 1] == "}")
        if variables is None and (worded or not notation.worded):
            return one
        behind = _BEHIND.match(text, one.end)
        if variables is not None and behind and one.said(variables):
            return one._replace(end=behind.end(), steps=one.inner + behind["steps"])
    token = (_BARE if bare else _TOKEN).match(text, at)
    if token is None:
        return None
    key = token["number"] or token["key"] or token["dollar"]
    known = key.isdigit() or (any(map(str.isdigit, key)) or text[at] != "@" if variables is None else key in variables)
    return Written(at, token.end(), key, token["steps"] or "", not key.isdigit()) if known else None


def written_in(text: str, variables: Collection[str] | None = None) -> list[Written]:
    """Return what may be references in a text, or looks like one, each behind the other; `variables` as in `written_at`.

    What is `natural` is one only where nothing but references, numbers, operators and functions stands in the text.
    """
    found: list[Written] = []
    rest: list[str] = []
    at = last = 0
    bare = variables is not None
    while (begun := (_BARE_BEGINS if bare else _BEGINS).search(text, at)) is not None:
        start = begun.start()
        one = (None if bare else _plain_at(text, start)) or written_at(text, start, variables)
        looks = None if bare else _LOOKS.match(text, start) or (one and _LOOKS.search(text, start, one.end))
        if one is None and looks is None:
            at = start + 1
            continue
        number = int(looks["marked"] or looks["plain"] or looks["whole"]) if looks else None
        one = one or Written(start, looks.end() if looks else at, "", "")
        found.append(one._replace(looks=number))
        at = one.end
        if one.said(variables or ()):
            rest.append(text[last:start])
            last = at
    if rest and (_EXPRESSION if bare else _NO_WORDS).match("".join([*rest, text[last:]])):
        return [one._replace(alone=True) for one in found]
    named = (one._replace(key="") if one.natural else one for one in found)
    return [one for one in named if one.key or one.looks is not None]


def _plain_at(text: str, at: int) -> Written | None:
    found = _PLAIN.match(text, at)
    if found is None:
        return None
    return Written(*found.span(), found["sure"] or found["natural"], found["steps"] or "", False, found["sure"] is None)


def written_by_key(text: str) -> Iterator[Written]:
    """Yield what may name a call of data in a text: what is likelier first, where two stand at one place."""
    whole = _ALONE.fullmatch(text.strip())
    if whole and any(char.isdigit() for char in whole["key"]):
        yield Written(0, len(text), text, "")
        yield Written(0, len(text), whole["key"], whole["steps"])
    for one in written_in(text):
        step = _FIRST_STEP.match(one.steps) if one.key.casefold() in _LEADS else None
        yield one._replace(looks=None) if step else one
        if step:
            yield one._replace(key=step[1] or step[2], steps=one.steps[step.end() :])


def may_hold(text: str) -> bool:
    """Whether a text has anything that a reference in another notation has."""
    return _MAY_HOLD.search(text) is not None


def read_bare(text: str, at: int, variables: Collection[str]) -> tuple[str, int] | None:
    """Return how the language writes the reference in another notation that stands outside of texts at a place, and where it ends."""
    one = None if _DOLLAR.match(text, at) else written_at(text, at, variables)
    said = one.said(variables) if one else None
    return (said, one.end) if one and said else None


def reference(inner: str, variables: Collection[str]) -> str | None:
    """Return how the language writes, in a text, what stands in the braces of an f-string; None if it is no reference."""
    found = read_bare(f"{{{inner}}}", 0, variables)
    return None if found is None else f"${{{found[0][1:]}}}"


def phrase(text: str) -> str | None:
    """Return the reference that prose means which says nothing else: `result of $1`, `$1의 결과`."""
    found = _PHRASE.fullmatch(text)
    return None if found is None or text.isdigit() else f"${int(found['n'])}{found['steps']}"


def expression(text: str, at: int, end: int, variables: Collection[str]) -> list[tuple[int, int, str]] | None:
    """Return where the references of a bare expression stand, and how the language writes them; None if it is none of references."""
    found = written_in(text[at:end], variables)
    said = [
        (at + one.start, at + one.end, one.said(variables)) for one in found if not _DOLLAR.match(text, at + one.start)
    ]
    return [(start, stop, one) for start, stop, one in said if one] if said and found[0].alone else None


def results_in(text: str, variables: Collection[str]) -> list[str]:
    """Return the references that the arguments of a join name, each once, in order."""
    return list(dict.fromkeys(filter(None, (one.said(variables) for one in written_in(text, variables)))))
