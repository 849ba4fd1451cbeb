"""Compile patterns when they are first used: a start loads a hundred and uses few of them.

_NAME: Final = pattern(r"[a-z]+\\Z")
_NAME.match("tides")
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

_METHODS: Final = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")

if TYPE_CHECKING:
    pattern = re.compile
else:

    class pattern:
        """What `re.compile` returns, which is made when something of it is asked for; its methods are kept then."""

        __slots__ = ("_flags", "_text", *_METHODS)

        def __init__(self, text: str, flags: int = 0) -> None:
            self._text = text
            self._flags = flags

        def __getattr__(self, name: str) -> Any:
            made = re.compile(self._text, self._flags)
            for method in _METHODS:
                setattr(self, method, getattr(made, method))
            return getattr(made, name)
