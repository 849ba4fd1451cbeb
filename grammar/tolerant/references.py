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
    "<": (_between("<<", ">>", bare=True), _between("<", ">", bare=True)),
    "[": (_between(r"\[\[", r"\]\]"), _between(r"\[", r"\]", worded=True)),
    "«": (_between("«", "»", worded=True),),
    "%": (_between("%", "%", worded=True),),
}
"""What stands around references, by its first character."""
_TOKEN: Final = re.compile(
    rf"<GENERATED>-(?P<generated>[0-9]{{1,9}})|[#@](?P<word>E|S|T|{_WORDS})[_-]?(?P<number>[0-9]{{1,9}})(?!\w)"
    rf"|[$＄](?P<other>(?![0-9])\d{{1,9}})|＄(?P<wide>[0-9]{{1,9}})"
    rf"|[$@](?P<key>[0-9]{{1,9}}|[^\W_][\w-]*+)(?P<steps>{_STEPS})",
    re.IGNORECASE,
)
_PLAIN: Final = re.compile(
    rf"(?<![\w$])(?:(?:results?|outputs?|response)_?(?P<sure>[0-9]{{1,9}})(?P<steps>{_STEPS})(?!\w)"
    r"|(?:step|task|answer|evidence|observation)_(?P<natural>[0-9]{1,9})(?!\w))",
    re.IGNORECASE,
)
_BEGINS: Final = re.compile(
    r"[{<$＄#@\[«%&~^|]|(?<![\w$])(?:results?|outputs?|response|steps?|tasks?|nodes?|calls?|answer|evidence|observation)[_ -]?[0-9]",
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
_NO_WORDS: Final = re.compile(r"(?:[^\W\d_]++\s*+\(|[^\w]|\d|)*+\Z")


_LOOKS: Final = re.compile(
    rf"(?:[#@%&~^|]{{1,2}}|[{{<\[«]{{1,3}}[|#$ ]?)(?:(?:{_WORDS})[ _.#\[-]{{0,2}}|[EST])(?P<marked>[0-9]{{1,9}})(?!\w)"
    rf"|(?<![\w$])(?:steps?|tasks?|nodes?|calls?)[_ -]?(?P<plain>[0-9]{{1,9}})\.(?:{_FIELDS})\b",
    re.IGNORECASE,
)
"""What is written as a reference would be."""


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


def written_at(text: str, at: int, bare: bool = False) -> Written | None:
    """Return the reference that begins at a place. `bare`: it stands outside of texts, where brackets and quotes mean something else."""
    token = None if bare else _TOKEN.match(text, at)
    if token and token["generated"]:
        return Written(at, token.end(), token["generated"], "", False)
    for notation in _NOTATIONS.get(text[at : at + 1], ()):
        found = notation.pattern.match(text, at) if notation.bare or not bare else None
        if found is None:
            continue
        key = found["key"].rstrip()
        worded = bool(found["lead"]) or (not _DIGITS.match(key) and _WORDED.match(key) is not None)
        if text[at] == "[" and not worded:
            key = f"[{key}]"  # a list may stand there
        if worded or not notation.worded:
            return Written(at, found.end(), key, found["steps"], worded, braced=text[found.end() - 1] == "}")
    if token is None:
        return None
    key = token["number"] or token["other"] or token["wide"] or token["key"]
    if text[at] == "@" and token["key"] and not any(char.isdigit() for char in key):
        return None
    return Written(at, token.end(), key, token["steps"] or "", not key.isdigit())


def written_in(text: str) -> list[Written]:
    """Return what may be references in a text, or looks like one, each behind the other.

    What is `natural` is one only where nothing but references, numbers, operators and functions stands in the text.
    """
    found: list[Written] = []
    rest: list[str] = []
    at = last = 0
    while (begun := _BEGINS.search(text, at)) is not None:
        start = begun.start()
        one = _plain_at(text, start) or written_at(text, start)
        looks = _LOOKS.match(text, start) or (one and _LOOKS.search(text, start, one.end))
        if one is None and looks is None:
            at = start + 1
            continue
        number = int(looks["marked"] or looks["plain"]) if looks else None
        one = one or Written(start, looks.end() if looks else at, "", "")
        found.append(one._replace(looks=number))
        at = one.end
        if one.number is not None:
            rest.append(text[last:start])
            last = at
    alone = bool(rest) and _NO_WORDS.match("".join([*rest, text[last:]])) is not None
    if alone:
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


_BARE: Final = re.compile(
    rf"(?:(?:#E?|@|%|\\\$|＄|\\#)(?P<marked>\d{{1,9}})|\$(?P<other>(?![0-9])\d{{1,9}})|(?:e|{_WORDS})_?(?P<named>\d{{1,9}}))(?P<steps>{_STEPS})(?![\w.])",
    re.IGNORECASE,
)
_BEHIND: Final = re.compile(rf"(?P<steps>{_STEPS})(?![\w.(])")
_NAME: Final = re.compile(rf"[#@]?(?P<name>[A-Za-z_]\w*+)(?P<steps>{_STEPS})(?![\w(])")
_FIELD_OF_TEXT: Final = re.compile(_INNER + r"\Z", re.IGNORECASE)
_PHRASE: Final = re.compile(
    rf"(?:the[ ])?(?:(?:{_FIELDS})[ ](?:of|from)[ ](?:the[ ])?)?(?:(?:step|task|call)[ ]?)?[$#]?E?(?P<n>\d{{1,9}})(?P<steps>{_STEPS})"
    r"(?:'s[ ](?:result|output|answer)|[ ](?:result|output)|의[ ]?(?:결과|출력|값)|[ ]?的(?:结果|輸出|输出|結果)|の(?:結果|出力))?",
    re.IGNORECASE,
)
_ONLY_EXPRESSION: Final = re.compile(r"(?:[A-Za-z_]++\s*+\(|[\d.,\s+\-*/%^()=<>!|&$\[\]\"']|)*+\Z")
_TOKEN_START: Final = re.compile(r"[{<#@$＄\\]|(?<![\w$.])[A-Za-z_]")
_DOLLAR: Final = re.compile(r"\\?[$＄](?:(?:\{\s*)?(?P<number>\d{1,9})|(?P<name>[A-Za-z_]\w*+))")


def read_bare(text: str, at: int, variables: Collection[str]) -> tuple[str, int] | None:
    """Return how the language writes the reference in another notation that stands outside of texts at a place, and where it ends."""
    found = written_at(text, at, bare=True)
    behind = _BEHIND.match(text, found.end) if found else None
    if found and behind:
        said = _said(found.key, found.inner + behind["steps"], variables)
        if said:
            return said, behind.end()
    token = _BARE.match(text, at)
    if token:
        number = token["marked"] or token["other"] or token["named"]
        return f"${int(number)}{token['steps']}", token.end()
    name = _NAME.match(text, at) if variables else None
    if name and name["name"] in variables:
        return f"${name['name']}{name['steps']}", name.end()
    return None


def _said(key: str, steps: str, variables: Collection[str]) -> str | None:
    if key in variables:
        return f"${key}{steps}"
    number = number_of(key)
    return None if number is None else f"${number}{steps}"


def reference(inner: str, variables: Collection[str]) -> str | None:
    """Return how the language writes, in a text, what stands in the braces of an f-string; None if it is no reference."""
    found = _FIELD_OF_TEXT.match(inner)
    said = _said(found["key"].rstrip(), found["steps"], variables) if found else None
    return None if said is None else f"${{{said[1:]}}}"


def phrase(text: str) -> str | None:
    """Return the reference that prose means which says nothing else: `result of $1`, `$1의 결과`."""
    found = _PHRASE.fullmatch(text)
    return None if found is None or text.isdigit() else f"${int(found['n'])}{found['steps']}"


def expression(text: str, at: int, end: int, variables: Collection[str]) -> list[tuple[int, int, str]] | None:
    """Return where the references of a bare expression stand, and how the language writes them; None if it is none of references."""
    found: list[tuple[int, int, str]] = []
    rest = []
    last = at
    while (begun := _TOKEN_START.search(text, at, end)) is not None:
        start, at = begun.span()
        one = read_bare(text, start, variables)
        if one is not None and one[1] <= end:
            rest.append(text[last:start])
            at = last = one[1]
            found.append((start, at, one[0]))
    rest.append(text[last:end])
    return found if found and _ONLY_EXPRESSION.match(" ".join(rest)) else None


def results_in(text: str, variables: Collection[str]) -> list[str]:
    """Return the references that the arguments of a join name, each once, in order."""
    found: dict[str, None] = {}
    at = 0
    while (begun := _TOKEN_START.search(text, at)) is not None:
        start, at = begun.span()
        plain = _DOLLAR.match(text, start)
        said = plain and (f"${int(plain['number'])}" if plain["number"] else _said(plain["name"], "", variables))
        one = (said, plain.end()) if plain and said else read_bare(text, start, variables)
        if one is not None:
            found[one[0]] = None
            at = one[1]
    return list(found)
