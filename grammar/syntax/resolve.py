"""Read the dollars of texts in their plan: a reference where a task or an input has that name, else text.

In a plan file an amount (`$1,000`) or a number that no task has is an error that suggests `$$`; in a model's output it is
text with a warning, since models write about money.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import field
from typing import Any, Final

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Severity
from lcc.grammar.ir import Arg, Input, Ref, Value, children, rebuild, text_of
from lcc.grammar.source import Span
from lcc.grammar.syntax import plan_rules
from lcc.grammar.syntax.strings import Dollar, DollarKind, Template

_COMPARED: Final = 64
"""Names of inputs, and other names, that are compared to find slips."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a dollar may refer to: the ids of the plan's tasks, the names of its inputs."""

    tasks: Collection[int]
    inputs: Collection[str]
    _near: dict[str, str | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    def near_input(self, name: str) -> str | None:
        """Return the input that is almost called `name`. Only so many names are compared, since each costs."""
        if name not in self._near:
            if len(self._near) >= _COMPARED:
                return None
            from difflib import get_close_matches  # most names are right

            found = get_close_matches(name, list(self.inputs)[:_COMPARED], n=1, cutoff=0.75)
            self._near[name] = found[0] if found else None
        return self._near[name]


Report = Callable[[Diagnostic], None]


def resolve_args(args: tuple[Arg, ...], scope: Scope, report: Report, lenient: bool = False) -> tuple[Arg, ...]:
    """Return the arguments with every template read."""
    return tuple(Arg(a.name, resolve(a.value, scope, report, lenient), a.each, a.span) for a in args)


def resolve(value: Value | Template, scope: Scope, report: Report, lenient: bool = False) -> Value:
    """Return a value with every template in it read."""
    if isinstance(value, Template):
        return text_of([p if isinstance(p, str) else read(p, scope, report, lenient) for p in value.parts])
    return rebuild(value, lambda item: resolve(item, scope, report, lenient))


def dollars(value: Any) -> list[Dollar]:
    """Return every dollar of the templates in a value, in text order."""
    if isinstance(value, Template):
        return [part for part in value.parts if isinstance(part, Dollar)]
    return [dollar for item in children(value) for dollar in dollars(item)]


def read(dollar: Dollar, scope: Scope, report: Report, lenient: bool) -> str | Ref | Input:
    """Return what a dollar of a text is: a reference, an input, or text."""
    match dollar.kind:
        case DollarKind.TASK:
            number = int(dollar.head) if len(dollar.head) < 10 else 0
            if number in scope.tasks and dollar.head[0] != "0":
                return Ref(number, dollar.path, dollar.span)
            _report_amount(dollar, f"`{dollar.raw}` refers to no task", report, lenient)
        case DollarKind.AMOUNT:
            _report_amount(dollar, f"`{dollar.raw}` is an amount of money, not a reference", report, lenient)
        case DollarKind.NAME:
            if dollar.head in scope.inputs:
                return Input(dollar.head, dollar.path, dollar.span)
            near = scope.near_input(dollar.head) if scope.inputs else None
            if near is not None:
                message = f"`{dollar.raw}` names no input and is left as text"
                fix = Fix(f"write `${near}`", (Edit(dollar.span, dollar.raw.replace(dollar.head, near, 1)),), False)
                help_ = f"did you mean `${near}`? write `$$` for a dollar"
                report(Diagnostic("P022", Severity.WARNING, message, dollar.span, help_, fix=fix))
        case DollarKind.MALFORMED:
            if lenient and "$" in dollar.head:
                message = f"`{dollar.raw}` holds an expression, which is read in plan files only"
                report(
                    Diagnostic(
                        "P029", Severity.ERROR, message, dollar.span, "make it a step of its own, or write `$${`"
                    )
                )
            elif dollar.head[:1].isdigit():
                severity = Severity.WARNING if lenient else Severity.ERROR
                message = f"`{dollar.raw}` is not a reference"
                report(Diagnostic("P011", severity, message, dollar.span, plan_rules.REFERENCE_FORMS))
    return dollar.raw


def _report_amount(dollar: Dollar, message: str, report: Report, lenient: bool) -> None:
    span = dollar.span
    fix = Fix(f"write `${dollar.raw}`", (Edit(Span(span.start, span.start), "$"),), safe=False)
    if lenient:
        report(Diagnostic("P010", Severity.WARNING, f"{message}; it is left as text", span, None, fix=fix))
        return
    help_ = f"write `${dollar.raw}` for the text"
    if dollar.kind is DollarKind.AMOUNT:
        head = dollar.head.replace(".", ",").split(",")[0]
        help_ += f", or `${{{head}}}` for the result of task {head}"
    report(Diagnostic("P010", Severity.ERROR, message, span, help_, fix=fix))
