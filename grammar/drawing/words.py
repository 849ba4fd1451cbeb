"""Say in a few words what a value, a call or the head of a statement is, in Python's notation.

It is read by people and cut where it is long, so nothing reads it back. The language's own texts are printed elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, assert_never

from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.ir import (
    Apply,
    Arg,
    Builtin,
    Choose,
    Comprehension,
    Const,
    DictOf,
    Exit,
    ForEach,
    Format,
    Gather,
    If,
    Inline,
    Input,
    Join,
    Lambda,
    Let,
    ListOf,
    Local,
    Logic,
    Ref,
    Region,
    Select,
    Spread,
    Statement,
    Target,
    Task,
    Try,
    Value,
    While,
)
from lcc.grammar.ir.literals import string_literal
from lcc.grammar.late_pattern import pattern
from lcc.grammar.syntax.print_value import print_keyword, print_value

_NUMBERED: Final = pattern(r"\b([^\W\d]\w*?)__?[0-9]+\b")
DEPTH: Final = 12
"""What stands deeper inside of a value is shown as `…`."""
_CLOSED: Final = {
    Const, Ref, Input, Format, ListOf, DictOf, Local, Builtin, Comprehension, Select,
}  # fmt: skip
"""What needs no brackets inside of an operator's text."""


def value_words(value: Value, depth: int = DEPTH) -> str:
    """Return a value as text, escaped."""
    return escape(_value(value, depth))


def call_words(task: Task) -> str:
    """Return a call without its id, escaped: `search("tides", limit=n + 1)`."""
    return escape(f"{task.tool}({', '.join([_arg(arg) for arg in task.args])})")


def source_words(task: Task, text: str) -> str | None:
    """Return a call as it stands in the text that its spans are of, on one line, escaped; None where it doesn't stand there so."""
    start, end = task.tool_span.start, task.span.end
    if not (task.span.start <= start < end <= len(text) and text.startswith(f"{task.tool}(", start)):
        return None
    return escape(" ".join(text[start:end].split()))


def written_words(task: Task, text: str) -> str:
    """Return a call of a body as the text has it that its spans are of, escaped; else in words, by the names of the text."""
    return source_words(task, text) or own_names(call_words(task), text)


def own_names(words: str, text: str) -> str:
    """Return words without the numbers of names that the text doesn't have: `s_2` and `s__2` are `s` where reading it has made another one."""
    return _NUMBERED.sub(lambda found: found[0] if found[0] in text else found[1], words)


def condition_words(task: Task) -> str:
    """Return what stands behind a call, escaped: when, and after what it is made."""
    instead = "" if task.instead is None else f" if failed ${task.instead}"
    after = f" after {', '.join([f'${id}' for id in task.after])}" if task.after else ""
    ok = f" after ok {', '.join([f'${id}' for id in task.ok])}" if task.ok else ""
    return f"{instead}{after}{ok}{_when(task.when)}"


def target_words(target: Target) -> str:
    """Return what a value is unpacked into: `a, (b, *c)`."""
    return target if isinstance(target, str) else _items(target.items, target.star)


def _items(items: tuple[Target, ...], star: int | None) -> str:
    shown = []
    for place, item in enumerate(items):
        text = item if isinstance(item, str) else f"({target_words(item)})"
        shown.append(f"*{text}" if place == star else text)
    return ", ".join(shown) + ("," if len(shown) == 1 else "")


def statement_words(statement: Statement) -> str:
    """Return the head of a statement, without its blocks, escaped: `for m in $1`, `if total > 5`."""
    match statement:
        case Task():
            return f"{statement.id}. {call_words(statement)}{condition_words(statement)}"
        case Let(value, targets, id):
            names = "".join([f"{target_words(target)} = " for target in targets])
            return f"{f'{id}. = ' if id is not None else ''}{names}{value_words(value)}{_when(statement.when)}"
        case ForEach(_, target, items):
            return f"for {target_words(target)} in {value_words(items)}{_when(statement.when)}"
        case Region(id, _, names):
            given = f" for {', '.join(names)}" if names else ""
            return f"{id}. statements{given}{_when(statement.when)}"
        case Inline(_, _, name):
            return f"{name or 'function'}()"
        case If(test):
            return f"if {value_words(test)}"
        case While(_, test):
            return f"while {value_words(test)}"
        case Try():
            return "try"
        case Gather(exceptions=exceptions):
            return "gather" + (", failures are values" if exceptions else "")
        case Exit(kind, value):
            return kind if value is None else f"{kind} {value_words(value)}"
        case _:
            assert_never(statement)


def join_words(join: Join) -> str:
    """Return what a join reads, escaped."""
    values = "" if join.labels is not None else ", ".join(map(value_words, join.values))
    return f"{'answer' if join.direct else 'join'}({values})"


def _when(value: Value | None) -> str:
    return "" if value is None else f" when {value_words(value)}"


def _arg(arg: Arg) -> str:
    keyword = "" if arg.name is None else f"{print_keyword(arg.name)}="
    return f"{keyword}{'each ' if arg.each else ''}{_value(arg.value, DEPTH)}"


