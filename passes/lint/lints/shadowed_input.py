"""Find inputs whose name a longer one swallows: `$date_final` reads no input `date`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Rule
from lcc.grammar.late_pattern import pattern
from lcc.grammar.source import Source, Span
from lcc.passes.lint.facts import LintContext, finding, places_of, texts_of

RULE = Rule(
    "L018",
    "shadowed-input",
    "a longer name swallows that of an input",
    "A name reaches as far as letters, digits and `_` do, and a `$name` that names no input is text. The tool gets the dollar "
    "and the name. Braces end a name: `${date}_final`.",
    'input date: str = "2024-05-01"\n1. load("report_$date_final")\n2. load("report_$date")\n3. join()\n',
    'input date: str = "2024-05-01"\n1. load("report_${date}_final")\n2. load("report_$date")\n3. join()\n',
)

_NAME: Final = pattern(r"\$([A-Za-z_]\w*)", re.ASCII)
_WRITTEN: Final = pattern(r"(?<!\$)(?:\$\$)*(\$([A-Za-z_]\w*))", re.ASCII)
"""A name behind a single dollar, which `$$` isn't."""
_NEAR: Final = 0.75
"""How close a name must be to an input's, by difflib's ratio, for the parser to warn of it itself."""


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each dollar name in a text that begins with an input's name."""
    inputs = {declared.name for declared in context.plan.inputs}
    if not inputs:
        return
    for _, value, span in places_of(context.written):
        found = {
            name: known
            for text in texts_of(value)
            if "$" in text
            for name in _NAME.findall(text)
            if (known := _swallowed(name, inputs)) is not None
        }
        for name, at in _places(context.source, span) if found else ():
            if name in found:
                yield _finding(name, found.pop(name), at)


def _swallowed(name: str, inputs: Collection[str]) -> str | None:
    """Return the longest input that a name begins with, where another word follows."""
    if name in inputs or len(name) > 100:
        return None
    for end in range(len(name) - 1, 0, -1):
        if name[:end] in inputs and (name[end] in "_0123456789" or name[end].isupper()):
            is_near = 2 * end / (end + len(name)) >= _NEAR
            return None if is_near else name[:end]
    return None


def _places(source: Source, span: Span) -> Iterator[tuple[str, Span]]:
    """Yield the names behind single dollars in an argument as it is written, and where each stands."""
    for found in _WRITTEN.finditer(source.text, span.start, span.end):
        yield found.group(2), Span(*found.span(1))


def _finding(name: str, known: str, at: Span) -> Diagnostic:
    braced = f"${{{known}}}{name[len(known) :]}"
    fix = Fix(f"write `{braced}`", (Edit(at, braced),), safe=False)
    message = f"`${name}` names no input and is left as text, though `{known}` is one"
    return finding(RULE, message, at, f"write `{braced}`, or `$${name}` for the text", fix=fix)
