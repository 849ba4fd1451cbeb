"""Refuse tasks whose calls CPython would make elsewhere than where they are awaited.

`asyncio.create_task` has a call begin where the program next waits for something, in the order in which tasks were made. Here a call is
made where it is awaited. What is only read may be so; where something is written, both must be the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from lcc.grammar.python import tree
from lcc.grammar.python.lowering.function_lists import FunctionLists
from lcc.grammar.python.lowering.names.bindings import Coroutine, CoroutineList, Scope, Site
from lcc.grammar.python.lowering.names.program_rules import AWAITS, Refused
from lcc.grammar.source import Span


class Begun(FunctionLists):
    """Tasks that begin before they are awaited."""

    def _begun(self, scope: Scope | None) -> Iterator[tuple[str, Span, list[Site]]]:
        """Yield the tasks of names that have been made and not awaited: the name, where they were made, what they call."""
        while scope is not None:
            for name, found in scope.env.items():
                if isinstance(found, Coroutine) and found.site.begun and not found.over:
                    yield name, found.span, [found.site]
                elif isinstance(found, CoroutineList) and not found.used[0]:
                    sites = [one for one in found.sites if one.begun]
                    if sites:
                        yield name, found.span, sites
            scope = scope.parent

    def check_begun(self, node: tree.Expression, also: bool) -> None:
        """Refuse to wait for something where a task begins that may write, and isn't awaited here. `also`: it writes itself."""
        awaited = set(_awaited_names(node))
        begun = sorted(self._begun(self.scope), key=lambda one: one[1].start)
        here = [one for one in begun if one[0] in awaited]
        writes = also or any(self.may_write(site.callee) for _, _, sites in here for site in sites)
        for name, span, sites in begun:
            first = bool(here) and writes and span.start < here[-1][1].start
            if name not in awaited and (first or any(self.may_write(site.callee) for site in sites)):
                help = "write `await asyncio.gather(…)` with both"
                raise Refused(AWAITS, f"the task in `{name}` begins here too, and isn't awaited yet", node.span, help)
        if writes and isinstance(node, tree.Call) and here:
            self._check_order(node, {name: span.start for name, span, _ in here})

    def _check_order(self, node: tree.Call, made: dict[str, int]) -> None:
        """Refuse a gather whose tasks don't stand first, in the order in which they were made."""
        places = [made.get(_name_of(one), 1 << 62) for one in node.args]
        if any(before > after for before, after in pairwise(places)):
            help = "gather tasks in the order in which they were made, and before other calls"
            raise Refused(AWAITS, "tasks begin in the order in which they were made, and not in that of this gather",
                          node.span, help)  # fmt: skip

    def check_left(self, span: Span) -> None:
        """Refuse to leave a function or the program where a task has begun that may write."""
        for name, _, sites in self._begun(self.holder if self.holder.kind == "module" else self.scope):
            if any(self.may_write(site.callee) for site in sites):
                what = f"the task in `{name}` has begun here, and isn't awaited"
                raise Refused(AWAITS, what, span, f"await `{name}` before, or begin it behind this")


def _name_of(node: tree.Expression) -> str:
    inner = node.value if isinstance(node, tree.Starred) else node
    return inner.id if isinstance(inner, tree.Name) else ""


def _awaited_names(node: tree.Expression) -> Iterator[str]:
    """Yield the names of the tasks that are awaited where an expression is."""
    if isinstance(node, tree.Name):
        yield node.id
    elif isinstance(node, tree.Call):
        yield from filter(None, map(_name_of, node.args))
