"""Print a value in the plan language: the one canonical text that reads back as the same value.

A dollar in constant text is doubled wherever a reference, an input or money could be read there. In a text, a reference
stands in braces where the characters after it would otherwise belong to it: `"${1}st"`, but `"$1 and $2."`.
"""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.ir import Arg, BodyNotSupported, Const, DictOf, Format, Input, Join, ListOf, Path, Ref, Task, Value
from lcc.grammar.ir.literals import NAME, scalar_literal, string_literal
from lcc.grammar.late_pattern import pattern
from lcc.grammar.syntax.strings import Dollar, Template

_READ_AS_MORE: Final = pattern(r"\$(?=[\w${])")
_CONTINUES: Final = pattern(r"[\w\[]|[.,][\w\[]")
"""Text that, right after a reference, would prolong its number, name or path, or make money of it."""


def print_value(value: Value) -> str:
    """Return the canonical text of a value; ValueError for a number that isn't finite."""
    match value:
        case Const(str(text)):
            return quoted(plain_text(text, at_end=True))
        case Const(scalar):
            return scalar_literal(scalar)
        case Ref() | Input():
            return f"${_name(value)}{path_text(value.path)}"
        case Format() | Template():
            return quoted(_interpolated(value.parts))
        case ListOf(items):
            return f"[{', '.join([print_value(item) for item in items])}]"
        case DictOf(pairs):
            return f"{{{', '.join([f'{quoted(key)}: {print_value(item)}' for key, item in pairs])}}}"
        case _:
            raise BodyNotSupported("a plan file")


def print_keyword(name: str) -> str:
    """Return a keyword as it stands before `=`: a name, or a quoted string where it is none."""
    return name if NAME.match(name) and name != "each" else quoted(name)


def quoted(content: str) -> str:
    """Return a text between the quotes that need fewer escapes."""
    return string_literal(content, "'" if '"' in content and "'" not in content else '"')


def plain_text(text: str, at_end: bool) -> str:
    """Return constant text with its dollars doubled where they would be read; a reference follows unless `at_end`."""
    if "$" not in text:
        return text
    text = _READ_AS_MORE.sub("$$", text)
    return text if at_end or not text.endswith("$") else text + "$"


def _interpolated(parts: tuple[str | Ref | Input | Dollar, ...]) -> str:
    """Return the parts of a text as it stands between quotes; dollars that no plan gives a meaning yet stay as they are written."""
    out: list[str] = []
    last = len(parts) - 1
    for place, part in enumerate(parts):
        if isinstance(part, str):
            out.append(plain_text(part, at_end=place == last))
            continue
        if isinstance(part, Dollar):
            out.append(part.raw)
            continue
        following = parts[place + 1] if place < last else ""
        body = f"{_name(part)}{path_text(part.path)}"
        continues = isinstance(following, str) and _CONTINUES.match(following)
        out.append(f"${{{body}}}" if continues else f"${body}")
    return "".join(out)


def _name(reference: Ref | Input) -> str:
    return str(reference.task) if isinstance(reference, Ref) else reference.name


def path_text(path: Path) -> str:
    """Return a path as it stands behind a reference."""
    if not path:
        return ""
    out = []
    for step in path:
        if isinstance(step, int):
            out.append(f"[{step}]")
        elif NAME.match(step):
            out.append(f".{step}")
        else:
            # Braces are escaped by number: the ones around a reference end at the first brace.
            out.append(f"[{string_literal(step, more='{}')}]")
    return "".join(out)


def print_call(task: Task) -> str:
    """Return a call as it stands in a plan, without its id; ValueError for a number that isn't finite."""
    return f"{task.tool}({', '.join([print_arg(arg) for arg in task.args])})"


def print_arg(arg: Arg) -> str:
    """Return an argument as it stands in a call: `limit=3`, `each $1`; ValueError for a number that isn't finite."""
    keyword = "" if arg.name is None else f"{print_keyword(arg.name)}="
    return f"{keyword}{'each ' if arg.each else ''}{print_value(arg.value)}"


def call_text(task: Task) -> str:
    """Return a call as a plan has it, without its id and safe to show: `search("tides", limit=3)`."""
    return escape(print_call(task))


def join_text(join: Join) -> str:
    """Return what a join reads, as a plan has it."""
    values = ", ".join(print_value(value) for value in join.values)
    return escape(f"{'answer' if join.direct else 'join'}({'' if join.labels is not None else values})")
