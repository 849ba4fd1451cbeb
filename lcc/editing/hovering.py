"""Say what a place of a text is: a tool's declaration, the type of a result, of a part of it, or of an input."""

from __future__ import annotations

import re
from typing import Final

from lcc.editing.occurrences import Named
from lcc.editing.open_text import OpenText
from lcc.grammar.ir import Element, ForEach, Let, Region, Task
from lcc.grammar.signatures import ANY, Effect, NoSuchPath, Signature, Type, show
from lcc.grammar.signatures.tool_text import ToolTexts
from lcc.grammar.signatures.types import DictType, ListType, RecordType, UnionType
from lcc.grammar.values import show_path

LONGEST: Final = 4_000
"""Characters of one hover; what says more is cut."""
_TICKS: Final = re.compile(r"`{3,}")


def hover_text(text: OpenText, named: Named) -> str | None:
    """Return Markdown about a place: one block of code, so that no text of a tool is read as markup. None if nothing is known."""
    if named.kind == "tool":
        signature = text.tools.get(named.name)
        return None if signature is None else fenced(tool_words(signature, text.toolset.declared.get(named.name, "")))
    if named.declares or named.value is None:
        type_ = type_of_name(text, named)
        path = ""
    else:
        try:
            type_ = text.types.part(named.value)
        except NoSuchPath as error:
            return fenced(f"# {error}")
        path = show_path(named.value.path)
    shown = [f"${named.name}{path}: {show(type_)}", *record_words(type_)]
    statement = text.ids.get(int(named.name)) if named.kind == "id" else None
    if isinstance(statement, Task):
        signature = text.tools.get(statement.tool)
        shown.append(f"# of {signature}" if signature is not None else f"# of {statement.tool}, which isn't declared")
    return fenced("\n".join(shown))


def type_of_name(text: OpenText, named: Named) -> Type:
    """Return the type of a whole result or input."""
    if named.kind == "id":
        return text.types.result(int(named.name))
    from lcc.grammar.ir import Input

    return text.types.part(Input(named.name))


def tool_words(signature: Signature, declared: str = "") -> str:
    """Return a declaration, its records, and what a call does."""
    lines = ToolTexts([signature]).text().split("\n")
    effect = "not declared: taken for the worst" if signature.effect is Effect.UNDECLARED else str(signature.effect)
    resources = ", ".join([resource.pattern for resource in signature.resources])
    lines.append(f"# effect: {effect}{f' of {resources}' if resources else ''}")
    return "\n".join([*lines, *([f"# {declared}"] if declared else [])])


def record_words(type_: Type) -> list[str]:
    """Return a line for each record in a type, with its fields."""
    found: dict[RecordType, None] = {}
    todo = [type_]
    while todo and len(found) < 20:
        match todo.pop():
            case ListType(inner) | DictType(inner):
                todo.append(inner)
            case UnionType(members):
                todo += reversed(members)
            case RecordType(_, fields) as record if record not in found:
                found[record] = None
                todo += reversed([one.type for one in fields])
            case _:
                pass
    return [f"class {one.name}: {'; '.join([f'{f.name}: {show(f.type)}' for f in one.fields])}" for one in found]


def fenced(code: str) -> str:
    """Return a text as a block of Markdown which nothing in the text ends."""
    code = code if len(code) <= LONGEST else f"{code[:LONGEST]}…"
    fence = "`" * max([3, *[len(found) + 1 for found in _TICKS.findall(code)]])
    return f"{fence}python\n{code}\n{fence}"


def result_types(text: OpenText) -> list[tuple[int, str]]:
    """Return where steps end, and the types of their results, as far as they are known."""
    found = []
    for statement in text.statements:
        if isinstance(statement, Task | Let | ForEach | Region) and text.language == "plan":
            id = statement.id
            type_ = ANY if id is None or isinstance(id, Element) else text.types.result(id)
            if type_ != ANY and statement.span.end > 0:
                shown = show(type_)
                found.append((statement.span.end, shown if len(shown) <= 60 else f"{shown[:59]}…"))
    return found