def _value(value: Value, depth: int) -> str:
    if depth <= 0:
        return "…"
    depth -= 1
    match value:
        case Const() | Ref() | Input() | Format():
            return print_value(value)
        case ListOf(items):
            return f"[{_all(items, depth)}]"
        case DictOf(pairs):
            return f"{{{', '.join([f'{string_literal(key)}: {_value(item, depth)}' for key, item in pairs])}}}"
        case Local(name) | Builtin(name):
            return name
        case Apply():
            return _apply(value, depth)
        case Choose(test, then, other):
            return f"{_inner(then, depth)} if {_inner(test, depth)} else {_inner(other, depth)}"
        case Logic(op, items):
            return f" {op} ".join([_inner(item, depth) for item in items])
        case Comprehension():
            return _comprehension(value, depth)
        case Lambda(params, body):
            return f"lambda {', '.join(params)}: {_value(body, depth)}"
        case Spread(inside, names):
            return f"{'**' if names else '*'}{_inner(inside, depth)}"
        case Select(items):
            return f"select({_all(items, depth)})"
        case _:
            assert_never(value)


def _all(values: Iterable[Value], depth: int) -> str:
    return ", ".join([_value(item, depth) for item in values])


def _inner(value: Value, depth: int) -> str:
    """Return a value as it stands inside of an operator's text: in brackets where it is one itself."""
    text = _value(value, depth)
    kind = value.op.partition(" ")[0] if isinstance(value, Apply) else ""
    closed = type(value) in _CLOSED or (kind and kind not in ("operator", "unary"))
    return text if closed else f"({text})"


def _apply(value: Apply, depth: int) -> str:
    kind, _, name = value.op.partition(" ")
    args = value.args
    match kind, args:
        case "operator", (left, right):
            return f"{_inner(left, depth)} {name} {_inner(right, depth)}"
        case "unary", (one,):
            return f"{name}{' ' if name == 'not' else ''}{_inner(one, depth)}"
        case "attribute", (one,):
            return f"{_inner(one, depth)}.{name}"
        case "method", (one, *rest) if "." not in name:
            return f"{_inner(one, depth)}.{name}({_given(rest, value, depth)})"
        case "subscript", (one, *rest):
            return _subscript(name, _inner(one, depth), [_value(item, depth) for item in rest])
        case "display", _ if name in _BRACKETS:
            opening, closing = _BRACKETS[name]
            comma = "," if name == "tuple" and len(args) == 1 else ""
            return f"{opening}{_display(name, args, depth)}{comma}{closing}"
        case "field", _ if name == "f-string":
            return _f_string(args, depth)
        case "field", (one, *rest):
            return _field(one, rest, depth)
        case _:
            return f"{name}({_given(args, value, depth)})"


_BRACKETS: Final = {"list": ("[", "]"), "set": ("{", "}"), "tuple": ("(", ")"), "dict": ("{", "}")}


def _display(name: str, args: tuple[Value, ...], depth: int) -> str:
    if name != "dict" or any(isinstance(arg, Spread) for arg in args):
        return _all(args, depth)
    pairs = zip(args[::2], args[1::2], strict=False)
    return ", ".join([f"{_value(key, depth)}: {_value(item, depth)}" for key, item in pairs])


def _given(args: Iterable[Value], value: Apply, depth: int) -> str:
    return ", ".join(
        [_value(arg, depth) for arg in args] + [f"{name}={_value(one, depth)}" for name, one in value.names]
    )


def _subscript(name: str, owner: str, rest: list[str]) -> str:
    deleted = "del " if name.startswith("delete") else ""
    stored = f" = {rest.pop()}" if name.startswith("store") and rest else ""
    return f"{deleted}{owner}[{':'.join('' if one == 'null' else one for one in rest)}]{stored}"


def _f_string(args: tuple[Value, ...], depth: int) -> str:
    return f"f{string_literal(_texts(args, depth))}"


def _texts(parts: Iterable[Value], depth: int) -> str:
    """Return the parts of a text: those that are plain, fields, and names that hold a field's text."""
    shown = []
    for part in parts:
        if isinstance(part, Const):
            shown.append(str(part.value).replace("{", "{{").replace("}", "}}"))
        elif isinstance(part, Apply) and part.op.startswith("field ") and part.op != "field f-string":
            shown.append(_value(part, depth))
        else:
            shown.append(f"{{{_value(part, depth)}}}")
    return "".join(shown)


def _field(value: Value, rest: list[Value], depth: int) -> str:
    """Return a field of a text with its conversion and format."""
    conversion = rest[1] if len(rest) > 1 else None
    shown = f"!{conversion.value}" if isinstance(conversion, Const) and conversion.value is not None else ""
    spec = rest[0] if rest else Const("")
    parts = spec.args if isinstance(spec, Apply) and spec.op == "field f-string" else (spec,)
    written = "" if spec == Const("") else f":{_texts(parts, depth)}"
    return f"{{{_value(value, depth)}{shown}{written}}}"


def _comprehension(value: Comprehension, depth: int) -> str:
    key = "" if value.key is None else f"{_value(value.key, depth)}: "
    clauses = "".join(
        f" for {target_words(clause.target)} in {_inner(clause.items, depth)}"
        + "".join([f" if {_inner(test, depth)}" for test in clause.conditions])
        for clause in value.clauses
    )
    opening, closing = _BRACKETS["tuple" if value.kind == "lazy" else value.kind]
    return f"{opening}{key}{_value(value.item, depth)}{clauses}{closing}"
