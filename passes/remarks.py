"""Say what the optimizer did as remarks, each with a code that `lcc explain` knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.ir import NOWHERE
from lcc.passes.context import Action, Change

CODES: Final[Mapping[Action, str]] = MappingProxyType(
    {
        Action.MERGED: "O001",
        Action.DROPPED: "O002",
        Action.EXPANDED: "O003",
        Action.FOLDED: "O004",
        Action.BATCHED: "O005",
        Action.NARROWED: "O006",
        Action.ORDERED: "O007",
        Action.UNORDERED: "O008",
        Action.KEPT: "O009",
        Action.REWRITTEN: "O010",
    }
)


def remarks(changes: Iterable[Change]) -> tuple[Diagnostic, ...]:
    """Return a remark for each change, in the order in which they were made."""
    return tuple(remark(change) for change in changes)


def remark(change: Change) -> Diagnostic:
    """Return the remark that says a change: `2 and 5 are one: `search` is read`."""
    span = next((span for span in change.spans if span != NOWHERE), None)
    return Diagnostic(CODES[change.action], Severity.REMARK, str(change), span)
