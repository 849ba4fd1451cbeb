"""Find conditions whose truth is known before the run, and the branches that are never taken for it."""

from __future__ import annotations

from collections.abc import Iterator

from lcc.grammar.diagnostics import Diagnostic, Label, Rule, Severity
from lcc.grammar.ir import NOWHERE
from lcc.passes.lint.facts import LintContext, finding

RULE = Rule(
    "L024",
    "constant-condition",
    "a condition that can't change decides nothing",
    "Its truth is known before the run: it computes with constants alone, or asks whether something is null that by its declared type "
    "never is, or always is. Then what stands in one of its branches is never done. Most often another name was meant, or a tool was "
    "thought to return null that doesn't. `while True:` is a way to write a loop, and no finding.",
    'strict {\n  %1 = stations("north")\n  if `operator is`(%1, None) {\n    %2 = warn("no stations")\n  }\n  answer %1\n}\n',
    'strict {\n  %1 = stations("north")\n  if `unary not`(%1) {\n    %2 = warn("no stations")\n  }\n  answer %1\n}\n',
    """\
import lcc

@lcc.tool(effect="read", resource="weather", trusted=True)
def stations(region: str) -> list[str]: ...
@lcc.tool(effect="write", resource="log")
def warn(text: str) -> bool: ...
""",
    "ir",
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield nothing for a line of calls: it has no conditions."""
    yield from ()


def check_body(context: LintContext) -> Iterator[Diagnostic]:
    """Yield conditions whose truth is known before the run."""
    from lcc.grammar.drawing.words import value_words  # these load what flat plans don't need
    from lcc.passes.lint.known_conditions import known_conditions

    for test, known, spans, dead in known_conditions(context.body, context.body_types.of):
        what = "leave out the branch that is never taken" if dead else "leave it out"
        yield finding(
            RULE,
            f"`{value_words(test)}` is always {'true' if known else 'false'}",
            next((span for span in spans if span != NOWHERE), NOWHERE),
            f"{what}, or ask for what was meant",
            severity=Severity.REMARK,
            labels=[Label(one.span, "this is never done") for one in dead[:1]],
        )
