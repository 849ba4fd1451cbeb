"""Match the names that a model writes with the tools in scope: case, hyphens, underscores and usual prefixes are forgiven."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from lcc.grammar.signatures import RESERVED_TOOLS, Signature, Tools

INVISIBLE: Final = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""Characters without width that models leave between tokens."""
SPACE: Final = rf"[ \t\u00a0\u2000-\u200f\u202f\u2060\u3000{INVISIBLE}]"
"""Space within a line, as patterns have it."""

_DROPPED: Final = re.compile(rf"[\\{INVISIBLE}]")
PREFIX: Final = re.compile(r"(?:functions?|tools?|default_api|api)[.:]")
"""What chat templates put before the names of tools."""
_NO_NAMES: Final = frozenset([
    "each", "if", "for", "while", "else", "elif", "True", "False", "None", "true", "false", "null", "and", "or", "not", "in", "is",
    "then", "when", "unless", "until",
])  # fmt: skip

TYPES: Final = frozenset([
    "str", "int", "float", "bool", "bytes", "complex", "object", "None", "list", "dict", "tuple", "set", "frozenset", "type",
    "Any", "List", "Dict", "Tuple", "Set", "FrozenSet", "Optional", "Union", "Literal", "Annotated", "Final", "Callable", "Type",
    "Iterable", "Iterator", "Sequence", "Mapping", "Awaitable", "Coroutine", "TypedDict", "Path", "date", "datetime", "timedelta", "Decimal",
    "string", "number", "boolean", "any", "unknown", "void", "null", "undefined", "never", "bigint", "Array", "Record", "Promise", "Map",
    "String", "Number", "Boolean", "Object",
])  # fmt: skip
"""What an annotation may say. Before an assignment any other word is a label, and may say that it is not to be made."""


@dataclass(slots=True)
class ToolNames:
    """The tools in scope, found by what a model wrote."""

    tools: Tools
    _folded: dict[str, str | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for name in (*self.tools, *RESERVED_TOOLS):
            key = fold(name)
            self._folded[key] = None if key in self._folded and self._folded[key] != name else name

    @property
    def known(self) -> bool:
        """Whether the tools are given at all."""
        return bool(self.tools)

    def find(self, written: str) -> str | None:
        """Return the tool (or `join`, `answer`) that a name means, or None if it means none, or two."""
        name = plain(written)
        if name in self.tools or name in RESERVED_TOOLS:
            return name
        return self._folded.get(fold(name)) or self._folded.get(fold(PREFIX.sub("", name, count=1)))

    def may_write(self, name: str) -> bool:
        """Whether a call may change the outside: the tool is not declared to be pure or to read. Where no tools are given, none can be called."""
        if not self.known or name in RESERVED_TOOLS:
            return False
        signature = self.tools.get(name)
        return signature is None or not signature.effect.may_start_early

    def signature(self, name: str) -> Signature | None:
        """Return the declaration of a tool, if it is known."""
        return self.tools.get(name)


def plain(written: str) -> str:
    """Return a name without what Markdown and editors add to it: backslashes and invisible characters."""
    return _DROPPED.sub("", written)


def fold(name: str) -> str:
    """Return what two names share that differ in case, hyphens and underscores alone."""
    return name.replace("_", "").replace("-", "").casefold()


def may_name(name: str) -> bool:
    """Whether a word can be meant as a tool's name at all."""
    return name not in _NO_NAMES
