"""Keep long results here and hand out the beginning with a handle: a model need not read, or write, what a program passes on."""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import Final

from lcc.grammar.values import Json, kind

LONG: Final = 2_000
"""Characters of JSON up to which a result is handed out whole."""
PREVIEW: Final = 600
MOST: Final = 64 * 1024 * 1024
"""Characters that are kept; the oldest results go first."""
KEY: Final = "handle"


class Handles:
    """Results by handle."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Json, str]] = OrderedDict()
        self._size = 0
        self._count = 0

    def shown(self, value: Json) -> Json:
        """Return a value as it is handed out: itself, or if it is long a handle with a preview."""
        text = json.dumps(value, ensure_ascii=False)
        if len(text) <= LONG:
            return value
        self._count += 1
        name = f"result-{self._count}"
        self._kept[name] = value, text
        self._size += len(text)
        while self._size > MOST and len(self._kept) > 1:
            _, (_, old) = self._kept.popitem(last=False)
            self._size -= len(old)
        begins = value if isinstance(value, str) else text
        shown: dict[str, Json] = {KEY: name, "is": kind(value), "characters": len(begins), "begins": begins[:PREVIEW]}
        if isinstance(value, list | dict):
            shown["length"] = len(value)
        return shown

    def part(self, name: str, offset: int, limit: int) -> dict[str, Json]:
        """Return characters of a kept result: of a text, or of the JSON of anything else. Raises KeyError."""
        value, text = self._kept[name]
        begins = value if isinstance(value, str) else text
        piece = begins[offset : offset + limit]
        end = offset + len(piece)
        return {"text": piece, "next_offset": end if end < len(begins) else None, "characters": len(begins)}

    def filled(self, value: Json) -> Json:
        """Return an input with the value that it stands for, if it is a handle: `{"handle": "result-1"}`. Raises KeyError."""
        if isinstance(value, dict) and isinstance(value.get(KEY), str) and str(value[KEY]).startswith("result-"):
            return self._kept[str(value[KEY])][0]
        return value
