"""Cut texts to a number of tokens, so that the cut can be seen.

No tokenizer is asked, since every model has its own: four ASCII characters, or one of any other script, count as a token. That is
near enough for English, and errs to the safe side elsewhere.
"""

from __future__ import annotations

from typing import Final

_ASCII_PER_TOKEN: Final = 4


def estimate(text: str) -> int:
    """Return about how many tokens a text has."""
    ascii_only = len(text.encode("ascii", "ignore"))
    return -(-ascii_only // _ASCII_PER_TOKEN) + len(text) - ascii_only


def cut_tokens(text: str, limit: int) -> str:
    """Return a text of about `limit` tokens at most: its beginning and its end, and between them how much is missing."""
    if len(text) <= limit or estimate(text) <= limit:
        return text
    head = _prefix(text, limit * 3 // 4)
    tail = _prefix(text[::-1], limit - limit * 3 // 4)
    missing = len(text) - head - tail
    return f"{text[:head]} […{missing:,} characters cut…] {text[len(text) - tail :]}"


def _prefix(text: str, limit: int) -> int:
    """Return how many characters from the start of a text fit."""
    quarters = limit * _ASCII_PER_TOKEN
    for place, char in enumerate(text):
        quarters -= 1 if char.isascii() else _ASCII_PER_TOKEN
        if quarters < 0:
            return place
    return len(text)
