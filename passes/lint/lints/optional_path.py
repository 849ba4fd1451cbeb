"""Find paths that lead nowhere for some of the values that a tool is declared to return."""

from __future__ import annotations

from collections.abc import Iterator

from lcc.grammar.diagnostics import Diagnostic, Rule
from lcc.grammar.ir import NOWHERE, Path, Ref
from lcc.grammar.signatures import NoSuchPath, NullType, RecordType, Type, UnionType, show, type_at
from lcc.grammar.values import show_path
from lcc.passes.lint.facts import LintContext, Use, finding

RULE = Rule(
    "L021",
    "optional-path",
    "a path leads nowhere for some values that the declared type allows",
    "The tool says that it may return null, or leave the field out. Then the path leads nowhere: the reader fails, and all "
    "that follows from it is skipped. A path that leads nowhere for every value is an error (V009).",
    '1. find("Ada")\n2. search("papers by $1.name")\n3. join($2)\n',
    '1. get("Ada")\n2. search("papers by $1.name")\n3. join($2)\n',
    """\
from typing import TypedDict
import lcc

class Person(TypedDict):
    name: str

@lcc.tool(effect="read", resource="people")
def find(name: str) -> Person | None: ...
@lcc.tool(effect="read", resource="people")
def get(name: str) -> Person: ...
@lcc.tool(effect="read", resource="web")
def search(query: str) -> str: ...
""",
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each path that may lead nowhere."""
    for use in context.uses:
        part = use.part
        if isinstance(part, Ref):
            why = _may_miss(context.types.result(part.task), part.path)
            if why is not None:
                yield _finding(context, use, part, why)


def check_body(context: LintContext) -> Iterator[Diagnostic]:
    """Yield operations, paths among them, on what may be null, where no condition asks for that and nothing handles the failure."""
    from lcc.grammar.drawing.words import value_words  # these load what flat plans don't need
    from lcc.passes.lint.null_uses import null_uses

    for statement, value, operand in null_uses(context.body, context.body_types.read):
        spans = (getattr(one, "span", NOWHERE) for one in (value, operand, statement))
        called = context.tasks.get(operand.task) if isinstance(operand, Ref) and not operand.path else None
        name = f"`{value_words(operand)}`" if called is None else f"what `{called.tool}` returned"
        asks = (
            "give it a name, and ask first: `if … is not None:`"
            if called is not None
            else f"ask first: `if {value_words(operand)} is not None:`"
        )
        place = next((span for span in spans if span != NOWHERE), NOWHERE)
        yield finding(RULE, f"{name} may be null, and nothing asks for that", place, asks)


def _may_miss(type_: Type, path: Path) -> str | None:
    """Return why some value of a type doesn't have a path; None if all have it, or none has."""
    for step in path:
        members = type_.members if isinstance(type_, UnionType) else (type_,)
        lacking = [member for member in members if not _has(member, step)]
        if len(lacking) == len(members):
            return None
        if lacking:
            null = all(isinstance(member, NullType) for member in lacking)
            return "it may be null" if null else f"it may be `{show(lacking[0])}`"
        for member in members:
            field = member.field(step) if isinstance(member, RecordType) and isinstance(step, str) else None
            if field is not None and not field.required:
                return f"`{show(member)}` may lack `{step}`"
        type_ = type_at(type_, (step,))
    return None


def _has(type_: Type, step: str | int) -> bool:
    try:
        type_at(type_, (step,))
    except NoSuchPath:
        return False
    return True


def _finding(context: LintContext, use: Use, part: Ref, why: str) -> Diagnostic:
    reader = "the join" if use.task is None else f"task {use.task.id}"
    return finding(
        RULE,
        f"`${part.task}{show_path(part.path)}` may lead nowhere: {why}",
        part.span,
        f"{reader} fails then; read what is always there, or check the result in a call of its own",
        labels=context.label(part.task, "its tool is declared so"),
    )
