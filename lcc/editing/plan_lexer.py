"""Colour plans by Pygments, which finds this lexer by its entry point: for Sphinx, MkDocs, and `pygmentize -l lcc-plan`."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from pygments.lexer import RegexLexer
from pygments.token import Comment, Keyword, Name, Number, String, Text

from lcc.pages.highlight import TOKENS

_KINDS = {
    "comment": Comment.Single,
    "string": String,
    "reference": Name.Variable,
    "label": Name.Label,
    "number": Number,
    "constant": Keyword.Constant,
    "keyword": Keyword,
    "function": Name.Function,
}


class PlanLexer(RegexLexer):  # type: ignore[misc]
    """The words of a plan, as TOKENS has them."""

    name = "lcc plan"
    aliases: ClassVar[list[str]] = ["lcc-plan"]
    filenames: ClassVar[list[str]] = ["*.plan"]
    flags = re.DOTALL
    tokens: ClassVar[dict[str, list[Any]]] = {
        "root": [*[(pattern, _KINDS[name]) for name, pattern in TOKENS], (r"\s+?", Text.Whitespace), (r".", Text)]
    }
