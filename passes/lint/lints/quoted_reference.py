"""Find quotes around a reference that make no text of it."""

from __future__ import annotations

from collections.abc import Iterator

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Rule, Severity
from lcc.grammar.ir import NOWHERE, Input, Ref
from lcc.grammar.signatures import ANY, Type, only_text, show
from lcc.grammar.source import Source, Span
from lcc.grammar.syntax.print_value import print_value
from lcc.passes.lint.facts import LintContext, finding

RULE = Rule(
    "L023",
    "quoted-reference",
    "a reference stands in quotes, but is passed as what it is",
    'A text that is nothing but a reference is that reference: `"$1"` passes a number as a number. The quotes say otherwise '
    "to whoever reads the plan.",
    '1. height("K2")\n2. convert("$1", "ft")\n3. join($2)\n',
    '1. height("K2")\n2. convert($1, "ft")\n3. join($2)\n',
    """\
import lcc

@lcc.tool(effect="read", resource="web")
def height(name: str) -> float: ...
@lcc.tool(effect="pure")
def convert(metres: float, unit: str) -> float: ...
""",
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each such reference to something that is known to be no text."""
    bare = {id(use.part) for use in context.uses if use.text is None}
    for use in context.written_uses:
        if use.text is None or id(use.part) not in bare:
            continue
        type_ = context.types.of(use.part)
        if type_ != ANY and not only_text(type_):
            yield _finding(context.source, use.part, type_)


def _finding(source: Source, part: Ref | Input, type_: Type) -> Diagnostic:
    fix = None
    text, span = source.text, part.span
    if span != NOWHERE and span.start > 0 and span.end < len(text):
        quoted = Span(span.start - 1, span.end + 1)
        raw = text[span.start : span.end]
        if text[quoted.start] in "\"'" and text[span.end] == text[quoted.start] and "\\" not in raw:
            at_ends = text[quoted.start - 1 : quoted.start] + text[quoted.end : quoted.end + 1]
            if text[quoted.start] not in at_ends:
                fix = Fix("remove the quotes", (Edit(quoted, raw),))
    message = f"the quotes do nothing: {print_value(part)} is passed as {show(type_)}"
    return finding(RULE, message, span, "remove the quotes", severity=Severity.REMARK, fix=fix)
