"""Make a TextMate grammar of the words of a plan. `python -m lcc.editing.coloring` prints it."""

from __future__ import annotations

import json
from typing import Final

from lcc.grammar.values import Json
from lcc.pages.highlight import TOKENS

SCOPES: Final = {
    "comment": "comment.line.number-sign",
    "string": "string.quoted",
    "reference": "variable.other.reference",
    "label": "entity.name.label",
    "number": "constant.numeric",
    "constant": "constant.language",
    "keyword": "keyword.control",
    "function": "entity.name.function",
}
"""What themes know the words as, by their names in TOKENS."""
LANGUAGE: Final = "lcc-plan"
_LONG: Final = ('"""', "'''")


def textmate() -> Json:
    """Return the grammar. Its patterns see one line, so that a text of several has a rule with a beginning and an end."""
    patterns: list[Json] = []
    for name, pattern in TOKENS:
        scope = f"{SCOPES[name]}.{LANGUAGE}"
        if all(quotes in pattern.replace("\\'", "'") for quotes in _LONG):
            patterns += [_long(quotes, scope) for quotes in _LONG]
        else:
            patterns.append({"name": scope, "match": pattern})
    return {"name": "lcc plan", "scopeName": f"source.{LANGUAGE}", "fileTypes": ["plan"], "patterns": patterns}


def _long(quotes: str, scope: str) -> Json:
    escaped: Json = {"name": f"constant.character.escape.{LANGUAGE}", "match": r"\\."}
    return {"name": scope, "begin": f"[fFrRuU]{{0,2}}{quotes}", "end": quotes, "patterns": [escaped]}


def textmate_text() -> str:
    """Return the grammar as the file of an extension."""
    return json.dumps(textmate(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(textmate_text(), end="")
