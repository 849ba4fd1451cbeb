"""Answer a call with the result of an equal one, where nothing between them can have changed what it gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from lcc.grammar.values import Json
from lcc.runtime.program.call_nodes import CallNode
from lcc.runtime.program.order.hazards import Touch, Versions

CallKey: TypeAlias = tuple[Any, ...]


class Table:
    """The reads and pure calls of a run by tool, arguments, and versions of what they read.

    Whether a call is made, or with what, may depend on the outcome of others (`depends`): they don't answer for it.
    """

    def __init__(self) -> None:
        self.versions = Versions()
        self._depends: Mapping[int, frozenset[int]] | None = None
        self._calls: dict[CallKey, CallNode] = {}

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

    def note(self, node: CallNode, touches: tuple[Touch, ...], part: tuple[int, ...] | None) -> None:
        """Let a call answer for equal ones from now on."""
        self._calls[self._key(node, touches, part)] = node

    def forget(self) -> None:
        """Let no call so far answer for another."""
        self._calls.clear()

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
