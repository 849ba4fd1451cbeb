"""Keep how the plan of a run was compiled, so that a report of its journal tells what one of the run itself would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from typing import Any, Final

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.ir import Plan, calls_of, task_id
from lcc.grammar.ir.json_form import to_json
from lcc.grammar.signatures import NO_TOOLS, Tools
from lcc.grammar.signatures.json_functions import read_functions, to_function
from lcc.grammar.source import Source, Span
from lcc.grammar.values import Json
from lcc.passes.context import Action, Change
from lcc.runtime.journal import rows as rows_of

MOST_CHANGES: Final = 5_000
"""Changes that are kept of one plan."""
_FOUND: Final = ("code", "message", "help")


@dataclass(frozen=True, slots=True)
class Compilation:
    """What is told of a plan beside the plan.

    `text`: what it was read from, None if that may hold a secret. `changes`: what passes did and left; there were `more`.
    `findings`: about the text. `tools`: those that it calls. `plans`: as it was written and as it ran, where the run doesn't hold them.
    """

    text: str | None
    changes: tuple[Change, ...] = ()
    more: int = 0
    findings: tuple[Diagnostic, ...] = ()
    tools: Tools = field(default_factory=lambda: NO_TOOLS)
    plans: tuple[Plan, Plan] | None = None

    def to_json(self) -> dict[str, Json]:
        """Return it as a journal keeps it."""
        plans: Json = None if self.plans is None else [to_json(plan, spans=True) for plan in self.plans]
        return {
            "text": self.text,
            "changes": [_change_json(one) for one in self.changes],
            "more": self.more,
            "findings": [_finding_json(one) for one in self.findings],
            "tools": [to_function(tool, extensions=True) for tool in self.tools.values()],
            "plans": plans,
        }


def compilation_of(
    plan: Plan,
    source: Source,
    tools: Tools,
    changes: Iterable[Change],
    findings: Iterable[Diagnostic],
    written: Plan | None = None,
) -> Compilation:
    """Return what is kept of a plan. `written`: the plan before any pass, where the run doesn't hold the plans."""
    told = tuple(changes)
    used = {task.tool: replace(tools[task.tool], description="") for task in calls_of(plan) if task.tool in tools}
    hidden = any(declared.secret and declared.default is not None for declared in plan.inputs)
    shown = tuple(one for one in findings if one.severity is not Severity.REMARK)
    kept = told[:MOST_CHANGES]
    plans = None if written is None else (written, plan)
    return Compilation(None if hidden else source.text, kept, len(told) - len(kept), shown, used, plans)


def compilation_from(text: object) -> Compilation:
    """Return what a journal keeps; raise ValueError for what isn't as lcc writes it."""
    known = rows_of.object_of(text)
    try:
        return Compilation(
            None if known["text"] is None else rows_of.text_of(known["text"]),
            tuple([_change(one) for one in _list(known["changes"])]),
            int(known["more"]),  # type: ignore[arg-type]
            tuple([_finding(one) for one in _list(known["findings"])]),
            {tool.name: tool for tool in read_functions(known["tools"]).signatures},
            None if known["plans"] is None else rows_of.plans_of_question(_list(known["plans"])),
        )
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise ValueError(f"what is told of a plan isn't as lcc writes it ({error})") from None


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("a list is wanted")
    return value


def _change_json(one: Change) -> Json:
    spans: list[Json] = [[span.start, span.end] for span in one.spans]
    return [one.by, one.action.value, one.what, one.why, [str(id_) for id_ in one.ids], spans]


def _change(known: list[Any]) -> Change:
    by, action, what, why, ids, spans = known
    by, what, why = map(rows_of.text_of, (by, what, why))
    return Change(by, Action(action), what, why, tuple(map(task_id, ids)), tuple(map(_span, spans)))


def _finding_json(one: Diagnostic) -> Json:
    span: Json = None if one.span is None else [one.span.start, one.span.end]
    return {**{name: getattr(one, name) for name in _FOUND}, "severity": one.severity.value, "span": span}


def _finding(known: Mapping[str, Any]) -> Diagnostic:
    help_ = None if known["help"] is None else rows_of.text_of(known["help"])
    span = None if known["span"] is None else _span(known["span"])
    code, message = rows_of.text_of(known["code"]), rows_of.text_of(known["message"])
    return Diagnostic(code, Severity(known["severity"]), message, span, help_)


def _span(known: list[Any]) -> Span:
    start, end = known
    if type(start) is not int or type(end) is not int or not 0 <= start <= end:
        raise ValueError("a place isn't one")
    return Span(start, end)
