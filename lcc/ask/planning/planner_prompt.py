"""Write what the planner is told: the language, the tools, examples; then the question, and after that only additions.

The system message is the same, byte for byte, for every question to the same tools, so that prompt caches serve it. It is short:
a plan's cost is its prompt's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from lcc.ask.planning.few_shots import FewShot
from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.diagnostics.feedback import first_of
from lcc.grammar.signatures import Signature
from lcc.grammar.signatures.tool_text import tools_text
from lcc.grammar.source import Source
from lcc.models.request import Message
from lcc.models.tokens import cut_tokens

RULES: Final = """\
Write a plan of tool calls for the user's request, and nothing else: one numbered call a line, with literal arguments.
- $1 stands for the result of call 1, as an argument ($1, [$1, $2]), a part of it ($1.name, $1[0]) or in text ("age of $1"). A dollar sign is $$.
- Calls run at the same time unless one uses another's result. Don't repeat a call.
- each LIST as an argument makes one call per element: f(each ["a", "b"]), g(each $1). The result is the list of results.
- The last line is join(): someone reads all results and answers. If a result, as it stands or in a sentence, is the answer, write answer($3) or answer("It is $3 m.") instead.
- Then write <END_OF_PLAN>."""


def system_message(
    tools: Iterable[Signature], examples: Sequence[FewShot], *, chosen: bool = False, rules: str = RULES
) -> Message:
    """Return what every request to the planner begins with. `chosen`: the tools were, for the question, so that they stand last."""
    shown = (
        ["Examples:\n\n" + "\n\n".join(f"Request: {one.question}\n{one.plan}" for one in examples)] if examples else []
    )
    return Message("system", "\n\n".join(in_order(rules, "Tools:\n" + tools_text(tools), shown, chosen=chosen)))


def in_order(rules: str, tools: str, examples: Sequence[str], *, chosen: bool) -> list[str]:
    """Return the parts of a system message: what is the same for every question comes first, so that prompt caches serve it."""
    return [rules, *examples, tools] if chosen else [rules, tools, *examples]


def refusal_message(problems: str) -> Message:
    """Return what follows a plan that can't be run."""
    return Message("user", f"This plan can't be run:\n{problems}\nWrite the whole plan again without these errors.")


def denial_message(reason: str) -> Message:
    """Return what follows a plan that somebody said no to."""
    return Message("user", f"This plan was not approved, and nothing of it was done: {reason}\nWrite another plan.")


def replan_message(results: str, wanted: str, next_id: int) -> Message:
    """Return what follows a plan whose results are not enough."""
    return Message(
        "user",
        f"Results:\n{results}\n\nThey don't suffice: {wanted or 'something is missing'}\n"
        f"Write another plan, with only what is still needed; number its calls from {next_id}. "
        f"The results above can be used by their numbers; don't repeat their calls.",
    )


LINE_TOKENS: Final = 80


def problems(diagnostics: Iterable[Diagnostic], source: Source) -> str:
    """Return the errors among diagnostics, one a line; what goes beyond the first few is only counted."""
    errors = [d for d in diagnostics if d.is_error]
    return "\n".join(first_of(errors, lambda found: _line(found, source), " errors"))


def _line(diagnostic: Diagnostic, source: Source) -> str:
    said = diagnostic.message + (f"; {diagnostic.help}" if diagnostic.help else "")
    if diagnostic.span is None:
        return f"- {said}"
    number, _ = source.position(diagnostic.span.start)
    text = cut_tokens(source.line(number).strip(), LINE_TOKENS)
    return f"- {said}\n  in: {text}" if text else f"- {said}"
