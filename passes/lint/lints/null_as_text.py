"""Find texts that hold `null` where a tool returns nothing."""

from __future__ import annotations

from collections.abc import Iterator

from lcc.grammar.diagnostics import Diagnostic, Rule
from lcc.grammar.ir import Ref
from lcc.grammar.signatures import NullType, Type, UnionType
from lcc.grammar.syntax.print_value import print_value
from lcc.passes.lint.facts import LintContext, finding

RULE = Rule(
    "L022",
    "null-as-text",
    "a result that may be null becomes part of a text",
    "In a text, null is the word `null`. The tool that gets it can't tell it from an answer: it searches for `papers by null`, "
    "or sends it to somebody.",
    '1. author("The Left Hand of Darkness")\n2. search("papers by $1")\n3. join($2)\n',
    '1. search("author of The Left Hand of Darkness")\n2. search("papers by $1")\n3. join($2)\n',
    """\
import lcc

@lcc.tool(effect="read", resource="library")
def author(title: str) -> str | None: ...
@lcc.tool(effect="read", resource="web")
def search(query: str) -> str: ...
""",
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each result or input in a text that may be null, but isn't always."""
    for use in context.uses:
        part = use.part
        if use.text is not None and _may_be_null(context.types.of(part)):
            yield finding(
                RULE,
                f"`{print_value(part)}` may be null, and then the text holds the word `null`",
                part.span,
                "read it where null can be told apart, or ask for what always has a value",
                labels=context.label(part.task, "its tool may return null") if isinstance(part, Ref) else (),
            )


def _may_be_null(type_: Type) -> bool:
    return isinstance(type_, UnionType) and any(isinstance(member, NullType) for member in type_.members)
