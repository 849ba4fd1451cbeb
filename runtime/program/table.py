"""Answer a call with the result of an equal one, where nothing between them can have changed what it gives."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from typing import Any, TypeAlias

from lcc.grammar.ir import TaskId
from lcc.grammar.values import Json
from lcc.runtime.program.call_nodes import CallNode
from lcc.runtime.program.order.hazards import Touch, Versions
from lcc.runtime.result import TaskStatus

CallKey: TypeAlias = tuple[Any, ...]


class Table:
    """The reads and pure calls of a run by tool, arguments, and versions of what they read.

    Whether a call is made, or with what, may depend on the outcome of others (`depends`): they don't answer for it. A program that goes on behind one
    that failed is given the table of that: each of its reads answers once for an equal one, in whatever part of a gather either stands, also those
    that the failure left behind.
    """

    def __init__(self) -> None:
        self.versions = Versions()
        self._depends: Mapping[int, frozenset[int]] | None = None
        self._calls: dict[CallKey, CallNode] = {}
        self._earlier: dict[CallKey, TaskId] = {}
        self._used: set[CallKey] = set()

    def learn(self, depends: Mapping[int, frozenset[int]] | None) -> None:
        """Take what is known of the plan, before its calls."""
        self._depends = depends

    def equal(self, node: CallNode, touches: tuple[Touch, ...], part: tuple[int, ...] | None) -> CallNode | None:
        """Return an earlier call that answers for this one, if there is one; else note this one."""
        if self._depends is None:
            return None
        key = self._key(node, touches, part)
        twin = self._calls.get(key)
        if twin is None or twin.failure is not None or twin.status not in (None, "ok"):
            self._calls[key] = node
            return None
        depends = self._depends.get(node.site.node.id)
        if depends is None or twin.site.node.id in depends:
            return None
        return twin

    def earlier(self, node: CallNode, touches: tuple[Touch, ...], part: tuple[int, ...] | None) -> TaskId | None:
        """Return the equal call of an earlier program that ended well, if it hasn't answered for one of this yet."""
        if not self._earlier:
            return None
        key = self._key(node, touches, None)
        known = None if key in self._used else self._earlier.get(key)
        if known is not None:
            self._used.add(key)
            self._calls[self._key(node, touches, part)] = node
        return known

    def go_on(self, known: Container[TaskId], *, failed: bool) -> None:
        """Be the table of the next program, which knows what became of calls. `failed`: what the last one read answers for what that reads."""
        if failed:
            for (name, _, *rest), node in self._calls.items():
                if node.status is TaskStatus.OK and node.id in known:
                    self._earlier[(name, None, *rest)] = node.id
        else:
            self._earlier.clear()
        self.begin_anew()

    def begin_anew(self) -> None:
        """Be the table of another program in the place of one that was refused."""
        self._calls.clear()
        self._used.clear()

    def _key(self, node: CallNode, touches: tuple[Touch, ...], part: tuple[int, ...] | None) -> CallKey:
        assert node.given is not None
        return (node.binding.name, part, *self.versions.of(touches), *_exact(node.given))


def _exact(given: Mapping[str, Json]) -> list[Any]:
    """Return what only equal arguments have in common: 1, 1.0 and true differ in it."""
    found: list[Any] = []
    for name, value in sorted(given.items()) if len(given) > 1 else given.items():
        kind = type(value)
        plain = kind is str or kind is int or kind is bool or value is None
        found += (name, kind, value) if plain else (name, kind, json.dumps(value))
    return found
