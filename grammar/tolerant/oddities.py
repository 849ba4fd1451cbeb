"""Name what a text has otherwise than the language: the codes that nodes of the tree are marked with.

What each of them means, and whether it may be mended, is said by the table of oddities.
"""

from __future__ import annotations

from typing import Final, NamedTuple

CALL_BRACKET: Final = "R008"
UNCLOSED_CALL: Final = "R010"
MISSING_QUOTE: Final = "R012"
INNER_QUOTE: Final = "R013"
RAW_NEWLINE: Final = "R014"
BARE_TEXT: Final = "R015"
SMART_QUOTES: Final = "R016"
PUNCTUATION: Final = "R017"
ODD_CHARACTER: Final = "R018"
MARKDOWN_ESCAPE: Final = "R019"
STRING_PREFIX: Final = "R020"
CONCATENATION: Final = "R021"
ARITHMETIC: Final = "R022"
MISSING_COMMA: Final = "R024"
REFERENCE_STYLE: Final = "R030"


class Change(NamedTuple):
    """What a call has otherwise than the language at `start`:`end` of a region, by its code."""

    start: int
    end: int
    code: str
