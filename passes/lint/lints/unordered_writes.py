"""Find a write and another use of what seems to be the same thing, which run in any order.

Calls on one resource keep the order of the plan. Two names for one thing (`file:a.txt` and `file:./a.txt`, or `db` and
`db:{table}`) are two resources, and a tool that declares no effect is ordered with nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import normpath
from typing import Final, NamedTuple, TypeAlias

from lcc.grammar.diagnostics import Diagnostic, Label, Rule
from lcc.grammar.ir import Const, ListOf, Task, Value, flat
from lcc.grammar.signatures import Effect
from lcc.grammar.syntax.print_value import print_value
from lcc.passes.analysis.effects import Access
from lcc.passes.lint.facts import LintContext, finding

RULE = Rule(
    "L007",
    "unordered-writes",
    "a write and another call on the same thing run in any order",
    "What is read, or what is left at the end, is then a matter of luck. lcc keeps the order of calls on one resource, but takes "
    "two spellings for two resources, and runs calls of tools that declare no effect at any time.",
    '1. save("notes/a.txt", "tides")\n2. save("notes/./a.txt", "moon")\n3. compress("notes/a.txt")\n4. join($3)\n',
    '1. save("notes/a.txt", "tides")\n2. save("notes/a.txt", "moon")\n3. load("notes/a.txt")\n4. join($3)\n',
    """\
import lcc

@lcc.tool(effect="write", resource="file:{path}")
def save(path: str, text: str) -> bool: ...
@lcc.tool(effect="read", resource="file:{path}")
def load(path: str) -> str: ...
def compress(path: str) -> str: ...
""",
)

MOST_SPELLINGS: Final = 4
"""How many names of one thing are compared, so that hostile plans cost little."""
_SEPARATORS: Final = " :/.#@-_"
_Bucket: TypeAlias = tuple[str, str]


class _Seen(NamedTuple):
    task: Task
    writes: bool


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield a finding for each pair of calls that share a thing, one a write, and that nothing orders."""
    yield from _two_names(context)
    yield from _undeclared(context)


def _two_names(context: LintContext) -> Iterator[Diagnostic]:
    buckets: dict[_Bucket, dict[str, _Seen]] = {}
    told: set[frozenset[str]] = set()
    for task in flat(context.plan, "unordered-writes"):
        for access in context.accesses.of(task):
            for bucket, name in _buckets(context, access):
                known = buckets.setdefault(bucket, {})
                for other, seen in known.items():
                    if other == name or not (seen.writes or access.writes) or frozenset((name, other)) in told:
                        continue
                    if not context.depends(task, seen.task.id):
                        told.add(frozenset((name, other)))
                        yield _named_twice(task, seen.task, name, other)
                if name in known and not access.writes:
                    continue
                if name in known or len(known) < MOST_SPELLINGS:
                    known[name] = _Seen(task, access.writes)


def _buckets(context: LintContext, access: Access) -> Iterator[tuple[_Bucket, str]]:
    """Yield what to compare a use with, and the name under which it is compared."""
    family = context.accesses.families.of(access.key)
    yield ("family", family.rstrip(_SEPARATORS).casefold()), family
    if not access.whole:
        head, colon, rest = access.key.rpartition(":")
        yield ("key", f"{head}{colon}{normpath(rest.strip())}".casefold()), access.key


def _named_twice(task: Task, other: Task, name: str, other_name: str) -> Diagnostic:
    return finding(
        RULE,
        f"tasks {other.id} and {task.id} run in any order: `{other_name}` and `{name}` count as two resources",
        task.span,
        "if they are one, give it one name",
        labels=(Label(other.span, "the other call"),),
    )


def _undeclared(context: LintContext) -> Iterator[Diagnostic]:
    if not context.tools:
        return
    writes: dict[Value, Task] = {}
    unknown: dict[Value, Task] = {}
    told: set[tuple[str, str]] = set()
    for task in flat(context.plan, "unordered-writes"):
        effect = context.effect(task)
        if effect.writes:
            mine, others, things = writes, unknown, _written(context, task)
        elif effect is Effect.UNDECLARED:
            mine, others, things = unknown, writes, [one for arg in task.args for one in _things(arg.value)]
        else:
            continue
        for thing in things:
            other = others.get(thing)
            if other is not None and (task.tool, other.tool) not in told and not context.depends(task, other.id):
                told.add((task.tool, other.tool))
                yield _lucky(context, task, other, thing)
            mine.setdefault(thing, task)


def _written(context: LintContext, task: Task) -> list[Value]:
    """Return the arguments of a write that name what it writes."""
    arguments = context.calls.arguments(task)
    names = {name for resource in context.tools[task.tool].resources for name in resource.parameters}
    return [one for name in names if name in arguments for one in _things(arguments[name])]


def _things(value: Value) -> list[Value]:
    """Return what an argument may name, in lists too; a number names nothing in particular."""
    if isinstance(value, ListOf):
        return [one for item in value.items for one in _things(item)]
    return [] if isinstance(value, Const) and not isinstance(value.value, str) else [value]


def _lucky(context: LintContext, task: Task, other: Task, thing: Value) -> Diagnostic:
    undeclared = task.tool if context.effect(task) is Effect.UNDECLARED else other.tool
    return finding(
        RULE,
        f"tasks {other.id} and {task.id} run in any order, though both are given {print_value(thing)}",
        task.span,
        f"declare the effect of `{undeclared}` and the resource that it uses",
        labels=(Label(other.span, "the other call"),),
    )
