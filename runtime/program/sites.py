"""Say what is known of each statement before the run: what it reads and binds, which resources its calls may touch, how it may be left.

A site is a statement with its values compiled. It is made once for a plan, whatever the number of turns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, Literal, TypeAlias

from lcc.grammar.ir import (
    Apply,
    Block,
    Exit,
    ForEach,
    Gather,
    If,
    Inline,
    Let,
    Local,
    Ref,
    Region,
    Statement,
    Target,
    Task,
    Try,
    Value,
    While,
    names_of,
)
from lcc.grammar.ir.evaluation import Code, Evaluation, compile_target, compile_value, frame_keys
from lcc.grammar.ir.operations import OperationError
from lcc.runtime.binding import Binding
from lcc.runtime.program.hazards import Reach, Touch

Key: TypeAlias = Any
"""A key of an environment: a name, the id of a result, `$city` of an input, a token."""
Kind: TypeAlias = Literal["task", "let", "loop", "region", "inline", "if", "while", "try", "gather", "exit"]
EACH: Final = "$each"
"""The name that the turns of a call with `each` give its element; no input is called so, since `each` is a word."""
HANDLED: Final = "@handled"
"""The token under which the exception that is being handled stands."""


class Formula:
    """A value, compiled. `keys` are those that it may read, tokens among them."""

    __slots__ = ("code", "keys", "mutates", "tokens")

    def __init__(self, code: Code, keys: tuple[Key, ...], tokens: tuple[str, ...] = (), *, mutates: bool = False) -> None:
        self.code = code
        self.keys = keys
        self.tokens = tokens
        self.mutates = mutates


class Site:
    """A statement. `reads` and `assigns` hold all keys that it, and what is in it, may read and bind.

    `writes` and `looks`: what its calls may touch. `escapes`: the ways in which control may leave it. `head`: the value that is
    evaluated first: a test, the items of a loop, what is bound or handed out.
    """

    __slots__ = (
        "assigns", "binding", "bind", "body", "classes", "escapes", "final", "free", "given", "handlers", "head", "kind", "looks",
        "name", "node", "orelse", "parts", "prints", "reach", "reads", "targets", "tokens", "value", "when", "writes",
        "yield_when",
    )  # fmt: skip

    def __init__(self, node: Any, kind: Kind) -> None:
        self.node = node
        self.kind = kind
        self.reads: set[Key] = set()
        self.assigns: set[Key] = set()
        self.writes: set[Touch] = set()
        self.looks: set[Touch] = set()
        self.escapes: frozenset[str] = frozenset()
        self.tokens: tuple[str, ...] = ()
        self.head: Formula | None = None
        self.when: Formula | None = None
        self.value: Formula | None = None
        self.yield_when: Formula | None = None
        self.body: tuple[Site, ...] = ()
        self.orelse: tuple[Site, ...] = ()
        self.final: tuple[Site, ...] = ()
        self.handlers: tuple[Site, ...] = ()
        self.parts: tuple[Site, ...] = ()
        self.targets: tuple[Key, ...] = ()
        self.bind: Callable[[Any, dict[Any, Any]], None] | None = None
        self.prints = False
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
        return self


class Knowledge:
    """What analyses say of a plan. `touches`: the tokens of the changing objects that a statement touches.

    `depends`: for a call's id, those on whose outcome its arguments, or whether it is made, may depend; None: nobody knows.
    """

    def __init__(
        self, touches: Callable[[Any], tuple[str, ...]], depends: Mapping[int, frozenset[int]] | None = None
    ) -> None:
        self.touches = touches
        self.depends = depends


class Builder:
    """Makes the sites of a plan."""

    def __init__(
        self,
        bindings: Mapping[str, Binding],
        reach: Callable[[str], Reach],
        evaluation: Evaluation,
        knowledge: Knowledge,
    ) -> None:
        self._bindings = bindings
        self._reach = reach
        self._evaluation = evaluation
        self._knowledge = knowledge

    def block(self, block: Block) -> tuple[Site, ...]:
        """Return the sites of a block."""
        return tuple([self.site(one) for one in block])

    def site(self, node: Statement) -> Site:
        """Return the site of a statement."""
        match node:
            case Task():
                site = self._task(node) if node.each is None else self._fan_out(node)
            case Let():
                site = self._let(node)
            case ForEach():
                site = self._loop(node, self._knowledge.touches(node))
            case Region(body=body):
                site = self._holding(node, "region", body)
                site.assigns.add(node.id)
            case Inline(body=body):
                site = self._holding(node, "inline", body, stops=("return",))
                site.assigns.update((node.id, *node.names))
            case If() | While():
                site = self._test(node)
            case Try():
                site = self._try(node)
            case Gather():
                site = self._gather(node)
            case Exit():
                site = self._exit(node)
        if not isinstance(node, Task) and getattr(node, "when", None) is not None:
            site.when = self._formula(site, getattr(node, "when", None))
        return site.seal()

    def _code(self, value: Value) -> Code:
        try:
            return compile_value(value, self._evaluation)
        except OperationError as error:
            failure = error

            def refuse(frame: Any) -> Any:
                raise failure

            return refuse

    def _formula(self, site: Site, value: Value | None, *, mutates: bool = False) -> Formula | None:
        """Compile a value of a site; what it reads, the site does."""
        if value is None:
            return None
        keys = frame_keys(value)
        site.reads |= keys
        return Formula(self._code(value), (*keys, *site.tokens), site.tokens, mutates=mutates)

    def _touch(self, site: Site, tokens: tuple[str, ...]) -> None:
        site.tokens = tokens
        site.reads.update(tokens)
        site.assigns.update(tokens)

    def _targets(self, site: Site, targets: tuple[Target, ...]) -> None:
        """Note what a site binds, and how."""
        meter = self._evaluation.meter
        names = tuple(dict.fromkeys(name for target in targets for name in names_of(target)))
        site.targets = names
        site.assigns.update(names)
        if len(targets) == 1 and isinstance(targets[0], str):
            return
        binders = [compile_target(target, meter) for target in targets]

        def bind(value: Any, frame: dict[Any, Any]) -> None:
            for binder in binders:
                binder(value, frame)

        site.bind = bind if binders else None

    def _task(self, node: Task) -> Site:
        site = Site(node, "task")
        self._touch(site, self._knowledge.touches(node))
        site.binding = self._bindings[node.tool]
        site.reach = self._reach(node.tool)
        (site.writes if site.reach.writes else site.looks).update(site.reach.static)
        site.when = self._formula(site, node.when)
        site.given = [(arg, self._formula(site, arg.value)) for arg in node.args]
        site.reads.update(node.ok)
        if node.instead is not None:
            site.reads.add(node.instead)
        site.assigns.add(node.id)
        return site

    def _fan_out(self, node: Task) -> Site:
        """Return the loop that a call with `each` is."""
        args = tuple([replace(arg, value=Local(EACH), each=False) if arg.each else arg for arg in node.args])
        each = node.each
        assert each is not None
        assert isinstance(node.id, int)
        one = replace(node, args=args, when=None, ok=(), instead=None)
        loop = ForEach(node.id, EACH, each.value, (one,), yields=Ref(node.id), when=node.when, span=node.span)
        return self._loop(loop, self._knowledge.touches(node))

    def _let(self, node: Let) -> Site:
        site = Site(node, "let")
        self._touch(site, self._knowledge.touches(node))
        value = node.value
        site.prints = isinstance(value, Apply) and value.op == "builtin print" and not node.targets and node.id is None
        site.head = self._formula(site, value, mutates=bool(site.tokens))
        self._targets(site, node.targets)
        if node.id is not None:
            site.assigns.add(node.id)
        return site

    def _loop(self, node: ForEach, tokens: tuple[str, ...]) -> Site:
        site = Site(node, "loop")
        self._touch(site, tokens)
        site.head = self._formula(site, node.items)
        site.body = self.block(node.body)
        site.orelse = self.block(node.orelse)
        site.absorb(site.body, stops=("break", "continue"))
        site.absorb(site.orelse)
        self._targets(site, (node.target,))
        site.value = self._formula(site, node.yields)
        site.yield_when = self._formula(site, node.yield_when)
        site.assigns.add(node.id)
        return site

    def _holding(self, node: Region | Inline, kind: Kind, body: Block, stops: tuple[str, ...] = ()) -> Site:
        site = Site(node, kind)
        site.body = self.block(body)
        site.absorb(site.body, stops=stops)
        return site

    def _test(self, node: If | While) -> Site:
        looping = isinstance(node, While)
        site = Site(node, "while" if looping else "if")
        self._touch(site, self._knowledge.touches(node))
        site.head = self._formula(site, node.test)
        site.body = self.block(node.body)
        site.orelse = self.block(node.orelse)
        site.absorb(site.body, stops=("break", "continue") if looping else ())
        site.absorb(site.orelse)
        return site

    def _try(self, node: Try) -> Site:
        site = Site(node, "try")
        site.body = self.block(node.body)
        site.orelse = self.block(node.orelse)
        site.final = self.block(node.final)
        handlers = []
        for handler in node.handlers:
            one = Site(handler, "try")
            one.head = self._formula(one, handler.classes)
            one.body = self.block(handler.body)
            one.name = handler.name
            one.absorb(one.body)
            if handler.name is not None:
                one.assigns.add(handler.name)
            handlers.append(one.seal())
        site.handlers = tuple(handlers)
        site.absorb((*site.body, *site.handlers, *site.orelse, *site.final))
        site.reads.add(HANDLED)
        return site

    def _gather(self, node: Gather) -> Site:
        site = Site(node, "gather")
        self._touch(site, self._knowledge.touches(node))
        parts = []
        for part in node.parts:
            one = Site(part, "gather")
            one.tokens = site.tokens
            one.head = self._formula(one, part.items)
            one.body = self.block(part.body)
            one.absorb(one.body)
            if part.target is not None:
                self._targets(one, (part.target,))
            one.value = self._formula(one, part.value)
            parts.append(one.seal())
        site.parts = tuple(parts)
        for one in parts:
            site.reads |= one.reads
            site.writes |= one.writes
            site.looks |= one.looks
            site.assigns |= {key for key in one.assigns if isinstance(key, str) and key[:1] == "@"}
        site.assigns.add(node.id)
        return site

    def _exit(self, node: Exit) -> Site:
        site = Site(node, "exit")
        self._touch(site, self._knowledge.touches(node))
        site.head = self._formula(site, node.value)
        site.escapes = frozenset((node.kind,)) if node.kind != "offer" else frozenset()
        if node.kind == "raise" and node.value is None:
            site.reads.add(HANDLED)
        return site
