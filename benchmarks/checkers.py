"""Compare answers with labels as the paper's code does: numbers within 10 %, texts after normalization.

Normalization is that of SQuAD's evaluation, which HotpotQA's took over: lower case, no punctuation, no articles, single spaces.
"""

from __future__ import annotations

import re
import string

MARGIN = 0.1
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?")
_ARTICLE = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalize(text: str) -> str:
    """Return a text without what doesn't count."""
    return " ".join(_ARTICLE.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def number_in(text: str) -> float | None:
    """Return the first number in a text, thousands' commas left out; None if there is none."""
    found = _NUMBER.search(text)
    return float(found[0].replace(",", "")) if found else None


def same(answer: str, label: str) -> bool:
    """Whether an answer counts as the label."""
    if _NUMBER.fullmatch(label.strip()):
        given, wanted = number_in(answer), number_in(label)
        return given is not None and wanted is not None and abs(given - wanted) <= MARGIN * abs(wanted)
    return normalize(answer) == normalize(label)
