"""Find texts that mean the result of another task, in a notation that lcc takes for text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Rule
from lcc.grammar.ir import flat
from lcc.grammar.late_pattern import pattern
from lcc.grammar.source import Span
from lcc.passes.lint.facts import LintContext, finding, places_of, texts_of

RULE = Rule(
    "L020",
    "foreign-reference",
    "a text names the result of a task in another notation",
    "`#E1`, `{{1}}`, `$task1` and `<result of task 1>` are references elsewhere, and text here: the tool is asked about "
    "`#E1`, and the call doesn't wait for the task that it means.",
    '1. search("capital of Peru")\n2. search("population of #E1")\n3. join()\n',
    '1. search("capital of Peru")\n2. search("population of $1")\n3. join()\n',
)

_WHAT = r"(?:the )?(?:result|output|answer)s? (?:of|from) (?:task |step |call |tool )?[#$]?"
_NOTATIONS: Final = pattern(
    r"#E([0-9]{1,9})(?!\w)"
    r"|\$\{?(?:task|step|result|output|call|E)_?([0-9]{1,9})(?:\}|(?!\w))"
    r"|\{\{ ?(?:task|step|result|output)?_?([0-9]{1,9})(?:\.\w{1,30})* ?\}\}"
    rf"|<{_WHAT}([0-9]{{1,9}})>"
    rf"|\[{_WHAT}([0-9]{{1,9}})\]",
    re.IGNORECASE | re.ASCII,
)
_HINTS: Final = ("#", "$", "{{", "<", "[")


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each text that names a task before its own."""
    order = {task.id: place for place, task in enumerate(flat(context.plan, "foreign-reference"))}
    for reader, value, span in places_of(context.written):
        end = len(order) if reader is None else order[reader.id]
        at = span.start
        for text in texts_of(value):
            for found in _NOTATIONS.finditer(text) if any(hint in text for hint in _HINTS) else ():
                id = int(next(group for group in found.groups() if group))
                if order.get(id, end) >= end:
                    continue
                start = context.source.text.find(found.group(), at, span.end)
                at = max(at, start + 1)
                if start < 0:  # it is written with escapes
                    yield _finding(found.group(), id, span, None)
                elif not (found.group()[0] == "$" and context.source.text[start - 1] == "$"):  # `$$task1` is a text
                    place = Span(start, start + len(found.group()))
                    yield _finding(found.group(), id, place, Edit(place, f"${id}"))


def _finding(written: str, id: int, at: Span, edit: Edit | None) -> Diagnostic:
    fix = None if edit is None else Fix(f"write `${id}`", (edit,), safe=False)
    message = f"`{written}` is text here, and task {id} exists"
    return finding(RULE, message, at, f"write `${id}` for its result", fix=fix)
