"""Find numbers that are passed as text where the tool takes both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Rule
from lcc.grammar.ir import NOWHERE, Arg, Const, ListOf, calls_of
from lcc.grammar.late_pattern import pattern
from lcc.grammar.signatures import AnyType, FloatType, IntType, Missing, Parameter, Type, UnionType
from lcc.grammar.source import Source, Span
from lcc.passes.lint.facts import LintContext, finding, span_of

RULE = Rule(
    "L014",
    "number-as-text",
    "a number is passed as text where the parameter takes numbers too",
    'Quotes make text of a number, and `"10"` sorts before `"9"`, is longer than nothing, and adds up to `"1010"`. Where a '
    "parameter takes only numbers, that is an error; where it takes anything, nobody else notices.",
    '1. top("mountains", "10")\n2. join($1)\n',
    '1. top("mountains", 10)\n2. join($1)\n',
    """\
import lcc

@lcc.tool(effect="read", resource="web")
def top(what: str, count: int | str) -> list[str]: ...
""",
)

_NUMBER: Final = pattern(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?\Z")
"""Numbers as one writes them. A leading zero makes a code of it, and so do too many digits."""
_QUOTED: Final = pattern(r"""(["'])([-0-9.]+)\1\Z""")


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each such argument."""
    for task in calls_of(context.plan):
        for place, arg in enumerate(task.args):
            text = _number(arg)
            parameter = None if text is None else context.parameter(task, place)
            if text is None or parameter is None or not _takes_both(parameter):
                continue
            yield finding(
                RULE,
                f'`{parameter.name}` of `{task.tool}` is the text "{text}", not a number',
                span_of(task, arg),
                f"write `{text}` without the quotes",
                fix=_fix(context.source, arg.span, text),
            )


check_body = check


def _number(arg: Arg) -> str | None:
    """Return the number that an argument gives as text, or the first of a fan-out."""
    values = arg.value.items if arg.each and isinstance(arg.value, ListOf) else (arg.value,)
    for value in values:
        if isinstance(value, Const) and isinstance(value.value, str) and _NUMBER.match(value.value):
            return value.value
    return None


def _takes_both(parameter: Parameter) -> bool:
    if isinstance(parameter.type, AnyType):
        return not isinstance(parameter.default, Missing | bool) and isinstance(parameter.default, int | float)
    return isinstance(parameter.type, UnionType) and any(_is_number(member) for member in parameter.type.members)


def _is_number(type_: Type) -> bool:
    return isinstance(type_, IntType | FloatType)


def _fix(source: Source, span: Span, text: str) -> Fix | None:
    """Return the removal of the quotes; it changes what the tool gets, so it isn't safe."""
    found = None if span == NOWHERE else _QUOTED.search(source.text[span.start : span.end])
    if found is None or found.group(2) != text:
        return None
    edit = Edit(Span(span.start + found.start(), span.start + found.end()), text)
    return Fix(f"write `{text}`", (edit,), safe=False)
