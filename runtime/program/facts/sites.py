"""Say what is known of each statement before the run: what it reads and binds, which resources its calls may touch, how it may be left.

A site is a statement with its values compiled. It is made once for a plan, whatever the number of turns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Literal, TypeAlias

from lcc.grammar.ir import NOWHERE
from lcc.grammar.ir.evaluation import Code
from lcc.grammar.signatures import Parameter
from lcc.grammar.source import Span
from lcc.grammar.values import Json
from lcc.runtime.binding import Binding
from lcc.runtime.program.order.cells import whole
from lcc.runtime.program.order.hazards import Reach, Touch
from lcc.runtime.tool import ArgumentError

Key: TypeAlias = Any
"""A key of an environment: a name, the id of a result, `$city` of an input, a token."""
Kind: TypeAlias = Literal["block", "task", "let", "loop", "region", "inline", "if", "while", "try", "gather", "exit"]
EACH: Final = "$each"
"""The name that the turns of a call with `each` give its element; no input is called so, since `each` is a word."""
HANDLED: Final = "@handled"
"""The key of the exception that is being handled."""
FAILURE_OF: Final = "@failure of "
"""With an id behind it, the key of whether that call failed, for the step that stands in its place."""
END_OF: Final = "@end of "
"""With an id behind it, the key of whether that step ended well, for those that are ordered after it."""
LITERAL: Final = object()
"""What is gone over where a loop is written over a list: the items, each of which is evaluated by itself."""


class Formula:
    """A value, compiled. `keys` are those that it may read, tokens among them. `span`: where it stands, or its statement."""

    __slots__ = ("code", "keys", "mutates", "span", "tokens")

    def __init__(
        self,
        code: Code,
        keys: tuple[Key, ...],
        tokens: tuple[str, ...] = (),
        *,
        mutates: bool = False,
        span: Span = NOWHERE,
    ) -> None:
        self.code = code
        self.keys = keys
        self.tokens = tokens
        self.mutates = mutates
        self.span = span


class Site:
    """A statement. `reads` and `assigns` hold all keys that it, and what is in it, may read and bind.

    `writes` and `looks`: what its calls may touch. `escapes`: the ways in which control may leave it. `head`: the value that is
    evaluated first: a test, the items of a loop, what is bound or handed out. `source`: the key that it only gives another name.
    `inner`: its body as a block that a strand of its own issues, where it needs one. `items`: those of a loop over a list that is
    written there; `gaps`: some of its turns may give nothing;
    `unsure`: some of its items may not be taken. `awaited`: others are ordered after it.
    """

    __slots__ = (
        "assigns", "awaited", "bind", "binding", "body", "defaults", "escapes", "free", "gaps", "given", "handled", "handlers", "head",
        "inner", "items", "keys", "kind", "looks", "name", "node", "orelse", "parts", "prints", "reach", "reads", "restarts", "source", "span", "targets", "tokens",
        "touches", "unsure", "value", "when", "writes",
    )  # fmt: skip

    def __init__(self, node: Any, kind: Kind) -> None:
        self.node = node
        self.kind = kind
        self.span: Span = getattr(node, "span", NOWHERE)
        self.reads: set[Key] = set()
        self.assigns: set[Key] = set()
        self.writes: set[Touch] = set()
        self.looks: set[Touch] = set()
        self.escapes: frozenset[str] = frozenset()
        self.tokens: tuple[str, ...] = ()
        self.restarts: tuple[str, ...] = ()
        self.head: Formula | None = None
        self.when: Formula | None = None
        self.value: Formula | None = None
        self.source: Key = None
        self.inner: Site | None = None
        self.handled = self.awaited = self.gaps = self.unsure = False
        self.items: tuple[Formula, ...] = ()
        self.body: tuple[Site, ...] = ()
        self.orelse: tuple[Site, ...] = ()
        self.handlers: tuple[Site, ...] = ()
        self.parts: tuple[Site, ...] = ()
        self.targets: tuple[Key, ...] = ()
        self.bind: Callable[[Any, dict[Any, Any]], None] | None = None
        self.prints = False
        self.binding: Binding
        self.reach: Reach
        self.given: list[tuple[Parameter | ArgumentError, Formula]] = []
        self.defaults: Mapping[str, Json] = {}
        self.keys: tuple[Key, ...] = ()
        self.touches: tuple[Touch, ...] = ()
        self.free: set[Key] = set()
        self.name: str | None = None

    def absorb(self, sites: Iterable[Site], *, stops: Iterable[str] = ()) -> None:
        """Take in what is in this statement. `stops`: the ways of leaving that end here."""
        for site in sites:
            self.reads |= site.reads
            self.assigns |= site.assigns
            self.writes |= site.writes
            self.looks |= site.looks
            self.escapes |= site.escapes.difference(stops)

    def seal(self) -> Site:
        """Settle what follows from the rest."""
        self.free = self.reads | self.assigns
        self.free.update(map(whole, self.reads))
        return self

    @property
    def conditional_exits(self) -> frozenset[str]:
        """The ways in which control may leave the body from within a statement of it: whether it does isn't known when that is issued."""
        return frozenset().union(*[one.escapes for one in self.body if one.kind != "exit"])


class Knowledge:
    """What analyses say of a plan. `touches`: the tokens of the changing objects that a statement touches.

    `depends`: for a call's id, those on whose outcome its arguments, or whether it is made, may depend; None: nobody knows.
    `restarts`: the tokens of the objects that each turn of a loop has for itself.
    """

    def __init__(
        self,
        touches: Callable[[Any], tuple[str, ...]],
        depends: Mapping[int, frozenset[int]] | None = None,
        restarts: Callable[[Any], tuple[str, ...]] = lambda loop: (),
    ) -> None:
        self.touches = touches
        self.depends = depends
        self.restarts = restarts


def is_token(key: Key) -> bool:
    """Whether a key is that of an object that changes."""
    return isinstance(key, str) and key[:1] == "@"
