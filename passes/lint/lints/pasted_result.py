"""Find search results that are pasted into a question, where the tool takes them as context."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Label, Rule
from lcc.grammar.ir import Ref, Task, TaskId
from lcc.grammar.signatures import Effect
from lcc.passes.analysis.inference import is_bulky
from lcc.passes.lint.facts import LintContext, Use, finding

RULE = Rule(
    "L008",
    "pasted-result",
    "what a search returned is pasted into a calculation instead of passed as context",
    'A page is not a number. `math("$1 / $2")` asks for the quotient of two paragraphs; a tool with a `context` parameter '
    "reads paragraphs there, and is asked in words what to compute.",
    '1. search("height of K2")\n2. search("height of Denali")\n3. math("$1 / $2")\n4. join($3)\n',
    '1. search("height of K2")\n2. search("height of Denali")\n3. math("height of K2 / height of Denali", context=[$1, $2])\n'
    "4. join($3)\n",
    """\
import lcc

@lcc.tool(effect="read", resource="web")
def search(query: str) -> str: ...
@lcc.tool(effect="pure")
def math(problem: str, context: list[str] = []) -> float: ...
""",
)

CONTEXT: Final = "context"


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each argument that holds what a read returned, in a call that takes a context."""
    pasted: dict[tuple[TaskId, int], list[tuple[Use, Task]]] = {}
    for use in context.uses:
        source = _pasted(context, use)
        if source is not None and use.task is not None:
            pasted.setdefault((use.task.id, use.place), []).append((use, source))
    for (id, place), found in pasted.items():
        yield _finding(context, context.tasks[id], place, found)


def _pasted(context: LintContext, use: Use) -> Task | None:
    """Return the call whose prose a use pastes into a text, if it does."""
    if use.task is None or use.text is None or not isinstance(use.part, Ref):
        return None
    signature = context.signature(use.task)
    if signature is None or signature.parameter(CONTEXT) is None:
        return None
    source = context.tasks.get(use.part.task)
    if source is None or context.effect(source) is not Effect.READ:
        return None
    if context.parameter_name(use.task, use.place) == CONTEXT or not is_bulky(context.types.of(use.part)):
        return None
    return source


def _finding(context: LintContext, task: Task, place: int, found: list[tuple[Use, Task]]) -> Diagnostic:
    use, source = found[0]
    name = context.parameter_name(task, place)
    results = ", ".join(dict.fromkeys(f"${one.id}" for _, one in found))
    shown = results if len(found) <= 8 else "…"
    return finding(
        RULE,
        f"what `{source.tool}` returned is pasted into `{name}` of `{task.tool}`",
        use.part.span,
        f"say in words what is meant, and pass the result beside it: `{CONTEXT}=[{shown}]`",
        labels=(Label(source.span, "it comes from here"),),
    )
